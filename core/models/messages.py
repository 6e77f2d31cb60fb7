"""Short messages and the codes they carry."""

from __future__ import annotations

import uuid

from django.db import models

from core.crypto import PersonalText


class PhoneCode(models.Model):
    """A six-digit code that proves a phone: ten minutes, five tries, one use."""

    phone_idx = models.CharField("手机号索引", max_length=32, db_index=True)
    purpose = models.CharField("用途", max_length=20)
    code_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField("到期")
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    used_at = models.DateTimeField("使用时间", null=True)
    created_at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "验证码"

    def __str__(self) -> str:
        return f"{self.purpose} {self.created_at:%F %T}"


class SmsMessage(models.Model):
    """One short message, encrypted; sent by the outbox. Messages about money never carry a link."""

    pii_key = models.UUIDField(default=uuid.uuid4, editable=False)
    user = models.ForeignKey("core.User", models.PROTECT, null=True, verbose_name="用户")
    phone_ct = models.TextField(default="")
    text_ct = models.TextField(default="")
    phone = PersonalText()
    text = PersonalText()
    created_at = models.DateTimeField("时间", auto_now_add=True)
    sent_at = models.DateTimeField("发出时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "短信"

    def __str__(self) -> str:
        return f"SMS {self.pk}"

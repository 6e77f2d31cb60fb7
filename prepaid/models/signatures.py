"""Who signed which terms, and who stands for a minor."""

from __future__ import annotations

import uuid
from datetime import date

from django.db import models

from core.crypto import PersonalText
from core.models import User
from prepaid.models.contracts import Contract

ADULT_AGE, NAMELESS_AGE = 18, 14


class Signature(models.Model):
    """One party's agreement to exactly the terms of that hash; the database refuses to change or delete it."""

    class Party(models.TextChoices):
        MERCHANT = "MERCHANT", "经营者"
        HOLDER = "HOLDER", "消费者"
        GUARDIAN = "GUARDIAN", "监护人"
        NEW_HOLDER = "NEW_HOLDER", "受让人"

    class Method(models.TextChoices):
        PHONE_CODE = "PHONE_CODE", "手机验证码"
        TRUSTED_DEVICE = "TRUSTED_DEVICE", "验证过的常用设备"
        COUNTER_DEVICE = "COUNTER_DEVICE", "店内收银设备"
        API = "API", "接口"

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="signatures", verbose_name="合同")
    party = models.CharField("签署方", max_length=10, choices=Party.choices)
    signer = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="签署人")
    terms_hash = models.CharField("条款摘要", max_length=64)
    method = models.CharField("签署方式", max_length=14, choices=Method.choices)
    signed_at = models.DateTimeField("签署时间")

    class Meta:
        verbose_name = verbose_name_plural = "签署"
        ordering = ["id"]
        indexes = [models.Index(fields=["contract"], name="signature_of_contract")]

    def __str__(self) -> str:
        return f"{self.get_party_display()} {self.signed_at:%Y-%m-%d %H:%M}"


class Guardianship(models.Model):
    """The child a card is for; the guardian is the holder and signs (法释〔2025〕4号第10条).

    The child's name is kept encrypted for a court or the bureau and is shown as initials everywhere.
    """

    class Relation(models.TextChoices):
        PARENT = "PARENT", "父母"
        GRANDPARENT = "GRANDPARENT", "祖父母、外祖父母"
        OTHER = "OTHER", "其他监护人"

    contract = models.OneToOneField(Contract, models.PROTECT, related_name="guardianship", verbose_name="合同")
    guardian = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="监护人")
    relation = models.CharField("与孩子的关系", max_length=11, choices=Relation.choices)
    pii_key = models.UUIDField(default=uuid.uuid4, editable=False)
    child_name_ct = models.TextField(default="", blank=True)
    born_on_ct = models.TextField(default="", blank=True)
    confirmed_at = models.DateTimeField("监护人确认时间", null=True)
    ended_at = models.DateTimeField("结束时间", null=True)
    child_name = PersonalText()
    born_on = PersonalText()

    class Meta:
        verbose_name = verbose_name_plural = "监护人确认"

    def __str__(self) -> str:
        return f"{self.initials}（{self.get_relation_display()}代签）"

    @property
    def initials(self) -> str:
        """``L.X.X.``: all that a page, a paper or a list ever says of the child's name."""
        from pypinyin import lazy_pinyin  # 55 MB of dictionaries: not in every process

        return "".join(f"{sound[0].upper()}." for sound in lazy_pinyin(self.child_name) if sound.strip())

    def age_on(self, day: date) -> int:
        """Full years on a day."""
        born = date.fromisoformat(self.born_on)
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))

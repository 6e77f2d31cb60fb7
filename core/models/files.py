"""Files that people upload."""

from __future__ import annotations

from django.db import models


class StoredFile(models.Model):
    """One uploaded document, checked and re-encoded, kept outside the web root under a random name."""

    sha256 = models.CharField("摘要", max_length=64, db_index=True)
    path = models.CharField("存放", max_length=120, unique=True)
    media_type = models.CharField("类型", max_length=40)
    size = models.PositiveIntegerField("大小")
    title = models.CharField("名称", max_length=100)
    uploaded_by = models.ForeignKey("core.User", models.PROTECT, null=True, verbose_name="上传人")
    created_at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "材料"

    def __str__(self) -> str:
        return self.title

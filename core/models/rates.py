"""Rates of interest by day: published by the central bank or told by the custodian, corrected by officers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.locking import LockingQuerySet


class InterestRate(models.Model):
    """One rate a year from a day on, in millionths; without a figure it is not known yet and shown as such."""

    class Base(models.TextChoices):
        LPR_1Y = "LPR_1Y", "一年期贷款市场报价利率（LPR）"
        DEPOSIT_1Y = "DEPOSIT_1Y", "一年期定期存款基准利率"
        CUSTODY = "CUSTODY", "存管账户实际利率"

    base = models.CharField("利率", max_length=10, choices=Base.choices)
    effective_from = models.DateField("施行日")
    ppm = models.PositiveIntegerField("年利率（百万分之一）", null=True)
    source = models.CharField("来源", max_length=200)
    tag = models.CharField("确定程度", max_length=4)

    objects = LockingQuerySet["InterestRate"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "利率"
        ordering = ["base", "-effective_from"]
        constraints = [
            models.UniqueConstraint(fields=["base", "effective_from"], name="rate_once_a_day"),
            models.CheckConstraint(name="rate_is_sane", condition=Q(ppm=None) | Q(ppm__lte=360_000)),
            models.CheckConstraint(name="rate_base_known", condition=Q(base__in=["LPR_1Y", "DEPOSIT_1Y", "CUSTODY"])),
        ]

    def __str__(self) -> str:
        return f"{self.get_base_display()} {self.effective_from}"

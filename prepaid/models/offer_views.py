"""How often a shop's offers were looked at; a number a day, nothing about who looked."""

from __future__ import annotations

from django.db import models

from merchants.models import Merchant
from prepaid.models.plans import OwnedQuerySet


class OfferView(models.Model):
    """The views of one shop's public page on one day."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="offer_views", verbose_name="商家")
    on = models.DateField("日期")
    views = models.PositiveIntegerField("次数", default=0)

    objects = OwnedQuerySet["OfferView"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "套餐浏览"
        ordering = ["-on"]
        constraints = [models.UniqueConstraint(fields=["merchant", "on"], name="offer_views_a_day")]

    def __str__(self) -> str:
        return f"{self.on} {self.views}"

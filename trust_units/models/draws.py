"""The weekly plan of spot-checks and the daily draws anybody can replay: the list is published before the seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from core.models import Region

if TYPE_CHECKING:
    from core.actors import Actor


class WeeklyPlan(models.Model):
    """How many units of each county are checked on each day of one week; no county without a check."""

    monday = models.DateField("周一", unique=True)
    made_at = models.DateTimeField("编制时间", auto_now_add=True)
    units = models.PositiveIntegerField("在库单位")
    target = models.PositiveIntegerField("本周抽查")
    counties = models.PositiveIntegerField("县（区）")
    basis = models.CharField("依据", max_length=120)

    class Meta:
        verbose_name = verbose_name_plural = "周抽查计划"
        ordering = ["-monday"]

    def __str__(self) -> str:
        return f"{self.monday} 起的一周"


class PlanShard(models.Model):
    """How many of one county are drawn on one day."""

    plan = models.ForeignKey(WeeklyPlan, models.PROTECT, related_name="shards", verbose_name="周计划")
    day = models.DateField("日期")
    county = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="县（区）")
    quota = models.PositiveIntegerField("抽查数")

    class Meta:
        verbose_name = verbose_name_plural = "每日抽查任务"
        ordering = ["day", "county"]
        constraints = [
            models.UniqueConstraint(fields=["day", "county"], name="one_shard_a_day_and_county"),
            models.CheckConstraint(name="shard_draws_some", condition=Q(quota__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.county_id} {self.quota}"


class DrawQuerySet(models.QuerySet["Draw"]):
    """Draws as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """All: they are public."""
        return self


class Draw(models.Model):
    """One day's draw. Until ``drawn_at`` only the list and its hash are there: the seed is not known yet."""

    day = models.DateField("日期", unique=True)
    plan = models.ForeignKey(WeeklyPlan, models.PROTECT, related_name="draws", verbose_name="周计划")
    candidates = models.PositiveIntegerField("候选单位")
    quota = models.PositiveIntegerField("应抽")
    nonce = models.CharField("随名单公布的随机数", max_length=64)
    list_sha256 = models.CharField("名单摘要", max_length=64)
    published_at = models.DateTimeField("名单公布时间")
    seed_day = models.DateField("封账日", null=True)
    merkle_root = models.CharField("封账根", max_length=64, blank=True)
    sealed_at = models.DateTimeField("封账时间", null=True)
    seed = models.CharField("种子", max_length=64, blank=True)
    drawn_at = models.DateTimeField("抽取时间", null=True)
    # The codes in the order of the draw, county by county.
    sample = models.JSONField("抽中单位", default=list)

    objects = DrawQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "抽查抽签"
        ordering = ["-day"]
        constraints = [
            models.CheckConstraint(
                name="drawn_with_a_seed",
                condition=Q(drawn_at=None, seed="") | (Q(drawn_at__gte=F("published_at")) & ~Q(seed="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} 抽签"

    @property
    def is_blind(self) -> bool:
        """Whether the list was published before the root was made, so that nobody could choose one for the other."""
        return self.sealed_at is not None and self.published_at < self.sealed_at


class DrawList(models.Model):
    """The candidate list of a draw, byte for byte, gzipped; apart, because it is megabytes."""

    draw = models.OneToOneField(Draw, models.PROTECT, related_name="file", primary_key=True, verbose_name="抽签")
    packed = models.BinaryField("名单")

    class Meta:
        verbose_name = verbose_name_plural = "抽签名单"

    def __str__(self) -> str:
        return str(self.draw_id)

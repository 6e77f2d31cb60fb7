"""Sums of the 12315 desk by month, kept by the daily job, so that no page counts complaints."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from complaints.models.clocks import Clock
from core.locking import LockingQuerySet
from core.models import Industry, Region
from core.models.people import WATCHERS
from merchants.models import Merchant

if TYPE_CHECKING:
    from core.actors import Actor


class FigureMonth(models.Model):
    """One month of figures: counted again every day until the monthly settlement closes it, then never more."""

    month = models.DateField("月份", primary_key=True)
    counted_until = models.DateTimeField("统计截至")
    closed_on = models.DateField("月结日", null=True)
    # Over every row of the month, made when it is closed: a row changed by hand no longer fits.
    digest = models.CharField("校验值", max_length=64, blank=True)

    objects = LockingQuerySet["FigureMonth"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "统计月份"
        ordering = ["-month"]
        constraints = [
            models.CheckConstraint(name="figure_month_first", condition=Q(month__day=1)),
            models.CheckConstraint(name="figure_month_sealed", condition=Q(closed_on=None) | ~Q(digest="")),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


def county_paths(by: Actor) -> list[str]:
    """The paths of the areas whose figures ``by`` reads: own regions, a station's whole county."""
    assert by.user is not None
    paths = by.user.access.region_paths(*WATCHERS)
    return sorted({"".join(f"{part}/" for part in path.split("/")[:3] if part) for path in paths})


def in_areas(paths: list[str], field: str = "county__path") -> Q:
    """The rows of these areas; none where there are none."""
    found = Q(pk__in=[])
    for path in paths:
        found |= Q(**{f"{field}__startswith": path})
    return found


class CountyQuerySet(LockingQuerySet[models.Model]):
    """Rows of counties."""

    def visible_to(self, by: Actor) -> CountyQuerySet:
        """Those of an officer's areas."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        return self.filter(in_areas(county_paths(by)))


class ComplaintRollup(models.Model):
    """The sums of one county and month: of everything, of each industry, of each cause, and of both together."""

    class By(models.IntegerChoices):
        """What the row is of; the value is what SQL's ``grouping(industry, cause)`` says."""

        BOTH = 0, "行业和事由"
        INDUSTRY = 1, "行业"
        CAUSE = 2, "事由"
        TOTAL = 3, "合计"

    month = models.ForeignKey(FigureMonth, models.PROTECT, related_name="rollups", verbose_name="月份")
    county = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="区县")
    by = models.PositiveSmallIntegerField("口径", choices=By.choices)
    industry = models.ForeignKey(Industry, models.PROTECT, null=True, related_name="+", verbose_name="行业")
    cause = models.CharField("事由", max_length=15, blank=True)
    # The rule packs by which the limits of the row ran.
    packs = ArrayField(models.CharField(max_length=40), default=list, verbose_name="规则版本")
    received = models.PositiveIntegerField("收到投诉")
    reports = models.PositiveIntegerField("收到举报")
    questions = models.PositiveIntegerField("收到咨询")
    accepted = models.PositiveIntegerField("受理")
    refused = models.PositiveIntegerField("不予受理")
    closed = models.PositiveIntegerField("办结")
    answered = models.PositiveIntegerField("回访接通并评价")
    satisfied = models.PositiveIntegerField("满意")
    recovered_fen = models.BigIntegerField("挽回损失")
    accept_due = models.PositiveIntegerField("受理决定到期")
    accept_on_time = models.PositiveIntegerField("按时作出受理决定")
    complete_due = models.PositiveIntegerField("办理到期")
    complete_on_time = models.PositiveIntegerField("按时办结")
    verify_due = models.PositiveIntegerField("核查到期")
    verify_at_once = models.PositiveIntegerField("未延期按时核查")
    odr_due = models.PositiveIntegerField("商家协商到期")
    odr_on_time = models.PositiveIntegerField("商家按时办结")
    contact_due = models.PositiveIntegerField("首次联系到期")
    contact_on_time = models.PositiveIntegerField("按时首次联系")
    clues = models.PositiveIntegerField("投诉转案件线索")
    disclosable = models.PositiveIntegerField("异议期满")
    disclosed = models.PositiveIntegerField("已公示")
    locked_fen = models.BigIntegerField("锁定")
    owed_fen = models.BigIntegerField("预收余额")
    # [numerator, denominator] of each figure that an app above adds.
    extra = models.JSONField("其他指标", default=dict)

    objects = CountyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "月度统计"
        ordering = ["month", "county", "by"]
        constraints = [
            models.UniqueConstraint(
                fields=["month", "county", "by", "industry", "cause"], nulls_distinct=False, name="one_rollup"
            ),
        ]
        indexes = [models.Index(fields=["by", "county", "month"], name="rollup_of_county")]

    def __str__(self) -> str:
        return f"{self.county_id} {self.month_id:%Y-%m}"


class LatenessRollup(models.Model):
    """How often the bureau of one county was late with one kind of limit in one month."""

    month = models.ForeignKey(FigureMonth, models.PROTECT, related_name="lateness", verbose_name="月份")
    county = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="区县")
    code = models.CharField("期限", max_length=16, choices=Clock.Code.choices)
    due = models.PositiveIntegerField("到期")
    on_time = models.PositiveIntegerField("按时")
    late = models.PositiveIntegerField("逾期完成")
    unanswered = models.PositiveIntegerField("逾期未完成")
    late_days = models.PositiveIntegerField("逾期天数合计")
    worst_days = models.PositiveIntegerField("最长逾期天数")

    objects = CountyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "逾期统计"
        ordering = ["-month", "county", "code"]
        constraints = [models.UniqueConstraint(fields=["month", "county", "code"], name="one_lateness")]

    def __str__(self) -> str:
        return f"{self.county_id} {self.code}"


class ShopMonth(models.Model):
    """How often the cards of a shop were used in a month: what its complaints are measured by."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="shop_months", verbose_name="商家")
    month = models.ForeignKey(FigureMonth, models.PROTECT, related_name="shops", verbose_name="月份")
    redemptions = models.PositiveIntegerField("核销次数")

    objects = LockingQuerySet["ShopMonth"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "商家核销统计"
        ordering = ["-month"]
        constraints = [models.UniqueConstraint(fields=["merchant", "month"], name="one_shop_month")]

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.month_id:%Y-%m}"


def first_of(day: date) -> date:
    """The month of a day, as its first day."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)

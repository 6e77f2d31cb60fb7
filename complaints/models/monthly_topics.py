"""Monthly topic (每月一题): one frequent cause, its root, a ledger of measures, and the figure before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from complaints.models.matters import Cause
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import Industry, Region, User
from core.models.people import WATCHERS, in_regions

if TYPE_CHECKING:
    from core.actors import Actor


class MonthlyTopicQuerySet(LockingQuerySet["MonthlyTopic"]):
    """Topics as one asks for them."""

    def visible_to(self, by: Actor) -> MonthlyTopicQuerySet:
        """Those of an officer's regions."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        return self.filter(in_regions("region__path", by.user.access.region_paths(*WATCHERS)))


class MonthlyTopic(models.Model):
    """One cause in one trade that a bureau takes apart for a month, with the target it sets itself."""

    class Status(models.TextChoices):
        NOMINATED = "NOMINATED", "候选"
        CHOSEN = "CHOSEN", "已选定，定方案"
        EXECUTING = "EXECUTING", "实施中"
        ASSESSED = "ASSESSED", "已评估"
        DROPPED = "DROPPED", "没有选"

    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.NOMINATED)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="地区")
    month = models.DateField("月份")
    cause = models.CharField("事由", max_length=15, choices=Cause.choices)
    # None: of every trade.
    industry = models.ForeignKey(Industry, models.PROTECT, null=True, related_name="+", verbose_name="行业")
    nominated_count = models.PositiveIntegerField("提名时件数", default=0)
    root = models.CharField("根子在哪里", max_length=1000, blank=True)
    leader = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="负责人")
    target = models.PositiveSmallIntegerField("目标降幅", default=0)
    # Two periods of the same length, counted by the same query.
    before_from = models.DateField("之前从", null=True)
    after_from = models.DateField("之后从", null=True)
    days = models.PositiveSmallIntegerField("天数", default=0)
    before_count = models.PositiveIntegerField("之前件数", null=True)
    after_count = models.PositiveIntegerField("之后件数", null=True)
    assessed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="评估人")
    assessed_at = models.DateTimeField("评估时间", null=True)
    comment = models.CharField("评估意见", max_length=1000, blank=True)

    objects = MonthlyTopicQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "每月一题"
        ordering = ["-month", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "month", "cause", "industry"], nulls_distinct=False, name="one_topic_a_month"
            ),
            models.CheckConstraint(
                name="monthly_topic_status_legal",
                condition=Q(status__in=["NOMINATED", "CHOSEN", "EXECUTING", "ASSESSED", "DROPPED"]),
            ),
            models.CheckConstraint(
                name="monthly_topic_planned",
                condition=~Q(status__in=["EXECUTING", "ASSESSED"])
                | Q(before_from__isnull=False, after_from__isnull=False, days__gt=0, before_from__lt=F("after_from")),
            ),
            models.CheckConstraint(
                name="monthly_topic_assessed",
                condition=~Q(status="ASSESSED") | Q(before_count__isnull=False, after_count__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.title}"

    @property
    def title(self) -> str:
        """「美容美发 退款难」."""
        trade = f"{self.industry.name} " if self.industry else ""
        return f"{trade}{self.get_cause_display()}"

    @property
    def change(self) -> str:
        """By how much it went down or up; empty while it is not assessed."""
        if self.before_count is None or self.after_count is None:
            return ""
        if not self.before_count:
            return f"{self.before_count} → {self.after_count} 件"
        share = (self.after_count - self.before_count) * 100 / self.before_count
        return f"{self.before_count} → {self.after_count} 件（{share:+.2f}%）"


MONTHLY_TOPIC_LIFECYCLE = Lifecycle(
    "complaints.MonthlyTopic",
    "status",
    {
        "choose": Step(("NOMINATED",), "CHOSEN", "complaints.keep_topic", "选为本月一题"),
        "drop": Step(("NOMINATED",), "DROPPED", "complaints.keep_topic", "不选", caution=True),
        "execute": Step(("CHOSEN",), "EXECUTING", "complaints.keep_topic", "开始实施"),
        "assess": Step(("EXECUTING",), "ASSESSED", "complaints.keep_topic", "评估"),
    },
)


class TopicMeasureQuerySet(LockingQuerySet["TopicMeasure"]):
    """Measures as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """Those of the topics ``by`` may see."""
        return self.filter(topic__in=MonthlyTopic.objects.visible_to(by))


class TopicMeasure(models.Model):
    """One line of the ledger: what is done against the root, by which department and person, by when."""

    topic = models.ForeignKey(MonthlyTopic, models.PROTECT, related_name="measures", verbose_name="题目")
    text = models.CharField("措施", max_length=300)
    department = models.CharField("牵头部门", max_length=20)
    owner = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="负责人")
    due_on = models.DateField("期限")
    done_at = models.DateTimeField("完成时间", null=True)
    note = models.CharField("完成情况", max_length=500, blank=True)

    objects = TopicMeasureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "措施台账"
        ordering = ["due_on", "id"]
        constraints = [models.CheckConstraint(name="topic_measure_done_said", condition=Q(done_at=None) | ~Q(note=""))]

    def __str__(self) -> str:
        return self.text

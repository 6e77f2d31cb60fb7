"""The yearly post-evaluation (后评价): points with their reasons, and into which of the five batches the unit falls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import User
from trust_units.models.units import PUBLIC, TrustUnit

if TYPE_CHECKING:
    from core.actors import Actor

# What a part of the points is called, with how often it counted.
PART_WORDS = {
    "START": "基础分",
    "PASSED": "抽查未发现问题 {n} 次",
    "CUSTODY": "全年没有存管不足",
    "CLEAN": "全年没有查实的投诉",
    "UPHELD": "投诉查实 {n} 件",
    "CLOSED": "反馈单已闭环 {n} 件",
    "OPEN": "反馈单未办结 {n} 件",
    "OVERDUE": "反馈单逾期未改 {n} 件",
    "PENALTY": "行政处罚 {n} 件",
    "RETURNS": "拒绝无理由退货 {n} 次",
}


class Outcome(models.TextChoices):
    """五个一批."""

    CONSOLIDATE = "CONSOLIDATE", "巩固一批"
    UPGRADE = "UPGRADE", "提升一批"
    RECTIFY = "RECTIFY", "整改一批"
    ELIMINATE = "ELIMINATE", "淘汰一批"
    NEW = "NEW", "新创一批"


class PostEvaluationQuerySet(LockingQuerySet["PostEvaluation"]):
    """Evaluations as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """Those of the units one sees."""
        return self.filter(unit__in=TrustUnit.objects.visible_to(by))

    def to_confirm(self) -> Self:
        """Those proposed for units that still stand in a pool."""
        return self.filter(status=PostEvaluation.Status.PROPOSED, unit__status__in=PUBLIC)


class PostEvaluation(models.Model):
    """One unit in one year. The points are counted once; what follows from them a person confirms."""

    class Status(models.TextChoices):
        PROPOSED = "PROPOSED", "待确认"
        CONFIRMED = "CONFIRMED", "已确认"

    unit = models.ForeignKey(TrustUnit, models.PROTECT, related_name="evaluations", verbose_name="单位")
    year = models.PositiveSmallIntegerField("年度")
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.PROPOSED)
    points = models.PositiveSmallIntegerField("得分")
    # [[code, how often, points]]
    parts = models.JSONField("得分明细", default=list)
    outcome = models.CharField("归入", max_length=11, choices=Outcome.choices)
    stars = models.PositiveSmallIntegerField("建议星级", default=0)
    evaluated_on = models.DateField("评价日")
    reason = models.CharField("确认的理由", max_length=300, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="确认人")
    decided_at = models.DateTimeField("确认时间", null=True)

    objects = PostEvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度后评价"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "year"], name="one_evaluation_a_year"),
            models.CheckConstraint(name="evaluation_points_legal", condition=Q(points__lte=100, stars__lte=5)),
            models.CheckConstraint(name="evaluation_outcome_legal", condition=Q(outcome__in=Outcome.values)),
            models.CheckConstraint(
                name="evaluation_is_decided",
                condition=Q(status="PROPOSED", decided_by=None) | Q(status="CONFIRMED", decided_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["outcome"], condition=Q(status="PROPOSED"), name="evaluations_to_confirm")]

    def __str__(self) -> str:
        return f"{self.year} 年后评价"

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Each part in words, with its points."""
        return [(PART_WORDS[code].format(n=n), points) for code, n, points in self.parts]


EVALUATION_LIFECYCLE = Lifecycle(
    "trust_units.PostEvaluation",
    "status",
    {"confirm": Step(("PROPOSED",), "CONFIRMED", "trust_units.confirm_evaluation", "确认后评价")},
)

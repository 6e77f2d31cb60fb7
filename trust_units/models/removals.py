"""Removals (摘牌) with their public reason, the hearing before a soft one, and the appeal after any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import StoredFile, User
from trust_units.models.units import TrustUnit

if TYPE_CHECKING:
    from core.actors import Actor


class RemovalQuerySet(LockingQuerySet["Removal"]):
    """Removals as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """Those of the units one sees."""
        return self.filter(unit__in=TrustUnit.objects.visible_to(by))


class Removal(models.Model):
    """One removal: by the daily job for a hard fact, by an officer after a hearing for a soft ground."""

    class Status(models.TextChoices):
        PROPOSED = "PROPOSED", "拟移除，听取意见"
        DROPPED = "DROPPED", "不予移除"
        REMOVED = "REMOVED", "已移除"
        APPEALED = "APPEALED", "申诉中"
        UPHELD = "UPHELD", "申诉不成立"
        REVOKED = "REVOKED", "申诉成立，已恢复"

    unit = models.ForeignKey(TrustUnit, models.PROTECT, related_name="removals", verbose_name="单位")
    status = models.CharField("状态", max_length=8, choices=Status.choices)
    ground = models.CharField("事由", max_length=17)
    reason = models.CharField("公开的理由", max_length=300)
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="提出人")
    proposed_at = models.DateTimeField("提出时间")
    hearing_due_on = models.DateField("陈述期限", null=True)
    statement = models.CharField("商家陈述", max_length=1000, blank=True)
    stated_at = models.DateTimeField("陈述时间", null=True)
    removed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="决定人")
    removed_at = models.DateTimeField("移除时间", null=True)
    pool_before = models.CharField(max_length=10, blank=True, editable=False)
    appeal_due_on = models.DateField("申诉期限", null=True)
    appeal_text = models.CharField("申诉理由", max_length=1000, blank=True)
    appeal_file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="申诉材料")
    appealed_at = models.DateTimeField("申诉时间", null=True)
    decision = models.CharField("申诉决定", max_length=500, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="申诉决定人")
    decided_at = models.DateTimeField("申诉决定时间", null=True)

    objects = RemovalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "移除"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="removal_status_legal",
                condition=Q(status__in=["PROPOSED", "DROPPED", "REMOVED", "APPEALED", "UPHELD", "REVOKED"]),
            ),
            models.UniqueConstraint(fields=["unit"], condition=Q(status="PROPOSED"), name="one_proposed_removal"),
            models.CheckConstraint(
                name="removal_is_dated",
                condition=Q(status__in=["PROPOSED", "DROPPED"])
                | Q(removed_at__isnull=False, appeal_due_on__isnull=False),
            ),
            models.CheckConstraint(
                name="appeal_by_another", condition=Q(decided_by=None) | Q(removed_by=None)
                | ~Q(decided_by=models.F("removed_by")),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.unit_id} {self.reason}"


REMOVAL_LIFECYCLE = Lifecycle(
    "trust_units.Removal",
    "status",
    {
        "state": Step(("PROPOSED",), "PROPOSED", "trust_units.state_case", "陈述意见"),
        "drop": Step(("PROPOSED",), "DROPPED", "trust_units.remove_unit", "不予移除"),
        "confirm": Step(("PROPOSED",), "REMOVED", "trust_units.remove_unit", "决定移除", caution=True),
        "appeal": Step(("REMOVED",), "APPEALED", "trust_units.state_case", "申诉"),
        "uphold": Step(("APPEALED",), "UPHELD", "trust_units.decide_appeal", "维持移除"),
        "revoke": Step(("APPEALED",), "REVOKED", "trust_units.decide_appeal", "申诉成立，恢复资格", caution=True),
    },
)

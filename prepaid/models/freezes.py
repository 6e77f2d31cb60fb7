"""Freezes: an officer's order, signed by a second one, that stops payments to a merchant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import User
from core.models.people import WATCHERS, in_regions
from merchants.models import Merchant
from prepaid.models.contracts import Contract

if TYPE_CHECKING:
    from core.actors import Actor


class FreezeQuerySet(LockingQuerySet["Freeze"]):
    """Freezes as one asks for them."""

    def visible_to(self, by: Actor) -> FreezeQuerySet:
        """Those of an officer's regions, and of the own shop."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        access = by.user.access
        return self.filter(
            Q(merchant__in=access.merchants()) | in_regions("merchant__region__path", access.region_paths(*WATCHERS))
        )

    def waiting(self) -> FreezeQuerySet:
        """Those that need a second signature."""
        return self.filter(status__in=[Freeze.Status.PROPOSED, Freeze.Status.LIFT_PROPOSED])


class Freeze(models.Model):
    """An order that locked money is not paid to the merchant; of one contract, or of all of a merchant's."""

    class Status(models.TextChoices):
        PROPOSED = "PROPOSED", "待第二人复核"
        IN_FORCE = "IN_FORCE", "冻结中"
        REJECTED = "REJECTED", "复核退回"
        LIFT_PROPOSED = "LIFT_PROPOSED", "解冻待复核"
        LIFTED = "LIFTED", "已解冻"

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="freezes", verbose_name="商家")
    contract = models.ForeignKey(
        Contract, models.PROTECT, null=True, blank=True, related_name="freezes", verbose_name="合同"
    )
    status = models.CharField("状态", max_length=13, choices=Status.choices, default=Status.PROPOSED)
    reason = models.CharField("理由", max_length=300)
    locked_fen = models.BigIntegerField("提出时锁定金额")
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    proposed_at = models.DateTimeField("提出时间", auto_now_add=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="复核人")
    approved_at = models.DateTimeField("复核时间", null=True)
    lift_reason = models.CharField("解冻理由", max_length=300, blank=True)
    lift_proposed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="解冻提出人")
    lift_approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="解冻复核人")
    lifted_at = models.DateTimeField("解冻时间", null=True)

    objects = FreezeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "冻结"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="freeze_by_two", condition=Q(approved_by=None) | ~Q(approved_by=models.F("proposed_by"))
            ),
            models.CheckConstraint(
                name="lift_by_two",
                condition=Q(lift_approved_by=None) | ~Q(lift_approved_by=models.F("lift_proposed_by")),
            ),
            models.CheckConstraint(
                name="freeze_in_force_is_signed",
                condition=~Q(status__in=["IN_FORCE", "LIFT_PROPOSED", "LIFTED"]) | Q(approved_by__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["merchant", "contract"],
                condition=Q(status__in=["PROPOSED", "IN_FORCE", "LIFT_PROPOSED"]),
                nulls_distinct=False,
                name="one_open_freeze",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merchant} {self.get_status_display()}"


FREEZE_LIFECYCLE = Lifecycle(
    "prepaid.Freeze",
    "status",
    {
        "approve": Step(("PROPOSED",), "IN_FORCE", "prepaid.approve_freeze", "复核同意冻结"),
        "reject": Step(("PROPOSED",), "REJECTED", "prepaid.approve_freeze", "复核退回", caution=True),
        "propose_lift": Step(("IN_FORCE",), "LIFT_PROPOSED", "prepaid.propose_freeze", "提出解冻"),
        "approve_lift": Step(("LIFT_PROPOSED",), "LIFTED", "prepaid.approve_lift", "复核同意解冻"),
        "reject_lift": Step(("LIFT_PROPOSED",), "IN_FORCE", "prepaid.approve_lift", "不同意解冻", caution=True),
    },
)

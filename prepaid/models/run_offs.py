"""Run-offs: a shop whose people are gone. Two officers freeze it, two approve the plan, the money goes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from core.identifiers import public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import User
from core.models.people import WATCHERS, in_regions
from merchants.models import Merchant
from prepaid.models.closings import ClosingNotice
from prepaid.models.contracts import Contract
from prepaid.models.refunds import Refund

if TYPE_CHECKING:
    from core.actors import Actor


class RunOffQuerySet(LockingQuerySet["RunOff"]):
    """Run-offs as one asks for them."""

    def visible_to(self, by: Actor) -> RunOffQuerySet:
        """Those of an officer's regions; the public reads the closing page instead."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        return self.filter(in_regions("merchant__region__path", by.user.access.region_paths(*WATCHERS)))

    def waiting(self) -> RunOffQuerySet:
        """Those that need a second signature."""
        return self.filter(status__in=[RunOff.Status.PROPOSED, RunOff.Status.PLANNED])


class RunOff(models.Model):
    """An emergency: the freeze, each consumer's statutory claim, and the plan by which locked money goes back."""

    class Status(models.TextChoices):
        PROPOSED = "PROPOSED", "待第二人复核"
        REJECTED = "REJECTED", "复核退回"
        OPEN = "OPEN", "已冻结，核算中"
        PLANNED = "PLANNED", "方案待第二人复核"
        PAYING = "PAYING", "按方案退款中"
        DONE = "DONE", "退款办结"

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="run_offs", verbose_name="商家")
    closing = models.ForeignKey(
        ClosingNotice, models.PROTECT, null=True, related_name="run_offs", verbose_name="停业公告"
    )
    status = models.CharField("状态", max_length=8, choices=Status.choices, default=Status.PROPOSED)
    reason = models.CharField("理由", max_length=300)
    served_until = models.DateField("最后提供服务日")
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    proposed_at = models.DateTimeField("提出时间", auto_now_add=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="复核人")
    approved_at = models.DateTimeField("冻结时间", null=True)
    plan_hash = models.CharField("方案摘要", max_length=64, blank=True)
    planned_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="方案提出人")
    planned_at = models.DateTimeField("方案提出时间", null=True)
    plan_approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="方案复核人")
    plan_approved_at = models.DateTimeField("方案复核时间", null=True)
    finished_at = models.DateTimeField("办结时间", null=True)

    objects = RunOffQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "失联清退"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="run_off_by_two", condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by"))
            ),
            models.CheckConstraint(
                name="run_off_plan_by_two", condition=Q(plan_approved_by=None) | ~Q(plan_approved_by=F("planned_by"))
            ),
            models.CheckConstraint(
                name="run_off_is_signed",
                condition=Q(status__in=["PROPOSED", "REJECTED"]) | Q(approved_by__isnull=False),
            ),
            models.CheckConstraint(
                name="run_off_plan_is_signed",
                condition=~Q(status__in=["PAYING", "DONE"]) | Q(plan_approved_by__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["merchant"], condition=~Q(status__in=["REJECTED", "DONE"]), name="one_open_run_off"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.merchant} {self.get_status_display()}"


RUN_OFF_LIFECYCLE = Lifecycle(
    "prepaid.RunOff",
    "status",
    {
        "approve": Step(("PROPOSED",), "OPEN", "prepaid.approve_run_off", "复核同意，冻结并核算", caution=True),
        "reject": Step(("PROPOSED",), "REJECTED", "prepaid.approve_run_off", "复核退回"),
        "plan": Step(("OPEN",), "PLANNED", "prepaid.plan_run_off", "提出退款方案"),
        "approve_plan": Step(("PLANNED",), "PAYING", "prepaid.approve_run_off_plan", "复核同意，按方案退款"),
        "reject_plan": Step(("PLANNED",), "OPEN", "prepaid.approve_run_off_plan", "退回重新核算", caution=True),
        "finish": Step(("PAYING",), "DONE", "prepaid.run_closing", "退款办结"),
    },
)


class RunOffClaim(models.Model):
    """What one consumer is owed by law, what of it is paid from the own locked money, what is missing. All fen."""

    run_off = models.ForeignKey(RunOff, models.PROTECT, related_name="claims", verbose_name="失联清退")
    contract = models.ForeignKey(Contract, models.PROTECT, null=True, related_name="+", verbose_name="合同")
    holder = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="消费者")
    source = models.CharField("债权来源", max_length=60)
    lines = models.JSONField("计算", default=list)
    entitled_fen = models.BigIntegerField("依法应退")
    pays_fen = models.BigIntegerField("从锁定资金退")
    waits_fen = models.BigIntegerField("等争议消费了结")
    shortfall_fen = models.BigIntegerField("缺口")
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, related_name="+", verbose_name="退款")
    trouble = models.CharField("没办成的原因", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "清退债权"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["run_off", "source"], name="claim_once"),
            models.CheckConstraint(
                name="claim_adds_up",
                condition=Q(entitled_fen=F("pays_fen") + F("waits_fen") + F("shortfall_fen"))
                & Q(pays_fen__gte=0, waits_fen__gte=0, shortfall_fen__gte=0),
            ),
        ]

    def __str__(self) -> str:
        if self.contract is not None:
            return str(self.contract)
        return f"{self.lines[0]['label'] if self.lines else '预付款'}（没有锁定）"

"""Visits: what was consumed, and who said so."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

from core.identifiers import public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import User
from merchants.models import Merchant, Store
from prepaid.models.contracts import FREEZE_HOLDS, Contract, Lot
from prepaid.models.freezes import Freeze

if TYPE_CHECKING:
    from core.actors import Actor


class VisitQuerySet(LockingQuerySet["Visit"]):
    """Visits as one asks for them."""

    def visible_to(self, by: Actor) -> VisitQuerySet:
        """Visits on contracts ``by`` may see, and those served by the own shop."""
        mine = Q(contract__in=Contract.objects.visible_to(by))
        if by.user is not None and by.user.is_authenticated and by.user.access.merchants():
            mine |= Q(merchant__in=by.user.access.merchants())
        return self.filter(mine)

    def waiting(self) -> VisitQuerySet:
        """Visits the consumer has not answered yet, the most urgent first."""
        return self.filter(status=Visit.Status.REQUESTED).order_by("confirm_due_on", "id")

    def silent(self, on: date) -> VisitQuerySet:
        """Visits whose 15 working days ended before ``on`` without an answer; a freeze stops the clock."""
        whole, card = Q(contract=None, merchant=OuterRef("merchant")), Q(contract=OuterRef("contract"))
        frozen = Freeze.objects.filter(whole | card, status__in=FREEZE_HOLDS)
        return self.filter(~Exists(frozen), status=Visit.Status.REQUESTED, confirm_due_on__lt=on)


class Visit(models.Model):
    """One use of a card: at which store, for what, and how much of the locked money it is worth."""

    class Status(models.TextChoices):
        REQUESTED = "REQUESTED", "待消费者确认"
        CONFIRMED = "CONFIRMED", "消费者已确认"
        AUTO_CONFIRMED = "AUTO_CONFIRMED", "逾期视为确认"
        DISPUTED = "DISPUTED", "核销争议（暂停划拨）"
        CANCELLED = "CANCELLED", "已撤回"
        CORRECTED = "CORRECTED", "核销冲正"

    class StartedBy(models.TextChoices):
        SHOP = "SHOP", "商家"
        SHOWN_CODE = "SHOWN_CODE", "顾客出示付款码"
        CONSUMER = "CONSUMER", "消费者"

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="visits", verbose_name="合同")
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="visits", verbose_name="服务商家")
    store = models.ForeignKey(Store, models.PROTECT, related_name="visits", verbose_name="服务门店")
    status = models.CharField("状态", max_length=14, choices=Status.choices, default=Status.REQUESTED)
    started_by = models.CharField("发起", max_length=10, choices=StartedBy.choices)
    item = models.CharField("项目", max_length=30)
    face_fen = models.BigIntegerField("面值", default=0)
    times = models.PositiveIntegerField("次数", default=0)
    hold_fen = models.BigIntegerField("暂留", default=0)
    hold_id = models.BigIntegerField("预占", null=True)
    amount_fen = models.BigIntegerField("付商家", default=0)
    corrected_fen = models.BigIntegerField("已冲回", default=0)
    transfer_id = models.BigIntegerField("流水", null=True)
    staff = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="店员")
    requested_at = models.DateTimeField("发起时间")
    confirm_due_on = models.DateField("确认期限")
    confirm_clock = models.CharField("期限怎么算的", max_length=300, blank=True)
    settled_on = models.DateField("确认日", null=True)
    pay_expected_on = models.DateField("预计到账", null=True)
    reason = models.CharField("说明", max_length=300, blank=True)
    is_no_show = models.BooleanField("爽约", default=False)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消费"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="visit_amounts",
                condition=Q(face_fen__gte=0, amount_fen__gte=0, corrected_fen__gte=0, hold_fen__gte=0),
            ),
            models.CheckConstraint(
                name="visit_status_legal",
                condition=Q(
                    status__in=[
                        "REQUESTED",
                        "CONFIRMED",
                        "AUTO_CONFIRMED",
                        "DISPUTED",
                        "CANCELLED",
                        "CORRECTED",
                    ]
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["confirm_due_on"], condition=Q(status="REQUESTED"), name="visit_confirm_due"),
            models.Index(fields=["merchant", "-id"], name="visit_of_merchant"),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.code}"


VISIT_LIFECYCLE = Lifecycle(
    "prepaid.Visit",
    "status",
    {
        "confirm": Step(("REQUESTED", "DISPUTED"), "CONFIRMED", "prepaid.confirm_visit", "确认核销"),
        "auto_confirm": Step(("REQUESTED",), "AUTO_CONFIRMED", "prepaid.auto_confirm_visit", "逾期视为确认"),
        "dispute": Step(("REQUESTED",), "DISPUTED", "prepaid.confirm_visit", "提出核销异议", caution=True),
        "withdraw": Step(("REQUESTED", "DISPUTED"), "CANCELLED", "prepaid.withdraw_visit", "撤回", caution=True),
        "uphold": Step(("DISPUTED",), "CONFIRMED", "prepaid.resolve_visit", "认定消费属实"),
        "reject": Step(("DISPUTED",), "CANCELLED", "prepaid.resolve_visit", "认定没有消费", caution=True),
        "correct": Step(("CONFIRMED", "AUTO_CONFIRMED"), "CORRECTED", "prepaid.correct_visit", "冲正", caution=True),
    },
)


class VisitLot(models.Model):
    """Which lot a visit draws on, and how much of it."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="parts", verbose_name="消费")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", verbose_name="批次")
    face_fen = models.BigIntegerField("面值", default=0)
    times = models.PositiveIntegerField("次数", default=0)
    amount_fen = models.BigIntegerField("付商家", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "消费批次"
        ordering = ["lot"]

    def __str__(self) -> str:
        return f"{self.visit_id}/{self.lot_id}"

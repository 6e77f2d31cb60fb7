"""Refunds and how the money gets back."""

from __future__ import annotations

import uuid
from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from core.crypto import PersonalText
from core.identifiers import public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import User
from merchants.models import Merchant
from prepaid.models.contracts import Contract

if TYPE_CHECKING:
    from core.actors import Actor


class RefundQuerySet(LockingQuerySet["Refund"]):
    """Refunds as one asks for them."""

    def visible_to(self, by: Actor) -> RefundQuerySet:
        """The refunds of contracts ``by`` may see."""
        return self.filter(contract__in=Contract.objects.visible_to(by))

    def open(self) -> RefundQuerySet:
        """Those not at an end yet."""
        return self.exclude(status__in=[Refund.Status.PAID, Refund.Status.WITHDRAWN])

    def unanswered(self, on: date) -> RefundQuerySet:
        """Those whose answer was due before ``on`` and whose merchant said nothing."""
        return self.filter(status=Refund.Status.REQUESTED, answer_due_on__lt=on)


class Refund(models.Model):
    """One request for money back, with the sum line by line as the law counts it."""

    class Status(models.TextChoices):
        REQUESTED = "REQUESTED", "退款待经营者确认"
        AGREED = "AGREED", "已同意"
        DISPUTED = "DISPUTED", "退款争议"
        WITHDRAWN = "WITHDRAWN", "已撤回"
        PAYING = "PAYING", "退款待划付"
        PAYOUT_FAILED = "PAYOUT_FAILED", "退款划付失败"
        PAID = "PAID", "退款已到账"

    class Cause(models.TextChoices):
        COOLING_OFF = "COOLING_OFF", "七日内退款"
        MERCHANT = "MERCHANT", "商家的原因"
        CONSUMER = "CONSUMER", "我自己的原因"
        EXPIRED = "EXPIRED", "到期没有用完"

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="refunds", verbose_name="合同")
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="refunds", verbose_name="商家")
    status = models.CharField("状态", max_length=13, choices=Status.choices, default=Status.REQUESTED)
    # A follow-up after a visit was settled, or the part nobody disputes: paid for another refund that was asked for.
    part_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="parts", verbose_name="所属退款")
    cause = models.CharField("原因", max_length=11, choices=Cause.choices)
    reason = models.CharField("说明", max_length=300, blank=True)
    lines = models.JSONField("计算", default=list)
    total_fen = models.BigIntegerField("应退")
    amount_fen = models.BigIntegerField("从锁定资金退")
    requested_on = models.DateField("申请日")
    requested_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="申请人")
    answer_due_on = models.DateField("答复期限")
    pay_due_on = models.DateField("打款期限")
    clock = models.CharField("期限怎么算的", max_length=300, blank=True)
    answered_on = models.DateField("答复日", null=True)
    answer = models.CharField("商家答复", max_length=300, blank=True)
    paid_on = models.DateField("到账日", null=True)

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "退款"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="refund_amounts", condition=Q(amount_fen__gte=0, total_fen__gte=models.F("amount_fen"))
            ),
            models.UniqueConstraint(
                fields=["contract"],
                condition=Q(status__in=["REQUESTED", "DISPUTED"]),
                name="one_unanswered_refund",
            ),
            models.CheckConstraint(
                name="refund_status_legal",
                condition=Q(
                    status__in=[
                        "REQUESTED",
                        "AGREED",
                        "DISPUTED",
                        "WITHDRAWN",
                        "PAYING",
                        "PAYOUT_FAILED",
                        "PAID",
                    ]
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["answer_due_on"], condition=Q(status="REQUESTED"), name="refund_answer_due"),
            models.Index(fields=["merchant", "-id"], name="refund_of_merchant"),
        ]

    def __str__(self) -> str:
        return self.code


REFUND_LIFECYCLE = Lifecycle(
    "prepaid.Refund",
    "status",
    {
        "agree": Step(("REQUESTED", "DISPUTED"), "AGREED", "prepaid.answer_refund", "同意退款"),
        "auto_agree": Step(("REQUESTED",), "AGREED", "prepaid.auto_agree_refund", "逾期视为同意"),
        "order": Step(("REQUESTED", "DISPUTED"), "AGREED", "prepaid.order_refund", "责令退款"),
        # Both sides agreed in mediation; the action of the settlement has asked who may.
        "settle": Step(("REQUESTED", "DISPUTED"), "AGREED", "prepaid.settle_refund", "按调解协议退款"),
        "refuse": Step(("REQUESTED",), "DISPUTED", "prepaid.answer_refund", "不同意", caution=True),
        "withdraw": Step(("REQUESTED", "DISPUTED"), "WITHDRAWN", "prepaid.withdraw_refund", "不退了", caution=True),
        "pay": Step(("AGREED", "PAYOUT_FAILED"), "PAYING", "prepaid.pay_refund", "划付"),
        "arrive": Step(("PAYING", "PAYOUT_FAILED"), "PAID", "prepaid.settle_payout", "到账"),
        "bounce": Step(("PAYING",), "PAYOUT_FAILED", "prepaid.settle_payout", "划付失败"),
    },
)


class Payout(models.Model):
    """One try to pay a refund out; a failed one is followed by another with a new account."""

    class Status(models.TextChoices):
        PENDING = "PENDING", "待发送"
        SENT = "SENT", "银行处理中"
        PAID = "PAID", "已到账"
        FAILED = "FAILED", "失败"

    pii_key = models.UUIDField(default=uuid.uuid4, editable=False)
    payout_no = models.CharField("划付号", max_length=16, unique=True, default=public_code, editable=False)
    refund = models.ForeignKey(Refund, models.PROTECT, related_name="payouts", verbose_name="退款")
    status = models.CharField("状态", max_length=7, choices=Status.choices, default=Status.PENDING)
    amount_fen = models.BigIntegerField("金额")
    account_ct = models.TextField(default="")
    payee_ct = models.TextField(default="")
    account = PersonalText()
    payee = PersonalText()
    to_origin = models.BooleanField("退回原付款账户", default=True)
    bank_ref = models.CharField("银行流水号", max_length=64, blank=True)
    failure = models.CharField("失败原因", max_length=100, blank=True)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    finished_at = models.DateTimeField("完成时间", null=True)

    objects = LockingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "退款划付"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["refund"], condition=Q(status__in=["PENDING", "SENT", "PAID"]), name="one_live_payout"
            ),
        ]

    def __str__(self) -> str:
        return self.payout_no


class RefundShortfall(models.Model):
    """What a merchant owes a consumer beyond the locked money; a claim, not a movement of the ledger."""

    refund = models.OneToOneField(Refund, models.PROTECT, null=True, related_name="shortfall", verbose_name="退款")
    # A card sold before joining has nothing locked: its whole refund is such a claim.
    legacy_card = models.OneToOneField(
        "prepaid.LegacyCard", models.PROTECT, null=True, related_name="shortfall", verbose_name="老卡"
    )
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="shortfalls", verbose_name="商家")
    amount_fen = models.BigIntegerField("商家另欠")
    created_at = models.DateTimeField("时间", auto_now_add=True)
    settled_at = models.DateTimeField("付清时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "退款缺口"
        constraints = [
            models.CheckConstraint(name="shortfall_positive", condition=Q(amount_fen__gt=0)),
            models.CheckConstraint(
                name="shortfall_of_one",
                condition=Q(refund__isnull=False, legacy_card=None) | Q(refund=None, legacy_card__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.refund or self.legacy_card} {self.amount_fen}"

"""Money on its way in: orders at the custodian, what the custodian told us, what matched nothing."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from core.crypto import PersonalText
from core.identifiers import public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import Role, User
from core.permissions import has_role
from prepaid.models.contracts import Contract
from prepaid.models.refunds import Payout
from prepaid.models.settlements import Settlement

if TYPE_CHECKING:
    from core.actors import Actor


# What matches no contract lies in no region: those who look after the whole custody account see it.
OVERSEES_CUSTODY = has_role(Role.CITY, Role.PROVINCE, Role.AUDITOR, Role.SYSADMIN)


class PaymentOrderQuerySet(LockingQuerySet["PaymentOrder"]):
    """Orders as one asks for them."""

    def visible_to(self, by: Actor) -> PaymentOrderQuerySet:
        """The orders of contracts ``by`` may see."""
        return self.filter(contract__in=Contract.objects.visible_to(by))


class PaymentOrder(models.Model):
    """One payment we asked the custodian to collect: the first of a contract, or a top-up."""

    class Status(models.TextChoices):
        PENDING = "PENDING", "等待付款"
        PAID = "PAID", "已到账"
        CANCELLED = "CANCELLED", "已取消"
        SUSPENDED = "SUSPENDED", "金额不符，待查"

    order_no = models.CharField("订单号", max_length=16, unique=True, default=public_code, editable=False)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="orders", verbose_name="合同")
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.PENDING)
    amount_fen = models.BigIntegerField("金额")
    bonus_fen = models.BigIntegerField("赠送", default=0)
    times_paid = models.PositiveIntegerField("次数", default=0)
    times_bonus = models.PositiveIntegerField("赠送次数", default=0)
    terms = models.JSONField("付款当天的条款", default=dict)
    pay_url = models.URLField("付款地址", blank=True)
    payer_account = models.CharField("付款账户（脱敏）", max_length=60, blank=True)
    bank_ref = models.CharField("银行流水号", max_length=64, blank=True)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    paid_at = models.DateTimeField("到账时间", null=True)

    objects = PaymentOrderQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "付款订单"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="order_amount_positive", condition=Q(amount_fen__gt=0)),
            models.UniqueConstraint(fields=["contract"], condition=Q(status="PENDING"), name="one_pending_order"),
        ]

    def __str__(self) -> str:
        return self.order_no


class NoticeQuerySet(LockingQuerySet["CustodianNotice"]):
    """Notices as one asks for them."""

    def visible_to(self, by: Actor) -> NoticeQuerySet:
        """Those about the officer's contracts; everything unmatched for those who oversee the account."""
        if by.is_system:
            return self
        payouts = Payout.objects.filter(refund__contract__in=Contract.objects.visible_to(by)).values("payout_no")
        orders = PaymentOrder.objects.visible_to(by).values("order_no")
        settled = Settlement.objects.visible_to(by).values("code")
        mine = Q(number__in=orders) | Q(number__in=payouts) | Q(number__in=settled)
        if OVERSEES_CUSTODY.test(by):
            known = PaymentOrder.objects.values("order_no"), Payout.objects.values("payout_no")
            ours = Settlement.objects.values("code")
            mine |= ~Q(number__in=known[0]) & ~Q(number__in=known[1]) & ~Q(number__in=ours)
        return self.filter(mine)


class CustodianNotice(models.Model):
    """One thing the custodian told us. A repeat is known by the bank's reference, for ever.

    ``booked_fen`` is what it moved on the custody account in our books (negative: out of it), the side that
    reconciliation compares with the bank's entries.
    """

    kind = models.CharField("类型", max_length=20)
    bank_ref = models.CharField("银行流水号", max_length=64)
    number = models.CharField("我方编号", max_length=40)
    amount_fen = models.BigIntegerField("金额")
    received_at = models.DateTimeField("收到时间", auto_now_add=True)
    outcome = models.CharField("处理结果", max_length=60)
    booked_fen = models.BigIntegerField("入账金额", default=0)
    booked_on = models.DateField("入账日", null=True)
    tail = models.CharField("对方尾号", max_length=4, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "存管回调"
        ordering = ["-id"]
        constraints = [
            # By reference first: a statement's entries are looked up by it alone.
            models.UniqueConstraint(fields=["bank_ref", "kind"], name="notice_once"),
            models.CheckConstraint(
                name="notice_booked_on_a_day", condition=Q(booked_fen=0) | Q(booked_on__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["booked_on"], condition=~Q(booked_fen=0), name="notice_booked")]

    def __str__(self) -> str:
        return f"{self.kind} {self.bank_ref}"


class SuspenseQuerySet(LockingQuerySet["SuspenseItem"]):
    """Money in suspense as one asks for it."""

    def visible_to(self, by: Actor) -> SuspenseQuerySet:
        """The money of the officer's own regions, and what matches nothing for those who oversee the account."""
        if by.is_system:
            return self
        mine = Q(order_no__in=PaymentOrder.objects.visible_to(by).values("order_no"))
        if OVERSEES_CUSTODY.test(by):
            mine |= ~Q(order_no__in=PaymentOrder.objects.values("order_no"))
        return self.filter(mine)

    def waiting(self) -> SuspenseQuerySet:
        """What nobody has decided yet."""
        return self.filter(status=SuspenseItem.Status.OPEN)


class SuspenseItem(models.Model):
    """Money that arrived and matches nothing; it waits in suspense until an officer decides.

    ``payer`` is the account the bank named; ``return_no`` numbers the payout that sends the money back.
    """

    class Status(models.TextChoices):
        OPEN = "OPEN", "待查"
        RETURNING = "RETURNING", "退回中"
        RETURNED = "RETURNED", "已退回付款人"
        PLACED = "PLACED", "已归入订单"

    pii_key = models.UUIDField(default=uuid.uuid4, editable=False)
    bank_ref = models.CharField("银行流水号", max_length=64, unique=True)
    order_no = models.CharField("订单号", max_length=40, blank=True)
    amount_fen = models.BigIntegerField("金额")
    reason = models.CharField("原因", max_length=100)
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.OPEN)
    payer_ct = models.TextField(default="")
    payer = PersonalText()
    return_no = models.CharField("退回单号", max_length=16, unique=True, null=True)
    placed_order = models.OneToOneField(
        PaymentOrder, models.PROTECT, null=True, related_name="+", verbose_name="归入的订单"
    )
    decision = models.CharField("处理说明", max_length=300, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="处理人")
    created_at = models.DateTimeField("时间", auto_now_add=True)
    resolved_at = models.DateTimeField("处理时间", null=True)

    objects = SuspenseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待查款项"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="suspense_status_legal", condition=Q(status__in=["OPEN", "RETURNING", "RETURNED", "PLACED"])
            ),
            models.CheckConstraint(
                name="suspense_resolved_at_the_end",
                condition=Q(status__in=["OPEN", "RETURNING"], resolved_at=None)
                | Q(status__in=["RETURNED", "PLACED"], resolved_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.bank_ref


SUSPENSE_LIFECYCLE = Lifecycle(
    "prepaid.SuspenseItem",
    "status",
    {
        "return": Step(("OPEN",), "RETURNING", "prepaid.resolve_suspenseitem", "退回付款人", caution=True),
        "place": Step(("OPEN",), "PLACED", "prepaid.resolve_suspenseitem", "归入订单"),
        "arrive": Step(("RETURNING",), "RETURNED", "prepaid.settle_payout", "退回到账"),
        "bounce": Step(("RETURNING",), "OPEN", "prepaid.settle_payout", "退回失败"),
        "reverse": Step(("OPEN",), "RETURNED", "prepaid.resolve_suspenseitem", "银行已冲正，销账", caution=True),
    },
)

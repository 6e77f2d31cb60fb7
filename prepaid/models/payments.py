"""Money on its way in: orders at the custodian, what the custodian told us, what matched nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from core.identifiers import public_code
from core.locking import LockingQuerySet
from prepaid.models.contracts import Contract

if TYPE_CHECKING:
    from core.actors import Actor


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


class CustodianNotice(models.Model):
    """One thing the custodian told us. A repeat is known by the bank's reference, for ever."""

    kind = models.CharField("类型", max_length=20)
    bank_ref = models.CharField("银行流水号", max_length=64)
    number = models.CharField("我方编号", max_length=40)
    amount_fen = models.BigIntegerField("金额")
    received_at = models.DateTimeField("收到时间", auto_now_add=True)
    outcome = models.CharField("处理结果", max_length=60)

    class Meta:
        verbose_name = verbose_name_plural = "存管回调"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["kind", "bank_ref"], name="notice_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.bank_ref}"


class SuspenseItem(models.Model):
    """Money that arrived and matches nothing; it waits in suspense until an officer decides."""

    bank_ref = models.CharField("银行流水号", max_length=64, unique=True)
    order_no = models.CharField("订单号", max_length=40, blank=True)
    amount_fen = models.BigIntegerField("金额")
    reason = models.CharField("原因", max_length=100)
    created_at = models.DateTimeField("时间", auto_now_add=True)
    resolved_at = models.DateTimeField("处理时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "待查款项"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.bank_ref

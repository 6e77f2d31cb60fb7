"""What the shop is paid: its payout account, each daily settlement, and what it has to give back out of the next."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from core.crypto import PersonalText
from core.identifiers import public_code
from core.lifecycle import Lifecycle, Step
from core.models import User
from merchants.models import Merchant
from prepaid.models.plans import OwnedQuerySet
from prepaid.models.visits import Visit


class PayoutAccountQuerySet(OwnedQuerySet["PayoutAccount"]):
    """Accounts as one asks for them."""

    def of(self, merchant_id: int) -> PayoutAccount | None:
        """The account the shop is paid to now, one that failed included."""
        used = self.filter(merchant=merchant_id, status__in=["IN_USE", "BOUNCED"])
        return used.first()


class PayoutAccount(models.Model):
    """Where a shop is paid: in its own name or its legal representative's. A row never changes its account."""

    class Status(models.TextChoices):
        WAITING = "WAITING", "等待期内"
        IN_USE = "IN_USE", "使用中"
        BOUNCED = "BOUNCED", "银行打不进去"
        REPLACED = "REPLACED", "已更换"
        CANCELLED = "CANCELLED", "已撤回"

    pii_key = models.UUIDField(default=uuid.uuid4, editable=False)
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="payout_accounts", verbose_name="商家")
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.WAITING)
    bank = models.CharField("开户银行", max_length=60)
    last4 = models.CharField("尾号", max_length=4)
    is_own_name = models.BooleanField("与营业执照同名")
    account_ct = models.TextField(default="")
    payee_ct = models.TextField(default="")
    account = PersonalText()
    payee = PersonalText()
    effective_on = models.DateField("生效日")
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    created_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = PayoutAccountQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "收款账户"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant"], condition=Q(status__in=["IN_USE", "BOUNCED"]), name="one_payout_account"
            ),
            models.UniqueConstraint(
                fields=["merchant"], condition=Q(status="WAITING"), name="one_waiting_payout_account"
            ),
            models.CheckConstraint(
                name="payout_account_status_legal",
                condition=Q(status__in=["WAITING", "IN_USE", "BOUNCED", "REPLACED", "CANCELLED"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank} 尾号 {self.last4}"


PAYOUT_ACCOUNT_LIFECYCLE = Lifecycle(
    "prepaid.PayoutAccount",
    "status",
    {
        "start": Step(("WAITING",), "IN_USE", "prepaid.start_payout_account", "等待期满，启用"),
        "cancel": Step(("WAITING",), "CANCELLED", "prepaid.cancel_payout_account", "撤回更换", caution=True),
        "bounce": Step(("IN_USE",), "BOUNCED", "prepaid.settle_payout", "打不进去"),
        "retry": Step(("BOUNCED",), "IN_USE", "prepaid.manage_payout_account", "账户没问题，再打一次"),
        "replace": Step(("IN_USE", "BOUNCED"), "REPLACED", "prepaid.start_payout_account", "被新账户替换"),
    },
)


class SettlementQuerySet(OwnedQuerySet["Settlement"]):
    """Settlements as one asks for them."""

    def on_the_way(self) -> SettlementQuerySet:
        """Those of which the bank has not said what became of them."""
        return self.filter(status__in=["PENDING", "SENT"])


class Settlement(models.Model):
    """One payment of what a shop is owed, ordered on a working day for the releases up to the day before.

    ``carried_fen`` is what the amount holds beside the movements of ``covers_from`` … ``covers_to``: an earlier
    settlement the bank returned (+), or what was given back to customers since (−).
    """

    class Status(models.TextChoices):
        PENDING = "PENDING", "待发送"
        SENT = "SENT", "银行处理中"
        PAID = "PAID", "已到账"
        FAILED = "FAILED", "已退回"

    code = models.CharField("结算单号", max_length=16, unique=True, default=public_code, editable=False)
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="settlements", verbose_name="商家")
    account = models.ForeignKey(PayoutAccount, models.PROTECT, related_name="settlements", verbose_name="收款账户")
    status = models.CharField("状态", max_length=7, choices=Status.choices, default=Status.PENDING)
    amount_fen = models.BigIntegerField("金额")
    covers_from = models.DateField("起", null=True)
    covers_to = models.DateField("止")
    carried_fen = models.BigIntegerField("结转", default=0)
    ordered_on = models.DateField("结算日")
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    finished_at = models.DateTimeField("完成时间", null=True)
    bank_ref = models.CharField("银行流水号", max_length=64, blank=True)
    failure = models.CharField("失败原因", max_length=100, blank=True)

    objects = SettlementQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "结算"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="settlement_positive", condition=Q(amount_fen__gt=0)),
            models.CheckConstraint(name="settlement_span", condition=Q(covers_from__lte=F("covers_to"))),
            models.UniqueConstraint(
                fields=["merchant", "ordered_on"],
                condition=~Q(status="FAILED"),
                name="one_settlement_a_day",
            ),
            models.CheckConstraint(
                name="settlement_status_legal", condition=Q(status__in=["PENDING", "SENT", "PAID", "FAILED"])
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "-id"], name="settlement_of_merchant"),
            models.Index(fields=["id"], condition=Q(status__in=["PENDING", "SENT"]), name="settlement_on_the_way"),
        ]

    def __str__(self) -> str:
        return self.code


SETTLEMENT_LIFECYCLE = Lifecycle(
    "prepaid.Settlement",
    "status",
    {
        "send": Step(("PENDING",), "SENT", "prepaid.order_settlement", "银行受理"),
        "arrive": Step(("PENDING", "SENT"), "PAID", "prepaid.settle_payout", "到账"),
        "bounce": Step(("PENDING", "SENT"), "FAILED", "prepaid.settle_payout", "退回"),
    },
)


class MerchantDebtQuerySet(OwnedQuerySet["MerchantDebt"]):
    """Debts as one asks for them."""

    def open(self) -> MerchantDebtQuerySet:
        """Those that wait for money."""
        return self.filter(settled_on=None)


class MerchantDebt(models.Model):
    """A correction that came after the shop had been paid out: done as soon as the shop has earned that much again.

    Until then so much is kept back from its settlements.
    """

    visit = models.OneToOneField(Visit, models.PROTECT, related_name="debt", verbose_name="消费")
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="debts", verbose_name="商家")
    face_fen = models.BigIntegerField("退回面值", default=0)
    times = models.PositiveIntegerField("退回次数", default=0)
    amount_fen = models.BigIntegerField("要退回")
    reason = models.CharField("原因", max_length=300)
    asked_on = models.DateField("登记日")
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    settled_on = models.DateField("退回日", null=True)

    objects = MerchantDebtQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "从结算里退回"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="merchant_debt_not_negative", condition=Q(amount_fen__gte=0)),
            models.CheckConstraint(
                name="merchant_debt_one_measure", condition=Q(face_fen=0, times__gt=0) | Q(face_fen__gt=0, times=0)
            ),
        ]
        indexes = [
            models.Index(fields=["merchant"], condition=Q(settled_on=None), name="merchant_debt_open"),
        ]

    def __str__(self) -> str:
        return f"{self.visit} {self.amount_fen}"

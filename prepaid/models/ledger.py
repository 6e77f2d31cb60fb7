"""The escrow ledger as Django reads it. Nothing here is written: money moves through ``prepaid.ledger`` only."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce


class AccountKind(models.IntegerChoices):
    """What an account stands for. Numbers are never reused."""

    BANK_CUSTODY = 10, "存管专户"
    CARD_LOCKED = 20, "消费者预付款"
    MERCHANT_PAYABLE = 30, "应付商家"
    MERCHANT_RESERVE = 31, "商家保证金"
    REFUND_CLEARING = 40, "退款在途"
    PAYOUT_CLEARING = 41, "结算在途"
    SUSPENSE = 50, "待查款项"
    FEE = 60, "手续费"


class TransferKind(models.IntegerChoices):
    """Why money moved. Numbers are never reused; 4 (an advance) is reserved and refused by the database."""

    PREPAY = 1, "预付到账"
    RELEASE_VISIT = 2, "到店消费"
    RELEASE_PERIOD = 3, "按期划付"
    REFUND = 5, "退款"
    REFUND_PAID = 6, "退款到账"
    SETTLE = 8, "结算"
    PAYOUT = 9, "结算到账"
    REVERSAL = 10, "冲正"
    SUSPENSE_IN = 11, "待查入账"
    SUSPENSE_OUT = 12, "待查退回"
    SETTLE_RETURNED = 13, "结算退回"


class RefType(models.IntegerChoices):
    """What the ``ref_id`` of a transfer or hold names. Numbers are never reused."""

    LOT = 1, "充值批次"
    VISIT = 2, "到店"
    INSTALMENT = 3, "分期"
    REFUND = 4, "退款"
    SETTLEMENT = 5, "结算"
    CORRECTION = 6, "更正"
    SUSPENSE_ITEM = 7, "待查款项"


class AccountQuerySet(models.QuerySet["LedgerAccount"]):
    """Accounts with what they hold."""

    def with_balance(self) -> Self:
        """Annotate ``balance_fen``: the exact balance, unfolded deltas included, of one moment."""
        deltas = Delta.objects.filter(account_id=OuterRef("pk")).order_by().values("account_id")
        total = Subquery(deltas.annotate(total=Sum("amount_fen")).values("total"))
        return self.annotate(
            balance_fen=F("row_balance_fen") + Coalesce(total, 0, output_field=models.BigIntegerField())
        )


class LedgerAccount(models.Model):
    """One pot of money: a contract's locked money, what a merchant is owed, or a pot of the platform.

    Balance = credits − debits, in fen; all accounts together are always zero.
    """

    class Status(models.IntegerChoices):
        OPEN = 0, "正常"
        FROZEN = 1, "已冻结"

    kind = models.SmallIntegerField("类别", choices=AccountKind)
    owner_id = models.BigIntegerField("所属")
    hot = models.BooleanField("高频账户")
    row_balance_fen = models.BigIntegerField("已并入余额", db_column="balance")
    held_fen = models.BigIntegerField("预占金额", db_column="held")
    seq = models.BigIntegerField("流水序号")
    head = models.BinaryField("链头")
    last_at = models.DateTimeField("最近入账时间")
    created_at = models.DateTimeField("开户时间")
    status = models.SmallIntegerField("状态", choices=Status)

    objects = AccountQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "ledger_account"
        verbose_name = verbose_name_plural = "账户"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.owner_id}"

    @property
    def locked_fen(self) -> int:
        """Everything locked on a card, held and frozen included."""
        return self.row_balance_fen

    @property
    def available_fen(self) -> int:
        """What of a card can be spent now: locked less held."""
        return self.row_balance_fen - self.held_fen

    @property
    def is_frozen(self) -> bool:
        """Whether nothing is paid from this card to its merchant; refunds still run."""
        return self.status == self.Status.FROZEN


class TransferQuerySet(models.QuerySet["Transfer"]):
    """Movements, as statements need them."""

    def of_account(self, account_id: int) -> Self:
        """Every movement of an account, newest first."""
        return self.filter(Q(debit_id=account_id) | Q(credit_id=account_id)).order_by("-posted_at", "-id")

    def signed_for(self, account_id: int) -> Self:
        """The movements of an account with ``signed_fen``: positive into it, negative out of it."""
        signed = Case(When(credit_id=account_id, then=F("amount_fen")), default=Value(0) - F("amount_fen"))
        return self.of_account(account_id).annotate(signed_fen=signed)

    def between(self, first: date, last: date) -> Self:
        """Movements whose business date is in a span of days, both included."""
        return self.filter(biz_date__range=(first, last))


class Transfer(models.Model):
    """One movement of money, for ever: ``amount_fen`` from the debit to the credit account."""

    posted_at = models.DateTimeField("入账时间")
    kind = models.SmallIntegerField("类别", choices=TransferKind)
    debit = models.ForeignKey(LedgerAccount, models.DO_NOTHING, db_column="debit", related_name="debits")
    credit = models.ForeignKey(LedgerAccount, models.DO_NOTHING, db_column="credit", related_name="credits")
    amount_fen = models.BigIntegerField("金额", db_column="amount")
    card_seq = models.BigIntegerField("流水序号")
    card_balance_fen = models.BigIntegerField("卡内余额", null=True, db_column="card_balance")
    ref_type = models.SmallIntegerField("事由", choices=RefType)
    ref_id = models.BigIntegerField("事由编号")
    reverses_id = models.BigIntegerField("冲正原流水", null=True, db_column="reverses")
    actor_kind = models.SmallIntegerField("经办类别")
    actor_id = models.BigIntegerField("经办", null=True)
    biz_date = models.DateField("业务日期")
    hash = models.BinaryField("校验值")

    objects = TransferQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "ledger_transfer"
        verbose_name = verbose_name_plural = "资金流水"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Hold(models.Model):
    """Part of a card set aside for a visit or a dispute, until captured or returned, once."""

    class State(models.IntegerChoices):
        OPEN = 0, "预占中"
        CAPTURED = 1, "已扣"
        VOIDED = 2, "已退回"

    account = models.ForeignKey(LedgerAccount, models.DO_NOTHING, related_name="holds")
    amount_fen = models.BigIntegerField("金额", db_column="amount")
    captured_fen = models.BigIntegerField("实扣金额", null=True, db_column="captured_amount")
    ref_type = models.SmallIntegerField("事由", choices=RefType)
    ref_id = models.BigIntegerField("事由编号")
    state = models.SmallIntegerField("状态", choices=State)
    created_at = models.DateTimeField("预占时间")
    expires_at = models.DateTimeField("到期时间", null=True)
    resolved_at = models.DateTimeField("了结时间", null=True)
    resolved_transfer_id = models.BigIntegerField("流水", null=True)

    class Meta:
        managed = False
        db_table = "ledger_hold"
        verbose_name = verbose_name_plural = "预占"

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.pk}"


class InstalmentQuerySet(models.QuerySet["Instalment"]):
    """Instalments by what is to happen with them."""

    def of_account(self, account_id: int) -> Self:
        """The schedule of a card, in order."""
        return self.filter(account_id=account_id).order_by("no")

    def due(self, on: date) -> Self:
        """Those that a release run of ``on`` would pay."""
        return self.filter(state=Instalment.State.DUE, due_on__lte=on)


class Instalment(models.Model):
    """One period of a term card: on its day the amount goes from the card to the merchant by itself."""

    class State(models.IntegerChoices):
        DUE = 0, "待划付"
        RELEASED = 1, "已划付"
        SUSPENDED = 2, "已暂停"
        EXCEPTION = 3, "余额不足"
        CANCELLED = 4, "已取消"

    OPEN_STATES: ClassVar[tuple[State, ...]] = (State.DUE, State.SUSPENDED)

    pk = models.CompositePrimaryKey("account_id", "no")
    account = models.ForeignKey(LedgerAccount, models.DO_NOTHING, related_name="instalments")
    no = models.IntegerField("期次")
    payee_account = models.ForeignKey(LedgerAccount, models.DO_NOTHING, related_name="+")
    due_on = models.DateField("划付日")
    amount_fen = models.BigIntegerField("金额", db_column="amount")
    state = models.SmallIntegerField("状态", choices=State)
    transfer_id = models.BigIntegerField("流水", null=True)

    objects = InstalmentQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "ledger_instalment"
        verbose_name = verbose_name_plural = "分期划付"

    def __str__(self) -> str:
        return f"第 {self.no} 期 {self.get_state_display()}"


class Delta(models.Model):
    """A movement of a hot account that is not yet folded into its row."""

    pk = models.CompositePrimaryKey("account_id", "transfer_id")
    account_id = models.BigIntegerField("账户")
    amount_fen = models.BigIntegerField("金额", db_column="amount")
    transfer_id = models.BigIntegerField("流水")

    class Meta:
        managed = False
        db_table = "ledger_delta"
        verbose_name = verbose_name_plural = "未并入变动"

    def __str__(self) -> str:
        return f"{self.account_id} {self.amount_fen}"

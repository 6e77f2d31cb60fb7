"""Which money a shop is paid on which day. Read only; one place says the day, for pages and for the payment itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from core.calendar import add_working_days, calendar
from merchants.models import Merchant
from prepaid.models import (
    AccountKind,
    CourtOrder,
    LedgerAccount,
    MerchantDebt,
    PayoutAccount,
    RefundShortfall,
    Settlement,
    Transfer,
    TransferKind,
)

EARNED = (TransferKind.RELEASE_VISIT, TransferKind.RELEASE_PERIOD)


def pay_day(day: date) -> date:
    """The day on which money released on ``day`` reaches the shop: the next working day (T+1)."""
    return add_working_days(day, 1).due


def released_by(on: date) -> date:
    """The last day whose releases are paid on the working day ``on``."""
    return on - timedelta(days=1)


def pays_on(on: date) -> bool:
    """Whether shops are paid on this day at all: working days only."""
    return calendar().is_working(on)


def earned_between(payee: int, first: date | None, last: date | None) -> int:
    """Fen released to a shop on the days from ``first`` to ``last``, less what of those was given back since."""
    rows = Transfer.objects.filter(credit=payee, kind__in=EARNED)
    if first:
        rows = rows.filter(biz_date__gte=first)
    if last:
        rows = rows.filter(biz_date__lte=last)
    earned = rows.aggregate(sum=Sum("amount_fen"))["sum"] or 0
    back = Transfer.objects.filter(debit=payee, kind=TransferKind.REVERSAL, reverses_id__in=rows.values("pk"))
    return earned - (back.aggregate(sum=Sum("amount_fen"))["sum"] or 0)


@dataclass(frozen=True)
class Due:
    """What a shop may be paid on a day, in fen: all it is owed, less what is not due yet, less what it owes back."""

    balance_fen: int
    not_yet_fen: int
    debts_fen: int

    @property
    def amount_fen(self) -> int:
        """The payment; never below nothing."""
        return max(0, self.balance_fen - self.not_yet_fen - self.debts_fen)


def due(merchant_id: int, payee: LedgerAccount | None, on: date) -> Due:
    """What is to be paid on ``on``; ``payee`` comes ``with_balance``."""
    debts = MerchantDebt.objects.open().filter(merchant=merchant_id).aggregate(sum=Sum("amount_fen"))["sum"] or 0
    if payee is None:
        return Due(0, 0, debts)
    return Due(payee.balance_fen, earned_between(payee.pk, on, None), debts)  # type: ignore[attr-defined]


def payee_of(merchant_id: int) -> LedgerAccount | None:
    """The account of what a shop is owed, with its balance of this moment; None before its first release."""
    found = LedgerAccount.objects.filter(kind=AccountKind.MERCHANT_PAYABLE, owner_id=merchant_id)
    return found.with_balance().first()


def movements(settlement: Settlement) -> QuerySet[Transfer]:
    """The releases of the days a settlement covers and what of them was given back, ``signed_fen``, oldest first."""
    payee = LedgerAccount.objects.filter(kind=AccountKind.MERCHANT_PAYABLE, owner_id=settlement.merchant_id)
    earned = Transfer.objects.filter(credit__in=payee, kind__in=EARNED, biz_date__lte=settlement.covers_to)
    if settlement.covers_from:
        earned = earned.filter(biz_date__gte=settlement.covers_from)
    back = Q(
        debit__in=payee,
        kind=TransferKind.REVERSAL,
        reverses_id__in=earned.values("pk"),
        posted_at__lt=settlement.created_at,
    )
    minus = Value(0) - F("amount_fen")
    sign = Case(When(kind=TransferKind.REVERSAL, then=minus), default=F("amount_fen"), output_field=BigIntegerField())
    rows = Transfer.objects.filter(Q(pk__in=earned.values("pk")) | back).annotate(signed_fen=sign)
    return rows.order_by("pk")


def to_pay(on: date, shard: int, shards: int, places: Sequence[str] = ()) -> Iterator[int]:
    """The merchants who are owed anything or have to give something back, in order, for one shard of the job.

    ``places`` cuts to the merchants of those regions: who may be paid on a day off.
    """
    owed = (
        LedgerAccount.objects.filter(kind=AccountKind.MERCHANT_PAYABLE)
        .with_balance()
        .filter(balance_fen__gt=0)  # type: ignore[misc]
        .annotate(part=F("owner_id") % shards)
        .filter(part=shard)
        .order_by("owner_id")
    )
    if places:
        owed = owed.filter(owner_id__in=Merchant.objects.filter(region__in=places).values("pk"))
    yield from owed.values_list("owner_id", flat=True).iterator(chunk_size=2000)


@dataclass
class Position:
    """What stands between a shop and its money, for its page: every amount in fen."""

    account: PayoutAccount | None
    waiting: PayoutAccount | None
    debts: list[MerchantDebt] = field(default_factory=list)
    orders: list[CourtOrder] = field(default_factory=list)
    on_the_way_fen: int = 0
    shortfall_fen: int = 0

    @property
    def debts_fen(self) -> int:
        """What goes back to customers before anything is paid."""
        return sum(debt.amount_fen for debt in self.debts)


def position(merchant_id: int, on: date) -> Position:
    """Account, debts, court orders and what is under way; five queries."""
    accounts = list(
        PayoutAccount.objects.filter(merchant=merchant_id, status__in=["IN_USE", "BOUNCED", "WAITING"]).order_by("pk")
    )
    zero = Coalesce(Sum("amount_fen"), 0, output_field=BigIntegerField())
    return Position(
        account=next((row for row in accounts if row.status != "WAITING"), None),
        waiting=next((row for row in accounts if row.status == "WAITING"), None),
        debts=list(MerchantDebt.objects.open().filter(merchant=merchant_id).select_related("visit").order_by("pk")),
        orders=list(CourtOrder.objects.in_force(on).filter(merchant=merchant_id)),
        on_the_way_fen=Settlement.objects.on_the_way().filter(merchant=merchant_id).aggregate(sum=zero)["sum"],
        shortfall_fen=RefundShortfall.objects.filter(merchant=merchant_id, settled_at=None).aggregate(sum=zero)["sum"],
    )

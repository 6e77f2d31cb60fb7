"""The shop's money: what it is owed, what comes on which day, what is still locked."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum, Value
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from core.calendar import business_date
from merchants.models import Merchant
from merchants.views.desk import Desk, for_shop, page_of, shop_page
from prepaid.models import AccountKind, Contract, Instalment, LedgerAccount, Settlement, Transfer, Visit
from prepaid.settlements import EARNED, pay_day, position

DAYS = 7
RECENT = 5


@dataclass
class PayDay:
    """What comes on one day: confirmed visits, periods that run by then, and what silence may still add."""

    day: date
    visits_fen: int = 0
    visits: int = 0
    periods_fen: int = 0
    periods: int = 0
    maybe_fen: int = 0
    maybe: int = 0

    @property
    def sure_fen(self) -> int:
        """Without anything a customer may still deny."""
        return self.visits_fen + self.periods_fen


@dataclass
class Money:
    """The shop's position in fen."""

    payable_fen: int = 0
    locked_fen: int = 0
    held_fen: int = 0
    frozen_fen: int = 0
    cards: int = 0
    days: list[PayDay] = field(default_factory=list)


def money_of(merchant: Merchant, today: date) -> Money:
    """Everything from the ledger and the visits, in four queries however many cards there are."""
    payable = LedgerAccount.objects.filter(kind=AccountKind.MERCHANT_PAYABLE, owner_id=merchant.pk).with_balance()
    account = payable.first()
    locked = (
        Contract.objects.filter(merchant=merchant, account__row_balance_fen__gt=0)
        .order_by()
        .aggregate(
            locked=Sum("account__row_balance_fen"),
            held=Sum("account__held_fen"),
            frozen=Sum("account__row_balance_fen", filter=Q(account__status=LedgerAccount.Status.FROZEN)),
            cards=Count("pk"),
        )
    )
    return Money(
        payable_fen=account.balance_fen if account else 0,  # type: ignore[attr-defined]
        locked_fen=locked["locked"] or 0,
        held_fen=locked["held"] or 0,
        frozen_fen=locked["frozen"] or 0,
        cards=locked["cards"],
        days=_days(merchant, today, account.pk if account else None),
    )


def _days(merchant: Merchant, today: date, payee: int | None) -> list[PayDay]:
    """The next seven days on which something comes."""
    until = today + timedelta(days=DAYS)
    days: dict[date, PayDay] = {}

    def at(day: date) -> PayDay:
        return days.setdefault(day, PayDay(day))

    visits = Visit.objects.filter(merchant=merchant)
    sure = visits.filter(pay_expected_on__gt=today, pay_expected_on__lte=until)
    silent = visits.filter(status=Visit.Status.REQUESTED, confirm_due_on__lte=until)
    confirmed = _by_day(sure, True, F("pay_expected_on"), F("amount_fen") - F("corrected_fen"))
    for is_sure, day, fen, count in confirmed.union(
        _by_day(silent, False, F("confirm_due_on"), F("hold_fen")), all=True
    ):
        if is_sure:
            at(day).visits_fen, at(day).visits = fen, count
        else:
            row = at(pay_day(day + timedelta(days=1)))
            row.maybe_fen, row.maybe = row.maybe_fen + fen, row.maybe + count
    for due, fen, count in _periods(payee, until):
        row = at(pay_day(max(due, today)))
        row.periods_fen, row.periods = row.periods_fen + fen, row.periods + count
    return [days[day] for day in sorted(days) if today < day <= until]


def _by_day(visits: QuerySet[Visit], is_sure: bool, day: F, fen: Any) -> Any:
    """(is_sure, day, fen, how many) of the visits of each day."""
    named = visits.order_by().annotate(is_sure=Value(is_sure), day=day).values("is_sure", "day")
    return named.annotate(fen=Sum(fen), n=Count("pk")).values_list("is_sure", "day", "fen", "n")


def _periods(payee: int | None, until: date) -> list[tuple[date, int, int]]:
    """(day, fen, how many) of the periods that run by ``until``; those stopped or frozen are not counted."""
    if payee is None:
        return []
    rows = Instalment.objects.filter(payee_account_id=payee, state=Instalment.State.DUE, due_on__lte=until)
    found: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows.order_by().values("due_on").annotate(fen=Sum("amount_fen"), n=Count("no")):
        found[row["due_on"]][0] += row["fen"]
        found[row["due_on"]][1] += row["n"]
    return [(day, fen, count) for day, (fen, count) in found.items()]


@for_shop()
@require_GET
def money(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Owed, coming by day, locked; and every movement on the shop's account."""
    today = business_date()
    account = LedgerAccount.objects.filter(kind=AccountKind.MERCHANT_PAYABLE, owner_id=desk.merchant.pk).first()
    rows: list[Transfer] = []
    before = None
    if account is not None:
        movements = Transfer.objects.signed_for(account.pk)
        rows, before = page_of(movements, request)
    context = {
        "money": money_of(desk.merchant, today),
        "rows": rows,
        "before": before,
        "today": today,
        "earned": EARNED,
        "place": position(desk.merchant.pk, today),
        "settlements": list(
            Settlement.objects.filter(merchant=desk.merchant).select_related("account").order_by("-pk")[:RECENT]
        ),
    }
    return shop_page(request, desk, "prepaid/console/money.html", context)

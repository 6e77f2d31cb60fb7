"""Read-only figures across apps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Avg,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Sum,
)

from core.calendar import business_date
from core.models import Region
from merchants.models import Merchant, Restriction, Store
from prepaid.models import AccountKind, Contract, LedgerAccount, Refund

REFUND_DAYS = 90


@dataclass(frozen=True)
class Overview:
    """The district's figures, as the home page and ``/api/v1/overview`` show them."""

    locked_fen: int
    merchants: int
    refunded_this_month_fen: int
    refunds_this_month: int
    as_of: date


def overview() -> Overview:
    """Straight from the ledger: every fen locked, every merchant on public view."""
    today = business_date()
    refunds = Refund.objects.filter(status=Refund.Status.PAID, paid_on__gte=today.replace(day=1)).aggregate(
        sum=Sum("amount_fen"), count=Count("pk")
    )
    locked = LedgerAccount.objects.filter(kind=AccountKind.CARD_LOCKED).aggregate(sum=Sum("row_balance_fen"))["sum"]
    return Overview(
        locked_fen=locked or 0,
        merchants=Merchant.objects.public().count(),
        refunded_this_month_fen=refunds["sum"] or 0,
        refunds_this_month=refunds["count"],
        as_of=today,
    )


def locked_by(field: str, contracts: QuerySet[Contract]) -> list[dict[str, Any]]:
    """Locked and held money and the number of contracts, by ``merchant__region__name`` or another field."""
    return list(
        contracts.filter(account__row_balance_fen__gt=0)
        .order_by()
        .values(field)
        .annotate(
            locked_fen=Sum("account__row_balance_fen"),
            held_fen=Sum("account__held_fen"),
            contracts=Count("pk"),
        )
        .order_by("-locked_fen")
    )


@dataclass(frozen=True)
class ShopFigures:
    """What the public sees of one shop's money: all of it counted from the ledger and the refunds paid."""

    locked_fen: int = 0
    holders: int = 0
    refunds: int = 0
    refund_days: float | None = None


def find_shops(query: str, region: str, industry: str) -> QuerySet[Merchant]:
    """Merchants on public view whose name, address or number contains ``query``, newest first.

    ``region`` is a code (everything below it counts), ``industry`` a number; an unknown one finds nothing.
    """
    shops = Merchant.objects.public().select_related("industry", "region").prefetch_related("stores")
    if query:
        at_address = Store.objects.filter(
            Q(address__icontains=query) | Q(name__icontains=query), merchant=OuterRef("pk")
        )
        shops = shops.filter(
            Q(brand_name__icontains=query)
            | Q(legal_name__icontains=query)
            | Q(public_code=query.upper())
            | Exists(at_address)
        )
    if region:
        place = Region.objects.filter(pk=region).first()
        shops = shops.filter(region__path__startswith=place.path) if place else shops.none()
    if industry:
        shops = shops.filter(industry=int(industry)) if industry.isdecimal() else shops.none()
    return shops.order_by("-id")


def shop_figures(merchant_ids: Iterable[int]) -> dict[int, ShopFigures]:
    """The figures of several shops in two queries; a shop that never sold a card has zeros."""
    ids = list(merchant_ids)
    running = Q(status__in=[Contract.Status.ACTIVE, Contract.Status.PAUSED]) | Q(account__row_balance_fen__gt=0)
    cards = (
        Contract.objects.filter(merchant__in=ids)
        .order_by()
        .values("merchant")
        .annotate(locked=Sum("account__row_balance_fen"), holders=Count("holder", filter=running, distinct=True))
    )
    took = ExpressionWrapper(F("paid_on") - F("requested_on"), output_field=DurationField())
    since = business_date() - timedelta(days=REFUND_DAYS)
    refunds = (
        Refund.objects.filter(merchant__in=ids, status=Refund.Status.PAID, paid_on__gte=since)
        .order_by()
        .values("merchant")
        .annotate(count=Count("pk"), took=Avg(took))
    )
    paid = {row["merchant"]: (row["count"], row["took"] / timedelta(days=1)) for row in refunds}
    money = {row["merchant"]: (row["locked"] or 0, row["holders"]) for row in cards}
    return {pk: ShopFigures(*money.get(pk, (0, 0)), *paid.get(pk, (0, None))) for pk in ids}


def restricted_lately(count: int = 4) -> list[Restriction]:
    """The latest restrictions in force, for the home page."""
    return list(
        Restriction.objects.filter(lifted_at=None, merchant__status=Merchant.Status.RESTRICTED)
        .select_related("merchant")
        .order_by("-opened_at")[:count]
    )

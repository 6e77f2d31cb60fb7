"""Read-only figures across apps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet, Sum

from core.calendar import business_date
from merchants.models import Merchant
from prepaid.models import AccountKind, Contract, LedgerAccount, Refund


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
        .annotate(locked_fen=Sum("account__row_balance_fen"), held_fen=Sum("account__held_fen"), contracts=Count("pk"))
        .order_by("-locked_fen")
    )

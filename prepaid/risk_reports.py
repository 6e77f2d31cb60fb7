"""What officers read about risk: the score with its reasons, its change, and who sold how much. No writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from core.models import User
from prepaid.models import Lot, RiskScore, RiskWarning

SALE_DAYS = 90


@dataclass(frozen=True)
class SoldBy:
    """What one member of staff sold; without a name where the sale named nobody."""

    name: str
    cards: int
    paid_fen: int
    share: int


def with_scores(rows: QuerySet[RiskWarning]) -> QuerySet[RiskWarning]:
    """Warnings with ``points``, ``change``, ``scored_on`` and ``reasons`` of the newest score, the gravest first."""
    latest = RiskScore.objects.filter(merchant=OuterRef("merchant"), is_latest=True)
    return rows.annotate(
        points=Coalesce(Subquery(latest.values("points")[:1]), 0),
        change=Coalesce(Subquery(latest.annotate(by=F("points") - F("before")).values("by")[:1]), 0),
        scored_on=Subquery(latest.values("on")[:1]),
        reasons=Subquery(latest.values("reasons")[:1]),
    ).order_by("-points", "-id")


def sales_by_staff(merchant_id: int, on: date) -> list[SoldBy]:
    """Who sold how much in the last 90 days, the most first; two queries, the names masked."""
    lots = Lot.objects.filter(contract__merchant=merchant_id, paid_on__gt=on - timedelta(days=SALE_DAYS))
    sums = (
        lots.order_by()
        .values("contract__sold_by")
        .annotate(fen=Sum("paid_fen"), cards=Count("contract", distinct=True))
        .order_by("-fen")
    )
    people = User.objects.in_bulk([row["contract__sold_by"] for row in sums if row["contract__sold_by"]])
    whole = sum(row["fen"] for row in sums) or 1
    return [
        SoldBy(
            str(people[row["contract__sold_by"]]) if row["contract__sold_by"] else "没有记名",
            row["cards"],
            row["fen"],
            row["fen"] * 100 // whole,
        )
        for row in sums
    ]

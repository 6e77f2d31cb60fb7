"""What the public may know of complaints against a shop, measured by how often its cards were used. Reads only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Q, QuerySet, Sum

from complaints.figures import FEW, Frequency
from complaints.models import Cause, Complaint, ComplaintRollup, Disclosure, MaliceFlag, ShopMonth
from complaints.models.figures import first_of, next_month
from core.calendar import DAY, business_date, end_of_day
from core.clocks import local
from merchants.models import Merchant

MONTHS_BACK = 11
FEW_COMPLAINTS = 10


def span_of(today: date) -> tuple[date, date]:
    """The last twelve months, this one with them."""
    back = today.year * 12 + today.month - 1 - MONTHS_BACK
    return date(back // 12, back % 12 + 1, 1), today


def public_ones(merchant: Merchant) -> QuerySet[Disclosure]:
    """The records that stand in public; never one whose complaint is flagged as malicious and not decided, or found so.

    第38条: published after the window for objections; a flag that an officer rejected changes nothing.
    """
    flagged = MaliceFlag.objects.filter(status__in=["RAISED", "UPHELD"]).values("complaint")
    return Disclosure.objects.published().filter(complaint__merchant=merchant).exclude(complaint__in=flagged)


@dataclass(frozen=True)
class PublicRecord:
    """The complaints of a shop that are public, beside its redemptions, over twelve months."""

    merchant: Merchant
    first: date
    last: date
    counted_to: date | None
    frequency: Frequency
    replied: int
    newest: Disclosure | None

    @property
    def is_small(self) -> bool:
        """Too few redemptions to say a rate."""
        return self.frequency.is_small

    @property
    def few(self) -> int:
        """From how many redemptions a rate is said."""
        return FEW

    @property
    def says(self) -> str:
        """In one sentence, plainly where the numbers are small."""
        count, of = self.frequency.count, self.frequency.of
        if not of:
            return f"公示的投诉 {count} 件；还没有核销记录，算不出比例。"
        if self.is_small:
            return f"公示的投诉 {count} 件，核销 {of:,} 次；不到 {FEW} 次，太少，算出的比例不可靠，所以不算。"
        low, high = self.frequency.bounds
        return (
            f"每千次核销 {self.frequency.per_thousand} 件公示的投诉（{count} 件 ÷ {of:,} 次）。"
            f"只看这些次数，真实的比例多半（95%）在 {low} 到 {high} 件之间。"
        )


def record_of(merchant: Merchant, today: date | None = None) -> PublicRecord:
    """The record of one shop. Three queries, none over its visits."""
    first, last = span_of(today or business_date())
    rows = public_ones(merchant).filter(published_on__gte=first, published_on__lte=last)
    counts = rows.aggregate(n=Count("pk"), replied=Count("pk", filter=~Q(merchant_reply="")))
    used = ShopMonth.objects.filter(merchant=merchant, month__gte=first).aggregate(
        n=Sum("redemptions"), until=Max("month__counted_until")
    )
    return PublicRecord(
        merchant=merchant,
        first=first,
        last=last,
        counted_to=local(used["until"]).date() - DAY if used["until"] else None,
        frequency=Frequency(counts["n"], used["n"] or 0),
        replied=counts["replied"],
        newest=rows.order_by("-published_on", "-pk").first(),
    )


@dataclass(frozen=True)
class CauseLine:
    """One cause: how many in each month, and its share beside that of the same trade in the city."""

    label: str
    by_month: list[int]
    count: int
    share: str
    trade_share: str
    more: bool


@dataclass(frozen=True)
class ShopCauses:
    """Why people complain of a shop, by month, against its industry."""

    months: list[date]
    lines: list[CauseLine]
    totals: list[int]
    total: int
    trade: str
    trade_total: int

    @property
    def compares(self) -> bool:
        """Whether the trade has enough complaints that nobody's can be told from them."""
        return bool(self.trade_total)


def causes_of(merchant: Merchant, today: date | None = None) -> ShopCauses:
    """The complaints the shop was told of, by cause and month, beside its trade in the city. Two queries.

    The others of the trade are compared with only where they have ten complaints or more.
    """
    first, last = span_of(today or business_date())
    months = [first]
    while months[-1] < first_of(last):
        months.append(next_month(months[-1]))
    told = Complaint.objects.filter(merchant=merchant, merchant_told_at__isnull=False).exclude(status="MERGED")
    own: Counter[tuple[str, date]] = Counter()
    for cause, at in told.filter(received_at__gte=end_of_day(first - DAY)).values_list("cause", "received_at"):
        own[cause, first_of(local(at).date())] += 1
    city = "/".join(merchant.region.path.split("/")[:2]) + "/"
    rows = ComplaintRollup.objects.filter(
        by=ComplaintRollup.By.BOTH, county__path__startswith=city, industry=merchant.industry_id, month__gte=first
    )
    trade = dict(rows.order_by().values_list("cause").annotate(n=Sum("received")))
    mine: Counter[str] = Counter()
    for (cause, _), n in own.items():
        mine[cause] += n
    others = {cause: max(n - mine[cause], 0) for cause, n in trade.items()}
    others_total = sum(others.values())
    shown = others_total if others_total >= FEW_COMPLAINTS else 0
    total = sum(mine.values())
    lines = [_cause_line(cause, n, total, others.get(cause, 0), shown, own, months) for cause, n in mine.most_common()]
    totals = [sum(own[cause, month] for cause in mine) for month in months]
    return ShopCauses(months, lines, totals, total, merchant.industry.name, shown)


def _cause_line(
    cause: str, n: int, total: int, others: int, shown: int, own: Counter[tuple[str, date]], months: list[date]
) -> CauseLine:
    return CauseLine(
        label=Cause(cause).label,
        by_month=[own[cause, month] for month in months],
        count=n,
        share=f"{n * 100 // total}%",
        trade_share=f"{others * 100 // shown}%" if shown else "",
        more=bool(shown) and n * shown > others * total,
    )

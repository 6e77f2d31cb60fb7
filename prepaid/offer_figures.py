"""What joining is worth to a shop: money by date, and how many who looked at its offers signed. Reads only; fen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, QuerySet, Sum

from core.clocks import cn_date
from merchants.models import Merchant
from prepaid.early_settlement import early_for
from prepaid.models import (
    AccountKind,
    CustodyAccount,
    LedgerAccount,
    Lot,
    OfferView,
    Refund,
    Transfer,
    TransferKind,
)
from prepaid.settlements import EARNED


@dataclass
class Day:
    """One day of a shop."""

    on: date
    views: int = 0
    sold: int = 0
    paid_in_fen: int = 0
    released_fen: int = 0
    refunded_fen: int = 0

    @property
    def is_busy(self) -> bool:
        """Whether anything happened."""
        return any((self.views, self.sold, self.paid_in_fen, self.released_fen, self.refunded_fen))


@dataclass(frozen=True)
class Rate:
    """How many of those who looked bought, between two days."""

    first: date
    last: date
    views: int
    sold: int

    @property
    def percent(self) -> str:
        """``25.0%``, or a dash where nobody looked."""
        return f"{self.sold * 1000 // self.views / 10:.1f}%" if self.views else "—"


@dataclass(frozen=True)
class Figures:
    """The days of a span, newest first, and the rates before and after the badge."""

    days: list[Day]
    badge_on: date | None
    before: Rate | None
    after: Rate
    early: str

    @property
    def total(self) -> Day:
        """The sums of the span."""
        names = ("views", "sold", "paid_in_fen", "released_fen", "refunded_fen")
        return Day(self.after.last, **{name: sum(getattr(day, name) for day in self.days) for name in names})


def figures_of(merchant: Merchant, first: date, last: date) -> Figures:
    """The figures of a shop from ``first`` to ``last``; eight queries, however many cards."""
    days = {first + timedelta(days=n): Day(first + timedelta(days=n)) for n in range((last - first).days + 1)}
    span = (first, last)
    lots = Lot.objects.filter(contract__merchant=merchant, paid_on__range=span).order_by()
    for on, fen in lots.values_list("paid_on").annotate(Sum("paid_fen")):
        days[on].paid_in_fen = fen
    for on, count in _sold(merchant, first, last).values_list("paid_on").annotate(Count("pk")):
        days[on].sold = count
    for on, views in OfferView.objects.filter(merchant=merchant, on__range=span).values_list("on", "views"):
        days[on].views = views
    for on, fen in _earned(merchant, span):
        days[on].released_fen += fen
    paid = Refund.objects.filter(merchant=merchant, status=Refund.Status.PAID, paid_on__range=span).order_by()
    for on, fen in paid.values_list("paid_on").annotate(Sum("amount_fen")):
        days[on].refunded_fen = fen
    opened = CustodyAccount.objects.filter(merchant=merchant).order_by("opened_on").first()
    badge_on = opened.opened_on if opened else None
    newest_first = [days[on] for on in sorted(days, reverse=True)]
    return Figures(newest_first, badge_on, *_rates(merchant, badge_on, last), _early(merchant, last))


def _sold(merchant: Merchant, first: date, last: date) -> QuerySet[Lot]:
    """First payments of contracts; an old card's rest is no sale."""
    rows = Lot.objects.filter(contract__merchant=merchant, no=1, paid_on__range=(first, last))
    return rows.filter(contract__terms__legacy__isnull=True).order_by()


def _earned(merchant: Merchant, span: tuple[date, date]) -> list[tuple[date, int]]:
    """(day, fen) released to the shop, corrections of the day taken off."""
    payee = LedgerAccount.objects.filter(kind=AccountKind.MERCHANT_PAYABLE, owner_id=merchant.pk)
    moved = Transfer.objects.filter(biz_date__range=span).order_by()
    earned = moved.filter(credit__in=payee, kind__in=EARNED).values_list("biz_date").annotate(Sum("amount_fen"))
    back = moved.filter(debit__in=payee, kind=TransferKind.REVERSAL).values_list("biz_date").annotate(Sum("amount_fen"))
    return [*earned, *((on, -fen) for on, fen in back)]


def _rates(merchant: Merchant, badge_on: date | None, last: date) -> tuple[Rate | None, Rate]:
    """Views and sales before the badge and since, as far back as views were counted."""
    begun = OfferView.objects.filter(merchant=merchant).order_by("on").values_list("on", flat=True).first() or last
    split = max(badge_on, begun) if badge_on else begun
    before = _rate(merchant, begun, split - timedelta(days=1)) if badge_on and begun < split else None
    return before, _rate(merchant, split, last)


def _rate(merchant: Merchant, first: date, last: date) -> Rate:
    seen = OfferView.objects.filter(merchant=merchant, on__range=(first, last)).aggregate(sum=Sum("views"))["sum"] or 0
    return Rate(first, last, seen, _sold(merchant, first, last).count())


def _early(merchant: Merchant, on: date) -> str:
    """Locked money is never paid early; whether what was released is paid on days off too, and why not."""
    never = "法律和本地规则没有允许提前支取：顾客没有消费的钱不能先付给商家，确认一次付一次"
    early = early_for(merchant, on)
    if not early.is_offered:
        return f"{never}，下一个工作日到账。本地规则没有开通节假日结算。"
    if early.why:
        return f"{never}，下一个工作日到账。本地规则开通了节假日结算，您还不适用：{'；'.join(early.why)}。"
    paid_on = cn_date(on + timedelta(days=1), on)
    return f"{never}；本地规则开通了节假日结算，您适用：{cn_date(on, on)}划拨的，{paid_on}到账。"

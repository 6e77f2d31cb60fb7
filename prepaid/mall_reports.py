"""What a mall sees of its tenants: locked money, leases, notices and their ninety days. Reads only; fen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, QuerySet, Sum

from core.rule_packs import rule
from merchants.models import LISTED, Mall, MallMeasureCheck, Store
from prepaid.models import ClosingNotice, Contract

NOTICE_RULE = "exit.mall_notice_days"
SOON = timedelta(days=14)


@dataclass
class Tenant:
    """One store in a mall: how much of its customers' money is locked, and how its leaving stands."""

    store: Store
    notice_days: int
    today: date
    cards: int = 0
    locked_fen: int = 0
    notice: ClosingNotice | None = None

    @property
    def notice_by(self) -> date | None:
        """The last day on which leaving at the end of the lease can be announced in time."""
        return self.store.lease_end - timedelta(days=self.notice_days) if self.store.lease_end else None

    @property
    def is_due(self) -> bool:
        """Whether that day is near or past and nothing was announced."""
        return self.notice is None and self.notice_by is not None and self.notice_by <= self.today + SOON


def tenants_of(mall: Mall, on: date) -> list[Tenant]:
    """The open stores that say they are in the mall, those with the nearest lease end first; three queries."""
    stores = Store.objects.filter(mall=mall, is_open=True, merchant__status__in=LISTED)
    return tenants(stores.select_related("merchant", "merchant__industry", "mall"), mall, on)


def tenants(stores: QuerySet[Store], mall: Mall, on: date) -> list[Tenant]:
    """The given stores of a mall with their figures. An unconfirmed one shows none."""
    days = int(rule(NOTICE_RULE, mall.region_id, on).value)
    found = {store.pk: Tenant(store, days, on) for store in stores.order_by("lease_end", "pk")}
    confirmed = [pk for pk, tenant in found.items() if tenant.store.tenant_since]
    live = Contract.objects.filter(store__in=confirmed, status__in=["ACTIVE", "PAUSED"]).order_by()
    for store, cards, fen in live.values_list("store").annotate(Count("pk"), Sum("account__row_balance_fen")):
        found[store].cards, found[store].locked_fen = cards, fen or 0
    _add_notices(found.values())
    return list(found.values())


def _add_notices(rows: Iterable[Tenant]) -> None:
    """The open notice of each store, or of its whole merchant."""
    by_merchant: dict[int, list[Tenant]] = {}
    for row in rows:
        if row.store.tenant_since:
            by_merchant.setdefault(row.store.merchant_id, []).append(row)
    for notice in ClosingNotice.objects.open().filter(merchant__in=by_merchant).select_related("mall"):
        for row in by_merchant[notice.merchant_id]:
            if notice.store_id in (None, row.store.pk) and (notice.status != "DECLARED" or notice.mall_id):
                row.notice = notice


def score_of(measures: Iterable[MallMeasureCheck]) -> tuple[int, int]:
    """How many measures are met, of how many."""
    rows = list(measures)
    return sum(row.status == MallMeasureCheck.Status.MET for row in rows), len(rows)

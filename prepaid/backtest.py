"""Back-test probes for rule packs: who would break a figure on the contracts, refunds and merchants there are.

Each is one set-based query, cut to the region of the pack and to what the officer may see.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, Max, Min, QuerySet, Sum

from core.actors import Actor
from core.pack_probes import Finding, probe
from core.rule_packs import RuleValue
from merchants.models import Merchant
from prepaid.limits import ENTERPRISE, INDIVIDUAL
from prepaid.models import Contract, Filing, Lot, Refund
from prepaid.schedule import Every, nth_date

MOST = 50_000
DAY = timedelta(days=1)
STANDING = (Filing.Status.ACCEPTED, Filing.Status.CHANGED)


def _merchants(rule: RuleValue, path: str, by: Actor) -> QuerySet[Merchant]:
    """Merchants on public view in the pack's region, seen by the officer, that the rule is about."""
    rows = Merchant.objects.visible_to(by).filter(pk__in=Merchant.objects.public().values("pk"))
    if path:
        rows = rows.filter(region__path__startswith=path)
    scope = (rule.conditions or {}).get("scope") or {}
    if "industries" in scope:
        rows = rows.filter(industry__sector__in=scope["industries"])
    if "entity" in scope:
        rows = rows.filter(kind__in=scope["entity"])
    return rows


def _findings(rows: Any, rule: RuleValue, what: str) -> list[Finding]:
    """Rows of a merchant and a figure, with the merchant's names, as findings; the worst first."""
    names = ("merchant", "merchant__brand_name", "merchant__public_code", "figure")
    found = rows.order_by("-figure", "merchant").values_list(*names)[:MOST]
    return [Finding(pk, name, code, int(value), int(rule.value), what) for pk, name, code, value in found]


@probe("cap.named", "cap.enterprise.named")
def big_cards(rule: RuleValue, path: str, on: date, by: Actor) -> list[Finding]:
    """Enterprises with a card that holds more than the cap."""
    merchants = _merchants(rule, path, by).filter(kind=ENTERPRISE)
    cards = Contract.objects.filter(merchant__in=merchants, account__row_balance_fen__gt=int(rule.value)).order_by()
    worst = cards.values("merchant").annotate(figure=Max("account__row_balance_fen"))
    return _findings(worst, rule, "最大一张卡的余额")


@probe("cap.other.named_per_consumer")
def big_consumers(rule: RuleValue, path: str, on: date, by: Actor) -> list[Finding]:
    """Sole traders to whom one consumer has prepaid more than the cap, all cards together."""
    merchants = _merchants(rule, path, by).filter(kind=INDIVIDUAL)
    held = Contract.objects.filter(merchant__in=merchants, account__isnull=False).order_by()
    each = held.values("merchant", "holder").annotate(figure=Sum("account__row_balance_fen"))
    worst: dict[int, Finding] = {}
    for finding in _findings(each.filter(figure__gt=int(rule.value)), rule, "同一位顾客的预付款"):
        worst.setdefault(finding.merchant_id, finding)
    return list(worst.values())


@probe("issue.min_months_since_licence")
def early_sellers(rule: RuleValue, path: str, on: date, by: Actor) -> list[Finding]:
    """Merchants that sold their first card before the waiting time after the licence was over, in days."""
    merchants = _merchants(rule, path, by).filter(licensed_on__isnull=False)
    first = (
        Lot.objects.filter(contract__merchant__in=merchants)
        .order_by()
        .values("contract__merchant")
        .annotate(day=Min("paid_on"))
        .filter(day__lt=F("contract__merchant__licensed_on") + 31 * int(rule.value) * DAY)
        .values_list(
            "contract__merchant", "contract__merchant__brand_name", "contract__merchant__public_code",
            "contract__merchant__licensed_on", "day",
        )
    )  # fmt: skip
    found = []
    for pk, name, code, licensed, day in first[:MOST]:
        assert licensed is not None
        until = nth_date(licensed, int(rule.value), Every.MONTH)
        if day < until:
            waited, asked = (day - licensed).days, (until - licensed).days
            found.append(Finding(pk, name, code, waited, asked, "领照到第一次卖卡的天数"))
    return found


@probe("refund.pay.days")
def slow_refunds(rule: RuleValue, path: str, on: date, by: Actor) -> list[Finding]:
    """Merchants whose slowest refund took longer than the term, in natural days."""
    taken = ExpressionWrapper(F("paid_on") - F("requested_on"), output_field=DurationField())
    merchants = _merchants(rule, path, by)
    paid = Refund.objects.filter(merchant__in=merchants, paid_on__isnull=False).order_by().annotate(taken=taken)
    slow = paid.filter(taken__gt=int(rule.value) * DAY).values("merchant").annotate(figure=Max("taken"))
    names = slow.order_by("-figure").values_list("merchant", "merchant__brand_name", "merchant__public_code", "figure")
    return [
        Finding(pk, name, code, took.days, int(rule.value), "最慢一笔退款用的天数")
        for pk, name, code, took in names[:MOST]
    ]


@probe("filing.threshold.*.balance")
def over_balance(rule: RuleValue, path: str, on: date, by: Actor) -> list[Finding]:
    """Merchants that reach the balance at which they must file, and have not."""
    merchants = _merchants(rule, path, by).exclude(filing__status__in=STANDING)
    held = Contract.objects.filter(merchant__in=merchants, account__isnull=False).order_by()
    each = held.values("merchant").annotate(figure=Sum("account__row_balance_fen"))
    return _findings(each.filter(figure__gte=int(rule.value)), rule, "预收资金余额，还没有备案")


@probe("filing.threshold.*.receipts")
def over_receipts(rule: RuleValue, path: str, on: date, by: Actor) -> list[Finding]:
    """Merchants that collected more than the line and have not filed."""
    merchants = _merchants(rule, path, by).exclude(filing__status__in=STANDING)
    each = (
        Contract.objects.filter(merchant__in=merchants).order_by().values("merchant").annotate(figure=Sum("paid_fen"))
    )
    return _findings(each.filter(figure__gt=int(rule.value)), rule, "预收资金总额，还没有备案")


@probe("filing.threshold.*.cards")
def over_cards(rule: RuleValue, path: str, on: date, by: Actor) -> list[Finding]:
    """Merchants that sold more cards than the line and have not filed."""
    merchants = _merchants(rule, path, by).exclude(filing__status__in=STANDING)
    sold = Contract.objects.filter(merchant__in=merchants, paid_fen__gt=0).order_by()
    each = sold.values("merchant").annotate(figure=Count("pk"))
    return _findings(each.filter(figure__gt=int(rule.value)), rule, "卖过的卡，还没有备案")

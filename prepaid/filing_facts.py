"""The facts of many merchants at once for the filing job, of one for its pages, and the figures of a quarter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q, Sum

from core.rule_packs import RuleValue, every_rule, rules
from prepaid.filing_need import Facts, Need, decide
from prepaid.models import Contract, Lot, Transfer, TransferKind
from prepaid.unlocked import unlocked_sums

# MATERIALIZED: on tables whose statistics lag behind, each sum would be made anew for every merchant.
_FACTS = """
WITH sold AS MATERIALIZED (
    SELECT c.merchant_id, min(l.paid_on) AS first_on, sum(l.paid_fen)::bigint AS receipts, count(DISTINCT c.id) AS cards
      FROM prepaid_contract c JOIN prepaid_lot l ON l.contract_id = c.id
     WHERE c.merchant_id > %(after)s AND c.merchant_id <= %(until)s GROUP BY c.merchant_id
), locked AS MATERIALIZED (
    SELECT c.merchant_id, sum(a.balance)::bigint AS fen
      FROM prepaid_contract c JOIN ledger_account a ON a.id = c.account_id
     WHERE c.merchant_id > %(after)s AND c.merchant_id <= %(until)s GROUP BY c.merchant_id
), unlocked AS MATERIALIZED (
    SELECT merchant_id, sum(fen)::bigint AS fen FROM ({unlocked}) x GROUP BY merchant_id
)
SELECT m.id, m.region_id, i.sector, m.kind, s.first_on, coalesce(l.fen, 0) + coalesce(u.fen, 0),
       coalesce(s.receipts, 0) + coalesce(u.fen, 0), coalesce(s.cards, 0), coalesce(u.fen, 0),
       coalesce(f.issuer_class, ''), f.required_on, f.id, coalesce(f.status, ''), f.due_on
  FROM merchants_merchant m
  JOIN core_industry i ON i.code = m.industry_id
  LEFT JOIN sold s ON s.merchant_id = m.id
  LEFT JOIN locked l ON l.merchant_id = m.id
  LEFT JOIN unlocked u ON u.merchant_id = m.id
  LEFT JOIN prepaid_filing f ON f.merchant_id = m.id
 WHERE m.id > %(after)s AND m.id <= %(until)s AND m.status IN ('ACTIVE', 'RESTRICTED')
 ORDER BY m.id
"""


@dataclass(frozen=True)
class Known:
    """One merchant as the job sees it: its facts, and where its filing stands (no id: there is none yet)."""

    merchant_id: int
    region: str
    facts: Facts
    filing_id: int | None
    status: str
    due_on: date | None


def known_between(after: int, until: int) -> list[Known]:
    """The merchants on public view with ``after < id <= until``; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_FACTS.replace("{unlocked}", unlocked_sums()), {"after": after, "until": until})
        return [_known(row) for row in cursor.fetchall()]


def _known(row: tuple[Any, ...]) -> Known:
    (merchant, region, sector, entity, first_on, balance, receipts, cards, unlocked, issuer, since, filing, status,
     due_on) = row  # fmt: skip
    facts = Facts(sector, entity, first_on, balance, receipts, cards, unlocked, issuer, since)
    return Known(merchant, region, facts, filing, status, due_on)


def known_of(merchant_id: int) -> Known | None:
    """The same for one merchant; None unless it is on public view."""
    return next(iter(known_between(merchant_id - 1, merchant_id)), None)


def need_of(known: Known, on: date) -> Need:
    """What the rules of its place say of a merchant on a day."""
    return need_in(known.region, known.facts, on)


def need_in(region: str, facts: Facts, on: date) -> Need:
    """What the rules of a place say of such a merchant; for the what-if."""
    figures: Mapping[str, RuleValue] = rules(region, on)
    if facts.first_sale_on is None and facts.balance_fen:
        facts = replace(facts, first_sale_on=on)
    return decide(facts, figures, every_rule("filing.exempt_if", region, on), on)


def quarter_start(quarter_end: date) -> date:
    """The first day of the quarter that ends on a day."""
    return date(quarter_end.year, quarter_end.month - 2, 1)


def quarter_figures(merchant_id: int, quarter_end: date) -> dict[str, int]:
    """What moved on a merchant's cards in a quarter, from the ledger, in fen; opening + moves = closing."""
    start = quarter_start(quarter_end)
    cards = Contract.objects.filter(merchant=merchant_id, account__isnull=False).values("account")
    lots = Lot.objects.filter(contract__merchant=merchant_id, paid_on__range=(start, quarter_end))
    moved = _moved(cards, Q(biz_date__range=(start, quarter_end)))
    before = _moved(cards, Q(biz_date__lt=start))
    opening = before["received_fen"] - before["released_fen"] - before["refunded_fen"]
    closing = opening + moved["received_fen"] - moved["released_fen"] - moved["refunded_fen"]
    sold = lots.values("contract").distinct().count()
    return {"opening_fen": opening, **moved, "closing_fen": closing, "cards": sold}


def _moved(cards: Any, when: Q) -> dict[str, int]:
    def total(wanted: Q) -> int:
        return Transfer.objects.filter(when & wanted).aggregate(sum=Sum("amount_fen"))["sum"] or 0

    visits = (TransferKind.RELEASE_VISIT, TransferKind.RELEASE_PERIOD)
    back = total(Q(kind=TransferKind.REVERSAL, credit__in=cards))
    return {
        "received_fen": total(Q(kind=TransferKind.PREPAY, credit__in=cards)),
        "released_fen": total(Q(kind__in=visits, debit__in=cards)) - back,
        "refunded_fen": total(Q(kind=TransferKind.REFUND, debit__in=cards)),
    }

"""The daily check of custody over all merchants: set-based, a few thousand merchants to a transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import F, OuterRef, Subquery

from core.models import Industry
from core.transactions import durably
from prepaid.custody import (
    NEW_FOR,
    CustodyRule,
    Kind,
    custody_rule,
    figures_of,
    jurisdictions,
    last_quarter_end,
)
from prepaid.models import CustodyCheck, CustodyWarning, PrepaidBalance
from prepaid.unlocked import unlocked_sums

CHUNK = 2_000

_CHUNK_END = "SELECT max(id) FROM (SELECT id FROM merchants_merchant WHERE id > %s ORDER BY id LIMIT %s) AS part"
_KINDS = """
SELECT DISTINCT m.region_id, m.industry_id, m.kind, coalesce(f.issuer_class, ''),
       coalesce(m.licensed_on > %(new_since)s, true)
FROM merchants_merchant m LEFT JOIN prepaid_filing f ON f.merchant_id = m.id
WHERE m.id > %(after)s AND m.id <= %(until)s
"""
# A card's balance at the end of the quarter is today's, with what moved since taken back.
_QUARTER_END = """
INSERT INTO prepaid_prepaidbalance (merchant_id, quarter_end, locked_fen, unlocked_fen)
SELECT card.merchant_id, %(quarter)s, sum(card.fen), sum(card.unlocked)
FROM (
    SELECT u.merchant_id, 0::bigint AS fen, u.fen AS unlocked FROM ({unlocked}) u
    WHERE u.merchant_id > %(after)s AND u.merchant_id <= %(until)s
    UNION ALL
    SELECT c.merchant_id, CASE WHEN a.last_at <= %(quarter)s::timestamptz THEN a.balance ELSE a.balance
        - coalesce((SELECT sum(t.amount)::bigint FROM ledger_transfer t WHERE t.credit = a.id
                    AND t.biz_date > %(quarter)s AND t.posted_at > %(quarter)s::timestamptz), 0)
        + coalesce((SELECT sum(t.amount)::bigint FROM ledger_transfer t WHERE t.debit = a.id
                    AND t.biz_date > %(quarter)s AND t.posted_at > %(quarter)s::timestamptz), 0) END AS fen, 0
    FROM prepaid_contract c JOIN ledger_account a ON a.id = c.account_id
    WHERE c.merchant_id > %(after)s AND c.merchant_id <= %(until)s
) card
GROUP BY card.merchant_id HAVING sum(card.fen) + sum(card.unlocked) > 0
ON CONFLICT (quarter_end, merchant_id) DO NOTHING
"""
_CHECK = """
WITH policy AS (
    SELECT * FROM unnest(%(regions)s::text[], %(industries)s::int[], %(kinds)s::text[], %(classes)s::text[],
                         %(new)s::bool[], %(ratios)s::int[], %(over)s::bigint[], %(by_quarter)s::bool[],
                         %(offsets)s::bool[], %(basis)s::text[], %(special_bp)s::int[], %(special_least)s::bigint[],
                         %(special_most)s::bigint[])
        AS p(region_id, industry_id, kind, issuer_class, is_new, ratio_bp, over_fen, by_quarter, offsets, basis,
             special_bp, special_least, special_most)
), parts AS (
    SELECT c.merchant_id, sum(a.balance)::bigint AS locked_fen, 0::bigint AS unlocked_fen, 0::bigint AS custody_fen,
           0::bigint AS guarantee_fen, 0::bigint AS quarter_fen
    FROM prepaid_contract c JOIN ledger_account a ON a.id = c.account_id
    WHERE c.merchant_id > %(after)s AND c.merchant_id <= %(until)s GROUP BY c.merchant_id
    UNION ALL
    SELECT u.merchant_id, 0, u.fen, 0, 0, 0 FROM ({unlocked}) u
    WHERE u.merchant_id > %(after)s AND u.merchant_id <= %(until)s
    UNION ALL
    SELECT a.merchant_id, 0, 0, s.balance_fen, 0, 0 FROM prepaid_custodyaccount a
    CROSS JOIN LATERAL (SELECT balance_fen FROM prepaid_custodystatement s
                        WHERE s.account_id = a.id AND s.on <= %(on)s ORDER BY s.on DESC LIMIT 1) s
    WHERE a.closed_on IS NULL AND a.merchant_id > %(after)s AND a.merchant_id <= %(until)s
    UNION ALL
    SELECT merchant_id, 0, 0, 0, amount_fen, 0 FROM prepaid_guarantee
    WHERE status = 'CONFIRMED' AND %(on)s BETWEEN valid_from AND valid_to
      AND merchant_id > %(after)s AND merchant_id <= %(until)s
    UNION ALL
    SELECT merchant_id, 0, 0, 0, 0, locked_fen + unlocked_fen FROM prepaid_prepaidbalance
    WHERE quarter_end = %(quarter)s AND merchant_id > %(after)s AND merchant_id <= %(until)s
), sums AS (
    SELECT merchant_id, sum(locked_fen)::bigint AS locked_fen, sum(unlocked_fen)::bigint AS unlocked_fen,
           sum(custody_fen)::bigint AS custody_fen, sum(guarantee_fen)::bigint AS guarantee_fen,
           sum(quarter_fen)::bigint AS quarter_fen
    FROM parts GROUP BY merchant_id
), counted AS (
    SELECT m.id, p.*, coalesce(f.quarter_fen, 0) AS quarter_fen, coalesce(f.locked_fen, 0) AS locked_fen,
           coalesce(f.unlocked_fen, 0) AS unlocked_fen, coalesce(f.custody_fen, 0) AS custody_fen,
           CASE WHEN p.offsets THEN coalesce(f.guarantee_fen, 0) ELSE 0 END AS guarantee_fen,
           least(greatest(div(i.revenue_fen::numeric * p.special_bp, 10000)::bigint, p.special_least), p.special_most)
           AS special_fen, i.revenue_fen
    FROM merchants_merchant m
    LEFT JOIN prepaid_filing i ON i.merchant_id = m.id
    JOIN policy p ON p.region_id = m.region_id AND p.industry_id = m.industry_id AND p.kind = m.kind
                 AND p.issuer_class = coalesce(i.issuer_class, '')
                 AND p.is_new = coalesce(m.licensed_on > %(new_since)s, true)
    LEFT JOIN sums f ON f.merchant_id = m.id
    WHERE m.id > %(after)s AND m.id <= %(until)s AND m.status IN ('ACTIVE', 'RESTRICTED')
), required AS (
    SELECT counted.*, locked_fen + unlocked_fen AS obligations_fen,
           CASE WHEN by_quarter THEN quarter_fen ELSE locked_fen + unlocked_fen END AS base_fen
    FROM counted
), asked AS (
    SELECT required.*, CASE WHEN special_bp > 0 AND revenue_fen IS NOT NULL AND base_fen > special_fen THEN base_fen
                            WHEN base_fen > over_fen THEN ceil(base_fen::numeric * ratio_bp / 10000)::bigint
                            ELSE 0 END AS required_fen
    FROM required
)
INSERT INTO prepaid_custodycheck (merchant_id, quarter_end, checked_on, base_fen, obligations_fen, ratio_bp,
                                  required_fen, locked_fen, custody_fen, guarantee_fen, shortfall_fen, basis)
SELECT id, %(quarter)s, %(on)s, base_fen, obligations_fen, ratio_bp, required_fen, locked_fen, custody_fen,
       guarantee_fen, greatest(0, required_fen - locked_fen - custody_fen - guarantee_fen), basis
FROM asked
ON CONFLICT (quarter_end, merchant_id) DO UPDATE
SET checked_on = excluded.checked_on, base_fen = excluded.base_fen, obligations_fen = excluded.obligations_fen,
    ratio_bp = excluded.ratio_bp, required_fen = excluded.required_fen, locked_fen = excluded.locked_fen,
    custody_fen = excluded.custody_fen, guarantee_fen = excluded.guarantee_fen,
    shortfall_fen = excluded.shortfall_fen, basis = excluded.basis
"""
_NO_RULE = CustodyRule(0, 0, True, True, "")
# A quarter's end is written down in its first days; later ones stand as they are.
QUARTER_DAYS = 7


def check_custody(on: date) -> dict[str, Any]:
    """Count for every merchant what its custody must be and what it is, on ``on``; how many, and how many are short.

    Safe to repeat: a row a merchant and quarter, written over. The base of a quarter is kept once it was counted.
    """
    quarter = last_quarter_end(on)
    late = PrepaidBalance.objects.filter(quarter_end=quarter).exists() and (on - quarter).days > QUARTER_DAYS
    checked = 0
    for after, until in _chunks():
        bounds = {"after": after, "until": until, "on": on, "quarter": quarter, "new_since": on - NEW_FOR}
        if not late:
            durably(lambda bounds=bounds: _run(_with_unlocked(_QUARTER_END), bounds))  # type: ignore[misc]
        policies = _policies(bounds)
        checked += durably(lambda bounds=bounds, policies=policies: _run(_with_unlocked(_CHECK), bounds | policies))  # type: ignore[misc]
    durably(lambda: refresh_warnings(quarter))
    return {"checked": checked, "quarter_end": quarter.isoformat()}


def refresh_warnings(quarter: date) -> int:
    """Put today's shortfall into the warnings that stand; how many changed."""
    today = CustodyCheck.objects.filter(merchant=OuterRef("merchant"), quarter_end=quarter, shortfall_fen__gt=0).values(
        "shortfall_fen"
    )
    changed = CustodyWarning.objects.open().annotate(now=Subquery(today)).filter(now__isnull=False)
    return changed.exclude(shortfall_fen=F("now")).update(shortfall_fen=Subquery(today))


def _chunks() -> Iterator[tuple[int, int]]:
    """Spans of merchants by id: the one before the first, and the last."""
    after = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_CHUNK_END, [after, CHUNK])
            until = cursor.fetchone()[0]
            if until is None:
                return
            yield after, until
            after = until


def _run(sql: str, args: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, args)
        return int(cursor.rowcount)


def _with_unlocked(sql: str) -> str:
    return sql.replace("{unlocked}", unlocked_sums())


def _policies(bounds: dict[str, Any]) -> dict[str, list[Any]]:
    """The rule of each kind of merchant in a chunk, as columns."""
    on: date = bounds["on"]
    with connection.cursor() as cursor:
        cursor.execute(_KINDS, bounds)
        kinds = cursor.fetchall()
    places = jurisdictions({row[0] for row in kinds}, on)
    sectors = dict(Industry.objects.values_list("code", "sector"))
    found: list[CustodyRule] = []
    for region, industry, entity, issuer_class, is_new in kinds:
        kind = Kind(places[region], sectors[industry], entity, issuer_class, is_new)
        found.append(custody_rule(kind, figures_of(kind.jurisdiction, on)) or _NO_RULE)
    return {
        "regions": [row[0] for row in kinds],
        "industries": [row[1] for row in kinds],
        "kinds": [row[2] for row in kinds],
        "classes": [row[3] for row in kinds],
        "new": [row[4] for row in kinds],
        "ratios": [rule.ratio_bp for rule in found],
        "over": [rule.over_fen for rule in found],
        "by_quarter": [rule.by_quarter for rule in found],
        "offsets": [rule.offsets for rule in found],
        "basis": [rule.basis for rule in found],
        "special_bp": [rule.special.revenue_bp if rule.special else 0 for rule in found],
        "special_least": [rule.special.least_fen if rule.special else 0 for rule in found],
        "special_most": [rule.special.most_fen if rule.special else 0 for rule in found],
    }

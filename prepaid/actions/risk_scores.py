"""The daily risk scores of all merchants: the facts in one statement, scored in spans, only changes written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from core.actors import Actor
from core.permissions import require
from core.transactions import durably, unhurried
from merchants.models import Merchant
from prepaid.actions import custody, listings
from prepaid.custody import figures_of, jurisdictions, last_quarter_end
from prepaid.models import RiskScore, RiskWarning
from prepaid.risk import EXTRA_SQL, Facts, Scales, scales, score
from prepaid.unlocked import unlocked_sums

CHUNK = 5_000
SCORED = ("ACTIVE", "RESTRICTED", "EXITING")
# The source of the stops that risk causes; what a stop for risk, custody or a listing says is a signal of its own.
SOURCE = "风险监测"
_OWN_SOURCES = [SOURCE, custody.SOURCE, listings.SOURCE]
_COLUMNS = [column.name for column in fields(Facts) if column.name != "on"]

# MATERIALIZED: on tables whose statistics lag behind, each sum would be made anew for every merchant.
_FACTS = """
CREATE TEMP TABLE risk_facts AS
WITH locked AS MATERIALIZED (
    SELECT c.merchant_id, sum(a.balance)::bigint AS fen,
           coalesce(sum(a.balance) FILTER (WHERE c.ends_on > s.lease_end), 0)::bigint AS beyond_fen
    FROM prepaid_contract c JOIN ledger_account a ON a.id = c.account_id JOIN merchants_store s ON s.id = c.store_id
    WHERE a.balance > 0 GROUP BY c.merchant_id
), unlocked AS MATERIALIZED (
    SELECT merchant_id, sum(fen)::bigint AS fen FROM ({unlocked}) u GROUP BY merchant_id
), lots AS (
    SELECT c.merchant_id, l.paid_on, l.paid_fen,
           CASE WHEN l.times_paid > 0 THEN l.paid_fen * l.times_bonus / l.times_paid ELSE l.bonus_fen END AS bonus_fen
    FROM prepaid_lot l JOIN prepaid_contract c ON c.id = l.contract_id WHERE l.paid_on <= %(on)s
), sold AS MATERIALIZED (
    SELECT merchant_id, min(paid_on) AS first_sale_on,
           sum(paid_fen) FILTER (WHERE paid_on > %(d30)s)::bigint AS sold_30,
           sum(paid_fen) FILTER (WHERE paid_on > %(d90)s AND paid_on <= %(d30)s)::bigint AS sold_before,
           sum(bonus_fen) FILTER (WHERE paid_on > %(d30)s)::bigint AS bonus_30,
           sum(bonus_fen) FILTER (WHERE paid_on > %(d90)s AND paid_on <= %(d30)s)::bigint AS bonus_before,
           sum(paid_fen) FILTER (WHERE paid_on > %(d7)s)::bigint AS sold_7,
           sum(paid_fen) FILTER (WHERE paid_on > %(d91)s AND paid_on <= %(d7)s)::bigint AS sold_84,
           sum(paid_fen) FILTER (WHERE paid_on > %(d365)s)::bigint AS sold_365
    FROM lots GROUP BY merchant_id
), moved AS (
    SELECT CASE WHEN kind = 10 THEN credit ELSE debit END AS card, biz_date,
           CASE WHEN kind = 10 THEN -amount ELSE amount END AS fen
    FROM ledger_transfer
    WHERE kind IN (2, 3, 10) AND posted_at > %(d90)s::timestamptz AND biz_date > %(d90)s AND biz_date <= %(on)s
), redeemed AS MATERIALIZED (
    SELECT c.merchant_id, sum(m.fen) FILTER (WHERE m.biz_date > %(d30)s)::bigint AS redeemed_30,
           sum(m.fen) FILTER (WHERE m.biz_date <= %(d30)s)::bigint AS redeemed_before
    FROM moved m JOIN prepaid_contract c ON c.account_id = m.card GROUP BY c.merchant_id
), refunds AS MATERIALIZED (
    SELECT merchant_id, count(*) FILTER (WHERE requested_on > %(d90)s) AS asked,
           count(*) FILTER (WHERE requested_on > %(d90)s AND status = 'DISPUTED') AS refused,
           count(*) FILTER (WHERE status = 'REQUESTED' AND answer_due_on < %(on)s
                            OR status IN ('AGREED', 'PAYING', 'PAYOUT_FAILED') AND pay_due_on < %(on)s) AS late
    FROM prepaid_refund WHERE part_of_id IS NULL AND (requested_on > %(d90)s OR status NOT IN ('PAID', 'WITHDRAWN'))
    GROUP BY merchant_id
), leases AS MATERIALIZED (
    SELECT merchant_id, CASE WHEN bool_and(lease_end IS NOT NULL) THEN max(lease_end) END AS lease_end
    FROM merchants_store WHERE is_open GROUP BY merchant_id
), limits AS MATERIALIZED (
    SELECT merchant_id, count(*) AS n FROM merchants_restriction
    WHERE lifted_at IS NULL AND source <> ALL(%(own_sources)s) GROUP BY merchant_id
), extra AS MATERIALIZED (
    SELECT merchant_id, jsonb_object_agg(code, figure) AS figures FROM ({extra}) e
    WHERE merchant_id IS NOT NULL AND figure <> 0 GROUP BY merchant_id
)
SELECT m.id, m.region_id, (coalesce(l.fen, 0) + coalesce(u.fen, 0))::bigint AS outstanding_fen,
       coalesce(r.redeemed_30, 0) AS redeemed_30, coalesce(r.redeemed_before, 0) AS redeemed_before,
       coalesce(s.sold_30, 0) AS sold_30, coalesce(s.sold_before, 0) AS sold_before,
       coalesce(s.bonus_30, 0) AS bonus_30, coalesce(s.bonus_before, 0) AS bonus_before,
       coalesce(s.sold_7, 0) AS sold_7, coalesce(s.sold_84, 0) AS sold_84, coalesce(s.sold_365, 0) AS sold_365,
       coalesce(f.revenue_fen, 0) AS revenue_fen, s.first_sale_on, coalesce(b.asked, 0) AS refunds_asked,
       coalesce(b.refused, 0) AS refunds_refused, coalesce(b.late, 0) AS refunds_late,
       coalesce(l.beyond_fen, 0) AS beyond_lease_fen, e.lease_end, coalesce(k.required_fen, 0) AS required_fen,
       coalesce(k.shortfall_fen, 0) AS shortfall_fen, coalesce(t.n, 0) AS restrictions,
       coalesce(f.status = 'OVERDUE', false) AS filing_overdue, coalesce(x.figures, '{}'::jsonb) AS extra
FROM merchants_merchant m
LEFT JOIN locked l ON l.merchant_id = m.id
LEFT JOIN unlocked u ON u.merchant_id = m.id
LEFT JOIN sold s ON s.merchant_id = m.id
LEFT JOIN redeemed r ON r.merchant_id = m.id
LEFT JOIN refunds b ON b.merchant_id = m.id
LEFT JOIN leases e ON e.merchant_id = m.id
LEFT JOIN limits t ON t.merchant_id = m.id
LEFT JOIN extra x ON x.merchant_id = m.id
LEFT JOIN prepaid_filing f ON f.merchant_id = m.id
LEFT JOIN prepaid_custodycheck k ON k.merchant_id = m.id AND k.quarter_end = %(quarter)s
WHERE m.status = ANY(%(scored)s)
"""
_SPAN = f"""
SELECT f.id, f.region_id, s.on, s.points, s.level, s.reasons, {", ".join(f"f.{name}" for name in _COLUMNS)}
FROM risk_facts f LEFT JOIN prepaid_riskscore s ON s.merchant_id = f.id AND s.is_latest
WHERE f.id > %s ORDER BY f.id LIMIT {CHUNK}
"""
_INCOMING = """
WITH incoming AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(points)s::int[], %(levels)s::text[], %(reasons)s::text[])
        AS i(merchant_id, points, level, reasons)
)
"""
# The same points, or the same day again: the row that stands is put right.
_REFRESH = """
UPDATE prepaid_riskscore s SET points = i.points, level = i.level, reasons = i.reasons::jsonb FROM incoming i
WHERE s.merchant_id = i.merchant_id AND s.is_latest AND (s.on = %(on)s OR s.points = i.points)
"""
_OLDER = """
UPDATE prepaid_riskscore s SET is_latest = false FROM incoming i
WHERE s.merchant_id = i.merchant_id AND s.is_latest AND s.on < %(on)s AND s.points <> i.points
"""
_INSERT = """
INSERT INTO prepaid_riskscore (merchant_id, "on", points, before, level, reasons, is_latest)
SELECT i.merchant_id, %(on)s, i.points, coalesce(p.points, 0), i.level, i.reasons::jsonb, true
FROM incoming i
LEFT JOIN LATERAL (SELECT points FROM prepaid_riskscore s WHERE s.merchant_id = i.merchant_id AND s.on < %(on)s
                   ORDER BY s.on DESC LIMIT 1) p ON true
WHERE NOT EXISTS (SELECT FROM prepaid_riskscore s WHERE s.merchant_id = i.merchant_id AND s.is_latest)
ON CONFLICT DO NOTHING
"""


def score_merchants(on: date, *, by: Actor) -> dict[str, Any]:
    """Score every merchant that sells or still serves on a day; how many, by level.

    Safe to repeat; a day before the newest score of a merchant changes nothing for it. Opens its own transactions.
    """
    require(by, "prepaid.score_risk")
    levels: Counter[str] = Counter()
    changed = 0
    with unhurried(), _facts(on):
        by_place = _scales(on)
        for rows in _spans():
            due = [found for row in rows if (found := _scored(row, on, by_place[row[1]], levels)) is not None]
            if due:
                durably(lambda due=due: _write(on, due))  # type: ignore[misc]
                changed += len(due)
    return {"scored": sum(levels.values()), "amber": levels["AMBER"], "red": levels["RED"], "changed": changed}


def to_follow() -> QuerySet[Merchant]:
    """The merchants whose place on the watch list is no longer what their score says."""
    latest = RiskScore.objects.filter(merchant=OuterRef("pk"), is_latest=True).values("level")[:1]
    listed = RiskWarning.objects.filter(merchant=OuterRef("pk")).open().values("level")[:1]
    compared = Merchant.objects.annotate(
        now_level=Coalesce(Subquery(latest), Value("GREEN")), listed_level=Subquery(listed)
    )
    missing = Q(now_level__in=["AMBER", "RED"], status__in=SCORED, listed_level=None)
    gone = ~Q(status__in=SCORED)
    differs = Q(listed_level__isnull=False) & (Q(status__in=SCORED) & ~Q(now_level=F("listed_level")) | gone)
    return compared.filter(missing | differs)


@contextmanager
def _facts(on: date) -> Iterator[None]:
    """A temporary table with the facts of every merchant, gone at the end."""

    def back(days: int) -> date:
        return on - timedelta(days=days)

    extra = " UNION ALL ".join(
        f"SELECT '{code}'::text AS code, merchant_id, figure::bigint FROM ({sql}) AS {code} (merchant_id, figure)"
        for code, sql in EXTRA_SQL.items()
    )
    sql = _FACTS.replace("{unlocked}", unlocked_sums()).replace("{extra}", extra)
    args: dict[str, Any] = {
        "on": on, "d7": back(7), "d30": back(30), "d90": back(90), "d91": back(91), "d365": back(365),
        "quarter": last_quarter_end(on), "scored": list(SCORED), "own_sources": _OWN_SOURCES,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS risk_facts")
        cursor.execute(sql, args)
        cursor.execute("ALTER TABLE risk_facts ADD PRIMARY KEY (id)")
        try:
            yield
        finally:
            if not connection.needs_rollback and connection.is_usable():
                cursor.execute("DROP TABLE IF EXISTS risk_facts")


def _scales(on: date) -> dict[str, Scales]:
    """For each region with merchants what its rules say of risk, read once for each jurisdiction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT region_id FROM risk_facts")
        places = jurisdictions({region for (region,) in cursor.fetchall()}, on)
    made = {place: scales(figures_of(place, on)) for place in set(places.values())}
    return {region: made[place] for region, place in places.items()}


def _spans() -> Iterator[list[tuple[Any, ...]]]:
    after = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_SPAN, [after])
            rows = cursor.fetchall()
            if not rows:
                return
            yield rows
            after = rows[-1][0]


def _scored(row: tuple[Any, ...], on: date, by: Scales, levels: Counter[str]) -> tuple[Any, ...] | None:
    """What is to be written for one merchant; None where its score stands as it is."""
    merchant, _, old_on, old_points, old_level, old_reasons, *figures, extra = row
    known: dict[str, Any] = dict(zip(_COLUMNS, (*figures, json.loads(extra)), strict=True))
    found = score(Facts(on, **known), by)
    levels[found.level] += 1
    if (old_on is None and not found.points) or (old_on is not None and old_on > on):
        return None
    reasons = found.as_rows()
    if (found.points, found.level, reasons) == (old_points, old_level, old_reasons and json.loads(old_reasons)):
        return None
    return merchant, found.points, found.level.value, json.dumps(reasons, ensure_ascii=False)


def _write(on: date, due: list[tuple[Any, ...]]) -> None:
    ids, points, levels, reasons = (list(column) for column in zip(*due, strict=True))
    args: dict[str, Any] = {"on": on, "ids": ids, "points": points, "levels": levels, "reasons": reasons}
    with connection.cursor() as cursor:
        for statement in (_REFRESH, _OLDER, _INSERT):
            cursor.execute(_INCOMING + statement, args)

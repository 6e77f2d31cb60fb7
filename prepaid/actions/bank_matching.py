"""Matching in passes, each one statement: the bank's reference, then amount, day and other side; the rest by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import connection

from core.actors import Actor
from core.audit import record_many
from prepaid.models import ReconciliationCase

# First pass, while the entry is written: what is written once needs no second write.
BOOK = """
INSERT INTO prepaid_bankline (file_id, line_no, bank_ref, booked_on, amount_fen, number, tail, nature, state, notice_id)
SELECT %(file)s, s.line_no, s.bank_ref, %(on)s, s.amount_fen, s.number, s.tail, s.nature,
       CASE WHEN n.id IS NULL THEN 'OPEN' WHEN n.booked_fen = s.amount_fen THEN 'BY_REF' ELSE 'DIFFERS' END, n.id
FROM bank_staging s
LEFT JOIN prepaid_custodiannotice n ON n.bank_ref = s.bank_ref AND n.booked_fen <> 0
WHERE s.n BETWEEN %(first)s AND %(last)s ORDER BY s.n
ON CONFLICT DO NOTHING
"""
# The first pass again, for what the bank told us after its file was read.
LATE = """
UPDATE prepaid_bankline l
SET notice_id = n.id, state = CASE WHEN n.booked_fen = l.amount_fen THEN 'BY_REF' ELSE 'DIFFERS' END
FROM prepaid_custodiannotice n
WHERE l.state = 'OPEN' AND n.bank_ref = l.bank_ref AND n.booked_fen <> 0
"""
DIFFERS_NOW = """
UPDATE prepaid_reconciliationcase c SET kind = 'AMOUNT_DIFFERS', difference_fen = l.amount_fen - n.booked_fen
FROM prepaid_bankline l JOIN prepaid_custodiannotice n ON n.id = l.notice_id
WHERE c.line_id = l.id AND l.state = 'DIFFERS' AND c.kind <> 'AMOUNT_DIFFERS' AND c.status <> 'RESOLVED'
"""
# Second pass: one entry and one notice of the day are alone with this key. Two of a kind stay for a person.
DETAILS = """
WITH entry AS (
    SELECT min(l.id) AS id, l.amount_fen, l.{key} AS key, min(l.number) AS number
    FROM prepaid_bankline l
    WHERE l.booked_on = %(on)s AND l.state = 'OPEN' AND l.nature = 'NORMAL' AND l.{key} <> ''
    GROUP BY l.amount_fen, l.{key} HAVING count(*) = 1
), told AS (
    SELECT min(n.id) AS id, n.booked_fen, n.{key} AS key, min(n.number) AS number
    FROM prepaid_custodiannotice n
    WHERE n.booked_on = %(on)s AND n.booked_fen <> 0 AND n.{key} <> ''
      AND NOT EXISTS (SELECT FROM prepaid_bankline b WHERE b.notice_id = n.id)
    GROUP BY n.booked_fen, n.{key} HAVING count(*) = 1
)
UPDATE prepaid_bankline l SET state = 'BY_DETAILS', notice_id = t.id
FROM entry e JOIN told t ON t.booked_fen = e.amount_fen AND t.key = e.key
WHERE l.id = e.id AND (e.number = '' OR t.number = '' OR e.number = t.number)
"""
# What is left becomes a case; the same other side and amount on the same day is for a person to tell apart.
OPEN_CASES = """
INSERT INTO prepaid_reconciliationcase (kind, status, "on", difference_fen, line_id, notice_id, resolution, opened_at)
SELECT CASE WHEN l.state = 'DIFFERS' THEN 'AMOUNT_DIFFERS' WHEN l.nature <> 'NORMAL' THEN l.nature
            WHEN l.tail <> '' AND (l.amount_fen, l.tail) IN (
                SELECT n.booked_fen, n.tail FROM prepaid_custodiannotice n
                WHERE n.booked_on = %(on)s AND n.booked_fen <> 0
                  AND NOT EXISTS (SELECT FROM prepaid_bankline b WHERE b.notice_id = n.id)) THEN 'TWINS'
            ELSE 'MISSING_HERE' END,
       'OPEN', l.booked_on, l.amount_fen - coalesce(n.booked_fen, 0), l.id, NULL, '', now()
FROM prepaid_bankline l LEFT JOIN prepaid_custodiannotice n ON n.id = l.notice_id
WHERE l.booked_on = %(on)s AND l.state IN ('OPEN', 'DIFFERS') ORDER BY l.id
ON CONFLICT DO NOTHING
"""
# Ours that the bank has not booked by the end of the day after.
OPEN_MISSING = """
INSERT INTO prepaid_reconciliationcase (kind, status, "on", difference_fen, line_id, notice_id, resolution, opened_at)
SELECT 'MISSING_AT_BANK', 'OPEN', n.booked_on, -n.booked_fen, NULL, n.id, '', now()
FROM prepaid_custodiannotice n
WHERE n.booked_on BETWEEN %(since)s AND %(until)s AND n.booked_fen <> 0
  AND EXISTS (SELECT FROM prepaid_bankfile f WHERE f."on" = n.booked_on AND f.status = 'BOOKED')
  AND NOT EXISTS (SELECT FROM prepaid_bankline b WHERE b.notice_id = n.id)
ON CONFLICT DO NOTHING
"""
EXPLAINED = """
UPDATE prepaid_reconciliationcase c
SET status = 'RESOLVED', resolved_at = now(), resolution = '后来对上，自动办结'
WHERE c.status <> 'RESOLVED' AND (
    EXISTS (SELECT FROM prepaid_bankline l WHERE l.id = c.line_id AND l.state IN ('BY_REF', 'BY_DETAILS', 'BY_HAND'))
    OR c.line_id IS NULL AND EXISTS (SELECT FROM prepaid_bankline l WHERE l.notice_id = c.notice_id))
RETURNING c.id
"""
LOOK_BACK = timedelta(days=7)


def book_entries(file_id: int, on: date, first: int, last: int) -> None:
    """Keep the staged entries of a span, matched by the bank's reference; repeated, it changes nothing."""
    _run(BOOK, {"file": file_id, "on": on, "first": first, "last": last})


def match_details(on: date) -> None:
    """Second pass over what is left of a day: by our number, then by amount and other side."""
    for key in ("number", "tail"):
        _run(DETAILS.format(key=key), {"on": on})


def match_late() -> None:
    """First pass again over everything that still waits."""
    _run(LATE, {})
    _run(DIFFERS_NOW, {})


def open_cases(on: date) -> int:
    """A case for each entry of a day that is left; how many are new."""
    return _run(OPEN_CASES, {"on": on})


def open_missing(until: date) -> int:
    """A case for each movement of ours that the bank has not booked, up to a day; how many are new.

    Days without a statement cannot be compared and wait for theirs.
    """
    return _run(OPEN_MISSING, {"since": until - LOOK_BACK, "until": until})


def close_explained(*, by: Actor) -> int:
    """Close the cases that a later notice or entry has explained; how many."""
    with connection.cursor() as cursor:
        cursor.execute(EXPLAINED)
        closed = sorted(pk for (pk,) in cursor.fetchall())
    if closed:
        record_many("reconciliation.explain", ReconciliationCase, closed, by=by)
    return len(closed)


def _run(sql: str, args: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, args)
        return int(cursor.rowcount)

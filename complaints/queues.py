"""What waits, the most urgent first: a page of an officer's queue out of a million matters, without counting any.

Each region's part of a box is read from its own index, so that a county costs its streets and never the whole table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from complaints.models import Clock, Complaint, Consultation, ViolationReport
from complaints.models.matters import stands_for
from core.actors import Actor
from core.models.people import WATCHERS

PAGE = 20
COUNTED_AT_MOST = 100
MODELS: Mapping[str, type[Any]] = {"complaint": Complaint, "report": ViolationReport, "consultation": Consultation}
KINDS = {"complaint": "投诉", "report": "举报", "consultation": "咨询信访"}
BOXES = {"mine": "我的", "unassigned": "待分派", "overdue": "逾期", "all": "在办"}
# Matters without a running clock come last: they stand still.
NEVER = "9999"
MINE = """
SELECT m.id, m.next_due_at FROM {table} m JOIN core_region r ON r.code = m.region_id AND r.path LIKE ANY(%(paths)s)
WHERE m.closed_at IS NULL AND m.handler_id = ANY(%(officers)s) AND {where}
ORDER BY m.next_due_at, m.id LIMIT %(limit)s
"""
IN_REGIONS = """
SELECT q.id, q.next_due_at FROM core_region r CROSS JOIN LATERAL (
    SELECT m.id, m.next_due_at FROM {table} m
    WHERE m.region_id = r.code AND m.closed_at IS NULL AND {where}
    ORDER BY m.next_due_at, m.id LIMIT %(limit)s
) q
WHERE r.path LIKE ANY(%(paths)s) ORDER BY q.next_due_at, q.id LIMIT %(limit)s
"""
OF_CLOCK = (
    "EXISTS (SELECT FROM complaints_clock k WHERE k.{field}_id = m.id AND k.state = 'RUNNING' AND k.code = %(code)s)"
)


@dataclass(frozen=True)
class QueuePage:
    """The matters of one page, the clock that ends first on each, and where the next page begins."""

    rows: list[Any]
    clocks: dict[int, Clock]
    next_cursor: str


def queue_page(kind: str, box: str, *, by: Actor, code: str = "", after: str = "", limit: int = PAGE) -> QueuePage:
    """One page of a box, after the cursor of the page before. Four statements at most, however much there is."""
    due, number = _cursor(after)
    found: list[tuple[int, datetime | None]] = []
    if due is not NEVER:
        found = _keys(kind, box, by, code, limit + 1, after=(due, number) if due else None)
    if len(found) <= limit:
        # What stands still comes after everything with a date, in order of its number.
        found += _keys(kind, box, by, code, limit + 1 - len(found), still_after=number if due is NEVER else 0)
    shown = found[:limit]
    model = MODELS[kind]
    rows = model._default_manager.select_related("merchant", "handler", "region").in_bulk([pk for pk, _ in shown])
    next_cursor = ""
    if len(found) > limit:
        pk, due = shown[-1]
        next_cursor = f"{due.isoformat() if due else NEVER}_{pk}"
    return QueuePage([rows[pk] for pk, _ in shown if pk in rows], next_clocks(kind, list(rows)), next_cursor)


def next_clocks(kind: str, pks: Sequence[int]) -> dict[int, Clock]:
    """Of each matter the running clock that ends first, or else one that stands still."""
    field = f"{kind}_id"
    rows = Clock.objects.filter(**{f"{field}__in": pks}, state__in=["RUNNING", "PAUSED"])
    found: dict[int, Clock] = {}
    for clock in rows.order_by("-state", "due_at"):
        found.setdefault(getattr(clock, field), clock)
    return found


def _keys(
    kind: str, box: str, by: Actor, code: str, limit: int, *,
    after: tuple[datetime | str, int] | None = None, still_after: int | None = None,
) -> list[tuple[int, datetime | None]]:  # fmt: skip
    assert by.user is not None
    where = ["m.next_due_at IS NULL AND m.id > %(number)s" if still_after is not None else "m.next_due_at IS NOT NULL"]
    values: dict[str, Any] = {
        "limit": limit,
        "code": code,
        "officers": sorted(stands_for(by)),
        "paths": [f"{path}%" for path in by.user.access.region_paths(*WATCHERS)],
        "number": still_after or 0,
    }
    if box == "unassigned":
        where.append("m.handler_id IS NULL")
    if box == "overdue":
        if still_after is not None:
            return []
        where.append("m.next_due_at < %(now)s")
        values["now"] = timezone.now()
    if after is not None:
        where.append("(m.next_due_at, m.id) > (%(due)s, %(number)s)")
        values |= {"due": after[0], "number": after[1]}
    if kind == "complaint" and box == "unassigned":
        where.append("m.status <> 'ODR_PENDING'")
    if code:
        where.append(OF_CLOCK.format(field=kind))
    sql = MINE if box == "mine" else IN_REGIONS
    text = sql.format(table=MODELS[kind]._meta.db_table, where=" AND ".join(where))
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return list(cursor.fetchall())


def _cursor(text: str) -> tuple[datetime | str | None, int]:
    """What a cursor says: the due date and number of the last row, or that the rest stands still.

    A damaged one begins at the start.
    """
    due, _, number = text.rpartition("_")
    try:
        moment = NEVER if due == NEVER else datetime.fromisoformat(due)
        whole = isinstance(moment, str) or moment.tzinfo is not None
        return (moment, int(number)) if whole and 0 <= int(number) < 2**63 else (None, 0)
    except ValueError:
        return None, 0

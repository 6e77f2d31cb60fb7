"""How often the pages of units are opened: collected in the process, written now and then, nothing of the reader."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date
from threading import Lock

from django.db import connection

from core.calendar import business_date

MOST_WAITING, SECONDS = 50, 10.0
_ADD = """
INSERT INTO unit_view_count (unit_id, on_day, n) SELECT * FROM unnest(%s::bigint[], %s::date[], %s::int[])
ON CONFLICT (unit_id, on_day) DO UPDATE SET n = unit_view_count.n + excluded.n
"""
_lock = Lock()
_waiting: Counter[tuple[int, date]] = Counter()
_written = time.monotonic()


def count_view(unit_id: int, on: date | None = None) -> None:
    """Count one look at a unit's page. A process that is killed forgets the last ten seconds, no more."""
    with _lock:
        _waiting[unit_id, on or business_date()] += 1
        due = sum(_waiting.values()) >= MOST_WAITING or time.monotonic() - _written > SECONDS
    if due:
        write_views()


def write_views() -> int:
    """Write what is waiting in one statement, in the order of the units, so that two processes never block in a
    circle; how many looks."""
    global _written
    with _lock:
        rows = sorted((unit_id, on, n) for (unit_id, on), n in _waiting.items())
        _waiting.clear()
        _written = time.monotonic()
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [list(column) for column in zip(*rows, strict=True)])
    return sum(n for _, _, n in rows)

"""How often something may be tried. Counted in PostgreSQL, so that all processes count together."""

from __future__ import annotations

import random
import time

from django.db import connection

from core.errors import TooMany

_COUNT = """
INSERT INTO core_throttle (key, slot, hits) VALUES (%s, %s, 1)
ON CONFLICT (key, slot) DO UPDATE SET hits = core_throttle.hits + 1 RETURNING hits
"""
KEPT_SLOTS = 5


def count(key: str, per_minute: int) -> None:
    """Count one call of ``key`` in this minute. Raises TooMany past ``per_minute``; 0 means no limit."""
    if not per_minute:
        return
    now = time.time()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [key[:80], int(now // 60)])
        hits = cursor.fetchone()[0]
        if random.random() < 0.01:
            cursor.execute("DELETE FROM core_throttle WHERE slot < %s", [int(now // 60) - KEPT_SLOTS])
    if hits > per_minute:
        raise TooMany(retry_after=60 - int(now % 60))

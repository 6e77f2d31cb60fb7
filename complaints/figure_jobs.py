"""The daily job of the figures. The actions decide."""

from __future__ import annotations

from datetime import date
from typing import Any

from complaints import actions as complaints
from core.actors import SYSTEM
from core.jobs import job
from core.transactions import durably


@job("complaints.figures", "投诉举报统计", at="02:30")
def figures(on: date, shard: int) -> dict[str, Any]:
    """Count the open months again, then close those that ended long enough ago."""
    done = durably(lambda: complaints.count_figures(on, by=SYSTEM))
    closed = durably(lambda: complaints.close_old_months(on, by=SYSTEM))
    return {**done, "closed": [f"{month:%Y-%m}" for month in closed]}

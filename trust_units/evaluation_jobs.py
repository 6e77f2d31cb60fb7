"""The yearly post-evaluation, the nightly count of coverage, the no-disturb list, open data."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.actors import SYSTEM
from core.jobs import job
from core.transactions import durably
from trust_units.actions.coverage import count_coverage
from trust_units.actions.evaluations import evaluate_year
from trust_units.actions.no_disturb import suspend_disturbed
from trust_units.actions.open_data import publish_open_data

MONTH, DAY = 12, 1


@job("trust_units.post_evaluation", "年度后评价", at="06:30")
def post_evaluation(on: date, shard: int) -> dict[str, Any]:
    """On the first of December: evaluate every unit for the year; officers have a month until the marks expire."""
    if (on.month, on.day) != (MONTH, DAY):
        return {"evaluated": 0}
    return {"evaluated": evaluate_year(on.year, by=SYSTEM, on=on)}


@job("trust_units.coverage", "覆盖率统计", at="03:20")
def coverage(on: date, shard: int) -> dict[str, Any]:
    """Count units, businesses, checks and removals by county for the board and its public figures."""
    return {"counties": durably(lambda: count_coverage(by=SYSTEM, on=on))}


@job("trust_units.no_disturb", "无事不扰名单核对", at="22:30")
def no_disturb(on: date, shard: int) -> dict[str, Any]:
    """Suspend whom a complaint or a penalty met, end what is out of time; tomorrow's list is published after it."""
    return suspend_disturbed(by=SYSTEM, on=on)


@job("trust_units.open_data", "开放数据", at="06:50")
def open_data(on: date, shard: int) -> dict[str, Any]:
    """Write the public files of units and removals, after the removals of the morning."""
    return publish_open_data(by=SYSTEM)

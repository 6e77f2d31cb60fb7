"""How long the law gives: from a limit and the day it starts to the instant it ends, and why.

Pure: limits come from the rule packs (core.rule_packs), days from the calendar that is handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from core.calendar import DAY, Calendar, Deadline, Pause, Roll, add_natural_days, add_working_days
from core.clocks import CHINA

DAY_UNITS = ("working_day", "natural_day")
PAUSED = "期限中止"


@dataclass(frozen=True)
class Limit:
    """One limit as a rule pack gives it: ``amount`` of ``unit`` (working_day, natural_day, hour)."""

    amount: int
    unit: str
    basis: str
    pack_id: str
    extend: int = 0
    roll: Roll = "none"


def limit_of(rule: Any, counting: Mapping[str, Any]) -> Limit:
    """The limit that a rule value states. ``counting`` is the pack's rule on how periods end (令121第45条)."""
    return Limit(
        int(rule.value),
        rule.unit,
        rule.basis,
        rule.pack_id,
        int((rule.conditions or {}).get("extend", 0)),
        counting.get("roll_last_day", "none") if rule.unit == "natural_day" else "none",
    )


def count(
    limit: Limit, start: date, calendar: Calendar, *, pauses: Iterable[Pause] = (), extended: bool = False
) -> Deadline:
    """Count a limit in days; the start day does not count, paused days do not either.

    An extension is added to the same count, so that the second half skips its own holidays too.
    Only pauses that stopped the count matter: after the start day, and begun before it ran out.
    Raises ValueError for a limit in hours, which has no days to count.
    """
    if limit.unit not in DAY_UNITS:
        raise ValueError(f"a limit in {limit.unit} is not counted in days")
    amount = limit.amount + (limit.extend if extended else 0)
    paused = _in_order(pauses, start)
    if limit.unit == "working_day":
        if off := {day: (False, PAUSED) for begin, end in paused for day in _days(begin, end)}:
            calendar = replace(calendar, special={**calendar.special, **off})
        return add_working_days(start, amount, using=calendar)
    within, last = [], start + timedelta(days=amount)
    for begin, end in paused:
        if begin <= last:
            within.append((begin, end))
            last += end - begin
    deadline = add_natural_days(start, amount, roll=limit.roll, pauses=within, using=calendar)
    off_days = {day for begin, end in within for day in _days(begin, end)}
    return replace(
        deadline,
        counted=tuple(day for day in deadline.counted if day not in off_days),
        skipped=(*((day, PAUSED) for day in sorted(off_days)), *deadline.skipped),
    )


def _in_order(pauses: Iterable[Pause], start: date) -> list[Pause]:
    """The pauses after the start day, [from, to), each day once."""
    found, reached = [], start + DAY
    for begin, end in sorted(pauses):
        begin = max(begin, reached)
        if begin < end:
            found.append((begin, end))
            reached = end
    return found


def _days(begin: date, end: date) -> Iterator[date]:
    return (begin + timedelta(days=n) for n in range((end - begin).days))


def ends_at(limit: Limit, started_at: datetime, deadline: Deadline | None) -> datetime:
    """The instant it is over: hours run on the clock, days end at 24:00 in Shanghai."""
    if deadline is None:
        return started_at + timedelta(hours=limit.amount)
    return deadline.ends_at


def start_day(started_at: datetime) -> date:
    """The day a limit starts on, as read in China."""
    return started_at.astimezone(CHINA).date()

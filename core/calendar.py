"""Working days, statutory holidays and the deadlines counted with them, in Asia/Shanghai."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from chinese_calendar import constants
from django.db import connection

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
HOLIDAY_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}

Roll = Literal["none", "statutory_holiday", "any_day_off"]
Pause = tuple[date, date]


@dataclass(frozen=True)
class Calendar:
    """The State Council's days off; past the last published year, Monday to Friday except 1 January.

    ``special`` holds only the days that differ from a plain week, as (is it worked, name of the holiday).
    """

    special: Mapping[date, tuple[bool, str]]
    published_until: date

    def is_working(self, day: date) -> bool:
        """Is ``day`` worked: a weekday that is not taken off, or a weekend day worked in exchange?"""
        if day in self.special:
            return self.special[day][0]
        return day.weekday() < 5 and not self._assumed_new_year(day)

    def holiday(self, day: date) -> str:
        """The Chinese name of the holiday under which ``day`` is off, or an empty string."""
        working, name = self.special.get(day, (True, ""))
        if self._assumed_new_year(day):
            return "元旦"
        return "" if working else name

    def reason_off(self, day: date) -> str:
        """Why ``day`` is not counted, in words for the explanation of a due date."""
        return self.holiday(day) or "休息日"

    def _assumed_new_year(self, day: date) -> bool:
        return day > self.published_until and (day.month, day.day) == (1, 1)


def published_calendar() -> Calendar:
    """The calendar of the chinesecalendar package (2004 on): fills the table."""
    special = {day: (False, HOLIDAY_NAMES[name]) for day, name in constants.holidays.items()}
    special |= {day: (True, HOLIDAY_NAMES[name]) for day, name in constants.workdays.items()}
    return Calendar(special, date(max(special).year, 12, 31))


_loaded: Calendar | None = None


def calendar() -> Calendar:
    """The calendar of this process, read from the table once; an empty table is read again each time."""
    global _loaded
    if _loaded is None:
        fresh = _read_table()
        if fresh.published_until == date.min:
            return fresh
        _loaded = fresh
    return _loaded


def forget_calendar() -> None:
    """Read the table again at the next question; called after the reference data was loaded."""
    global _loaded
    _loaded = None


def _read_table() -> Calendar:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(day) FROM core_calendarday WHERE published")
        (until,) = cursor.fetchone()
        cursor.execute(
            "SELECT day, is_working, holiday FROM core_calendarday"
            " WHERE published AND (holiday <> '' OR is_working <> (extract(isodow FROM day) < 6))"
        )
        special = {day: (working, holiday) for day, working, holiday in cursor.fetchall()}
    return Calendar(special, until or date.min)


def business_date() -> date:
    """Today in Shanghai by the clock of the database, the only clock money goes by."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date")
        today: date = cursor.fetchone()[0]
    return today


def end_of_day(day: date) -> datetime:
    """24:00 in Shanghai on ``day``, the last instant at which a thing due that day is on time."""
    return datetime.combine(day + DAY, time(), SHANGHAI)


@dataclass(frozen=True)
class Deadline:
    """A due date and how it was counted. ``provisional``: the holidays of its year are not published yet."""

    start: date
    days: int
    working: bool
    due: date
    provisional: bool
    counted: tuple[date, ...]
    skipped: tuple[tuple[date, str], ...] = ()
    paused_days: int = 0
    rolled_from: date | None = None

    @property
    def ends_at(self) -> datetime:
        """The instant the deadline passes: 24:00 in Shanghai on the due day."""
        return end_of_day(self.due)

    def explain(self) -> str:
        """The counting in words a complainant can check with a wall calendar."""
        unit = "个工作日" if self.working else "日"
        parts = [f"自{_cn(self.start)}起算（当日不计），共{self.days}{unit}"]
        if self.paused_days:
            parts.append(f"加上暂停的{self.paused_days}日")
        if self.rolled_from:
            parts.append(f"最后一日{_cn(self.rolled_from)}放假，顺延")
        if self.skipped:
            parts.append("跳过" + "、".join(_span(*span) for span in _spans(self.skipped)))
        swapped = [_cn(day) for day in self.counted if self.working and day.weekday() > 4]
        if swapped:
            parts.append("、".join(swapped) + "调休上班，计入")
        parts.append(f"{_cn(self.due)}24:00前到期")
        text = "；".join(parts) + "。"
        if self.provisional:
            text += f"{self.due.year}年放假安排尚未公布，暂按周一至周五上班、元旦放假计算，公布后重新核定。"
        return text


def add_working_days(start: date, days: int, *, using: Calendar | None = None) -> Deadline:
    """The end of ``days`` working days; the start day does not count.

    Raises ValueError for a negative count.
    """
    if days < 0:
        raise ValueError("days must not be negative")
    cal = using or calendar()
    counted: list[date] = []
    skipped: list[tuple[date, str]] = []
    day = start
    while len(counted) < days:
        day += DAY
        if cal.is_working(day):
            counted.append(day)
        else:
            skipped.append((day, cal.reason_off(day)))
    return Deadline(start, days, True, day, day > cal.published_until, tuple(counted), tuple(skipped))


def add_natural_days(
    start: date,
    days: int,
    *,
    roll: Roll = "none",
    pauses: Iterable[Pause] = (),
    using: Calendar | None = None,
) -> Deadline:
    """The end of ``days`` calendar days (start day not counted), later by the days the clock was paused.

    A last day off moves on: only off a statutory holiday (总局令121号第45条), or off any day off.
    Raises ValueError for a negative count or an unknown ``roll``.
    """
    if days < 0:
        raise ValueError("days must not be negative")
    cal = using or calendar()
    paused = _length(pauses)
    last = start + timedelta(days=days + paused)
    counted = tuple(start + timedelta(days=n) for n in range(1, days + paused + 1))
    due, skipped = last, []
    while _rolls(due, roll, cal):
        skipped.append((due, cal.reason_off(due)))
        due += DAY
    rolled_from = last if due != last else None
    provisional = due > cal.published_until
    return Deadline(start, days, False, due, provisional, counted, tuple(skipped), paused, rolled_from)


def working_days_between(start: date, end: date, *, using: Calendar | None = None) -> int:
    """Working days after ``start`` up to and including ``end``; negative when ``end`` is earlier."""
    if end < start:
        return -working_days_between(end, start, using=using)
    cal = using or calendar()
    return sum(cal.is_working(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


def _rolls(day: date, roll: Roll, cal: Calendar) -> bool:
    match roll:
        case "none":
            return False
        case "statutory_holiday":
            return bool(cal.holiday(day))
        case "any_day_off":
            return not cal.is_working(day)
    raise ValueError(f"unknown roll: {roll}")


def _length(pauses: Iterable[Pause]) -> int:
    """Days covered by the pauses, [from, to); a day inside two pauses stops the clock once."""
    total, reached = 0, date.min
    for begin, end in sorted(pauses):
        total += max(0, (end - max(begin, reached)).days)
        reached = max(reached, end)
    return total


def _spans(days: Sequence[tuple[date, str]]) -> list[tuple[date, date, str]]:
    """Neighbouring days off for the same reason, joined."""
    spans: list[tuple[date, date, str]] = []
    for day, why in days:
        if spans and spans[-1][2] == why and spans[-1][1] + DAY == day:
            spans[-1] = (spans[-1][0], day, why)
        else:
            spans.append((day, day, why))
    return spans


def _span(first: date, last: date, why: str) -> str:
    return f"{_cn(first)}（{why}）" if first == last else f"{_cn(first)}至{_cn(last)}（{why}）"


def _cn(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"

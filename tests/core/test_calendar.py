"""Deadlines as the law counts them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import (
    Calendar,
    Deadline,
    add_natural_days,
    add_working_days,
    end_of_day,
    published_calendar,
    working_days_between,
)

CALENDAR = published_calendar()
EMPTY = Calendar({}, date.min)
days = st.dates(date(2004, 1, 1), date(2030, 12, 31))


def working(start: date, count: int) -> Deadline:
    return add_working_days(start, count, using=CALENDAR)


def test_a_make_up_saturday_is_worked_and_a_holiday_is_not() -> None:
    assert CALENDAR.is_working(date(2026, 10, 10))
    assert not CALENDAR.is_working(date(2026, 10, 1))
    assert CALENDAR.holiday(date(2026, 10, 1)) == "国庆节"
    assert CALENDAR.holiday(date(2026, 10, 10)) == ""
    assert CALENDAR.reason_off(date(2026, 10, 11)) == "休息日"


def test_an_explanation_names_what_was_skipped() -> None:
    deadline = working(date(2026, 9, 24), 7)
    assert deadline.due == date(2026, 10, 12)
    text = deadline.explain()
    assert "共7个工作日" in text
    assert "2026年10月1日至2026年10月7日（国庆节）" in text
    assert "2026年10月10日调休上班" in text
    assert "尚未公布" not in text


def test_an_unpublished_year_is_counted_provisionally() -> None:
    deadline = working(date(2026, 12, 25), 7)
    assert (deadline.due, deadline.provisional) == (date(2027, 1, 6), True)
    assert "2027年放假安排尚未公布" in deadline.explain()
    rolled = add_natural_days(date(2026, 12, 25), 7, roll="statutory_holiday", using=CALENDAR)
    assert (rolled.due, rolled.rolled_from) == (date(2027, 1, 2), date(2027, 1, 1))


def test_without_any_notice_everything_is_provisional() -> None:
    assert add_working_days(date(2026, 10, 1), 1, using=EMPTY).due == date(2026, 10, 2)
    assert add_working_days(date(2026, 10, 1), 1, using=EMPTY).provisional


def test_pauses_that_overlap_stop_the_clock_once() -> None:
    pauses = [(date(2026, 5, 6), date(2026, 5, 18)), (date(2026, 5, 10), date(2026, 5, 20))]
    deadline = add_natural_days(date(2026, 4, 16), 60, pauses=pauses, using=CALENDAR)
    assert (deadline.due, deadline.paused_days) == (date(2026, 6, 29), 14)
    assert "加上暂停的14日" in deadline.explain()


def test_no_days_end_on_the_start_day() -> None:
    assert working(date(2026, 10, 1), 0).due == date(2026, 10, 1)
    assert add_natural_days(date(2026, 10, 1), 0, using=CALENDAR).due == date(2026, 10, 1)


def test_a_negative_count_and_an_unknown_roll_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        working(date(2026, 1, 1), -1)
    with pytest.raises(ValueError, match="negative"):
        add_natural_days(date(2026, 1, 1), -1, using=CALENDAR)
    with pytest.raises(ValueError, match="roll"):
        add_natural_days(date(2026, 1, 1), 1, roll="sometimes", using=CALENDAR)  # type: ignore[arg-type]


def test_a_day_ends_at_midnight_in_shanghai() -> None:
    assert end_of_day(date(2026, 10, 12)) == datetime(2026, 10, 12, 16, tzinfo=UTC)
    assert working(date(2026, 9, 24), 7).ends_at == end_of_day(date(2026, 10, 12))


@given(days, st.integers(0, 120))
def test_working_days_counted_forth_are_counted_back(start: date, count: int) -> None:
    due = working(start, count).due
    assert working_days_between(start, due, using=CALENDAR) == count
    assert working_days_between(due, start, using=CALENDAR) == -count


@given(days, st.integers(1, 120))
def test_every_day_up_to_the_due_day_is_counted_or_skipped(start: date, count: int) -> None:
    deadline = working(start, count)
    seen = sorted([*deadline.counted, *(day for day, _ in deadline.skipped)])
    assert seen == [start + timedelta(days=n) for n in range(1, (deadline.due - start).days + 1)]
    assert CALENDAR.is_working(deadline.due)


@given(days, st.integers(0, 120))
def test_rolling_is_never_shorter_and_ends_on_an_allowed_day(start: date, count: int) -> None:
    plain = add_natural_days(start, count, using=CALENDAR).due
    holiday = add_natural_days(start, count, roll="statutory_holiday", using=CALENDAR).due
    off = add_natural_days(start, count, roll="any_day_off", using=CALENDAR).due
    assert plain <= holiday <= off
    assert not CALENDAR.holiday(holiday)
    assert CALENDAR.is_working(off)

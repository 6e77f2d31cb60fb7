"""Limits of law counted by hand around National Day 2026, Spring Festival 2026 and New Year 2027."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.deadlines import PAUSED, Limit, count, ends_at, limit_of, start_day
from core.calendar import Calendar, published_calendar
from core.clocks import CHINA, why
from core.rule_packs import NATION, resolve, shipped_packs
from portal.management.commands.check_vectors import differences

CALENDAR = published_calendar()


def limit(key: str, received_on: date) -> Limit:
    """As the shipped packs give it for a day of receipt."""
    found = resolve(shipped_packs(), NATION, received_on)
    counting = found.get("counting")
    return limit_of(found[key], counting.value if counting else {})


def due(key: str, received: str, start: str = "", **more: Any) -> str:
    received_on = date.fromisoformat(received)
    start_on = date.fromisoformat(start or received)
    return count(limit(key, received_on), start_on, CALENDAR, **more).due.isoformat()


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("key", "received", "start", "expected"),
    [
        # National Day 2026: off 10-01 … 10-07, Sunday 09-20 and Saturday 10-10 are worked; mid-autumn 09-25 … 09-27.
        ("accept", "2026-09-18", "", "2026-09-29"),  # 20, 21, 22, 23, 24, 28, 29
        ("accept", "2026-09-30", "", "2026-10-15"),  # 8, 9, 10, 12, 13, 14, 15
        ("accept", "2026-10-01", "", "2026-10-15"),  # received on the holiday: the same days
        ("accept", "2026-10-07", "", "2026-10-15"),
        ("assign", "2026-09-30", "", "2026-10-08"),
        ("verify", "2026-09-24", "", "2026-10-22"),
        ("odr", "2026-09-28", "", "2026-10-16"),  # 29, 30, 8, 9, 10, 12, 13, 14, 15, 16
        # Sixty days that end in the holiday go on to the day after it; a plain weekend does not move them (第45条).
        ("mediate", "2026-08-01", "2026-08-02", "2026-10-08"),  # 10-01
        ("mediate", "2026-08-01", "2026-08-08", "2026-10-08"),  # 10-07
        ("mediate", "2026-08-01", "2026-08-09", "2026-10-08"),  # 10-08 itself
        ("mediate", "2026-08-01", "2026-08-18", "2026-10-17"),  # a Saturday
        # Spring Festival 2026: off 02-15 … 02-23, Saturdays 02-14 and 02-28 are worked. 令20号 is in force.
        ("accept", "2026-02-13", "", "2026-03-02"),  # 14, 24, 25, 26, 27, 28, 3-2
        ("accept", "2026-02-17", "", "2026-03-03"),  # 24, 25, 26, 27, 28, 3-2, 3-3
        ("mediate", "2026-02-06", "2026-02-09", "2026-04-20"),  # 45 working days, 04-04 … 04-06 off
        # New Year 2027.
        ("accept", "2026-12-31", "", "2027-01-12"),
        ("terminate_notice", "2026-12-30", "", "2027-01-11"),
        ("mediate", "2026-11-01", "2026-11-02", "2027-01-02"),  # 2027-01-01 is off whatever is published
    ],
)
def test_by_hand(key: str, received: str, start: str, expected: str) -> None:
    assert due(key, received, start) == expected


def test_the_day_of_receipt_chooses_the_rule() -> None:
    old, new = limit("mediate", day("2026-04-14")), limit("mediate", day("2026-04-15"))
    assert (old.amount, old.unit, old.roll) == (45, "working_day", "none")
    assert (new.amount, new.unit, new.roll) == (60, "natural_day", "statutory_holiday")
    # Accepted on the same Monday: 45 working days by one, 60 days by the other.
    assert due("mediate", "2026-04-10", "2026-04-20") == "2026-06-25"
    assert due("mediate", "2026-04-16", "2026-04-20") == "2026-06-22"  # 06-19 … 06-21 is the Dragon Boat Festival


@pytest.mark.parametrize(
    ("start", "pauses", "expected"),
    [
        # 09-28 and 09-29 stand still: 30, 8, 9, 10, 12, 13, 14.
        ("2026-09-24", [("2026-09-28", "2026-09-30")], "2026-10-14"),
        # A pause over days off costs nothing.
        ("2026-09-24", [("2026-10-01", "2026-10-08")], "2026-10-12"),
        # Nor does one that was over before the start, or began after the end.
        ("2026-09-24", [("2026-09-01", "2026-09-24"), ("2026-10-13", "2026-11-01")], "2026-10-12"),
        # The start day does not count, paused or not.
        ("2026-09-24", [("2026-09-24", "2026-09-25")], "2026-10-12"),
        # Two that overlap stop it once; one that ends where it began, never.
        ("2026-09-24", [("2026-09-28", "2026-09-30"), ("2026-09-29", "2026-09-30"), ("2026-10-9", "")], "2026-10-14"),
    ],
)
def test_working_days_with_pauses(start: str, pauses: list[tuple[str, str]], expected: str) -> None:
    spans = [(day(begin), day(end)) for begin, end in pauses if end]
    found = count(limit("accept", day("2026-09-24")), day(start), CALENDAR, pauses=spans)
    assert found.due.isoformat() == expected
    assert len(found.counted) == 7


def test_an_extension_with_a_pause_skips_the_holidays_of_its_own_half() -> None:
    """15 + 15 from 09-24: 10-22 is the fifteenth; a test from 10-26 to 10-28 (two days) moves 11-12 to 11-16."""
    clue = limit("verify", day("2026-09-24"))
    assert count(clue, day("2026-09-24"), CALENDAR, extended=True).due == day("2026-11-12")
    pauses = [(day("2026-10-26"), day("2026-10-28"))]
    found = count(clue, day("2026-09-24"), CALENDAR, extended=True, pauses=pauses)
    assert (found.due, len(found.counted)) == (day("2026-11-16"), 30)


def test_testing_time_is_told_and_not_counted() -> None:
    """60 days from 04-16 with twelve of testing: 06-27, and the sixtieth counted day is that one."""
    mediate = limit("mediate", day("2026-04-16"))
    found = count(mediate, day("2026-04-16"), CALENDAR, pauses=[(day("2026-05-06"), day("2026-05-18"))])
    assert (found.due, found.paused_days, len(found.counted)) == (day("2026-06-27"), 12, 60)
    assert day("2026-05-06") not in found.counted and day("2026-05-18") in found.counted
    assert f"2026年5月6日至2026年5月17日（{PAUSED}）" in found.explain()
    told = why(found, mediate.basis, mediate.pack_id)
    assert (told.due, told.law, told.version) == (found.due, "令121号 第22、23条", "CN.COMPLAINT.121")


def test_a_pause_on_the_start_day_leaves_sixty_counted_days() -> None:
    mediate = limit("mediate", day("2026-04-16"))
    found = count(mediate, day("2026-04-16"), CALENDAR, pauses=[(day("2026-04-16"), day("2026-04-28"))])
    assert (found.due, found.counted[0], len(found.counted)) == (day("2026-06-26"), day("2026-04-28"), 60)


def test_across_new_year_2027_the_date_is_flagged() -> None:
    accept = limit("accept", day("2026-12-25"))
    found = count(accept, day("2026-12-25"), CALENDAR)
    assert (found.due, found.provisional) == (day("2027-01-06"), True)
    assert "放假安排尚未公布" in found.explain()
    assert not count(accept, day("2026-12-22"), CALENDAR).provisional  # 12-31
    # Once published, the same count is firm, and may end on another day.
    special = {**CALENDAR.special, day("2027-01-01"): (False, "元旦"), day("2027-01-04"): (False, "元旦")}
    firm = count(accept, day("2026-12-25"), Calendar(special, date(2027, 12, 31)))
    assert (firm.due, firm.provisional) == (day("2027-01-07"), False)


def test_a_day_begins_and_ends_in_china() -> None:
    """Received at 23:59 counts as that day, a minute later as the next; the last day ends at 24:00."""
    late = datetime(2026, 9, 24, 23, 59, tzinfo=CHINA)
    assert start_day(late) == day("2026-09-24")
    assert start_day(late.astimezone(UTC)) == day("2026-09-24")
    assert start_day(late + timedelta(minutes=1)) == day("2026-09-25")
    accept = limit("accept", day("2026-09-24"))
    found = count(accept, start_day(late), CALENDAR)
    assert ends_at(accept, late, found) == datetime(2026, 10, 13, 0, 0, tzinfo=CHINA)


def test_hours_run_on_the_clock_through_a_holiday() -> None:
    first = limit("first_contact", day("2026-09-30"))
    began = datetime(2026, 9, 30, 17, 5, tzinfo=CHINA)
    assert ends_at(first, began, None) == datetime(2026, 10, 1, 17, 5, tzinfo=CHINA)
    with pytest.raises(ValueError, match="hour"):
        count(first, day("2026-09-30"), CALENDAR)


days = st.dates(date(2025, 1, 1), date(2027, 12, 31))
spans = st.lists(st.tuples(days, st.integers(0, 40)), max_size=3)


@given(
    unit=st.sampled_from(["working_day", "natural_day"]),
    roll=st.sampled_from(["none", "statutory_holiday", "any_day_off"]),
    amount=st.integers(1, 90), start=days, pauses=spans,
)  # fmt: skip
def test_exactly_the_days_of_the_limit_count(
    unit: str, roll: Any, amount: int, start: date, pauses: list[tuple[date, int]]
) -> None:
    """Whatever the pauses: so many days are counted, none of them paused, off or the first; a day more counts later."""
    stretches = [(begin, begin + timedelta(days=n)) for begin, n in pauses]
    one = Limit(amount, unit, "", "", 1, roll)
    found = count(one, start, CALENDAR, pauses=stretches)
    assert len(found.counted) == amount and found.counted[0] > start
    for counted in found.counted:
        assert not any(begin <= counted < end for begin, end in stretches)
        assert unit == "natural_day" or CALENDAR.is_working(counted)
    assert found.due == found.counted[-1] or found.rolled_from
    if roll == "statutory_holiday" and unit == "natural_day":
        assert not CALENDAR.holiday(found.due)
    assert found.due <= count(one, start, CALENDAR, pauses=stretches, extended=True).due
    assert found.due >= count(one, start, CALENDAR).due
    assert found.provisional == (found.due.year > 2026)


UNSEEN: list[dict[str, Any]] = [
    {"name": "小时", "start": "2026-09-30T15:20:00+08:00", "unit": "hour", "hours": 24,
     "expected_due": "2026-10-01T15:20:00+08:00"},
    {"name": "小时，只写日期", "start": "2026-09-30T15:20", "unit": "hour", "days": 24, "expected_due": "2026-10-01"},
    {"name": "小时，零点到期", "start": "2026-09-30T00:00", "unit": "hour", "hours": 24, "expected_due": "2026-09-30"},
    {"name": "23:59 收到", "start": "2026-09-24T23:59:00+08:00", "unit": "working_day", "days": 7,
     "expected_due": "2026-10-12T24:00:00"},
    {"name": "世界时", "start": "2026-09-24T16:00:00+00:00", "unit": "working_day", "days": 1,
     "expected_due": "2026-09-28"},
    {"name": "工作日加中止", "start": "2026-09-24", "unit": "working_day", "days": 7,
     "pauses": [["2026-09-28", "2026-09-30"]], "expected_due": "2026-10-14", "expected_provisional": False},
    {"name": "工作日延长加中止", "start": "2026-09-24", "unit": "working_day", "days": 15, "extension": 15,
     "pauses": [["2026-10-26", "2026-10-28"]], "expected_due": "2026-11-16"},
    {"name": "按收到日选规则，令20号", "rule": "mediate", "received_on": "2026-04-10", "start": "2026-04-20",
     "expected_due": "2026-06-25"},
    {"name": "按收到日选规则，令121号", "code": "CMP_MEDIATE", "received_on": "2026-04-16", "start": "2026-04-20",
     "expected_due": "2026-06-22"},
    {"name": "代码，从收到日起", "code": "CMP_ACCEPT", "received_on": "2026-04-16", "expected_due": "2026-04-27"},
]  # fmt: skip


@pytest.mark.parametrize("vector", UNSEEN, ids=lambda vector: vector["name"])
def test_every_form_of_worked_example(vector: dict[str, Any]) -> None:
    vector = json.loads(json.dumps({"type": "deadline", **vector}), parse_float=str)
    assert differences(vector) == []
    assert differences(vector | {"expected_due": "2026-01-01"})


@pytest.mark.parametrize(
    "broken",
    [{"unit": "fortnight"}, {"days": "7"}, {"days": -1}, {"days": True}, {"start": "国庆"},
     {"pauses": [["2026-10-01"]]}, {"roll": "sometimes", "unit": "natural_day"}, {"rule": "no_such"}],
)  # fmt: skip
def test_a_broken_deadline_fails_alone(broken: dict[str, Any]) -> None:
    good = {"type": "deadline", "start": "2026-09-24", "unit": "working_day", "days": 7, "expected_due": "2026-10-12"}
    assert differences(good) == []
    assert differences(good | broken)

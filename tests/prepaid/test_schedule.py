"""Releases and instalments: exact to the fen, and enough left for 法释〔2025〕4号第18条."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prepaid.refunds import Cause, Facts, Kind, LotFacts, compute
from prepaid.schedule import (
    Every,
    due_dates,
    hold_for_count,
    hold_for_face,
    nth_date,
    release_due_for_face,
    release_for_count,
    split,
)

paid_fen = st.integers(1, 10**9)
steps = st.lists(st.integers(1, 10**8), max_size=30)


@given(st.integers(1, 10**12), st.integers(1, 500))
def test_instalments_add_up(amount: int, periods: int) -> None:
    if amount < periods:
        with pytest.raises(ValueError, match="fen"):
            split(amount, periods)
        return
    parts = split(amount, periods)
    assert (len(parts), sum(parts), min(parts) > 0) == (periods, amount, True)
    assert len(set(parts[:-1])) <= 1


@given(paid_fen, st.integers(0, 10**9), steps)
def test_a_card_with_a_gift_always_keeps_its_refund_locked(paid: int, bonus: int, visits: list[int]) -> None:
    used = released = 0
    for face in [*visits, paid + bonus]:
        face = min(face, paid + bonus - used)
        hold = hold_for_face(paid, bonus, face)
        used += face
        due = release_due_for_face(paid, bonus, used, released)
        assert 0 <= due <= hold
        released += due
        refund = compute(Facts(Kind.STORED_VALUE, Cause.MERCHANT, (LotFacts(paid, bonus, used),))).total_fen
        assert paid - released >= refund >= 0
    assert released == paid


@given(paid_fen, st.integers(1, 100), st.integers(0, 50))
def test_a_count_card_always_keeps_its_refund_locked(paid: int, times: int, gift: int) -> None:
    released = 0
    for used in range(1, times + gift + 1):
        due = release_for_count(paid, times, gift, used, released)
        assert 0 <= due <= hold_for_count(paid, times, gift)
        released += due
        lot = LotFacts(paid, times_paid=times, times_bonus=gift, times_used=used)
        assert paid - released >= compute(Facts(Kind.COUNT, Cause.MERCHANT, (lot,))).total_fen
    assert released == paid


@given(paid_fen, st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**10))
def test_a_release_is_never_negative(paid: int, bonus: int, used: int, released: int) -> None:
    assert release_due_for_face(paid, bonus, min(used, paid + bonus), released) >= 0


def test_using_more_than_the_card_holds_is_refused() -> None:
    for call in (
        lambda: release_due_for_face(100, 50, 151, 0),
        lambda: release_for_count(100, 10, 3, 14, 0),
        lambda: hold_for_face(100, 50, 151),
        lambda: hold_for_count(100, 0, 0),
    ):
        with pytest.raises(ValueError, match="holds"):
            call()


def test_the_31st_comes_back_after_a_short_month() -> None:
    assert due_dates(date(2026, 1, 31), 4, Every.MONTH) == [
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
        date(2026, 5, 31),
    ]


def test_a_card_of_leap_day_is_due_on_the_last_of_february() -> None:
    assert nth_date(date(2028, 2, 29), 12, Every.MONTH) == date(2029, 2, 28)
    assert nth_date(date(2028, 2, 29), 48, Every.MONTH) == date(2032, 2, 29)
    assert nth_date(date(2026, 12, 5), 1, Every.MONTH) == date(2027, 1, 5)


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(1, 100), st.sampled_from(Every))
def test_due_dates_rise_without_gaps(start: date, periods: int, every: Every) -> None:
    dates = [start, *due_dates(start, periods, every)]
    longest = {Every.DAY: 1, Every.WEEK: 7, Every.MONTH: 31}[every]
    assert all(timedelta(0) < later - day <= timedelta(days=longest) for day, later in pairwise(dates))

"""The refund engine against a naive calculation in exact fractions, and what must hold whatever the facts are."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prepaid.refunds import (
    ART_16,
    ART_21,
    Adjustment,
    Cause,
    Facts,
    Interest,
    Kind,
    LotFacts,
    compute,
)
from tests.prepaid.test_refunds import causes, lots, money

discounts = st.fractions(Fraction(1, 100), Fraction(1), max_denominator=100)


def naive(kind: Kind, cause: Cause, lot: LotFacts) -> Fraction:
    """The refund before rounding, straight from the articles."""
    paid, gift = Fraction(lot.paid_fen), Fraction(lot.bonus_fen)
    if kind is Kind.UNLIMITED_TERM:
        if cause is Cause.COOLING_OFF and not lot.times_used:
            return paid
        return paid * lot.left_days / lot.total_days
    if kind is Kind.PER_PERIOD:
        return Fraction(lot.unserved_fen)
    if kind is Kind.COUNT:
        price = paid / lot.times_paid if lot.list_price_fen is None else Fraction(lot.list_price_fen)
        own_fault = price * lot.times_used
        no_fault = paid * lot.times_used / (lot.times_paid + lot.times_bonus)
    elif lot.list_price_fen is not None:
        own_fault = Fraction(lot.list_price_fen * lot.times_used)
        no_fault = own_fault * lot.discount
    else:
        own_fault = Fraction(lot.used_face_fen)
        no_fault = own_fault * paid / (paid + gift) if paid + gift else Fraction(0)
    return max(Fraction(0), paid - (own_fault if cause is Cause.CONSUMER else no_fault))


@st.composite
def discounted(draw: st.DrawFn) -> tuple[Kind, LotFacts]:
    """Money spent at a discount."""
    lot = LotFacts(
        draw(money), list_price_fen=draw(st.integers(1, 10**6)), discount=draw(discounts),
        times_used=draw(st.integers(0, 300)),
    )  # fmt: skip
    return Kind.STORED_VALUE, lot


anything = st.one_of(lots(), discounted())


@given(anything, causes)
def test_it_is_the_exact_value_rounded_up_to_the_fen(payment: tuple[Kind, LotFacts], cause: Cause) -> None:
    kind, lot = payment
    assert compute(Facts(kind, cause, (lot,))).total_fen == ceil(naive(kind, cause, lot))


@given(anything, causes, st.integers(1, 20))
def test_more_use_never_gives_more_back(payment: tuple[Kind, LotFacts], cause: Cause, more: int) -> None:
    kind, lot = payment
    used = {
        Kind.STORED_VALUE: {"used_face_fen": lot.used_face_fen + more},
        Kind.COUNT: {"times_used": lot.times_used + more},
        Kind.UNLIMITED_TERM: {"left_days": max(0, lot.left_days - more), "times_used": 1},
        Kind.PER_PERIOD: {"unserved_fen": max(0, lot.unserved_fen - more)},
    }[kind]
    before = compute(Facts(kind, cause, (lot,))).total_fen
    after = compute(Facts(kind, cause, (replace(lot, **used),))).total_fen
    assert 0 <= after <= before <= lot.paid_fen


@given(
    anything, causes, st.integers(0, 2000), st.none() | st.integers(0, 360_000), st.none() | st.integers(0, 360_000),
    st.none() | st.integers(0, 360_000), money,
)  # fmt: skip
def test_interest_is_exact_and_rounded_up_and_never_on_cooling_off(
    payment: tuple[Kind, LotFacts], cause: Cause, days: int, custody: int | None, rest: int | None,
    agreed: int | None, supervised: int,
) -> None:  # fmt: skip
    kind, lot = payment
    bare = compute(Facts(kind, cause, (lot,)))
    interest = Interest(days, supervised, custody, rest, agreed)
    whole = compute(Facts(kind, cause, (lot,), interest))
    assert whole.total_fen == sum(line.amount_fen for line in whole.lines) >= bare.total_fen
    found = sum(line.amount_fen for line in whole.lines if line.article == ART_16)
    if cause is Cause.COOLING_OFF:
        assert whole == bare
        return
    year = Fraction(days, 360)
    inside = min(supervised, bare.total_fen)
    exact = (
        bare.total_fen * Fraction(agreed, 10**6) * year
        if agreed is not None
        else (inside * Fraction(custody or 0, 10**6) + (bare.total_fen - inside) * Fraction(rest or 0, 10**6)) * year
    )
    assert exact <= found < exact + 2  # each of two parts is rounded up


def test_who_caused_the_end_decides_the_rate_of_what_is_not_supervised() -> None:
    lot = LotFacts(360_000, total_days=2, left_days=2, times_used=1)
    interest = Interest(100, supervised_fen=0, rest_ppm=30_000)
    merchant = compute(Facts(Kind.UNLIMITED_TERM, Cause.MERCHANT, (lot,), interest)).lines[-1]
    consumer = compute(Facts(Kind.UNLIMITED_TERM, Cause.CONSUMER, (lot,), interest)).lines[-1]
    # 3,600.00 × 3 % × 100 ÷ 360 = 30.00
    assert (merchant.amount_fen, consumer.amount_fen) == (3_000, 3_000)
    assert "一年期LPR 3%" in merchant.formula and "定期存款基准利率 3%" in consumer.formula
    assert "360" in merchant.open_point


def test_a_rate_nobody_knows_is_an_open_point_and_not_silence() -> None:
    statement = compute(Facts(Kind.PER_PERIOD, Cause.MERCHANT, (LotFacts(100, unserved_fen=100),), Interest(9, 100)))
    assert statement.total_fen == 100 and "没有登记" in statement.open_points[0]


def test_gifts_only_add_and_never_beyond_what_was_paid() -> None:
    lot = LotFacts(100_000, bonus_fen=50_000, used_face_fen=60_000)
    gift = Adjustment(10_000, "美容仪没有给")
    statement = compute(Facts(Kind.STORED_VALUE, Cause.CONSUMER, (lot,), adjustment=gift))
    assert (statement.total_fen, statement.lines[-1].article) == (50_000, ART_21)
    for wrong in (0, -1, 60_001):
        with pytest.raises(ValueError, match="gifts"):
            compute(Facts(Kind.STORED_VALUE, Cause.CONSUMER, (lot,), adjustment=replace(gift, amount_fen=wrong)))
    with pytest.raises(ValueError, match="negative"):
        Interest(-1)

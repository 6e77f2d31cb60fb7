"""The refund engine against the worked examples of the law, and what must hold for any facts."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prepaid.refunds import (
    ART_14,
    ART_15,
    ART_19,
    ART_20,
    ART_22,
    ZHEJIANG_11,
    Cause,
    Facts,
    Kind,
    LotFacts,
    compute,
)

GIFT = LotFacts(paid_fen=1000_00, bonus_fen=500_00, used_face_fen=600_00)
money = st.integers(0, 10**9)
causes = st.sampled_from(Cause)


@st.composite
def lots(draw: st.DrawFn) -> tuple[Kind, LotFacts]:
    """Any payment of any kind, used up to any point."""
    kind, paid = draw(st.sampled_from(Kind)), draw(money)
    match kind:
        case Kind.STORED_VALUE:
            bonus = draw(money)
            return kind, LotFacts(paid, bonus_fen=bonus, used_face_fen=draw(st.integers(0, paid + bonus)))
        case Kind.COUNT:
            times, gift = draw(st.integers(1, 200)), draw(st.integers(0, 50))
            price = draw(st.none() | st.integers(0, 10**6))
            used = draw(st.integers(0, times + gift))
            return kind, LotFacts(paid, times_paid=times, times_bonus=gift, times_used=used, list_price_fen=price)
        case Kind.UNLIMITED_TERM:
            total = draw(st.integers(1, 3000))
            return kind, LotFacts(paid, total_days=total, left_days=draw(st.integers(0, total)))
        case Kind.PER_PERIOD:
            return kind, LotFacts(paid, unserved_fen=draw(st.integers(0, paid)))


def total(kind: Kind, cause: Cause, *given_lots: LotFacts) -> int:
    return compute(Facts(kind, cause, given_lots)).total_fen


@given(lots(), causes)
def test_the_lines_add_up_and_the_refund_lies_between_nothing_and_all(lot: tuple[Kind, LotFacts], cause: Cause) -> None:
    statement = compute(Facts(lot[0], cause, (lot[1],)))
    assert statement.total_fen == sum(line.amount_fen for line in statement.lines)
    assert 0 <= statement.total_fen <= lot[1].paid_fen
    assert all(line.article and line.formula for line in statement.lines)


@given(lots(), causes)
def test_lots_are_summed(lot: tuple[Kind, LotFacts], cause: Cause) -> None:
    assert total(lot[0], cause, lot[1], lot[1]) == 2 * total(lot[0], cause, lot[1])


@given(money, money, st.data())
def test_the_merchants_cause_is_never_worse_for_the_consumer(paid: int, bonus: int, data: st.DataObject) -> None:
    lot = LotFacts(paid, bonus_fen=bonus, used_face_fen=data.draw(st.integers(0, paid + bonus)))
    merchant = total(Kind.STORED_VALUE, Cause.MERCHANT, lot)
    assert merchant >= total(Kind.STORED_VALUE, Cause.CONSUMER, lot)
    exact = paid - Fraction(lot.used_face_fen * paid, paid + bonus or 1)
    assert exact <= merchant < exact + 1


def test_more_consumed_than_paid_is_never_claimed_back() -> None:
    lot = replace(GIFT, used_face_fen=1200_00)
    assert total(Kind.STORED_VALUE, Cause.MERCHANT, lot) == 200_00
    statement = compute(Facts(Kind.STORED_VALUE, Cause.CONSUMER, (lot,)))
    assert statement.total_fen == 0
    assert [line.amount_fen for line in statement.lines] == [1000_00, -1200_00, 200_00]
    assert [line.article for line in statement.lines] == [ART_15, ART_19, ART_20]


def test_partial_use_in_the_cooling_off_days_is_an_open_point() -> None:
    statement = compute(Facts(Kind.STORED_VALUE, Cause.COOLING_OFF, (GIFT,)))
    assert statement.total_fen == 600_00
    assert len(statement.open_points) == 1
    assert statement.lines[0].article == ART_14


def test_an_unused_term_card_comes_back_whole_in_the_cooling_off_days() -> None:
    lot = LotFacts(3650_00, total_days=365, left_days=362)
    assert total(Kind.UNLIMITED_TERM, Cause.COOLING_OFF, lot) == 3650_00
    assert total(Kind.UNLIMITED_TERM, Cause.COOLING_OFF, replace(lot, times_used=1)) == 3620_00


@pytest.mark.parametrize("cause", [Cause.MERCHANT, Cause.CONSUMER, Cause.EXPIRED])
def test_a_term_card_counts_by_time_whoever_ends_it(cause: Cause) -> None:
    statement = compute(Facts(Kind.UNLIMITED_TERM, cause, (LotFacts(100, total_days=3, left_days=2),)))
    assert statement.total_fen == 67
    assert statement.lines[1].article == ART_22


def test_instalments_not_served_come_back_at_face() -> None:
    assert total(Kind.PER_PERIOD, Cause.CONSUMER, LotFacts(1200_00, unserved_fen=700_00)) == 700_00
    assert total(Kind.PER_PERIOD, Cause.COOLING_OFF, LotFacts(1200_00, unserved_fen=1200_00)) == 1200_00


def test_a_count_card_without_list_price_says_so() -> None:
    lot = LotFacts(1000_00, times_paid=10, times_bonus=3, times_used=4)
    statement = compute(Facts(Kind.COUNT, Cause.CONSUMER, (lot,)))
    assert statement.total_fen == 600_00
    assert "优惠前单价" in statement.open_points[0]


def test_an_expired_card_keeps_its_unused_part() -> None:
    statement = compute(Facts(Kind.COUNT, Cause.EXPIRED, (LotFacts(300, times_paid=3, times_used=1),)))
    assert (statement.total_fen, statement.lines[1].article) == (200, ZHEJIANG_11)
    assert statement.open_points


@pytest.mark.parametrize(
    "wrong",
    [
        {"paid_fen": -1},
        {"paid_fen": 1, "discount": Fraction(0)},
        {"paid_fen": 1, "discount": Fraction(11, 10)},
        {"paid_fen": 1, "total_days": 1, "left_days": 2},
        {"paid_fen": 1, "unserved_fen": 2},
    ],
)
def test_impossible_facts_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        LotFacts(**wrong)


def test_a_term_card_without_a_term_is_refused() -> None:
    with pytest.raises(ValueError, match="days"):
        total(Kind.UNLIMITED_TERM, Cause.MERCHANT, LotFacts(100, times_used=1))

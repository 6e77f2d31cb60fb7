"""Corrections: what a shop gives back of a visit that was paid."""

import pytest

from core.actors import SYSTEM
from core.errors import Invalid, NotEnoughLocked, WrongState
from core.models import User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid import ledger
from prepaid.models import AccountKind, Contract
from tests.cast import fresh, make_plan
from tests.prepaid.scenes import (
    HUGE,
    books,
    consume,
    days,
    forbidden,
    ledger_is_whole,
    payable,
    refused,
    top_up,
    unmoved,
    unseen,
    verbs,
    who,
)
from tests.prepaid.test_visits import State, third_card

pytestmark = pytest.mark.django_db


def test_a_correction_in_part_gives_back_what_the_use_is_worth_less(
    contract: Contract, consumer: User, owner_a: User, clerk_b: User
) -> None:
    visit = consume(contract, fen=6_000)
    unseen(lambda: prepaid.correct_visit(visit.pk, "错", face_fen=1, by=who(clerk_b)))
    forbidden(lambda: prepaid.correct_visit(visit.pk, "错", face_fen=1, by=who(consumer)))
    done = prepaid.correct_visit(visit.pk, "扣多了", face_fen=2_400, by=who(owner_a))
    assert (done.status, done.corrected_fen, payable(contract.merchant)) == (State.CORRECTED, 2_000, 3_000)
    refused(WrongState, lambda: prepaid.correct_visit(visit.pk, "再来", face_fen=100, by=who(owner_a)))
    assert fresh(contract).lots.get().used_face_fen == 3_600 and verbs(visit)[-1] == "visit.correct"
    books(contract)
    ledger_is_whole()


def test_a_correction_is_possible_for_fifteen_days_and_not_on_the_sixteenth(contract: Contract, owner_a: User) -> None:
    one, two = consume(contract, fen=6_000), consume(contract, fen=6_000)
    with unmoved(contract):
        refused(WrongState, lambda: prepaid.correct_visit(one.pk, "错", face_fen=1, by=who(owner_a), on=days(16)))
    assert prepaid.correct_visit(two.pk, "错", face_fen=6_000, by=who(owner_a), on=days(15)).corrected_fen == 5_000


@pytest.mark.parametrize(
    "wrong", [{}, {"face_fen": -1}, {"face_fen": 6_001}, {"face_fen": HUGE}, {"times": 1}, {"face_fen": 1, "times": 1}]
)
def test_a_correction_names_an_amount_within_the_visit_in_its_unit(
    contract: Contract, owner_a: User, wrong: dict[str, int]
) -> None:
    visit = consume(contract, fen=6_000)
    with unmoved(contract):
        refused(Invalid, lambda: prepaid.correct_visit(visit.pk, "错", by=who(owner_a), **wrong))


def test_a_correction_without_a_reason_moves_nothing(contract: Contract, owner_a: User) -> None:
    visit = consume(contract, fen=6_000)
    with unmoved(contract):
        refused(Invalid, lambda: prepaid.correct_visit(visit.pk, " ", face_fen=1, by=who(owner_a)))


def test_a_correction_across_two_lots_gives_the_younger_back_first(contract: Contract, owner_a: User) -> None:
    top_up(contract, make_plan(contract.merchant, price_fen=100_000, bonus_fen=0))
    visit = consume(contract, fen=370_000)
    done = prepaid.correct_visit(visit.pk, "错", face_fen=22_000, by=who(owner_a))
    assert done.corrected_fen == 10_000 + 10_000
    assert list(contract.lots.order_by("no").values_list("used_face_fen", flat=True)) == [348_000, 0]
    books(contract)


def test_a_used_up_card_comes_back_to_life_by_a_correction(merchant_a: Merchant, consumer: User, owner_a: User) -> None:
    card = third_card(merchant_a, consumer)
    visits = [consume(card, times=1) for _ in range(3)]
    prepaid.correct_visit(visits[2].pk, "没做", times=1, by=who(owner_a))
    assert fresh(card).status == Contract.Status.ACTIVE and fresh(card).locked_fen == 34
    assert consume(card, times=1).amount_fen == 34
    books(card)


def test_what_the_merchant_was_paid_out_cannot_be_corrected_from_the_locked_money(
    contract: Contract, owner_a: User
) -> None:
    visit = consume(contract, fen=6_000)
    payee = ledger.open_account(AccountKind.MERCHANT_PAYABLE, contract.merchant_id)
    ledger.settle(payee, 5_000, settlement=1, key="settle:1", by=SYSTEM)
    with unmoved(contract):
        refused(NotEnoughLocked, lambda: prepaid.correct_visit(visit.pk, "错", face_fen=6_000, by=who(owner_a)))


def test_a_visit_of_a_refunded_contract_is_not_given_back_to_a_card_that_is_over(
    contract: Contract, consumer: User, owner_a: User
) -> None:
    visit = consume(contract, fen=6_000)
    refund = prepaid.request_refund(contract.pk, "CONSUMER", by=who(consumer))
    prepaid.agree_refund(refund.pk, by=who(owner_a))
    with unmoved(contract):
        refused(WrongState, lambda: prepaid.correct_visit(visit.pk, "错", face_fen=6_000, by=who(owner_a)))
    books(contract)

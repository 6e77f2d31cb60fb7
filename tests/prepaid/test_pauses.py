"""Pauses: the card rests, the term moves, and days of rest are nobody's gain."""

import pytest

from core.errors import Invalid, WrongState
from core.models import User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import Contract, Pause, Plan
from tests.cast import fresh
from tests.prepaid.scenes import ask, books, days, forbidden, refused, term_card, unmoved, unseen, verbs, who
from tests.prepaid.test_periods import due, release, states

pytestmark = pytest.mark.django_db


@pytest.fixture
def year(merchant_a: Merchant, consumer: User) -> Contract:
    """Twelve weeks of 198.00."""
    return term_card(merchant_a, consumer)


def test_a_pause_stops_the_releases_and_shifts_the_term(year: Contract, consumer: User) -> None:
    release(days(7))
    prepaid.pause(year.pk, "ILLNESS", by=who(consumer), on=days(10))
    release(days(40))
    assert fresh(year).released_fen == 19_800 and fresh(year).status == Contract.Status.PAUSED
    prepaid.resume(year.pk, by=who(consumer), on=days(40))
    assert due(year)[:3] == [days(7), days(44), days(51)]
    assert fresh(year).ends_on == days(84 + 30)
    release(days(44))
    assert fresh(year).released_fen == 2 * 19_800
    assert verbs(year)[-2:] == ["contract.pause", "contract.resume"]
    books(year)


def test_what_is_due_on_the_first_day_of_a_pause_is_still_paid(year: Contract, consumer: User) -> None:
    prepaid.pause(year.pk, "ILLNESS", by=who(consumer), on=days(7))
    release(days(30))
    assert fresh(year).released_fen == 19_800


def test_holder_and_boss_may_pause_and_nobody_else(
    year: Contract, owner_a: User, clerk_a: User, second_consumer: User, owner_b: User, merchant_b: Merchant
) -> None:
    for step in (lambda by: prepaid.pause(year.pk, "OTHER", by=by), lambda by: prepaid.resume(year.pk, by=by)):
        unseen(lambda step=step: step(who(second_consumer)))
        unseen(lambda step=step: step(who(owner_b)))
        forbidden(lambda step=step: step(who(clerk_a)))
    assert prepaid.pause(year.pk, "RENOVATION", by=who(owner_a)).status == Contract.Status.PAUSED
    assert prepaid.resume(year.pk, by=who(owner_a)).status == Contract.Status.ACTIVE


def test_a_pause_needs_a_known_reason_and_a_card_in_use(year: Contract, consumer: User) -> None:
    with unmoved(year):
        refused(Invalid, lambda: prepaid.pause(year.pk, "BORED", by=who(consumer)))
        refused(WrongState, lambda: prepaid.resume(year.pk, by=who(consumer)))
    prepaid.pause(year.pk, "OTHER", by=who(consumer))
    refused(WrongState, lambda: prepaid.pause(year.pk, "OTHER", by=who(consumer)))
    refused(WrongState, lambda: prepaid.stop_instalments(year.pk, by=who(consumer)))
    refused(WrongState, lambda: prepaid.show_code(year.pk, by=who(consumer)))
    assert Pause.objects.count() == 1


def test_pauses_together_move_the_term_by_the_cap_and_no_further(merchant_a: Merchant, consumer: User) -> None:
    card = term_card(merchant_a, consumer, pause_days_max=30)
    for start in (0, 40, 80):
        prepaid.pause(card.pk, "OTHER", by=who(consumer), on=days(start))
        prepaid.resume(card.pk, by=who(consumer), on=days(start + 20))
    assert [pause.days for pause in Pause.objects.order_by("pk")] == [20, 10, 0]
    assert fresh(card).ends_on == days(84 + 30)


def test_a_pause_of_no_days_changes_nothing(year: Contract, consumer: User) -> None:
    before = due(year), states(year)
    prepaid.pause(year.pk, "OTHER", by=who(consumer))
    prepaid.resume(year.pk, by=who(consumer))
    assert (due(year), states(year)) == before and fresh(year).ends_on == days(84)


def test_a_stop_outlives_a_pause_and_its_periods_move_with_it(year: Contract, consumer: User) -> None:
    prepaid.stop_instalments(year.pk, by=who(consumer))
    prepaid.pause(year.pk, "OTHER", by=who(consumer), on=days(0))
    prepaid.resume(year.pk, by=who(consumer), on=days(10))
    release(days(365))
    assert fresh(year).released_fen == 0
    prepaid.restart_instalments(year.pk, by=who(consumer), on=days(10))
    assert due(year)[0] == days(17)
    release(days(365))
    assert fresh(year).released_fen == 237_600


def test_a_pause_outlives_a_withdrawn_refund(year: Contract, consumer: User) -> None:
    prepaid.pause(year.pk, "ILLNESS", by=who(consumer), on=days(0))
    refund = prepaid.request_refund(year.pk, "CONSUMER", by=who(consumer))
    prepaid.withdraw_refund(refund.pk, by=who(consumer))
    release(days(60))
    assert fresh(year).released_fen == 0
    prepaid.resume(year.pk, by=who(consumer), on=days(60))
    release(days(67))
    assert fresh(year).released_fen == 19_800


@pytest.mark.parametrize("kind", [Plan.Kind.PER_PERIOD, Plan.Kind.UNLIMITED_TERM])
def test_days_of_rest_are_not_used_up_when_a_refund_is_counted(
    merchant_a: Merchant, consumer: User, owner_a: User, kind: str
) -> None:
    card = term_card(merchant_a, consumer, kind)
    release(days(14))
    prepaid.pause(card.pk, "ILLNESS", by=who(consumer), on=days(14))
    refund = prepaid.request_refund(card.pk, "CONSUMER", by=who(consumer), on=days(40))
    assert refund.total_fen == 10 * 19_800
    prepaid.agree_refund(refund.pk, by=who(owner_a), on=days(41))
    assert (fresh(card).released_fen, fresh(card).locked_fen) == (2 * 19_800, 0)
    books(card)


def test_days_of_an_earlier_pause_are_not_used_up_either(merchant_a: Merchant, consumer: User) -> None:
    card = term_card(merchant_a, consumer, Plan.Kind.UNLIMITED_TERM)
    release(days(14))
    prepaid.pause(card.pk, "ILLNESS", by=who(consumer), on=days(14))
    prepaid.resume(card.pk, by=who(consumer), on=days(44))
    refund = prepaid.request_refund(card.pk, "CONSUMER", by=who(consumer), on=days(58))
    assert refund.total_fen == 8 * 19_800


def test_a_stored_value_card_can_rest_too(contract: Contract, consumer: User) -> None:
    prepaid.pause(contract.pk, "PREGNANCY", by=who(consumer))
    refused(WrongState, lambda: ask(contract, 6_000))
    prepaid.resume(contract.pk, by=who(consumer), on=days(50))
    assert ask(contract, 6_000).hold_fen == 5_000

"""Term cards: money goes to the merchant by the calendar, as long as nothing stops it."""

from datetime import date

import pytest

from core.actors import SYSTEM
from core.errors import WrongState
from core.models import User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid import ledger
from prepaid.actions.periods import complete
from prepaid.models import Contract, Instalment, Plan, Transfer
from tests.cast import fresh, make_plan, open_contract
from tests.prepaid.scenes import (
    books,
    count_card,
    days,
    forbidden,
    ledger_is_whole,
    payable,
    refused,
    term_card,
    unmoved,
    unseen,
    verbs,
    who,
)

pytestmark = pytest.mark.django_db
State = Instalment.State


@pytest.fixture
def year(merchant_a: Merchant, consumer: User) -> Contract:
    """Twelve weeks of 198.00."""
    return term_card(merchant_a, consumer)


def release(on: date) -> None:
    """What the nightly job does to one shard of one, inside this transaction."""
    while not ledger.release_due(on, 1000, by=SYSTEM, on=on).nothing_left:
        pass


def states(contract: Contract) -> list[State]:
    rows = Instalment.objects.of_account(fresh(contract).account_id or 0)
    return [State(row.state) for row in rows]


def due(contract: Contract) -> list[date]:
    return [row.due_on for row in Instalment.objects.of_account(contract.account_id or 0)]


def test_each_period_is_paid_when_it_is_served_and_the_last_takes_the_rest(
    merchant_a: Merchant, consumer: User
) -> None:
    card = term_card(merchant_a, consumer, price_fen=1_000, periods=3)
    assert due(card) == [days(7), days(14), days(21)]
    release(days(6))
    assert fresh(card).released_fen == 0
    release(days(7))
    release(days(7))
    assert fresh(card).released_fen == 333
    release(days(21))
    assert fresh(card).released_fen == 1_000 and payable(merchant_a) == 1_000
    assert [t.amount_fen for t in Transfer.objects.filter(kind=3).order_by("id")] == [333, 333, 334]
    books(card)


def test_a_missed_night_is_caught_up_one_by_one(year: Contract) -> None:
    release(days(30))
    assert fresh(year).released_fen == 4 * 19_800
    assert states(year)[:5] == [State.RELEASED] * 4 + [State.DUE]


def test_a_card_of_the_31st_is_due_on_the_last_day_of_short_months(merchant_a: Merchant, consumer: User) -> None:
    plan = make_plan(merchant_a, Plan.Kind.PER_PERIOD, every=Plan.Every.MONTH, periods=3)
    card = open_contract(plan, consumer, on=date(2026, 1, 31))
    assert due(card) == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
    assert fresh(card).ends_on == date(2026, 4, 30)


def test_stopping_takes_effect_today_even_for_what_is_due_today(
    year: Contract, consumer: User, second_consumer: User, owner_a: User
) -> None:
    unseen(lambda: prepaid.stop_instalments(year.pk, by=who(second_consumer)))
    forbidden(lambda: prepaid.stop_instalments(year.pk, by=who(owner_a)))
    release(days(7))
    stopped = prepaid.stop_instalments(year.pk, by=who(consumer), on=days(14))
    assert stopped == (11, 11 * 19_800)
    release(days(14))
    release(days(365))
    assert fresh(year).released_fen == 19_800 and not fresh(year).auto_release
    assert prepaid.stop_instalments(year.pk, by=who(consumer), on=days(14)).instalments == 0
    assert verbs(year)[-1] == "contract.stop_instalments"
    books(year)


def test_restarting_pays_the_periods_still_to_come_and_not_those_stopped(
    year: Contract, consumer: User, owner_a: User
) -> None:
    prepaid.stop_instalments(year.pk, by=who(consumer), on=days(1))
    forbidden(lambda: prepaid.restart_instalments(year.pk, by=who(owner_a)))
    assert prepaid.restart_instalments(year.pk, by=who(consumer), on=days(15)).instalments == 10
    release(days(21))
    assert fresh(year).released_fen == 19_800 and fresh(year).auto_release
    assert verbs(year)[-1] == "contract.restart_instalments"


def test_other_cards_have_nothing_to_stop(merchant_a: Merchant, consumer: User) -> None:
    card = count_card(merchant_a, consumer)
    for step in (prepaid.stop_instalments, prepaid.restart_instalments):
        refused(WrongState, lambda step=step: step(card.pk, by=who(consumer)))
    waiting = term_card(merchant_a, consumer, starts=Plan.Starts.FIRST_USE)
    refused(WrongState, lambda: prepaid.stop_instalments(waiting.pk, by=who(consumer)))


def test_a_served_and_paid_term_ends_the_contract(year: Contract) -> None:
    release(days(84))
    done = complete(year.pk, by=SYSTEM)
    assert done.status == Contract.Status.COMPLETED and fresh(year).locked_fen == 0
    assert complete(year.pk, by=SYSTEM).closed_at == done.closed_at
    assert verbs(year)[-1] == "contract.complete"


# A refund that waits


def test_asking_for_a_refund_stops_the_periods_and_withdrawing_it_makes_up_for_them(
    year: Contract, consumer: User
) -> None:
    release(days(7))
    refund = prepaid.request_refund(year.pk, "CONSUMER", by=who(consumer), on=days(10))
    release(days(21))
    assert fresh(year).released_fen == 19_800
    prepaid.withdraw_refund(refund.pk, by=who(consumer))
    release(days(21))
    assert fresh(year).released_fen == 3 * 19_800, "the weeks served meanwhile are paid"
    books(year)


def test_nobody_restarts_the_periods_while_a_refund_waits(year: Contract, consumer: User, owner_a: User) -> None:
    refund = prepaid.request_refund(year.pk, "CONSUMER", by=who(consumer))
    refused(WrongState, lambda: prepaid.restart_instalments(year.pk, by=who(consumer)))
    prepaid.refuse_refund(refund.pk, "不退", by=who(owner_a))
    refused(WrongState, lambda: prepaid.restart_instalments(year.pk, by=who(consumer)))
    # The merchant's own way round it: a rest that ends at once.
    prepaid.pause(year.pk, "RENOVATION", by=who(owner_a))
    prepaid.resume(year.pk, by=who(owner_a))
    release(days(365))
    assert fresh(year).released_fen == 0


def test_the_first_use_during_a_waiting_refund_pays_nothing(
    merchant_a: Merchant, consumer: User, owner_a: User
) -> None:
    card = term_card(merchant_a, consumer, starts=Plan.Starts.FIRST_USE)
    prepaid.request_refund(card.pk, "CONSUMER", by=who(consumer), on=days(0))
    prepaid.report_visit(card.pk, card.store_id, "训练", by=who(consumer))
    release(days(365))
    assert fresh(card).released_fen == 0 and fresh(card).starts_on == days(0)


def test_a_stop_outlives_a_withdrawn_refund(year: Contract, consumer: User) -> None:
    prepaid.stop_instalments(year.pk, by=who(consumer))
    refund = prepaid.request_refund(year.pk, "CONSUMER", by=who(consumer))
    prepaid.withdraw_refund(refund.pk, by=who(consumer))
    release(days(365))
    assert fresh(year).released_fen == 0


def test_a_refund_leaves_the_merchant_what_was_served_and_no_period_after_it(
    year: Contract, consumer: User, owner_a: User
) -> None:
    release(days(14))
    refund = prepaid.request_refund(year.pk, "MERCHANT", by=who(consumer), on=days(20))
    assert refund.total_fen == 10 * 19_800
    prepaid.agree_refund(refund.pk, by=who(owner_a), on=days(21))
    now = fresh(year)
    assert (now.refunded_fen, now.released_fen, now.locked_fen) == (198_000, 39_600, 0)
    with unmoved(year):
        release(days(365))
    books(year)
    ledger_is_whole()


def test_an_unlimited_card_is_refunded_by_the_days_left_and_the_rest_goes_to_the_merchant(
    merchant_a: Merchant, consumer: User, owner_a: User
) -> None:
    card = term_card(merchant_a, consumer, Plan.Kind.UNLIMITED_TERM)
    release(days(14))
    refund = prepaid.request_refund(card.pk, "CONSUMER", by=who(consumer), on=days(20))
    gone = 237_600 * 20 // 84
    assert refund.total_fen == 237_600 - gone
    prepaid.agree_refund(refund.pk, by=who(owner_a), on=days(23))
    now = fresh(card)
    assert (now.refunded_fen, now.released_fen) == (237_600 - gone, gone)
    books(card)


def test_an_instalment_overdue_when_the_refund_is_agreed_is_not_paid_on_top(
    year: Contract, consumer: User, owner_a: User
) -> None:
    refund = prepaid.request_refund(year.pk, "MERCHANT", by=who(consumer), on=days(20))
    prepaid.agree_refund(refund.pk, by=who(owner_a), on=days(20))
    now = fresh(year)
    assert (now.refunded_fen, now.released_fen, now.locked_fen) == (198_000, 39_600, 0)
    with unmoved(year):
        release(days(365))
    ledger_is_whole()

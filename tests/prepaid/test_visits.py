"""Visits: asked for, confirmed, disputed, taken back, corrected, reported, and paid with a shown code."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from core.actors import SYSTEM, Actor
from core.errors import Invalid, NotAllowed, NotEnoughLocked, NotFound, WrongState
from core.models import User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import Contract, Lot, Plan, ShownCode, Transfer, Visit
from tests.cast import fresh, make_plan, open_contract
from tests.prepaid.scenes import (
    HUGE,
    ask,
    books,
    consume,
    count_card,
    days,
    forbidden,
    payable,
    refused,
    term_card,
    top_up,
    unmoved,
    unseen,
    verbs,
    who,
)

pytestmark = pytest.mark.django_db
State = Visit.Status


def third_card(merchant: Merchant, holder: User) -> Contract:
    """100 fen for three times: nothing of it divides evenly."""
    return open_contract(make_plan(merchant, Plan.Kind.COUNT, price_fen=100, times_paid=3, times_bonus=0), holder)


# Asking and confirming


def test_a_visit_holds_its_worth_rounded_up_and_the_confirmation_pays_it(contract: Contract, consumer: User) -> None:
    visit = ask(contract, 6_001)
    assert visit.hold_fen == 5_001 and fresh(contract).held_fen == 5_001  # 5000.83…
    done = prepaid.confirm_visit(visit.pk, by=who(consumer))
    again = prepaid.confirm_visit(visit.pk, by=who(consumer))
    assert (done.status, done.amount_fen) == (State.CONFIRMED, 5_000)
    assert again.transfer_id == done.transfer_id and Transfer.objects.filter(kind=2).count() == 1
    assert payable(contract.merchant) == 5_000 and fresh(contract).held_fen == 0
    assert verbs(visit) == ["visit.request", "visit.confirm"]
    books(contract)


def test_what_was_released_adds_up_to_the_floor_of_all_use_and_the_last_takes_the_rest(
    merchant_a: Merchant, consumer: User
) -> None:
    card = third_card(merchant_a, consumer)
    assert [consume(card, times=1).amount_fen for _ in range(3)] == [33, 33, 34]
    assert fresh(card).status == Contract.Status.COMPLETED and fresh(card).locked_fen == 0
    books(card)


def test_visits_of_one_fen_release_no_more_than_one_big_one(merchant_a: Merchant, consumer: User) -> None:
    card = open_contract(make_plan(merchant_a, price_fen=7, bonus_fen=3), consumer)
    released = sum(consume(card, fen=1).amount_fen for _ in range(9))
    assert released == 7 * 9 // 10
    assert consume(card, fen=1).amount_fen == 1
    books(card)


def test_a_visit_that_spans_two_lots_takes_each_at_its_own_price(contract: Contract, consumer: User) -> None:
    top_up(contract, make_plan(contract.merchant, price_fen=100_000, bonus_fen=0))
    visit = consume(contract, fen=370_000)
    parts = [(p.lot.no, p.face_fen, p.amount_fen) for p in visit.parts.select_related("lot").order_by("lot__no")]
    assert parts == [(1, 360_000, 300_000), (2, 10_000, 10_000)]
    assert visit.amount_fen == 310_000
    books(contract)


def test_a_count_card_gives_its_gifts_away_without_money_of_their_own(merchant_a: Merchant, consumer: User) -> None:
    card = count_card(merchant_a, consumer)
    visits = [consume(card, times=1) for _ in range(13)]
    assert sum(visit.amount_fen for visit in visits) == 100_000
    assert visits[0].amount_fen == 100_000 // 13
    refused(WrongState, lambda: ask(card, times=1))


@pytest.mark.parametrize(("fen", "times"), [(0, 0), (-1, 0), (-HUGE, 0), (0, 1), (100, 1)])
def test_a_visit_needs_an_amount_above_zero_in_the_unit_of_the_card(contract: Contract, fen: int, times: int) -> None:
    with unmoved(contract):
        assert refused(Invalid, lambda: ask(contract, fen, times)).fields


@pytest.mark.parametrize("fen", [360_001, 2**31, HUGE - 1, HUGE, HUGE * 2])
def test_more_than_the_card_holds_is_refused_whatever_its_size(contract: Contract, fen: int) -> None:
    with unmoved(contract):
        refused(NotEnoughLocked, lambda: ask(contract, fen))
        refused(
            NotEnoughLocked,
            lambda: prepaid.report_visit(contract.pk, contract.store_id, "剪", face_fen=fen, by=who(contract.holder)),
        )


def test_what_waits_cannot_be_spent_twice(contract: Contract) -> None:
    ask(contract, 200_000)
    with unmoved(contract):
        refused(NotEnoughLocked, lambda: ask(contract, 200_000))
    ask(contract, 160_000)
    assert fresh(contract).available_fen == 0
    books(contract)


def test_a_visit_needs_words_and_a_store_of_the_merchant(contract: Contract, merchant_b: Merchant) -> None:
    by = who(contract.merchant.registered_by)
    refused(Invalid, lambda: ask(contract, 100, item="  "))
    unseen(lambda: prepaid.request_visit(contract.pk, merchant_b.stores.get().pk, "剪", face_fen=100, by=by))


def test_a_long_name_of_an_item_is_cut_not_an_error(contract: Contract) -> None:
    assert len(ask(contract, 100, item="剪" * 500).item) <= 30


def test_only_the_shop_asks_and_only_the_people_of_the_card_answer(
    contract: Contract, second_consumer: User, consumer: User, clerk_a: User, clerk_b: User, district_officer: User
) -> None:
    def request(by: Actor) -> Visit:
        return prepaid.request_visit(contract.pk, contract.store_id, "剪", face_fen=6_000, by=by)

    unseen(lambda: request(who(clerk_b)))
    for stranger in (second_consumer, consumer, district_officer):
        with unmoved(contract), pytest.raises((NotAllowed, NotFound)):
            request(who(stranger))
    visit = request(who(clerk_a))
    answers: list[Callable[[Actor], object]] = [
        lambda by: prepaid.confirm_visit(visit.pk, by=by),
        lambda by: prepaid.dispute_visit(visit.pk, "没有", by=by),
    ]
    for answer in answers:
        unseen(lambda answer=answer: answer(who(second_consumer)))
        unseen(lambda answer=answer: answer(who(clerk_b)))
        for watcher in (clerk_a, district_officer):
            forbidden(lambda answer=answer, watcher=watcher: answer(who(watcher)))
    prepaid.add_user(contract.pk, second_consumer.phone, by=who(consumer))
    assert prepaid.confirm_visit(visit.pk, by=who(second_consumer)).status == State.CONFIRMED


def test_a_resting_or_unpaid_card_cannot_be_used_but_what_was_asked_can_be_answered(
    contract: Contract, plan: Plan, consumer: User
) -> None:
    visit = ask(contract, 6_000)
    prepaid.pause(contract.pk, "ILLNESS", by=who(consumer))
    refused(WrongState, lambda: ask(contract, 6_000))
    assert prepaid.confirm_visit(visit.pk, by=who(consumer)).status == State.CONFIRMED
    unpaid = prepaid.offer(plan.pk, contract.store_id, consumer.phone, by=who(plan.merchant.registered_by))
    refused(WrongState, lambda: ask(unpaid, 6_000))


# Silence, dispute, withdrawal


def test_fifteen_working_days_of_silence_confirm_and_not_a_day_less(contract: Contract, consumer: User) -> None:
    visit = ask(contract, 6_000)
    forbidden(lambda: prepaid.auto_confirm_visit(visit.pk, by=who(consumer), on=days(100)))
    refused(WrongState, lambda: prepaid.auto_confirm_visit(visit.pk, by=SYSTEM, on=visit.confirm_due_on))
    next_day = visit.confirm_due_on + timedelta(days=1)
    assert Visit.objects.silent(next_day).get() == visit and not Visit.objects.silent(visit.confirm_due_on).exists()
    done = prepaid.auto_confirm_visit(visit.pk, by=SYSTEM, on=next_day)
    assert (done.status, done.amount_fen) == (State.AUTO_CONFIRMED, 5_000)
    refused(WrongState, lambda: prepaid.auto_confirm_visit(visit.pk, by=SYSTEM, on=next_day))
    assert verbs(visit)[-1] == "visit.auto_confirm"


def test_a_dispute_stops_the_clock_of_silence_for_good(contract: Contract, consumer: User) -> None:
    visit = ask(contract, 6_000)
    prepaid.dispute_visit(visit.pk, "没去过", by=who(consumer))
    with unmoved(contract):
        assert prepaid.dispute_visit(visit.pk, "又说一遍", by=who(consumer)).reason == "没去过"
        assert not Visit.objects.silent(days(1000)).exists()
        refused(WrongState, lambda: prepaid.auto_confirm_visit(visit.pk, by=SYSTEM, on=days(1000)))
    assert verbs(visit) == ["visit.request", "visit.dispute"] and fresh(contract).held_fen == 5_000


def test_a_disputed_visit_may_still_be_admitted_by_the_consumer(contract: Contract, consumer: User) -> None:
    visit = ask(contract, 6_000)
    prepaid.dispute_visit(visit.pk, "", by=who(consumer))
    assert prepaid.confirm_visit(visit.pk, by=who(consumer)).amount_fen == 5_000
    refused(WrongState, lambda: prepaid.dispute_visit(visit.pk, "", by=who(consumer)))


@pytest.mark.parametrize("disputed", [False, True])
def test_a_withdrawn_visit_frees_what_it_held(
    contract: Contract, consumer: User, second_consumer: User, owner_a: User, clerk_b: User, *, disputed: bool
) -> None:
    visit = ask(contract, 6_000)
    if disputed:
        prepaid.dispute_visit(visit.pk, "没有", by=who(consumer))
    unseen(lambda: prepaid.withdraw_visit(visit.pk, by=who(second_consumer)))
    unseen(lambda: prepaid.withdraw_visit(visit.pk, by=who(clerk_b)))
    forbidden(lambda: prepaid.withdraw_visit(visit.pk, by=who(consumer)))
    prepaid.withdraw_visit(visit.pk, by=who(owner_a))
    now = fresh(contract)
    assert (now.locked_fen, now.held_fen, now.lots.get().face_left_fen) == (300_000, 0, 360_000)
    for late in (
        lambda: prepaid.withdraw_visit(visit.pk, by=who(owner_a)),
        lambda: prepaid.confirm_visit(visit.pk, by=who(consumer)),
        lambda: prepaid.dispute_visit(visit.pk, "", by=who(consumer)),
    ):
        refused(WrongState, late)
    assert verbs(visit)[-1] == "visit.withdraw"
    books(contract)


def test_the_officer_decides_a_dispute_with_a_reason_and_only_in_the_own_district(
    contract: Contract, consumer: User, owner_a: User, district_officer: User, other_officer: User, auditor: User
) -> None:
    upheld, rejected = ask(contract, 6_000), ask(contract, 12_000)
    by = who(district_officer)
    refused(WrongState, lambda: prepaid.uphold_visit(upheld.pk, "有监控", by=by))
    refused(WrongState, lambda: prepaid.reject_visit(rejected.pk, "没有", by=by))
    for visit in (upheld, rejected):
        prepaid.dispute_visit(visit.pk, "没有", by=who(consumer))
    for step in (prepaid.uphold_visit, prepaid.reject_visit):
        refused(Invalid, lambda step=step: step(upheld.pk, " ", by=by))
        unseen(lambda step=step: step(upheld.pk, "理由", by=who(other_officer)))
        forbidden(lambda step=step: step(upheld.pk, "理由", by=who(auditor)))
        forbidden(lambda step=step: step(upheld.pk, "理由", by=who(owner_a)))
    assert prepaid.uphold_visit(upheld.pk, "有监控", by=by).amount_fen == 5_000
    assert prepaid.reject_visit(rejected.pk, "没有记录", by=by).status == State.CANCELLED
    assert fresh(contract).held_fen == 0 and fresh(contract).released_fen == 5_000
    assert (verbs(upheld)[-1], verbs(rejected)[-1]) == ("visit.uphold", "visit.reject")
    books(contract)


# The consumer reports; the code at the counter


def test_the_consumer_reports_a_visit_and_pays_at_once(
    contract: Contract, consumer: User, second_consumer: User, owner_a: User
) -> None:
    def report(by: Actor) -> Visit:
        return prepaid.report_visit(contract.pk, contract.store_id, "剪发", face_fen=6_000, by=by)

    unseen(lambda: report(who(second_consumer)))
    forbidden(lambda: report(who(owner_a)))
    visit = report(who(consumer))
    assert (visit.status, visit.started_by, visit.amount_fen) == (State.CONFIRMED, Visit.StartedBy.CONSUMER, 5_000)
    assert verbs(visit) == ["visit.request", "visit.confirm"]


def test_a_shown_code_pays_once_at_the_own_shop_within_three_minutes(
    contract: Contract, consumer: User, second_consumer: User, owner_a: User, owner_b: User, merchant_b: Merchant
) -> None:
    merchant, store = contract.merchant_id, contract.store_id

    def redeem(code: str, by: User = owner_a, at: int = merchant) -> Visit:
        return prepaid.redeem_shown_code(at, store, code, "剪发", face_fen=6_000, by=who(by))

    unseen(lambda: prepaid.show_code(contract.pk, by=who(second_consumer)))
    forbidden(lambda: prepaid.show_code(contract.pk, by=who(owner_a)))
    old = prepaid.show_code(contract.pk, by=who(consumer)).code
    code = prepaid.show_code(contract.pk, by=who(consumer)).code
    assert verbs(contract).count("contract.show_code") == 2
    with unmoved(contract):
        refused(Invalid, lambda: redeem(old))
        refused(Invalid, lambda: redeem("00000000" if code != "00000000" else "11111111"))
        refused(Invalid, lambda: redeem(code, owner_b, merchant_b.pk))
        unseen(lambda: redeem(code, owner_b))
    visit = redeem(code)
    assert (visit.status, visit.amount_fen, visit.staff) == (State.CONFIRMED, 5_000, owner_a)
    with unmoved(contract):
        refused(Invalid, lambda: redeem(code))
    late = prepaid.show_code(contract.pk, by=who(consumer)).code
    ShownCode.objects.filter(code=late).update(expires_at=timezone.now() - timedelta(seconds=1))
    refused(Invalid, lambda: redeem(late))


def test_a_refused_payment_does_not_use_the_code_up(contract: Contract, consumer: User, owner_a: User) -> None:
    code = prepaid.show_code(contract.pk, by=who(consumer)).code
    by, args = who(owner_a), (contract.merchant_id, contract.store_id, code, "烫")
    refused(NotEnoughLocked, lambda: prepaid.redeem_shown_code(*args, face_fen=999_999, by=by))
    assert prepaid.redeem_shown_code(*args, face_fen=6_000, by=by).amount_fen == 5_000


# Lots that were given back


@pytest.mark.parametrize("with_code", [False, True])
def test_paying_at_once_beside_two_visits_that_wait_takes_what_is_free(
    merchant_a: Merchant, consumer: User, owner_a: User, *, with_code: bool
) -> None:
    card = third_card(merchant_a, consumer)
    waiting = [ask(card, times=1) for _ in range(2)]
    assert fresh(card).held_fen == 68
    if with_code:
        code = prepaid.show_code(card.pk, by=who(consumer)).code
        visit = prepaid.redeem_shown_code(merchant_a.pk, card.store_id, code, "剪", times=1, by=who(owner_a))
    else:
        visit = prepaid.report_visit(card.pk, card.store_id, "剪", times=1, by=who(consumer))
    assert visit.amount_fen == 32
    for other in waiting:
        prepaid.confirm_visit(other.pk, by=who(consumer))
    assert fresh(card).released_fen == 100 and fresh(card).status == Contract.Status.COMPLETED
    books(card)


def test_a_lot_that_was_given_back_cannot_be_spent_nor_its_gift(contract: Contract, consumer: User, plan: Plan) -> None:
    consume(contract, fen=6_000)
    top_up(contract, plan)
    prepaid.request_refund(contract.pk, "COOLING_OFF", by=who(consumer))
    now = fresh(contract)
    assert (now.status, now.refunded_fen, now.locked_fen) == (Contract.Status.ACTIVE, 300_000, 295_000)
    with unmoved(contract):
        refused(NotEnoughLocked, lambda: ask(contract, 354_001))
    consume(contract, fen=354_000)
    assert fresh(contract).status == Contract.Status.COMPLETED
    assert Lot.objects.get(contract=contract, no=2).used_face_fen == 0
    books(contract)


def test_a_term_card_signs_people_in_without_money_and_starts_with_the_first(
    merchant_a: Merchant, consumer: User
) -> None:
    card = term_card(merchant_a, consumer, starts=Plan.Starts.FIRST_USE)
    refused(Invalid, lambda: ask(card, fen=1))
    visit = ask(card)
    assert visit.hold_fen == 0 and fresh(card).starts_on is None
    prepaid.confirm_visit(visit.pk, by=who(consumer))
    assert (fresh(card).starts_on, fresh(card).ends_on) == (days(0), days(84))
    books(card)

"""Refunds from the request to the money's arrival: who may, by when, how much, and what a pending visit does to it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from core.actors import CUSTODIAN, SYSTEM, Actor
from core.errors import Invalid, WrongState
from core.models import OutboxEvent, User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.custodian import Notice
from prepaid.models import Contract, CustodianNotice, Payout, Plan, Refund, RefundShortfall, Visit
from prepaid.refunds import Cause, Facts, Kind, LotFacts, compute
from tests.cast import fresh, make_plan, open_contract
from tests.prepaid.scenes import (
    ask,
    books,
    consume,
    count_card,
    days,
    forbidden,
    ledger_is_whole,
    payable,
    refund_row,
    refused,
    top_up,
    unmoved,
    unseen,
    verbs,
    who,
)

pytestmark = pytest.mark.django_db
State = Refund.Status


def want(contract: Contract, cause: str = "CONSUMER", on: date | None = None) -> Refund:
    if cause == "EXPIRED":
        Contract.objects.filter(pk=contract.pk).update(ends_on=days(-1))
    return prepaid.request_refund(contract.pk, cause, by=who(contract.holder), on=on)


def agree(refund: Refund) -> Refund:
    return prepaid.agree_refund(refund.pk, by=who(refund.merchant.registered_by))


def bank(kind: str, payout: Payout, ref: str, reason: str = "") -> CustodianNotice:
    notice = Notice(kind, ref, payout.payout_no, payout.amount_fen, "", at=None, reason=reason)  # type: ignore[arg-type]
    return prepaid.receive(notice, by=CUSTODIAN)


@pytest.fixture
def old(plan: Plan, consumer: User) -> Contract:
    """A stored-value card paid three weeks ago, 600 of its face used."""
    contract = open_contract(plan, consumer, on=days(-21))
    consume(contract, fen=60_000)
    return fresh(contract)


# How much


@pytest.mark.parametrize("cause", ["CONSUMER", "MERCHANT", "EXPIRED"])
@pytest.mark.parametrize("used", [0, 1, 59_999, 290_000, 359_999])
def test_a_stored_value_card_is_refunded_as_the_law_counts(
    plan: Plan, consumer: User, owner_a: User, cause: str, used: int
) -> None:
    contract = open_contract(plan, consumer, on=days(-21))
    if used:
        consume(contract, fen=used)
    by_law = compute(Facts(Kind.STORED_VALUE, Cause(cause), (LotFacts(300_000, bonus_fen=60_000, used_face_fen=used),)))
    if not by_law.total_fen:
        refused(Invalid, lambda: want(contract, cause))
        return
    refund = agree(want(contract, cause))
    assert refund.total_fen == by_law.total_fen == refund.amount_fen
    assert sum(line["amount_fen"] for line in refund.lines) == refund.total_fen
    assert not RefundShortfall.objects.exists()
    assert fresh(contract).released_fen == 300_000 - refund.total_fen
    books(contract)


@pytest.mark.parametrize("cause", ["CONSUMER", "MERCHANT", "EXPIRED"])
@pytest.mark.parametrize("used", [1, 5, 12])
def test_a_count_card_is_refunded_as_the_law_counts(
    merchant_a: Merchant, consumer: User, cause: str, used: int
) -> None:
    plan = make_plan(merchant_a, Plan.Kind.COUNT)
    contract = open_contract(plan, consumer, on=days(-21))
    consume(contract, times=used)
    lot = LotFacts(100_000, times_paid=10, times_bonus=3, times_used=used, list_price_fen=15_000)
    by_law = compute(Facts(Kind.COUNT, Cause(cause), (lot,))).total_fen
    if not by_law:
        refused(Invalid, lambda: want(contract, cause))
        return
    assert agree(want(contract, cause)).amount_fen == by_law
    assert fresh(contract).locked_fen == 0
    books(contract)


def test_each_lot_is_counted_by_its_own_gift(old: Contract, merchant_a: Merchant) -> None:
    top_up(old, make_plan(merchant_a, price_fen=100_000, bonus_fen=0), on=days(-10))
    refund = want(old, "MERCHANT")
    assert {line["lot"] for line in refund.lines} == {1, 2}
    assert refund.total_fen == 250_000 + 100_000
    agree(refund)
    books(old)


def test_a_fresh_lot_gives_its_principal_back_whatever_the_cause(old: Contract, plan: Plan) -> None:
    top_up(old, plan)
    assert want(old, "CONSUMER").total_fen == 240_000 + 300_000


# Seven days


def test_inside_the_seven_days_the_shop_is_not_asked(contract: Contract) -> None:
    refund = want(contract, "COOLING_OFF", on=days(7))
    assert (refund.status, refund.amount_fen) == (State.PAYING, 300_000)
    assert fresh(contract).status == Contract.Status.REFUNDED and fresh(contract).locked_fen == 0
    assert verbs(refund) == ["refund.request", "refund.auto_agree"]
    assert OutboxEvent.objects.filter(topic="prepaid.send_payout").count() == 1
    books(contract)


def test_the_eighth_day_and_a_used_card_are_too_late_for_it(contract: Contract) -> None:
    with unmoved(contract):
        refused(Invalid, lambda: want(contract, "COOLING_OFF", on=days(8)))
    ask(contract, 6_000)
    with unmoved(contract):
        refused(Invalid, lambda: want(contract, "COOLING_OFF"))


def test_a_visit_taken_back_makes_the_lot_fresh_again(contract: Contract, owner_a: User) -> None:
    prepaid.withdraw_visit(ask(contract, 6_000).pk, by=who(owner_a))
    assert want(contract, "COOLING_OFF").amount_fen == 300_000


def test_the_card_goes_on_with_its_other_lots(old: Contract, plan: Plan, consumer: User) -> None:
    top_up(old, plan)
    refund = want(old, "COOLING_OFF")
    assert refund.amount_fen == 300_000 and fresh(old).status == Contract.Status.ACTIVE
    assert fresh(old).locked_fen == 250_000
    bank("payout.paid", refund.payouts.get(), "p1")
    last = want(old, "MERCHANT")
    assert last.total_fen == 250_000
    agree(last)
    assert fresh(old).refunded_fen == 550_000
    books(old)


# Who and when


def test_only_the_holder_asks_and_only_once_at_a_time(
    old: Contract, second_consumer: User, owner_a: User, clerk_b: User, district_officer: User
) -> None:
    for stranger in (second_consumer, clerk_b):
        unseen(lambda stranger=stranger: prepaid.request_refund(old.pk, "CONSUMER", by=who(stranger)))
    for watcher in (owner_a, district_officer):
        forbidden(lambda watcher=watcher: prepaid.request_refund(old.pk, "CONSUMER", by=who(watcher)))
    refused(Invalid, lambda: want(old, "WHIM"))
    want(old)
    with unmoved(old):
        refused(WrongState, lambda: want(old))
    assert Refund.objects.count() == 1


def test_a_contract_without_money_has_nothing_to_refund(plan: Plan, consumer: User) -> None:
    contract = prepaid.offer(
        plan.pk, plan.merchant.stores.get().pk, consumer.phone, by=who(plan.merchant.registered_by)
    )
    refused(WrongState, lambda: want(contract))


def test_only_the_boss_answers(
    old: Contract, consumer: User, clerk_a: User, owner_b: User, merchant_b: Merchant
) -> None:
    refund = want(old)
    answers: list[Callable[[Actor], object]] = [
        lambda by: prepaid.agree_refund(refund.pk, by=by),
        lambda by: prepaid.refuse_refund(refund.pk, "不退", by=by),
    ]
    for answer in answers:
        unseen(lambda answer=answer: answer(who(owner_b)))
        forbidden(lambda answer=answer: answer(who(clerk_a)))
        forbidden(lambda answer=answer: answer(who(consumer)))
    for system_only in (consumer, clerk_a):
        forbidden(lambda user=system_only: prepaid.auto_agree_refund(refund.pk, by=who(user), on=days(99)))
    assert agree(refund).status == State.PAYING
    assert agree(refund).status == State.PAYING
    assert verbs(refund) == ["refund.request", "refund.agree"]
    assert Payout.objects.count() == 1 and fresh(old).refunded_fen == 240_000


def test_silence_agrees_a_days_payout_before_the_money_is_due(old: Contract) -> None:
    refund = want(old)
    assert refund.pay_due_on == days(5) and refund.answer_due_on <= refund.pay_due_on - timedelta(days=1)
    refused(WrongState, lambda: prepaid.auto_agree_refund(refund.pk, by=SYSTEM, on=refund.answer_due_on))
    next_day = refund.answer_due_on + timedelta(days=1)
    assert Refund.objects.unanswered(next_day).get() == refund
    assert prepaid.auto_agree_refund(refund.pk, by=SYSTEM, on=next_day).status == State.PAYING
    assert next_day <= refund.pay_due_on
    refused(WrongState, lambda: prepaid.auto_agree_refund(refund.pk, by=SYSTEM, on=next_day))


def test_a_refusal_keeps_the_money_locked_until_an_officer_orders_it(
    old: Contract, owner_a: User, consumer: User, district_officer: User, other_officer: User, auditor: User
) -> None:
    refund = want(old)
    refused(Invalid, lambda: prepaid.refuse_refund(refund.pk, "  ", by=who(owner_a)))
    with unmoved(old):
        prepaid.refuse_refund(refund.pk, "已经用了很多", by=who(owner_a))
        refused(WrongState, lambda: prepaid.refuse_refund(refund.pk, "再说", by=who(owner_a)))
        refused(WrongState, lambda: prepaid.auto_agree_refund(refund.pk, by=SYSTEM, on=days(99)))
        refused(Invalid, lambda: prepaid.order_refund(refund.pk, " ", by=who(district_officer)))
        unseen(lambda: prepaid.order_refund(refund.pk, "理由", by=who(other_officer)))
        for other in (auditor, consumer, owner_a):
            forbidden(lambda other=other: prepaid.order_refund(refund.pk, "理由", by=who(other)))
    done = prepaid.order_refund(refund.pk, "理由不成立", by=who(district_officer))
    assert (done.status, done.amount_fen) == (State.PAYING, 240_000)
    assert verbs(refund) == ["refund.request", "refund.refuse", "refund.order"]


def test_the_consumer_may_think_better_of_it(
    old: Contract, consumer: User, second_consumer: User, owner_a: User
) -> None:
    refund = want(old)
    unseen(lambda: prepaid.withdraw_refund(refund.pk, by=who(second_consumer)))
    forbidden(lambda: prepaid.withdraw_refund(refund.pk, by=who(owner_a)))
    with unmoved(old):
        prepaid.withdraw_refund(refund.pk, by=who(consumer))
        refused(WrongState, lambda: prepaid.withdraw_refund(refund.pk, by=who(consumer)))
        refused(WrongState, lambda: agree(refund))
    assert verbs(refund)[-1] == "refund.withdraw" and want(old).pk != refund.pk


def test_what_is_used_after_the_request_counts(old: Contract) -> None:
    refund = want(old)
    consume(old, fen=6_000)
    assert agree(refund).amount_fen == 234_000
    books(old)


def test_a_card_used_up_after_the_request_can_still_be_answered(old: Contract) -> None:
    refund = want(old, "MERCHANT")
    consume(old, fen=300_000)
    assert fresh(old).status == Contract.Status.COMPLETED
    done = agree(refund)
    assert (done.status, done.amount_fen) == (State.PAID, 0)
    books(old)


# Visits that wait or are disputed


@pytest.mark.parametrize("disputed", [False, True])
def test_what_a_pending_visit_holds_stays_and_follows_when_it_is_taken_back(
    old: Contract, owner_a: User, consumer: User, *, disputed: bool
) -> None:
    visit = ask(old, 6_001)
    if disputed:
        prepaid.dispute_visit(visit.pk, "没有", by=who(consumer))
    refund = agree(want(old, "MERCHANT"))
    assert (refund.total_fen, refund.amount_fen) == (250_000, 250_000 - 5_001)
    assert (fresh(old).locked_fen, fresh(old).held_fen) == (5_001, 5_001)
    prepaid.withdraw_visit(visit.pk, by=who(owner_a))
    follow_up = refund_row(old)
    assert (follow_up.pk != refund.pk, follow_up.amount_fen, follow_up.status) == (True, 5_001, State.PAYING)
    assert fresh(old).locked_fen == 0 and fresh(old).refunded_fen == 250_000
    assert verbs(follow_up) == ["refund.follow_up"]
    books(old)
    ledger_is_whole()


def test_when_the_pending_visit_is_upheld_the_merchant_gets_it_and_not_a_fen_stays_behind(
    old: Contract, consumer: User, district_officer: User
) -> None:
    visit = ask(old, 6_001)
    prepaid.dispute_visit(visit.pk, "没有", by=who(consumer))
    agree(want(old, "MERCHANT"))
    prepaid.uphold_visit(visit.pk, "有监控", by=who(district_officer))
    law = compute(Facts(Kind.STORED_VALUE, Cause.MERCHANT, (LotFacts(300_000, 60_000, used_face_fen=66_001),)))
    assert (fresh(old).locked_fen, fresh(old).refunded_fen) == (0, law.total_fen)
    books(old)


def test_a_pending_visit_confirmed_by_silence_after_the_refund_pays_the_merchant(old: Contract) -> None:
    visit = ask(old, 6_000)
    agree(want(old, "MERCHANT"))
    prepaid.auto_confirm_visit(visit.pk, by=SYSTEM, on=visit.confirm_due_on + timedelta(days=1))
    assert (fresh(old).locked_fen, fresh(old).released_fen) == (0, 55_000)


def test_with_the_consumers_cause_a_rejected_visit_leaves_what_the_law_gives_the_merchant(
    old: Contract, consumer: User, district_officer: User
) -> None:
    visit = ask(old, 6_000)
    prepaid.dispute_visit(visit.pk, "没有", by=who(consumer))
    refund = agree(want(old))
    # As if the visit were upheld: 300,000 - 66,000. The rest waits on the card, beside what the visit holds.
    assert (refund.total_fen, refund.amount_fen) == (240_000, 234_000)
    assert (fresh(old).locked_fen, fresh(old).held_fen, payable(old.merchant)) == (6_000, 5_000, 60_000)
    books(old)
    prepaid.reject_visit(visit.pk, "没有记录", by=who(district_officer))
    assert (fresh(old).locked_fen, fresh(old).refunded_fen, payable(old.merchant)) == (0, 240_000, 60_000)
    books(old)


def test_two_pending_visits_come_to_their_ends_one_by_one(
    old: Contract, owner_a: User, consumer: User, plan: Plan
) -> None:
    top_up(old, plan, on=days(-10))
    visits = [ask(old, 7), ask(old, 299_999), ask(old, 11)]
    agree(want(old, "MERCHANT"))
    prepaid.confirm_visit(visits[1].pk, by=who(consumer))
    books(old)
    prepaid.withdraw_visit(visits[0].pk, by=who(owner_a))
    books(old)
    prepaid.withdraw_visit(visits[2].pk, by=who(owner_a))
    books(old)
    assert fresh(old).locked_fen == 0 and Visit.objects.filter(status="CONFIRMED").count() == 2
    ledger_is_whole()


def test_what_several_rejected_visits_held_all_goes_to_the_consumer(old: Contract, owner_a: User) -> None:
    visits = [ask(old, 6_000) for _ in range(3)]
    agree(want(old, "MERCHANT"))
    for visit in visits:
        prepaid.withdraw_visit(visit.pk, by=who(owner_a))
    assert (fresh(old).refunded_fen, payable(old.merchant)) == (250_000, 50_000)
    assert Refund.objects.filter(contract=old).count() == 4
    books(old)


# More owed than locked


def test_what_the_law_gives_beyond_the_locked_money_is_the_merchants_debt(merchant_a: Merchant, consumer: User) -> None:
    # A list price below the average of the card: art. 19 then gives back more than was kept.
    plan = make_plan(merchant_a, Plan.Kind.COUNT, list_price_fen=1_000)
    contract = open_contract(plan, consumer, on=days(-21))
    consume(contract, times=5)
    refund = agree(want(contract))
    assert refund.total_fen == 95_000 and refund.amount_fen == fresh(contract).paid_fen - 5 * 100_000 // 13
    assert RefundShortfall.objects.get().amount_fen == refund.total_fen - refund.amount_fen
    books(contract)


def test_a_count_card_with_a_pending_visit_and_the_seven_days(merchant_a: Merchant, consumer: User) -> None:
    card = count_card(merchant_a, consumer)
    ask(card, times=1)
    refund = agree(want(card, "MERCHANT"))
    assert (refund.total_fen, refund.amount_fen) == (100_000, 100_000 - 7_693)
    books(card)

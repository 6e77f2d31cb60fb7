"""Freezes: two officers, nothing to the merchant, refunds still run, and lifting releases what waited."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from core.actors import SYSTEM, Actor
from core.calendar import add_working_days, working_days_between
from core.errors import Frozen, Invalid, WrongState
from core.jobs import run_shard
from core.models import AuditEvent, User
from prepaid import actions as prepaid
from prepaid.models import Contract, Freeze, Plan, Visit
from tests.cast import fresh, make_plan, open_contract
from tests.prepaid.scenes import (
    ask,
    books,
    consume,
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
from tests.prepaid.test_periods import release

pytestmark = pytest.mark.django_db
Freezer = Callable[..., Freeze]


@pytest.fixture
def freeze(contract: Contract, district_officer: User, second_officer: User) -> Freezer:
    """Freeze all of the merchant, or one contract."""

    def do(one: Contract | None = None) -> Freeze:
        row = prepaid.propose_freeze(
            contract.merchant_id, "涉嫌卷款跑路", by=who(district_officer), contract_id=one.pk if one else None
        )
        return prepaid.approve_freeze(row.pk, by=who(second_officer))

    return do


@pytest.fixture
def lift(district_officer: User, second_officer: User) -> Callable[[Freeze], Freeze]:
    """End a freeze, the two officers in turn."""

    def do(row: Freeze) -> Freeze:
        prepaid.propose_lift(row.pk, "风险已经解除", by=who(second_officer))
        return prepaid.approve_lift(row.pk, by=who(district_officer))

    return do


def test_two_officers_of_the_district_sign_and_never_the_same_one_twice(
    contract: Contract, district_officer: User, second_officer: User, other_officer: User, auditor: User, owner_a: User
) -> None:
    merchant = contract.merchant_id
    unseen(lambda: prepaid.propose_freeze(merchant, "涉嫌跑路", by=who(other_officer)))
    for other in (auditor, owner_a):
        forbidden(lambda other=other: prepaid.propose_freeze(merchant, "涉嫌跑路", by=who(other)))
    refused(Invalid, lambda: prepaid.propose_freeze(merchant, "  短 ", by=who(district_officer)))
    row = prepaid.propose_freeze(merchant, "涉嫌卷款跑路", by=who(district_officer))
    refused(WrongState, lambda: prepaid.propose_freeze(merchant, "又来一次吧", by=who(second_officer)))
    for other in (district_officer, auditor, owner_a):
        forbidden(lambda other=other: prepaid.approve_freeze(row.pk, by=who(other)))
        forbidden(lambda other=other: prepaid.reject_freeze(row.pk, "证据还不充分", by=who(other)))
    unseen(lambda: prepaid.approve_freeze(row.pk, by=who(other_officer)))
    assert not fresh(contract).released_fen and consume(contract, fen=6_000).amount_fen == 5_000
    row = prepaid.approve_freeze(row.pk, by=who(second_officer))
    refused(WrongState, lambda: prepaid.approve_freeze(row.pk, by=who(second_officer)))
    assert (row.status, row.locked_fen) == (Freeze.Status.IN_FORCE, 300_000)
    prepaid.propose_lift(row.pk, "风险已经解除", by=who(second_officer))
    forbidden(lambda: prepaid.approve_lift(row.pk, by=who(second_officer)))
    assert prepaid.reject_lift(row.pk, "证据还不充分", by=who(district_officer)).status == Freeze.Status.IN_FORCE
    refused(Frozen, lambda: consume(contract, fen=6_000))
    refused(Invalid, lambda: prepaid.propose_lift(row.pk, "短", by=who(second_officer)))
    prepaid.propose_lift(row.pk, "风险已经解除", by=who(district_officer))
    assert prepaid.approve_lift(row.pk, by=who(second_officer)).status == Freeze.Status.LIFTED
    assert verbs(row) == [
        "freeze.propose", "freeze.approve", "freeze.propose_lift", "freeze.reject_lift", "freeze.propose_lift",
        "freeze.approve_lift",
    ]  # fmt: skip


def test_a_rejected_freeze_stops_nothing_and_another_may_follow(
    contract: Contract, district_officer: User, second_officer: User
) -> None:
    row = prepaid.propose_freeze(contract.merchant_id, "涉嫌卷款跑路", by=who(district_officer))
    assert prepaid.reject_freeze(row.pk, "证据还不充分", by=who(second_officer)).status == Freeze.Status.REJECTED
    refused(WrongState, lambda: prepaid.propose_lift(row.pk, "风险已经解除", by=who(district_officer)))
    assert consume(contract, fen=6_000).amount_fen == 5_000
    assert prepaid.propose_freeze(contract.merchant_id, "又有新证据", by=who(district_officer)).pk != row.pk


@pytest.mark.parametrize("whole", [False, True])
def test_while_frozen_nothing_reaches_the_merchant_and_the_visit_keeps_waiting(
    contract: Contract, consumer: User, owner_a: User, freeze: Freezer, lift: Callable[[Freeze], Freeze], *, whole: bool
) -> None:
    waiting = ask(contract, 6_000)
    code = prepaid.show_code(contract.pk, by=who(consumer)).code
    row = freeze(None if whole else contract)
    with unmoved(contract):
        steps: list[Callable[[], object]] = [
            lambda: prepaid.confirm_visit(waiting.pk, by=who(consumer)),
            lambda: prepaid.auto_confirm_visit(waiting.pk, by=SYSTEM, on=days(60)),
            lambda: prepaid.report_visit(contract.pk, contract.store_id, "剪", face_fen=100, by=who(consumer)),
            lambda: prepaid.redeem_shown_code(
                contract.merchant_id, contract.store_id, code, "剪", face_fen=100, by=who(owner_a)
            ),
        ]
        for step in steps:
            refused(Frozen, step)
    assert payable(contract.merchant) == 0
    lift(row)
    assert prepaid.confirm_visit(waiting.pk, by=who(consumer)).amount_fen == 5_000
    books(contract)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("cause", ["CONSUMER", "MERCHANT"])
def test_while_frozen_refunds_run_and_the_merchants_part_waits_for_the_lift(
    contract: Contract, consumer: User, owner_a: User, freeze: Freezer, lift: Callable[[Freeze], Freeze],
    cause: str, *, whole: bool,
) -> None:  # fmt: skip
    consume(contract, fen=60_000)
    row = freeze(None if whole else contract)
    refund = prepaid.request_refund(contract.pk, cause, by=who(consumer))
    done = prepaid.agree_refund(refund.pk, by=who(owner_a))
    expected = 240_000 if cause == "CONSUMER" else 250_000
    assert (done.amount_fen, fresh(contract).refunded_fen) == (expected, expected)
    assert (payable(contract.merchant), fresh(contract).locked_fen) == (50_000, 250_000 - expected)
    lift(row)
    assert (payable(contract.merchant), fresh(contract).locked_fen) == (300_000 - expected, 0)
    books(contract)
    ledger_is_whole()


def test_a_visit_taken_back_while_frozen_follows_the_refund(
    contract: Contract, consumer: User, owner_a: User, freeze: Freezer, lift: Callable[[Freeze], Freeze]
) -> None:
    consume(contract, fen=60_000)
    visit = ask(contract, 6_000)
    row = freeze()
    refund = prepaid.request_refund(contract.pk, "CONSUMER", by=who(consumer))
    prepaid.agree_refund(refund.pk, by=who(owner_a))
    prepaid.withdraw_visit(visit.pk, by=who(owner_a))
    assert (fresh(contract).refunded_fen, payable(contract.merchant)) == (240_000, 50_000)
    lift(row)
    assert (fresh(contract).locked_fen, payable(contract.merchant)) == (0, 60_000)


def test_lifting_one_of_two_freezes_releases_nothing_yet(
    contract: Contract, consumer: User, owner_a: User, freeze: Freezer, lift: Callable[[Freeze], Freeze]
) -> None:
    consume(contract, fen=60_000)
    one, whole = freeze(contract), freeze()
    refund = prepaid.request_refund(contract.pk, "CONSUMER", by=who(consumer))
    prepaid.agree_refund(refund.pk, by=who(owner_a))
    lift(one)
    assert (fresh(contract).locked_fen, payable(contract.merchant)) == (10_000, 50_000)
    lift(whole)
    assert (fresh(contract).locked_fen, payable(contract.merchant)) == (0, 60_000)


@pytest.mark.parametrize("whole", [False, True])
def test_periods_due_while_frozen_are_paid_after_the_lift(
    contract: Contract, second_consumer: User, freeze: Freezer, lift: Callable[[Freeze], Freeze], *, whole: bool
) -> None:
    year = term_card(contract.merchant, second_consumer)
    row = freeze(None if whole else year)
    release(days(20))
    assert fresh(year).released_fen == 0
    lift(row)
    release(days(20))
    assert fresh(year).released_fen == 2 * 19_800
    books(year)


def test_a_freeze_of_one_contract_leaves_the_others_alone(
    contract: Contract, plan: Plan, second_consumer: User, freeze: Freezer
) -> None:
    other = open_contract(plan, second_consumer)
    freeze(contract)
    assert consume(other, fen=6_000).amount_fen == 5_000
    waiting = ask(contract, 6_000)
    with unmoved(contract):
        refused(Frozen, lambda: prepaid.confirm_visit(waiting.pk, by=who(contract.holder)))


def test_a_contract_of_another_merchant_cannot_be_frozen_through_this_one(
    contract: Contract, district_officer: User, merchant_b: object, second_consumer: User
) -> None:
    foreign = open_contract(make_plan(merchant_b), second_consumer)  # type: ignore[arg-type]
    unseen(
        lambda: prepaid.propose_freeze(
            contract.merchant_id, "涉嫌卷款跑路", by=who(district_officer), contract_id=foreign.pk
        )
    )


def test_a_contract_without_an_account_has_nothing_to_freeze(
    contract: Contract, plan: Plan, second_consumer: User, freeze: Freezer
) -> None:
    store, boss = plan.merchant.stores.get(), who(plan.merchant.registered_by)
    unsigned = prepaid.offer(plan.pk, store.pk, second_consumer.phone, by=boss)
    refused(WrongState, lambda: freeze(unsigned))


def test_money_can_still_come_in_and_be_held_while_frozen(
    contract: Contract, plan: Plan, freeze: Freezer, second_consumer: User
) -> None:
    freeze()
    late = open_contract(plan, second_consumer)
    assert fresh(late).locked_fen == 300_000 and ask(late, 6_000).hold_fen == 5_000


def test_everybody_else_is_refused_at_each_step(
    contract: Contract, consumer: User, owner_a: User, freeze: Freezer
) -> None:
    row = freeze()
    steps: list[Callable[[Actor], object]] = [
        lambda by: prepaid.propose_lift(row.pk, "风险已经解除", by=by),
        lambda by: prepaid.approve_lift(row.pk, by=by),
        lambda by: prepaid.reject_lift(row.pk, "证据还不充分", by=by),
    ]
    for step in steps:
        unseen(lambda step=step: step(who(consumer)))
        forbidden(lambda step=step: step(who(owner_a)))


def test_the_clock_of_silence_stands_while_frozen_and_goes_on_afterwards(
    contract: Contract, freeze: Freezer, lift: Callable[[Freeze], Freeze]
) -> None:
    visit = ask(contract, 6_000)
    row = freeze()
    assert run_shard("prepaid.auto_confirm", days(60), 0) == {"done": 0, "refused": []}
    Freeze.objects.filter(pk=row.pk).update(approved_at=timezone.now() - timedelta(days=40))
    Visit.objects.filter(pk=visit.pk).update(requested_at=timezone.now() - timedelta(days=47), confirm_due_on=days(-26))
    lift(row)
    visit.refresh_from_db()
    left = working_days_between(days(-40), days(-26))
    assert visit.confirm_due_on == add_working_days(days(0), left).due
    assert visit.confirm_clock.startswith("资金冻结期间不计时")
    assert run_shard("prepaid.auto_confirm", days(0), 0)["done"] == 0
    assert run_shard("prepaid.auto_confirm", visit.confirm_due_on + timedelta(days=1), 0)["done"] == 1


def test_whoever_does_not_sign_says_why(contract: Contract, district_officer: User, second_officer: User) -> None:
    row = prepaid.propose_freeze(contract.merchant_id, "涉嫌卷款跑路", by=who(district_officer))
    refused(Invalid, lambda: prepaid.reject_freeze(row.pk, " 不 ", by=who(second_officer)))
    row.refresh_from_db()
    assert row.status == Freeze.Status.PROPOSED
    prepaid.reject_freeze(row.pk, "证据还不充分", by=who(second_officer))
    assert AuditEvent.objects.filter(verb="freeze.reject").latest("id").facts == {"reason": "证据还不充分"}

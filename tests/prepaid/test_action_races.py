"""Two at once: each race has one winner, nothing is paid twice, and no circle of waiting arises.

The second half of a test takes the lock away and sees the race lost, so that the first half proves something.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest

from core import outbox
from core.actors import CUSTODIAN, SYSTEM
from core.errors import NotEnoughLocked, PortalError, WrongState
from core.locking import LockingQuerySet
from core.models import OutboxEvent, User
from core.transactions import durably
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid import ledger
from prepaid.custodian import Notice
from prepaid.models import Contract, CustodianNotice, Freeze, Instalment, Lot, Plan, Refund, Transfer, Visit
from tests.cast import fresh, make_plan, open_contract
from tests.prepaid.scenes import (
    ask,
    at_once,
    books,
    consume,
    days,
    deadlocks,
    oracle_is_content,
    payable,
    term_card,
    who,
)

pytestmark = pytest.mark.django_db(transaction=True)
Answers = list[object]


@pytest.fixture(autouse=True)
def no_deadlock(db: None) -> Iterator[None]:
    """No race may end by the database breaking a circle, and the ledger is whole after it."""
    before = deadlocks()
    yield
    assert deadlocks() == before
    oracle_is_content()


@contextmanager
def without_locks(monkeypatch: pytest.MonkeyPatch, parties: int = 2) -> Iterator[None]:
    """Rows are read where they should be locked, and everybody reads before anybody writes."""
    gate = Barrier(parties)

    def read(rows: LockingQuerySet[Any], pk: Any) -> Any:
        row = rows.get(pk=pk)
        if rows.model is Contract:
            with suppress(BrokenBarrierError):
                gate.wait(timeout=3)
        return row

    with monkeypatch.context() as patch:
        patch.setattr(LockingQuerySet, "locked", read)
        yield


def won(answers: Answers) -> list[Any]:
    return [answer for answer in answers if not isinstance(answer, PortalError)]


def lost(answers: Answers) -> list[PortalError]:
    return [answer for answer in answers if isinstance(answer, PortalError)]


def test_two_tills_cannot_spend_the_same_money(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = at_once(*[lambda: ask(contract, 200_000)] * 8)
    assert len(won(answers)) == 1 and {type(error) for error in lost(answers)} == {NotEnoughLocked}
    books(contract)


def test_sixty_four_taps_on_a_card_for_ten_let_ten_through(merchant_a: Merchant, consumer: User) -> None:
    card = open_contract(make_plan(merchant_a, price_fen=10_000, bonus_fen=0), consumer)
    answers: Answers = []
    for _ in range(4):
        answers += at_once(*[lambda: consume(card, fen=1_000)] * 16)
    assert len(won(answers)) == 10 and payable(merchant_a) == 10_000
    assert {error.status for error in lost(answers)} == {409}
    books(card)


def test_without_the_lock_of_the_contract_two_tills_would_lose_count(
    contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prepaid.actions.visits._lots_in_use", lambda c: _Unlocked(Lot.objects.filter(contract=c)))
    with without_locks(monkeypatch):
        at_once(*[lambda: ask(contract, 6_000)] * 2)
    lot = Lot.objects.get(contract=contract)
    visits = Visit.objects.filter(contract=contract).count()
    assert visits == 2 and lot.held_face_fen == 6_000, "the lock was not needed: this test proves nothing"


class _Unlocked:
    """Lots that do not let themselves be locked."""

    def __init__(self, rows: Any) -> None:
        self.rows = rows

    def select_for_update(self, **_: object) -> Any:
        return self.rows.order_by("no")

    def __iter__(self) -> Iterator[Lot]:
        return iter(self.rows.order_by("no"))


@pytest.mark.parametrize("rival", ["dispute", "withdraw"])
def test_a_confirmation_and_its_contrary_have_one_winner(contract: Contract, owner_a: User, rival: str) -> None:
    for _ in range(4):
        visit = ask(contract, 6_000)
        contrary: Callable[[], object] = {
            "dispute": lambda visit=visit: prepaid.dispute_visit(visit.pk, "没有", by=who(contract.holder)),
            "withdraw": lambda visit=visit: prepaid.withdraw_visit(visit.pk, by=who(owner_a)),
        }[rival]
        answers = at_once(
            lambda visit=visit: prepaid.confirm_visit(visit.pk, by=who(contract.holder)),
            contrary,
        )
        state = Visit.objects.get(pk=visit.pk).status
        # A dispute may come first and be answered by the confirmation; money then moved once all the same.
        assert state in {"CONFIRMED", "DISPUTED", "CANCELLED"} and won(answers)
        assert Transfer.objects.filter(kind=2, ref_id=visit.pk).count() == (state == "CONFIRMED")
        books(contract)


def test_without_the_lock_a_withdrawn_visit_would_be_paid(
    contract: Contract, owner_a: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = ask(contract, 6_000)
    with without_locks(monkeypatch):
        answers = at_once(
            lambda: prepaid.confirm_visit(visit.pk, by=who(contract.holder)),
            lambda: prepaid.withdraw_visit(visit.pk, by=who(owner_a)),
        )
    # Both pass the check of the state; what is left is the last line, a constraint of the database or the hold.
    assert [getattr(answer, "code", "") for answer in answers if isinstance(answer, Exception)] != ["wrong_state"]


def test_the_same_confirmation_eight_times_pays_once(contract: Contract) -> None:
    visit = ask(contract, 6_000)
    answers = at_once(*[lambda: prepaid.confirm_visit(visit.pk, by=who(contract.holder)).transfer_id] * 8)
    assert len(set(answers)) == 1 and payable(contract.merchant) == 5_000
    books(contract)


def test_a_refund_and_a_confirmation_share_the_money_in_either_order(plan: Plan, consumer: User, owner_a: User) -> None:
    for _ in range(4):
        card = open_contract(plan, consumer, on=days(-21))
        visit = ask(card, 6_000)
        refund = prepaid.request_refund(card.pk, "MERCHANT", by=who(consumer))
        answers = at_once(
            lambda refund=refund: prepaid.agree_refund(refund.pk, by=who(owner_a)),
            lambda visit=visit: prepaid.confirm_visit(visit.pk, by=who(consumer)),
        )
        assert len(won(answers)) == 2
        now = fresh(card)
        assert (now.refunded_fen, now.released_fen, now.locked_fen) == (295_000, 5_000, 0)
        books(card)


def test_a_refund_is_agreed_once_by_the_silent_job_the_boss_and_an_officer(
    contract: Contract, owner_a: User, district_officer: User
) -> None:
    refund = prepaid.request_refund(contract.pk, "MERCHANT", by=who(contract.holder), on=days(-7))
    answers = at_once(
        lambda: prepaid.auto_agree_refund(refund.pk, by=SYSTEM),
        lambda: prepaid.refuse_refund(refund.pk, "不退", by=who(owner_a)),
        lambda: prepaid.agree_refund(refund.pk, by=who(owner_a)),
        lambda: prepaid.order_refund(refund.pk, "责令", by=who(district_officer)),
        lambda: prepaid.withdraw_refund(refund.pk, by=who(contract.holder)),
    )
    assert won(answers)
    taken = Transfer.objects.filter(kind=5).count()
    state = Refund.objects.get(pk=refund.pk).status
    assert (taken, state) in [(1, "PAYING"), (0, "WITHDRAWN")]
    books(contract)


def test_a_refund_and_the_nightly_release_never_pay_the_same_period(
    merchant_a: Merchant, consumer: User, owner_a: User
) -> None:
    for _ in range(4):
        card = term_card(merchant_a, consumer)
        refund = prepaid.request_refund(card.pk, "MERCHANT", by=who(consumer), on=days(20))
        at_once(
            lambda refund=refund: prepaid.agree_refund(refund.pk, by=who(owner_a), on=days(20)),
            lambda: ledger.release_due(days(20), 1000, by=SYSTEM, on=days(20)),
            lambda: ledger.release_due(days(20), 1000, by=SYSTEM, on=days(20)),
        )
        if Refund.objects.get(pk=refund.pk).status == "REQUESTED":  # met a release half way: told to try again
            durably(lambda refund=refund: prepaid.agree_refund(refund.pk, by=who(owner_a), on=days(20)))
        now = fresh(card)
        assert (now.refunded_fen, now.released_fen, now.locked_fen) == (198_000, 39_600, 0)
        books(card)


def test_a_stop_and_the_nightly_release_agree_on_each_period(merchant_a: Merchant, consumer: User) -> None:
    for _ in range(4):
        card = term_card(merchant_a, consumer)
        at_once(
            lambda card=card: prepaid.stop_instalments(card.pk, by=who(consumer), on=days(7)),
            lambda: ledger.release_due(days(7), 1000, by=SYSTEM, on=days(7)),
        )
        paid = Instalment.objects.filter(account=card.account_id, state=Instalment.State.RELEASED).count()
        assert fresh(card).released_fen == paid * 19_800 and paid in (0, 1)
        assert not Instalment.objects.filter(account=card.account_id, state=Instalment.State.DUE).exists()


def test_a_freeze_and_a_confirmation_have_an_order(
    contract: Contract, district_officer: User, second_officer: User
) -> None:
    visit = ask(contract, 6_000)
    row = prepaid.propose_freeze(contract.merchant_id, "涉嫌卷款跑路", by=who(district_officer))
    answers = at_once(
        lambda: prepaid.approve_freeze(row.pk, by=who(second_officer)),
        lambda: prepaid.confirm_visit(visit.pk, by=who(contract.holder)),
    )
    assert isinstance(answers[0], Freeze)
    confirmed = Visit.objects.get(pk=visit.pk).status == "CONFIRMED"
    assert payable(contract.merchant) == (5_000 if confirmed else 0)
    with pytest.raises(PortalError):
        consume(contract, fen=6_000)


def test_lifting_a_freeze_while_refunds_and_corrections_run_makes_no_circle(
    plan: Plan, consumer: User, owner_a: User, district_officer: User, second_officer: User
) -> None:
    cards = [open_contract(plan, consumer, on=days(-21)) for _ in range(3)]
    used = [consume(card, fen=60_000) for card in cards]
    row = prepaid.propose_freeze(plan.merchant_id, "涉嫌卷款跑路", by=who(district_officer))
    prepaid.approve_freeze(row.pk, by=who(second_officer))
    refunds = [prepaid.request_refund(card.pk, "CONSUMER", by=who(consumer)) for card in cards]
    prepaid.agree_refund(refunds[0].pk, by=who(owner_a))
    prepaid.propose_lift(row.pk, "风险已经解除", by=who(district_officer))
    answers = at_once(
        lambda: prepaid.approve_lift(row.pk, by=who(second_officer)),
        lambda: prepaid.agree_refund(refunds[1].pk, by=who(owner_a)),
        lambda: prepaid.correct_visit(used[2].pk, "错", face_fen=6_000, by=who(owner_a)),
        lambda: prepaid.correct_visit(used[0].pk, "错", face_fen=6_000, by=who(owner_a)),
    )
    assert isinstance(answers[0], Freeze) and isinstance(answers[3], WrongState)
    # A refund that still saw the freeze left the merchant's part locked; a minute later it follows.
    event = OutboxEvent.objects.get(topic="prepaid.thaw_again")
    assert outbox.process(str(event.pk))
    for card in cards:
        books(card)


def test_two_officers_sign_at_once_and_one_signature_counts(
    contract: Contract, district_officer: User, second_officer: User, city_chief: User
) -> None:
    row = prepaid.propose_freeze(contract.merchant_id, "涉嫌卷款跑路", by=who(district_officer))
    signers = [second_officer, city_chief, second_officer, city_chief]
    answers = at_once(*[lambda by=by: prepaid.approve_freeze(row.pk, by=who(by)) for by in signers])
    assert len(won(answers)) == 1 and {error.code for error in lost(answers)} == {"wrong_state"}


def test_two_officers_propose_at_once_and_there_is_one_freeze(
    contract: Contract, district_officer: User, second_officer: User
) -> None:
    answers = at_once(
        *[
            lambda by=by: prepaid.propose_freeze(contract.merchant_id, "涉嫌卷款跑路", by=who(by))
            for by in (district_officer, second_officer) * 3
        ]
    )
    assert len(won(answers)) == 1 and Freeze.objects.count() == 1


def test_the_same_callback_eight_times_at_once_locks_the_money_once(plan: Plan, consumer: User) -> None:
    card = prepaid.offer(plan.pk, plan.merchant.stores.get().pk, consumer.phone, by=who(plan.merchant.registered_by))
    prepaid.sign(card.pk, by=who(consumer), terms_hash=card.terms_hash)
    order = prepaid.order_payment(card.pk, by=who(consumer))
    notice = Notice("order.paid", "bank-1", order.order_no, order.amount_fen, "6222", at=None)  # type: ignore[arg-type]
    answers = at_once(*[lambda: prepaid.receive(notice, by=CUSTODIAN).outcome] * 8)
    assert set(answers) == {"已锁定"} and CustodianNotice.objects.count() == 1
    assert fresh(card).locked_fen == 300_000
    books(card)


def test_two_payments_of_one_order_at_once_lock_one_and_park_the_other(plan: Plan, consumer: User) -> None:
    card = prepaid.offer(plan.pk, plan.merchant.stores.get().pk, consumer.phone, by=who(plan.merchant.registered_by))
    prepaid.sign(card.pk, by=who(consumer), terms_hash=card.terms_hash)
    order = prepaid.order_payment(card.pk, by=who(consumer))
    notices = [
        Notice("order.paid", f"bank-{n}", order.order_no, order.amount_fen, "6222", at=None)  # type: ignore[arg-type]
        for n in range(4)
    ]
    at_once(*[lambda notice=notice: prepaid.receive(notice, by=CUSTODIAN) for notice in notices])
    assert fresh(card).locked_fen == 300_000 and ledger.balance(ledger.SUSPENSE) == 900_000
    books(card)


def test_eight_orders_for_one_payment_are_one_order(plan: Plan, consumer: User) -> None:
    card = prepaid.offer(plan.pk, plan.merchant.stores.get().pk, consumer.phone, by=who(plan.merchant.registered_by))
    prepaid.sign(card.pk, by=who(consumer), terms_hash=card.terms_hash)
    answers = at_once(*[lambda: prepaid.order_payment(card.pk, by=who(consumer)).pk] * 8)
    assert len(set(answers)) == 1


def test_a_correction_eight_times_at_once_gives_back_once(contract: Contract, owner_a: User) -> None:
    visit = consume(contract, fen=6_000)
    answers = at_once(*[lambda: prepaid.correct_visit(visit.pk, "错", face_fen=6_000, by=who(owner_a))] * 8)
    assert len(won(answers)) == 1 and payable(contract.merchant) == 0
    assert fresh(contract).locked_fen == 300_000
    books(contract)


def test_a_shown_code_scanned_at_eight_tills_pays_once(contract: Contract, owner_a: User) -> None:
    code = prepaid.show_code(contract.pk, by=who(contract.holder)).code
    args = (contract.merchant_id, contract.store_id, code, "剪发")
    answers = at_once(*[lambda: prepaid.redeem_shown_code(*args, face_fen=6_000, by=who(owner_a))] * 8)
    assert len(won(answers)) == 1 and payable(contract.merchant) == 5_000
    books(contract)


def test_the_same_phone_enrolled_eight_times_is_one_person() -> None:
    answers = at_once(*[lambda: User.objects.enrol("13912340000", "新人").pk] * 8)
    assert len(set(answers)) == 1 and User.objects.count() == 1


def test_the_bank_confirms_a_payout_eight_times_at_once(contract: Contract) -> None:
    refund = prepaid.request_refund(contract.pk, "COOLING_OFF", by=who(contract.holder))
    payout = refund.payouts.get()
    kinds = ["payout.paid", "payout.failed"] * 4
    notices = [
        Notice(kind, f"ref-{n}", payout.payout_no, payout.amount_fen, "", at=None)  # type: ignore[arg-type]
        for n, kind in enumerate(kinds)
    ]
    at_once(*[lambda notice=notice: prepaid.receive(notice, by=CUSTODIAN) for notice in notices])
    state = Refund.objects.get(pk=refund.pk).status
    assert state in {"PAID", "PAYOUT_FAILED"}
    assert ledger.balance(ledger.REFUND_CLEARING) == (0 if state == "PAID" else 300_000)


def test_silence_and_the_dispute_of_the_last_minute_have_one_winner(contract: Contract) -> None:
    visit = ask(contract, 6_000)
    late = visit.confirm_due_on + timedelta(days=1)
    answers = at_once(
        lambda: prepaid.auto_confirm_visit(visit.pk, by=SYSTEM, on=late),
        lambda: prepaid.dispute_visit(visit.pk, "没有", by=who(contract.holder)),
    )
    assert len(won(answers)) == 1
    books(contract)

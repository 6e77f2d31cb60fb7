"""Payouts: a refund on its way through the bank, which may fail."""

import pytest

from core.actors import CUSTODIAN, SYSTEM
from core.errors import Invalid, NotAllowed, WrongState
from core.models import User
from prepaid import actions as prepaid
from prepaid import ledger
from prepaid.custodian import Notice
from prepaid.models import Contract, Payout, Refund
from tests.prepaid.scenes import (
    days,
    forbidden,
    ledger_is_whole,
    refund_row,
    refused,
    unseen,
    verbs,
    who,
)
from tests.prepaid.test_refund_actions import State, agree, bank, old, want

__all__ = ["old"]

pytestmark = pytest.mark.django_db


def test_the_money_arrives_once_however_often_the_bank_says_so(old: Contract) -> None:
    payout = agree(want(old)).payouts.get()
    assert ledger.balance(ledger.REFUND_CLEARING) == 240_000
    for ref in ("p1", "p1", "p2", "p1"):
        bank("payout.paid", payout, ref)
    refund = refund_row(old)
    assert (refund.status, refund.paid_on) == (State.PAID, days(0))
    assert ledger.balance(ledger.REFUND_CLEARING) == 0 and verbs(refund)[-1] == "refund.arrive"
    assert bank("payout.failed", payout, "p9", "关户").outcome == "划付已结束，未处理"
    unknown = Notice("payout.paid", "p3", "NO-SUCH", 1, "", at=None)  # type: ignore[arg-type]
    assert prepaid.receive(unknown, by=CUSTODIAN).outcome == "没有这笔划付"
    ledger_is_whole()


def test_a_failed_payout_waits_for_another_account_of_the_same_person_and_is_then_paid(
    old: Contract, consumer: User, second_consumer: User, owner_a: User
) -> None:
    refund = agree(want(old))
    first = refund.payouts.get()
    refused(WrongState, lambda: change(refund, consumer))
    bank("payout.failed", first, "f1", "账户已销户")
    bank("payout.failed", first, "f1", "账户已销户")
    assert refund_row(old).status == State.PAYOUT_FAILED and ledger.balance(ledger.REFUND_CLEARING) == 240_000
    unseen(lambda: change(refund, second_consumer))
    forbidden(lambda: change(refund, owner_a))
    for wrong in ("", "123", "6222 abcd 0000 1111", "6" * 30):
        refused(Invalid, lambda wrong=wrong: change(refund, consumer, account=wrong))
    refused(Invalid, lambda: change(refund, consumer, payee="沈丽"))
    assert change(refund, consumer).status == State.PAYING
    refused(WrongState, lambda: change(refund, consumer))
    second = refund.payouts.latest("pk")
    assert (second.to_origin, second.account) == (False, "6222021234567890123")
    bank("payout.paid", second, "p1")
    assert refund_row(old).status == State.PAID and ledger.balance(ledger.REFUND_CLEARING) == 0
    assert verbs(refund)[-3:] == ["refund.bounce", "refund.change_account", "refund.arrive"]
    ledger_is_whole()


def change(
    refund: Refund, by: User, account: str = "6222 0212 3456 7890 123", payee: str = "周桂芬", *, own: bool = False
) -> Refund:
    return prepaid.change_payout_account(refund.pk, account, payee, by=who(by), own_name=own)


def test_a_person_whose_name_is_unknown_is_asked_for_it_and_keeps_it(old: Contract, consumer: User) -> None:
    consumer.name = ""
    consumer.save(update_fields=["name_ct"])
    refund = agree(want(old))
    bank("payout.failed", refund.payouts.get(), "f1", "账户已销户")
    assert "own_name" in refused(Invalid, lambda: change(refund, consumer, payee="张三")).fields
    refused(Invalid, lambda: change(refund, consumer, payee="6", own=True))
    assert not User.objects.get(pk=consumer.pk).name
    assert change(refund, consumer, payee="周桂芬", own=True).status == State.PAYING
    assert User.objects.get(pk=consumer.pk).name == "周桂芬"
    bank("payout.failed", refund.payouts.latest("pk"), "f2", "账户已销户")
    refused(Invalid, lambda: change(refund, consumer, payee="张三", own=True))


def test_money_that_arrived_after_all_ends_the_refund_and_calls_off_its_replacement(
    old: Contract, consumer: User
) -> None:
    refund = agree(want(old))
    first = refund.payouts.get()
    bank("payout.failed", first, "f1", "账户已销户")
    change(refund, consumer)
    second = refund.payouts.latest("pk")
    assert bank("payout.paid", first, "p1").outcome == "退款已到账"
    assert bank("payout.failed", first, "f3", "账户已销户").outcome == "划付已结束，未处理"
    assert (refund_row(old).status, ledger.balance(ledger.REFUND_CLEARING)) == (State.PAID, 0)
    second.refresh_from_db()
    assert (second.status, second.failure) == (Payout.Status.FAILED, "前一笔已经到账，这笔作废")
    # The bank had paid the second already: nothing is booked twice, and an officer can see it.
    assert "重复" in bank("payout.paid", second, "p2").outcome
    assert (refund_row(old).status, ledger.balance(ledger.REFUND_CLEARING)) == (State.PAID, 0)
    assert verbs(refund)[-2:] == ["refund.arrive", "refund.paid_twice"]
    ledger_is_whole()


def test_a_late_arrival_ends_a_refund_that_waits_for_another_account(old: Contract, consumer: User) -> None:
    refund = agree(want(old))
    bank("payout.failed", refund.payouts.get(), "f1", "账户已销户")
    bank("payout.paid", refund.payouts.get(), "p1")
    assert (refund_row(old).status, ledger.balance(ledger.REFUND_CLEARING)) == (State.PAID, 0)
    refused(WrongState, lambda: change(refund, consumer))


@pytest.mark.parametrize("kind", ["payout.paid", "payout.failed"])
def test_word_of_another_amount_moves_nothing(old: Contract, kind: str) -> None:
    payout = agree(want(old)).payouts.get()
    notice = Notice(kind, "x1", payout.payout_no, payout.amount_fen - 1, "", at=None)  # type: ignore[arg-type]
    assert "金额不符" in prepaid.receive(notice, by=CUSTODIAN).outcome
    assert (refund_row(old).status, ledger.balance(ledger.REFUND_CLEARING)) == (State.PAYING, 240_000)
    bank("payout.paid", payout, "p1")
    assert refund_row(old).status == State.PAID


def test_nobody_but_the_bank_says_that_money_arrived(old: Contract, consumer: User, owner_a: User) -> None:
    payout = agree(want(old)).payouts.get()
    notice = Notice("payout.paid", "p1", payout.payout_no, payout.amount_fen, "", at=None)  # type: ignore[arg-type]
    for actor in (who(consumer), who(owner_a), SYSTEM):
        with pytest.raises(NotAllowed):
            prepaid.receive(notice, by=actor)
    assert refund_row(old).status == State.PAYING

"""Payouts: a refund on its way through the bank, which may fail."""

import pytest

from core.actors import CUSTODIAN, SYSTEM
from core.errors import Invalid, NotAllowed, WrongState
from core.models import User
from prepaid import actions as prepaid
from prepaid import ledger
from prepaid.custodian import Notice
from prepaid.models import Contract, Refund
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


def change(refund: Refund, by: User, account: str = "6222 0212 3456 7890 123", payee: str = "周桂芬") -> Refund:
    return prepaid.change_payout_account(refund.pk, account, payee, by=who(by))


def test_nobody_but_the_bank_says_that_money_arrived(old: Contract, consumer: User, owner_a: User) -> None:
    payout = agree(want(old)).payouts.get()
    notice = Notice("payout.paid", "p1", payout.payout_no, payout.amount_fen, "", at=None)  # type: ignore[arg-type]
    for actor in (who(consumer), who(owner_a), SYSTEM):
        with pytest.raises(NotAllowed):
            prepaid.receive(notice, by=actor)
    assert refund_row(old).status == State.PAYING

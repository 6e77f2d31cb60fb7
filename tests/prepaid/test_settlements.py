"""Settlement: what is released on a day is paid on the next working day, once, whatever the bank's words do."""

from datetime import date
from typing import Any

import pytest

from core.actors import CUSTODIAN, SYSTEM
from core.calendar import add_working_days
from core.errors import Frozen, Invalid, NotAllowed, NotFound, WrongState
from core.jobs import run_shard
from core.models import OutboxEvent, User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid import ledger
from prepaid.actions.settlements import send_settlement
from prepaid.custodian import BankPayout, Notice
from prepaid.models import Contract, CustodianNotice, MerchantDebt, PayoutAccount, RefundShortfall, Settlement, Visit
from prepaid.settlements import movements, pay_day
from tests.prepaid.scenes import (
    books,
    consume,
    days,
    forbidden,
    ledger_is_whole,
    payable,
    refused,
    unseen,
    verbs,
    who,
)

pytestmark = pytest.mark.django_db
NUMBER = "6222 0212 3456 7890 123"


@pytest.fixture
def account(merchant_a: Merchant, owner_a: User) -> PayoutAccount:
    """The shop's first account, in its boss's name."""
    return register(merchant_a, owner_a)


def register(merchant: Merchant, by: User, number: str = NUMBER, payee: str = "沈丽", **more: Any) -> PayoutAccount:
    code = prepaid.send_account_code(merchant.pk, by=who(by))
    return prepaid.set_payout_account(
        merchant.pk, number, payee, "示范银行城东支行", by=who(by), phone_code=code, **more
    )


def next_pay_day() -> date:
    return pay_day(days(0))


def settle(merchant: Merchant, on: date | None = None) -> Settlement:
    return prepaid.order_settlement(merchant.pk, by=SYSTEM, on=on or next_pay_day())


def told(settlement: Settlement, kind: str = "paid", ref: str = "", fen: int = 0, reason: str = "") -> CustodianNotice:
    amount = fen or settlement.amount_fen
    number = settlement.code
    notice = Notice(f"payout.{kind}", ref or f"s-{number}", number, amount, "", None, reason)  # type: ignore[arg-type]
    return prepaid.receive(notice, by=CUSTODIAN)


def balances() -> tuple[int, int]:
    return ledger.balance(ledger.PAYOUT_CLEARING), ledger.balance(ledger.BANK)


def test_a_day_is_paid_on_the_expected_date_and_clearing_returns_to_zero(
    contract: Contract, merchant_a: Merchant, account: PayoutAccount
) -> None:
    visit = consume(contract, fen=36_000)  # of 3,600 face for 3,000 paid: 300.00
    assert visit.pay_expected_on == next_pay_day()
    refused(WrongState, lambda: settle(merchant_a, days(0)))  # not due on its own day
    made = settle(merchant_a)
    assert (made.amount_fen, made.covers_to, made.carried_fen) == (30_000, next_pay_day() - (days(1) - days(0)), 0)
    assert settle(merchant_a).pk == made.pk and payable(merchant_a) == 0
    assert balances() == (30_000, -300_000)
    assert told(made).outcome == "结算已到账"
    assert balances() == (0, -270_000)
    made.refresh_from_db()
    assert (made.status, made.bank_ref) == ("PAID", f"s-{made.code}")
    assert [row.signed_fen for row in movements(made)] == [30_000]  # type: ignore[attr-defined]
    assert verbs(made) == ["settlement.order", "settlement.arrive"]
    ledger_is_whole()


def test_doubled_reordered_and_mismatched_words_of_the_bank_move_nothing(
    contract: Contract, merchant_a: Merchant, account: PayoutAccount
) -> None:
    consume(contract, fen=36_000)
    made = settle(merchant_a)
    assert told(made, ref="x1", fen=29_900).outcome == "结算金额不符，待查"
    assert told(made, "failed", ref="x2", fen=1).outcome == "结算金额不符，待查"
    assert balances()[0] == 30_000 and Settlement.objects.get().status == "PENDING"
    for ref in ("r1", "r1", "r2"):
        told(made, ref=ref)
    assert told(made, "failed", ref="r3", reason="账户已销户").outcome == "结算已结束，未处理"
    # The first word came before the bank's answer to our request: sending again does not turn it back.
    send_settlement({"settlement": made.pk})
    assert Settlement.objects.get().status == "PAID" and balances() == (0, -270_000)
    assert verbs(made) == ["settlement.order", "settlement.doubt", "settlement.doubt", "settlement.arrive"]
    ledger_is_whole()


def test_a_returned_settlement_is_owed_again_and_paid_once_the_account_is_cleared(
    contract: Contract, merchant_a: Merchant, owner_a: User, account: PayoutAccount
) -> None:
    consume(contract, fen=36_000)
    first = settle(merchant_a)
    assert told(first, "failed", reason="账户已销户").outcome == "结算退回，等商家核对账户"
    assert told(first, "paid", ref="late").outcome == "已退回的结算又报到账，待查"
    assert payable(merchant_a) == 30_000 and balances() == (0, -300_000)
    assert refused(WrongState, lambda: settle(merchant_a)).code == "account_bounced"
    prepaid.retry_payout_account(account.pk, by=who(owner_a))
    again = settle(merchant_a, add_working_days(next_pay_day(), 1).due)
    assert (again.amount_fen, again.carried_fen) == (30_000, 30_000)
    told(again)
    assert balances() == (0, -270_000)
    ledger_is_whole()


def test_who_is_not_paid_and_why(
    contract: Contract, merchant_a: Merchant, owner_a: User, district_officer: User, second_officer: User
) -> None:
    consume(contract, fen=36_000)
    assert refused(WrongState, lambda: settle(merchant_a)).code == "no_payout_account"
    register(merchant_a, owner_a)
    saturday = next(days(n) for n in range(1, 15) if days(n).weekday() == 5 and pay_day(days(n - 1)) != days(n))
    assert refused(WrongState, lambda: settle(merchant_a, saturday)).code == "day_off"
    freeze = prepaid.propose_freeze(merchant_a.pk, "疑似卷款跑路", by=who(district_officer))
    prepaid.approve_freeze(freeze.pk, by=who(second_officer))
    with pytest.raises(Frozen):
        settle(merchant_a)
    assert not Settlement.objects.exists() and payable(merchant_a) == 30_000
    for actor in (who(owner_a), who(district_officer), CUSTODIAN):
        with pytest.raises((NotAllowed, NotFound)):
            prepaid.order_settlement(merchant_a.pk, by=actor, on=next_pay_day())


def test_the_job_pays_every_shop_once_however_often_it_runs(
    contract: Contract, merchant_a: Merchant, account: PayoutAccount
) -> None:
    consume(contract, fen=36_000)
    results = [run_shard("prepaid.settle", next_pay_day(), shard) for shard in (0, 1) for _ in (0, 1)]
    assert sum(result["paid"] for result in results[::2]) == 1 and Settlement.objects.count() == 1
    assert OutboxEvent.objects.filter(topic="prepaid.send_settlement").count() == 1
    consume(contract, fen=12_000)  # released on a later day, paid on a later day
    assert run_shard("prepaid.settle", pay_day(next_pay_day()), merchant_a.pk % 2)["amount_fen"] == 10_000
    ledger_is_whole()


def test_a_change_of_account_needs_the_phone_and_three_days(
    contract: Contract, merchant_a: Merchant, owner_a: User, clerk_a: User, owner_b: User, district_officer: User
) -> None:
    first = register(merchant_a, owner_a)
    assert (first.status, first.last4, first.account, first.is_own_name) == (
        "IN_USE",
        "0123",
        "6222021234567890123",
        False,
    )
    good = {"account": NUMBER, "payee": "沈丽", "bank": "示范银行", "phone_code": "000000"}
    for wrong in ({"account": "123"}, {"payee": "王强"}, {"payee": ""}, {"bank": ""}, {"phone_code": "111111"}):
        with pytest.raises(Invalid) as caught:
            prepaid.set_payout_account(merchant_a.pk, by=who(owner_a), **(good | wrong))
        assert set(caught.value.fields) <= {*wrong, "code"}
    forbidden(lambda: register(merchant_a, clerk_a))
    unseen(lambda: register(merchant_a, owner_b))
    second = register(merchant_a, owner_a, "6222000000000000777", merchant_a.legal_name)
    assert (second.status, second.effective_on, second.is_own_name) == ("WAITING", days(3), True)
    refused(WrongState, lambda: register(merchant_a, owner_a, "6222000000000000888"))
    refused(WrongState, lambda: prepaid.start_payout_account(second.pk, by=SYSTEM, on=days(2)))
    prepaid.cancel_payout_account(second.pk, by=who(district_officer))
    third = register(merchant_a, owner_a, "6222000000000000999")
    run_shard("prepaid.settle", days(3), 0)
    assert [row.status for row in PayoutAccount.objects.order_by("pk")] == ["REPLACED", "CANCELLED", "IN_USE"]
    assert verbs(third) == ["payout_account.register", "payout_account.start"]


def test_a_correction_after_the_payout_is_done_out_of_what_the_shop_earns_next(
    contract: Contract, merchant_a: Merchant, owner_a: User, account: PayoutAccount
) -> None:
    visit = consume(contract, fen=36_000)
    told(settle(merchant_a))
    debt = prepaid.owe_correction(visit.pk, "录错了", by=who(owner_a), face_fen=12_000)
    assert debt.settled_on is None and debt.amount_fen == 10_000 and payable(merchant_a) == 0
    books(contract)
    refused(WrongState, lambda: prepaid.owe_correction(visit.pk, "再来", by=who(owner_a), face_fen=12_000))
    consume(contract, fen=6_000)  # 50.00: not enough yet, and kept back
    later = pay_day(next_pay_day())
    assert run_shard("prepaid.settle", later, merchant_a.pk % 2)["waiting"] == {"debt_waits": 1, "nothing_to_settle": 1}
    assert payable(merchant_a) == 5_000
    consume(contract, fen=24_000)  # 200.00
    last = pay_day(later)
    assert run_shard("prepaid.settle", last, merchant_a.pk % 2)["amount_fen"] == 15_000
    visit.refresh_from_db()
    assert (visit.status, visit.corrected_fen) == (Visit.Status.CORRECTED, 10_000)
    assert MerchantDebt.objects.get().settled_on == last and payable(merchant_a) == 0
    books(contract)
    ledger_is_whole()


def test_a_debt_whose_contract_was_refunded_becomes_a_shortfall(
    contract: Contract, merchant_a: Merchant, owner_a: User, consumer: User, account: PayoutAccount
) -> None:
    visit = consume(contract, fen=36_000)
    told(settle(merchant_a))
    debt = prepaid.owe_correction(visit.pk, "录错了", by=who(owner_a), face_fen=36_000)
    refund = prepaid.request_refund(contract.pk, "CONSUMER", by=who(consumer), reason="搬家")
    prepaid.agree_refund(refund.pk, by=who(owner_a))
    prepaid.collect_debt(debt.pk, by=SYSTEM)
    assert RefundShortfall.objects.get().amount_fen >= 30_000 and MerchantDebt.objects.get().settled_on


def test_a_correction_that_can_be_done_at_once_owes_nothing(
    contract: Contract, owner_a: User, account: PayoutAccount
) -> None:
    visit = consume(contract, fen=36_000)
    debt = prepaid.owe_correction(visit.pk, "录错了", by=who(owner_a), face_fen=36_000)
    assert Visit.objects.get().status == "CORRECTED" and debt.settled_on == days(0)


class Bank:
    """A custodian that remembers payouts and says what it is told to say."""

    def __init__(self) -> None:
        self.payouts: dict[str, BankPayout] = {}

    def create_payout(self, payout_no: str, amount_fen: int, **_: str) -> BankPayout:
        return self.payouts.setdefault(payout_no, BankPayout(payout_no, f"b-{payout_no}", "ACCEPTED", amount_fen))

    def query_payout(self, payout_no: str) -> BankPayout:
        if payout_no not in self.payouts:
            raise NotFound
        return self.payouts[payout_no]


def test_a_lost_callback_is_asked_after_and_an_order_the_bank_never_saw_is_sent_again(
    contract: Contract, merchant_a: Merchant, account: PayoutAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prepaid.actions import payments, settlements

    bank = Bank()
    for module in (payments, settlements):
        monkeypatch.setattr(module, "custodian", lambda: bank)
    consume(contract, fen=36_000)
    made = settle(merchant_a)
    for _ in range(2):
        payments.ask_settlement({"settlement": made.pk})
    assert Settlement.objects.get().status == "SENT" and len(bank.payouts) == 1
    bank.payouts[made.code] = BankPayout(made.code, f"b-{made.code}", "PAID", made.amount_fen)
    payments.ask_settlement({"settlement": made.pk})
    payments.ask_settlement({"settlement": made.pk})
    assert Settlement.objects.get().status == "PAID" and balances() == (0, -270_000)
    assert told(made, ref=f"b-{made.code}").outcome == "结算已到账"  # the same reference: known
    assert CustodianNotice.objects.filter(kind="payout.paid").count() == 1
    assert prepaid.ask_after_old(days(30)) == 0


def test_a_shortfall_that_was_paid_is_not_owed_again_with_a_later_debt(
    contract: Contract, merchant_a: Merchant, owner_a: User, consumer: User, account: PayoutAccount
) -> None:
    visit = consume(contract, fen=36_000)
    told(settle(merchant_a))
    debt = prepaid.owe_correction(visit.pk, "录错了", by=who(owner_a), face_fen=36_000)
    refund = prepaid.request_refund(contract.pk, "CONSUMER", by=who(consumer), reason="搬家")
    prepaid.agree_refund(refund.pk, by=who(owner_a))
    RefundShortfall.objects.create(refund=refund, merchant=merchant_a, amount_fen=12_300)
    prepaid.settle_shortfall(refund.pk, by=SYSTEM)
    prepaid.collect_debt(debt.pk, by=SYSTEM)
    row = RefundShortfall.objects.get()
    assert (row.amount_fen, row.settled_at) == (debt.amount_fen, None) == (30_000, None)

"""The bank's file against our books: each kind of mismatch, to the fen, and nothing booked twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from core.actors import CUSTODIAN, SYSTEM, Actor
from core.calendar import SHANGHAI
from core.errors import Invalid, NotAllowed, NotFound, WrongState
from core.models import Membership, Role, User
from core.transactions import unhurried
from prepaid import actions as prepaid
from prepaid import ledger
from prepaid.actions.bank_matching import close_explained, open_missing
from prepaid.actions.equations import check_day
from prepaid.bank_files.shelf import full_path, shelve
from prepaid.custodian import Notice
from prepaid.models import (
    BankFile,
    BankLine,
    Contract,
    CustodianNotice,
    DailyEquation,
    Payout,
    Plan,
    ReconciliationCase,
    SuspenseItem,
)
from tests.cast import fresh, make_plan, open_contract, pay
from tests.prepaid.bankfile import day_file, entry
from tests.prepaid.scenes import ledger_is_whole, who

pytestmark = pytest.mark.django_db
TODAY = datetime.now(SHANGHAI).date()
YESTERDAY, BEFORE = TODAY - timedelta(days=1), TODAY - timedelta(days=2)


@pytest.fixture(autouse=True)
def shelf(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def bank_clerk(db: None) -> User:
    user = User.objects.enrol("13900000031", "存管员")
    Membership.objects.create(user=user, role=Role.CUSTODIAN)
    return user


def take(data: bytes, name: str = "bank.csv", by: Actor = SYSTEM) -> BankFile:
    """A file as it is received and imported."""
    received = prepaid.receive_bank_file(shelve(lambda into: into.write(data)), name, by=by)
    return prepaid.import_bank_file(received.pk, by=SYSTEM)


def told(ref: str, fen: int, *, number: str = "nobody", account: str = "6222****0001", on: date = YESTERDAY) -> None:
    """A payment that the bank told us of; without an order it lies in suspense."""
    prepaid.receive(Notice("order.paid", ref, number, fen, account, at=None), by=CUSTODIAN, on=on)  # type: ignore[arg-type]


def cases() -> list[tuple[str, int, str]]:
    """Every case: kind, difference, status."""
    return list(ReconciliationCase.objects.order_by("id").values_list("kind", "difference_fen", "status"))


def states() -> dict[str, str]:
    """How each entry was matched."""
    return dict(BankLine.objects.values_list("bank_ref", "state"))


def import_day(
    entries: Sequence[dict[str, Any]], form: str = "csv", on: date = YESTERDAY, opening: int = 0
) -> BankFile:
    return take(day_file(entries, form, on=on, opening_fen=opening))


@pytest.mark.parametrize("form", ["csv", "gbk", "camt"])
def test_a_day_that_agrees(form: str, plan: Plan, consumer: User) -> None:
    contract = open_contract(plan, consumer, on=YESTERDAY)
    order = contract.orders.get()
    file = import_day([entry(order.bank_ref, 300_000, number=order.order_no)], form)
    assert (file.status, file.on, file.line_count, file.error) == ("BOOKED", YESTERDAY, 1, "")
    assert states() == {order.bank_ref: "BY_REF"}
    day = DailyEquation.objects.get(on=YESTERDAY)
    assert (day.bank_fen, day.ledger_fen, day.difference_fen, day.unexplained_fen) == (300_000, 300_000, 0, 0)
    assert (day.sum_fen, day.cards_off, day.short_count, day.locked_fen) == (0, 0, 0, 300_000)
    assert day.holds
    assert day.match_rate == 100
    assert cases() == []


def test_the_same_file_twice_is_one_file(bank_clerk: User) -> None:
    told("SB1", 500)
    data = day_file([entry("SB1", 500)], on=YESTERDAY)
    first, again = take(data), take(data, "other name.csv", by=who(bank_clerk))
    assert first.pk == again.pk
    assert (BankLine.objects.count(), BankFile.objects.count()) == (1, 1)
    assert full_path(first.path).read_bytes() == data


def test_a_later_file_of_the_day_adds_only_what_is_new() -> None:
    told("SB1", 500)
    take(day_file([entry("SB1", 500)], on=YESTERDAY))
    told("SB2", 700)
    file = take(day_file([entry("SB2", 700), entry("SB1", 500)], "camt", on=YESTERDAY))
    assert (file.status, file.line_count, file.repeated_count) == ("BOOKED", 2, 1)
    assert states() == {"SB1": "BY_REF", "SB2": "BY_REF"}
    assert DailyEquation.objects.get().unexplained_fen == 0


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([entry("SB1", 501), entry("SB2", 700)], "第 5 行：流水号 SB1 是 5.01 元，但"),
        ([entry("SB2", 700)], "先前导入的流水 SB1（5.00 元）在这个文件里没有了"),
        ([entry("SB1", 500), entry("SB2", 700), entry("SB2", 700)], "第 7 行：流水号 SB2 在第 6 行已经出现过"),
    ],
)
def test_an_edited_file_is_refused_whole(entries: list[dict[str, Any]], says: str) -> None:
    take(day_file([entry("SB1", 500)], on=YESTERDAY))
    file = take(day_file(entries, on=YESTERDAY))
    assert file.status == "REFUSED"
    assert says in file.error
    assert set(states()) == {"SB1"}
    again = prepaid.retry_bank_file(file.pk, by=SYSTEM)
    assert prepaid.import_bank_file(again.pk, by=SYSTEM).status == "REFUSED"


def test_the_same_reference_on_another_day_is_refused() -> None:
    take(day_file([entry("SB1", 500)], on=BEFORE))
    file = take(day_file([entry("SB1", 500)], on=YESTERDAY, opening_fen=500))
    assert "文件被改动" in file.error


def test_amount_off_by_a_fen() -> None:
    told("SB1", 500)
    import_day([entry("SB1", 499)])
    assert cases() == [("AMOUNT_DIFFERS", -1, "OPEN")]
    day = DailyEquation.objects.get()
    assert (day.difference_fen, day.bank_only_fen, day.unexplained_fen, day.matched_count) == (-1, -1, 0, 0)
    assert day.holds


def test_another_reference_is_matched_by_amount_day_and_other_side() -> None:
    told("channel-1", 500, account="acct_x_8000")
    told("channel-2", 700, number="K7NUMBER", account="acct_x_8000")
    import_day([entry("SB1", 500, account="6222000000008000"), entry("SB2", 700, number="K7NUMBER", account="")])
    assert states() == {"SB1": "BY_DETAILS", "SB2": "BY_DETAILS"}
    assert cases() == []


def test_twins_are_for_a_person(city_chief: User, district_officer: User) -> None:
    told("channel-1", 500)
    told("channel-2", 500)
    import_day([entry("SB1", 500), entry("SB2", 500)])
    assert states() == {"SB1": "OPEN", "SB2": "OPEN"}
    assert [kind for kind, *_ in cases()] == ["TWINS", "TWINS"]
    assert prepaid.book_overdue(TODAY + timedelta(days=3), by=SYSTEM) == 0
    case = ReconciliationCase.objects.order_by("id").first()
    assert case is not None
    with pytest.raises(NotFound):
        prepaid.match_case(case.pk, "channel-1", "回单一致", by=who(district_officer))
    with pytest.raises(Invalid):
        prepaid.match_case(case.pk, "channel-9", "回单一致", by=who(city_chief))
    prepaid.match_case(case.pk, "channel-1", "银行回单一致", by=who(city_chief))
    assert states() == {"SB1": "BY_HAND", "SB2": "OPEN"}
    other = ReconciliationCase.objects.exclude(pk=case.pk).get()
    with pytest.raises(Invalid):
        prepaid.match_case(other.pk, "channel-1", "银行回单一致", by=who(city_chief))
    prepaid.match_case(other.pk, "channel-2", "银行回单一致", by=who(city_chief))
    assert {status for *_, status in cases()} == {"RESOLVED"}


def test_missing_at_the_bank_is_a_case_after_a_day_and_closes_when_it_comes() -> None:
    told("SB1", 500, on=BEFORE)
    import_day([], on=BEFORE)
    import_day([], on=YESTERDAY)
    day = DailyEquation.objects.get(on=BEFORE)
    assert (day.difference_fen, day.ours_only_fen, day.unexplained_fen) == (-500, 500, 0)
    assert open_missing(YESTERDAY) == 1
    assert open_missing(YESTERDAY) == 0
    assert cases() == [("MISSING_AT_BANK", -500, "OPEN")]
    take(day_file([entry("SB1", 500)], on=TODAY))
    assert close_explained(by=SYSTEM) == 1
    assert cases() == [("MISSING_AT_BANK", -500, "RESOLVED")]
    assert check_day(BEFORE, by=SYSTEM).unexplained_fen == 0
    assert check_day(TODAY, by=SYSTEM).difference_fen == 0


def test_money_we_never_heard_of_goes_to_suspense_after_a_day() -> None:
    import_day([entry("SB1", 500)], on=BEFORE)
    assert cases() == [("MISSING_HERE", 500, "OPEN")]
    assert DailyEquation.objects.get().bank_only_fen == 500
    assert prepaid.book_overdue(YESTERDAY, by=SYSTEM) == 0
    assert prepaid.book_overdue(TODAY, by=SYSTEM) == 1
    assert prepaid.book_overdue(TODAY, by=SYSTEM) == 0
    item = SuspenseItem.objects.get()
    assert (item.amount_fen, item.bank_ref, item.status) == (500, "SB1", "OPEN")
    assert ledger.balance(ledger.SUSPENSE) == 500
    # The callback comes after all, two days late: the reference is known.
    told("SB1", 500, on=TODAY)
    assert (SuspenseItem.objects.count(), ledger.balance(ledger.SUSPENSE)) == (1, 500)
    day = check_day(BEFORE, by=SYSTEM)
    assert (day.difference_fen, day.bank_only_fen, day.unexplained_fen) == (500, 500, 0)
    assert check_day(TODAY, by=SYSTEM).ledger_fen == 500
    ledger_is_whole()


def test_a_lost_callback_is_healed_by_the_statement(plan: Plan, consumer: User) -> None:
    store = plan.merchant.stores.first()
    assert store is not None
    contract = prepaid.offer(plan.pk, store.pk, consumer.phone, by=who(plan.merchant.registered_by))
    prepaid.sign(contract.pk, by=who(consumer), terms_hash=contract.terms_hash)
    order = prepaid.order_payment(contract.pk, by=who(consumer))
    import_day([entry("SB1", 300_000, number=order.order_no)], on=BEFORE)
    prepaid.book_overdue(TODAY, by=SYSTEM)
    assert fresh(contract).locked_fen == 300_000
    assert states() == {"SB1": "BY_REF"}
    ledger_is_whole()


def test_unknown_money_out_and_seizures_stay_cases(city_chief: User, second_officer: User) -> None:
    told("SB0", 10_000)
    import_day([entry("SB0", 10_000), entry("SB1", -300), entry("SB2", -200, remark="法院扣划")])
    assert cases() == [("MISSING_HERE", -300, "OPEN"), ("COURT", -200, "OPEN")]
    prepaid.book_overdue(TODAY + timedelta(days=2), by=SYSTEM)
    assert states() == {"SB0": "BY_REF", "SB1": "OPEN", "SB2": "OPEN"}
    day = check_day(YESTERDAY, by=SYSTEM)
    assert (day.difference_fen, day.unexplained_fen) == (-500, 0)
    case = ReconciliationCase.objects.get(kind="COURT")
    officer = who(city_chief)
    with pytest.raises(NotAllowed):
        prepaid.resolve_case(case.pk, "法院文书已核对，属实", by=officer)
    prepaid.take_case(case.pk, by=officer)
    with pytest.raises(WrongState):
        prepaid.take_case(case.pk, by=officer)
    with pytest.raises(Invalid):
        prepaid.resolve_case(case.pk, "好", by=officer)
    done = prepaid.resolve_case(case.pk, "法院文书已核对，属实", by=officer)
    assert (done.status, done.owner_id, done.resolved_by_id) == ("RESOLVED", city_chief.pk, city_chief.pk)
    with pytest.raises(NotFound):
        prepaid.take_case(ReconciliationCase.objects.get(kind="MISSING_HERE").pk, by=who(second_officer))


def test_what_the_bank_takes_back_leaves_suspense(city_chief: User) -> None:
    told("SB1", 500, number="nobody")
    import_day([entry("SB1", 500, number="nobody"), entry("SB2", -500, number="nobody", remark="冲正")])
    (case,) = ReconciliationCase.objects.all()
    assert (case.kind, case.difference_fen) == ("REVERSAL", -500)
    prepaid.write_off_reversed(case.pk, "银行回单：原交易冲正", by=who(city_chief))
    assert ledger.balance(ledger.SUSPENSE) == 0
    assert SuspenseItem.objects.get().status == "RETURNED"
    assert check_day(TODAY, by=SYSTEM).ledger_fen == 0
    ledger_is_whole()


def test_days_must_join_on(city_chief: User) -> None:
    import_day([], on=BEFORE, opening=100)
    import_day([], on=TODAY, opening=160)
    assert ("BALANCE", 60, "OPEN") in cases()
    import_day([entry("SB1", 60)], on=YESTERDAY, opening=100)
    assert ("BALANCE", 60, "RESOLVED") in cases()


def test_a_difference_nothing_accounts_for_is_a_case() -> None:
    import_day([], opening=100)
    assert cases() == [("UNEXPLAINED", 100, "OPEN")]
    assert not DailyEquation.objects.get().holds


def test_suspended_money_goes_back_to_the_payer(city_chief: User, district_officer: User) -> None:
    told("SB1", 500, account="acct_x_8000")
    item = SuspenseItem.objects.get()
    with pytest.raises(NotFound):
        prepaid.return_suspense(item.pk, "付款人要求退回", by=who(district_officer))
    with pytest.raises(Invalid):
        prepaid.return_suspense(item.pk, "退", by=who(city_chief))
    sent = prepaid.return_suspense(item.pk, "付款人要求退回", by=who(city_chief))
    assert (sent.status, ledger.balance(ledger.SUSPENSE)) == ("RETURNING", 500)
    with pytest.raises(WrongState):
        prepaid.return_suspense(item.pk, "付款人要求退回", by=who(city_chief))
    assert sent.return_no is not None
    out = Notice("payout.failed", "F1", sent.return_no, 500, "", None, "账户已销户")  # type: ignore[arg-type]
    prepaid.receive(out, by=CUSTODIAN)
    again = prepaid.return_suspense(item.pk, "换一个账户退回", by=who(city_chief), account="6222000011112222")
    assert again.return_no is not None
    for _ in range(2):
        prepaid.receive(Notice("payout.paid", "P1", again.return_no, 500, "", None), by=CUSTODIAN)  # type: ignore[arg-type]
    assert (SuspenseItem.objects.get().status, ledger.balance(ledger.SUSPENSE)) == ("RETURNED", 0)
    assert CustodianNotice.objects.get(bank_ref="P1").booked_fen == -500
    ledger_is_whole()


def test_suspended_money_goes_to_the_order_it_was_meant_for(
    plan: Plan, consumer: User, city_chief: User, district_officer: User, other_officer: User
) -> None:
    store = plan.merchant.stores.first()
    assert store is not None
    contract = prepaid.offer(plan.pk, store.pk, consumer.phone, by=who(plan.merchant.registered_by))
    prepaid.sign(contract.pk, by=who(consumer), terms_hash=contract.terms_hash)
    order = prepaid.order_payment(contract.pk, by=who(consumer))
    told("SB1", 300_000, number="typo")
    told("SB2", 299_999, number="typo")
    good, bad = SuspenseItem.objects.order_by("id")
    with pytest.raises(Invalid, match="填写"):
        prepaid.place_suspense(good.pk, "nowhere", "回单写明用途", by=who(city_chief))
    with pytest.raises(Invalid, match="填写"):
        prepaid.place_suspense(bad.pk, order.order_no, "回单写明用途", by=who(city_chief))
    for stranger in (district_officer, other_officer):
        with pytest.raises(NotFound):
            prepaid.place_suspense(good.pk, order.order_no, "回单写明用途", by=who(stranger))
    done = prepaid.place_suspense(good.pk, order.order_no, "回单写明用途", by=who(city_chief))
    assert (done.status, done.placed_order_id) == ("PLACED", order.pk)
    assert fresh(contract).status == Contract.Status.ACTIVE
    assert fresh(contract).locked_fen == 300_000
    assert ledger.balance(ledger.SUSPENSE) == 299_999
    ledger_is_whole()


def test_a_refund_paid_out_matches(contract: Contract, consumer: User) -> None:
    refund = prepaid.request_refund(contract.pk, "COOLING_OFF", by=who(consumer))
    payout = Payout.objects.get(refund=refund)
    paid = Notice("payout.paid", "P1", payout.payout_no, payout.amount_fen, "acct_0001", None)  # type: ignore[arg-type]
    prepaid.receive(paid, by=CUSTODIAN)
    order = contract.orders.get()
    take(day_file([entry(order.bank_ref, 300_000), entry("P1", -300_000)], on=TODAY))
    assert set(states().values()) == {"BY_REF"}
    day = DailyEquation.objects.get()
    assert (day.bank_fen, day.ledger_fen, day.holds, day.clearing_fen) == (0, 0, True, 0)


def test_only_the_right_people_bring_files(
    bank_clerk: User, city_chief: User, district_officer: User, consumer: User, auditor: User
) -> None:
    data = day_file([], on=YESTERDAY)
    for user in (district_officer, consumer, auditor):
        with pytest.raises(NotAllowed):
            prepaid.receive_bank_file(shelve(lambda into: into.write(data)), "x.csv", by=who(user))
    assert take(data, by=who(bank_clerk)).uploaded_by == bank_clerk
    assert BankFile.objects.visible_to(who(auditor)).count() == 1
    assert BankFile.objects.visible_to(who(district_officer)).count() == 0


def test_limits_are_put_back() -> None:
    def limits() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout'), current_setting('transaction_timeout')")
            return cursor.fetchone()

    before = limits()
    with unhurried():
        assert limits() == ("10min", "0")
    assert limits() == before


def test_a_shop_paid_in_the_middle_of_the_night(plan: Plan, consumer: User) -> None:
    """The bank books before midnight, we after: in transit for one day, explained to the fen."""
    contract = open_contract(make_plan(plan.merchant, price_fen=1_000, bonus_fen=0), consumer, on=YESTERDAY)
    order = contract.orders.get()
    import_day([entry(order.bank_ref, 1_000)], on=BEFORE)
    day = DailyEquation.objects.get(on=BEFORE)
    assert (day.difference_fen, day.bank_only_fen, day.unexplained_fen, day.holds) == (1_000, 1_000, 0, True)
    assert cases() == []
    pay_again = CustodianNotice.objects.count()
    pay(order, ref=order.bank_ref)
    assert CustodianNotice.objects.count() == pay_again


def test_days_before_the_first_file_count_as_booked_by_both() -> None:
    told("old", 4_000, on=BEFORE)
    import_day([], opening=4_000)
    day = DailyEquation.objects.get()
    assert (day.bank_fen, day.ledger_fen, day.ours_only_fen, day.unexplained_fen) == (4_000, 4_000, 0, 0)
    assert open_missing(BEFORE) == 0

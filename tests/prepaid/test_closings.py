"""A shop closes: sales stop, every holder is told once and chooses, the silent are refunded, nothing goes astray."""

import pytest

from core.actors import CUSTODIAN, SYSTEM
from core.errors import Invalid, WrongState
from core.jobs import run_shard
from core.models import OutboxEvent, SmsMessage, User
from merchants.models import Merchant, Store
from prepaid import actions as prepaid
from prepaid.actions.payouts import payout_paid
from prepaid.actions.settlings import transfer_cards
from prepaid.closing_reports import outstanding, progress
from prepaid.models import ClosingNotice, Contract, HolderNotice, Instalment, Payout, Plan, Refund
from tests.cast import STREET, fresh, open_contract, person
from tests.prepaid.scenes import (
    books,
    consume,
    count_card,
    days,
    forbidden,
    ledger_is_whole,
    payable,
    refused,
    term_card,
    unseen,
    verbs,
    who,
)  # fmt: skip

pytestmark = pytest.mark.django_db


def declared(merchant: Merchant, in_days: int = 40, **more: object) -> ClosingNotice:
    return prepaid.declare_closing(
        merchant.pk,
        "LEASE",
        days(in_days),
        by=who(merchant.registered_by),
        **more,  # type: ignore[arg-type]
    )


def published(merchant: Merchant, in_days: int = 40, **more: object) -> ClosingNotice:
    notice = declared(merchant, in_days, **more)
    return prepaid.publish_closing(notice.pk, by=who(merchant.registered_by))


def told(notice: ClosingNotice) -> ClosingNotice:
    prepaid.tell_holders(notice.pk)
    notice.refresh_from_db()
    return notice


def own(contract: Contract) -> HolderNotice:
    return HolderNotice.objects.get(contract=contract)


def all_paid() -> None:
    """The bank has paid every payout that waits."""
    for payout in Payout.objects.exclude(status="PAID"):
        payout_paid(payout.payout_no, f"ref-{payout.pk}", by=CUSTODIAN)


def test_publication_stops_sales_at_once_and_short_notice_is_accepted_but_marked(
    contract: Contract, plan: Plan, owner_a: User, owner_b: User, clerk_a: User, second_consumer: User
) -> None:
    merchant, store = contract.merchant, contract.store
    by = who(owner_a)
    wrong = (("WEATHER", 40, "reason"), ("LEASE", -1, "closes_on"), ("ABSCONDED", 9, "reason"))
    for reason, n, field in wrong:
        error = refused(Invalid, lambda r=reason, n=n: prepaid.declare_closing(merchant.pk, r, days(n), by=by))  # type: ignore[misc]
        assert field in error.fields
    forbidden(lambda: prepaid.declare_closing(merchant.pk, "LEASE", days(40), by=who(clerk_a)))
    unseen(lambda: prepaid.declare_closing(merchant.pk, "LEASE", days(40), by=who(owner_b)))
    notice = declared(merchant, 20)
    assert notice.status == "DECLARED" and not ClosingNotice.objects.public().exists()
    refused(WrongState, lambda: declared(merchant))
    prepaid.offer(plan.pk, store.pk, second_consumer.phone, by=by)
    unseen(lambda: prepaid.publish_closing(notice.pk, by=who(owner_b)))
    notice = prepaid.publish_closing(notice.pk, by=by)
    assert (notice.status, notice.notice_days, notice.short_days) == ("SALES_STOPPED", 30, 10)
    assert notice.notice_basis == "浙江省实施消法办法 第11条"
    merchant.refresh_from_db()
    assert merchant.status == "EXITING"
    assert Merchant.objects.public().filter(pk=merchant.pk).exists()
    refused(WrongState, lambda: prepaid.offer(plan.pk, store.pk, second_consumer.phone, by=by))
    refused(WrongState, lambda: prepaid.order_top_up(contract.pk, plan.pk, by=who(contract.holder)))
    assert consume(contract, fen=6_000).amount_fen == 5_000, "the old card goes on until the last day"


def test_a_mall_store_needs_ninety_days_and_one_store_of_two_closes_alone(
    contract: Contract, plan: Plan, owner_a: User, second_consumer: User
) -> None:
    merchant = contract.merchant
    other = Store.objects.create(merchant=merchant, name="二店", region_id=STREET, address="二路2号")
    elsewhere = prepaid.offer(plan.pk, other.pk, second_consumer.phone, by=who(owner_a))
    notice = published(merchant, 60, store_id=contract.store_id, in_mall=True)
    assert (notice.notice_days, notice.short_days, notice.store_id) == (90, 30, contract.store_id)
    merchant.refresh_from_db()
    assert merchant.status == "ACTIVE"
    refused(WrongState, lambda: prepaid.offer(plan.pk, contract.store_id, second_consumer.phone, by=who(owner_a)))
    assert prepaid.offer(plan.pk, other.pk, second_consumer.phone, by=who(owner_a)).pk > elsewhere.pk
    refused(WrongState, lambda: declared(merchant))
    told(notice)
    prepaid.choose_settlement(own(contract).pk, "REFUND", by=who(contract.holder))
    all_paid()
    assert outstanding(notice, days(0)).total_fen == 0


def test_the_last_open_store_is_the_whole_merchant(contract: Contract) -> None:
    assert declared(contract.merchant, store_id=contract.store_id).store_id is None
    assert declared_again_after_withdrawal(contract.merchant).status == "DECLARED"


def declared_again_after_withdrawal(merchant: Merchant) -> ClosingNotice:
    first = ClosingNotice.objects.get()
    prepaid.withdraw_closing(first.pk, by=who(merchant.registered_by))
    return declared(merchant)


def test_every_holder_is_told_once_whatever_is_repeated(contract: Contract, plan: Plan, second_consumer: User) -> None:
    twice = open_contract(plan, contract.holder)
    other = open_contract(plan, second_consumer)
    before = SmsMessage.objects.count()
    notice = published(contract.merchant)
    promised = OutboxEvent.objects.get(topic="prepaid.tell_holders")
    assert promised.payload == {"notice": notice.pk, "shard": 0, "shards": 1}
    assert prepaid.tell_holders(notice.pk) == 3
    assert prepaid.tell_holders(notice.pk) == 0
    texts = list(SmsMessage.objects.order_by("pk"))[before:]
    assert len(texts) == 2, "one message a person, not a card"
    assert {text.user for text in texts} == {contract.holder, second_consumer}
    assert "6,000.00" in next(text.text for text in texts if text.user == contract.holder)
    assert not [text for text in texts if "http" in text.text or "/" in text.text]
    notice.refresh_from_db()
    assert notice.status == "SETTLING"
    late = open_contract_despite(plan, person("13900000077", "后到"))
    run_shard("prepaid.closings", days(0), 0)
    assert own(late).message is not None, "a payment that was under way is told by the nightly check"
    figures = progress(notice)
    assert (figures["holders"], figures["people"], figures["told"], figures["read"]) == (4, 3, 4, 0)
    for one in (contract, twice):
        prepaid.read_notice(own(one).pk, by=who(contract.holder))
    unseen(lambda: prepaid.read_notice(own(other).pk, by=who(contract.holder)))
    assert progress(notice)["read"] == 2


def open_contract_despite(plan: Plan, holder: User) -> Contract:
    """A contract whose payment was on its way when sales were stopped."""
    Merchant.objects.filter(pk=plan.merchant_id).update(status="ACTIVE")
    closing = ClosingNotice.objects.get()
    ClosingNotice.objects.update(status="WITHDRAWN")
    made = open_contract(Plan.objects.get(pk=plan.pk), holder)
    ClosingNotice.objects.update(status=closing.status)
    Merchant.objects.filter(pk=plan.merchant_id).update(status="EXITING")
    return made


def test_refund_is_agreed_by_law_and_cites_its_articles(contract: Contract, owner_a: User) -> None:
    consume(contract, fen=60_000)
    asked = prepaid.request_refund(contract.pk, "CONSUMER", by=who(contract.holder))
    prepaid.refuse_refund(asked.pk, "办卡时说好不退", by=who(owner_a))
    told(published(contract.merchant))
    row = prepaid.choose_settlement(own(contract).pk, "REFUND", by=who(contract.holder))
    refund = row.refund
    assert refund is not None
    # 3,000 paid with gift 600, 600 of face used: 3,000 − 600 × 3,000 ÷ 3,600 = 2,500.
    assert (refund.cause, refund.status) == ("MERCHANT", "PAYING")
    assert (refund.total_fen, refund.amount_fen) == (250_000, 250_000)
    assert all(line["article"].startswith("法释〔2025〕4号") for line in refund.lines)
    assert Refund.objects.get(pk=asked.pk).status == "WITHDRAWN"
    assert prepaid.choose_settlement(row.pk, "REFUND", by=who(contract.holder)).refund == refund
    refused(WrongState, lambda: prepaid.choose_settlement(row.pk, "USE_UP", by=who(contract.holder)))
    books(contract)


def test_whoever_is_silent_or_did_not_use_it_up_is_refunded_by_the_nightly_check(
    contract: Contract, merchant_a: Merchant, second_consumer: User, district_officer: User, consumer: User
) -> None:
    silent = count_card(merchant_a, second_consumer)
    notice = told(published(merchant_a, 3))
    prepaid.choose_settlement(own(contract).pk, "USE_UP", by=who(contract.holder))
    consume(contract, fen=36_000)
    consume(silent, times=2)
    prepaid.settle_ended(notice.pk, days(3))
    assert not Refund.objects.exists(), "on the last day people may still come"
    run_shard("prepaid.closings", days(4), 0)
    run_shard("prepaid.closings", days(5), 0)
    rows = {row.contract_id: row for row in HolderNotice.objects.all()}
    assert all(row.by_default and row.settled_at and row.trouble == "" for row in rows.values())
    # 3,000 − 360 × 3,000 ÷ 3,600 = 2,700; ten times and three gifts for 1,000, two used: 1,000 × 11 ÷ 13 = 846.16.
    assert rows[contract.pk].refund.amount_fen == 270_000  # type: ignore[union-attr]
    assert rows[silent.pk].refund.amount_fen == 84_616  # type: ignore[union-attr]
    by = who(district_officer)
    error = refused(Invalid, lambda: prepaid.verify_closing(notice.pk, by=by, on=days(5)))
    assert "在途 ¥3,546.16" in error.fields["reason"]
    all_paid()
    forbidden(lambda: prepaid.verify_closing(notice.pk, by=who(merchant_a.registered_by), on=days(5)))
    notice = prepaid.verify_closing(notice.pk, by=by, on=days(5))
    assert (notice.status, notice.remainder_fen) == ("VERIFIED", 0)
    ClosingNotice.objects.filter(pk=notice.pk).update(closes_on=days(4))
    run_shard("prepaid.closings", days(6), 0)
    notice.refresh_from_db()
    merchant_a.refresh_from_db()
    assert (notice.status, merchant_a.status) == ("CLOSED", "EXITED")
    assert not Merchant.objects.public().filter(pk=merchant_a.pk).exists()
    assert {fresh(one).locked_fen for one in (contract, silent)} == {0}
    for one in (contract, silent):
        books(one)
    ledger_is_whole()


def test_what_nobody_claims_is_kept_and_never_goes_back_to_the_merchant(
    contract: Contract, district_officer: User, other_officer: User
) -> None:
    visit = prepaid.request_visit(
        contract.pk, contract.store_id, "染发", face_fen=36_000, by=who(contract.merchant.registered_by)
    )
    prepaid.dispute_visit(visit.pk, "没有去", by=who(contract.holder))
    notice = told(published(contract.merchant, 0))
    prepaid.settle_ended(notice.pk, days(1))
    all_paid()
    assert fresh(contract).locked_fen == 30_000, "what a dispute holds waits for the officer"
    earned = payable(contract.merchant)
    by = who(district_officer)
    refused(WrongState, lambda: prepaid.verify_closing(notice.pk, "提存在区公证处", by=by, on=days(0)))
    refused(Invalid, lambda: prepaid.verify_closing(notice.pk, "提存", by=by, on=days(1)))
    forbidden_by_region(notice, other_officer)
    notice = prepaid.verify_closing(notice.pk, "留存在存管专户，通知不到本人", by=by, on=days(1))
    assert (notice.status, notice.remainder_fen) == ("VERIFIED", 30_000)
    prepaid.close_closing(notice.pk, by=SYSTEM, on=days(1))
    # The officer finds later that there was no visit: the consumer gets it, the merchant never does.
    prepaid.reject_visit(visit.pk, "核实没有这次消费", by=by)
    all_paid()
    assert fresh(contract).locked_fen == 0 and payable(contract.merchant) == earned
    assert fresh(contract).refunded_fen == 300_000
    ledger_is_whole()


def forbidden_by_region(notice: ClosingNotice, stranger: User) -> None:
    forbidden(lambda: prepaid.verify_closing(notice.pk, "留存在存管专户", by=who(stranger), on=days(1)))


def test_a_successor_takes_the_card_over_with_its_money_and_its_terms(
    contract: Contract, merchant_a: Merchant, merchant_b: Merchant, owner_b: User, owner_a: User,
    second_consumer: User, consumer: User,
) -> None:  # fmt: skip
    monthly = term_card(merchant_a, second_consumer)
    prepaid.report_visit(monthly.pk, monthly.store_id, "签到", by=who(second_consumer))
    notice = told(published(merchant_a, successor_id=merchant_b.pk))
    assert prepaid.choose_settlement(own(contract).pk, "TRANSFER", by=who(consumer)).settled_at is None
    forbidden(lambda: prepaid.accept_succession(notice.pk, by=who(owner_a)))
    prepaid.accept_succession(notice.pk, by=who(owner_b))
    transfer_cards({"notice": notice.pk})
    prepaid.choose_settlement(own(monthly).pk, "TRANSFER", by=who(second_consumer))
    terms = contract.terms_hash
    contract, monthly = fresh(contract), fresh(monthly)
    assert {contract.merchant_id, monthly.merchant_id} == {merchant_b.pk}
    assert (contract.locked_fen, contract.terms_hash) == (300_000, terms)
    assert verbs(contract)[-1] == "contract.assign_issuer"
    assert own(contract).settled_at and own(monthly).settled_at
    before = payable(merchant_a)
    assert consume(contract, fen=36_000).amount_fen == 30_000
    due = Instalment.objects.of_account(monthly.account_id or 0).first()
    assert due is not None
    prepaid.release_due(due.due_on, 0, 1)
    assert payable(merchant_b) == 30_000 + due.amount_fen and payable(merchant_a) == before
    assert outstanding(notice, days(0)).total_fen == 0
    run_shard("prepaid.closings", days(41), 0)
    assert not Refund.objects.exists()
    books(contract)
    ledger_is_whole()


def test_a_choice_waits_for_a_successor_in_vain_and_becomes_a_refund(
    contract: Contract, merchant_b: Merchant, owner_b: User
) -> None:
    notice = told(published(contract.merchant, 1, successor_id=merchant_b.pk))
    prepaid.choose_settlement(own(contract).pk, "TRANSFER", by=who(contract.holder))
    Merchant.objects.filter(pk=merchant_b.pk).update(status="RESTRICTED")
    refused(WrongState, lambda: prepaid.accept_succession(notice.pk, by=who(owner_b)))
    prepaid.settle_ended(notice.pk, days(2))
    row = own(contract)
    assert row.by_default and row.refund and row.refund.amount_fen == 300_000


def test_only_the_holder_chooses_and_only_what_there_is(
    contract: Contract, second_consumer: User, owner_a: User, district_officer: User
) -> None:
    told(published(contract.merchant))
    row = own(contract)
    unseen(lambda: prepaid.choose_settlement(row.pk, "REFUND", by=who(second_consumer)))
    for other in (owner_a, district_officer):
        forbidden(lambda other=other: prepaid.choose_settlement(row.pk, "REFUND", by=who(other)))  # type: ignore[misc]
    for wrong in ("TRANSFER", "", "MAYBE"):
        refused(Invalid, lambda w=wrong: prepaid.choose_settlement(row.pk, w, by=who(contract.holder)))  # type: ignore[misc]
    row = prepaid.choose_settlement(row.pk, "USE_UP", by=who(contract.holder))
    row = prepaid.choose_settlement(row.pk, "REFUND", by=who(contract.holder))
    assert row.refund and row.refund.amount_fen == 300_000

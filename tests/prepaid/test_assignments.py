"""A card handed on, a number replaced, a card lost, an expired one activated, and appointments nobody came to."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import actions as core
from core.actors import SYSTEM
from core.calendar import business_date
from core.errors import Invalid, WrongState
from core.models import SmsMessage, TrustedDevice, User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.contract_jobs import end_waits
from prepaid.models import Assignment, Contract, ContractUser, Plan, Refund, ShownCode, Signature
from tests.cast import fresh, make_plan, open_contract, person
from tests.prepaid.scenes import (
    ask,
    at_once,
    consume,
    count_card,
    days,
    forbidden,
    oracle_is_content,
    refused,
    term_card,
    unseen,
    who,
)

pytestmark = pytest.mark.django_db


def handed_on(contract: Contract, to: User) -> Assignment:
    row = prepaid.assign(contract.pk, to.phone, by=who(contract.holder))
    return prepaid.accept_assignment(row.pk, by=who(to), terms_hash=contract.terms_hash)


def test_a_card_goes_over_whole_and_the_notice_binds_the_shop(
    contract: Contract, consumer: User, second_consumer: User, owner_a: User
) -> None:
    consume(contract, 6_000)
    prepaid.add_user(contract.pk, "13900000077", by=who(consumer))
    shown = prepaid.show_code(contract.pk, by=who(consumer))
    before = fresh(contract)
    row = handed_on(before, second_consumer)
    after = fresh(contract)
    assert (row.status, row.notice_received_at is not None) == (Assignment.Status.EFFECTIVE, True)
    assert after.holder == after.payer == second_consumer
    assert (after.locked_fen, after.terms, after.terms_hash) == (before.locked_fen, before.terms, before.terms_hash)
    assert after.locked_fen == 300_000 - 5_000  # no fee
    assert not ContractUser.objects.filter(contract=contract).exists()
    refused(Invalid, lambda: prepaid.redeem_shown_code(
        contract.merchant_id, contract.store_id, shown.code, "洗剪吹", by=who(owner_a), face_fen=6_000,
    ))  # fmt: skip
    # The shop serves the new holder and cannot say no: there is nothing for it to answer.
    assert consume(after, 6_000).amount_fen == 5_000
    assert SmsMessage.objects.filter(user=owner_a).exists()
    unseen(lambda: prepaid.request_refund(contract.pk, Refund.Cause.CONSUMER, by=who(consumer)))
    assert list(Signature.objects.filter(contract=contract).values_list("party", flat=True)) == [
        "MERCHANT", "HOLDER", "NEW_HOLDER",
    ]  # fmt: skip


def test_a_refund_after_a_transfer_never_goes_to_the_old_account(contract: Contract, second_consumer: User) -> None:
    handed_on(contract, second_consumer)
    refund = prepaid.request_refund(contract.pk, Refund.Cause.MERCHANT, by=who(second_consumer))
    refund = prepaid.agree_refund(refund.pk, by=who(contract.merchant.registered_by))
    assert refund.status == Refund.Status.PAYOUT_FAILED
    assert refund.payouts.get().account == ""
    refund = prepaid.change_payout_account(
        refund.pk, "6222 0202 0000 0000 001", second_consumer.name, by=who(second_consumer)
    )
    assert refund.status == Refund.Status.PAYING


def test_nothing_moves_before_the_other_agrees_to_the_same_terms(
    contract: Contract, consumer: User, second_consumer: User, owner_a: User, other_officer: User
) -> None:
    row = prepaid.assign(contract.pk, second_consumer.phone, by=who(consumer))
    assert fresh(contract).holder == consumer
    refused(WrongState, lambda: prepaid.assign(contract.pk, "13900000078", by=who(consumer)), "已经有一次")
    accept = lambda by, terms=contract.terms_hash: prepaid.accept_assignment(  # noqa: E731
        row.pk, by=who(by), terms_hash=terms
    )
    forbidden(lambda: accept(consumer))
    forbidden(lambda: accept(owner_a))
    unseen(lambda: accept(other_officer))
    refused(WrongState, lambda: accept(second_consumer, "0" * 64), "不一致")
    assert prepaid.decline_assignment(row.pk, by=who(second_consumer)).status == Assignment.Status.DECLINED
    refused(WrongState, lambda: accept(second_consumer))
    row = prepaid.assign(contract.pk, second_consumer.phone, by=who(consumer))
    assert prepaid.withdraw_assignment(row.pk, by=who(consumer)).status == Assignment.Status.WITHDRAWN
    assert fresh(contract).holder == consumer


def test_what_waits_for_the_old_holder_is_settled_first(contract: Contract, consumer: User) -> None:
    give = lambda: prepaid.assign(contract.pk, "13900000079", by=who(consumer))  # noqa: E731
    visit = ask(contract, 6_000)
    refused(WrongState, give, "消费等您确认")
    prepaid.dispute_visit(visit.pk, "没去过", by=who(consumer))
    prepaid.request_refund(contract.pk, Refund.Cause.CONSUMER, by=who(consumer))
    refused(WrongState, give, "退款正在办理")
    refused(Invalid, lambda: prepaid.assign(open_own(contract, consumer).pk, consumer.phone, by=who(consumer)))


def open_own(contract: Contract, consumer: User) -> Contract:
    return open_contract(contract.plan, consumer)


def test_an_unlimited_card_is_not_passed_round(merchant_a: Merchant, consumer: User, second_consumer: User) -> None:
    card = term_card(merchant_a, consumer, Plan.Kind.UNLIMITED_TERM)
    row = handed_on(card, second_consumer)
    refused(WrongState, lambda: prepaid.assign(card.pk, consumer.phone, by=who(second_consumer)), "30 天内")
    Assignment.objects.filter(pk=row.pk).update(ended_at=timezone.now() - timedelta(days=31))
    prepaid.assign(card.pk, consumer.phone, by=who(second_consumer))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_answer_at_once_one_wins(contract: Contract, consumer: User, second_consumer: User) -> None:
    row = prepaid.assign(contract.pk, second_consumer.phone, by=who(consumer))
    results = at_once(
        lambda: prepaid.accept_assignment(row.pk, by=who(second_consumer), terms_hash=contract.terms_hash).status,
        lambda: prepaid.withdraw_assignment(row.pk, by=who(consumer)).status,
    )
    row.refresh_from_db()
    assert sum(isinstance(one, Exception) for one in results) == 1
    took = row.status == Assignment.Status.EFFECTIVE
    assert fresh(contract).holder == (second_consumer if took else consumer)
    oracle_is_content()


def test_a_new_number_waits_three_days_and_the_old_one_is_told(
    contract: Contract, consumer: User, clerk_a: User, clerk_b: User, district_officer: User
) -> None:
    move = lambda by, name="周桂芬": prepaid.rebind_number(  # noqa: E731
        contract.pk, "13900000081", name, by=who(by)
    )
    unseen(lambda: move(clerk_b))
    forbidden(lambda: move(consumer))
    refused(Invalid, lambda: move(clerk_a, "张三"))
    row = move(clerk_a)
    assert row.due_at is not None and row.due_at - row.asked_at == timedelta(days=3)
    assert any("不是我换的" in one.text for one in SmsMessage.objects.filter(user=consumer))
    assert end_waits(business_date(), 0)["done"] == 0
    assert prepaid.withdraw_assignment(row.pk, by=who(consumer)).status == Assignment.Status.STOPPED
    row = move(district_officer)
    refused(WrongState, lambda: prepaid.end_wait(row.pk, by=SYSTEM))
    Assignment.objects.filter(pk=row.pk).update(due_at=timezone.now())
    assert end_waits(business_date(), 0)["done"] == 1
    assert end_waits(business_date(), 0)["done"] == 0  # the same day again
    held = fresh(contract).holder
    assert (held.phone, held.name) == ("+8613900000081", "周桂芬")


def test_a_lost_card_is_dead_until_reissued(contract: Contract, consumer: User, owner_a: User) -> None:
    shown = prepaid.show_code(contract.pk, by=who(consumer))
    TrustedDevice.objects.create(user=consumer, token_hash="x", expires_at=timezone.now() + timedelta(days=1))
    prepaid.report_loss(contract.pk, by=who(owner_a))
    assert prepaid.report_loss(contract.pk, by=who(owner_a)).lost_at  # again: nothing new
    assert not TrustedDevice.objects.filter(user=consumer).exists()
    assert not ShownCode.objects.filter(pk=shown.pk, expires_at__gt=timezone.now()).exists()
    refused(WrongState, lambda: prepaid.show_code(contract.pk, by=who(consumer)), "挂失")
    refused(WrongState, lambda: ask(contract, 6_000), "挂失")
    forbidden(lambda: prepaid.reissue_card(contract.pk, by=who(owner_a)))
    prepaid.reissue_card(contract.pk, by=who(consumer))
    assert fresh(contract).locked_fen == 300_000
    assert consume(contract, 6_000).amount_fen == 5_000


def test_a_term_card_that_ended_with_money_goes_on_for_its_unpaid_periods(merchant_a: Merchant, consumer: User) -> None:
    card = term_card(merchant_a, consumer)
    refused(WrongState, lambda: prepaid.activate_residual(card.pk, by=who(consumer)), "没有到期")
    prepaid.stop_instalments(card.pk, by=who(consumer))
    later = days(12 * 7 + 30)
    card = prepaid.activate_residual(card.pk, by=who(consumer), on=later)
    assert card.ends_on == later + timedelta(weeks=12)
    assert prepaid.release_due(later + timedelta(days=7), 0, 1)["released"] == 1
    assert prepaid.release_due(later + timedelta(weeks=12), 0, 1)["released"] == 11
    assert fresh(card).locked_fen == 0


def test_no_shows_count_only_as_far_as_the_signed_terms_allow(
    merchant_a: Merchant, consumer: User, owner_a: User, contract: Contract
) -> None:
    store = contract.store_id
    missed = lambda card, **sums: prepaid.count_no_show(card.pk, store, "洗剪吹", by=who(owner_a), **sums)  # noqa: E731
    refused(WrongState, lambda: missed(contract, face_fen=6_000), "没有爽约")
    card = count_card(merchant_a, consumer, no_show_times=1)
    refused(Invalid, lambda: missed(card, times=2))
    visit = missed(card, times=1)
    assert (visit.is_no_show, visit.status, visit.item) == (True, "REQUESTED", "爽约：洗剪吹")
    refused(WrongState, lambda: missed(card, times=1), "已经计满")
    prepaid.dispute_visit(visit.pk, "提前取消过", by=who(consumer))
    prepaid.withdraw_visit(visit.pk, by=who(owner_a))
    missed(card, times=1)
    forbidden(lambda: prepaid.count_no_show(card.pk, store, "洗剪吹", by=who(consumer), times=1))


def test_the_pages_of_a_transfer(
    contract: Contract, consumer: User, second_consumer: User, signed_in: Callable[[User], Client]
) -> None:
    giver, taker = signed_in(consumer), signed_in(second_consumer)
    for client in (giver, taker):
        session = client.session
        session["proved_at"] = int(timezone.now().timestamp())
        session.save()
    url = f"/my/contracts/{contract.code}/assign/"
    assert "3,000" in giver.get(url).content.decode()
    giver.post(url, {"key": "transfer-1", "phone": second_consumer.phone})
    row = Assignment.objects.get()
    assert "转给您" in taker.get("/my/").content.decode()
    page = taker.get(f"/my/assignments/{row.code}/").content.decode()
    assert contract.terms_hash in page
    taker.post(
        f"/my/assignments/{row.code}/",
        {"key": "transfer-2", "step": "accept", "terms_hash": contract.terms_hash},
    )
    assert fresh(contract).holder == second_consumer
    assert giver.get(f"/my/contracts/{contract.code}/").status_code == 404
    assert signed_in(person("13900000088", "路人")).get(f"/my/assignments/{row.code}/").status_code == 404


def test_a_trial_never_becomes_a_prepayment(merchant_a: Merchant, consumer: User, owner_a: User) -> None:
    plan = make_plan(merchant_a, payment_kind="TRIAL", price_fen=9_900, bonus_fen=0, name="体验课")
    store = merchant_a.stores.get()
    card = prepaid.offer(plan.pk, store.pk, consumer.phone, by=who(owner_a))
    prepaid.sign(card.pk, by=who(consumer), terms_hash=card.terms_hash)
    refused(WrongState, lambda: prepaid.order_payment(card.pk, by=who(consumer)), "重新签约")
    card = prepaid.conclude(card.pk, by=who(owner_a))
    assert (card.status, card.paid_fen) == ("COMPLETED", 0)
    paid = open_contract(make_plan(merchant_a), consumer)
    refused(Invalid, lambda: prepaid.order_top_up(paid.pk, plan.pk, by=who(consumer)))
    forbidden(lambda: prepaid.conclude(paid.pk, by=who(owner_a)))


def test_after_180_silent_days_a_code_alone_does_not_prove_who_it_is(
    contract: Contract, consumer: User, signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(consumer)
    session = client.session
    session["proved_at"] = int(timezone.now().timestamp())
    session.save()
    shown = f"/my/contracts/{contract.code}/code/"
    visit = consume(contract, 6_000)
    assert client.post(shown, {"key": "recall-key-1"})["Location"] == shown
    old = timezone.now() - timedelta(days=200)
    Contract.objects.filter(pk=contract.pk).update(signed_at=old)
    type(visit).objects.filter(pk=visit.pk).update(requested_at=old)
    assert client.post(shown, {"key": "recall-key-2"})["Location"].startswith("/my/prove/")

    def prove(shop: str) -> int:
        code = core.send_phone_code(consumer.phone, "my_word")
        return int(client.post(f"/my/prove/?next={shown}", {"code": code, "shop": shop}).status_code)

    assert (prove(""), prove("某某健身"), prove("A造型")) == (400, 400, 302)
    assert client.post(shown, {"key": "recall-key-3"})["Location"] == shown


def test_lists_of_assignments_cost_the_same_for_one_and_many(
    merchant_a: Merchant, consumer: User, second_consumer: User, district_officer: User,
    signed_in: Callable[[User], Client],
) -> None:  # fmt: skip
    plan = make_plan(merchant_a)
    mine, office = signed_in(second_consumer), signed_in(district_officer)
    counts = []
    for _ in range(2):
        for _ in range(3):
            prepaid.assign(open_contract(plan, consumer).pk, second_consumer.phone, by=who(consumer))
        seen = []
        for client, url in ((mine, "/api/v1/assignments"), (mine, "/my/"), (office, "/admin/prepaid/assignment/")):
            with CaptureQueriesContext(connection) as asked:
                assert client.get(url).status_code == 200
            seen.append(len(asked))
        counts.append(seen)
    assert counts[0] == counts[1]

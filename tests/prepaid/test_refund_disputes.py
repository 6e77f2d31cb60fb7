"""Refunds that are not simply agreed to: what waits for a visit, what nobody disputes, gifts, interest, top-ups."""

from datetime import date, timedelta

import pytest

from core.actors import SYSTEM
from core.errors import Invalid, WrongState
from core.interest import add_rate
from core.models import User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid import ledger
from prepaid.models import Contract, Plan, Refund, RefundShortfall
from prepaid.refunds import ART_16, ART_19, ART_21, EXPIRED_NO_RULE, ZHEJIANG_11
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
    top_up,
    unmoved,
    verbs,
    who,
)
from tests.prepaid.test_refund_actions import State, agree, bank, old, want

__all__ = ["old"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def card(merchant_a: Merchant, consumer: User) -> Contract:
    """Ten times and three gifts for 1,000, three weeks old; one time costs 150 without the card."""
    return open_contract(make_plan(merchant_a, Plan.Kind.COUNT), consumer, on=days(-21))


# Visits that wait, at the list price


def test_a_waiting_visit_counts_at_the_list_price_until_it_falls_away(
    card: Contract, consumer: User, owner_a: User, district_officer: User
) -> None:
    consume(card, times=1)
    visits = [ask(card, times=1), ask(card, times=2)]
    prepaid.dispute_visit(visits[1].pk, "没有", by=who(consumer))
    refund = agree(want(card))
    # 1,000 - 1 × 150 if both fall away, 1,000 - 4 × 150 now.
    assert (refund.total_fen, refund.amount_fen) == (85_000, 40_000)
    assert not RefundShortfall.objects.exists()
    # On the card stays what the consumer may still get, and the merchant has its first visit at the list price.
    assert fresh(card).locked_fen == 45_000 and payable(card.merchant) == 15_000
    books(card)
    prepaid.withdraw_visit(visits[0].pk, by=who(owner_a))
    assert (fresh(card).refunded_fen, fresh(card).locked_fen) == (55_000, 30_000)
    books(card)
    prepaid.uphold_visit(visits[1].pk, "有监控", by=who(district_officer))
    assert (fresh(card).refunded_fen, fresh(card).locked_fen, payable(card.merchant)) == (55_000, 0, 45_000)
    assert [part.part_of for part in Refund.objects.filter(contract=card).order_by("pk")] == [None, refund]
    books(card)
    ledger_is_whole()


def test_what_is_short_when_a_visit_is_upheld_becomes_the_merchants_debt(
    merchant_a: Merchant, consumer: User, district_officer: User
) -> None:
    contract = open_contract(make_plan(merchant_a, Plan.Kind.COUNT, list_price_fen=1_000), consumer, on=days(-21))
    consume(contract, times=5)
    visit = ask(contract, times=1)
    prepaid.dispute_visit(visit.pk, "没有", by=who(consumer))
    refund = agree(want(contract))
    assert (refund.total_fen, refund.amount_fen) == (95_000, 53_846)
    assert RefundShortfall.objects.get().amount_fen == 95_000 - 53_846 - 7_693
    prepaid.uphold_visit(visit.pk, "有监控", by=who(district_officer))
    assert fresh(contract).locked_fen == 0
    assert RefundShortfall.objects.get().amount_fen == 94_000 - fresh(contract).refunded_fen
    books(contract)


# What nobody disputes


def test_the_undisputed_part_is_paid_at_once_and_the_rest_waits_for_the_officer(
    old: Contract, owner_a: User, consumer: User, district_officer: User
) -> None:
    refund = want(old, "MERCHANT")
    for wrong in (-1, 250_000, 999_999):
        with unmoved(old):
            refused(Invalid, lambda wrong=wrong: refuse(refund, owner_a, wrong))
    disputed = refuse(refund, owner_a, 200_000)
    part = Refund.objects.get(part_of=refund)
    assert (disputed.status, disputed.total_fen, part.status, part.amount_fen) == (
        State.DISPUTED, 50_000, State.PAYING, 200_000,
    )  # fmt: skip
    assert (fresh(old).status, fresh(old).locked_fen, fresh(old).refunded_fen) == ("REFUNDED", 50_000, 200_000)
    assert sum(line["amount_fen"] for line in disputed.lines) == 50_000
    books(old)
    refused(WrongState, lambda: ask(old, 6_000))
    bank("payout.paid", part.payouts.get(), "p1")
    done = prepaid.order_refund(refund.pk, "理由不成立", by=who(district_officer))
    assert (done.status, done.amount_fen, done.total_fen) == (State.PAYING, 50_000, 50_000)
    assert (fresh(old).locked_fen, fresh(old).refunded_fen, payable(old.merchant)) == (0, 250_000, 50_000)
    assert verbs(refund) == ["refund.request", "refund.refuse", "refund.order"]
    books(old)
    ledger_is_whole()


def refuse(refund: Refund, by: User, undisputed: int) -> Refund:
    return prepaid.refuse_refund(refund.pk, "有一次没有登记", undisputed_fen=undisputed, by=who(by))


def test_withdrawing_the_rest_settles_for_the_undisputed_part(old: Contract, owner_a: User, consumer: User) -> None:
    visit = ask(old, 6_000)
    refund = want(old, "MERCHANT")
    refuse(refund, owner_a, 200_000)
    assert fresh(old).locked_fen == 50_000
    prepaid.withdraw_refund(refund.pk, by=who(consumer))
    assert fresh(old).locked_fen == 5_000  # what the visit still holds
    prepaid.withdraw_visit(visit.pk, by=who(owner_a))
    assert (fresh(old).locked_fen, fresh(old).refunded_fen, payable(old.merchant)) == (0, 200_000, 100_000)
    books(old)


def test_visits_settled_during_the_dispute_move_nothing_until_it_is_decided(old: Contract, owner_a: User) -> None:
    visit = ask(old, 6_000)
    refund = want(old, "MERCHANT")
    refuse(refund, owner_a, 100_000)
    prepaid.withdraw_visit(visit.pk, by=who(owner_a))
    assert (fresh(old).locked_fen, fresh(old).refunded_fen) == (150_000, 100_000)
    assert agree(refund).amount_fen == 150_000
    assert (fresh(old).locked_fen, fresh(old).refunded_fen) == (0, 250_000)
    books(old)


def test_a_term_card_ends_with_its_undisputed_part(merchant_a: Merchant, consumer: User, owner_a: User) -> None:
    plan = make_plan(merchant_a, Plan.Kind.PER_PERIOD, every=Plan.Every.WEEK)
    contract = open_contract(plan, consumer, on=days(-21))
    refund = want(contract)
    half = refund.total_fen // 2
    refuse(refund, owner_a, half)
    prepaid.withdraw_refund(refund.pk, by=who(consumer))
    assert (fresh(contract).status, fresh(contract).refunded_fen, fresh(contract).locked_fen) == ("REFUNDED", half, 0)
    books(contract)


# Gifts (第21条)


def test_gifts_only_add_with_a_reason_and_up_to_what_was_paid(
    old: Contract, owner_a: User, clerk_a: User, district_officer: User
) -> None:
    refund = want(old)
    with unmoved(old):
        refused(Invalid, lambda: give(refund, owner_a, 1_000, ""))
        refused(Invalid, lambda: give(refund, owner_a, -1_000, "少退"))
        refused(Invalid, lambda: give(refund, owner_a, 60_001, "护发素没给"))
        forbidden(lambda: give(refund, clerk_a, 1_000, "护发素没给"))
    done = give(refund, owner_a, 10_001, "护发素没给")
    assert (done.total_fen, done.amount_fen) == (250_001, 250_000)
    gift = [line for line in done.lines if line["article"] == ART_21]
    assert [(line["amount_fen"], line["formula"]) for line in gift] == [(10_001, "护发素没给")]
    assert RefundShortfall.objects.get().amount_fen == 1
    books(old)


def give(refund: Refund, by: User, fen: int, reason: str) -> Refund:
    return prepaid.agree_refund(refund.pk, gift_fen=fen, gift_reason=reason, by=who(by))


def test_an_officer_may_add_for_gifts_when_ordering(old: Contract, owner_a: User, district_officer: User) -> None:
    refund = want(old)
    refuse(refund, owner_a, 0)
    done = prepaid.order_refund(refund.pk, "赠品没有给", gift_fen=5_000, by=who(district_officer))
    assert (done.amount_fen, payable(old.merchant)) == (245_000, 55_000)
    books(old)


# Interest (第16、17条)


def test_locked_money_earns_what_its_account_earns_from_the_day_of_the_request(
    old: Contract, city_chief: User, owner_a: User
) -> None:
    forbidden(lambda: add_rate("CUSTODY", days(-30), 3_500, "结息单", "T", by=who(owner_a)))
    add_rate("CUSTODY", days(-30), 3_500, "存管银行结息单", "T", by=who(city_chief))
    refund = want(old)
    assert refund.total_fen == 240_000
    done = prepaid.auto_agree_refund(refund.pk, by=SYSTEM, on=days(10))
    # 2,400.00 × 0.35 % × 10 days ÷ 360 = 23.33 fen, rounded up; it comes out of what the shop would have got.
    assert (done.total_fen, done.amount_fen, payable(old.merchant)) == (240_024, 240_024, 59_976)
    interest = [line for line in done.lines if line["article"] == ART_16]
    assert [line["amount_fen"] for line in interest] == [24]
    books(old)


def test_an_account_whose_rate_nobody_knows_is_said_openly(old: Contract) -> None:
    done = prepaid.auto_agree_refund(want(old).pk, by=SYSTEM, on=days(10))
    assert done.total_fen == 240_000
    assert any("还没有登记" in line["open_point"] for line in done.lines)


# Top-ups and regions


def test_a_top_up_takes_the_list_price_of_its_own_day(card: Contract, merchant_a: Merchant) -> None:
    dearer = make_plan(merchant_a, Plan.Kind.COUNT, list_price_fen=20_000, name="新十次卡")
    top_up(card, dearer, on=days(-10))
    Plan.objects.filter(pk=dearer.pk).update(list_price_fen=1)
    lots = list(card.lots.order_by("no"))
    assert [lot.list_price_fen for lot in lots] == [15_000, 20_000]
    consume(card, times=15)
    refund = want(card)
    # 1,000 - 13 × 150 is nothing; 1,000 - 2 × 200.
    assert refund.total_fen == 60_000
    values = [line["amount_fen"] for line in refund.lines if line["article"] == ART_19]
    assert values == [-195_000, -40_000]


def test_the_expiry_rule_is_cited_only_where_it_holds(old: Contract, merchant_a: Merchant) -> None:
    assert ZHEJIANG_11 in {line["article"] for line in want(old, "EXPIRED").lines}
    prepaid.withdraw_refund(Refund.objects.get().pk, by=who(old.holder))
    Merchant.objects.filter(pk=merchant_a.pk).update(region_id="110101001")
    lines = want(old, "EXPIRED").lines
    assert ZHEJIANG_11 not in {line["article"] for line in lines}
    assert EXPIRED_NO_RULE in {line["open_point"] for line in lines}


def test_a_freeze_keeps_the_merchants_rest_and_not_the_consumers_reserve(
    card: Contract, owner_a: User, district_officer: User, second_officer: User
) -> None:
    visit = ask(card, times=1)
    row = prepaid.propose_freeze(card.merchant_id, "涉嫌卷款跑路", by=who(district_officer), contract_id=card.pk)
    prepaid.approve_freeze(row.pk, by=who(second_officer))
    refund = agree(want(card))
    assert refund.amount_fen == 85_000 and fresh(card).locked_fen == 15_000
    prepaid.withdraw_visit(visit.pk, by=who(owner_a))
    assert (fresh(card).refunded_fen, fresh(card).locked_fen) == (100_000, 0)
    assert ledger.balance(ledger.REFUND_CLEARING) == 100_000


def test_silence_after_the_refund_confirms_a_waiting_visit_at_the_list_price(card: Contract) -> None:
    visit = ask(card, times=1)
    agree(want(card))
    later: date = visit.confirm_due_on + timedelta(days=1)
    prepaid.auto_confirm_visit(visit.pk, by=SYSTEM, on=later)
    assert (fresh(card).locked_fen, fresh(card).refunded_fen, payable(card.merchant)) == (0, 85_000, 15_000)
    books(card)

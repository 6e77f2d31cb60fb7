"""Interest on a refund as agreed (法释〔2025〕4号第16条): typed, signed, counted to the fen, never below zero."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import Invalid
from core.models import User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.actions.plans import void_terms
from prepaid.facts import lot_sums
from prepaid.models import Plan, Refund
from tests.api.caller import Caller
from tests.cast import make_plan, open_contract
from tests.pages.admin_desk import text_of
from tests.prepaid.scenes import days, refused, top_up, who

pytestmark = pytest.mark.django_db


def interest(contract: Any, length: int = 100) -> list[tuple[int, str]]:
    """Each lot's interest in fen, and the formula."""
    sums = lot_sums(contract, Refund.Cause.MERCHANT, days(0), interest_days=length)
    lines = [[line for line in one.lines if line.label == "利息"] for one in sums]
    return [(sum(line.amount_fen for line in found), found[0].formula) for found in lines]


def test_each_payment_earns_what_it_agreed(merchant_a: Merchant, consumer: User) -> None:
    agreed = make_plan(merchant_a, interest_ppm=36_500)
    contract = open_contract(agreed, consumer, on=days(-30))
    assert contract.terms["interest_ppm"] == 36_500
    Plan.objects.update(interest_ppm=None)
    # 3,000.00 × 3.65 % × 100 ÷ 360 = 30.4166…, rounded up; a later change of the plan never reaches the contract.
    ((fen, formula),) = interest(contract)
    assert fen == 3_042 and "约定" in formula and "3.65%" in formula
    top_up(contract, agreed, on=days(-20))
    first, second = interest(contract)
    assert first == (3_042, formula) and "约定" not in second[1]


def test_nothing_agreed_is_the_law_and_nought_is_an_agreement(merchant_a: Merchant, consumer: User) -> None:
    plain = open_contract(make_plan(merchant_a), consumer, on=days(-30))
    assert "约定" not in interest(plain)[0][1]
    nought = open_contract(make_plan(merchant_a, interest_ppm=0), consumer, on=days(-30))
    assert interest(nought)[0][0] == 0 and "约定" in interest(nought)[0][1]


def test_below_zero_is_refused_everywhere(merchant_a: Merchant, owner_a: User, signed_in: Any) -> None:
    plan = make_plan(merchant_a)
    Plan.objects.update(status=Plan.Status.DRAFT)
    for wrong in (-1, 360_001):
        refused(
            Invalid,
            lambda wrong=wrong: prepaid.save_plan(  # type: ignore[misc]
                merchant_a.pk, {"interest_ppm": wrong}, by=who(owner_a), plan_id=plan.pk
            ),
        )
        body = {"interest_ppm": wrong}
        assert Caller(owner_a).send("PATCH", f"/plans/{plan.pk}", body, key=None).status_code == 400
    browser, url = signed_in(owner_a), f"/console/plans/{plan.pk}/"
    form = {
        "name": "卡", "kind": "STORED_VALUE", "price_fen": "3000", "description": "店内通用", "refund_terms": "依法",
        "pause_days_max": "90", "payment_kind": "PREPAID",
    }  # fmt: skip
    assert "填年利率百分数" in text_of(browser.post(url, {**form, "interest_ppm": "-3"}))
    assert browser.post(url, {**form, "interest_ppm": "3.65"}).status_code == 302
    plan.refresh_from_db()
    assert plan.interest_ppm == 36_500 and 'value="3.65"' in browser.get(url).content.decode()
    plan.refund_terms = "退款按负利率计算利息"
    assert [mark.rule.code for mark in void_terms(plan)["refund_terms"]] == ["refund_fee"]


def test_the_consumer_reads_it_before_signing(merchant_a: Merchant, consumer: User, signed_in: Any) -> None:
    plan = make_plan(merchant_a, interest_ppm=30_000)
    store = merchant_a.stores.get()
    contract = prepaid.offer(plan.pk, store.pk, consumer.phone, by=who(merchant_a.registered_by))
    assert "约定年利率 3%" in text_of(signed_in(consumer).get(f"/my/contracts/{contract.code}/sign/"))

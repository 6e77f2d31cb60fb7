"""The calculator, the printed sum, the shop's partial refusal and gifts, the officer's table of rates."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import actions as core
from core.models import InterestRate, User
from core.views import DEVICE_COOKIE
from prepaid import actions as prepaid
from prepaid.models import Contract, Refund
from tests.api.caller import Caller
from tests.cast import fresh
from tests.pages.admin_desk import SignIn, act_url, change_url, press, text_of
from tests.prepaid.scenes import days, who
from tests.prepaid.test_refund_actions import bank, old, want

__all__ = ["old"]

pytestmark = pytest.mark.django_db
CALCULATOR = "/calculator/"
GIFT = {"card": "gift", "paid": "3,000.00", "gift": "600", "used": "300", "cause": "MERCHANT"}


def calculated(query: dict[str, Any], status: int = 200) -> str:
    answer = Client().get(CALCULATOR, query)
    assert answer.status_code == status, answer.status_code
    return answer.content.decode()


# The calculator


def test_the_calculator_gives_the_sum_of_a_real_refund_and_compares_the_causes() -> None:
    assert reverse("portal:refund_calculator") == CALCULATOR
    empty = calculated({})
    assert "填好左边的数字再算" in empty and "您付了多少" in empty and "退款计算" in Client().get("/").content.decode()
    html = calculated(GIFT)
    # 3,000 - 300 × 3,000 ÷ 3,600, and 2,700 for the other cause.
    assert ">¥2,750<" in html and "第18条第2项" in html and "如果是您自己的原因" in html and ">¥2,700<" in html
    assert "第16条" in html and "0天" in html
    assert "/calculator/?card=gift&amp;paid=3%2C000.00" in html  # the address is all there is


@pytest.mark.parametrize(
    ("query", "sum_", "words"),
    [
        ({"card": "discount", "paid": "1000", "price": "100", "tenths": "8", "times": "5", "cause": "MERCHANT"},
         "¥600", "第18条第1项"),
        ({"card": "discount", "paid": "1000", "price": "100", "tenths": "8.5", "times": "11", "cause": "CONSUMER"},
         "¥0", "第20条"),
        ({"card": "count", "paid": "1000", "times_paid": "10", "times_bonus": "3", "times": "4", "price": "",
          "cause": "CONSUMER"}, "¥600", "优惠前单价"),
        ({"card": "count", "paid": "1000", "times_paid": "10", "times_bonus": "3", "times": "4", "price": "150",
          "cause": "CONSUMER"}, "¥400", "第19条"),
        ({"card": "term", "paid": "3650", "total_days": "365", "left_days": "200", "cause": "CONSUMER"},
         "¥2,000", "第22条"),
        ({"card": "term", "paid": "3650", "total_days": "365", "left_days": "362", "cause": "COOLING_OFF"},
         "¥3,650", "第14条"),
        ({"card": "period", "paid": "1200", "unserved": "700", "cause": "MERCHANT"}, "¥700", "第15条"),
        (GIFT | {"cause": "EXPIRED"}, "¥2,750", "法律没有写明的地方"),
        (GIFT | {"cause": "COOLING_OFF"}, "¥2,750", "七日内已部分使用"),
    ],
)  # fmt: skip
def test_every_card_and_cause(query: dict[str, str], sum_: str, words: str) -> None:
    html = calculated(query)
    assert f">{sum_}<" in html and words in html


def test_interest_runs_from_the_end_at_the_rate_of_the_contract_day() -> None:
    query = GIFT | {"ended_on": str(days(-100)), "contract_on": "2025-06-01", "unlocked": "on"}
    # 2,750 × 3 % × 100 ÷ 360 = 22.9166…, rounded up.
    html = calculated(query)
    assert "¥22<small>.92" in html and "合同成立时一年期LPR 3%" in html and ">¥2,772<" in html
    assert "约定利率 6%" in calculated(query | {"agreed": "6"})
    assert "还没有登记" in calculated(GIFT | {"ended_on": str(days(-100))})


@pytest.mark.parametrize(
    "wrong",
    [
        {"paid": ""}, {"paid": "-1"}, {"paid": "1e9"}, {"paid": "9" * 30}, {"used": "x"}, {"cause": "WHIM"},
        {"ended_on": "2999-01-01"}, {"ended_on": "gestern"}, {"agreed": "99"}, {"agreed": "x"},
        {"card": "discount", "price": "100", "tenths": "0", "times": "1"},
        {"card": "discount", "price": "100", "tenths": "NaN", "times": "1"},
        {"card": "term", "total_days": "3", "left_days": "4"},
        {"card": "count", "times_paid": "0", "times": "1"}, {"card": "count", "times_paid": "²", "times": "1"},
        {"card": "period", "unserved": "9,999"},
    ],
)  # fmt: skip
def test_wrong_figures_are_told_beside_the_field(wrong: dict[str, str]) -> None:
    html = calculated(GIFT | wrong, 400)
    assert "error-summary" in html and "怎么算出来的" not in html


def test_nothing_is_stored_and_little_is_read() -> None:
    with CaptureQueriesContext(connection) as seen:
        calculated(GIFT | {"ended_on": str(days(-5))})
    assert len(seen) <= 8 and all(one["sql"].startswith("SELECT") for one in seen.captured_queries)


def test_the_api_counts_as_the_page_does() -> None:
    query = {"kind": "COUNT", "cause": "CONSUMER", "paid_fen": 100_000, "times_paid": 10, "times_bonus": 3}
    answer = Caller().saw("/refund-calculator", **query, times_used=4, list_price_fen=15_000)
    assert (answer["total_fen"], answer["total_yuan"]) == (40_000, "400.00")
    assert "法释〔2025〕4号第20条" in [line["article"] for line in answer["lines"]]
    assert Caller().saw("/refund-calculator", **query, times_used=4)["open_points"]
    discount = {"kind": "STORED_VALUE", "cause": "MERCHANT", "paid_fen": 100_000, "list_price_fen": 9_999}
    assert Caller().saw("/refund-calculator", **discount, discount="0.85", times_used=3)["total_fen"] == 74_503
    for wrong in (
        {"paid_fen": "x"}, {"paid_fen": -1}, {"kind": "GOLD"}, {"discount": "0"}, {"discount": "2"},
        {"kind": "UNLIMITED_TERM"}, {"ended_on": "2999-01-01"}, {"unserved_fen": 100_001},
    ):  # fmt: skip
        said = Caller().get("/refund-calculator", **(discount | wrong))
        assert (said.status_code, said.json()["code"]) == (400, "invalid"), wrong


# On paper


def test_whoever_may_see_a_refund_can_print_its_sum(
    old: Contract, signed_in: SignIn, consumer: User, second_consumer: User, owner_a: User, owner_b: User,
    district_officer: User, other_officer: User,
) -> None:  # fmt: skip
    refund = want(old)
    url = reverse("prepaid:refund_statement", args=[refund.code])
    for reader in (consumer, owner_a, district_officer):
        text = text_of(signed_in(reader).get(url))
        assert "退款计算单" in text and "第19条" in text and "第20条" in text and "¥2,400.00" in text
    for stranger in (second_consumer, owner_b, other_officer):
        assert signed_in(stranger).get(url).status_code == 404
    assert Client().get(url).status_code == 302


# The shop


def test_the_shop_pays_what_it_does_not_dispute(
    old: Contract, signed_in: SignIn, owner_a: User, consumer: User
) -> None:
    refund = want(old, "MERCHANT")
    shop, mine = signed_in(owner_a), signed_in(consumer)
    url = reverse("prepaid:refund_refuse", args=[refund.code])
    key = {"key": "refuse-in-part"}
    too_much = shop.post(url, {"answer": "有一次没登记", "undisputed_fen": "2500", **key})
    assert "按法律应退" in text_of(too_much) and not Refund.objects.filter(part_of=refund).exists()
    done = shop.post(url, {"answer": "有一次没登记", "undisputed_fen": "2000", **key}, follow=True)
    assert "没有争议的 ¥2,000.00 先退" in text_of(done)
    page = text_of(mine.get(reverse("prepaid:refund", args=[refund.code])))
    assert "商家不同意" in page and "¥2,000.00" in page and "已先退" in page
    asked = text_of(mine.get(reverse("prepaid:refund_withdraw", args=[refund.code])))
    assert "合同已经结束" in asked and "¥500.00" in asked
    assert fresh(old).locked_fen == 50_000


def test_the_shop_may_add_for_gifts_when_it_agrees(old: Contract, signed_in: SignIn, owner_a: User) -> None:
    refund = want(old)
    shop, url = signed_in(owner_a), reverse("prepaid:refund_agree", args=[refund.code])
    assert "赠品酌情多退" in text_of(shop.get(url))
    answer = shop.post(url, {"gift_fen": "10", "gift_reason": "", "key": "agree-with-gift"})
    assert "写明理由" in text_of(answer) and Refund.objects.get().status == "REQUESTED"
    shop.post(url, {"gift_fen": "10", "gift_reason": "护发素没给", "key": "agree-with-gift"})
    assert (Refund.objects.get().status, Refund.objects.get().total_fen) == ("PAYING", 241_000)


def test_the_api_takes_a_partial_refusal(old: Contract, owner_a: User, district_officer: User) -> None:
    refund = want(old, "MERCHANT")
    owner, officer = Caller(owner_a), Caller(district_officer)
    body = owner.did(f"/refunds/{refund.code}/refuse", {"answer": "有一次没登记", "undisputed_fen": 100_000})
    assert (body["status"], body["total_fen"]) == ("DISPUTED", 150_000)
    part = Refund.objects.get(part_of=refund)
    assert owner.saw(f"/refunds/{part.code}")["part_of"] == refund.code
    body = officer.did(f"/refunds/{refund.code}/order", {"reason": "理由不成立", "gift_fen": 1_000})
    assert (body["status"], body["total_fen"], body["amount_fen"]) == ("PAYING", 151_000, 150_000)


def test_a_nameless_person_is_asked_for_the_name_on_the_page(
    old: Contract, consumer: User, signed_in: SignIn, owner_a: User
) -> None:
    consumer.name = ""
    consumer.save(update_fields=["name_ct"])
    refund = prepaid.agree_refund(want(old).pk, by=who(owner_a))
    bank("payout.failed", refund.payouts.get(), "f1", "账户已销户")
    mine, url = signed_in(consumer), reverse("prepaid:refund_account", args=[refund.code])
    mine.cookies[DEVICE_COOKIE] = core.trust_device(consumer.pk, "test")
    answer = mine.get(url)
    assert "您的真实姓名" in text_of(answer) and "本人名下" in text_of(answer)
    form = {"payee": "周桂芬", "account": "6222021234567890123", "key": "account-change"}
    assert "请确认" in text_of(mine.post(url, form))
    assert mine.post(url, form | {"own_name": "on"}).status_code == 302


# The rates


def test_an_officer_enters_and_corrects_rates_and_others_cannot(
    signed_in: SignIn, city_chief: User, district_officer: User
) -> None:
    row = InterestRate.objects.filter(base="CUSTODY").get()
    chief, other = signed_in(city_chief), signed_in(district_officer)
    assert "还没有登记" in text_of(chief.get(reverse("admin:core_interestrate_changelist")))
    correct, add = act_url(row, "correct"), act_url(row, "add")
    body = {"percent": "0.35", "source": "结息单 2026-06-20", "tag": "T", "reason": "银行告知"}
    assert press(other, row, "correct", **body).status_code in (302, 403)
    assert "填年利率" in text_of(chief.post(correct, body | {"percent": "99", "key": "rate-correct-1"}))
    press(chief, row, "correct", **body)
    row.refresh_from_db()
    assert (row.ppm, row.tag) == (3_500, "T")
    chief.post(add, body | {"effective_from": "2026-09-21", "percent": "0.2", "key": "rate-add-0001"})
    assert InterestRate.objects.get(base="CUSTODY", effective_from="2026-09-21").ppm == 2_000
    again = chief.post(add, body | {"effective_from": "2026-09-21", "percent": "0.3", "key": "rate-add-0002"})
    assert "已经登记过" in text_of(again)
    assert "更正利率" in text_of(chief.get(change_url(row)))

"""The pages for everybody: home, the shops, one shop, signing in, the demo's messages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.actors import CUSTODIAN, Actor
from core.models import User
from merchants import actions as merchants
from merchants.models import Merchant, Store
from prepaid import actions as prepaid
from prepaid.custodian import Notice
from prepaid.models import Contract, Payout, Refund
from tests.cast import STREET, person, shop

pytestmark = pytest.mark.django_db


def html_of(url: str, client: Client | None = None) -> str:
    answer = (client or Client()).get(url)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_home_shows_what_the_ledger_says(contract: Contract) -> None:
    html = html_of("/")
    assert ">¥3,000<" in html and "1 家" in html and "0 笔" in html
    assert reverse("prepaid:my_prepaid") in html and "办卡前看三样" in html


def test_a_restriction_is_told_on_the_first_page_and_the_shop(
    contract: Contract, merchant_a: Merchant, district_officer: User
) -> None:
    merchants.restrict(merchant_a.pk, "市场监管所", "逾期没有备案", by=Actor.of_user(district_officer))
    assert "逾期没有备案" in html_of("/")
    html = html_of(reverse("portal:shop", args=[merchant_a.public_code]))
    assert "暂停办新卡，老卡照用" in html and "逾期没有备案" in html and "现在不能办新卡" in html
    assert "暂停办新卡，老卡照用" in html_of(reverse("portal:shops"))


def test_shops_are_found_by_name_address_region_and_trade(merchant_a: Merchant, merchant_b: Merchant) -> None:
    Store.objects.filter(merchant=merchant_b).update(address="望江街 7 号")
    shops = reverse("portal:shops")
    assert "找到 2 家" in html_of(shops)
    for query, found, other in (
        ("?q=A造型", "A造型", "B造型"),
        ("?q=望江街", "B造型", "A造型"),
        ("?q=示范区A理发", "A造型", "B造型"),
    ):
        html = html_of(shops + query)
        assert "找到 1 家" in html and found in html and f">{other}<" not in html
    assert "找到 2 家" in html_of(f"{shops}?region=330199&industry=1")
    for empty in ("?q=没有这家", "?region=110101", "?region=x", "?industry=999", "?industry=x", "?q=%25"):
        assert "没有找到这样的店" in html_of(shops + empty), empty


def test_a_shop_under_review_is_not_public(merchant_a: Merchant) -> None:
    Merchant.objects.update(status=Merchant.Status.UNDER_REVIEW)
    assert "找到 0 家" in html_of(reverse("portal:shops"))
    for name in ("shop", "shop_qr"):
        assert Client().get(reverse(f"portal:{name}", args=[merchant_a.public_code])).status_code == 404


def test_a_shop_page_has_plans_money_stores_and_no_full_number(contract: Contract, merchant_a: Merchant) -> None:
    html = html_of(reverse("portal:shop", args=[merchant_a.public_code]))
    for words in ("三千储值卡", "退款约定：依法退款", "面值 3,600.00", ">¥3,000<", "1 位", "92330199****12",
                  "A路1号", "全额存管", merchant_a.code_grouped):  # fmt: skip
        assert words in html, words
    assert merchant_a.uscc not in html and "13900000011" not in html
    assert html_of(reverse("portal:shop", args=[merchant_a.code_grouped.lower()]))


def test_paid_refunds_count_and_a_freeze_is_told(
    contract: Contract, merchant_a: Merchant, district_officer: User, second_officer: User
) -> None:
    refund = prepaid.request_refund(contract.pk, Refund.Cause.COOLING_OFF, by=Actor.of_user(contract.holder))
    payout = Payout.objects.get()
    prepaid.receive(Notice("payout.paid", "r", payout.payout_no, payout.amount_fen, "", None), by=CUSTODIAN)  # type: ignore[arg-type]
    Refund.objects.filter(pk=refund.pk).update(requested_on=refund.requested_on - timedelta(days=2))
    freeze = prepaid.propose_freeze(merchant_a.pk, "商家失联，保全资金", by=Actor.of_user(district_officer))
    prepaid.approve_freeze(freeze.pk, by=Actor.of_user(second_officer))
    html = html_of(reverse("portal:shop", args=[merchant_a.public_code]))
    assert "2.0 天" in html and "1 笔" in html
    assert "暂停付给商家，持卡人的钱还在" in html and "商家失联，保全资金" not in html


def test_the_qr_code_is_a_picture_of_our_own(merchant_a: Merchant) -> None:
    answer = Client().get(reverse("portal:shop_qr", args=[merchant_a.public_code]))
    assert answer["Content-Type"] == "image/svg+xml" and b"<svg" in answer.content
    assert b"style=" not in answer.content


def many_shops(count: int) -> None:
    for n in range(count):
        shop(f"{n:03d}", person(f"137000{n:05d}", "店主"), STREET)


def test_the_list_turns_pages_and_asks_as_often_for_twenty_shops_as_for_two() -> None:
    many_shops(2)
    shops = reverse("portal:shops")
    html_of(shops)
    with CaptureQueriesContext(connection) as few:
        html_of(shops)
    for n in range(2, 23):
        shop(f"{n:03d}", person(f"137000{n:05d}", "店主"), STREET)
    with CaptureQueriesContext(connection) as many:
        html = html_of(shops)
    assert len(many) == len(few) <= 9
    assert "022造型" in html and "002造型" not in html
    last = sorted(Merchant.objects.values_list("pk", flat=True), reverse=True)[19]
    assert f"before={last}" in html
    second = html_of(f"{shops}?before={last}")
    assert "002造型" in second and "022造型" not in second and "找到 23 家" in second
    assert "找到 23 家" in html_of(f"{shops}?before=abc")


def test_signing_in_by_phone_shows_the_code_in_the_demo_only_there() -> None:
    client = Client()
    answer = client.post(reverse("core:sign_in_phone"), {"phone": "13900000001", "next": "/my/"}, follow=True)
    code = client.session["demo_code"]
    assert code in answer.content.decode() and "139****0001" in answer.content.decode()
    done = client.post(reverse("core:sign_in_code"), {"code": code, "trust": "on", "next": "/my/"})
    assert done["Location"] == "/my/" and "device" in done.cookies
    assert "您还没有卡" in html_of("/my/", client)
    assert code in html_of(reverse("portal:demo_messages"))


def test_there_are_no_demo_messages_in_production(settings: Any) -> None:
    settings.IS_PROD = True
    assert Client().get(reverse("portal:demo_messages")).status_code == 404


def test_signing_in_with_a_password_says_what_is_wrong(consumer: User) -> None:
    url = reverse("core:sign_in")
    assert "消费者：手机验证码" in html_of(url)
    assert "有 2 处要改" in Client().post(url, {"username": ""}).content.decode()
    for _ in range(5):
        answer = Client().post(url, {"username": "13900000001", "password": "wrong"})
    assert answer.status_code == 429 and "请等 15 分钟" in answer.content.decode()


def test_large_type_is_remembered_without_a_script() -> None:
    answer = Client().post(reverse("portal:theme"), {"size": "large", "next": "/shops/"})
    assert answer["Location"] == "/shops/" and answer.cookies["size"].value == "large"
    assert "theme" not in answer.cookies
    assert Client().post(reverse("portal:theme"), {"to": "x", "next": "//evil.example"})["Location"] == "/"


def test_the_sample_sheet_is_there_for_developers() -> None:
    assert "样式样张" in html_of(reverse("portal:patterns"))

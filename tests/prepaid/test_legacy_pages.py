"""The faces of old cards: among my prepaid, in the console, for the officer, over the API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Page

from core import actions as core
from core.models import User
from core.views import DEVICE_COOKIE
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import LegacyCard, Plan
from tests.prepaid.scenes import who
from tests.prepaid.test_legacy_cards import confirmed, latest, offered, stated, used

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def trusted(browser: Client, user: User) -> Client:
    """A browser whose phone was proved."""
    browser.cookies[DEVICE_COOKIE] = core.trust_device(user.pk, "test")
    return browser


def test_the_consumer_finds_answers_and_uses_it(
    merchant_a: Merchant, consumer: User, second_consumer: User, signed_in: SignIn
) -> None:
    card = stated(merchant_a, consumer)
    browser = trusted(signed_in(consumer), consumer)
    page = browser.get("/my/").content.decode()
    assert "老卡" in page and "1,280.00" in page and "核对余额" in page
    url = f"/my/legacy/{card.code}/"
    assert "余额对，确认" in browser.get(url).content.decode()
    assert browser.post(url + "confirm/", {"key": "first-key-1"}).status_code == 302
    use = used(latest(card), 6_000)
    assert "有消费等您确认" in browser.get("/my/").content.decode()
    step = f"/my/legacy-uses/{use.code}/confirm/"
    assert "¥60.00" in browser.get(step).content.decode()
    browser.post(step, {"key": "second-key"})
    browser.post(step, {"key": "second-key"})
    assert latest(card).left_fen == 122_000
    stranger = trusted(signed_in(second_consumer), second_consumer)
    assert stranger.get(url).status_code == stranger.get(step).status_code == 404
    assert stranger.post(url + "ask_refund/", {"key": "third-key-3"}).status_code == 404


def test_an_unknown_phone_proves_itself_first(merchant_a: Merchant, consumer: User, signed_in: SignIn) -> None:
    card = stated(merchant_a, consumer)
    answer = signed_in(consumer).post(f"/my/legacy/{card.code}/deny/", {"key": "first-key-1"})
    assert answer["Location"].startswith("/my/prove/")
    assert latest(card).status == "UNCONFIRMED"


def test_another_balance_by_the_page(merchant_a: Merchant, consumer: User, owner_a: User, signed_in: SignIn) -> None:
    card = stated(merchant_a, consumer, 40_000, 4)
    browser = trusted(signed_in(consumer), consumer)
    url = f"/my/legacy/{card.code}/dispute/"
    assert browser.post(url, {"key": "first-key-1", "fen": "400", "times": "4"}).status_code == 400
    assert browser.post(url, {"key": "second-key", "fen": "500", "times": "5"}).status_code == 302
    shop = signed_in(owner_a)
    assert "老卡要您办" in shop.get("/console/todo/", follow=True).content.decode()
    page = shop.get(f"/console/legacy/{card.code}/").content.decode()
    assert "按顾客说的改" in page
    shop.post(f"/console/legacy/{card.code}/accept/", {"key": "third-key-3"})
    assert (latest(card).left_fen, latest(card).left_times) == (50_000, 5)


def test_the_shop_states_uses_and_pays_in_by_its_pages(
    merchant_a: Merchant, plan: Plan, consumer: User, owner_a: User, owner_b: User, merchant_b: Merchant,
    signed_in: SignIn,
) -> None:  # fmt: skip
    shop = signed_in(owner_a)
    form = {
        "phone": consumer.phone,
        "kind": "STORED_VALUE",
        "card": "充三千",
        "balance": "0",
        "bought_on": "2025-03-08",
    }
    assert shop.post("/console/legacy/new/", form).status_code == 400
    shop.post("/console/legacy/new/", form | {"balance": "1280"})
    card = LegacyCard.objects.get()
    prepaid.confirm_legacy_card(card.pk, by=who(consumer))
    url = f"/console/legacy/{card.code}/"
    assert shop.post(url, {"key": "first-key-1", "item": "洗头", "amount": "99999"}).status_code == 400
    shop.post(url, {"key": "second-key", "item": "洗头", "amount": "60"})
    assert card.uses.get().amount_fen == 6_000
    shop.post(url + "withdraw/", {"key": "third-key-3"})
    assert shop.post(url + "move/", {"key": "fourth-key", "plan": "999999"}).status_code == 400
    shop.post(url + "move/", {"key": "fifth-key-5", "plan": plan.pk})
    assert latest(card).status == "MOVING"
    assert signed_in(owner_b).get(url).status_code == 404
    contract = latest(card).contract
    assert contract is not None
    mine = trusted(signed_in(consumer), consumer)
    page = mine.get(f"/my/contracts/{contract.code}/sign/").content.decode()
    assert "您不用付钱" in page and "去存管银行付款" not in page
    prepaid.sign(contract.pk, by=who(consumer), terms_hash=contract.terms_hash)
    assert mine.get(f"/my/contracts/{contract.code}/pay/")["Location"] == f"/my/legacy/{card.code}/"
    assert mine.get("/my/").status_code == 200


def test_the_officer_settles_in_the_admin(
    merchant_a: Merchant, consumer: User, district_officer: User, other_officer: User, signed_in: SignIn
) -> None:
    card = prepaid.dispute_legacy_card(stated(merchant_a, consumer).pk, 150_000, "有收据", by=who(consumer))
    desk = signed_in(district_officer)
    assert card.code in desk.get("/admin/prepaid/legacycard/").content.decode()
    url = f"/admin/prepaid/legacycard/{card.pk}/act/settle/"
    assert "1,500.00" in desk.get(url).content.decode()
    desk.post(url, {"key": "first-key-1", "fen": "1400", "reason": "看过店里流水本"})
    assert latest(card).left_fen == 140_000
    assert signed_in(other_officer).get(f"/admin/prepaid/legacycard/{card.pk}/change/").status_code == 404


def test_lists_ask_a_fixed_number_of_queries(
    merchant_a: Merchant, consumer: User, owner_a: User, district_officer: User, signed_in: SignIn
) -> None:
    def queries(browser: Client, url: str) -> int:
        browser.get(url)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert browser.get(url).status_code == 200
        return len(seen)

    pages = [
        (signed_in(owner_a), "/console/legacy/"), (signed_in(consumer), "/my/"),
        (signed_in(district_officer), "/admin/prepaid/legacycard/"), (signed_in(owner_a), "/api/v1/legacy-cards"),
    ]  # fmt: skip
    stated(merchant_a, consumer)
    before = [queries(*page) for page in pages]
    for n in range(5):
        stated(merchant_a, consumer, card=f"第{n}张")
    assert [queries(*page) for page in pages] == before


def test_the_api(merchant_a: Merchant, consumer: User, owner_a: User, signed_in: SignIn) -> None:
    shop, mine = signed_in(owner_a), signed_in(consumer)

    def call(browser: Client, path: str, body: dict[str, Any], key: str) -> Any:
        return browser.post(f"/api/v1/{path}", body, content_type="application/json", headers={"Idempotency-Key": key})

    body = {
        "merchant": merchant_a.public_code, "phone": consumer.phone.removeprefix("+86"), "kind": "COUNT",
        "card": "十次卡", "left_fen": 40_000, "times": 4, "bought_on": "2025-03-08",
    }  # fmt: skip
    made = call(shop, "legacy-cards", body, "key-00001")
    assert made.status_code == 201, made.content
    code = made.json()["code"]
    assert call(shop, "legacy-cards", body, "key-00002").json()["code"] == code
    assert call(shop, "legacy-cards", body | {"times": 0}, "key-00003").status_code == 400
    assert mine.get("/api/v1/legacy-cards").json()["results"][0]["left_yuan"] == "400.00"
    assert mine.get(f"/api/v1/legacy-cards/{code}").json()["allowed"] == ["confirm", "dispute", "deny"]
    assert call(shop, f"legacy-cards/{code}/confirm", {}, "key-00004").status_code == 403
    assert call(mine, f"legacy-cards/{code}/confirm", {}, "key-00005").json()["status"] == "CONFIRMED"
    visit = {"store": merchant_a.stores.get().pk, "item": "洗剪吹", "times": 1}
    use = call(shop, f"legacy-cards/{code}/use", visit, "key-00006").json()
    assert (use["status"], use["amount_fen"]) == ("REQUESTED", 10_000)
    assert call(mine, f"legacy-uses/{use['code']}/confirm", {}, "key-00007").json()["status"] == "CONFIRMED"
    assert mine.get(f"/api/v1/legacy-cards/{code}").json()["left_times"] == 3


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_pages_on_a_phone_and_on_a_desk(
    merchant_a: Merchant, plan: Plan, consumer: User, second_consumer: User, owner_a: User,
    page_at: Callable[..., Page], axe: Callable[[Page], list[str]], shot: Callable[[Page, str], Any],
) -> None:  # fmt: skip
    card, moving = confirmed(merchant_a, consumer), confirmed(merchant_a, second_consumer)
    offered(moving, plan)
    used(card, 6_000)
    asked = stated(merchant_a, consumer, 40_000, 4, card="十次卡")
    mine = ("/my/", f"/my/legacy/{card.code}/", f"/my/legacy/{asked.code}/", f"/my/legacy/{asked.code}/dispute/")
    desk = (
        "/console/legacy/", f"/console/legacy/{card.code}/", "/console/legacy/import/",
        f"/console/legacy/{moving.code}/",
    )  # fmt: skip
    for width, theme in ((360, "light"), (1280, "dark")):
        for user, pages in ((consumer, mine), (owner_a, desk)):
            page = page_at(width, theme=theme, user=user)
            # A desk needs only the two pages that differ from a phone's.
            for n, url in enumerate(pages if width == 360 else pages[:2]):
                page.goto(url)
                assert axe(page) == [], url
                assert page.evaluate("document.documentElement.scrollWidth") <= width, url
                shot(page, f"legacy-{'my' if user == consumer else 'shop'}-{n}-{width}")

"""The till: found by tail or shown code, charged once, served by whoever typed the PIN."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from core.actors import Actor
from core.models import AuditEvent, Membership, User
from merchants import actions as merchants
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import Contract, Plan, Visit
from tests.cast import fresh, make_plan, open_contract

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def priced(merchant_a: Merchant, owner_a: User, consumer: User) -> Contract:
    """A card whose price list has 洗剪吹 60 and 烫发 180."""
    by = Actor.of_user(owner_a)
    prepaid.set_price(merchant_a.pk, "洗剪吹", 6_000, by=by)
    prepaid.set_price(merchant_a.pk, "烫发", 18_000, by=by)
    return open_contract(make_plan(merchant_a), consumer)


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def form_of(page: str) -> dict[str, str]:
    """The hidden fields of the charging form."""
    import re

    inner = page[page.index('id="go"') :]
    return dict(re.findall(r'<input type="hidden" name="(key|card|item|amount|name|shown)" value="([^"]*)"', inner))


def test_a_tail_leads_to_the_card_and_its_figures(priced: Contract, clerk_a: User, signed_in: SignIn) -> None:
    browser = signed_in(clerk_a)
    response = browser.post(reverse("prepaid:counter_find"), {"q": "0001"}, follow=True)
    page = text(response)
    assert "周**" in page and "139****0001" in page and "3,600" in page
    assert "扣 60 元" in page and "顾客扣后可用 ¥3,540.00" in page and "¥50.00" in page
    page = text(browser.get(reverse("prepaid:counter"), {"card": priced.code, "item": "1"}))
    assert "扣 180 元" in page and "¥150.00" in page


def test_the_second_press_charges_nothing_more(priced: Contract, clerk_a: User, signed_in: SignIn) -> None:
    browser = signed_in(clerk_a)
    sent = form_of(text(browser.get(reverse("prepaid:counter"), {"card": priced.code})))
    first = browser.post(reverse("prepaid:counter_charge"), sent)
    again = browser.post(reverse("prepaid:counter_charge"), sent)
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"]
    visit = Visit.objects.get()
    assert (visit.face_fen, visit.hold_fen, visit.staff_id) == (6_000, 5_000, clerk_a.pk)
    assert fresh(priced).held_fen == 5_000
    assert "等 周** 在手机上确认" in text(browser.get(first["Location"]))


def test_any_amount_is_asked_back_with_its_figures(priced: Contract, clerk_a: User, signed_in: SignIn) -> None:
    browser = signed_in(clerk_a)
    page = text(browser.get(reverse("prepaid:counter"), {"card": priced.code, "amount": "85.5"}))
    assert "扣 85.50 元" in page
    browser.post(reverse("prepaid:counter_charge"), form_of(page))
    assert Visit.objects.get().face_fen == 8_550
    assert "金额要写成" in text(browser.get(reverse("prepaid:counter"), {"card": priced.code, "amount": "abc"}))
    too_much = text(browser.get(reverse("prepaid:counter"), {"card": priced.code, "amount": "99999"}))
    assert "不够扣" in too_much and 'id="go"' not in too_much


def test_a_shown_code_is_the_confirmation(priced: Contract, consumer: User, clerk_a: User, signed_in: SignIn) -> None:
    shown = prepaid.show_code(priced.pk, by=Actor.of_user(consumer))
    browser = signed_in(clerk_a)
    page = text(browser.post(reverse("prepaid:counter_find"), {"q": shown.code}, follow=True))
    assert "顾客已出示付款码" in page and shown.code not in page
    sent = form_of(page)
    assert sent["shown"] == "1"
    done = browser.post(reverse("prepaid:counter_charge"), sent)
    assert browser.post(reverse("prepaid:counter_charge"), sent)["Location"] == done["Location"]
    visit = Visit.objects.get()
    assert (visit.status, visit.amount_fen) == (Visit.Status.CONFIRMED, 5_000)
    assert fresh(priced).released_fen == 5_000


@pytest.mark.parametrize(
    ("typed", "said"), [("12345678", "付款码不对"), ("9999", "没有尾号 9999"), ("12a", "8 位数字")]
)
def test_what_cannot_be_found_is_said(
    priced: Contract, clerk_a: User, signed_in: SignIn, typed: str, said: str
) -> None:
    response = signed_in(clerk_a).post(reverse("prepaid:counter_find"), {"q": typed})
    assert said in text(response)


def test_several_cards_of_one_tail_are_offered(
    priced: Contract, consumer: User, clerk_a: User, signed_in: SignIn
) -> None:
    open_contract(make_plan(priced.merchant, Plan.Kind.COUNT), consumer)
    page = text(signed_in(clerk_a).post(reverse("prepaid:counter_find"), {"q": "0001"}, follow=True))
    assert "有 2 张卡" in page and "三千储值卡" in page and "十次卡" in page and "13 次" in page


def test_a_count_card_is_charged_by_times(
    merchant_a: Merchant, consumer: User, clerk_a: User, signed_in: SignIn
) -> None:
    card = open_contract(make_plan(merchant_a, Plan.Kind.COUNT), consumer)
    browser = signed_in(clerk_a)
    page = text(browser.get(reverse("prepaid:counter"), {"card": card.code, "item": "2"}))
    assert "扣 2 次" in page and "顾客扣后可用 11 次" in page
    browser.post(reverse("prepaid:counter_charge"), form_of(page))
    assert Visit.objects.get().times == 2


def test_the_card_of_another_shop_is_not_there(priced: Contract, clerk_b: User, signed_in: SignIn) -> None:
    browser = signed_in(clerk_b)
    assert browser.get(reverse("prepaid:counter"), {"card": priced.code}).status_code == 404
    assert "没有尾号" in text(browser.post(reverse("prepaid:counter_find"), {"q": "0001"}))
    body = {"key": "k" * 20, "card": priced.code, "item": "0"}
    assert browser.post(reverse("prepaid:counter_charge"), body).status_code == 404
    assert not Visit.objects.exists()


def test_whoever_types_the_pin_serves(
    priced: Contract, owner_a: User, clerk_a: User, signed_in: SignIn, merchant_a: Merchant
) -> None:
    membership = Membership.objects.get(user=clerk_a)
    merchants.set_counter_pin(merchant_a.pk, membership.pk, "2468", by=Actor.of_user(owner_a))
    browser = signed_in(owner_a)
    assert "口令不对" in text(browser.post(reverse("prepaid:counter_switch"), {"pin": "1111"}))
    assert "小陈 在服务" in text(browser.post(reverse("prepaid:counter_switch"), {"pin": "2468"}, follow=True))
    browser.post(
        reverse("prepaid:counter_charge"),
        form_of(text(browser.get(reverse("prepaid:counter"), {"card": priced.code}))),
    )
    visit = Visit.objects.get()
    assert visit.staff == clerk_a
    line = AuditEvent.objects.get(verb="visit.request", object_id=str(visit.pk))
    assert (line.actor_id, line.acting_role) == (clerk_a.pk, "counter")
    # What is the boss's alone is closed while a clerk stands at the boss's tablet.
    assert browser.get(reverse("prepaid:plan_new")).status_code == 403


def test_five_wrong_pins_close_the_door(merchant_a: Merchant, owner_a: User, clerk_a: User, signed_in: SignIn) -> None:
    merchants.set_counter_pin(merchant_a.pk, Membership.objects.get(user=clerk_a).pk, "2468", by=Actor.of_user(owner_a))
    browser = signed_in(clerk_a)
    for _ in range(5):
        browser.post(reverse("prepaid:counter_switch"), {"pin": "1111"})
    assert "15 分钟" in text(browser.post(reverse("prepaid:counter_switch"), {"pin": "2468"}))


def test_a_visit_is_taken_back_or_corrected(priced: Contract, consumer: User, clerk_a: User, signed_in: SignIn) -> None:
    shop = Actor.of_user(clerk_a)
    asked = prepaid.request_visit(priced.pk, priced.store_id, "洗剪吹", face_fen=6_000, by=shop)
    paid = prepaid.request_visit(priced.pk, priced.store_id, "烫发", face_fen=18_000, by=shop)
    prepaid.confirm_visit(paid.pk, by=Actor.of_user(consumer))
    browser = signed_in(clerk_a)
    page = text(browser.get(reverse("prepaid:merchant_visit", args=[asked.code])))
    assert "确认撤回" in page and "¥50.00" in page
    browser.post(reverse("prepaid:merchant_visit", args=[asked.code]), {"key": "a" * 20, "step": "withdraw"})
    page = text(browser.get(reverse("prepaid:merchant_visit", args=[paid.code])))
    assert "全退是 <b>¥150.00</b>" in page
    url = reverse("prepaid:merchant_visit", args=[paid.code])
    wrong = browser.post(url, {"key": "b" * 20, "step": "correct", "face": "999", "reason": "多扣"})
    assert wrong.status_code == 400 and "不超过" in text(wrong)
    browser.post(url, {"key": "c" * 20, "step": "correct", "face": "60", "reason": "多扣"})
    assert [v.status for v in Visit.objects.order_by("pk")] == ["CANCELLED", "CORRECTED"]
    assert (fresh(priced).released_fen, fresh(priced).held_fen) == (10_000, 0)


def test_the_list_asks_the_same_few_questions_however_long(
    priced: Contract, clerk_a: User, signed_in: SignIn, django_assert_max_num_queries: Callable[..., object]
) -> None:
    shop = Actor.of_user(clerk_a)
    for _ in range(12):
        prepaid.request_visit(priced.pk, priced.store_id, "洗剪吹", face_fen=6_000, by=shop)
    browser = signed_in(clerk_a)
    for url in (reverse("prepaid:counter"), reverse("prepaid:merchant_visits")):
        with django_assert_max_num_queries(14):
            assert "洗剪吹" in text(browser.get(url))

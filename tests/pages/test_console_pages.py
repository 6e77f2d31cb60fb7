"""The shop's console: right figures, own rows only, few questions to the database."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from core.actors import SYSTEM, Actor
from core.calendar import business_date
from core.models import Membership, Role, User
from merchants import actions as merchants
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import Contract, Plan, PriceItem, Refund
from tests.cast import fresh, make_plan, open_contract, person, shop

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
LISTS = (
    "portal:merchant_todo",
    "prepaid:counter",
    "prepaid:merchant_visits",
    "prepaid:merchant_contracts",
    "prepaid:merchant_refunds",
    "prepaid:merchant_plans",
    "prepaid:merchant_money",
    "prepaid:sell",
    "merchants:console_profile",
    "merchants:staff",
)


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


@pytest.fixture
def refund(contract: Contract, consumer: User, owner_a: User) -> Refund:
    """One visit of 600 paid, then the consumer wants the rest back for reasons of their own."""
    shop_, guest = Actor.of_user(owner_a), Actor.of_user(consumer)
    visit = prepaid.request_visit(contract.pk, contract.store_id, "烫发", face_fen=60_000, by=shop_)
    prepaid.confirm_visit(visit.pk, by=guest)
    return prepaid.request_refund(contract.pk, Refund.Cause.CONSUMER, by=guest, reason="要搬家")


@pytest.mark.parametrize("name", LISTS)
def test_every_page_opens_for_a_new_shop_and_says_what_to_do(
    name: str, owner_a: User, merchant_a: Merchant, signed_in: SignIn
) -> None:
    assert signed_in(owner_a).get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_who_works_nowhere_is_led_to_registration(name: str, consumer: User, signed_in: SignIn) -> None:
    assert signed_in(consumer).get(reverse(name))["Location"] == reverse("merchants:join")
    assert Client().get(reverse(name)).status_code == 302


@pytest.mark.parametrize("name", LISTS)
def test_pages_ask_the_same_few_questions_however_much_there_is(
    name: str,
    contract: Contract,
    owner_a: User,
    signed_in: SignIn,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    by = Actor.of_user(owner_a)
    for number in range(6):
        guest = person(f"1390000010{number}", "客人")
        card = open_contract(contract.plan, guest)
        prepaid.request_visit(card.pk, card.store_id, "洗", face_fen=6_000, by=by)
        visit = prepaid.request_visit(card.pk, card.store_id, "染", face_fen=6_000, by=by)
        prepaid.dispute_visit(visit.pk, "没去", by=Actor.of_user(guest))
        prepaid.request_refund(card.pk, Refund.Cause.CONSUMER, by=Actor.of_user(guest))
        prepaid.offer(contract.plan_id, card.store_id, f"1390000020{number}", by=by)
        merchants.hire(contract.merchant_id, f"1390000030{number}", "店员", by=by)
    browser = signed_in(owner_a)
    with django_assert_max_num_queries(20):
        assert browser.get(reverse(name)).status_code == 200


def test_todo_shows_what_binds_the_shop(refund: Refund, contract: Contract, owner_a: User, signed_in: SignIn) -> None:
    merchants.restrict(contract.merchant_id, "投诉处置", "三起投诉未答复", by=SYSTEM)
    page = text(signed_in(owner_a).get(reverse("portal:merchant_todo")))
    assert "要退 ¥2,400.00" in page and "暂停办新卡" in page and "三起投诉未答复" in page
    assert "¥500<small>.00</small>" in page  # payable
    assert 'class="count">1<' in page


def test_todo_of_a_returned_registration_leads_back(owner_a: User, merchant_a: Merchant, signed_in: SignIn) -> None:
    Merchant.objects.filter(pk=merchant_a.pk).update(status="RETURNED", return_reasons=["执照照片不清楚"])
    browser = signed_in(owner_a)
    page = text(browser.get(reverse("portal:merchant_todo")))
    assert "请补充 1 处" in page and "执照照片不清楚" in page
    status = reverse("merchants:join_status", args=[merchant_a.pk])
    assert status in page and browser.get(reverse("prepaid:counter"))["Location"] == status


def test_contracts_are_found_by_tail_phone_and_number(contract: Contract, clerk_a: User, signed_in: SignIn) -> None:
    browser = signed_in(clerk_a)
    url = reverse("prepaid:merchant_contracts")
    for words in ("0001", "13900000001", str(contract), contract.code[:6]):
        page = text(browser.get(url, {"q": words}))
        assert reverse("prepaid:merchant_contract", args=[contract.code]) in page, words
    assert "没有符合的合同" in text(browser.get(url, {"q": "9999"}))
    assert "没有符合的合同" in text(browser.get(url, {"status": "PAUSED"}))
    page = text(browser.get(reverse("prepaid:merchant_contract", args=[contract.code])))
    assert "¥3,000<small>.00" in page and "周**" in page and "周桂芬" not in page


def test_long_lists_go_on_by_id(contract: Contract, owner_a: User, signed_in: SignIn) -> None:
    by = Actor.of_user(owner_a)
    for number in range(24):
        prepaid.offer(contract.plan_id, contract.store_id, f"139000004{number:02}", by=by)
    browser = signed_in(owner_a)
    first = browser.get(reverse("prepaid:merchant_contracts"))
    assert len(first.context["rows"]) == 20
    second = browser.get(reverse("prepaid:merchant_contracts"), {"before": first.context["before"]})
    assert len(second.context["rows"]) == 5 and second.context["before"] is None


@pytest.mark.parametrize(
    "name", ["merchant_contract", "sell_done", "merchant_refund", "refund_agree", "refund_refuse", "merchant_visit"]
)
def test_what_belongs_to_another_shop_is_not_there(
    name: str, refund: Refund, clerk_b: User, owner_b: User, signed_in: SignIn
) -> None:
    code = {"merchant_contract": refund.contract.code, "sell_done": refund.contract.code}.get(name, refund.code)
    if name == "merchant_visit":
        code = refund.contract.visits.get().code
    for stranger in (clerk_b, owner_b):
        assert signed_in(stranger).get(reverse(f"prepaid:{name}", args=[code])).status_code == 404


def test_a_card_is_sold_in_two_pages(merchant_a: Merchant, plan: Plan, clerk_a: User, signed_in: SignIn) -> None:
    browser = signed_in(clerk_a)
    url = reverse("prepaid:sell_plan", args=[plan.pk])
    assert url in text(browser.get(reverse("prepaid:sell")))
    assert "请填 11 位手机号" in text(browser.post(url, {"key": "a" * 20, "phone": "123"}))
    body = {"key": "b" * 20, "phone": "13900000077", "name": "新客"}
    done = browser.post(url, body)
    assert browser.post(url, body)["Location"] == done["Location"]
    contract = Contract.objects.get()
    assert (contract.status, contract.sold_by, contract.holder.name) == (Contract.Status.OFFERED, clerk_a, "新客")
    page = text(browser.get(done["Location"]))
    assert "data:image/svg+xml" in page and reverse("prepaid:contract_sign", args=[contract.code]) in page


def test_a_customer_with_such_a_card_tops_it_up(contract: Contract, clerk_a: User, signed_in: SignIn) -> None:
    browser = signed_in(clerk_a)
    body = {"key": "c" * 20, "phone": contract.holder.phone}
    page = text(browser.post(reverse("prepaid:sell_plan", args=[contract.plan_id]), body))
    link = f"{reverse('prepaid:sell_done', args=[contract.code])}?plan={contract.plan_id}"
    assert "已有同类的卡" in page and link in page
    assert f"{reverse('prepaid:contract_top_up', args=[contract.code])}?plan={contract.plan_id}" in text(
        browser.get(link)
    )
    browser.post(reverse("prepaid:sell_plan", args=[contract.plan_id]), {**body, "anew": "1"})
    assert Contract.objects.count() == 2


def test_a_card_rests_and_goes_on(contract: Contract, owner_a: User, clerk_a: User, signed_in: SignIn) -> None:
    pause = reverse("prepaid:merchant_contract_step", args=[contract.code, "pause"])
    body = {"key": "d" * 20, "reason": "ILLNESS"}
    assert signed_in(clerk_a).post(pause, body).status_code == 403
    browser = signed_in(owner_a)
    browser.post(pause, body)
    assert fresh(contract).status == Contract.Status.PAUSED
    browser.post(reverse("prepaid:merchant_contract_step", args=[contract.code, "resume"]), {"key": "e" * 20})
    assert fresh(contract).status == Contract.Status.ACTIVE


def test_a_refund_is_agreed_after_its_figures_were_read(refund: Refund, owner_a: User, signed_in: SignIn) -> None:
    browser = signed_in(owner_a)
    page = text(browser.get(reverse("prepaid:merchant_refund", args=[refund.code])))
    assert "要退 <span" in page and "¥2,400<small>.00" in page and "第19条" in page and "要搬家" in page
    url = reverse("prepaid:refund_agree", args=[refund.code])
    page = text(browser.get(url))
    assert "从锁定的钱里退给顾客 ¥2,400.00" in page and "卡里其余 ¥100.00 付给您" in page
    for _ in range(2):
        browser.post(url, {"key": "f" * 20})
    refund.refresh_from_db()
    assert (refund.status, refund.amount_fen) == (Refund.Status.PAYING, 240_000)
    now = fresh(refund.contract)
    assert (now.refunded_fen, now.locked_fen, now.released_fen) == (240_000, 0, 60_000)


def test_a_refund_is_refused_with_a_reason(refund: Refund, owner_a: User, clerk_a: User, signed_in: SignIn) -> None:
    url = reverse("prepaid:refund_refuse", args=[refund.code])
    assert signed_in(clerk_a).post(url, {"key": "g" * 20, "answer": "不"}).status_code == 403
    browser = signed_in(owner_a)
    assert "写明不同意的理由" in text(browser.post(url, {"key": "h" * 20, "answer": " "}))
    browser.post(url, {"key": "i" * 20, "answer": "合同约定先试用"})
    refund.refresh_from_db()
    assert (refund.status, refund.answer) == (Refund.Status.DISPUTED, "合同约定先试用")
    page = text(browser.get(reverse("prepaid:merchant_refund", args=[refund.code])))
    assert "合同约定先试用" in page and "同意退" in page


PLAN = {
    "name": "五百卡", "kind": "STORED_VALUE", "price_fen": "500", "bonus_fen": "50", "pause_days_max": "90",
    "description": "全店通用", "refund_terms": "依法退款",
}  # fmt: skip


def test_a_plan_is_drafted_published_and_withdrawn(
    owner_a: User, merchant_a: Merchant, clerk_a: User, signed_in: SignIn
) -> None:
    assert signed_in(clerk_a).get(reverse("prepaid:plan_new")).status_code == 403
    browser = signed_in(owner_a)
    wrong = browser.post(reverse("prepaid:plan_new"), {**PLAN, "kind": "COUNT"})
    assert wrong.status_code == 400 and "填一共多少次" in text(wrong)
    browser.post(reverse("prepaid:plan_new"), PLAN)
    plan = Plan.objects.get()
    assert (plan.price_fen, plan.bonus_fen, plan.status) == (50_000, 5_000, Plan.Status.DRAFT)
    assert 'value="500.00"' in text(browser.get(reverse("prepaid:plan", args=[plan.pk])))
    for step, status in (("publish", "ON_SALE"), ("withdraw", "OFF_SALE")):
        assert "¥500" in text(browser.get(reverse("prepaid:plan_step", args=[plan.pk, step])))
        browser.post(reverse("prepaid:plan_step", args=[plan.pk, step]))
        plan.refresh_from_db()
        assert plan.status == status


def test_the_price_list_is_kept(owner_a: User, merchant_a: Merchant, signed_in: SignIn) -> None:
    browser = signed_in(owner_a)
    browser.post(reverse("prepaid:merchant_plans"), {"name": "洗剪吹", "price_fen": "60"})
    item = PriceItem.objects.get()
    assert item.price_fen == 6_000 and "洗剪吹" in text(browser.get(reverse("prepaid:merchant_plans")))
    browser.post(reverse("prepaid:drop_price", args=[item.pk]))
    assert "洗剪吹</b>" not in text(browser.get(reverse("prepaid:merchant_plans")))


def test_money_says_what_comes_on_which_day(
    contract: Contract, consumer: User, owner_a: User, signed_in: SignIn
) -> None:
    by = Actor.of_user(owner_a)
    paid = prepaid.request_visit(contract.pk, contract.store_id, "洗", face_fen=6_000, by=by)
    paid = prepaid.confirm_visit(paid.pk, by=Actor.of_user(consumer))
    prepaid.request_visit(contract.pk, contract.store_id, "染", face_fen=30_000, by=by)
    response = signed_in(owner_a).get(reverse("prepaid:merchant_money"))
    money = response.context["money"]
    assert (money.payable_fen, money.locked_fen, money.held_fen, money.cards) == (5_000, 295_000, 25_000, 1)
    assert [(day.day, day.sure_fen) for day in money.days if day.sure_fen] == [(paid.pay_expected_on, 5_000)]
    assert [row.signed_fen for row in response.context["rows"]] == [5_000]


def test_periods_of_the_week_are_expected(
    merchant_a: Merchant, consumer: User, owner_a: User, signed_in: SignIn
) -> None:
    plan = make_plan(merchant_a, Plan.Kind.UNLIMITED_TERM, every="WEEK", periods=4, price_fen=40_000)
    open_contract(plan, consumer, on=business_date() - timedelta(days=5))
    days = signed_in(owner_a).get(reverse("prepaid:merchant_money")).context["money"].days
    assert sum(day.periods_fen for day in days) in (0, 10_000)
    assert all(day.day > business_date() for day in days)


def test_staff_are_hired_get_a_pin_and_leave(
    owner_a: User, merchant_a: Merchant, clerk_a: User, signed_in: SignIn
) -> None:
    browser = signed_in(owner_a)
    browser.post(reverse("merchants:staff"), {"name": "小赵", "phone": "13900000055", "pin": "4321"})
    page = text(browser.get(reverse("merchants:staff")))
    assert "小赵" in page and "139****0055" in page and "已设收银口令" in page
    member = Membership.objects.get(user__phone_last4="0055")
    wrong = browser.post(reverse("merchants:staff_pin", args=[member.pk]), {"pin": "12"})
    assert wrong.status_code == 400 and "4 到 6 位" in text(wrong)
    assert signed_in(clerk_a).post(reverse("merchants:staff_pin", args=[member.pk]), {"pin": "9999"}).status_code == 403
    browser.post(reverse("merchants:dismiss", args=[member.pk]))
    assert (
        "小赵"
        not in text(browser.get(reverse("merchants:staff"), follow=True)).split("<main")[1].split("小赵 已离职")[-1]
    )


def test_staff_of_another_shop_are_not_there(
    owner_a: User, merchant_a: Merchant, clerk_b: User, signed_in: SignIn
) -> None:
    other = Membership.objects.get(user=clerk_b)
    browser = signed_in(owner_a)
    for name in ("staff_pin", "dismiss"):
        assert browser.post(reverse(f"merchants:{name}", args=[other.pk]), {"pin": "1234"}).status_code == 404


def test_the_shop_page_tells_limits_and_every_change(owner_a: User, merchant_a: Merchant, signed_in: SignIn) -> None:
    by = Actor.of_user(owner_a)
    merchants.change(merchant_a.pk, {"brand_name": "新名造型"}, by=by)
    limit = merchants.restrict(merchant_a.pk, "投诉处置", "逾期未答复", by=SYSTEM)
    merchants.lift_restriction(limit.pk, by=SYSTEM)
    page = text(signed_in(owner_a).get(reverse("merchants:console_profile")))
    assert "店招：A造型 → 新名造型" in page and "投诉处置" in page and "解除限制" in page and "沈*" in page
    assert merchant_a.uscc_masked in page


def test_who_works_for_two_shops_chooses(owner_a: User, merchant_a: Merchant, signed_in: SignIn) -> None:
    second = shop("B", owner_a)
    browser = signed_in(owner_a)
    todo = reverse("portal:merchant_todo")
    away = browser.get(todo)["Location"]
    assert away.startswith(reverse("merchants:choose_shop"))
    assert "A造型" in text(browser.get(away)) and "B造型" in text(browser.get(away))
    assert browser.post(reverse("merchants:choose_shop"), {"shop": second.pk, "next": todo})["Location"] == todo
    assert "B造型" in text(browser.get(todo))
    assert browser.post(reverse("merchants:choose_shop"), {"shop": "999999"}).status_code == 404


def test_a_dismissed_clerk_is_out_at_once(
    clerk_a: User, merchant_a: Merchant, owner_a: User, signed_in: SignIn
) -> None:
    browser = signed_in(clerk_a)
    member = Membership.objects.get(user=clerk_a, role=Role.MERCHANT_STAFF)
    merchants.dismiss(merchant_a.pk, member.pk, by=Actor.of_user(owner_a))
    assert browser.get(reverse("prepaid:counter"))["Location"] == reverse("merchants:join")

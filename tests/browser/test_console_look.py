"""The shop's pages in a real browser: a tablet, a phone, a desk; a till that works without a script."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from core.actors import SYSTEM, Actor
from core.models import Industry, Membership, User
from merchants import actions as merchants
from merchants.models import Merchant, RegisterEntry
from prepaid import actions as prepaid
from prepaid.models import Contract, Plan, Refund, Visit
from tests.cast import make_plan, open_contract, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PageAt = Callable[..., Page]
Axe = Callable[[Page], list[str]]
Shot = Callable[[Page, str], Path]
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"
SMALL_TARGETS = """[...document.querySelectorAll('.btn, .chip, .strip a, .choice, .door')]
    .filter(one => one.offsetParent && one.getBoundingClientRect().height < 44)
    .map(one => one.outerHTML.slice(0, 120))"""
TABLET = 1024
SAMPLE = ("todo", "counter", "sell-plan", "money")
PRICES = (("洗剪吹", 6_000), ("烫发", 18_000), ("染发", 30_000), ("头皮护理", 12_000), ("刘海修剪", 3_000))


@pytest.fixture
def busy(merchant_a: Merchant, owner_a: User, clerk_a: User, consumer: User) -> Contract:
    """A shop in the middle of a day: cards, visits in every state, a refund, an offer, a limit lifted."""
    by = Actor.of_user(owner_a)
    for name, fen in PRICES:
        prepaid.set_price(merchant_a.pk, name, fen, by=by)
    merchants.change(merchant_a.pk, {"brand_name": "青禾造型"}, by=by)
    plan = make_plan(merchant_a)
    make_plan(merchant_a, Plan.Kind.COUNT)
    prepaid.withdraw_plan(make_plan(merchant_a, Plan.Kind.UNLIMITED_TERM).pk, by=by)
    card = open_contract(plan, consumer)
    guests = [person(f"1390000710{n}", name) for n, name in enumerate(("林悦", "吴敏", "赵一凡", "陈晓"))]
    cards = [open_contract(plan, guest) for guest in guests]
    for guest, one, (name, fen) in zip(guests, cards, PRICES, strict=False):
        visit = prepaid.request_visit(one.pk, one.store_id, name, face_fen=fen, by=Actor.of_user(clerk_a))
        prepaid.confirm_visit(visit.pk, by=Actor.of_user(guest))
    dyed = prepaid.request_visit(card.pk, card.store_id, "染发", face_fen=30_000, by=by)
    prepaid.dispute_visit(dyed.pk, "那天没去", by=Actor.of_user(consumer))
    prepaid.request_visit(card.pk, card.store_id, "洗剪吹", face_fen=6_000, by=by)
    prepaid.request_refund(cards[1].pk, Refund.Cause.CONSUMER, by=Actor.of_user(guests[1]), reason="要搬家")
    prepaid.offer(plan.pk, card.store_id, "13900007199", name="新客", by=by)
    limit = merchants.restrict(merchant_a.pk, "投诉处置", "逾期未答复投诉", by=SYSTEM)
    merchants.lift_restriction(limit.pk, by=SYSTEM)
    return card


def fits(page: Page, name: str) -> None:
    """Nothing to scroll sideways, and everything large enough for a finger."""
    assert page.evaluate(TOO_WIDE) <= 0, name
    assert page.evaluate(SMALL_TARGETS) == [], name


def look(page: Page, axe: Axe, shot: Shot, name: str) -> None:
    """The bar every page clears."""
    assert axe(page) == [], name
    fits(page, name)
    shot(page, name)


def pages(busy: Contract) -> dict[str, str]:
    """The addresses of the console by a name for their picture."""
    refund, visit = Refund.objects.get(), Visit.objects.order_by("pk").first()
    assert visit is not None
    return {
        "todo": reverse("portal:merchant_todo"),
        "counter-empty": reverse("prepaid:counter"),
        "counter": f"{reverse('prepaid:counter')}?card={busy.code}",
        "visits": reverse("prepaid:merchant_visits"),
        "visit": reverse("prepaid:merchant_visit", args=[visit.code]),
        "contracts": reverse("prepaid:merchant_contracts"),
        "contract": reverse("prepaid:merchant_contract", args=[busy.code]),
        "sell": reverse("prepaid:sell"),
        "sell-plan": reverse("prepaid:sell_plan", args=[busy.plan_id]),
        "sell-done": reverse("prepaid:sell_done", args=[Contract.objects.order_by("-pk")[0].code]),
        "refunds": reverse("prepaid:merchant_refunds"),
        "refund": reverse("prepaid:merchant_refund", args=[refund.code]),
        "refund-agree": reverse("prepaid:refund_agree", args=[refund.code]),
        "refund-refuse": reverse("prepaid:refund_refuse", args=[refund.code]),
        "plans": reverse("prepaid:merchant_plans"),
        "plan": reverse("prepaid:plan_new"),
        "plan-step": reverse("prepaid:plan_step", args=[busy.plan_id, "withdraw"]),
        "money": reverse("prepaid:merchant_money"),
        "shop": reverse("merchants:console_profile"),
        "staff": reverse("merchants:staff"),
        "dismiss": reverse("merchants:dismiss", args=[Membership.objects.get(role="MERCHANT_STAFF").pk]),
        "switch": reverse("prepaid:counter_switch"),
        "store": reverse("merchants:store", args=[busy.store_id]),
        "store-new": reverse("merchants:store_new"),
    }


@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (1280, "dark")])
def test_every_page_of_the_console_fits_and_reads(
    page_at: PageAt, axe: Axe, shot: Shot, busy: Contract, owner_a: User, width: int, theme: str
) -> None:
    page = page_at(width, user=owner_a, theme=theme)
    for name, path in pages(busy).items():
        page.goto(path)
        expect(page.locator("h1")).to_have_count(1)
        look(page, axe, shot, f"console-{name}-{width}")
        if width > TABLET:
            page.set_viewport_size({"width": TABLET, "height": 900})
            fits(page, f"console-{name}-{TABLET}")
            page.set_viewport_size({"width": width, "height": 900})


def test_a_tablet_may_be_light_and_a_phone_dark(
    page_at: PageAt, axe: Axe, shot: Shot, busy: Contract, owner_a: User
) -> None:
    known = pages(busy)
    for width, theme in ((TABLET, "light"), (360, "dark")):
        page = page_at(width, user=owner_a, theme=theme)
        for name in SAMPLE:
            page.goto(known[name])
            look(page, axe, shot, f"console-{name}-{width}-{theme}")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_visit_takes_three_taps(page_at: PageAt, busy: Contract, clerk_a: User, javascript: bool) -> None:
    before = Visit.objects.count()
    page = page_at(360, user=clerk_a, javascript=javascript)
    page.goto(reverse("prepaid:counter"))
    page.get_by_label("付款码，或手机尾号").fill("0001")
    page.get_by_role("button", name="找卡").click()
    page.locator(".pricegrid").get_by_role("link", name="烫发").click()
    page.get_by_role("button", name="扣 180 元").dblclick()
    expect(page.get_by_text("等 周** 在手机上确认")).to_be_visible()
    assert Visit.objects.count() == before + 1


@pytest.mark.parametrize("width", [360, 1280])
def test_registration_from_door_to_door(page_at: PageAt, axe: Axe, shot: Shot, owner_a: User, width: int) -> None:
    code = "92330199MA2KQX012N"
    RegisterEntry.objects.create(uscc=code, legal_name="示范区静香美容店", brand_name="静香", digest="a" * 32)
    page = page_at(width, user=owner_a)
    page.goto(reverse("merchants:join"))
    look(page, axe, shot, f"join-{width}")
    page.get_by_role("link", name="开始登记").click()
    page.get_by_label("统一社会信用代码").fill(code[:-1] + "P")
    page.get_by_role("button", name="核对，下一步").click()
    expect(page.get_by_text("校验位").first).to_be_visible()
    look(page, axe, shot, f"join-uscc-{width}")
    page.get_by_label("统一社会信用代码").fill(code)
    page.get_by_role("button", name="核对，下一步").click()
    expect(page.get_by_text("已从登记名录带出")).to_be_visible()
    page.get_by_label("行业").select_option(str(Industry.objects.earliest("code").pk))
    page.get_by_label("执照成立日期").fill("2021-03-08")
    look(page, axe, shot, f"join-licence-{width}")
    page.get_by_role("button", name="保存，下一步").click()
    page.get_by_label("法定代表人或经营者姓名").fill("许静")
    look(page, axe, shot, f"join-person-{width}")
    page.get_by_role("button", name="保存，下一步").click()
    look(page, axe, shot, f"join-street-{width}")
    page.locator(".chip").first.click()
    page.get_by_label("详细地址").fill("安澜路8号")
    page.get_by_label("租约到期日").fill((date.today() + timedelta(days=800)).isoformat())
    look(page, axe, shot, f"join-store-{width}")
    page.get_by_role("button", name="保存门店").click()
    look(page, axe, shot, f"join-stores-{width}")
    page.get_by_role("link", name="就这些，下一步").click()
    look(page, axe, shot, f"join-photo-{width}")
    page.goto(page.url.replace("photo", "submit"))
    look(page, axe, shot, f"join-submit-{width}")
    merchant = Merchant.objects.get()
    Merchant.objects.filter(pk=merchant.pk).update(status="RETURNED", return_reasons=["执照照片不清楚，请重拍"])
    page.goto(reverse("merchants:join_status", args=[merchant.pk]))
    look(page, axe, shot, f"join-returned-{width}")
    page.goto(reverse("merchants:join_photo", args=[merchant.pk]))
    look(page, axe, shot, f"join-mend-{width}")
    page.goto(reverse("portal:merchant_todo"))
    look(page, axe, shot, f"join-todo-{width}")

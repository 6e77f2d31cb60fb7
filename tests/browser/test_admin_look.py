"""The regulators' pages in a real browser: wide and narrow, light and dark, readable by everybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from core.actors import Actor
from core.models import OutboxEvent, User
from merchants import actions as merchants
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import Contract, Freeze, Visit
from tests.cast import make_plan, open_contract, person, shop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PageAt = Callable[..., Page]
SAMPLE = ("index", "visit", "contracts", "locked")
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"


@pytest.fixture
def page_as(page_at: PageAt, signed_in: Callable[[User], Client], live_server: LiveServer) -> PageAt:
    """A page of somebody who is signed in."""

    def open_page(user: User, width: int, **more: object) -> Page:
        page = page_at(width, **more)
        cookies = signed_in(user).cookies.items()
        page.context.add_cookies([{"name": k, "value": v.value, "url": live_server.url} for k, v in cookies])
        return page

    return open_page


@pytest.fixture
def district(contract: Contract, owner_a: User, owner_b: User, consumer: User, second_officer: User) -> Freeze:
    """A small district with something of everything."""
    merchant, shop_does, customer = contract.merchant, Actor.of_user(owner_a), Actor.of_user(consumer)
    store = merchant.stores.get()
    dye = prepaid.request_visit(contract.pk, store.pk, "染发", by=shop_does, face_fen=30_000)
    prepaid.dispute_visit(dye.pk, "那天我没有去", by=customer)
    cut = prepaid.request_visit(contract.pk, store.pk, "剪发", by=shop_does, face_fen=6_000)
    prepaid.confirm_visit(cut.pk, by=customer)
    prepaid.request_visit(contract.pk, store.pk, "洗吹", by=shop_does, face_fen=6_000)
    for n in range(6):
        more = open_contract(contract.plan, person(f"1390000006{n}", f"王顾客{n}"))
    refund = prepaid.request_refund(more.pk, "CONSUMER", by=Actor.of_user(more.holder), reason="搬家")
    prepaid.refuse_refund(refund.pk, "办卡时说好不退", by=shop_does)
    other = open_contract(make_plan(merchant, "COUNT"), person("13900000071", "李次卡"))
    prepaid.request_refund(other.pk, "MERCHANT", by=Actor.of_user(other.holder), reason="老师换人")
    waiting = shop("B", owner_b)
    Merchant.objects.filter(pk=waiting.pk).update(
        status="UNDER_REVIEW",
        checks=["登记名录里没有这个统一社会信用代码", "门店地址与另一家已登记的商家相同"],
        submitted_at=timezone.now(),
        review_due_at=timezone.now() + timedelta(hours=3),
        review_clock="工作日上午提交，半个工作日到当天 17:30",
    )
    clean = shop("92330199MA2TEST034"[-3:], person("13900000081", "赵老板"))
    Merchant.objects.filter(pk=clean.pk).update(
        status="UNDER_REVIEW", review_due_at=timezone.now(), brand_name="清和瑜伽"
    )
    merchants.restrict(merchant.pk, "监管人员", "存管比例不足", by=Actor.of_user(second_officer))
    OutboxEvent.objects.create(
        topic="core.send_sms",
        key="demo:1",
        state="DEAD",
        attempts=8,
        next_at=timezone.now(),
        error="TimeoutError: 网关超时",
    )
    return prepaid.propose_freeze(merchant.pk, "店门紧闭三天，多人反映联系不上", by=Actor.of_user(second_officer))


def addresses(freeze: Freeze) -> dict[str, str]:
    """The pages to look at."""
    visit = Visit.objects.filter(status="DISPUTED").get()
    refund = visit.merchant.refunds.filter(status="DISPUTED").get()
    waiting = Merchant.objects.get(brand_name="B造型")
    return {
        "index": reverse("admin:index"),
        "dossier": reverse("admin:merchants_merchant_change", args=[freeze.merchant_id]),
        "review": reverse("admin:merchants_merchant_review"),
        "registration": reverse("admin:merchants_merchant_change", args=[waiting.pk]),
        "visit": reverse("admin:prepaid_visit_change", args=[visit.pk]),
        "uphold": reverse("admin:prepaid_visit_act", args=[visit.pk, "uphold"]),
        "refund": reverse("admin:prepaid_refund_change", args=[refund.pk]),
        "freeze": reverse("admin:prepaid_freeze_change", args=[freeze.pk]),
        "contract": reverse("admin:prepaid_contract_change", args=[visit.contract_id]),
        "contracts": reverse("admin:prepaid_contract_changelist"),
        "refunds": reverse("admin:prepaid_refund_changelist") + "?status__exact=DISPUTED",
        "locked": reverse("admin:locked_board"),
        "statement": reverse("admin:account_statement", args=[visit.contract.account_id]),
        "search": reverse("admin:search") + "?q=造型",
        "second": reverse("admin:second"),
        "delegation": reverse("admin:delegation"),
        "rulepacks": reverse("admin:core_rulepack_changelist"),
        "password": reverse("admin:password_change"),
    }


def look(page: Page, axe: Callable[[Page], list[str]]) -> list[str]:
    """What is wrong with the page."""
    wide = page.evaluate(TOO_WIDE)
    return axe(page) + ([f"{wide} px too wide"] if wide > 0 else [])


@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (1280, "dark")])
def test_pages_fit_and_can_be_read_by_everybody(
    page_as: PageAt,
    axe: Callable[[Page], list[str]],
    shot: Callable[[Page, str], Path],
    district: Freeze,
    district_officer: User,
    width: int,
    theme: str,
) -> None:
    page = page_as(district_officer, width, theme=theme)
    wrong: dict[str, list[str]] = {}
    for name, address in addresses(district).items():
        page.goto(address)
        assert "/login/" not in page.url
        if found := look(page, axe):
            wrong[name] = found
        shot(page, f"admin-{name}-{width}-{theme}")
    assert wrong == {}


def test_narrow_may_be_dark_and_wide_may_be_light(
    page_as: PageAt,
    axe: Callable[[Page], list[str]],
    shot: Callable[[Page, str], Path],
    district: Freeze,
    district_officer: User,
) -> None:
    known = addresses(district)
    for width, theme in ((390, "dark"), (1280, "light")):
        page = page_as(district_officer, width, theme=theme)
        for name in SAMPLE:
            page.goto(known[name])
            assert look(page, axe) == [], (name, theme)
            shot(page, f"admin-{name}-{width}-{theme}")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_machinery_can_be_read_by_everybody(
    page_as: PageAt,
    axe: Callable[[Page], list[str]],
    shot: Callable[[Page, str], Path],
    district: Freeze,
    sysadmin: User,
    auditor: User,
    width: int,
) -> None:
    keeper, watcher = page_as(sysadmin, width), page_as(auditor, width)
    keeper.goto(reverse("admin:operations"))
    shot(keeper, f"admin-operations-{width}")
    watcher.goto(reverse("admin:core_auditevent_changelist"))
    shot(watcher, f"admin-audit-{width}")
    for page in (keeper, watcher):
        assert axe(page) == []
        assert page.evaluate(TOO_WIDE) <= 0


@pytest.mark.parametrize("javascript", [True, False])
def test_the_second_officer_signs_from_the_workbench(
    page_as: PageAt, district: Freeze, district_officer: User, javascript: bool
) -> None:
    page = page_as(district_officer, 1280, javascript=javascript)
    page.goto(reverse("admin:index"))
    page.get_by_role("link", name="看后签").first.click()
    expect(page.locator("main")).to_contain_text("停止划拨给商家")
    page.get_by_role("button", name="复核同意冻结").click()
    expect(page.locator("main")).to_contain_text("已复核同意，冻结生效")
    expect(page.locator(".casehead")).to_contain_text("冻结中")

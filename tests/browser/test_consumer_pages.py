"""The consumer's pages in a real browser, and the consumer's story on a narrow phone with the sandbox bank."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from core import actions as core
from core import outbox
from core.actors import CUSTODIAN, Actor
from core.models import OutboxEvent, User
from core.views import DEVICE_COOKIE
from merchants import actions as merchants
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.custodian import Notice
from prepaid.models import Contract, Payout, Plan, Refund, Visit
from tests.cast import fresh, make_plan, open_contract
from tests.screen import until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PageAt = Callable[..., Page]
Axe = Callable[[Page], list[str]]
Shot = Callable[[Page, str], Path]
SAMPLE = ("home", "shop-frozen", "my", "contract", "refund-quote", "refund-failed")
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"
SMALL_TARGETS = """[...document.querySelectorAll('.btn, .chip, .tabbar a, .mainnav a, .choice, .more, .door')]
    .filter(one => one.offsetParent && one.getBoundingClientRect().height < 43.5)
    .map(one => one.outerHTML.slice(0, 120))"""


def sign_in(page: Page, live_server: LiveServer, client: Client, user: User) -> None:
    """Give the browser the session of a test client, on a phone that is known."""
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    cookies[DEVICE_COOKIE] = core.trust_device(user.pk, "test")
    page.context.add_cookies([{"name": k, "value": v, "url": live_server.url} for k, v in cookies.items()])


def ask(contract: Contract, item: str, face_fen: int) -> Visit:
    by = Actor.of_user(contract.merchant.registered_by)
    return prepaid.request_visit(contract.pk, contract.store_id, item, face_fen=face_fen, by=by)


@pytest.fixture
def cards(merchant_a: Merchant, consumer: User, second_consumer: User, owner_a: User) -> dict[str, Any]:
    """Cards of the first shop, one in each state; rows by the name of what they show."""
    shop, guest = Actor.of_user(owner_a), Actor.of_user(consumer)
    for name, price in (("洗剪吹", 6_000), ("染发", 30_000), ("护理", 18_000)):
        prepaid.set_price(merchant_a.pk, name, price, by=shop)
    plan = make_plan(merchant_a, description="付 3,000 送 600，店内项目通用")
    make_plan(merchant_a, Plan.Kind.COUNT, description="每次一人，可转给家人")
    card = open_contract(plan, consumer)
    for face in (6_000, 6_000, 18_000):
        prepaid.confirm_visit(ask(card, "洗剪吹", face).pk, by=guest)
    waiting = ask(card, "洗剪吹", 6_000)
    prepaid.dispute_visit(ask(card, "染发", 30_000).pk, "那天没去", by=guest)
    ask(card, "洗剪吹", 6_000)
    prepaid.show_code(card.pk, by=guest)
    prepaid.add_user(card.pk, second_consumer.phone, by=guest)
    term = make_plan(merchant_a, Plan.Kind.PER_PERIOD, description="每月四次，按月付给商家")
    yearly, resting, stopped = (open_contract(term, consumer) for _ in range(3))
    prepaid.stop_instalments(stopped.pk, by=guest)
    prepaid.pause(resting.pk, "ILLNESS", by=guest)
    offered, signed, dropped = (
        prepaid.offer(plan.pk, merchant_a.stores.get().pk, consumer.phone, by=shop) for _ in range(3)
    )
    prepaid.sign(signed.pk, by=guest, terms_hash=signed.terms_hash)
    prepaid.decline(dropped.pk, by=guest)
    rows: dict[str, Any] = {
        "card": card,
        "waiting": waiting,
        "yearly": yearly,
        "resting": resting,
        "stopped": stopped,
    }
    return rows | {"offered": offered, "signed": signed, "refunded": open_contract(plan, consumer)}


@pytest.fixture
def refunds(
    cards: dict[str, Any],
    merchant_b: Merchant,
    consumer: User,
    district_officer: User,
    second_officer: User,
) -> dict[str, Refund]:
    """One refund that waits at a frozen and restricted shop, and one whose payout failed."""
    guest = Actor.of_user(consumer)
    gym = open_contract(make_plan(merchant_b, name="健身卡"), consumer)
    asked = prepaid.request_refund(gym.pk, Refund.Cause.MERCHANT, by=guest)
    freeze = prepaid.propose_freeze(merchant_b.pk, "商家失联，保全资金", by=Actor.of_user(district_officer))
    prepaid.approve_freeze(freeze.pk, by=Actor.of_user(second_officer))
    merchants.restrict(merchant_b.pk, "示范区市场监管局", "停业后没有公告", by=Actor.of_user(district_officer))
    bounced = prepaid.request_refund(cards["refunded"].pk, Refund.Cause.COOLING_OFF, by=guest)
    payout = Payout.objects.get(refund=bounced)
    prepaid.receive(
        Notice("payout.failed", "r1", payout.payout_no, payout.amount_fen, "", None, "账户已销户"),  # type: ignore[arg-type]
        by=CUSTODIAN,
    )
    return {"asked": asked, "bounced": bounced}


@pytest.fixture
def scene(
    cards: dict[str, Any],
    refunds: dict[str, Refund],
    merchant_a: Merchant,
    merchant_b: Merchant,
) -> dict[str, str]:
    """The addresses of the pages by a name for their picture."""
    rows: dict[str, Any] = cards | refunds

    def at(name: str, row: str, query: str = "") -> str:
        return reverse(f"prepaid:{name}", args=[rows[row].code]) + query

    return {
        "home": reverse("portal:home"),
        "shops": reverse("portal:shops"),
        "shops-empty": reverse("portal:shops") + "?q=没有这家店",
        "shop": reverse("portal:shop", args=[merchant_a.public_code]),
        "shop-frozen": reverse("portal:shop", args=[merchant_b.public_code]),
        "messages": reverse("portal:demo_messages"),
        "my": reverse("prepaid:my_prepaid"),
        "contract": at("contract", "card"),
        "contract-term": at("contract", "yearly"),
        "terms": at("contract_terms", "card"),
        "code": at("contract_code", "card"),
        "top-up": at("contract_top_up", "card"),
        "visit-report": at("visit_report", "card"),
        "visit-confirm": at("visit_confirm", "waiting"),
        "visit-dispute": at("visit_dispute", "waiting"),
        "stop": at("contract_stop", "yearly"),
        "restart": at("contract_restart", "stopped"),
        "pause": at("contract_pause", "yearly"),
        "resume": at("contract_resume", "resting"),
        "sign": at("contract_sign", "offered"),
        "pay": at("contract_pay", "signed"),
        "decline": at("contract_decline", "offered"),
        "refund-cause": at("refund_request", "card"),
        "refund-quote": at("refund_request", "card", "?cause=CONSUMER"),
        "refund-none": at("refund_request", "card", "?cause=COOLING_OFF"),
        "refund": at("refund", "asked"),
        "refund-failed": at("refund", "bounced"),
        "refund-account": at("refund_account", "bounced"),
        "refund-withdraw": at("refund_withdraw", "asked"),
        "prove": reverse("prepaid:prove"),
    }


def look(page: Page, axe: Axe) -> list[str]:
    """What is wrong with the page."""
    wide = ["too wide"] if page.evaluate(TOO_WIDE) > 0 else []
    return axe(page) + wide + [f"small: {html}" for html in page.evaluate(SMALL_TARGETS)]


@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (1280, "dark")])
def test_every_page_of_the_consumer_fits_and_can_be_read_by_everybody(
    page_at: PageAt,
    axe: Axe,
    shot: Shot,
    live_server: LiveServer,
    signed_in: Callable[[User], Client],
    consumer: User,
    scene: dict[str, str],
    width: int,
    theme: str,
) -> None:
    page, found = page_at(width, theme=theme), {}
    for name in ("sign_in", "sign_in_phone"):
        page.goto(reverse(f"core:{name}"))
        shot(page, f"consumer-{name.replace('_', '-')}-{width}-{theme}")
        found[name] = axe(page)
    sign_in(page, live_server, signed_in(consumer), consumer)
    for name, url in scene.items():
        answer = page.goto(url)
        assert answer is not None and answer.status == 200, name
        shot(page, f"consumer-{name}-{width}-{theme}")
        found[name] = look(page, axe)
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_narrow_may_be_dark_and_wide_may_be_light(
    page_at: PageAt,
    axe: Axe,
    shot: Shot,
    live_server: LiveServer,
    signed_in: Callable[[User], Client],
    consumer: User,
    scene: dict[str, str],
) -> None:
    for width, theme in ((360, "dark"), (1280, "light")):
        page = page_at(width, theme=theme)
        sign_in(page, live_server, signed_in(consumer), consumer)
        for name in SAMPLE:
            page.goto(scene[name])
            assert look(page, axe) == [], (name, theme)
            shot(page, f"consumer-{name}-{width}-{theme}")


def test_the_consumers_story_on_a_narrow_phone(
    page_at: PageAt, bank: str, merchant_a: Merchant, consumer: User, owner_a: User
) -> None:
    shop = Actor.of_user(owner_a)
    store = merchant_a.stores.get()
    term = open_contract(make_plan(merchant_a, Plan.Kind.PER_PERIOD), consumer)
    contract = prepaid.offer(make_plan(merchant_a).pk, store.pk, consumer.phone, by=shop)
    page = page_at(360)

    page.goto("/my/")
    page.get_by_role("link", name="消费者：手机验证码").click()
    page.get_by_label("手机号").fill("139 0000 0001")
    page.get_by_role("button", name="获取验证码").click()
    code = re.search(r"验证码是\s*(\d{6})", page.locator(".notice").inner_text())
    assert code
    page.get_by_label("6 位验证码").fill(code[1])
    page.locator("form.panel").get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="周桂芬，您好")).to_be_visible()

    page.get_by_role("link", name="看条款，再签约").click()
    page.get_by_role("button", name="条款看清了，签约").click()
    page.get_by_role("button", name="下一步，去银行").click()
    page.get_by_role("link", name="去银行付 ¥3,000.00").click()
    page.get_by_role("button", name="确认支付").click()
    until(lambda: fresh(contract).status == Contract.Status.ACTIVE)
    page.goto(f"/my/contracts/{contract.code}/")
    expect(page.get_by_text("使用中").first).to_be_visible()
    expect(page.locator(".moneybar-sum")).to_contain_text("3,000")

    prepaid.request_visit(contract.pk, store.pk, "洗剪吹", face_fen=6_000, by=shop)
    prepaid.request_visit(contract.pk, store.pk, "染发", face_fen=30_000, by=shop)
    page.goto("/my/")
    page.get_by_role("button", name="是我消费的").first.click()
    expect(page.get_by_text("已确认「洗剪吹」，付给商家 ¥50.00")).to_be_visible()
    page.get_by_role("button", name="不对，我没消费").click()
    expect(page.get_by_text("暂留 ¥250.00，先不付给商家")).to_be_visible()

    page.get_by_role("link", name="停止自动付款").click()
    page.get_by_role("button", name="确认停止").click()
    expect(page.get_by_text("剩下的钱不再付给商家，您可以申请退款").first).to_be_visible()
    page.get_by_role("link", name="我要退款").click()
    page.get_by_text("7 天内没用过").click()
    page.get_by_role("button", name="算一算").click()
    expect(page.locator(".answer")).to_contain_text("2,376")
    page.get_by_role("button", name="申请退款 ¥2,376.00").click()
    expect(page.get_by_text("已同意，银行打款中").first).to_be_visible()
    payout = Payout.objects.get(refund__contract=term)
    event = OutboxEvent.objects.get(topic="prepaid.send_payout", key=payout.payout_no)
    outbox.process(str(event.pk))
    until(lambda: Refund.objects.get(contract=term).status == Refund.Status.PAID)
    page.reload()
    expect(page.get_by_text("已退到账 ¥2,376.00")).to_be_visible()
    assert fresh(contract).locked_fen == 295_000


def test_every_step_works_without_a_script(
    page_at: PageAt,
    live_server: LiveServer,
    signed_in: Callable[[User], Client],
    consumer: User,
    contract: Contract,
) -> None:
    Contract.objects.filter(pk=contract.pk).update(offered_at=contract.offered_at - timedelta(days=30))
    visit = ask(contract, "洗剪吹", 6_000)
    page = page_at(360, javascript=False)
    sign_in(page, live_server, signed_in(consumer), consumer)
    page.goto("/my/")
    page.get_by_role("button", name="是我消费的").click()
    assert Visit.objects.get(pk=visit.pk).status == Visit.Status.CONFIRMED
    page.get_by_role("link", name="出示付款码").click()
    page.get_by_role("button", name="生成付款码").click()
    expect(page.locator(".bigfield")).to_have_text(re.compile(r"\d{4} \d{4}"))


def test_the_shown_code_says_by_itself_that_it_was_used(
    page_at: PageAt,
    live_server: LiveServer,
    signed_in: Callable[[User], Client],
    consumer: User,
    contract: Contract,
) -> None:
    page = page_at(360)
    sign_in(page, live_server, signed_in(consumer), consumer)
    page.goto(f"/my/contracts/{contract.code}/code/")
    page.get_by_role("button", name="生成付款码").click()
    digits = page.locator(".bigfield").inner_text().replace(" ", "")
    by = Actor.of_user(contract.merchant.registered_by)
    prepaid.redeem_shown_code(contract.merchant_id, contract.store_id, digits, "洗剪吹", face_fen=6_000, by=by)
    expect(page.get_by_text("已确认「洗剪吹」")).to_be_visible()

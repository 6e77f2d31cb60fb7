"""Settlement through the real sandbox bank over HTTP, and the pages about it as people see them."""

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from core import outbox
from core.actors import SYSTEM
from core.models import OutboxEvent, User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid import ledger
from prepaid.models import PaymentOrder, Settlement
from tests.cast import fresh, make_plan, open_contract
from tests.prepaid.scenes import consume, days, oracle_is_content, payable, who
from tests.prepaid.test_settlements import next_pay_day, register
from tests.screen import until

CLOSED = "6222000000000000000"


def send(topic: str) -> None:
    for event in OutboxEvent.objects.filter(topic=topic, state="NEW"):
        outbox.process(str(event.pk))


@pytest.mark.django_db(transaction=True)
def test_the_bank_pays_a_settlement_and_returns_the_one_to_a_closed_account(
    bank: str, merchant_a: Merchant, merchant_b: Merchant, owner_a: User, owner_b: User, consumer: User
) -> None:
    for shop, boss, number, name in (
        (merchant_a, owner_a, "6222021234567890123", "沈丽"),
        (merchant_b, owner_b, CLOSED, "王强"),
    ):
        register(shop, boss, number, name)
        consume(open_contract(make_plan(shop), consumer), fen=36_000)
        prepaid.order_settlement(shop.pk, by=SYSTEM, on=next_pay_day())
    before = ledger.balance(ledger.BANK)
    for _ in range(2):
        send("prepaid.send_settlement")
    until(lambda: not Settlement.objects.on_the_way().exists())
    paid, returned = (Settlement.objects.get(merchant=shop) for shop in (merchant_a, merchant_b))
    assert (paid.status, returned.status, returned.failure) == ("PAID", "FAILED", "账户已销户")
    assert ledger.balance(ledger.PAYOUT_CLEARING) == 0
    assert ledger.balance(ledger.BANK) - before == 30_000
    assert (payable(merchant_a), payable(merchant_b)) == (0, 30_000)
    oracle_is_content()


@pytest.mark.django_db(transaction=True)
def test_an_order_that_was_dropped_takes_no_money_at_the_bank(bank: str, merchant_a: Merchant, consumer: User) -> None:
    contract = open_contract(make_plan(merchant_a), consumer)
    plan = make_plan(merchant_a)
    order = prepaid.order_top_up(contract.pk, plan.pk, by=who(consumer))
    prepaid.pay_link(order.pk)
    for _ in range(2):
        prepaid.cancel_order(order.pk, by=who(consumer))
    send("prepaid.cancel_order")
    from prepaid.custodian import custodian

    assert custodian().query_order(order.order_no).state == "CANCELLED"
    again = prepaid.order_top_up(contract.pk, plan.pk, by=who(consumer))
    assert again.pk != order.pk and PaymentOrder.objects.get(pk=order.pk).status == "CANCELLED"
    assert fresh(contract).paid_fen == 300_000
    oracle_is_content()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_pages_of_settlement_and_custody_look_right(
    live_server: LiveServer, page_at, axe, shot, merchant_a: Merchant, owner_a: User, consumer: User,
    district_officer: User,
) -> None:  # fmt: skip
    register(merchant_a, owner_a)
    visit = consume(open_contract(make_plan(merchant_a), consumer), fen=36_000)
    made = prepaid.order_settlement(merchant_a.pk, by=SYSTEM, on=next_pay_day())
    prepaid.owe_correction(visit.pk, "录错了", by=who(owner_a), face_fen=12_000)
    data = {"court": "示范区法院", "number": "（2026）浙0199执保1号", "amount_fen": 5_000_000, "starts_on": days(0)}
    order = prepaid.record_court_order(merchant_a.pk, {**data, "until": None}, by=who(district_officer))
    prepaid.check_custody(days(0))
    shop_pages = (
        "/console/money/",
        f"/console/settlements/{made.code}/",
        "/console/settlements/",
        "/console/money/account/",
    )
    desk_pages = (
        "/admin/", f"/admin/prepaid/courtorder/{order.pk}/change/", "/admin/prepaid/custodycheck/",
        f"/admin/prepaid/settlement/{made.pk}/change/", f"/admin/merchants/merchant/{merchant_a.pk}/change/",
        f"/admin/merchants/merchant/{merchant_a.pk}/act/record_court_order/",
    )  # fmt: skip
    for width, theme in ((360, "light"), (1280, "dark")):
        for who_looks, pages in ((owner_a, shop_pages), (district_officer, desk_pages)):
            page: Page = page_at(width, theme=theme, user=who_looks)
            for number, address in enumerate(pages if width == 360 else pages[:1]):
                answer = page.goto(address)
                assert answer is not None and answer.ok, address
                shot(page, f"custody-{'shop' if who_looks == owner_a else 'desk'}-{number}-{width}")
                assert axe(page) == [], address
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address

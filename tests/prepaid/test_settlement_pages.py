"""The shop's pages of settlement, the consumer's way out of a payment, and the lists of the API."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import actions as core
from core.actors import SYSTEM
from core.models import User
from core.views import DEVICE_COOKIE
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import Contract, CustodyCheck, PaymentOrder, PayoutAccount, Settlement
from tests.cast import make_plan
from tests.prepaid.scenes import consume, days, who
from tests.prepaid.test_settlements import next_pay_day, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def till(signed_in: Callable[[User], Client], owner_a: User, merchant_a: Merchant) -> Client:
    return signed_in(owner_a)


def test_a_settlement_says_what_it_is_made_of_to_the_fen(
    till: Client, contract: Contract, merchant_a: Merchant, owner_a: User
) -> None:
    assert "还没有收款账户" in till.get("/console/money/").content.decode()
    register(merchant_a, owner_a)
    consume(contract, fen=36_000)
    made = prepaid.order_settlement(merchant_a.pk, by=SYSTEM, on=next_pay_day())
    page = till.get(f"/console/settlements/{made.code}/").content.decode()
    assert "300<small>.00</small>" in page and "洗剪吹" in page and "尾号 0123" in page
    lines = b"".join(till.get(f"/console/settlements/{made.code}/movements.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert lines.splitlines()[1].endswith("到店消费,300.00")
    rows = b"".join(till.get("/console/settlements.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert made.code in rows and "6222" not in rows
    assert till.get("/console/settlements/NOSUCHCODE/").status_code == 404


def test_the_account_is_registered_and_a_change_taken_back_on_the_page(till: Client, merchant_a: Merchant) -> None:
    address = reverse("prepaid:payout_account")
    for number, status in (("6222021234567890123", "IN_USE"), ("6222021234567890999", "WAITING")):
        till.post(reverse("prepaid:payout_account_code"))
        code = re.search(r'验证码是 <b class="num">(\d{6})', till.get(address).content.decode())
        assert code is not None
        body = {"payee": "沈丽", "bank": "示范银行", "account": number, "code": code[1]}
        assert till.post(address, body | {"code": "x"}).status_code == 400
        assert till.post(address, body).status_code == 302
        assert PayoutAccount.objects.latest("pk").status == status
    waiting = PayoutAccount.objects.get(status="WAITING")
    assert "撤回更换" in till.get(address).content.decode()
    till.post(reverse("prepaid:payout_account_step", args=[waiting.pk, "cancel"]))
    assert PayoutAccount.objects.get(pk=waiting.pk).status == "CANCELLED"
    assert till.post(reverse("prepaid:payout_account_step", args=[waiting.pk, "start"])).status_code == 404


def test_a_correction_of_money_paid_out_says_so(
    till: Client, contract: Contract, merchant_a: Merchant, owner_a: User
) -> None:
    register(merchant_a, owner_a)
    visit = consume(contract, fen=36_000)
    prepaid.order_settlement(merchant_a.pk, by=SYSTEM, on=next_pay_day())
    address = reverse("prepaid:merchant_visit", args=[visit.code])
    body = {"face": "120", "reason": "录错了", "step": "correct", "key": str(uuid4())}
    page = till.post(address, body, follow=True).content.decode()
    assert "已登记，从您下一次的结算里扣出来" in page
    assert "要退回顾客 ¥100.00" in till.get("/console/money/").content.decode()


def test_the_consumer_drops_a_payment_that_was_not_made(
    signed_in: Callable[[User], Client], contract: Contract, consumer: User, second_consumer: User
) -> None:
    order = prepaid.order_top_up(contract.pk, make_plan(contract.merchant).pk, by=who(consumer))
    phone = signed_in(consumer)
    phone.cookies[DEVICE_COOKIE] = core.trust_device(consumer.pk, "test")
    address = reverse("prepaid:order_cancel", args=[contract.code])
    assert signed_in(second_consumer).post(address, {"key": str(uuid4())}).status_code == 404
    for _ in range(2):
        assert phone.post(address, {"key": str(uuid4())}).status_code == 302
    order.refresh_from_db()
    assert order.status == PaymentOrder.Status.CANCELLED
    assert not contract.orders.filter(status="PENDING").exists()


def more(merchant: Merchant, account: PayoutAccount, count: int) -> None:
    """Settlements and checks of earlier days."""
    for n in range(count):
        day = days(-400 - n - Settlement.objects.count())
        Settlement.objects.create(
            merchant=merchant, account=account, amount_fen=100, ordered_on=day, covers_to=day - timedelta(days=1),
            status="PAID",
        )  # fmt: skip
        CustodyCheck.objects.create(
            merchant=merchant, quarter_end=day, checked_on=day, base_fen=1, obligations_fen=1, ratio_bp=0,
            required_fen=0, locked_fen=1, custody_fen=0, guarantee_fen=0, shortfall_fen=0,
        )  # fmt: skip


@pytest.mark.parametrize(
    "address",
    ["/console/settlements/", "/console/money/", "/api/v1/settlements", "/api/v1/custody-checks"],
)
def test_lists_ask_the_same_few_questions_however_long_they_are(
    till: Client, merchant_a: Merchant, owner_a: User, address: str
) -> None:
    account = register(merchant_a, owner_a)
    asked = []
    for count in (1, 8):
        more(merchant_a, account, count)
        till.get(address)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert till.get(address).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 30

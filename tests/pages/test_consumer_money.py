"""Sign, pay, top up, refund: the pages state the figures and the dates, and act once."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from core import actions as core
from core.actors import CUSTODIAN, Actor
from core.models import User
from core.views import DEVICE_COOKIE
from prepaid import actions as prepaid
from prepaid.custodian import BankOrder, CustodianUnreachable, Notice, SandboxCustodian
from prepaid.models import Contract, PaymentOrder, Payout, Plan, Refund
from tests.cast import fresh, open_contract

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone(signed_in: Callable[[User], Client], consumer: User) -> Client:
    client = signed_in(consumer)
    client.cookies[DEVICE_COOKIE] = core.trust_device(consumer.pk, "test")
    return client


@pytest.fixture
def offered(plan: Plan, consumer: User) -> Contract:
    store = plan.merchant.stores.get()
    return prepaid.offer(plan.pk, store.pk, consumer.phone, by=Actor.of_user(plan.merchant.registered_by))


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The bank answers with an address; what it was asked is kept."""
    asked: list[int] = []

    def create_order(self: SandboxCustodian, order_no: str, amount_fen: int, **_: str) -> BankOrder:
        asked.append(amount_fen)
        return BankOrder(order_no, "b1", "CREATED", amount_fen, "http://127.0.0.1:9/pay/b1")

    monkeypatch.setattr(SandboxCustodian, "create_order", create_order)
    return asked


def page(client: Client, name: str, *args: str, query: str = "") -> str:
    answer = client.get(reverse(name, args=args) + query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def post(client: Client, name: str, *args: str, key: str = "", **data: str) -> HttpResponse:
    answer: HttpResponse = client.post(reverse(name, args=args), {"key": key or str(uuid4()), **data})  # type: ignore[assignment]
    return answer


def test_an_offer_is_read_in_full_before_it_is_signed(phone: Client, offered: Contract) -> None:
    assert "看条款，再签约" in page(phone, "prepaid:my_prepaid")
    html = page(phone, "prepaid:contract_sign", offered.code)
    for words in ("含赠送 600.00 元", "7 天内没用过，退全部本金", "申请后 5 天内退到账", "法释〔2025〕4号",
                  "价目表", "92330199MA2TEST012", "12315", offered.terms_hash):  # fmt: skip
        assert words in html, words
    assert offered.status == Contract.Status.OFFERED


def test_only_the_text_on_the_screen_is_signed(phone: Client, offered: Contract) -> None:
    assert post(phone, "prepaid:contract_sign", offered.code, terms_hash="0" * 64).status_code == 409
    signed = post(phone, "prepaid:contract_sign", offered.code, terms_hash=offered.terms_hash)
    assert signed["Location"] == reverse("prepaid:contract_pay", args=[offered.code])
    assert fresh(offered).status == Contract.Status.SIGNED


def test_paying_leads_to_the_bank_by_a_plain_link_and_orders_once(
    phone: Client, offered: Contract, consumer: User, bank: list[int]
) -> None:
    prepaid.sign(offered.pk, by=Actor.of_user(consumer), terms_hash=offered.terms_hash)
    assert "下一步，去银行" in page(phone, "prepaid:contract_pay", offered.code)
    for _ in range(2):
        assert post(phone, "prepaid:contract_pay", offered.code).status_code == 302
    html = page(phone, "prepaid:contract_pay", offered.code)
    assert 'href="http://127.0.0.1:9/pay/b1"' in html and "去银行付 ¥3,000.00" in html
    assert bank == [300_000] and PaymentOrder.objects.count() == 1
    assert "有一笔付款还没完成" in page(phone, "prepaid:my_prepaid") or "去付款" in page(phone, "prepaid:my_prepaid")


def test_a_bank_that_does_not_answer_loses_nothing(
    phone: Client, offered: Contract, consumer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object, **__: object) -> BankOrder:
        raise CustodianUnreachable

    monkeypatch.setattr(SandboxCustodian, "create_order", silent)
    prepaid.sign(offered.pk, by=Actor.of_user(consumer), terms_hash=offered.terms_hash)
    answer = phone.post(reverse("prepaid:contract_pay", args=[offered.code]), {"key": str(uuid4())}, follow=True)
    html = answer.content.decode()
    assert "存管银行暂时没有响应" in html and "下一步，去银行" in html


def test_an_offer_can_be_dropped(phone: Client, offered: Contract) -> None:
    assert "要付 ¥3,000.00" in page(phone, "prepaid:contract_decline", offered.code)
    post(phone, "prepaid:contract_decline", offered.code)
    assert fresh(offered).status == Contract.Status.TERMINATED
    assert "没有付款" in page(phone, "prepaid:my_prepaid")


def test_a_top_up_becomes_an_order_of_its_own(phone: Client, contract: Contract, plan: Plan, bank: list[int]) -> None:
    assert "付 3,000.00 元，送 600.00 元" in page(phone, "prepaid:contract_top_up", contract.code)
    assert post(phone, "prepaid:contract_top_up", contract.code).status_code == 400
    post(phone, "prepaid:contract_top_up", contract.code, plan=str(plan.pk))
    assert "去银行付 ¥3,000.00" in page(phone, "prepaid:contract_pay", contract.code)
    assert "有一笔付款还没完成" in page(phone, "prepaid:my_prepaid")
    assert post(phone, "prepaid:contract_pay", contract.code).status_code == 302
    assert bank == [300_000]


def test_the_printed_contract_says_who_what_and_its_hash(phone: Client, contract: Contract) -> None:
    html = page(phone, "prepaid:contract_terms", contract.code)
    assert "周桂芬" in html and contract.terms_hash in html and "预付消费合同" in html


def use(contract: Contract, face_fen: int) -> None:
    by = Actor.of_user(contract.merchant.registered_by)
    visit = prepaid.request_visit(contract.pk, contract.store_id, "烫发", face_fen=face_fen, by=by)
    prepaid.confirm_visit(visit.pk, by=Actor.of_user(contract.holder))


def test_the_quote_gives_the_answer_first_then_each_line_and_both_causes(phone: Client, contract: Contract) -> None:
    use(contract, 30_000)
    assert "先选为什么退" in page(phone, "prepaid:refund_request", contract.code)
    html = page(phone, "prepaid:refund_request", contract.code, query="?cause=MERCHANT")
    for words in ("应退给您（商家的原因，或者都没错）", ">¥2,750<", "法释〔2025〕4号第18条第2项", "如果是您自己的原因",
                  ">¥2,700<", "申请退款 ¥2,750.00", "5 天内退到账"):  # fmt: skip
        assert words in html, words
    assert "这个原因退不了" in page(phone, "prepaid:refund_request", contract.code, query="?cause=COOLING_OFF")
    assert "选一个退款原因" in page(phone, "prepaid:refund_request", contract.code, query="?cause=NONSENSE")
    early = post(phone, "prepaid:refund_request", contract.code, cause="EXPIRED")
    assert early.status_code == 400 and "这个原因现在不适用" in early.content.decode()
    assert not Refund.objects.exists()


def test_a_refund_is_asked_once_and_can_be_withdrawn(phone: Client, contract: Contract) -> None:
    use(contract, 30_000)
    key = str(uuid4())
    for _ in range(2):
        answer = post(phone, "prepaid:refund_request", contract.code, cause="CONSUMER", reason="搬家", key=key)
        assert answer.status_code == 302
    refund = Refund.objects.get()
    assert (refund.total_fen, refund.reason) == (270_000, "搬家")
    again = post(phone, "prepaid:refund_request", contract.code, cause="CONSUMER")
    assert again.status_code == 400 and "已经有一笔退款在办理" in again.content.decode()
    html = page(phone, "prepaid:refund", refund.code)
    assert "等商家答复" in html and "前打款" in html and "不退了" in html and "怎么算的" in html
    assert "撤回后" in page(phone, "prepaid:refund_withdraw", refund.code)
    post(phone, "prepaid:refund_withdraw", refund.code)
    assert Refund.objects.get().status == Refund.Status.WITHDRAWN
    assert "您已撤回" in page(phone, "prepaid:refund", refund.code)


def test_inside_seven_days_the_shop_is_not_asked(phone: Client, contract: Contract) -> None:
    assert "7 天内没用过，可退全部本金" in page(phone, "prepaid:my_prepaid")
    post(phone, "prepaid:refund_request", contract.code, cause="COOLING_OFF")
    refund = Refund.objects.get()
    assert refund.status == Refund.Status.PAYING
    html = page(phone, "prepaid:my_prepaid")
    assert "正在退给您" in html and "等商家答复" not in html


def test_a_failed_payout_asks_for_an_account_in_the_own_name(phone: Client, contract: Contract) -> None:
    post(phone, "prepaid:refund_request", contract.code, cause="COOLING_OFF")
    refund, payout = Refund.objects.get(), Payout.objects.get()
    notice = Notice("payout.failed", "r1", payout.payout_no, payout.amount_fen, "", None, "账户已销户")  # type: ignore[arg-type]
    prepaid.receive(notice, by=CUSTODIAN)
    assert "退款没打进去，请换账户" in page(phone, "prepaid:my_prepaid")
    assert "没打进去：账户已销户" in page(phone, "prepaid:refund", refund.code)
    wrong = post(phone, "prepaid:refund_account", refund.code, account="6222 0000 0000 1234", payee="王五")
    assert wrong.status_code == 400
    assert "收款人要和办卡人或付款人同名" in wrong.content.decode() and "6222 0000 0000 1234" in wrong.content.decode()
    done = post(phone, "prepaid:refund_account", refund.code, account="6222 0000 0000 1234", payee="周桂芬")
    assert done.status_code == 302 and Refund.objects.get().status == Refund.Status.PAYING
    last = Payout.objects.first()
    assert last is not None
    prepaid.receive(Notice("payout.paid", "r2", last.payout_no, last.amount_fen, "", None), by=CUSTODIAN)  # type: ignore[arg-type]
    assert "已退到账" in page(phone, "prepaid:refund", refund.code)
    assert "已到您账上" in page(phone, "prepaid:contract", contract.code)


def test_what_waits_for_a_visit_is_said_and_follows(phone: Client, contract: Contract) -> None:
    by = Actor.of_user(contract.merchant.registered_by)
    prepaid.request_visit(contract.pk, contract.store_id, "染发", face_fen=30_000, by=by)
    html = page(phone, "prepaid:refund_request", contract.code, query="?cause=MERCHANT")
    assert "应退给您" in html and ">¥3,000<" in html
    assert "另有 ¥250.00 等消费弄清楚" in html


def test_a_second_card_of_the_same_plan_is_a_card_of_its_own(phone: Client, plan: Plan, consumer: User) -> None:
    for _ in range(2):
        open_contract(plan, consumer)
    assert "2 张卡一共锁定" in page(phone, "prepaid:my_prepaid")

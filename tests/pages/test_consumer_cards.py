"""我的预付: the right figures for the right person, one query set however many cards, one act per form."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import actions as core
from core.actors import Actor
from core.models import User
from core.views import DEVICE_COOKIE
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import Contract, ContractUser, Freeze, Plan, Refund, Visit
from tests.cast import fresh, make_plan, open_contract

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def trusted(client: Client, user: User) -> Client:
    """The same browser, after the phone was proved in it."""
    client.cookies[DEVICE_COOKIE] = core.trust_device(user.pk, "test")
    return client


@pytest.fixture
def phone(signed_in: SignIn, consumer: User) -> Client:
    return trusted(signed_in(consumer), consumer)


def page(client: Client, name: str, *args: str, query: str = "") -> str:
    answer = client.get(reverse(name, args=args) + query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def post(client: Client, name: str, *args: str, key: str = "", **data: str) -> HttpResponse:
    answer: HttpResponse = client.post(reverse(name, args=args), {"key": key or str(uuid4()), **data})  # type: ignore[assignment]
    return answer


def ask(contract: Contract, face_fen: int = 6_000) -> Visit:
    by = Actor.of_user(contract.merchant.registered_by)
    return prepaid.request_visit(contract.pk, contract.store_id, "洗剪吹", face_fen=face_fen, by=by)


def test_my_page_shows_the_sum_the_bar_and_what_waits(phone: Client, contract: Contract) -> None:
    ask(contract)
    prepaid.dispute_visit(ask(contract, 30_000).pk, "没去过", by=Actor.of_user(contract.holder))
    html = page(phone, "prepaid:my_prepaid")
    assert "周桂芬，您好" in html
    assert "有 1 笔消费等您确认" in html
    assert "共 3,000.00 元：可用 2,700.00 元，暂留 300.00 元，已付给商家 0.00 元，已退给您 0.00 元" in html
    assert "待确认 50.00，有异议 250.00" in html
    assert "还剩 15 个工作日" in html and "怎么算的" in html
    assert "您说不对，钱先不付" in html


def test_nobody_else_sees_a_card(
    signed_in: SignIn, contract: Contract, second_consumer: User, owner_b: User, owner_a: User
) -> None:
    visit = ask(contract)
    refund = prepaid.request_refund(contract.pk, Refund.Cause.MERCHANT, by=Actor.of_user(contract.holder))
    names = ("contract", "contract_terms", "contract_sign", "contract_pay", "contract_code", "contract_stop",
             "contract_restart", "contract_pause", "contract_resume", "contract_top_up", "contract_decline",
             "visit_report", "refund_request")  # fmt: skip
    urls = [reverse(f"prepaid:{name}", args=[contract.code]) for name in names]
    urls += [reverse(f"prepaid:{name}", args=[visit.code]) for name in ("visit_confirm", "visit_dispute")]
    urls += [reverse(f"prepaid:{name}", args=[refund.code]) for name in ("refund", "refund_withdraw", "refund_account")]
    for stranger in (second_consumer, owner_b, owner_a):
        client = trusted(signed_in(stranger), stranger)
        for url in urls:
            assert client.get(url).status_code == 404, url
            if not url.endswith(("/terms/", refund.code + "/")) and not url.endswith(contract.code + "/"):
                assert client.post(url, {"key": str(uuid4())}).status_code == 404, url
    for url in urls:
        assert Client().get(url).status_code == 302
    assert Visit.objects.get(pk=visit.pk).status == Visit.Status.REQUESTED


def test_one_tap_confirms_on_a_known_phone_and_a_double_tap_pays_once(phone: Client, contract: Contract) -> None:
    visit, key = ask(contract), str(uuid4())
    for _ in range(2):
        assert post(phone, "prepaid:visit_confirm", visit.code, key=key).status_code == 302
    assert fresh(contract).released_fen == 5_000
    assert "已确认「洗剪吹」，付给商家 ¥50.00" in page(phone, "prepaid:my_prepaid")


def test_another_device_asks_for_a_code_first(signed_in: SignIn, consumer: User, contract: Contract) -> None:
    visit, client = ask(contract), signed_in(consumer)
    answer = post(client, "prepaid:visit_confirm", visit.code)
    back = reverse("prepaid:visit_confirm", args=[visit.code])
    assert answer["Location"] == f"{reverse('prepaid:prove')}?next={back.replace('/', '%2F')}"
    html = client.post(answer["Location"], {"send": "1"}).content.decode()
    code = client.session["proof_code"]
    assert code in html
    assert client.post(answer["Location"], {"code": "000000" if code != "000000" else "111111"}).status_code == 400
    proved = client.post(answer["Location"], {"code": code, "trust": "on"})
    assert proved["Location"] == back and DEVICE_COOKIE in proved.cookies
    assert "确认后付商家" in client.get(back).content.decode()
    post(client, "prepaid:visit_confirm", visit.code)
    assert Visit.objects.get(pk=visit.pk).status == Visit.Status.CONFIRMED


def test_a_dispute_keeps_the_money_and_may_carry_a_reason(phone: Client, contract: Contract) -> None:
    first, second = ask(contract), ask(contract)
    post(phone, "prepaid:visit_dispute", first.code)
    post(phone, "prepaid:visit_dispute", second.code, reason="那天没去")
    reasons = set(Visit.objects.filter(status=Visit.Status.DISPUTED).values_list("reason", flat=True))
    assert reasons == {"我没消费", "那天没去"}
    assert fresh(contract).held_fen == 10_000
    assert "弄错了，是我消费的" in page(phone, "prepaid:contract", contract.code)


def test_family_uses_the_card_but_does_not_end_it(
    signed_in: SignIn, contract: Contract, phone: Client, second_consumer: User
) -> None:
    post(phone, "prepaid:contract_users", contract.code, phone="13900000002")
    assert ContractUser.objects.get(contract=contract).user == second_consumer
    family = trusted(signed_in(second_consumer), second_consumer)
    html = page(family, "prepaid:my_prepaid")
    assert "家人的卡" in html and "我要退款" not in html and "现在没有锁定的钱" in html
    visit = ask(contract)
    assert post(family, "prepaid:visit_confirm", visit.code).status_code == 302
    assert Visit.objects.get(pk=visit.pk).status == Visit.Status.CONFIRMED
    answer = post(family, "prepaid:refund_request", contract.code, cause="MERCHANT")
    assert answer.status_code == 403 and not Refund.objects.exists()


def test_the_statement_names_every_movement_with_its_date(phone: Client, contract: Contract) -> None:
    visit = prepaid.confirm_visit(ask(contract).pk, by=Actor.of_user(contract.holder))
    prepaid.correct_visit(visit.pk, "扣多了", face_fen=3_000, by=Actor.of_user(contract.merchant.registered_by))
    html = page(phone, "prepaid:contract", contract.code)
    assert "付款，钱已锁定" in html and "更正「洗剪吹」，退回卡里" in html
    assert "商家到账" in html
    assert "¥2,975.00" in html and "¥2,950.00" in html


def test_my_page_asks_the_database_as_often_for_many_cards_as_for_one(
    phone: Client, plan: Plan, merchant_a: Merchant, consumer: User, contract: Contract
) -> None:
    term = make_plan(merchant_a, Plan.Kind.PER_PERIOD)
    ask(contract)
    open_contract(term, consumer)
    page(phone, "prepaid:my_prepaid")
    with CaptureQueriesContext(
        connection,
    ) as few:
        page(phone, "prepaid:my_prepaid")
    for _ in range(3):
        ask(open_contract(plan, consumer))
        open_contract(term, consumer)
    with CaptureQueriesContext(connection) as many:
        page(phone, "prepaid:my_prepaid")
    assert len(many) == len(few)
    assert len(few) <= 18


def test_stopping_the_automatic_payment_says_the_figures_and_can_be_undone(
    phone: Client, merchant_a: Merchant, consumer: User
) -> None:
    contract = open_contract(make_plan(merchant_a, Plan.Kind.PER_PERIOD), consumer)
    assert "下次自动付款" in page(phone, "prepaid:my_prepaid")
    html = page(phone, "prepaid:contract_stop", contract.code)
    assert "剩下的 12 期" in html and "2,376" in html and ">¥198<" in html
    post(phone, "prepaid:contract_stop", contract.code)
    assert "已停止自动付款" in page(phone, "prepaid:my_prepaid")
    assert "恢复后，还没到期的 12 期" in page(phone, "prepaid:contract_restart", contract.code)
    post(phone, "prepaid:contract_restart", contract.code)
    assert "下次自动付款" in page(phone, "prepaid:my_prepaid")


def test_a_frozen_shop_is_said_first(
    phone: Client, contract: Contract, district_officer: User, second_officer: User
) -> None:
    visit = ask(contract)
    freeze = prepaid.propose_freeze(contract.merchant_id, "商家失联，保全资金", by=Actor.of_user(district_officer))
    prepaid.approve_freeze(freeze.pk, by=Actor.of_user(second_officer))
    assert Freeze.objects.get().status == Freeze.Status.IN_FORCE
    html = page(phone, "prepaid:my_prepaid")
    assert "暂停付给商家，您的钱还在" in html and "锁定，商家拿不走" in html
    post(phone, "prepaid:visit_confirm", visit.code)
    assert "现在确认不了" in page(phone, "prepaid:my_prepaid")
    assert Visit.objects.get().status == Visit.Status.REQUESTED


def test_a_shown_code_lives_three_minutes_and_tells_when_it_was_used(
    phone: Client, contract: Contract, owner_a: User
) -> None:
    assert "生成付款码" in page(phone, "prepaid:contract_code", contract.code)
    post(phone, "prepaid:contract_code", contract.code)
    html = page(phone, "prepaid:contract_code", contract.code)
    digits = contract.showncode_set.get().code
    assert f"{digits[:4]} {digits[4:]}" in html and "<svg" in html and "hx-get" in html
    prepaid.redeem_shown_code(contract.merchant_id, contract.store_id, digits, "洗剪吹", face_fen=6_000,
                              by=Actor.of_user(owner_a))  # fmt: skip
    answer = phone.get(reverse("prepaid:contract_code", args=[contract.code]), headers={"HX-Request": "true"})
    assert "已确认「洗剪吹」" in answer.content.decode() and "<html" not in answer.content.decode()


def test_a_visit_of_ones_own_is_told_by_the_price_list(
    phone: Client, plan: Plan, consumer: User, owner_a: User
) -> None:
    prepaid.set_price(plan.merchant_id, "洗剪吹", 6_000, by=Actor.of_user(owner_a))
    contract = open_contract(plan, consumer)
    store = str(contract.store_id)
    wrong = post(phone, "prepaid:visit_report", contract.code, store=store, item="other", what="烫发", amount="abc")
    assert wrong.status_code == 400 and "金额要写成" in wrong.content.decode() and "烫发" in wrong.content.decode()
    much = post(phone, "prepaid:visit_report", contract.code, store=store, item="other", what="烫发", amount="9999")
    assert much.status_code == 400 and "卡里只剩" in much.content.decode()
    assert post(phone, "prepaid:visit_report", contract.code, store=store, item="0").status_code == 302
    assert fresh(contract).released_fen == 5_000


def test_a_card_may_rest_and_go_on(phone: Client, contract: Contract) -> None:
    assert "最多停 90 天" in page(phone, "prepaid:contract_pause", contract.code)
    assert post(phone, "prepaid:contract_pause", contract.code).status_code == 400
    post(phone, "prepaid:contract_pause", contract.code, reason="ILLNESS")
    assert "已停卡，时间不扣" in page(phone, "prepaid:my_prepaid")
    assert "恢复使用这张卡" in page(phone, "prepaid:contract_resume", contract.code)
    post(phone, "prepaid:contract_resume", contract.code)
    assert fresh(contract).status == Contract.Status.ACTIVE

"""The main job over the API: offered, signed, paid, used, refunded, to the fen."""

from __future__ import annotations

import pytest

from core.models import User
from merchants.models import Merchant
from prepaid.models import Contract, Plan, Visit
from tests.api.caller import Caller, client_of
from tests.cast import fresh, make_plan, open_contract

pytestmark = pytest.mark.django_db


def test_a_contract_is_offered_signed_and_its_payment_ordered(
    plan: Plan, owner_a: User, consumer: User, clerk_a: User
) -> None:
    store = plan.merchant.stores.get()
    shop, guest = Caller(clerk_a), Caller(consumer)
    body = {"plan": plan.pk, "store": store.pk, "phone": "139 0000 0001", "user_phones": ["13900000077"]}
    made = shop.did("/contracts", body)
    assert (made["status"], made["allowed"], made["holder"]) == ("OFFERED", ["decline"], "周**")
    seen = guest.saw(f"/contracts/{made['code']}")
    assert seen["allowed"] == ["sign", "decline"]
    assert seen["terms"]["price_fen"] == 300_000
    guest.did(f"/contracts/{made['code']}/sign", {"terms_hash": seen["terms_hash"]})
    order = guest.did(f"/contracts/{made['code']}/order-payment")
    assert (order["amount_fen"], order["amount_yuan"]) == (300_000, "3,000.00")
    assert order["pay_url"].startswith("http://bank.invalid/pay/")
    assert guest.saw(f"/payments/{order['order_no']}")["status"] == "PENDING"


def test_signing_other_terms_than_those_read_is_refused(plan: Plan, owner_a: User, consumer: User) -> None:
    store = plan.merchant.stores.get()
    made = Caller(owner_a).did("/contracts", {"plan": plan.pk, "store": store.pk, "phone": "13900000001"})
    answer = Caller(consumer).post(f"/contracts/{made['code']}/sign", {"terms_hash": "0" * 64})
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


def test_visits_and_the_statement_agree_to_the_fen(contract: Contract, consumer: User, clerk_a: User) -> None:
    shop, guest = Caller(clerk_a), Caller(consumer)
    ask = {"contract": contract.code, "store": contract.store_id, "item": "洗剪吹", "face_fen": 6_000}
    visits = [shop.did("/visits", ask) for _ in range(3)]
    assert visits[0]["hold_fen"] == 5_000
    confirmed = guest.did(f"/visits/{visits[0]['code']}/confirm")
    assert (confirmed["status"], confirmed["amount_fen"], confirmed["allowed"]) == ("CONFIRMED", 5_000, [])
    guest.did(f"/visits/{visits[1]['code']}/dispute", {"reason": "没去过"})
    guest.did(f"/visits/{visits[2]['code']}/confirm")
    shop.did(f"/visits/{visits[2]['code']}/correct", {"reason": "扣多了", "face_fen": 3_000})
    now = guest.saw(f"/contracts/{contract.code}")
    assert (now["locked_fen"], now["held_fen"], now["released_fen"]) == (292_500, 5_000, 7_500)
    assert now["locked_yuan"] == "2,925.00"
    rows = guest.saw(f"/contracts/{contract.code}/statement")["results"]
    assert [(row["kind"], row["amount_fen"], row["balance_fen"]) for row in rows] == [
        (10, 2_500, 292_500),
        (2, -5_000, 290_000),
        (2, -5_000, 295_000),
        (1, 300_000, 300_000),
    ]
    assert all(len(row["hash"]) == 64 for row in rows)
    assert sum(row["amount_fen"] for row in rows) == now["locked_fen"]


def test_a_shown_code_is_the_confirmation(contract: Contract, consumer: User, clerk_a: User) -> None:
    shown = Caller(consumer).did(f"/contracts/{contract.code}/show-code")
    body = {
        "merchant": contract.merchant.public_code, "store": contract.store_id, "code": shown["code"],
        "item": "洗头", "face_fen": 3_600,
    }  # fmt: skip
    assert Caller(clerk_a).did("/visits/redeem-code", body)["status"] == "CONFIRMED"
    again = Caller(clerk_a).post("/visits/redeem-code", body)
    assert (again.status_code, list(again.json()["errors"])) == (400, ["code"])


def test_the_quote_is_what_the_refund_then_says_and_writes_nothing(
    contract: Contract, consumer: User, owner_a: User
) -> None:
    guest, shop = Caller(consumer), Caller(owner_a)
    ask = {"contract": contract.code, "store": contract.store_id, "item": "烫发", "face_fen": 60_000}
    guest.did("/visits/report", ask)
    quote = guest.saw(f"/contracts/{contract.code}/refund-quote", cause="CONSUMER")
    assert (quote["total_fen"], quote["payable_fen"]) == (240_000, 240_000)
    assert sum(line["amount_fen"] for line in quote["lines"]) == 240_000
    assert guest.saw("/refunds")["results"] == []
    refund = guest.did("/refunds", {"contract": contract.code, "cause": "CONSUMER"})
    assert (refund["total_fen"], refund["lines"]) == (quote["total_fen"], quote["lines"])
    agreed = shop.did(f"/refunds/{refund['code']}/agree")
    assert (agreed["status"], agreed["payouts"][0]["amount_fen"]) == ("PAYING", 240_000)
    assert fresh(contract).locked_fen == 0
    assert guest.get(f"/contracts/{contract.code}/refund-quote", cause="WHIM").status_code == 400


def test_a_term_card_shows_its_instalments_and_can_be_stopped(
    merchant_a: Merchant, consumer: User, owner_a: User
) -> None:
    card = open_contract(make_plan(merchant_a, Plan.Kind.UNLIMITED_TERM), consumer)
    guest = Caller(consumer)
    page = guest.saw(f"/contracts/{card.code}/instalments", page_size=5)
    rows = page["results"]
    while page["next"]:
        page = guest.client.get(page["next"]).json()
        rows += page["results"]
    assert [row["no"] for row in rows] == list(range(1, 13))
    assert sum(row["amount_fen"] for row in rows) == 237_600
    assert guest.did(f"/contracts/{card.code}/stop-instalments")["auto_release"] is False
    assert guest.did(f"/contracts/{card.code}/restart-instalments")["auto_release"] is True


def test_a_merchants_own_system_offers_and_takes_visits(contract: Contract, plan: Plan) -> None:
    till = client_of(contract.merchant)
    offer = {"plan": plan.pk, "store": contract.store_id, "phone": "13900000055"}
    assert till.did("/contracts", offer)["status"] == "OFFERED"
    ask = {"contract": contract.code, "store": contract.store_id, "item": "洗剪吹", "face_fen": 6_000}
    assert till.did("/visits", ask)["allowed"] == ["withdraw"]
    assert till.saw("/contracts")["results"][0]["status"] == "OFFERED"


@pytest.mark.parametrize(
    ("scope", "path", "status"),
    [("read", "/contracts", 403), ("read write", "/visits", 403), ("write money", "", 403)],
)
def test_a_token_without_the_scope_is_refused(contract: Contract, scope: str, path: str, status: int) -> None:
    till = client_of(contract.merchant, scope)
    answer = till.post(path, {}) if path else till.get("/contracts")
    assert (answer.status_code, answer.json()["code"]) == (status, "not_allowed")
    assert Visit.objects.count() == 0


def test_two_officers_freeze_and_the_shop_gets_nothing(
    contract: Contract, consumer: User, district_officer: User, second_officer: User, clerk_a: User
) -> None:
    first, second = Caller(district_officer), Caller(second_officer)
    body = {"merchant": contract.merchant.public_code, "contract": contract.code, "reason": "涉嫌卷款跑路"}
    freeze = first.did("/freezes", body)
    assert (freeze["status"], freeze["locked_fen"], freeze["allowed"]) == ("PROPOSED", 300_000, [])
    assert first.post(f"/freezes/{freeze['id']}/approve").status_code == 403
    assert second.did(f"/freezes/{freeze['id']}/approve")["status"] == "IN_FORCE"
    visit = Caller(clerk_a).did(
        "/visits",
        {"contract": contract.code, "store": contract.store_id, "item": "洗剪吹", "face_fen": 6_000},
    )
    refused = Caller(consumer).post(f"/visits/{visit['code']}/confirm")
    assert (refused.status_code, refused.json()["code"]) == (409, "frozen")
    second.did(f"/freezes/{freeze['id']}/propose-lift", {"reason": "已查清，没有问题"})
    assert first.did(f"/freezes/{freeze['id']}/approve-lift")["status"] == "LIFTED"
    trail = first.saw("/audit", object=f"freeze:{freeze['id']}")["results"]
    verbs = ["freeze.approve_lift", "freeze.propose_lift", "freeze.approve", "freeze.propose"]
    assert [line["verb"] for line in trail] == verbs

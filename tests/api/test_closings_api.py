"""A closing and a run-off over the API."""

import pytest

from core.models import User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import Contract, RunOff
from tests.api.caller import Caller
from tests.prepaid.scenes import days

pytestmark = pytest.mark.django_db


def test_a_shop_closes_and_its_customer_is_refunded(
    contract: Contract, consumer: User, second_consumer: User, owner_a: User, clerk_a: User, district_officer: User
) -> None:
    shop, body = Caller(owner_a), {"merchant": contract.merchant.public_code, "reason": "LEASE"}
    assert shop.post("/closings", body).status_code == 400
    body["closes_on"] = days(40).isoformat()
    assert Caller(clerk_a).post("/closings", body).status_code == 403
    notice = shop.did("/closings", body)
    assert (notice["status"], notice["allowed"]) == ("DECLARED", ["publish", "withdraw"])
    assert Caller(consumer).get(f"/closings/{notice['code']}").status_code == 404
    anybody = Caller()
    assert anybody.get(f"/closings/{notice['code']}").status_code == 404 and anybody.saw("/closings")["results"] == []
    notice = shop.did(f"/closings/{notice['code']}/publish")
    assert [row["code"] for row in anybody.saw("/closings")["results"]] == [notice["code"]]
    assert anybody.saw(f"/closings/{notice['code']}")["allowed"] == []
    assert anybody.post(f"/closings/{notice['code']}/withdraw").status_code == 401
    assert (notice["status"], notice["short_days"], notice["notice_days"]) == ("SALES_STOPPED", 0, 30)
    prepaid.tell_holders(contract.merchant.closings.get().pk)
    choice = {"contract": contract.code, "choice": "REFUND"}
    assert Caller(second_consumer).post(f"/closings/{notice['code']}/choose", choice).status_code == 404
    made = Caller(consumer).did(f"/closings/{notice['code']}/choose", choice)
    assert (made["choice"], made["by_default"], made["trouble"]) == ("REFUND", False, "")
    refund = Caller(consumer).saw(f"/refunds/{made['refund']}")
    assert (refund["status"], refund["amount_fen"]) == ("PAYING", 300_000)
    seen = Caller(district_officer).saw(f"/closings/{notice['code']}")["progress"]
    assert (seen["holders"], seen["told"], seen["refunds"], seen["settled"]) == (1, 1, 1, 1)
    refused = Caller(district_officer).post(f"/closings/{notice['code']}/verify", {})
    assert refused.status_code == 409


def test_an_emergency_takes_two_officers_twice(
    contract: Contract, merchant_a: Merchant, district_officer: User, second_officer: User, owner_a: User
) -> None:
    first, second = Caller(district_officer), Caller(second_officer)
    body = {"merchant": merchant_a.public_code, "reason": "店门紧闭三天", "served_until": days(0).isoformat()}
    assert Caller(owner_a).post("/run-offs", body).status_code == 403
    case = f"/run-offs/{first.did('/run-offs', body)['code']}"
    assert first.post(f"{case}/approve").status_code == 403
    assert second.did(f"{case}/approve")["status"] == "OPEN"
    assert first.post(f"{case}/plan").status_code == 409, "claims are being counted"
    prepaid.count_claims(RunOff.objects.get().pk)
    plan = first.did(f"{case}/plan")
    assert plan["progress"]["pays"] == plan["progress"]["entitled"] == 300_000
    assert second.post(f"{case}/approve-plan", {"plan_hash": "0" * 64}).json()["code"] == "plan_changed"
    assert second.did(f"{case}/approve-plan", {"plan_hash": plan["plan_hash"]})["status"] == "PAYING"
    assert Caller(owner_a).get(case).status_code == 404

"""A merchant registers over the API, an officer admits it, and everybody can look it up."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core import outbox
from core.models import OutboxEvent, SmsMessage, User
from merchants.models import Merchant
from tests.api.caller import PREFIX, Caller
from tests.cast import STREET, person

pytestmark = pytest.mark.django_db


def picture() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "PNG")
    return SimpleUploadedFile("licence.png", out.getvalue(), "image/png")


def upload(boss: Caller, code: str, file: SimpleUploadedFile) -> object:
    from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

    body = encode_multipart(BOUNDARY, {"file": file})
    return boss.client.put(f"{PREFIX}/registrations/{code}/licence", body, content_type=MULTIPART_CONTENT)


def uscc() -> str:
    """A licence number with a right check digit that no merchant of the cast has."""
    from stdnum.cn import uscc as numbers

    body = "92330199MA2TXYT07"
    return body + numbers.calc_check_digit(body)


def test_register_mend_submit_approve_and_look_up(district_officer: User) -> None:
    boss, officer, anyone = Caller(person("13900000031", "钱多")), Caller(district_officer), Caller()
    draft = {
        "uscc": uscc(), "legal_name": "示范区钱多理发店", "brand_name": "钱多造型", "industry": 1,
        "region": STREET, "kind": "INDIVIDUAL", "legal_rep": "钱多",
    }  # fmt: skip
    made = boss.did("/registrations", draft)
    code = made["public_code"]
    assert (made["status"], made["legal_rep"], made["allowed"]) == ("DRAFT", "钱**", ["submit"])
    assert set(made["missing"]) == {"contact_phone", "licensed_on", "licence_file", "stores"}
    assert boss.did("/registrations", draft)["public_code"] == code

    changed = boss.send(
        "PATCH", f"/registrations/{code}", {"contact_phone": "13900000031", "licensed_on": "2021-03-04"}
    )
    assert (changed.status_code, changed.json()["contact_phone"]) == (200, "139****0031")
    store = boss.did(f"/registrations/{code}/stores", {"name": "总店", "region": STREET, "address": "钱多路1号"})
    refused = boss.post(f"/registrations/{code}/submit", {"phone_code": "123456"})
    assert (refused.status_code, set(refused.json()["errors"])) == (400, {"licence_file", "lease_end"})
    mended = boss.send("PATCH", f"/registrations/{code}/stores/{store['id']}", {"lease_end": "2029-12-31"})
    assert mended.json()["lease_end"] == "2029-12-31"
    answer = upload(boss, code, picture())
    assert answer.status_code == 200, answer.content  # type: ignore[attr-defined]
    assert len(answer.json()["licence_sha256"]) == 64  # type: ignore[attr-defined]
    assert boss.saw(f"/registrations/{code}/missing") == {"missing": {}}

    assert boss.did(f"/registrations/{code}/phone-code") == {"sent_to": "139****0031"}
    text = SmsMessage.objects.latest("pk").text
    digits = re.search(r"\d{6}", text)
    assert digits
    submitted = boss.did(f"/registrations/{code}/submit", {"phone_code": digits[0]})
    assert (submitted["status"], bool(submitted["review_due_at"])) == ("SUBMITTED", True)
    for event in OutboxEvent.objects.filter(topic="merchants.auto_check"):
        assert outbox.process(str(event.pk))

    waiting = officer.saw("/reviews")["results"]
    assert [row["public_code"] for row in waiting] == [code]
    seen = officer.saw(f"/reviews/{code}")
    assert (seen["allowed"], seen["checks"]) == (["approve", "send_back"], ["登记名录里没有这个统一社会信用代码"])
    assert anyone.get(f"/merchants/{code}").status_code == 404
    assert officer.did(f"/reviews/{code}/approve")["status"] == "ACTIVE"

    public = anyone.saw(f"/merchants/{code}")
    assert (public["brand_name"], public["uscc"]) == ("钱多造型", f"92330199****{uscc()[-2:]}")
    assert [store["address"] for store in public["stores"]] == ["钱多路1号"]
    assert not {"legal_rep", "contact_phone", "lease_end"} & set(public)
    trail = officer.saw("/audit", object=f"merchant:{code}")["results"]
    assert [line["verb"] for line in trail][:3] == ["merchant.approve", "merchant.auto_check", "merchant.submit"]


def test_a_wrong_licence_number_says_what_is_wrong(owner_a: User) -> None:
    body = {"uscc": "92330199MA2TEST0XX", "legal_name": "某店", "brand_name": "某", "industry": 1, "region": STREET}
    answer = Caller(owner_a).post("/registrations", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["uscc"])


def test_a_file_that_is_no_picture_is_refused(merchant_a: Merchant, owner_a: User) -> None:
    file = SimpleUploadedFile("licence.png", b"<svg onload=alert(1)>", "image/png")
    answer = upload(Caller(owner_a), merchant_a.public_code, file)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["file"])  # type: ignore[attr-defined]


def test_a_restricted_merchant_sells_nothing_until_lifted(
    merchant_a: Merchant, district_officer: User, owner_a: User, plan: object
) -> None:
    officer, boss = Caller(district_officer), Caller(owner_a)
    body = {"merchant": merchant_a.public_code, "source": "抽查", "reason": "未按期备案"}
    restriction = officer.did("/restrictions", body)
    offer = {"plan": plan.pk, "store": merchant_a.stores.get().pk, "phone": "13900000001"}  # type: ignore[attr-defined]
    refused = boss.post("/contracts", offer)
    assert (refused.status_code, refused.json()["code"]) == (409, "merchant_restricted")
    assert officer.did(f"/restrictions/{restriction['id']}/lift")["lifted_at"]
    assert boss.post("/contracts", offer).status_code == 201


def test_plans_and_prices_are_drafted_published_and_withdrawn(
    merchant_a: Merchant, owner_a: User, clerk_a: User
) -> None:
    boss, anyone, code = Caller(owner_a), Caller(), merchant_a.public_code
    plan = {
        "merchant": code, "name": "十次洗剪吹", "kind": "COUNT", "price_fen": 100_000, "times_paid": 10,
        "description": "不限发型师", "refund_terms": "依法退款",
    }  # fmt: skip
    assert Caller(clerk_a).post("/plans", plan).status_code == 403
    made = boss.did("/plans", plan)
    assert anyone.saw("/plans", merchant=code)["results"] == []
    assert boss.send("PATCH", f"/plans/{made['id']}", {"price_fen": 90_000}).json()["price_yuan"] == "900.00"
    assert boss.did(f"/plans/{made['id']}/publish")["allowed"] == ["withdraw"]
    assert [row["price_fen"] for row in anyone.saw("/plans", merchant=code)["results"]] == [90_000]
    assert boss.send("PATCH", f"/plans/{made['id']}", {"price_fen": 80_000}).status_code == 409
    boss.did(f"/plans/{made['id']}/withdraw")
    assert anyone.get(f"/plans/{made['id']}").status_code == 404
    item = boss.did("/prices", {"merchant": code, "name": "洗头", "price_fen": 2_500})
    assert anyone.saw("/prices", merchant=code)["results"] == [item]
    assert boss.send("DELETE", f"/prices/{item['id']}").status_code == 204
    assert anyone.saw("/prices", merchant=code)["results"] == []

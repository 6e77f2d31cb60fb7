"""The wizard: one thing a page, nothing typed is lost, hostile files and early pages are turned away."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from complaints import odr
from complaints.models import Complaint, Consultation, Intake, ViolationReport
from complaints.views.intake_draft import SLOT
from core.actors import Actor
from core.models import SmsMessage, User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import Contract
from tests.cast import DISTRICT

pytestmark = pytest.mark.django_db
FACTS = {"text": "9月20日染发，说好 200，扣了 300", "cause": "WRONG_CHARGE", "happened_on": "2026-09-20"}
WHO = {"name": "周桂芬", "address": "示范路 8 号 2 幢 301", "for_whom": "SELF"}
CLAIM = {"claim": "退回多扣的 100 元", "claim_fen": "100"}


def at(name: str) -> str:
    return f"/complain/{name}/"


def answer(browser: Client, page: str, goes_to: str, /, **data: Any) -> Any:
    response = browser.post(at(page), data)
    assert response.status_code == 302, response.content.decode()[:3000]
    assert response["Location"] == at(goes_to), response["Location"]
    return response


def photo(name: str = "小票.jpg") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def file_it(browser: Client) -> Any:
    page = browser.get(at("review"))
    assert page.status_code == 200
    return browser.post(at("review"), {"key": page.context["key"]})


def test_a_stranger_writes_proves_the_phone_and_files(merchant_a: Merchant) -> None:
    browser = Client()
    assert browser.get("/complain/").status_code == 200
    answer(browser, "what", "shop", kinds="COMPLAINT,REPORT")
    found = browser.get(at("shop"), {"q": "A造"})
    assert merchant_a.public_code in found.content.decode()
    answer(browser, "shop", "facts", merchant=merchant_a.public_code)
    answer(browser, "facts", "report", **FACTS)
    answer(browser, "report", "claim", report_text="价目没有公示")
    answer(browser, "claim", "who", **CLAIM)
    asked = browser.get(at("who"))
    assert asked["Location"] == "/sign-in/phone/?next=%2Fcomplain%2Fwho%2F"
    browser.post(asked["Location"], {"phone": "13812340000", "next": at("who")})
    code = browser.session["demo_code"]
    welcome = browser.post("/sign-in/code/?next=/complain/who/", {"code": code, "next": at("who")})
    assert welcome["Location"] == at("who"), "the draft is still there"
    answer(browser, "who", "evidence", **WHO)
    assert browser.post(at("evidence"), {"file": photo(), "add": "1"}).status_code == 302
    answer(browser, "evidence", "review")
    assert "退回多扣的 100 元" in browser.get(at("review")).content.decode()
    assert file_it(browser)["Location"] == "/complain/done/"
    complaint, report = Complaint.objects.get(), ViolationReport.objects.get()
    shown = browser.get("/complain/done/").content.decode()
    assert complaint.code_grouped in shown
    assert report.code_grouped in shown
    assert (complaint.claim_fen, complaint.cause) == (10_000, "WRONG_CHARGE")
    assert complaint.facts.startswith("（2026-09-20 发生）")
    assert complaint.attachments.count() == report.attachments.count() == 1
    assert complaint.attachments.get().file.uploaded_by is None, "a report's evidence does not say who brought it"
    assert complaint.complainant.phone == "+8613812340000"
    assert SLOT not in browser.session
    assert browser.post(at("review"), {"key": "again-again"})["Location"] == "/complain/done/"
    assert Intake.objects.count() == 1


def test_the_draft_is_not_readable_in_the_session(signed_in: Any, consumer: User) -> None:
    browser = signed_in(consumer)
    answer(browser, "what", "shop", kinds="COMPLAINT")
    browser.post(at("shop"), {"respondent_name": "快剪", "respondent_address": "老街 1 号", "region_code": ""})
    assert "快剪" not in str(dict(browser.session.items()))


def test_pages_come_in_their_order(signed_in: Any, consumer: User) -> None:
    browser = signed_in(consumer)
    for early in ("facts", "who", "review"):
        assert browser.get(at(early))["Location"] == at("what")
    for absent in ("nothing", "odr", "agent"):
        assert browser.get(at(absent)).status_code == 404
    assert browser.post(at("review"), {"key": "x" * 20}).status_code == 302


def test_a_card_brings_the_shop(signed_in: Any, consumer: User, second_consumer: User, contract: Contract) -> None:
    assert signed_in(second_consumer).get("/complain/begin/", {"contract": contract.code}).status_code == 404
    browser = signed_in(consumer)
    browser.get("/complain/begin/", {"contract": contract.code})
    answer(browser, "what", "facts", kinds="COMPLAINT")
    answer(browser, "facts", "claim", **FACTS)
    answer(browser, "claim", "who", **CLAIM)
    answer(browser, "who", "evidence", **WHO)
    answer(browser, "evidence", "review")
    assert file_it(browser).status_code == 302
    assert Complaint.objects.get().contract == contract


def test_a_refused_refund_leads_to_its_complaint_or_is_filled_in(
    signed_in: Any, consumer: User, owner_a: User, contract: Contract
) -> None:
    refund = prepaid.request_refund(contract.pk, "CONSUMER", by=Actor.of_user(consumer), reason="搬家")
    refund = prepaid.refuse_refund(refund.pk, "办卡时说好不退", by=Actor.of_user(owner_a))
    browser, begin = signed_in(consumer), f"/complain/begin/?refund={refund.code}"
    assert begin in browser.get(f"/my/refunds/{refund.code}/").content.decode()
    running = Complaint.objects.get()
    assert browser.get(begin)["Location"] == f"/my/complaints/{running.code}/", "the refusal has opened it"
    Complaint.objects.update(refund=None)
    assert browser.get(begin)["Location"] == at("what")
    answer(browser, "what", "facts", kinds="COMPLAINT")
    page = browser.get(at("facts"))
    assert "办卡时说好不退" in page.content.decode()
    assert page.context["draft"].data["claim_fen"] == refund.total_fen


def test_hostile_files_are_refused_and_the_rest_stays(signed_in: Any, consumer: User, merchant_a: Merchant) -> None:
    browser = signed_in(consumer)
    browser.get("/complain/begin/", {"shop": merchant_a.public_code})
    answer(browser, "what", "facts", kinds="COMPLAINT")
    answer(browser, "facts", "claim", **FACTS)
    answer(browser, "claim", "who", **CLAIM)
    answer(browser, "who", "evidence", **WHO)
    browser.post(at("evidence"), {"file": photo(), "add": "1"})
    for name, data in (
        ("a.jpg", b"<?php system(1);"), ("a.svg", b"<svg onload=alert(1)>"), ("a.pdf", b""),
        ("a.exe", b"MZ\x90\x00"), ("a.png", b"\x89PNG\r\n\x1a\n" + b"0" * 50),
    ):  # fmt: skip
        response = browser.post(at("evidence"), {"file": SimpleUploadedFile(name, data), "add": "1"})
        assert response.status_code == 400, name
        assert "材料 1" in response.content.decode(), "what was taken is still there"
    for _ in range(9):
        response = browser.post(at("evidence"), {"file": photo(), "add": "1"})
    assert "最多 9 个文件" in response.content.decode()
    answer(browser, "evidence", "review")
    file_it(browser)
    assert Complaint.objects.get().attachments.count() == 9


def test_nul_and_future_dates_come_back_with_the_rest(signed_in: Any, consumer: User, merchant_a: Merchant) -> None:
    browser = signed_in(consumer)
    browser.get("/complain/begin/", {"shop": merchant_a.public_code})
    answer(browser, "what", "facts", kinds="COMPLAINT")
    assert browser.post(at("facts"), FACTS | {"text": "a\x00bcdefg"}).status_code == 400
    assert browser.post(at("facts"), FACTS | {"text": "字" * 400_000}).status_code == 400
    late = browser.post(at("facts"), FACTS | {"happened_on": "2999-01-01"})
    assert "日期不能晚于今天" in late.content.decode()
    assert FACTS["text"] in late.content.decode(), "what was typed stays"
    answer(browser, "facts", "claim", **(FACTS | {"text": "卡被扣了两次😡，店员不认"}))


def test_an_agent_and_people_together(signed_in: Any, consumer: User, merchant_a: Merchant) -> None:
    browser = signed_in(consumer)
    browser.get("/complain/begin/", {"shop": merchant_a.public_code})
    answer(browser, "what", "facts", kinds="COMPLAINT")
    answer(browser, "facts", "claim", **FACTS)
    answer(browser, "claim", "who", **CLAIM)
    answer(browser, "who", "agent", **(WHO | {"for_whom": "AGENT"}))
    parent = {"represented_name": "周大爷", "represented_phone": "13700001111"}
    refused = browser.post(at("agent"), parent)
    assert "授权委托书" in refused.content.decode()
    answer(browser, "agent", "evidence", proof=photo("委托书.jpg"), **parent)
    answer(browser, "who", "joint", **(WHO | {"for_whom": "JOINT"}))
    wrong = browser.post(at("joint"), {"people": "王芳", "agreed": "on"})
    assert "姓名 手机号" in wrong.content.decode()
    answer(browser, "joint", "evidence", people="王芳 13800001111 代表\n李明，13800002222", agreed="on")
    answer(browser, "evidence", "review")
    file_it(browser)
    assert Complaint.objects.get().joint_complainants.count() == 3


def test_an_anonymous_report_can_be_followed_by_its_code_alone(
    signed_in: Any, consumer: User, merchant_a: Merchant
) -> None:
    browser = signed_in(consumer)
    browser.get("/complain/begin/", {"shop": merchant_a.public_code})
    answer(browser, "what", "facts", kinds="REPORT")
    answer(browser, "facts", "who", **FACTS)
    assert browser.post(at("who"), {"name": ""}).status_code == 400
    answer(browser, "who", "evidence", anonymous="on")
    answer(browser, "evidence", "review")
    sent = SmsMessage.objects.count()
    file_it(browser)
    report = ViolationReport.objects.get()
    assert report.reporter is None
    assert SmsMessage.objects.count() == sent
    assert browser.get(f"/my/complaints/{report.code}/").status_code == 404, "nobody's, not even the sender's"
    anyone = Client()
    found = anyone.post("/complain/track/", {"code": report.code_grouped})
    assert found["Location"] == f"/complain/track/{report.code}/"
    page = anyone.get(f"/complain/track/{report.code}/").content.decode()
    assert "身份保密" in page
    assert FACTS["text"] not in page
    assert merchant_a.brand_name not in page


def test_the_shop_first_only_where_it_is_enrolled(
    signed_in: Any, consumer: User, merchant_a: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(odr, "ENROLMENTS", [lambda pk: pk == merchant_a.pk])
    browser = signed_in(consumer)
    browser.get("/complain/begin/", {"shop": merchant_a.public_code})
    answer(browser, "what", "facts", kinds="COMPLAINT")
    answer(browser, "facts", "claim", **FACTS)
    answer(browser, "claim", "who", **CLAIM)
    answer(browser, "who", "evidence", **WHO)
    answer(browser, "evidence", "odr")
    answer(browser, "odr", "review", wants_odr="on")
    file_it(browser)
    assert Complaint.objects.get().status == "ODR_PENDING"


def test_other_matters_have_doors_of_their_own(signed_in: Any, consumer: User, merchant_a: Merchant) -> None:
    page = Client().get("/complain/other/").content.decode()
    assert "12388" in page
    asked = {"text": "预付卡过期还能退吗", "region_code": DISTRICT, "key": "k" * 20}
    stranger = Client()
    assert stranger.post("/complain/other/", asked)["Location"].startswith("/sign-in/phone/")
    assert "预付卡过期还能退吗" in stranger.get("/complain/other/").content.decode()
    browser = signed_in(consumer)
    assert browser.post("/complain/other/", asked)["Location"] == "/complain/done/"
    assert Consultation.objects.get().kind == "QUESTION"
    assert "5 个工作日" in browser.get("/complain/done/").content.decode()


def test_a_draft_is_kept_and_can_be_thrown_away(signed_in: Any, consumer: User, merchant_a: Merchant) -> None:
    browser = signed_in(consumer)
    browser.get("/complain/begin/", {"shop": merchant_a.public_code})
    assert "接着写" in browser.get("/complain/").content.decode()
    browser.post("/complain/discard/")
    assert "接着写" not in browser.get("/complain/").content.decode()

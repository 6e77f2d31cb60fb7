"""How it goes: by code and phone, as a list, on a page with its clock, and what one can do there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints import actions as complaints
from complaints.actions import Kind, Party, cases
from complaints.models import Clock, Complaint, Disclosure, Intake, Reminder, ViolationReport
from complaints.tracking import NOW, key_of, timeline
from core.actors import Actor
from core.errors import Invalid, WrongState
from core.models import AuditEvent, Membership, Role, User
from merchants.models import Merchant
from tests.cast import person
from tests.complaints.test_intake_filing import told

pytestmark = pytest.mark.django_db
ID_NUMBER = "11010519491231002X"


@pytest.fixture
def complaint(merchant_a: Merchant, consumer: User) -> Complaint:
    complaints.file_intake(told(merchant_id=merchant_a.pk), by=Actor.of_user(consumer))
    return Complaint.objects.get()


@pytest.fixture
def asked_for_id(complaint: Complaint, district_officer: User) -> Complaint:
    by = Actor.of_user(district_officer)
    complaints.assign("complaint", complaint.pk, district_officer.pk, by=by)
    return cases.request_id_proof(complaint.pk, by=by)


def page_of(complaint: Complaint) -> str:
    return f"/my/complaints/{complaint.code}/"


def do(browser: Client, row: Any, step: str, **data: Any) -> Any:
    page = browser.get(f"/my/complaints/{row.code}/{step}/")
    assert page.status_code == 200
    return browser.post(f"/my/complaints/{row.code}/{step}/", {"key": page.context["key"], **data})


def test_the_page_tells_what_happens_now_and_why_until_then(
    signed_in: Any, consumer: User, complaint: Complaint
) -> None:
    text = signed_in(consumer).get(page_of(complaint)).content.decode()
    assert complaint.code_grouped in text
    assert "您现在不用做什么" in text
    assert "怎么算的" in text
    assert "答复是否受理" in text
    assert "令121号 第15条" in text
    assert "已收到您的投诉" in text


def test_a_stranger_sees_nothing(
    signed_in: Any, complaint: Complaint, second_consumer: User, owner_a: User, district_officer: User
) -> None:
    assert Client().get(page_of(complaint)).status_code == 302
    for user in (second_consumer, owner_a, district_officer):
        browser = signed_in(user)
        assert browser.get(page_of(complaint)).status_code == 404
        assert browser.get(page_of(complaint) + "withdraw/").status_code == 404
        assert complaint.code not in browser.get("/my/complaints/").content.decode()


def test_by_code_and_phone(complaint: Complaint, consumer: User, second_consumer: User) -> None:
    for phone, status in (("13900000001", 200), ("13900000002", 404)):
        browser = Client()
        sent = browser.post("/complain/track/", {"code": complaint.code_grouped.lower(), "phone": phone})
        assert sent["Location"] == f"/sign-in/code/?next=%2Fmy%2Fcomplaints%2F{complaint.code}%2F"
        code = browser.session["demo_code"]
        arrived = browser.post(sent["Location"], {"code": code, "next": page_of(complaint)})
        assert browser.get(arrived["Location"]).status_code == status
    assert Client().post("/complain/track/", {"code": complaint.code}).status_code == 400
    assert Client().post("/complain/track/", {"code": "X", "phone": "1"}).status_code == 400


def test_the_list_takes_few_queries(signed_in: Any, consumer: User, merchant_a: Merchant) -> None:
    browser, counts = signed_in(consumer), []
    for size in (1, 12):
        for n in range(size):
            data = told(merchant_id=merchant_a.pk, text=f"第 {size} {n} 件事", kinds={Kind.COMPLAINT, Kind.REPORT})
            complaints.file_intake(data, by=Actor.of_user(consumer))
        with CaptureQueriesContext(connection) as asked:
            page = browser.get("/my/complaints/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert len(page.context["matters"]) == 20
    older = browser.get("/my/complaints/", {"before": page.context["next"]})
    assert len(older.context["matters"]) == 6
    assert browser.get("/my/complaints/", {"before": "x"}).status_code == 200


def test_withdrawing_ends_it_before_the_decision_only(
    signed_in: Any, consumer: User, complaint: Complaint, district_officer: User, merchant_a: Merchant
) -> None:
    browser = signed_in(consumer)
    assert do(browser, complaint, "withdraw").status_code == 302
    complaint.refresh_from_db()
    assert complaint.status == "WITHDRAWN"
    assert not Clock.objects.of(complaint).running().exists()
    assert "撤回" in browser.get(page_of(complaint)).content.decode()
    complaints.file_intake(told(merchant_id=merchant_a.pk, text="另一件事情"), by=Actor.of_user(consumer))
    second, by = Complaint.objects.latest("pk"), Actor.of_user(district_officer)
    complaints.assign("complaint", second.pk, district_officer.pk, by=by)
    cases.accept(second.pk, by=by)
    assert do(browser, second, "withdraw").status_code == 400


def test_reminding_reaches_the_officer_once_a_day(
    signed_in: Any, consumer: User, complaint: Complaint, district_officer: User
) -> None:
    browser = signed_in(consumer)
    assert "催办" not in browser.get(page_of(complaint)).content.decode(), "nobody has it yet"
    complaints.assign("complaint", complaint.pk, district_officer.pk, by=Actor.of_user(district_officer))
    assert "催办" in browser.get(page_of(complaint)).content.decode()
    assert do(browser, complaint, "remind").status_code == 302
    assert Reminder.objects.get(complaint=complaint).to_id == district_officer.pk
    assert do(browser, complaint, "remind").status_code == 400, "once a day"


def test_the_identity_number_is_checked_and_not_kept(
    signed_in: Any, consumer: User, second_consumer: User, asked_for_id: Complaint
) -> None:
    browser = signed_in(consumer)
    assert "提供身份证明" in browser.get(page_of(asked_for_id)).content.decode()
    assert do(browser, asked_for_id, "identity", id_number="110105194912310021").status_code == 400
    assert do(browser, asked_for_id, "identity", id_number=ID_NUMBER).status_code == 302
    person = Complaint.objects.get().complainant
    assert (len(person.id_number_idx), person.id_checked_at is not None) == (32, True)
    assert ID_NUMBER not in str([vars(row) for row in AuditEvent.objects.all()])
    assert Complaint.objects.get().status == "ASSIGNED"
    assert not Clock.objects.filter(code="ID_PROOF", state="RUNNING").exists()
    with pytest.raises(WrongState):
        complaints.prove_identity(asked_for_id.pk, ID_NUMBER, by=Actor.of_user(consumer))


def test_more_evidence_also_for_reports_without_saying_by_whom(
    signed_in: Any, consumer: User, merchant_a: Merchant, complaint: Complaint
) -> None:
    browser = signed_in(consumer)
    data = told(merchant_id=merchant_a.pk, kinds={Kind.REPORT}, text="没有公示价目")
    complaints.file_intake(data, by=Actor.of_user(consumer))
    report = ViolationReport.objects.get()
    for row in (complaint, report):
        pdf = SimpleUploadedFile("票据.pdf", b"%PDF-1.4\n%%EOF")
        assert do(browser, row, "evidence", file=pdf).status_code == 302
        assert row.attachments.count() == 1
    assert report.attachments.get().added_by is None
    assert AuditEvent.objects.get(verb="report.add_evidence").actor_id is None
    bad = SimpleUploadedFile("a.pdf", b"MZ")
    assert do(browser, complaint, "evidence", file=bad).status_code == 400
    text = browser.get(f"/my/complaints/{report.code}/").content.decode()
    assert "身份保密" in text
    assert browser.get(f"/my/complaints/{report.code}/withdraw/").status_code == 404


def test_withdrawing_together_needs_the_consent_of_the_represented(
    signed_in: Any, consumer: User, merchant_a: Merchant
) -> None:
    others = [Party(name="李明", phone="13700000001")]
    complaints.file_intake(told(merchant_id=merchant_a.pk, others=others), by=Actor.of_user(consumer))
    complaint, browser = Complaint.objects.get(), signed_in(consumer)
    assert do(browser, complaint, "withdraw").status_code == 400
    assert do(browser, complaint, "consent").status_code == 400, "a representative has nothing to consent to"
    represented = User.objects.enrol("13700000001")
    theirs = signed_in(represented)
    assert "同意由代表人处理" in theirs.get(page_of(complaint)).content.decode()
    assert theirs.post(page_of(complaint) + "withdraw/", {"key": "k" * 20}).status_code == 403
    assert do(theirs, complaint, "consent").status_code == 302
    assert do(browser, complaint, "withdraw").status_code == 302


def test_rating_closes_it(signed_in: Any, consumer: User, complaint: Complaint) -> None:
    browser = signed_in(consumer)
    assert do(browser, complaint, "rate", rating="3").status_code == 400
    Complaint.objects.update(status="CALLBACK", termination=4)
    assert do(browser, complaint, "rate", rating="9").status_code == 400
    assert do(browser, complaint, "rate", rating="2", text="还行").status_code == 302
    complaint.refresh_from_db()
    assert (complaint.status, complaint.rating, complaint.rating_text) == ("CLOSED", 2, "还行")


def test_every_state_says_what_happens_now() -> None:
    for model in (Complaint, ViolationReport):
        for status in model.Status.values:
            assert NOW[key_of(str(model._meta.model_name), status)][0]


def test_the_timeline_shows_no_words_of_the_bureau() -> None:
    now = timezone.now()
    lines = [
        ("complaint.register", now, {}),
        ("complaint.contact", now, {"note": "投诉人情绪激动", "side": "投诉人"}),
        ("complaint.hint", now, {"reason": "疑似职业索赔"}),
        ("complaint.answer", now, {"answer": "染膏已经用了"}),
    ]
    events = timeline("complaint.ASSIGNED", lines)
    assert [event.kind for event in events] == ["next", "now", "", ""]
    assert events[1].text == "「染膏已经用了」"
    assert "情绪" not in str(events)
    assert "职业" not in str(events)


def test_nobody_gives_the_identity_of_another(asked_for_id: Complaint, second_consumer: User, consumer: User) -> None:
    with pytest.raises(Invalid):
        complaints.prove_identity(asked_for_id.pk, "110", by=Actor.of_user(consumer))
    assert Intake.objects.get().phone_idx


def test_the_consumer_answers_a_delegation_and_objects_in_time(
    signed_in: Any, consumer: User, second_consumer: User, owner_a: User, complaint: Complaint, district_officer: User
) -> None:
    by, mediator = Actor.of_user(district_officer), person("13900000041", "方敏")
    Membership.objects.create(user=mediator, role=Role.MEDIATOR)
    complaints.assign("complaint", complaint.pk, district_officer.pk, by=by)
    cases.accept(complaint.pk, by=by)
    asked = complaints.propose_delegation(complaint.pk, "示范区人民调解委员会", mediator.pk, by=by)
    browser, shop = signed_in(consumer), signed_in(owner_a)
    text = browser.get(page_of(complaint)).content.decode()
    assert "示范区人民调解委员会，调解员方敏" in text and "同意人民调解" in text and "等您答复" in text
    assert "等您答复" in shop.get("/console/complaints/").content.decode()
    assert do(browser, complaint, "delegate").status_code == 302
    text = browser.get(page_of(complaint)).content.decode()
    assert "等商家答复" in text and "/no-delegate/" not in text
    assert "示范区人民调解委员会" in shop.get(f"/console/complaints/{complaint.code}/").content.decode()
    complaints.consent_to_delegation(asked.pk, agrees=False, by=Actor.of_user(owner_a))
    assert "没有委托人民调解" in browser.get(page_of(complaint)).content.decode()
    complaints.propose_delegation(complaint.pk, "示范区人民调解委员会", mediator.pk, by=by)
    assert do(browser, complaint, "no-delegate").status_code == 302
    assert complaint.mediation_assignments.filter(status="DECLINED").count() == 2
    # It ends without an agreement; what the public would read waits for objections.
    complaints.terminate(complaint.pk, 3, "双方分歧较大", by=by)
    complaints.notify(complaint.pk, by=by)
    assert complaint.receipts.get().replied_at is not None, "who files on the web is answered by being told"
    complaints.close(complaint.pk, 2, by=by)
    record = Disclosure.objects.get()
    text = browser.get(page_of(complaint)).content.decode()
    assert record.text in text and "对公示提出异议" in text
    assert signed_in(second_consumer).get(page_of(complaint) + "object/").status_code == 404
    with pytest.raises(WrongState):
        complaints.object_to_disclosure(
            record.pk, "说得不全面", by=Actor.of_user(consumer), on=record.objection_until + timedelta(days=1)
        )
    assert do(browser, complaint, "object", reason="好").status_code == 400
    assert do(browser, complaint, "object", reason="我没有拒绝调解").status_code == 302
    record.refresh_from_db()
    assert (record.status, record.objected_by) == ("OBJECTED", consumer)
    complaints.judge_disclosure(record.pk, "与记录一致，异议不成立", keep=True, by=by)
    assert "异议不成立" in browser.get(page_of(complaint)).content.decode()
    # Once judged, nobody takes it out of the public again by objecting.
    answer = do(browser, complaint, "object", reason="还是不同意公示")
    assert answer.status_code == 400 and "不再重复处理" in answer.content.decode()

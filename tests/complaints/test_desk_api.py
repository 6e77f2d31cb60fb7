"""Delegations, proofs of identity, malice, the public record, interviews, notices and evidence over the API."""

from __future__ import annotations

import uuid
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from complaints import actions as complaints
from complaints.actions import Kind
from complaints.models import Complaint, Disclosure, MaliceFlag, RegulatoryInterview, ViolationReport
from core.models import AuditEvent, IdempotencyKey, Membership, Role, StoredFile, User
from merchants.models import Merchant
from prepaid.models import Contract
from tests.api.caller import PREFIX, Caller
from tests.cast import DISTRICT, person
from tests.complaints.case_scenes import assigned, complaint_of
from tests.complaints.test_intake_filing import told
from tests.prepaid.scenes import who

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(contract: Contract, consumer: User, district_officer: User) -> Complaint:
    now = timezone.now()
    return assigned(complaint_of(contract.merchant, consumer, received=now, contract=contract), district_officer, now)


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, "JPEG")
    return out.getvalue()


def sent(caller: Caller, path: str, key: str = "", name: str = "a.jpg", data: bytes = b"", **more: Any) -> Any:
    """A multipart call."""
    body = {**more, "file": SimpleUploadedFile(name, data or picture())}
    return caller.client.post(PREFIX + path, body, headers={"Idempotency-Key": key or uuid.uuid4().hex})


def test_evidence_comes_in_once_and_only_from_the_one_who_complains(
    case: Complaint, consumer: User, second_consumer: User, owner_a: User, district_officer: User, merchant_a: Merchant
) -> None:
    me, path = Caller(consumer), f"/complaints/{case.code}/evidence"
    first = sent(me, path, "evidence-1")
    again = sent(me, path, "evidence-1")
    assert (first.status_code, again.status_code, case.attachments.count()) == (201, 201, 1)
    assert first.json()["media_type"] == "image/jpeg" and again["Idempotent-Replayed"] == "true"
    assert sent(me, path, "evidence-1", data=picture() + b"x").status_code == 422
    assert sent(me, path, name="a.exe", data=b"MZ\x90").status_code == 400
    assert sent(Caller(second_consumer), path).status_code == 404
    complaints.accept(case.pk, by=who(district_officer))
    assert [sent(Caller(one), path).status_code for one in (owner_a, district_officer)] == [403, 403]
    complaints.file_intake(told(kinds=frozenset({Kind.REPORT}), merchant_id=merchant_a.pk), by=who(consumer))
    report = ViolationReport.objects.get()
    answer = sent(me, f"/my-reports/{report.code}/evidence")
    assert answer.status_code == 201 and report.attachments.count() == 1
    assert sent(Caller(district_officer), f"/my-reports/{report.code}/evidence").status_code == 404
    others = IdempotencyKey.objects.exclude(key="evidence-1").values_list("reference", flat=True)
    assert list(others) == [None], "no key leads from a person to a report"
    assert StoredFile.objects.latest("pk").uploaded_by is None
    assert not AuditEvent.objects.filter(verb="report.add_evidence", actor_id=consumer.pk, actor_kind=1).exists()


def test_both_sides_answer_a_delegation_and_the_mediator_reports(
    case: Complaint, consumer: User, owner_a: User, district_officer: User, second_consumer: User
) -> None:
    mediator = person("13900000041", "方敏")
    Membership.objects.create(user=mediator, role=Role.MEDIATOR)
    officer, path = Caller(district_officer), f"/complaints/{case.code}"
    officer.did(f"{path}/request-id-proof")
    assert Caller(consumer).post(f"{path}/prove-id", {"id_number": "123"}).status_code == 400
    proved = Caller(consumer).did(f"{path}/prove-id", {"id_number": "11010519491231002X"})
    assert proved["status"] == "ASSIGNED" and "11010519491231002X" not in str(proved)
    officer.did(f"{path}/accept")
    body = {"committee": "示范区人民调解委员会", "mediator_id": mediator.pk}
    assert Caller(owner_a).post(f"{path}/propose-delegation", body).status_code == 403
    officer.did(f"{path}/propose-delegation", body)
    (row,) = Caller(consumer).saw("/delegations", complaint=case.code)["results"]
    one = f"/delegations/{row['id']}"
    assert Caller(second_consumer).get(one).status_code == 404
    assert Caller(consumer).did(f"{one}/answer", {"agrees": True})["status"] == "PROPOSED"
    assert Caller(owner_a).did(f"{one}/answer", {"agrees": True})["status"] == "CONSENTED"
    assert Caller(owner_a).post(f"{one}/begin").status_code == 403
    helper = Caller(mediator)
    assert helper.did(f"{one}/begin")["allowed"] == ["agree", "fail"]
    assert helper.did(f"{one}/end", {"outcome": "退两千元，再无争议", "agreed_fen": 200_000})["status"] == "AGREED"
    done = officer.did(f"{one}/confirm", {"number": "(2026)浙0199诉前调确1号", "on": "2026-11-20"})
    assert (done["status"], done["agreed_yuan"]) == ("JUDICIAL_CONFIRMED", "2,000.00")


def test_malice_and_the_public_record_are_judged_by_officers(
    case: Complaint, consumer: User, owner_a: User, clerk_a: User, district_officer: User
) -> None:
    officer, shop, me, path = Caller(district_officer), Caller(owner_a), Caller(consumer), f"/complaints/{case.code}"
    officer.did(f"{path}/accept")
    assert sent(Caller(clerk_a), f"{path}/flag-malice", reason="没有来消费过").status_code == 403
    flag = sent(shop, f"{path}/flag-malice", "malice-1", reason="没有来消费过").json()
    assert flag["status"] == "RAISED" and MaliceFlag.objects.count() == 1
    one = f"/malice-flags/{flag['id']}"
    assert me.get(one).status_code == 404 and me.saw("/malice-flags")["results"] == []
    assert shop.post(f"{one}/judge", {"uphold": True, "finding": "证据确实"}).status_code == 403
    judged = officer.did(f"{one}/judge", {"uphold": False, "finding": "有消费记录，不认定"})
    assert judged["status"] == "REJECTED"
    officer.did(f"{path}/terminate", {"ground": 3, "reason": "双方分歧较大"})
    officer.did(f"{path}/notify")
    me.did(f"{path}/close", {"rating": 2})
    record = Disclosure.objects.get()
    two = f"/disclosures/{record.pk}"
    assert shop.did(f"{two}/reply", {"reply": "我们已经改进服务"})["merchant_reply"] == "我们已经改进服务"
    assert me.did(f"{two}/object", {"reason": "说得不全面"})["objection"] == "说得不全面"
    assert shop.saw(two)["objection"] == "" and officer.saw(two)["objection"] == "说得不全面"
    assert me.post(f"{two}/judge", {"keep": False, "reason": "不要公示"}).status_code == 403
    assert officer.did(f"{two}/judge", {"keep": True, "reason": "与记录一致，公示"})["status"] == "PUBLISHED"
    assert shop.post(f"{two}/object", {"reason": "还是不同意"}).status_code == 409


def test_interviews_and_notices_are_made_by_those_who_answer_for_the_place(
    merchant_a: Merchant, owner_a: User, district_officer: User, second_officer: User, other_officer: User,
    auditor: User,
) -> None:  # fmt: skip
    officer, soon = Caller(district_officer), (timezone.now() + timedelta(days=3)).isoformat()
    body = {
        "merchant": merchant_a.public_code, "topics": "多起退卡投诉没有解决", "meets_at": soon, "place": "监管所",
        "second_officer": second_officer.pk,
    }  # fmt: skip
    assert [Caller(one).post("/interviews", body).status_code for one in (owner_a, other_officer, auditor)] == [
        403,
        404,
        403,
    ]
    assert officer.post("/interviews", body | {"second_officer": district_officer.pk}).status_code == 400
    made = officer.did("/interviews", body)
    one = f"/interviews/{made['code']}"
    assert officer.did(f"{one}/hold", {"minutes": "商家说明了情况"})["minutes"] == "商家说明了情况"
    assert Caller(owner_a).saw(one)["minutes"] == ""
    officer.did(f"{one}/commit", {"commitments": "一周内全部退款", "due_on": "2026-12-01"})
    assert officer.did(f"{one}/check", {"finding": "已经全部退款", "kept": True})["kept"] is True
    assert RegulatoryInterview.objects.get().status == "CHECKED"
    notice = {
        "merchant": merchant_a.public_code, "facts": "三个月内十起退卡投诉", "basis": "实施条例第22条",
        "due_on": (timezone.localdate() + timedelta(days=10)).isoformat(), "items": ["七日内退清余款", "公示退卡办法"],
    }  # fmt: skip
    assert [Caller(one).post("/supervision-notices", notice).status_code for one in (owner_a, auditor)] == [403, 403]
    issued = officer.did("/supervision-notices", notice)
    assert len(issued["items"]) == 2 and issued["status"] == "ISSUED"
    to_department = {key: value for key, value in notice.items() if key != "merchant"}
    assert Caller(auditor).post("/supervision-notices", to_department).status_code == 403
    assert officer.post("/supervision-notices", to_department).status_code == 400
    other = officer.did("/supervision-notices", to_department | {"region": DISTRICT, "department": "SPORTS"})
    assert other["department"] == "SPORTS" and other["merchant"] is None

"""One case, many receipts: proposed to an officer, merged once, answered once in the form of every source."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from complaints import actions as complaints
from complaints.actions import Kind, NewIntake, Party
from complaints.actions.merging import proposed_for, shop_key, with_twins
from complaints.actions.replies import batches, waiting
from complaints.models import Clock, Complaint, Receipt
from core.actors import SYSTEM
from core.errors import Invalid, NotAllowed, NotFound, WrongState
from core.models import AuditEvent, Role, SmsMessage, User
from merchants.models import Merchant
from tests.cast import DISTRICT, OTHER_STREET, STREET, officer
from tests.pages.admin_desk import text_of
from tests.prepaid.scenes import forbidden, refused, who

pytestmark = pytest.mark.django_db
PHONE = "13700000009"
START = timezone.now() - timedelta(days=3)


@pytest.fixture
def desk(db: None) -> User:
    return officer("13900000031", "孙丽", Role.DISPATCHER, DISTRICT)


@pytest.fixture
def handler(db: None) -> User:
    return officer("13900000061", "所员", Role.STATION_OFFICER, STREET)


def came(no: str, channel: str = "HOTLINE_12345", hours: int = 0, **more: Any) -> Complaint:
    """One order, some hours after the first."""
    given: dict[str, Any] = {
        "channel": channel, "source_no": no, "text": f"关门不退余额 {no}", "region_code": STREET, "claim": "退款",
        "respondent_name": "跃岚健身有限公司", "party": Party(name="王芳", phone=PHONE),
        "received_at": START + timedelta(hours=hours), "reply_due_at": START + timedelta(days=5, hours=hours),
    }  # fmt: skip
    complaints.file_intake(NewIntake(**(given | more)), by=SYSTEM)
    return Complaint.objects.get(receipts__intake__source_no=no)


def three() -> list[Complaint]:
    return [
        came("S1"),
        came("P2", "PLATFORM_12315", 5, respondent_name="跃岚 健身"),
        came("M3", "MALL", 9, region_code=DISTRICT),
    ]


def test_the_same_person_and_shop_is_proposed_and_nobody_else(desk: User, handler: User, merchant_a: Merchant) -> None:
    first, second, third = three()
    came("X1", party=Party(name="别人", phone="13700000010"))
    came("X2", respondent_name="另一家店")
    came("X3", received_at=START - timedelta(days=31), reply_due_at=None)
    assert shop_key("跃岚（健身） 有限公司") == "跃岚健身"
    assert [row.pk for row in proposed_for(first, by=who(desk))] == [second.pk, third.pk]
    assert [row.pk for row in proposed_for(second, by=who(desk))] == [first.pk, third.pk]
    assert [row.pk for row in proposed_for(first, by=who(handler))] == [second.pk], "only what one may see"
    # A merchant of the portal and the name it goes by are one shop; two merchants are not.
    named = came("N1", respondent_name=merchant_a.brand_name, party=Party(name="李", phone="13700000011"))
    known = came("N2", merchant_id=merchant_a.pk, party=Party(name="李", phone="13700000011"))
    assert proposed_for(named, by=SYSTEM) == [known]
    listed = set(with_twins(Complaint.objects.all()).values_list("pk", flat=True))
    assert listed == {named.pk, known.pk, first.pk, third.pk}, "as written; the page compares closely"


def test_merged_each_source_keeps_number_and_limit_and_the_person_is_told(desk: User) -> None:
    first, second, third = three()
    complaints.note_contact(third.pk, "COMPLAINANT", "核对了诉求", by=who(desk))
    into = complaints.merge_complaints(first.pk, [second.pk, third.pk], by=who(desk))
    rows = into.receipts.order_by("intake__received_at").values_list("intake__source_no", "reply_due_at")
    assert list(rows) == [
        (no, START + timedelta(days=5, hours=hours)) for no, hours in (("S1", 0), ("P2", 5), ("M3", 9))
    ]  # fmt: skip
    for row in (second, third):
        row.refresh_from_db()
        assert (row.status, row.merged_into, row.next_due_at) == ("MERGED", into, None)
        assert row.closed_at is not None
        assert not Clock.objects.of(row).running().exists()
    assert into.first_contact_at is not None, "the person was reached already"
    assert set(Clock.objects.of(into).running().values_list("code", flat=True)) == {"ASSIGN", "ACCEPT"}
    told = [one.text for one in SmsMessage.objects.all() if "合并办理" in one.text]
    assert len(told) == 2
    assert all(into.code_grouped in text for text in told)
    assert AuditEvent.objects.filter(verb="complaint.merge").count() == 2
    refused(WrongState, lambda: complaints.merge_complaints(first.pk, [second.pk], by=who(desk)))
    # The same order sent once more is still known, and leads to the case.
    assert came("P2", "PLATFORM_12315", 5, respondent_name="跃岚 健身") == into


def test_what_is_not_the_same_is_not_merged(
    desk: User, handler: User, merchant_a: Merchant, merchant_b: Merchant, district_officer: User
) -> None:
    first, second, third = three()
    stranger = came("X1", party=Party(name="别人", phone="13700000010"))
    refused(Invalid, lambda: complaints.merge_complaints(first.pk, [stranger.pk], by=who(desk)))
    refused(Invalid, lambda: complaints.merge_complaints(second.pk, [first.pk], by=who(desk)))
    refused(Invalid, lambda: complaints.merge_complaints(first.pk, [], by=who(desk)))
    refused(NotFound, lambda: complaints.merge_complaints(first.pk, [10**9], by=who(desk)))
    refused(NotFound, lambda: complaints.merge_complaints(first.pk, [third.pk], by=who(handler)))
    elsewhere = officer("13900000062", "别处", Role.STATION_OFFICER, OTHER_STREET)
    refused(NotFound, lambda: complaints.merge_complaints(first.pk, [second.pk], by=who(elsewhere)))
    at_a, at_b = (came(f"B{one.pk}", merchant_id=one.pk) for one in (merchant_a, merchant_b))
    refused(Invalid, lambda: complaints.merge_complaints(at_a.pk, [at_b.pk], by=who(desk)))
    Complaint.objects.filter(pk=first.pk).update(complainant=second.complainant_id)
    second.complainant.user = desk
    second.complainant.save()
    forbidden(lambda: complaints.merge_complaints(first.pk, [third.pk], by=who(desk)))
    assert not Complaint.objects.filter(status="MERGED").exists()


def test_the_case_page_proposes_and_merges(desk: User, signed_in: Any, django_assert_max_num_queries: Any) -> None:
    first, second, _ = three()
    client = signed_in(desk)
    page = reverse("admin:complaints_complaint_change", args=[first.pk])
    text = text_of(client.get(page))
    assert "可能是同一件事：2 件" in text
    assert PHONE not in text
    act = reverse("admin:complaints_complaint_act", args=[first.pk, "take_in"])
    assert second.code_grouped in text_of(client.get(act))
    assert client.post(act, {"others": [second.pk], "key": "merge-once-1"}).status_code == 302
    client.post(act, {"others": [second.pk], "key": "merge-once-1"})
    text = text_of(client.get(page))
    assert "来件 2 份，合一个案子" in text and "已经并进来的" in text
    assert "已并件" in text_of(client.get(reverse("admin:complaints_complaint_change", args=[second.pk])))
    listing = reverse("admin:complaints_complaint_changelist")
    with django_assert_max_num_queries(16):
        assert first.code_grouped in text_of(client.get(listing, {"scope": "all", "same": "yes"}))


def answered(desk: User) -> Complaint:
    """Merged, told, waiting for the call-back."""
    first, second, third = three()
    complaints.merge_complaints(first.pk, [second.pk, third.pk], by=who(desk))
    Complaint.objects.filter(pk=first.pk).update(
        status="CALLBACK", reply="经调解，商家退 100 元", recovered_fen=10_000, claim_fen=20_000
    )
    return first


def test_the_reply_goes_back_once_in_the_form_of_each_source(desk: User, other_officer: User, signed_in: Any) -> None:
    first = answered(desk)
    came("S9")  # not answered yet
    assert [row.intake.source_no for row in waiting("HOTLINE_12345", by=who(desk))] == ["S1"]
    assert not waiting("HOTLINE_12345", by=who(other_officer)).exists()
    moment, count = complaints.send_replies("PLATFORM_12315", by=who(desk))
    assert count == 1
    assert Receipt.objects.get(intake__source_no="P2").replied_at == moment
    assert Receipt.objects.filter(replied_at=None).count() == 3
    refused(Invalid, lambda: complaints.send_replies("PLATFORM_12315", by=who(desk)))
    client, address = signed_in(desk), reverse("admin:complaints_replies")
    assert "S1" in text_of(client.get(address, {"channel": "HOTLINE_12345"}))
    assert client.post(address, {"channel": "HOTLINE_12345"}).status_code == 302
    ((moment, n),) = batches("HOTLINE_12345", by=who(desk))
    assert n == 1
    got = client.get(reverse("admin:complaints_replies_export"), {"channel": "HOTLINE_12345", "at": moment.isoformat()})
    lines = b"".join(got.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("工单编号,办理单位")
    assert lines[1].startswith("S1,") and "经调解，商家退 100 元" in lines[1]
    ((moment, n),) = batches("PLATFORM_12315", by=who(desk))
    got = client.get(
        reverse("admin:complaints_replies_export"),
        {"channel": "PLATFORM_12315", "at": moment.isoformat(), "format": "xlsx"},
    )
    sheet: Any = load_workbook(BytesIO(b"".join(got.streaming_content))).active
    assert [cell.value for cell in sheet[2]][:5] == ["P2", "双方达成一致", "经调解，商家退 100 元", 200, 100]
    assert AuditEvent.objects.filter(verb="complaint.reply_to_source", object_id=str(first.pk)).count() == 2


def test_only_the_desk_sends_replies_and_never_of_an_own_case(desk: User, owner_a: User) -> None:
    first = answered(desk)
    refused(NotAllowed, lambda: complaints.send_replies("MALL", by=who(owner_a)))
    refused(Invalid, lambda: complaints.send_replies("WEB", by=who(desk)))
    first.complainant.user = desk
    first.complainant.save()
    refused(Invalid, lambda: complaints.send_replies("MALL", by=who(desk)))


def test_questions_and_reports_are_no_part_of_it(desk: User) -> None:
    complaints.file_intake(
        NewIntake(
            channel="HOTLINE_12345", source_no="Q1", kinds=frozenset({Kind.QUESTION}), text="年卡怎么退",
            region_code=STREET, party=Party(name="王芳", phone=PHONE),
        ),
        by=SYSTEM,
    )  # fmt: skip
    assert proposed_for(came("S1"), by=SYSTEM) == []
    assert isinstance(START, datetime)

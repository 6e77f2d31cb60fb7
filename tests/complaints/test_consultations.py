"""Questions are answered from templates, petitions pointed to the right door; neither by a stranger."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from complaints import actions as complaints
from complaints.actions import Kind, NewIntake, Party
from complaints.models import Clock, Consultation, ReplyTemplate
from core.actors import SYSTEM
from core.errors import Invalid, NotFound, WrongState
from core.models import Role, SmsMessage, User
from tests.cast import DISTRICT, STREET, officer
from tests.pages.admin_desk import text_of
from tests.prepaid.scenes import forbidden, refused, who

pytestmark = pytest.mark.django_db
PHONE = "13700000009"


@pytest.fixture
def desk(db: None) -> User:
    return officer("13900000031", "孙丽", Role.DISPATCHER, DISTRICT)


def asked(kind: Kind = Kind.QUESTION, no: str = "Q1") -> Consultation:
    data = NewIntake(
        channel="HOTLINE_12345", source_no=no, kinds=frozenset({kind}), text="年卡没用完怎么退", region_code=STREET,
        party=Party(name="王芳", phone=PHONE),
    )  # fmt: skip
    complaints.file_intake(data, by=SYSTEM)
    return Consultation.objects.get(receipts__intake__source_no=no)


def test_an_answer_stops_the_limit_and_is_told(desk: User, other_officer: User, owner_a: User) -> None:
    row = asked()
    refused(Invalid, lambda: complaints.answer_consultation(row.pk, "好", by=who(desk)))
    refused(NotFound, lambda: complaints.answer_consultation(row.pk, "按合同退余款", by=who(other_officer)))
    row = complaints.answer_consultation(row.pk, "按合同约定退还余款", by=who(desk))
    assert (row.status, row.reply, row.next_due_at) == ("ANSWERED", "按合同约定退还余款", None)
    assert row.closed_at is not None
    assert Clock.objects.get(consultation=row).state == Clock.State.STOPPED
    assert any("已答复" in one.text for one in SmsMessage.objects.all())
    refused(WrongState, lambda: complaints.point_consultation(row.pk, "请找信访部门", by=who(desk)))
    petition = asked(Kind.PETITION, "P1")
    assert complaints.point_consultation(petition.pk, "请向县信访局反映", by=who(desk)).status == "ROUTED"
    own = asked(no="Q2")
    own.person.user = desk  # type: ignore[union-attr]
    own.person.save()  # type: ignore[union-attr]
    forbidden(lambda: complaints.answer_consultation(own.pk, "自己答复自己", by=who(desk)))
    _, count = complaints.send_replies("HOTLINE_12345", by=who(desk))
    assert count == 2


def test_heads_keep_templates_and_the_page_answers_with_them(
    desk: User, city_chief: User, signed_in: Any, django_assert_max_num_queries: Any
) -> None:
    forbidden(lambda: complaints.keep_template("退卡", "七日内没用过可退本金。", by=who(desk)))
    made = {"title": "退卡", "text": "七日内没用过可退本金。", "is_active": "on", "key": "template-1"}
    address = reverse("admin:complaints_replytemplate_new")
    assert signed_in(desk).post(address, made).status_code == 403
    assert signed_in(city_chief).post(address, made).status_code == 302
    template = ReplyTemplate.objects.get()
    row, client = asked(), signed_in(desk)
    assert "退卡" in text_of(client.get(reverse("admin:complaints_replytemplate_changelist")))
    with django_assert_max_num_queries(16):
        listing = client.get(reverse("admin:complaints_consultation_changelist"), {"scope": "open"})
    assert row.code_grouped in text_of(listing)
    page = reverse("admin:complaints_consultation_change", args=[row.pk])
    text = text_of(client.get(page))
    assert "年卡没用完怎么退" in text and PHONE not in text
    act = reverse("admin:complaints_consultation_act", args=[row.pk, "answer"])
    assert "答复模板" in text_of(client.get(act))
    assert client.post(act, {"reply": "", "key": "answer-000"}).status_code == 400
    done = client.post(act, {"template": template.pk, "reply": "请带合同来窗口。", "key": "answer-001"})
    assert done.status_code == 302
    row.refresh_from_db()
    assert row.reply == "七日内没用过可退本金。\n请带合同来窗口。"

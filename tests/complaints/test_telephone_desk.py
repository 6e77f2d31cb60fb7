"""The telephone desk: who calls, three fields saved while they talk, what becomes of it, and callers who threaten."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from complaints.actions import calls
from complaints.actions.calls import CallKind, Filing, Typed
from complaints.callers import caller_of
from complaints.models import (
    CallDraft,
    Clock,
    Complaint,
    Consultation,
    Contact,
    Receipt,
    ReplyTemplate,
    ViolationReport,
)
from complaints.workload import abusive_among
from core.errors import Invalid, WrongState
from core.models import AuditEvent, Role, SmsMessage, User
from merchants.models import Merchant
from tests.cast import DISTRICT, STREET, officer
from tests.pages.admin_desk import SignIn, text_of
from tests.prepaid.scenes import forbidden, refused, unseen, who

pytestmark = pytest.mark.django_db
PHONE = "13700000009"
SAID = "年卡没用完，店里说不能退"


@pytest.fixture
def desk(db: None) -> User:
    return officer("13900000031", "孙丽", Role.DISPATCHER, DISTRICT)


@pytest.fixture
def colleague(db: None) -> User:
    return officer("13900000032", "周强", Role.DISPATCHER, DISTRICT)


def talked(by: User, phone: str = PHONE, *, name: str = "王芳", shop: str = "A造型", story: str = SAID) -> CallDraft:
    """A call with its three fields written down."""
    draft = calls.start_call(phone, by=who(by), at=timezone.now() - timedelta(minutes=20))
    typed = Typed(name=name, phone=phone, shop=shop, story=story)
    return calls.save_call(draft.pk, typed, version=0, by=who(by))


def test_a_call_becomes_a_complaint_and_the_talk_is_the_first_contact(
    desk: User, colleague: User, other_officer: User, consumer: User, merchant_a: Merchant
) -> None:
    forbidden(lambda: calls.start_call(PHONE, by=who(consumer)))
    refused(Invalid, lambda: calls.start_call("123", by=who(desk)))
    draft = talked(desk)
    assert AuditEvent.objects.get(verb="call.start").facts["last4"] == "0009"
    # Another number, not complete yet, is kept as it stands; two who write do not overwrite each other.
    half = calls.save_call(draft.pk, Typed(phone="1370", story=SAID), version=1, by=who(colleague))
    assert (half.phone, half.phone_idx, half.version) == ("1370", "", 2)
    refused(WrongState, lambda: calls.save_call(draft.pk, Typed(story="晚到的"), version=1, by=who(desk)))
    refused(Invalid, lambda: calls.save_call(draft.pk, Typed(story="\x00"), version=2, by=who(desk)))
    unseen(lambda: calls.save_call(draft.pk, Typed(), version=2, by=who(other_officer)))
    filing = Filing(kind=CallKind.COMPLAINT, merchant_id=merchant_a.pk, cause="REFUND", claim="退余款")
    refused(Invalid, lambda: calls.file_call(draft.pk, filing, by=who(desk)))
    draft.refresh_from_db()
    assert draft.status == "TALKING" and draft.story == SAID, "nothing is half done"
    calls.save_call(draft.pk, Typed(name="王芳", phone=PHONE, story=SAID), version=2, by=who(desk))
    intake = calls.file_call(draft.pk, filing, by=who(colleague))
    row = Complaint.objects.get(receipts__intake=intake)
    assert (intake.channel, intake.received_at, row.merchant) == ("HOTLINE_12315", draft.started_at, merchant_a)
    contact = Contact.objects.get(complaint=row)
    assert (contact.direction, contact.side, contact.officer) == ("IN", "COMPLAINANT", colleague)
    assert row.first_contact_at == contact.at == draft.started_at
    assert Clock.objects.get(complaint=row, code="FIRST_CONTACT").state == "STOPPED"
    assert Clock.objects.get(complaint=row, code="ACCEPT").started_at == draft.started_at
    draft.refresh_from_db()
    assert (draft.status, draft.name, draft.phone, draft.story, draft.intake) == ("FILED", "", "", "", intake)
    refused(WrongState, lambda: calls.file_call(draft.pk, filing, by=who(desk)))
    # A year later: the same number asks how it goes.
    again = talked(desk, story="催问退款进度，很着急")
    caller = caller_of(again, by=who(desk))
    assert [row.code for row in caller.matters] == [row.code] and caller.hint == ""
    assert caller_of(again, by=who(other_officer)).matters == []
    calls.note_call(again.pk, row, by=who(desk))
    assert row.contacts.count() == 2 and CallDraft.objects.get(pk=again.pk).phone_idx == ""


def test_a_question_is_answered_at_once_and_a_report_leaves_nothing_behind(desk: User) -> None:
    draft = talked(desk, story="会员卡转让要不要手续费")
    filing = Filing(kind=CallKind.QUESTION, region_code=STREET, reply="凭合同办理，不得收费。")
    intake = calls.file_call(draft.pk, filing, by=who(desk))
    question = Consultation.objects.get(receipts__intake=intake)
    assert (question.status, question.reply) == ("ANSWERED", "凭合同办理，不得收费。")
    assert Contact.objects.filter(consultation=question).count() == 1
    assert Receipt.objects.get(intake=intake).replied_at is not None, "told on the telephone and by message"
    petition = talked(desk, story="拆迁补偿的事要反映")
    told = Filing(kind=CallKind.PETITION, region_code=STREET, reply="请向县信访局反映。")
    assert Consultation.objects.get(
        receipts__intake=calls.file_call(petition.pk, told, by=who(desk))
    ).status == "ROUTED"  # fmt: skip
    for kind, name in ((CallKind.REPORT, "赵敏"), (CallKind.BOTH, "赵敏"), (CallKind.REPORT, "")):
        call = talked(desk, "13700000010", name=name, shop="黑店", story=f"价目表没有公示{kind}{name}")
        bad = Filing(kind=CallKind.REPORT, region_code=STREET, abuse="骂了很难听的话")
        refused(Invalid, lambda call=call, bad=bad: calls.file_call(call.pk, bad, by=who(desk)))
        calls.file_call(call.pk, Filing(kind=kind, region_code=STREET), by=who(desk))
        call.refresh_from_db()
        assert (call.phone_idx, call.intake, call.status) == ("", None, "FILED")
    assert [one.reporter is None for one in ViolationReport.objects.order_by("pk")] == [False, False, True]
    once_more = talked(desk, "13700000010")
    known = caller_of(once_more, by=who(desk))
    assert {type(row) for row in known.matters} == {Complaint} and not known.calls, "reports are not found by a number"


def test_who_threatens_is_marked_and_goes_round(
    desk: User, colleague: User, merchant_a: Merchant, signed_in: SignIn, consumer: User
) -> None:
    draft = talked(desk, consumer.phone)
    filing = Filing(kind=CallKind.COMPLAINT, merchant_id=merchant_a.pk)
    row = Complaint.objects.get(receipts__intake=calls.file_call(draft.pk, filing, by=who(desk)))
    contact = row.contacts.get()
    forbidden(lambda: calls.mark_abuse(contact.pk, "骂人很难听", by=who(consumer)))
    refused(Invalid, lambda: calls.mark_abuse(contact.pk, "骂", by=who(desk)))
    calls.mark_abuse(contact.pk, "说要来单位堵门", by=who(desk))
    assert abusive_among([row]) == {row.pk}
    again = talked(desk, consumer.phone)
    caller = caller_of(again, by=who(desk))
    assert "1 次" in caller.hint and "换人接听" in caller.hint and "周强" in caller.hint
    assert "第二人" in caller_of(again, by=who(colleague)).hint
    page = text_of(signed_in(desk).get(reverse("admin:complaints_call", args=[again.pk])))
    assert "说要来单位堵门" in page and consumer.phone[-8:] not in page.replace(" ", "")
    assert "说要来单位堵门" in text_of(signed_in(desk).get(f"/admin/complaints/complaint/{row.pk}/change/"))
    own = text_of(signed_in(consumer).get(reverse("complaints:matter", args=[row.code])))
    assert "您来电说明" in own and "堵门" not in own and "辱骂" not in own
    calls.discard_call(again.pk, "接通就骂，没有说事", abusive=True, by=who(colleague))
    assert len(caller_of(talked(desk, consumer.phone), by=who(desk)).abuse) == 2
    calls.mark_abuse(contact.pk, "听录音是误会", abusive=False, by=who(colleague))
    assert [one.officer for one in caller_of(talked(desk, consumer.phone), by=who(desk)).abuse] == [desk]


def test_the_pages_save_while_one_talks_and_lose_nothing(
    desk: User, colleague: User, other_officer: User, auditor: User, merchant_a: Merchant, signed_in: SignIn,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    client, start = signed_in(desk), reverse("admin:complaints_desk")
    begun = client.post(start, {"phone": PHONE, "key": "call-key-1"})
    draft = CallDraft.objects.get()
    page = reverse("admin:complaints_call", args=[draft.pk])
    assert begun["Location"] == page and client.post(start, {"phone": PHONE, "key": "call-key-1"})["Location"] == page
    assert client.post(start, {"phone": "12", "key": "call-key-2"}).status_code == 400
    typed = {"phone": PHONE, "name": "王芳", "shop": "A造", "story": "年卡没", "version": "0"}
    saved = client.post(page, typed, headers={"Accept": "application/json"})
    assert json.loads(saved.content)["version"] == 1
    late = client.post(page, typed, headers={"Accept": "application/json"})
    assert late.status_code == 409 and "同事刚改过" in json.loads(late.content)["message"]
    onward = client.post(page, typed | {"story": SAID, "version": "1", "then": "file"})
    filing = reverse("admin:complaints_call_file", args=[draft.pk])
    assert onward["Location"] == filing
    assert signed_in(other_officer).get(page).status_code == 404 and signed_in(auditor).get(page).status_code == 403
    peer = signed_in(colleague)
    for n in range(3):
        talked(desk, story=f"还没登记的第 {n} 件")
    with django_assert_max_num_queries(14):
        text = text_of(peer.get(start))
    assert "还没登记的第 0 件" in text and PHONE not in text and "孙丽" in text
    with django_assert_max_num_queries(18):
        assert "A造型" in text_of(peer.get(filing))
    template = ReplyTemplate.objects.create(title="退卡", text="七日内没用过可退本金。")
    form = {
        "kind": "COMPLAINT",
        "merchant": merchant_a.pk,
        "cause": "REFUND",
        "template": template.pk,
        "key": "file-key-1",
    }
    assert "不能当场答复" in text_of(peer.post(filing, form))
    done = peer.post(filing, form | {"template": "", "key": "file-key-2"})
    row = Complaint.objects.get()
    assert done["Location"] == f"/admin/complaints/complaint/{row.pk}/change/"
    assert any(row.code_grouped in one.text for one in SmsMessage.objects.all())
    assert client.post(page, typed, headers={"Accept": "application/json"}).status_code == 409
    other = talked(desk, story="问那件投诉怎么样了")
    joined = reverse("admin:complaints_call_join", args=[other.pk])
    assert peer.post(joined, {"code": "ABCDABCDABCDABCD", "key": "join-key-1"}).status_code == 400
    assert peer.post(joined, {"code": row.code_grouped, "key": "join-key-2"}).status_code == 302
    last = talked(desk, "", name="", story="打错了")
    gone = reverse("admin:complaints_call_discard", args=[last.pk])
    assert peer.post(gone, {"reason": "错", "key": "gone-key-1"}).status_code == 400
    assert peer.post(gone, {"reason": "打错电话，不是我们的事", "key": "gone-key-2"})["Location"] == start
    assert CallDraft.objects.get(pk=last.pk).story == "打错了"

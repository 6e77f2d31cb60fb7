"""One coming-in is split, timed, told and kept once, whatever channel it came by."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints import actions as complaints
from complaints import odr
from complaints.actions import Agent, Kind, NewIntake, Party
from complaints.models import Clock, Complainant, Complaint, Consultation, Intake, Receipt, Reporter, ViolationReport
from core.actors import SYSTEM, Actor, ActorKind
from core.errors import Invalid, NotAllowed, NotFound
from core.models import AuditEvent, Membership, OutboxEvent, Role, SmsMessage, User
from core.uploads import store
from merchants.models import Merchant
from prepaid.models import Contract
from tests.cast import CITY, DISTRICT, OTHER_STREET, STREET, officer

pytestmark = pytest.mark.django_db
ME = Party(name="周桂芬", address="示范路 8 号 2 幢 301")
BOTH = frozenset({Kind.COMPLAINT, Kind.REPORT})
PDF = b"%PDF-1.4\n%%EOF"


def told(**more: Any) -> NewIntake:
    """A complaint as the web sends it."""
    given: dict[str, Any] = {
        "text": "9月20日染发，说好 200，扣了 300", "claim": "退回多扣的 100 元", "claim_fen": 10_000, "party": ME,
    }  # fmt: skip
    return NewIntake(**(given | more))


def ordered(no: str, **more: Any) -> NewIntake:
    """An order as the 12345 hotline sends it."""
    given: dict[str, Any] = {
        "channel": "HOTLINE_12345", "source_no": no, "text": "市民反映理发店不退余额", "region_code": STREET,
        "respondent_name": "快剪", "party": Party(name="王芳", phone="13700000009"), "claim": "退款",
    }  # fmt: skip
    return NewIntake(**(given | more))


@pytest.fixture
def desk(db: None) -> User:
    return officer("13900000031", "孙丽", Role.DISPATCHER, DISTRICT)


def test_a_mixed_intake_becomes_two_matters_with_their_own_clocks(merchant_a: Merchant, consumer: User) -> None:
    data = told(kinds=BOTH, merchant_id=merchant_a.pk, report_text="价目表没有公示")
    intake = complaints.file_intake(data, by=Actor.of_user(consumer))
    complaint, report = Complaint.objects.get(), ViolationReport.objects.get()
    assert intake.status == "SPLIT"
    assert [(r.complaint_id, r.report_id) for r in Receipt.objects.filter(intake=intake)] == [
        (complaint.pk, None), (None, report.pk),
    ]  # fmt: skip
    assert set(Clock.objects.of(complaint).values_list("code", flat=True)) == {"ASSIGN", "FIRST_CONTACT", "ACCEPT"}
    assert set(Clock.objects.of(report).values_list("code", flat=True)) == {"VERIFY"}
    assert complaint.next_due_at == min(Clock.objects.of(complaint).values_list("due_at", flat=True))
    assert (complaint.region_id, complaint.industry_id) == (merchant_a.region_id, merchant_a.industry_id)
    assert report.facts == "价目表没有公示"
    assert complaint.complainant.name == "周桂芬"
    assert complaint.complainant.phone == consumer.phone
    assert complaint.merchant_told_at is None, "the shop hears of it from the bureau"


def test_the_reporter_is_sealed(merchant_a: Merchant, consumer: User) -> None:
    complaints.file_intake(told(kinds={Kind.REPORT}, merchant_id=merchant_a.pk), by=Actor.of_user(consumer))
    report = ViolationReport.objects.get()
    assert report.reporter is not None
    assert report.reporter.user == consumer
    line = AuditEvent.objects.get(verb="report.register")
    assert line.actor_id is None, "the line must not lead to the reporter"
    assert not Complainant.objects.exists()
    assert consumer.phone not in str(line.facts)


def test_an_anonymous_report_keeps_nobody(merchant_a: Merchant, consumer: User) -> None:
    before = SmsMessage.objects.count()
    data = told(kinds={Kind.REPORT}, anonymous=True, merchant_id=merchant_a.pk)
    intake = complaints.file_intake(data, by=Actor.of_user(consumer))
    assert ViolationReport.objects.get().reporter is None
    assert (intake.phone_idx, intake.entered_by) == ("", None)
    assert SmsMessage.objects.count() == before
    assert not Reporter.objects.exists()
    with pytest.raises(Invalid) as error:
        complaints.file_intake(told(anonymous=True, merchant_id=merchant_a.pk), by=Actor.of_user(consumer))
    assert "第10条" in error.value.fields["anonymous"]


def test_the_message_has_the_code_and_no_link(merchant_a: Merchant, consumer: User) -> None:
    complaints.file_intake(told(merchant_id=merchant_a.pk), by=Actor.of_user(consumer))
    text = SmsMessage.objects.latest("pk").text
    assert Complaint.objects.get().code_grouped in text
    assert "http" not in text
    assert "100" not in text
    assert OutboxEvent.objects.filter(topic="core.sms", key__startswith="intake:").count() == 1


def test_the_same_words_within_a_minute_are_one_intake(
    merchant_a: Merchant, merchant_b: Merchant, consumer: User, second_consumer: User
) -> None:
    by = Actor.of_user(consumer)
    first = complaints.file_intake(told(merchant_id=merchant_a.pk), by=by)
    assert complaints.file_intake(told(merchant_id=merchant_a.pk), by=by) == first
    assert complaints.file_intake(told(merchant_id=merchant_b.pk), by=by) != first
    assert complaints.file_intake(told(merchant_id=merchant_a.pk), by=Actor.of_user(second_consumer)) != first
    Intake.objects.filter(pk=first.pk).update(received_at=timezone.now() - timedelta(minutes=2))
    assert complaints.file_intake(told(merchant_id=merchant_a.pk), by=by) != first
    assert (Complaint.objects.count(), Receipt.objects.count()) == (4, 4)


def test_a_source_keeps_one_intake_per_number(desk: User) -> None:
    by = Actor.of_user(desk)
    first = complaints.file_intake(ordered("A-1"), by=by)
    assert complaints.file_intake(ordered("A-1", text="市民再次来电，补充说明"), by=by) == first
    other = complaints.file_intake(ordered("A-1", channel="PLATFORM_12315"), by=by)
    assert other != first
    assert first.entered_by == desk


def test_a_batch_says_for_each_row_what_became_of_it(desk: User) -> None:
    by = Actor.of_user(desk)
    rows = [
        ordered("B-1"), ordered("B-2", region_code="999"), ordered("B-1"), ordered("B-3", text="短"),
        ordered("B-4", received_at=timezone.now() + timedelta(days=1)), ordered("B-5", party=Party(name="无号")),
    ]  # fmt: skip
    made = complaints.file_intakes(rows, by=by)
    assert isinstance(made[0], Intake)
    assert made[2] == made[0]
    wrong = [one.fields if isinstance(one, Invalid) else None for one in made]
    assert [sorted(one) if one else None for one in wrong] == [
        None, ["region"], None, ["text"], ["received_at"], ["phone"],
    ]  # fmt: skip
    assert Intake.objects.count() == 1


def test_many_rows_take_as_many_statements_as_one(desk: User) -> None:
    by = Actor.of_user(desk)
    complaints.file_intake(ordered("warm"), by=by)
    counts = []
    for size in (2, 40):
        rows = [ordered(f"{size}-{n}", kinds=BOTH) for n in range(size)]
        with CaptureQueriesContext(connection) as asked:
            complaints.file_intakes(rows, by=by)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_one_web_complaint_is_lean(merchant_a: Merchant, consumer: User) -> None:
    by = Actor.of_user(consumer)
    complaints.file_intake(told(merchant_id=merchant_a.pk, text="先来一件暖一暖"), by=by)
    with CaptureQueriesContext(connection) as asked:
        complaints.file_intake(told(merchant_id=merchant_a.pk), by=by)
    assert len([one for one in asked if "SAVEPOINT" not in one["sql"]]) <= 11


@pytest.mark.parametrize(
    ("day", "pack"), [(date(2026, 4, 10), "CN.COMPLAINT.20"), (date(2026, 4, 16), "CN.COMPLAINT.121")]
)
def test_the_rules_are_those_of_the_day_it_was_received(desk: User, day: date, pack: str) -> None:
    at = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
    complaints.file_intake(ordered("R-1", received_at=at), by=Actor.of_user(desk))
    assert Clock.objects.get(code="ACCEPT").pack_id == pack


def test_what_a_complaint_must_have(merchant_a: Merchant, consumer: User) -> None:
    by = Actor.of_user(consumer)
    with pytest.raises(Invalid) as error:
        complaints.file_intake(NewIntake(text="  ", happened_on=date(2999, 1, 1), claim_fen=-1, party=Party()), by=by)
    assert set(error.value.fields) == {
        "text", "claim", "claim_fen", "happened_on", "name", "address", "region", "respondent_name",
        "respondent_address",
    }  # fmt: skip
    for field, text in (("text", "字" * 4001), ("claim", "a\x00b"), ("text", "\ud800 好好说")):
        with pytest.raises(Invalid) as error:
            complaints.file_intake(told(merchant_id=merchant_a.pk, **{field: text}), by=by)
        assert set(error.value.fields) == {field}
    assert not Intake.objects.exists()
    complaints.file_intake(told(merchant_id=merchant_a.pk, text="卡被扣了两次😡，店员不认"), by=by)


def test_a_card_brings_shop_and_place_and_only_ones_own(
    contract: Contract, consumer: User, second_consumer: User, desk: User
) -> None:
    complaints.file_intake(told(contract_id=contract.pk), by=Actor.of_user(consumer))
    complaint = Complaint.objects.get()
    assert (complaint.contract, complaint.merchant_id) == (contract, contract.merchant_id)
    assert (complaint.store, complaint.region_id) == (contract.store, contract.store.region_id)
    for stranger in (second_consumer, desk):
        with pytest.raises(NotFound):
            complaints.file_intake(told(contract_id=contract.pk), by=Actor.of_user(stranger))


def test_a_shop_that_settles_first_gets_it_first(
    merchant_a: Merchant, consumer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = told(merchant_id=merchant_a.pk, wants_odr=True)
    complaints.file_intake(data, by=Actor.of_user(consumer))
    assert Complaint.objects.get().status == "REGISTERED", "no enrolment, no detour"
    monkeypatch.setattr(odr, "ENROLMENTS", [lambda pk: pk == merchant_a.pk])
    complaints.file_intake(
        told(merchant_id=merchant_a.pk, wants_odr=True, text="又一件别的事"), by=Actor.of_user(consumer)
    )
    complaint = Complaint.objects.latest("pk")
    assert complaint.status == "ODR_PENDING"
    assert complaint.merchant_told_at is not None
    assert [clock.code for clock in Clock.objects.of(complaint)] == ["ODR"]


def test_an_agent_brings_a_power_of_attorney(merchant_a: Merchant, second_consumer: User) -> None:
    by = Actor.of_user(second_consumer)
    parent = Party(name="周桂芬", phone="13800008888", address="示范路 8 号")
    with pytest.raises(Invalid) as error:
        agent = Agent(name="林悦", phone=second_consumer.phone, proof=None)
        complaints.file_intake(told(merchant_id=merchant_a.pk, party=parent, agent=agent), by=by)
    assert "第11条" in error.value.fields["proof"]
    proof = store(SimpleUploadedFile("委托书.pdf", PDF), title="授权委托书", by=by)
    agent = Agent(name="林悦", phone=second_consumer.phone, proof=proof)
    complaints.file_intake(told(merchant_id=merchant_a.pk, party=parent, agent=agent, files=[proof]), by=by)
    person = Complaint.objects.get().complainant
    assert (person.name, person.phone, person.agent_name) == ("周桂芬", "+8613800008888", "林悦")
    assert person.user == second_consumer, "the agent follows it"
    told_parent = SmsMessage.objects.latest("pk")
    assert (told_parent.phone, "代您投诉" in told_parent.text) == ("+8613800008888", True)
    assert Complaint.objects.get().attachments.get().added_by == second_consumer


def test_people_who_complain_together(merchant_a: Merchant, consumer: User, second_consumer: User) -> None:
    by = Actor.of_user(consumer)
    others = [
        Party(name="林悦", phone=second_consumer.phone, is_representative=True),
        Party(name="王强", phone="13700000001"),
    ]
    three = [*others, Party(name="多", phone="13700000002", is_representative=True)]
    twice = [*others, Party(name="双", phone=second_consumer.phone)]
    for wrong in (three, twice, [Party(name="", phone="13700000003")]):
        with pytest.raises(Invalid) as error:
            complaints.file_intake(told(merchant_id=merchant_a.pk, others=wrong), by=by)
        assert set(error.value.fields) == {"joint"}
    complaints.file_intake(told(merchant_id=merchant_a.pk, others=others), by=by)
    rows = list(Complaint.objects.get().joint_complainants.select_related("complainant"))
    assert [(row.complainant.name, row.is_representative) for row in rows] == [
        ("周桂芬", True), ("林悦", True), ("王强", False),
    ]  # fmt: skip


def test_a_shop_that_was_never_public_cannot_be_named_by_its_number(merchant_a: Merchant, consumer: User) -> None:
    store = merchant_a.stores.get()
    Merchant.objects.update(status=Merchant.Status.SUBMITTED)
    for named in ({"merchant_id": merchant_a.pk}, {"store_id": store.pk}, {"store_id": 10**12}):
        with pytest.raises(NotFound):
            complaints.file_intake(told(**named), by=Actor.of_user(consumer))
    Merchant.objects.update(status=Merchant.Status.EXITED)
    complaints.file_intake(told(store_id=store.pk), by=Actor.of_user(consumer))
    assert Complaint.objects.get().store == store


def test_questions_and_petitions_are_no_complaints(consumer: User) -> None:
    data = NewIntake(kinds=frozenset({Kind.PETITION}), text="我想举报你们局的工作人员", region_code=DISTRICT)
    complaints.file_intake(data, by=Actor.of_user(consumer))
    question = Consultation.objects.get()
    assert question.kind == "PETITION"
    assert Clock.objects.get().code == "ANSWER"
    assert not Complaint.objects.exists()


def test_who_may_enter_for_others(consumer: User, owner_a: User, desk: User, merchant_a: Merchant) -> None:
    for by in (Actor.of_user(consumer), Actor.of_user(owner_a)):
        with pytest.raises(NotAllowed):
            complaints.file_intake(ordered("C-1"), by=by)
    landline = Party(name="来信人", phone="0571-87654321")
    complaints.file_intake(ordered("C-2", channel="MAIL", party=landline), by=Actor.of_user(desk))
    assert Complaint.objects.get().complainant.phone == "057187654321"
    complaints.file_intake(ordered("C-3"), by=SYSTEM)


def test_who_signs_in_finds_what_was_filed_by_telephone(desk: User, signed_in: Any) -> None:
    complaints.file_intake(ordered("D-1"), by=Actor.of_user(desk))
    assert Complaint.objects.get().complainant.user is None
    user = User.objects.enrol("13700000009")
    signed_in(user)
    assert list(Complaint.objects.visible_to(Actor.of_user(user))) == [Complaint.objects.get()]


def test_the_client_of_a_channel_serves_its_channel_and_place(db: None) -> None:
    account = User.objects.enrol("13600000001", "12345 平台")
    Membership.objects.create(user=account, role=Role.API_CLIENT, region_id=CITY, department="HOTLINE_12345")
    by = Actor(ActorKind.CLIENT, 1, account)
    complaints.file_intake(ordered("E-1"), by=by)
    for wrong in (ordered("E-2", channel="PLATFORM_12315"), ordered("E-3", region_code=OTHER_STREET), told()):
        with pytest.raises(NotAllowed):
            complaints.file_intake(wrong, by=by)
    assert list(Intake.objects.visible_to(by)) == [Intake.objects.get()]

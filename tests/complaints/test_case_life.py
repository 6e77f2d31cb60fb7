"""The life of a complaint: its dates by hand, who may take which step, and what each clock says."""

from datetime import date

import pytest
from django.test import Client

from complaints import actions as complaints
from complaints import case_jobs
from complaints.models import Clock, Complaint, Contact, Disclosure, JointComplainant, Mediation, Party
from core.errors import Invalid, WrongState
from core.models import SmsMessage, User
from merchants.models import Merchant
from tests.complaints.case_scenes import REASON, accepted, assigned, at, clock_of, complaint_of, in_mediation
from tests.prepaid.scenes import forbidden, refused, unseen, verbs, who

pytestmark = pytest.mark.django_db
Code = Clock.Code


@pytest.fixture
def fresh_case(merchant_a: Merchant, consumer: User) -> Complaint:
    return complaint_of(merchant_a, consumer, received=at("2026-09-24"))


def now(row: Complaint) -> Complaint:
    return Complaint.objects.get(pk=row.pk)


def test_dates_around_national_day(fresh_case: Complaint, merchant_a: Merchant, consumer: User) -> None:
    # 25 September and 1 to 7 October are off; 20 September and 10 October are worked.
    assert clock_of(fresh_case, Code.ACCEPT).due_on == date(2026, 10, 12)
    other = complaint_of(merchant_a, consumer, received=at("2026-08-03"))
    officer = User.objects.enrol("13900000031", "许可")
    from core.models import Membership, Role

    Membership.objects.create(user=officer, role=Role.STATION_OFFICER, region_id="330199001")
    accepted(other, officer, at("2026-08-05"))
    # Sixty days end on 4 October, a holiday: the first day after it is the 8th.
    clock = clock_of(other, Code.MEDIATE)
    assert clock.due_on == date(2026, 10, 8) and clock.why() is not None
    assert now(other).next_due_at == Clock.objects.filter(complaint=other).running().earliest("due_at").due_at


def test_the_law_of_the_day_it_was_received(merchant_a: Merchant, consumer: User, district_officer: User) -> None:
    old = accepted(complaint_of(merchant_a, consumer, received=at("2026-04-10")), district_officer, at("2026-04-17"))
    new = accepted(complaint_of(merchant_a, consumer, received=at("2026-04-16")), district_officer, at("2026-04-17"))
    of_20, of_121 = clock_of(old, Code.MEDIATE), clock_of(new, Code.MEDIATE)
    assert (of_20.amount, of_20.unit, of_20.pack_id) == (45, "working_day", "CN.COMPLAINT.20")
    assert (of_121.amount, of_121.unit, of_121.pack_id) == (60, "natural_day", "CN.COMPLAINT.121")
    # 60 days from 17 April: 16 June.
    assert of_121.due_on == date(2026, 6, 16)


def test_accepting_tells_both_and_answers_the_clock(
    fresh_case: Complaint, district_officer: User, owner_a: User
) -> None:
    unseen(lambda: complaints.answer_complaint(fresh_case.pk, REASON, by=who(owner_a)))
    accepted(fresh_case, district_officer, at("2026-09-28"))
    row = now(fresh_case)
    assert (row.status, row.decided_by, row.handler) == ("ACCEPTED", district_officer, district_officer)
    assert row.merchant_told_at == at("2026-09-28") and row.merchant is not None
    assert clock_of(row, Code.ACCEPT).state == "STOPPED" and not clock_of(row, Code.ACCEPT).is_late
    texts = [message.text for message in SmsMessage.objects.all()]
    assert len(texts) == 2 and not any("http" in text for text in texts)
    complaints.answer_complaint(row.pk, "我们愿意协商，按合同办", by=who(owner_a))
    assert now(row).merchant_reply == "我们愿意协商，按合同办"
    refused(WrongState, lambda: complaints.accept(row.pk, by=who(district_officer)))


def test_a_refusal_names_ground_reason_and_the_five_ways(fresh_case: Complaint, district_officer: User) -> None:
    assigned(fresh_case, district_officer, at("2026-09-25"))
    refused(Invalid, lambda: complaints.refuse(fresh_case.pk, 8, REASON, by=who(district_officer)))
    refused(Invalid, lambda: complaints.refuse(fresh_case.pk, 4, "晚", by=who(district_officer)))
    row = complaints.refuse(fresh_case.pk, 4, "买卡至今已过四年", by=who(district_officer), at=at("2026-09-28"))
    assert row.status == "NOT_ACCEPTED" and row.closed_at is not None and row.next_due_at is None
    assert "第16条第4项" in row.reply and "买卡至今已过四年" in row.reply
    assert all(f"{n}、" in row.reply for n in "一二三四五") and "第39条" in row.reply
    assert not Clock.objects.filter(complaint=row).running().exists()


def test_a_stranger_sees_nothing_and_nobody_decides_on_an_own_case(
    fresh_case: Complaint, merchant_a: Merchant, district_officer: User, other_officer: User, owner_b: User,
    consumer: User, second_officer: User,
) -> None:  # fmt: skip
    assigned(fresh_case, district_officer, at("2026-09-25"))
    for stranger in (other_officer, owner_b):
        unseen(lambda: complaints.accept(fresh_case.pk, by=who(stranger)))  # noqa: B023  called at once
    forbidden(lambda: complaints.accept(fresh_case.pk, by=who(consumer)))
    own = complaint_of(merchant_a, district_officer, received=at("2026-09-24"))
    said = refused(Invalid, lambda: assigned(own, district_officer, at("2026-09-25")))
    assert "回避" in said.fields["handler"]
    assigned(own, second_officer, at("2026-09-25"))
    forbidden(lambda: complaints.accept(own.pk, by=who(district_officer)))
    forbidden(lambda: complaints.unmask_complainant(own.pk, "电话核实情况", by=who(district_officer)))
    refused(Invalid, lambda: assigned(fresh_case, other_officer, at("2026-09-25")))


def test_the_first_call_answers_the_first_contact(fresh_case: Complaint, district_officer: User) -> None:
    by = who(district_officer)
    complaints.note_contact(fresh_case.pk, "COMPLAINANT", "没有接通，改天再打", by=by, reached=False)
    assert now(fresh_case).first_contact_at is None
    complaints.note_contact(fresh_case.pk, "COMPLAINANT", "核对了诉求", by=by, at=at("2026-09-24", 15))
    assert clock_of(fresh_case, Code.FIRST_CONTACT).state == "STOPPED"
    assert Contact.objects.filter(complaint=fresh_case).count() == 2


def test_days_of_testing_do_not_count(merchant_a: Merchant, consumer: User, district_officer: User) -> None:
    row = in_mediation(
        complaint_of(merchant_a, consumer, received=at("2026-05-06")), district_officer, at("2026-05-08")
    )
    by = who(district_officer)
    # 60 days from 8 May: 7 July.
    assert clock_of(row, Code.MEDIATE).due_on == date(2026, 7, 7)
    complaints.suspend(row.pk, Mediation.Pause.TESTING, "送省质检院检测，费用双方各半", by=by, on=date(2026, 5, 20))
    assert now(row).status == "SUSPENDED" and clock_of(row, Code.MEDIATE).state == "PAUSED"
    assert case_jobs.mediation_overdue(date(2026, 12, 1), 0)["done"] == 0
    complaints.resume(row.pk, by=by, on=date(2026, 6, 3))
    clock = clock_of(row, Code.MEDIATE)
    # Fourteen days stood still.
    assert (now(row).status, clock.due_on) == ("MEDIATING", date(2026, 7, 21))
    why = clock.why()
    assert why is not None and "14日" in why.sentence


def test_nobody_is_mediated_without_both_consents(
    fresh_case: Complaint, district_officer: User, owner_a: User, consumer: User
) -> None:
    accepted(fresh_case, district_officer, at("2026-09-28"))
    by, when = who(district_officer), at("2026-10-12")
    complaints.consent_to_mediation(fresh_case.pk, by=who(consumer))
    refused(WrongState, lambda: complaints.mediate(fresh_case.pk, when, "调解室", by=by, at=at("2026-09-29")), "同意")
    assert now(fresh_case).status == "ACCEPTED"
    complaints.consent_to_mediation(fresh_case.pk, by=who(owner_a), party=Party.COMPLAINANT)
    row = Mediation.objects.get()
    assert row.agreed_by_both
    complaints.mediate(fresh_case.pk, when, "视频会议", remote=True, by=by, at=at("2026-09-29"))
    assert now(fresh_case).status == "MEDIATING"
    assert SmsMessage.objects.count() == 4


def test_time_over_ends_it_by_itself_once(merchant_a: Merchant, consumer: User, district_officer: User) -> None:
    row = accepted(complaint_of(merchant_a, consumer, received=at("2026-08-03")), district_officer, at("2026-08-05"))
    assert case_jobs.mediation_overdue(date(2026, 10, 8), 0)["done"] == 0
    assert case_jobs.mediation_overdue(date(2026, 10, 9), 0)["done"] == 1
    assert case_jobs.mediation_overdue(date(2026, 10, 9), 0)["done"] == 0
    row = now(row)
    assert (row.status, row.termination) == ("TERMINATED", Complaint.Termination.TIME_OVER)
    assert "第23条第5项" in row.reply and "第39条" in row.reply
    # Seven working days from 9 October, the Saturday of the 10th worked: the 19th.
    assert clock_of(row, Code.TERMINATE_NOTICE).due_on == date(2026, 10, 19)
    complaints.notify(row.pk, by=who(district_officer), at=at("2026-10-12"))
    complaints.close(row.pk, 1, "没有谈成", by=who(consumer), at=at("2026-10-13"))
    assert now(row).rating == 1 and now(row).next_due_at is None
    assert verbs(row)[-3:] == ["complaint.terminate", "complaint.notify", "complaint.close"]


def test_a_joint_complaint_is_not_withdrawn_over_the_heads_of_the_others(
    fresh_case: Complaint, merchant_a: Merchant, consumer: User, second_consumer: User
) -> None:
    other = complaint_of(merchant_a, second_consumer, received=at("2026-09-24")).complainant
    JointComplainant.objects.create(complaint=fresh_case, complainant=fresh_case.complainant, is_representative=True)
    JointComplainant.objects.create(complaint=fresh_case, complainant=other)
    refused(WrongState, lambda: complaints.withdraw(fresh_case.pk, by=who(consumer)), "第12条")
    assert now(fresh_case).status == "REGISTERED"
    complaints.consent_to_end(fresh_case.pk, by=who(second_consumer))
    assert complaints.withdraw(fresh_case.pk, by=who(consumer)).status == "WITHDRAWN"


def test_the_public_record_waits_for_objections(
    fresh_case: Complaint, district_officer: User, owner_a: User, consumer: User
) -> None:
    row = accepted(fresh_case, district_officer, at("2026-09-28"))
    by = who(district_officer)
    complaints.terminate(row.pk, 2, "商家不愿意调解", by=by, at=at("2026-09-29"))
    complaints.notify(row.pk, by=by, at=at("2026-09-29"))
    complaints.close(row.pk, 2, by=by, at=at("2026-09-30"))
    record = Disclosure.objects.get()
    # Ten working days from 30 September: 8, 9, 10 (worked), 12 to 16, 19, 20.
    assert record.objection_until == date(2026, 10, 20)
    assert consumer.name not in record.text and "周" not in record.text and "退款难" in record.text
    assert case_jobs.publish_disclosures(date(2026, 10, 20), 0)["done"] == 0
    complaints.reply_to_disclosure(record.pk, "我们已经改进服务", by=who(owner_a))
    forbidden(lambda: complaints.judge_disclosure(record.pk, REASON, by=who(owner_a), keep=False))
    assert case_jobs.publish_disclosures(date(2026, 10, 21), 0)["done"] == 1
    page = f"/shops/{row.merchant.public_code}/complaints/"  # type: ignore[union-attr]
    html = Client().get(page).content.decode()
    assert record.text in html and "我们已经改进服务" in html and consumer.name not in html
    complaints.object_to_disclosure(record.pk, "不是我们店的问题", by=who(owner_a))
    assert record.text not in Client().get(page).content.decode()
    assert not Disclosure.objects.published().exists()
    complaints.judge_disclosure(record.pk, "异议没有依据", by=by, keep=True, on=date(2026, 10, 22))
    assert Disclosure.objects.published().get().merchant_reply == "我们已经改进服务"

"""The morning sweep: warned before, reminded and taken upwards after, everybody told once, nothing without an owner."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from complaints import actions as complaints
from complaints.actions import clocks
from complaints.models import Clock, Complaint, Escalation, EscalationNote, Reminder
from core.actors import SYSTEM
from core.calendar import Calendar, calendar, end_of_day
from core.clocks import CHINA
from core.errors import Invalid, NotAllowed, WrongState
from core.jobs import run_day
from core.models import AuditEvent, Membership, OutboxEvent, Role, SmsMessage, User
from merchants.models import Merchant
from tests.cast import CITY, DISTRICT, STREET, officer
from tests.complaints.case_scenes import complaint_of
from tests.prepaid.scenes import who

pytestmark = pytest.mark.django_db
# Received on Thursday 09-24: accepted by 10-12. The week of 10-12 is plain.
RECEIVED = datetime(2026, 9, 24, 10, tzinfo=CHINA)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.fixture
def handler(db: None) -> User:
    return officer("13900000061", "所员", Role.STATION_OFFICER, STREET)


@pytest.fixture
def case(merchant_a: Merchant, consumer: User, handler: User) -> Complaint:
    """Assigned and called in time: only the decision is open, due on 10-12."""
    row = complaint_of(merchant_a, consumer, received=RECEIVED)
    complaints.assign("complaint", row.pk, handler.pk, by=SYSTEM, at=RECEIVED)
    row.refresh_from_db()
    clocks.stop(row, "FIRST_CONTACT", at=RECEIVED)
    row.save()
    return row


def accept_clock() -> Clock:
    return Clock.objects.get(code="ACCEPT")


def sweep(on: str) -> dict[str, int]:
    return complaints.sweep_clocks(day(on), by=SYSTEM)


def test_warned_three_days_and_one_day_before(case: Complaint, handler: User) -> None:
    """10-12 is the third working day after 10-08, the first after 10-10."""
    assert sweep("2026-09-30")["warned"] == 0
    assert sweep("2026-10-08")["warned"] == 1
    assert accept_clock().warned_days == 3
    again = sweep("2026-10-08")
    assert (again["warned"], again["told"]) == (0, 0)
    assert sweep("2026-10-09")["warned"] == 0
    assert sweep("2026-10-10")["warned"] == 1 and accept_clock().warned_days == 1
    assert sweep("2026-10-12")["warned"] == 0
    texts = [row.text for row in SmsMessage.objects.filter(user=handler).order_by("pk")]
    assert len(texts) == 4 and "今天到期 1 件" in texts[-1] and "近期到期 1 件" in texts[0]
    assert OutboxEvent.objects.filter(key__startswith="complaints.digest:").count() == 4
    assert not Escalation.objects.exists()


def test_taken_upwards_with_a_name_at_each_level(
    case: Complaint, handler: User, district_officer: User, city_chief: User
) -> None:
    leader = officer("13900000071", "包案领导", Role.LEADER, CITY)
    seen = []
    for on in ("2026-10-12", "2026-10-13", "2026-10-14", "2026-10-19", "2026-10-20", "2026-10-26", "2026-10-27"):
        sweep(on)
        found = Escalation.objects.select_related("owner").first()
        seen.append((on[5:], found.level, found.owner) if found else (on[5:], "", None))
    assert seen == [
        ("10-12", "", None),
        ("10-13", "STATION", handler),
        ("10-14", "COUNTY", district_officer),
        ("10-19", "COUNTY", district_officer),
        ("10-20", "CITY", city_chief),
        ("10-26", "CITY", city_chief),
        ("10-27", "LEADER", leader),
    ]
    case.refresh_from_db()
    assert (case.level, accept_clock().escalated_to) == ("LEADER", "LEADER")
    assert Escalation.objects.count() == 1 and Reminder.objects.get().to == handler
    verbs = list(AuditEvent.objects.filter(object_type="complaints.Escalation").order_by("id").values_list("verb"))
    assert [verb for (verb,) in verbs] == ["escalation.open", *["escalation.raise"] * 3]


def test_a_level_without_a_person_is_passed_over(case: Complaint, handler: User, city_chief: User) -> None:
    """No county reviewer: the city answers at once; nobody above the city: it stays there."""
    sweep("2026-10-14")
    row = Escalation.objects.get()
    assert (row.level, row.owner, row.reason) == ("CITY", city_chief, "受理决定期限逾期，系统提级")
    sweep("2026-10-28")
    row.refresh_from_db()
    assert (row.level, row.owner) == ("CITY", city_chief)
    assert sweep("2026-10-28")["overdue"] == 0


def test_nobody_at_all_is_counted_not_invented(merchant_a: Merchant, consumer: User) -> None:
    complaint_of(merchant_a, consumer, received=RECEIVED)
    result = sweep("2026-10-30")
    assert result["unowned"] >= 1 and not Escalation.objects.exists()
    assert Reminder.objects.filter(to=None).count() == 3


def test_an_owner_is_no_party(case: Complaint, district_officer: User, second_officer: User) -> None:
    assert case.merchant
    Membership.objects.create(user=district_officer, role=Role.MERCHANT_STAFF, merchant_id=case.merchant.pk)
    sweep("2026-10-14")
    assert Escalation.objects.get().owner == second_officer


def test_the_job_runs_once_a_day_and_an_answered_clock_is_left_alone(case: Complaint, handler: User) -> None:
    clocks.stop(case, "ACCEPT", at=RECEIVED)
    case.save()
    (result,) = run_day("complaints.deadline_sweep", day("2026-10-20"))
    assert (result["warned"], result["overdue"], result["told"]) == (0, 0, 0)


def test_a_paused_clock_is_not_swept_and_a_longer_limit_begins_anew(case: Complaint) -> None:
    sweep("2026-10-10")
    clocks.pause(case, "ACCEPT", on=day("2026-10-10"))
    assert sweep("2026-11-02")["overdue"] == 0
    clocks.resume(case, "ACCEPT", on=day("2026-11-02"))
    clock = accept_clock()
    assert (clock.due_on, clock.warned_days, clock.escalated_to) == (day("2026-11-03"), None, "")


def test_a_date_that_rested_on_an_unpublished_year_is_counted_again(
    merchant_a: Merchant, consumer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = complaint_of(merchant_a, consumer, received=datetime(2026, 12, 25, 10, tzinfo=CHINA))
    clock = accept_clock()
    assert (clock.due_on, clock.provisional) == (day("2027-01-06"), True)
    sweep("2026-12-28")
    assert accept_clock().provisional
    known = calendar()
    special = {**known.special, day("2027-01-01"): (False, "元旦"), day("2027-01-04"): (False, "元旦")}
    published = Calendar(special, date(2027, 12, 31))
    for module in ("complaints.actions.clocks", "complaints.actions.clock_sweep"):
        monkeypatch.setattr(f"{module}.calendar", lambda: published)
    assert sweep("2026-12-29")["recounted"] >= 1
    clock = accept_clock()
    assert (clock.due_on, clock.provisional) == (day("2027-01-07"), False)
    assert clock.due_at == end_of_day(day("2027-01-07"))
    assert Complaint.objects.get(pk=row.pk).next_due_at is not None


def test_reminders_of_people(
    case: Complaint, consumer: User, handler: User, district_officer: User, other_officer: User
) -> None:
    row = complaints.remind("complaint", case.pk, "请问处理得怎样了", by=who(consumer))
    assert (row.sender, row.to, row.text) == ("PERSON", handler, "请问处理得怎样了")
    with pytest.raises(WrongState, match="今天已经催办"):
        complaints.remind("complaint", case.pk, by=who(consumer))
    assert complaints.remind("complaint", case.pk, by=who(district_officer)).sender == "DISPATCHER"
    with pytest.raises(Exception, match="没有找到"):
        complaints.remind("complaint", case.pk, by=who(other_officer))


def test_a_leaders_case_from_plan_to_release(
    case: Complaint, district_officer: User, second_officer: User, handler: User, owner_a: User
) -> None:
    leader = officer("13900000071", "包案领导", Role.LEADER, DISTRICT)
    with pytest.raises(Invalid, match=""):
        complaints.escalate("complaint", case.pk, "LEADER", owner_a.pk, "涉及人数多，影响大", by=who(district_officer))
    with pytest.raises(NotAllowed):
        complaints.escalate("complaint", case.pk, "LEADER", leader.pk, "涉及人数多，影响大", by=who(handler))
    row = complaints.escalate("complaint", case.pk, "LEADER", leader.pk, "涉及人数多，影响大", by=who(district_officer))
    with pytest.raises(Invalid):
        complaints.take_escalation(row.pk, "", by=who(leader))
    with pytest.raises(NotAllowed):
        complaints.take_escalation(row.pk, "先冻结资金，再约谈", by=who(second_officer))
    complaints.take_escalation(row.pk, "先冻结资金，再约谈", by=who(leader))
    for text in ("约谈了商家", "约谈了商家，签了还款协议"):
        complaints.note_week(row.pk, text, by=who(leader), on=day("2026-10-14"))
    note = EscalationNote.objects.get()
    assert (note.week, note.text) == (day("2026-10-12"), "约谈了商家，签了还款协议")
    complaints.solve_escalation(row.pk, "全部退款到账", by=who(leader))
    with pytest.raises(NotAllowed):
        complaints.release_escalation(row.pk, by=who(leader))
    complaints.return_escalation(row.pk, "还有三人没有收到", by=who(second_officer))
    complaints.solve_escalation(row.pk, "三人也已收到", by=who(leader), at=timezone.now() + timedelta(minutes=1))
    assert complaints.release_escalation(row.pk, by=who(second_officer)).status == "RELEASED"

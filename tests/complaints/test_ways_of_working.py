"""Whistles, routed cases, mall tickets, ODR enterprises, the cap and leave: the real actions on the real tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from complaints import actions as complaints
from complaints import odr
from complaints.actions import clocks
from complaints.actions.mall_tickets import escalate_when_late
from complaints.models import (
    Clock,
    Complaint,
    Escalation,
    MallTicket,
    OdrEnrolment,
    Referral,
    Whistle,
    WhistleCall,
)
from core.actors import SYSTEM, Actor
from core.errors import Invalid, NotAllowed, NotFound, WrongState
from core.models import Membership, OutboxEvent, Role, User
from merchants.models import Mall, Merchant, Store
from tests.cast import DISTRICT, STREET, officer, person
from tests.complaints.case_scenes import complaint_of
from tests.prepaid.scenes import who

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
CULTURE, FIRE = "文化旅游局", "消防救援大队"
NEED = "一起到现场核查培训资质"


def department_officer(phone: str, name: str, department: str) -> User:
    user = officer(phone, name, Role.DEPARTMENT_OFFICER, DISTRICT)
    Membership.objects.filter(user=user).update(department=department)
    return user


@pytest.fixture
def culture(db: None) -> User:
    return department_officer("13900000071", "程晓", CULTURE)


@pytest.fixture
def fire(db: None) -> User:
    return department_officer("13900000072", "马骏", FIRE)


@pytest.fixture
def case(merchant_a: Merchant, consumer: User, district_officer: User) -> Complaint:
    row = complaint_of(merchant_a, consumer, received=timezone.now() - timedelta(hours=1))
    complaints.assign("complaint", row.pk, district_officer.pk, by=SYSTEM)
    return Complaint.objects.get(pk=row.pk)


@pytest.fixture
def mall(merchant_a: Merchant, district_officer: User) -> Mall:
    row = Mall.objects.create(
        name="江南里购物中心", region_id=STREET, address="一路1号", company_name="示范商管公司",
        company_uscc="92330199MA2TXYT07Q", registered_by=district_officer,
    )  # fmt: skip
    Store.objects.filter(merchant=merchant_a).update(mall=row, tenant_since=timezone.localdate())
    return row


@pytest.fixture
def manager(mall: Mall) -> User:
    user = person("13900000028", "顾岚")
    Membership.objects.create(user=user, role=Role.MALL_MANAGER, mall_id=mall.pk)
    return user


def called(case: Complaint, by: User, *departments: str) -> Whistle:
    return complaints.call_whistle(case.pk, departments or [CULTURE, FIRE], NEED, by=who(by))


def call_of(whistle: Whistle, department: str) -> int:
    return int(WhistleCall.objects.get(whistle=whistle, department=department).pk)


def test_two_departments_report_in_and_the_last_report_resolves_it(
    case: Complaint, district_officer: User, culture: User, fire: User
) -> None:
    whistle = called(case, district_officer)
    with pytest.raises(WrongState, match="已经吹过哨"):
        called(case, district_officer)
    first, second = call_of(whistle, CULTURE), call_of(whistle, FIRE)
    assert (whistle.clock.amount, whistle.clock.unit) == (1, "working_day")
    with pytest.raises(NotFound):
        complaints.accept_whistle(second, by=who(culture))
    complaints.accept_whistle(first, by=who(culture))
    assert Clock.objects.of(case).running().filter(code="WHISTLE").exists()
    complaints.refuse_whistle(second, "现场没有消防设施问题", by=who(fire))
    assert Whistle.objects.get().status == "ON_SITE" and not Clock.objects.running().filter(code="WHISTLE").exists()
    complaints.insist_on_whistle(second, "群众反映堵住消防通道", by=who(district_officer))
    assert Whistle.objects.get().status == "CALLED" and Clock.objects.running().filter(code="WHISTLE").count() == 1
    complaints.accept_whistle(second, by=who(fire))
    complaints.report_whistle(first, "现场查看，教练证书齐全", by=who(culture))
    with pytest.raises(WrongState, match="还没有办完"):
        complaints.resolve_whistle(whistle.pk, "不等了，先办结", by=who(district_officer))
    complaints.report_whistle(second, "通道已清理，当场改正", by=who(fire))
    whistle.refresh_from_db()
    assert whistle.status == "RESOLVED" and whistle.ended_at
    with pytest.raises(WrongState):
        complaints.report_whistle(second, "再报一次办理情况", by=who(fire))


def test_whom_one_can_call(case: Complaint, district_officer: User, consumer: User, culture: User) -> None:
    with pytest.raises(Invalid) as refused:
        called(case, district_officer, "气象局")
    assert refused.value.fields == {"departments": "「气象局」没有在平台上的人员"}
    with pytest.raises(Invalid):
        complaints.call_whistle(case.pk, [], NEED, by=who(district_officer))
    with pytest.raises(NotAllowed):
        called(case, consumer, CULTURE)
    assert not Whistle.objects.exists() and not Clock.objects.filter(code="WHISTLE").exists()


def test_a_late_department_is_escalated_by_the_sweep(case: Complaint, district_officer: User, culture: User) -> None:
    whistle = called(case, district_officer, CULTURE)
    late = timezone.now() - timedelta(days=1)
    Clock.objects.filter(pk=whistle.clock_id).update(started_at=late - timedelta(days=2), due_at=late)
    complaints.sweep_clocks(timezone.localdate() + timedelta(days=1), by=SYSTEM)
    assert Escalation.objects.get().reason == "部门报到期限逾期，系统提级"


def test_an_officer_of_a_department_sees_its_inbox_and_nothing_else(
    case: Complaint, district_officer: User, culture: User, fire: User, signed_in: SignIn
) -> None:
    whistle = called(case, district_officer, CULTURE)
    client = signed_in(culture)
    assert client.get("/admin/")["Location"] == reverse("admin:department_inbox")
    page = client.get(reverse("admin:department_inbox"))
    assert NEED in page.content.decode() and "程晓" in page.content.decode()
    url = reverse("admin:complaints_whistlecall_change", args=[call_of(whistle, CULTURE)])
    text = client.get(url).content.decode()
    assert NEED in text and "周桂芬" not in text and "周**" not in text and case.facts not in text
    for closed in ("/admin/due/", "/admin/search/", "/admin/complaints/complaint/", "/admin/merchants/merchant/"):
        assert client.get(closed).status_code in (302, 403, 404), closed
    assert not Complaint.objects.visible_to(who(culture)).exists()
    assert signed_in(fire).get(url).status_code == 404
    assert not WhistleCall.objects.visible_to(who(fire)).exists()


def test_a_routed_case_is_confirmed_and_answered(
    case: Complaint, district_officer: User, culture: User, fire: User
) -> None:
    complaints.route_out(case.pk, CULTURE, "校外培训由文化旅游局监管", by=who(district_officer))
    row = Referral.objects.get()
    with pytest.raises(NotFound):
        complaints.confirm_referral(row.pk, by=who(fire))
    with pytest.raises(WrongState):
        complaints.answer_referral(row.pk, "已约谈培训机构", by=who(culture))
    complaints.confirm_referral(row.pk, by=who(culture))
    assert complaints.unmask_referral(row.pk, "回复投诉人", by=who(culture))["投诉人"] == "周桂芬"
    complaints.answer_referral(row.pk, "已约谈培训机构，同意退款", by=who(culture))
    assert OutboxEvent.objects.filter(key__contains=":referral:").count() == 1
    # A department without people here has no inbox: the case is only routed.
    other = complaint_of(case.merchant, case.complainant.user, received=timezone.now())  # type: ignore[arg-type]
    complaints.assign("complaint", other.pk, district_officer.pk, by=SYSTEM)
    complaints.route_out(other.pk, "气象局", "大风掀翻招牌由其处理", by=who(district_officer))
    assert Referral.objects.count() == 1


def test_a_ticket_is_answered_not_solved_late_and_becomes_a_complaint(
    mall: Mall, manager: User, consumer: User, second_consumer: User, district_officer: User
) -> None:
    at = timezone.now() - timedelta(hours=30)
    row = complaints.open_mall_ticket(mall.pk, "租户不退余款，请协调", by=who(consumer), at=at)
    assert row.due_at == at + timedelta(hours=24) and row.is_late
    escalate_when_late({"code": row.code, "n": 0})
    row.refresh_from_db()
    assert row.escalated_to == district_officer
    before = OutboxEvent.objects.count()
    complaints.escalate_mall_ticket(row.pk, by=SYSTEM)
    assert OutboxEvent.objects.count() == before
    with pytest.raises(NotFound):
        complaints.respond_mall_ticket(row.pk, "已请租户退款", by=who(second_consumer))
    with pytest.raises(NotAllowed):
        complaints.respond_mall_ticket(row.pk, "已请租户退款", by=who(consumer))
    complaints.respond_mall_ticket(row.pk, "已请租户明天退款", by=who(manager))
    complaints.reopen_mall_ticket(row.pk, "说了没有退", by=who(consumer))
    again = MallTicket.objects.get()
    assert again.due_at > timezone.now() and not again.is_late and again.escalated_to is None
    escalate_when_late({"code": row.code, "n": 0})
    assert MallTicket.objects.get().escalated_at is None
    done = complaints.complain_of_ticket(row.pk, by=who(consumer))
    assert done.complaint and done.complaint.channel == "MALL" and done.complaint.complainant.user == consumer
    with pytest.raises(WrongState):
        complaints.complain_of_ticket(row.pk, by=who(consumer))


def test_the_officer_asks_the_mall_about_a_complaint(
    case: Complaint, mall: Mall, manager: User, district_officer: User, consumer: User
) -> None:
    with pytest.raises(WrongState, match="不在已登记的商场"):
        complaints.send_mall_ticket(case.pk, "请核实租户是否停业", by=who(district_officer))
    Complaint.objects.filter(pk=case.pk).update(store=Store.objects.get(merchant=case.merchant))
    row = complaints.send_mall_ticket(case.pk, "请核实租户是否停业", by=who(district_officer))
    with pytest.raises(WrongState, match="已经转给商场"):
        complaints.send_mall_ticket(case.pk, "请核实租户是否停业", by=who(district_officer))
    complaints.respond_mall_ticket(row.pk, "仍在营业，负责人已联系上", by=who(manager))
    with pytest.raises(NotFound):
        complaints.solve_mall_ticket(row.pk, by=who(consumer))
    assert complaints.solve_mall_ticket(row.pk, by=who(district_officer)).status == "SOLVED"
    for n in range(5):
        complaints.open_mall_ticket(mall.pk, f"第{n}件事请商场处理", by=who(consumer))
    with pytest.raises(WrongState, match="5 件"):
        complaints.open_mall_ticket(mall.pk, "再来一件请商场处理", by=who(consumer))


MONDAY = date(2026, 11, 16)


def test_many_complaints_make_a_candidate_and_slow_ones_are_suspended(
    merchant_a: Merchant, merchant_b: Merchant, consumer: User, owner_a: User, owner_b: User, district_officer: User
) -> None:
    noon = timezone.make_aware(datetime(2026, 11, 2, 12))
    rows = [complaint_of(merchant_a, consumer, received=noon) for _ in range(5)]
    complaint_of(merchant_b, consumer, received=noon)
    assert complaints.propose_odr_enrolments(MONDAY, by=SYSTEM) == {"proposed": 1, "measured": 0, "suspended": 0}
    assert complaints.propose_odr_enrolments(MONDAY, by=SYSTEM)["proposed"] == 0
    row = OdrEnrolment.objects.get()
    assert (row.merchant, row.complaints, row.days) == (merchant_a, 5, 90)
    with pytest.raises(NotFound):
        complaints.enrol_in_odr(row.pk, by=who(owner_b))
    complaints.enrol_in_odr(row.pk, by=who(owner_a))
    with pytest.raises(NotAllowed):
        complaints.confirm_odr_enrolment(row.pk, by=who(owner_a))
    assert not odr.is_enrolled(merchant_a.pk)
    complaints.confirm_odr_enrolment(row.pk, by=who(district_officer))
    assert odr.is_enrolled(merchant_a.pk) and not odr.is_enrolled(merchant_b.pk)
    # Four limits were due: two kept, one brought back by the night at its very end, one still open.
    due = timezone.make_aware(datetime(2026, 11, 10))
    for one, stopped in zip(rows, (due - timedelta(days=1), due - timedelta(hours=1), due, None), strict=False):
        clock = clocks.start(one, Clock.Code.ODR, at=noon)[0]
        state = "STOPPED" if stopped else "RUNNING"
        Clock.objects.filter(pk=clock.pk).update(due_at=due, state=state, stopped_at=stopped)
    assert complaints.propose_odr_enrolments(MONDAY, by=SYSTEM)["suspended"] == 1
    row.refresh_from_db()
    assert (row.due, row.on_time, row.status, row.rate) == (4, 2, "SUSPENDED", "50.0%（2/4）")
    assert not odr.is_enrolled(merchant_a.pk)
    declined = complaints.volunteer_for_odr(merchant_b.pk, by=who(owner_b), on=MONDAY)
    assert declined.status == "ENROLLED"


def test_beyond_the_cap_only_a_leader_and_in_writing(
    case: Complaint, district_officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("complaints.workload.Workload.figure", lambda *args: 1)
    dispatcher = officer("13900000051", "许静怡", Role.DISPATCHER, DISTRICT)
    leader = officer("13900000052", "何志强", Role.LEADER, DISTRICT)
    other = complaint_of(case.merchant, case.complainant.user, received=timezone.now())  # type: ignore[arg-type]
    (plan,) = complaints.propose_assignments(
        "complaint", [other.pk], by=who(dispatcher), officer_id=district_officer.pk
    )
    assert plan.over_cap and plan.load == "在办 2 / 1"
    wanted = [(other.pk, district_officer.pk, plan.seen)]
    with pytest.raises(WrongState, match="陈立 已到在办上限"):
        complaints.assign_many("complaint", wanted, by=who(dispatcher))
    with pytest.raises(NotAllowed):
        complaints.assign_many("complaint", wanted, by=who(dispatcher), override="专案需要熟悉情况的人")
    with pytest.raises(Invalid):
        complaints.assign("complaint", other.pk, district_officer.pk, by=who(leader), override="急")
    complaints.assign_many("complaint", wanted, by=who(leader), override="专案需要熟悉情况的人")
    notes = set(Clock.objects.of(other).running().values_list("note", flat=True))
    assert notes == {"；超上限：专案需要熟悉情况的人"}


def test_leave_stands_on_the_limits_and_on_the_page(
    case: Complaint, district_officer: User, second_officer: User, signed_in: SignIn
) -> None:
    today = timezone.localdate()
    client = signed_in(district_officer)
    last = today + timedelta(days=6)
    asked = {"to_user": second_officer.pk, "reason": "年休假", "valid_from": today, "valid_to": last}
    assert client.post(reverse("admin:delegation"), asked).status_code == 302
    (note,) = set(Clock.objects.of(case).running().values_list("note", flat=True))
    assert note == f"陈立 年休假，{today} 至 {last} 由 李静 代办"
    page = signed_in(second_officer).get(reverse("admin:complaints_complaint_change", args=[case.pk])).content.decode()
    assert "承办 陈立（年休假" in page and "由 李静 代办" in page
    assert complaints.note_leave(today, by=SYSTEM) == Clock.objects.of(case).running().count()


def test_two_answers_of_one_department_one_wins(case: Complaint, district_officer: User, culture: User) -> None:
    call = call_of(called(case, district_officer, CULTURE), CULTURE)
    colleague = department_officer("13900000073", "同事", CULTURE)
    complaints.accept_whistle(call, by=Actor.of_user(colleague))
    with pytest.raises(WrongState):
        complaints.refuse_whistle(call, "不归我们部门管", by=who(culture))

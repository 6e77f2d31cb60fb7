"""Complaints between bureaus, and matters on their way to an officer: the real actions on the real tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from complaints import actions as complaints
from complaints.actions.dispatching import seen
from complaints.models import Clock, Complaint, Contact
from core.actors import SYSTEM, Actor
from core.errors import Invalid, NotAllowed, NotFound, WrongState
from core.models import AuditEvent, Delegation, Membership, Role, User
from merchants.models import Merchant
from tests.cast import CITY, DISTRICT, OTHER_STREET, STREET, officer
from tests.complaints.case_scenes import complaint_of
from tests.prepaid.scenes import who

pytestmark = pytest.mark.django_db


@pytest.fixture
def dispatcher(db: None) -> User:
    return officer("13900000051", "分派员", Role.DISPATCHER, DISTRICT)


@pytest.fixture
def station(db: None) -> list[User]:
    """Three officers of one station."""
    return [officer(f"1390000006{n}", f"所员{n}", Role.STATION_OFFICER, STREET) for n in range(3)]


@pytest.fixture
def case(merchant_a: Merchant, consumer: User) -> Complaint:
    return complaint_of(merchant_a, consumer, received=timezone.now() - timedelta(hours=1))


def more(case: Complaint, count: int) -> list[Complaint]:
    assert case.merchant and case.complainant.user
    return [complaint_of(case.merchant, case.complainant.user, received=case.received_at) for _ in range(count)]


def live(case: Complaint) -> set[str]:
    return set(Clock.objects.of(case).running().values_list("code", flat=True))


def test_the_station_shares_the_work(case: Complaint, station: list[User], dispatcher: User) -> None:
    rows = [case, *more(case, 5)]
    plan = complaints.propose_assignments("complaint", [row.pk for row in rows], by=who(dispatcher))
    assert {one.to.pk for one in plan if one.to} == {one.pk for one in station}
    assert not any(one.problem or one.over_cap for one in plan)
    assert not Complaint.objects.exclude(handler=None).exists()
    wanted = [(one.matter.pk, one.to.pk, one.seen) for one in plan if one.to]
    assert complaints.assign_many("complaint", wanted, by=who(dispatcher)) == 6
    assert sorted(Complaint.objects.filter(handler=one).count() for one in station) == [2, 2, 2]
    case.refresh_from_db()
    assert (case.status, live(case)) == ("ASSIGNED", {"FIRST_CONTACT", "ACCEPT"})
    assert case.assigned_at and case.next_due_at == min(c.due_at for c in Clock.objects.of(case).running())


def test_a_preview_that_is_out_of_date_changes_nothing(case: Complaint, station: list[User], dispatcher: User) -> None:
    (second,) = more(case, 1)
    plan = [(row.pk, station[0].pk, seen(row)) for row in (case, second)]
    complaints.assign("complaint", second.pk, station[1].pk, by=who(dispatcher))
    with pytest.raises(WrongState) as caught:
        complaints.assign_many("complaint", plan, by=who(dispatcher))
    assert second.code_grouped in caught.value.message and case.code_grouped not in caught.value.message
    case.refresh_from_db()
    assert case.handler_id is None


def test_the_cap_and_who_is_a_party(case: Complaint, station: list[User], dispatcher: User, monkeypatch: Any) -> None:
    assert case.merchant
    Membership.objects.create(user=station[0], role=Role.MERCHANT_STAFF, merchant_id=case.merchant.pk)
    case.complainant.user = station[1]
    case.complainant.save()
    (proposal,) = complaints.propose_assignments("complaint", [case.pk], by=who(dispatcher))
    assert proposal.to == station[2]
    for party in station[:2]:
        with pytest.raises(Invalid):
            complaints.assign("complaint", case.pk, party.pk, by=who(dispatcher))
    monkeypatch.setattr("complaints.workload.Workload.figure", lambda *args: 1)
    complaints.assign("complaint", case.pk, by=who(dispatcher))
    (other,) = more(case, 1)
    other.complainant.user = station[1]
    other.complainant.save()
    (again,) = complaints.propose_assignments("complaint", [other.pk], by=who(dispatcher))
    assert again.over_cap and again.to == station[2]


def test_on_leave_the_delegate_gets_it_with_a_note_on_the_clocks(
    case: Complaint, station: list[User], dispatcher: User, second_officer: User
) -> None:
    today = timezone.localdate()
    for one in station:
        Delegation.objects.create(
            from_user=one, to_user=second_officer, reason="休假", valid_from=today, valid_to=today
        )  # fmt: skip
    (proposal,) = complaints.propose_assignments("complaint", [case.pk], by=who(dispatcher))
    assert proposal.to == second_officer and proposal.stands_in_for in station
    complaints.assign("complaint", case.pk, by=who(dispatcher))
    case.refresh_from_db()
    assert case.handler == second_officer
    notes = set(Clock.objects.of(case).running().values_list("note", flat=True))
    assert len(notes) == 1 and "不在岗，由 李静 代办" in notes.pop()


def test_an_abusive_caller_goes_round(case: Complaint, station: list[User], dispatcher: User) -> None:
    """Whoever has the caller's open case already is spared the next one, though they have the least to do."""
    complaints.assign("complaint", case.pk, station[0].pk, by=who(dispatcher))
    Contact.objects.create(
        complaint=case, side="COMPLAINANT", note="辱骂", officer=station[0], at=timezone.now(), abusive=True
    )
    busy = more(case, 4)
    for one in busy:
        complaints.assign("complaint", one.pk, station[1 + one.pk % 2].pk, by=who(dispatcher))
    (new,) = more(case, 1)
    chosen = complaints.assign("complaint", new.pk, by=who(dispatcher)).handler
    assert chosen in station[1:]


def test_who_may_assign(
    case: Complaint, station: list[User], consumer: User, owner_a: User, other_officer: User
) -> None:
    for user, error in ((other_officer, NotFound), (consumer, NotAllowed), (station[0], NotAllowed)):
        with pytest.raises(error):
            complaints.assign("complaint", case.pk, station[1].pk, by=Actor.of_user(user))
    with pytest.raises(Invalid):
        complaints.assign("complaint", case.pk, other_officer.pk, by=SYSTEM)


def test_a_closed_one_is_not_assigned(case: Complaint, station: list[User], dispatcher: User) -> None:
    Complaint.objects.filter(pk=case.pk).update(status="WITHDRAWN", closed_at=timezone.now())
    (proposal,) = complaints.propose_assignments("complaint", [case.pk], by=who(dispatcher))
    assert proposal.to is None and "已撤回" in proposal.problem
    with pytest.raises(NotAllowed, match="已撤回"):
        complaints.assign_many("complaint", [(case.pk, station[0].pk, proposal.seen)], by=who(dispatcher))


def test_everything_is_handed_over_with_a_note(case: Complaint, station: list[User], dispatcher: User) -> None:
    rows = [case, *more(case, 2)]
    for row in rows:
        complaints.assign("complaint", row.pk, station[0].pk, by=who(dispatcher))
    Complaint.objects.filter(pk=case.pk).update(status="MEDIATING")
    moved = complaints.hand_over(station[0].pk, station[1].pk, "调离本所，工作交接", by=who(dispatcher))
    assert moved == {"complaint": 3, "report": 0, "consultation": 0}
    case.refresh_from_db()
    assert (case.handler, case.status) == (station[1], "MEDIATING")
    assert set(Clock.objects.running().values_list("note", flat=True)) == {"调离本所，工作交接"}
    assert AuditEvent.objects.filter(verb="complaint.assign", object_id=str(case.pk)).count() == 2


def test_routed_assigned_or_sent_back_never_on(
    case: Complaint, station: list[User], dispatcher: User, other_officer: User
) -> None:
    row = complaints.route(case.pk, OTHER_STREET, "实际经营地在宁波", by=who(dispatcher))
    assert (row.status, row.region_id, row.routed_from_id) == ("ROUTED", OTHER_STREET, STREET)
    assert row.closed_at is None and "ACCEPT" in live(row) and "ASSIGN" in live(row)
    # Out of sight of those who sent it.
    with pytest.raises(NotFound):
        complaints.assign("complaint", row.pk, station[0].pk, by=who(dispatcher))
    with pytest.raises((NotAllowed, WrongState)):
        complaints.route(row.pk, DISTRICT, "应当由另一个区办理", by=who(other_officer))
    complaints.assign("complaint", row.pk, other_officer.pk, by=who(other_officer))
    with pytest.raises(NotAllowed, match="只能退回"):
        complaints.route(row.pk, "330108001", "应当由另一个区办理", by=who(other_officer))
    back = complaints.send_back(row.pk, "经查实际经营地不在本区", by=who(other_officer))
    assert (back.status, back.region_id, back.routed_from, back.handler) == ("REGISTERED", STREET, None, None)
    assert set(Clock.objects.of(back).running().values_list("region", flat=True)) == {STREET}


def test_inside_the_county_it_is_assigned_not_routed(case: Complaint, dispatcher: User) -> None:
    with pytest.raises(Invalid):
        complaints.route(case.pk, "330199002", "交给另一个所办理", by=who(dispatcher))


def test_a_department_outside_ends_it_here(case: Complaint, dispatcher: User) -> None:
    row = complaints.route_out(case.pk, "文化和旅游局", "属于旅游服务合同纠纷", by=who(dispatcher))
    assert row.status == "ROUTED" and row.closed_at and live(row) == set() and row.next_due_at is None
    assert not Complaint.objects.open().filter(pk=row.pk).exists()


def test_a_dispute_has_seven_days_and_a_common_superior(
    case: Complaint, dispatcher: User, other_officer: User, city_chief: User
) -> None:
    province = officer("13900000055", "省局", Role.LEADER, "33")
    complaints.route(case.pk, OTHER_STREET, "实际经营地在宁波", by=who(dispatcher))
    row = complaints.dispute_jurisdiction(case.pk, "两地都认为不归自己管", by=who(other_officer))
    clock = Clock.objects.of(row).get(code="JURISDICTION")
    assert (clock.amount, clock.unit, clock.basis) == (7, "working_day", "令121号 第33条")
    with pytest.raises(WrongState, match="已经在协商"):
        complaints.dispute_jurisdiction(case.pk, "两地都认为不归自己管", by=who(other_officer))
    # The chief of one of the two cities is not above both.
    for user in (city_chief, other_officer):
        with pytest.raises((NotFound, NotAllowed)):
            complaints.settle_jurisdiction(case.pk, STREET, "以住所地为准", by=who(user))
    with pytest.raises(Invalid):
        complaints.settle_jurisdiction(case.pk, CITY, "以住所地为准", by=who(province))
    settled = complaints.settle_jurisdiction(case.pk, STREET, "以住所地为准", by=who(province))
    assert (settled.region_id, settled.routed_from, settled.status) == (STREET, None, "REGISTERED")
    assert "JURISDICTION" not in live(settled)


def test_a_clock_of_hours_does_not_stand_still(case: Complaint) -> None:
    from complaints.actions import clocks

    with pytest.raises(WrongState, match="按小时"):
        clocks.pause(case, "FIRST_CONTACT", on=timezone.localdate())
    clocks.pause(case, "ACCEPT", on=timezone.localdate())
    with pytest.raises(Invalid):
        clocks.resume(case, "ACCEPT", on=timezone.localdate() - timedelta(days=1))

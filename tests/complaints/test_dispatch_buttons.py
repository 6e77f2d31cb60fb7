"""The buttons of the case page that move a complaint between desks and levels."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from complaints.models import Clock, Complaint, Escalation, Reminder
from core.models import Membership, OutboxEvent, Role, User
from prepaid.models import Contract
from tests.complaints.case_scenes import REASON, assigned, complaint_of
from tests.pages.admin_desk import SignIn, press

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(contract: Contract, consumer: User, district_officer: User) -> Complaint:
    """A complaint on the desk of the district's officer."""
    now = timezone.now() - timedelta(hours=1)
    return assigned(complaint_of(contract.merchant, consumer, received=now, contract=contract), district_officer, now)


@pytest.fixture
def desk(district_officer: User, signed_in: SignIn) -> Client:
    """The desk that gives out the work of that district."""
    place = Membership.objects.get(user=district_officer, valid_to=None).region
    user = User.objects.enrol("13900007777", "分派员")
    Membership.objects.create(user=user, role=Role.DISPATCHER, region=place)
    return signed_in(user)


def test_the_officer_sends_back_to_the_desk(case: Complaint, district_officer: User, signed_in: SignIn) -> None:
    assert press(signed_in(district_officer), case, "send_back", reason=REASON).status_code == 302
    case.refresh_from_db()
    assert (case.status, case.handler_id) == ("REGISTERED", None)
    assert Clock.objects.of(case).running().filter(code="ASSIGN").exists()


def test_the_dispatcher_passes_it_to_a_department_and_the_person_is_told(case: Complaint, desk: Client) -> None:
    assert press(desk, case, "route_out", to_name="示范区教育局", reason=REASON).status_code == 302
    case.refresh_from_db()
    assert (case.status, case.routed_to) == ("ROUTED", "示范区教育局")
    assert case.closed_at is not None and not Clock.objects.of(case).running().exists()
    assert OutboxEvent.objects.filter(topic="core.sms", key__contains="routed").exists()


def test_a_reminder_reaches_the_officer_once_a_day(case: Complaint, desk: Client, district_officer: User) -> None:
    assert press(desk, case, "remind", text="消费者又来电话了").status_code == 302
    row = Reminder.objects.get(complaint=case)
    assert (row.to_id, row.text) == (district_officer.pk, "消费者又来电话了")


def test_an_escalation_has_a_named_owner(case: Complaint, desk: Client, district_officer: User) -> None:
    assert press(desk, case, "escalate", level="COUNTY", owner=district_officer.pk, reason=REASON).status_code == 302
    row = Escalation.objects.get(complaint=case)
    case.refresh_from_db()
    assert (row.level, row.owner_id, case.level) == ("COUNTY", district_officer.pk, "COUNTY")

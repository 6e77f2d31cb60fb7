"""The buttons of the case page that move a complaint between desks and levels."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from complaints.models import Clock, Complaint, Escalation, Reminder
from core.models import Membership, OutboxEvent, Role, User
from prepaid.models import Contract
from tests.complaints.case_scenes import REASON, assigned, complaint_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(contract: Contract, consumer: User, district_officer: User) -> Complaint:
    """A complaint on the desk of the district's officer."""
    now = timezone.now() - timedelta(hours=1)
    return assigned(complaint_of(contract.merchant, consumer, received=now, contract=contract), district_officer, now)


@pytest.fixture
def dispatcher(district_officer: User) -> User:
    """Who gives out the work of that district."""
    place = Membership.objects.get(user=district_officer, valid_to=None).region
    user = User.objects.enrol("13900007777", "分派员")
    Membership.objects.create(user=user, role=Role.DISPATCHER, region=place)
    return user


def press(user: User, case: Complaint, step: str, **data: Any) -> Any:
    """Open the confirmation page of a button and confirm it."""
    client = Client()
    client.force_login(user, backend="core.auth.PhoneBackend")
    url = reverse("admin:complaints_complaint_act", args=[case.pk, step])
    page = client.get(url)
    assert page.status_code == 200, step
    token = page.context["form"].initial.get("key") or page.context.get("key", "")
    answer = client.post(url, {"key": token, **data})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    case.refresh_from_db()
    return answer


def test_the_officer_sends_back_to_the_desk(case: Complaint, district_officer: User) -> None:
    press(district_officer, case, "send_back", reason=REASON)
    assert (case.status, case.handler_id) == ("REGISTERED", None)
    assert Clock.objects.of(case).running().filter(code="ASSIGN").exists()


def test_the_dispatcher_passes_it_to_a_department_and_the_person_is_told(case: Complaint, dispatcher: User) -> None:
    press(dispatcher, case, "route_out", to_name="示范区教育局", reason=REASON)
    assert (case.status, case.routed_to) == ("ROUTED", "示范区教育局")
    assert case.closed_at is not None and not Clock.objects.of(case).running().exists()
    assert OutboxEvent.objects.filter(topic="core.sms", key__contains="routed").exists()


def test_a_reminder_reaches_the_officer_once_a_day(case: Complaint, dispatcher: User, district_officer: User) -> None:
    press(dispatcher, case, "remind", text="消费者又来电话了")
    row = Reminder.objects.get(complaint=case)
    assert (row.to_id, row.text) == (district_officer.pk, "消费者又来电话了")


def test_an_escalation_has_a_named_owner(case: Complaint, dispatcher: User, district_officer: User) -> None:
    press(dispatcher, case, "escalate", level="COUNTY", owner=district_officer.pk, reason=REASON)
    row = Escalation.objects.get(complaint=case)
    assert (row.level, row.owner_id, case.level) == ("COUNTY", district_officer.pk, "COUNTY")

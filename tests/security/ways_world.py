"""What the ways of working need in the world: a department called, a routed case, a ticket, a candidate, a pack."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from complaints.models import (
    AgendaPack,
    Clock,
    Complaint,
    MallTicket,
    MonthlyTopic,
    OdrEnrolment,
    Referral,
    Whistle,
    WhistleCall,
)
from core.models import Membership, Role, User
from merchants.models import Mall, Merchant
from tests.cast import DISTRICT, officer
from tests.security.complaint_world import complaint_of

DEPARTMENT = "文化旅游局"


def department_officer() -> User:
    """An officer of another department of the district."""
    user = officer("13900000071", "程晓", Role.DEPARTMENT_OFFICER, DISTRICT)
    Membership.objects.filter(user=user).update(department=DEPARTMENT)
    return user


def _officer() -> User:
    user = User.objects.by_phone("13900000021")
    assert user
    return user


def whistle_of(merchant: Merchant) -> Whistle:
    """One about the shop's complaint, with one department."""
    found = Whistle.objects.filter(complaint__merchant=merchant).first()
    if found is not None:
        return found
    case, now = complaint_of(merchant), timezone.now()
    clock = Clock.objects.create(
        complaint=case, region=case.region, code="WHISTLE", started_at=now, started_on=now.date(), amount=1,
        unit="working_day", due_at=now + timedelta(days=3), basis="吹哨", pack_id="CN.COMPLAINT.121",
    )  # fmt: skip
    row = Whistle.objects.create(complaint=case, clock=clock, need="到场核查", called_by=_officer(), called_at=now)
    WhistleCall.objects.create(whistle=row, department=DEPARTMENT)
    return row


def call_of(merchant: Merchant) -> WhistleCall:
    """What the department is asked."""
    return whistle_of(merchant).calls.get()


def referral_of(merchant: Merchant) -> Referral:
    """The shop's complaint, routed to the department."""
    row, _ = Referral.objects.get_or_create(
        complaint=Complaint.objects.get(pk=complaint_of(merchant).pk),
        defaults={"department": DEPARTMENT, "sent_by": _officer(), "sent_at": timezone.now()},
    )
    return row


def ticket_of(merchant: Merchant, consumer: User) -> MallTicket:
    """One of the shop's customer for the mall it stands in."""
    now = timezone.now()
    row, _ = MallTicket.objects.get_or_create(
        consumer=consumer, mall=Mall.objects.get(stores__merchant=merchant),
        defaults={
            "text": "租户不退余款", "opened_by": consumer, "opened_at": now, "due_at": now + timedelta(hours=24),
            "basis": "商圈十条", "pack_id": "CN.COMPLAINT.121",
        },
    )  # fmt: skip
    return row


def enrolment_of(merchant: Merchant) -> OdrEnrolment:
    """The shop was proposed."""
    row, _ = OdrEnrolment.objects.get_or_create(
        merchant=merchant, defaults={"proposed_on": timezone.localdate(), "complaints": 5, "days": 90}
    )
    return row


def pack_of() -> AgendaPack:
    """One of the district."""
    today = timezone.localdate()
    given: dict[str, Any] = {"ends_on": today, "made_on": today, "content": {"sections": []}, "sha256": "0" * 64}
    row, _ = AgendaPack.objects.get_or_create(
        kind=AgendaPack.Kind.DAILY_LOOK, region_id=DISTRICT, starts_on=today, defaults=given
    )
    return row


def topic_of() -> MonthlyTopic:
    """One candidate of the district."""
    row, _ = MonthlyTopic.objects.get_or_create(region_id=DISTRICT, month=date(2026, 11, 1), cause="REFUND")
    return row

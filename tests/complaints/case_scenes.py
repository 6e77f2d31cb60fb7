"""Complaints as the tests of their life need them: registered on a day, accepted, in mediation."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from complaints import actions as complaints
from complaints.actions import clocks
from complaints.models import Cause, Channel, Clock, Complainant, Complaint, Intake, Party, Receipt
from core.crypto import blind_index
from core.models import User
from merchants.models import Merchant
from prepaid.models import Contract
from tests.prepaid.scenes import who

CHINA = ZoneInfo("Asia/Shanghai")
REASON = "理由充分，依法办理"


def at(text: str, hour: int = 10) -> datetime:
    """That day at ten in the morning in China."""
    return datetime.combine(date.fromisoformat(text), time(hour), CHINA)


def complaint_of(
    merchant: Merchant, consumer: User, *, received: datetime, contract: Contract | None = None, **more: Any
) -> Complaint:
    """A registered complaint of a consumer with its clocks."""
    person = Complainant(user=consumer, phone_idx=blind_index("phone", consumer.phone))
    person.name, person.phone, person.address = consumer.name, consumer.phone, "示范区幸福路8号"
    person.save()
    intake = Intake.objects.create(
        channel=Channel.PLATFORM_12315, source_no=f"33-{person.pk}", received_at=received, region=merchant.region,
        text="退卡不给退", status=Intake.Status.SPLIT, phone_idx=person.phone_idx,
    )  # fmt: skip
    row = Complaint(
        channel=intake.channel, received_at=received, merchant=merchant, region=merchant.region, cause=Cause.REFUND,
        industry=merchant.industry, facts="换了老师，不给退卡", complainant=person, contract=contract, claim="退卡",
        claim_fen=200_000, **more,
    )  # fmt: skip
    row.save()
    clocks.start(row, Clock.Code.ASSIGN, Clock.Code.FIRST_CONTACT, Clock.Code.ACCEPT, at=received)
    row.save()
    Receipt.objects.create(intake=intake, complaint=row)
    return row


def assigned(row: Complaint, officer: User, when: datetime) -> Complaint:
    """Given to an officer, as a dispatcher does."""
    from core.actors import SYSTEM

    return complaints.assign("complaint", row.pk, officer.pk, by=SYSTEM, at=when)


def accepted(row: Complaint, officer: User, when: datetime) -> Complaint:
    """Assigned and accepted."""
    assigned(row, officer, when)
    return complaints.accept(row.pk, by=who(officer), at=when)


def in_mediation(row: Complaint, officer: User, when: datetime) -> Complaint:
    """Accepted, both willing, and called to a meeting."""
    accepted(row, officer, when)
    for party in Party.values:
        complaints.consent_to_mediation(row.pk, party=party, note="电话同意", by=who(officer), at=when)
    complaints.mediate(row.pk, when + timedelta(days=3), "市场监管所调解室", by=who(officer), at=when)
    return Complaint.objects.get(pk=row.pk)


def clock_of(row: Complaint, code: str) -> Clock:
    """The newest clock of a kind."""
    return Clock.objects.filter(complaint=row, code=code).latest("pk")

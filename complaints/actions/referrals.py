"""Cases routed to a department with people at the portal: it confirms them, and says what became of them (第41条)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from complaints.actions.steps import given, now, tell_complainant
from complaints.departments import departments_over
from complaints.models import Complaint, Referral
from complaints.models.referrals import REFERRAL_LIFECYCLE
from core import actions as core
from core.actors import Actor
from core.audit import record
from core.errors import NotFound
from core.permissions import require


def refer(complaint: Complaint, *, by: Actor, at: datetime) -> Referral | None:
    """Put a complaint that was just routed out into the department's inbox; None where it has nobody here.

    Part of routing: the caller has asked, locked and routed.
    """
    name = complaint.routed_to
    if name not in departments_over(complaint.region) or by.user is None:
        return None
    row = Referral.objects.create(complaint=complaint, department=name, sent_by=by.user, sent_at=at)
    record("referral.send", row, by=by, department=name)
    return row


@transaction.atomic
def confirm_referral(referral_id: int, *, by: Actor, at: datetime | None = None) -> Referral:
    """The department has it. Raises NotFound, NotAllowed, WrongState."""
    row = _taken(referral_id, "confirm", by)
    row.confirmed_by, row.confirmed_at = by.user, now(at)
    row.save()
    record("referral.confirm", row, by=by, department=row.department)
    return row


@transaction.atomic
def answer_referral(referral_id: int, answer: str, *, by: Actor, at: datetime | None = None) -> Referral:
    """The department says what became of it; the complainant is told. Raises Invalid."""
    row = _taken(referral_id, "answer", by)
    row.answer, row.answered_at = given(answer, "answer", "写明办理结果，投诉人会看到"), now(at)
    row.save()
    record("referral.answer", row, by=by, department=row.department)
    tell_complainant(row.complaint, f"{row.department}反馈：{row.answer[:100]}", "referral")
    return row


@transaction.atomic
def unmask_referral(referral_id: int, purpose: str, *, by: Actor) -> dict[str, str]:
    """Name and phone of the complainant for the department that answers them, for a purpose that is written down."""
    row = Referral.objects.locked(referral_id)
    require(by, "complaints.unmask_referral", row)
    purpose = core.purpose_of_unmask(purpose, by=by)
    record("referral.unmask", row, by=by, purpose=purpose)
    person = row.complaint.complainant
    return {"投诉人": person.name, "手机号": person.phone}


def _taken(referral_id: int, step: str, by: Actor) -> Referral:
    seen = Referral.objects.filter(pk=referral_id).first()
    if seen is None:
        raise NotFound
    complaint = Complaint.objects.locked(seen.complaint_id)
    row = Referral.objects.locked(referral_id)
    row.complaint = complaint
    require(by, REFERRAL_LIFECYCLE.steps[step].permission, row)
    REFERRAL_LIFECYCLE.move(step, row)
    return row

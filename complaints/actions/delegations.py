"""Given to people's mediation once both sides agree; the mediator gives it to nobody else (第19条)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from complaints.actions.mediation import consents_of, party_of
from complaints.actions.steps import given, keep, now, tell_complainant, tell_merchant
from complaints.models import Complaint, MediationAssignment, Party
from complaints.models.complaints import COMPLAINT_LIFECYCLE
from complaints.models.mediation import ASSIGNMENT_LIFECYCLE
from complaints.rules import is_no_party
from core.actors import Actor
from core.audit import record
from core.errors import Invalid, NotFound, WrongState
from core.models import Role, User
from core.permissions import require
from prepaid.models import Contract

Status = MediationAssignment.Status


@transaction.atomic
def propose_delegation(
    complaint_id: int, committee: str, mediator_id: int, *, by: Actor, at: datetime | None = None
) -> MediationAssignment:
    """Ask both sides whether a people's mediator shall mediate. Raises Invalid for one with an interest in it."""
    complaint = Complaint.objects.locked(complaint_id)
    require(by, "complaints.handle_complaint", complaint)
    assert by.user is not None
    if complaint.status not in (Complaint.Status.ACCEPTED, Complaint.Status.MEDIATING):
        raise WrongState("受理以后、达成协议以前才能委托调解")
    if MediationAssignment.objects.live().filter(complaint=complaint).exists():
        raise WrongState("已经委托过，等结果")
    mediator = User.objects.filter(pk=mediator_id, is_active=True).first()
    if mediator is None or not mediator.access.has(Role.MEDIATOR):
        raise Invalid(fields={"mediator": "选一位人民调解员"})
    why = conflict_of(complaint, mediator)
    if why:
        raise Invalid(fields={"mediator": f"{why}，应当回避，请换一位"})
    row = MediationAssignment.objects.create(
        complaint=complaint, committee=given(committee, "committee", "写明调解组织的全称", 100), mediator=mediator,
        proposed_by=by.user,
    )  # fmt: skip
    record("mediation_assignment.propose", row, by=by, note=row.committee)
    text = f"拟委托{row.committee}调解，请登录答复是否同意。"
    tell_complainant(complaint, text, f"delegation:{row.pk}")
    tell_merchant(complaint, text, f"delegation:{row.pk}", at=now(at))
    complaint.save(update_fields=["merchant_told_at"])
    return row


def conflict_of(complaint: Complaint, mediator: User) -> str:
    """Why this person must not mediate; empty when nothing is known against it."""
    if not is_no_party.test(Actor.of_user(mediator), complaint):
        return "调解员是本件当事人或者在这家店任职"
    customer = complaint.merchant_id and Contract.objects.filter(merchant=complaint.merchant_id, holder=mediator)
    return "调解员是这家店的顾客" if customer and customer.exists() else ""


@transaction.atomic
def consent_to_delegation(
    assignment_id: int, *, by: Actor, party: str = "", agrees: bool = True, at: datetime | None = None
) -> MediationAssignment:
    """One side answers; an officer may write down for whom. Both yes: it is the mediator's. One no: it is not."""
    complaint, row = _locked(assignment_id)
    require(by, "complaints.consent_mediation", row)
    side = party_of(by, complaint, party)
    if not agrees:
        ASSIGNMENT_LIFECYCLE.move("decline", row)
        row.ended_at, row.outcome = now(at), f"{Party(side).label}不同意委托"
        return _keep(row, "decline", by=by, party=Party(side).label)
    ASSIGNMENT_LIFECYCLE.check("consent", row)
    if side == Party.COMPLAINANT:
        row.complainant_agreed_at = row.complainant_agreed_at or now(at)
    else:
        row.merchant_agreed_at = row.merchant_agreed_at or now(at)
    if row.complainant_agreed_at and row.merchant_agreed_at:
        ASSIGNMENT_LIFECYCLE.move("consent", row)
    return _keep(row, "consent", by=by, party=Party(side).label)


@transaction.atomic
def begin_delegation(assignment_id: int, *, by: Actor, at: datetime | None = None) -> MediationAssignment:
    """The mediator takes it up; both consents to the delegation are consents to mediation."""
    complaint, row = _taken(assignment_id, "begin", by=by)
    consents = consents_of(complaint)
    consents.complainant_agreed_at = consents.complainant_agreed_at or row.complainant_agreed_at
    consents.merchant_agreed_at = consents.merchant_agreed_at or row.merchant_agreed_at
    consents.save()
    if complaint.status != Complaint.Status.MEDIATING:
        COMPLAINT_LIFECYCLE.move("mediate", complaint)
        keep(complaint, "mediate", by=by)
    row.started_at = now(at)
    return _keep(row, "begin", by=by)


@transaction.atomic
def end_delegation(
    assignment_id: int, outcome: str, *, by: Actor, agreed_fen: int | None = None, at: datetime | None = None
) -> MediationAssignment:
    """The mediator reports: agreed on a sum, or not. The money moves when the officer writes the agreement."""
    _, row = _taken(assignment_id, "fail" if agreed_fen is None else "agree", by=by)
    if agreed_fen is not None and agreed_fen < 0:
        raise Invalid(fields={"agreed_fen": "金额不能小于 0"})
    row.outcome, row.agreed_fen = given(outcome, "outcome", "写明协议内容或没有谈成的原因", 2000), agreed_fen
    row.ended_at = now(at)
    return _keep(row, "fail" if agreed_fen is None else "agree", by=by, amount_fen=agreed_fen)


@transaction.atomic
def confirm_judicially(assignment_id: int, number: str, on: date, *, by: Actor) -> MediationAssignment:
    """The court has confirmed the agreement. Raises Invalid without its number."""
    _, row = _taken(assignment_id, "confirm", by=by)
    row.judicial_no, row.judicial_on = given(number, "judicial_no", "写明司法确认裁定书的文号", 60), on
    return _keep(row, "confirm", by=by, judicial_no=row.judicial_no)


def _locked(assignment_id: int) -> tuple[Complaint, MediationAssignment]:
    seen = MediationAssignment.objects.filter(pk=assignment_id).first()
    if seen is None:
        raise NotFound
    complaint = Complaint.objects.locked(seen.complaint_id)
    return complaint, MediationAssignment.objects.locked(assignment_id)


def _taken(assignment_id: int, step: str, *, by: Actor) -> tuple[Complaint, MediationAssignment]:
    complaint, row = _locked(assignment_id)
    require(by, ASSIGNMENT_LIFECYCLE.steps[step].permission, row)
    ASSIGNMENT_LIFECYCLE.move(step, row)
    return complaint, row


def _keep(row: MediationAssignment, verb: str, *, by: Actor, **facts: object) -> MediationAssignment:
    row.save()
    record(f"mediation_assignment.{verb}", row, by=by, **facts)
    return row

"""The life of a complaint up to the decision, and its end: contacts, handler, identity, acceptance, call-back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from complaints.actions import clocks
from complaints.actions.disclosures import draft_disclosure
from complaints.actions.receipts import answered
from complaints.actions.steps import (
    ROUTES,
    given,
    keep,
    now,
    require_consents,
    take,
    tell_complainant,
    tell_merchant,
)
from complaints.models import Clock, Complaint, Contact
from core import actions as core
from core.actors import Actor
from core.audit import record
from core.errors import Invalid, WrongState
from core.permissions import require

Code = Clock.Code


@transaction.atomic
def note_contact(
    complaint_id: int,
    side: str,
    note: str,
    *,
    by: Actor,
    direction: str = Contact.Direction.OUT,
    reached: bool = True,
    at: datetime | None = None,
) -> Contact:
    """Write down a call; the first one that reached the complainant answers the 24-hour clock. Raises Invalid."""
    complaint, moment = Complaint.objects.locked(complaint_id), now(at)
    require(by, "complaints.note_contact", complaint)
    assert by.user is not None
    if side not in Contact.Side.values or direction not in Contact.Direction.values:
        raise Invalid(fields={"side": "选联系的是哪一方"})
    contact = Contact.objects.create(
        complaint=complaint, side=side, direction=direction, reached=reached, officer=by.user, at=moment,
        note=given(note, "note", "写明谈了什么", 500),
    )  # fmt: skip
    if reached and side == Contact.Side.COMPLAINANT and complaint.first_contact_at is None:
        complaint.first_contact_at = moment
        clocks.stop(complaint, Code.FIRST_CONTACT, at=moment)
    keep(complaint, "contact", by=by, side=contact.get_side_display(), note=contact.note)
    return contact


@transaction.atomic
def request_id_proof(complaint_id: int, *, by: Actor, at: datetime | None = None) -> Complaint:
    """Ask the complainant to prove who they are (第10条); the limit to decide runs on."""
    complaint = take(complaint_id, "request_id_proof", by=by)
    clocks.start(complaint, Code.ID_PROOF, at=now(at))
    tell_complainant(complaint, "请在期限内提供身份证明，逾期不提供的不予受理。可以登录补充或到窗口办理。", "id")
    return keep(complaint, "request_id_proof", by=by)


@transaction.atomic
def accept(complaint_id: int, *, by: Actor, at: datetime | None = None) -> Complaint:
    """Accept (第15条): both sides are told, the shop reads the complaint, and the limit to mediate runs."""
    complaint, moment = take(complaint_id, "accept", by=by), now(at)
    _decide(complaint, by=by, at=moment)
    clocks.start(complaint, Code.MEDIATE, at=moment)
    tell_complainant(complaint, "已受理，接下来由市场监管部门组织调解。", "accepted")
    tell_merchant(complaint, "已受理，请登录商家端查看并答复是否愿意调解。", "accepted", at=moment)
    return keep(complaint, "accept", by=by)


@transaction.atomic
def refuse(complaint_id: int, ground: int, reason: str, *, by: Actor, at: datetime | None = None) -> Complaint:
    """Refuse on one of the seven grounds (第16条); the reply names it, the reason and the other ways (消法第39条).

    Raises Invalid without a ground or a reason.
    """
    if ground not in Complaint.Refusal.values:
        raise Invalid(fields={"ground": "选一种不予受理的情形"})
    reason = given(reason, "reason", "写明理由，投诉人会看到")
    complaint, moment = take(complaint_id, "refuse", by=by), now(at)
    complaint.refusal, complaint.reason, complaint.closed_at = ground, reason, moment
    said = Complaint.Refusal(ground).label
    complaint.reply = f"不予受理：{said}（第16条第{ground}项）。理由：{reason}。{ROUTES}"[:2000]
    _decide(complaint, by=by, at=moment)
    clocks.stop(complaint, at=moment, dropped=True)
    answered(complaint, at=moment)
    tell_complainant(complaint, f"决定不予受理：{reason[:60]}。原因和其他办法请登录查看，或拨打12315。", "refused")
    return keep(complaint, "refuse", by=by, ground=ground, reason=reason)


def _decide(complaint: Complaint, *, by: Actor, at: datetime) -> None:
    """Note who decided when, and answer the clock of the decision."""
    assert by.user is not None  # no machine decides
    complaint.decided_at, complaint.decided_by = at, by.user
    complaint.handler = complaint.handler or by.user
    clocks.stop(complaint, Code.ACCEPT, at=at)
    clocks.stop(complaint, Code.ID_PROOF, Code.ASSIGN, at=at, dropped=True)


@transaction.atomic
def withdraw(complaint_id: int, *, by: Actor, at: datetime | None = None) -> Complaint:
    """The complainant takes it back before it is decided; joint ones only if the represented consent (第12条)."""
    complaint, moment = take(complaint_id, "withdraw", by=by), now(at)
    require_consents(complaint)
    complaint.closed_at = moment
    clocks.stop(complaint, at=moment, dropped=True)
    answered(complaint, at=moment)
    return keep(complaint, "withdraw", by=by)


@transaction.atomic
def close(complaint_id: int, rating: int, text: str = "", *, by: Actor, at: datetime | None = None) -> Complaint:
    """The call-back: what the complainant says, and the end; the public record is drafted.

    Raises WrongState while the money of the agreement has not been shown to have arrived.
    """
    if rating not in Complaint.Rating.values:
        raise Invalid(fields={"rating": "选回访结果"})
    complaint, moment = take(complaint_id, "close", by=by), now(at)
    settlement = getattr(complaint, "settlement", None)
    if settlement is not None and settlement.unpaid:
        raise WrongState(f"还不能办结：{settlement.unpaid}")
    complaint.rating, complaint.rating_text, complaint.closed_at = rating, text.strip()[:500], moment
    clocks.stop(complaint, Code.CALLBACK, at=moment)
    clocks.stop(complaint, at=moment, dropped=True)
    answered(complaint, at=moment)
    keep(complaint, "close", by=by, rating=complaint.get_rating_display())
    draft_disclosure(complaint, on=clocks.start_day(moment))
    return complaint


@transaction.atomic
def unmask_complainant(complaint_id: int, purpose: str, *, by: Actor) -> dict[str, str]:
    """Name, phone and address of the complainant and agent, for a purpose that is written down. Raises Invalid."""
    complaint = Complaint.objects.locked(complaint_id)
    require(by, "complaints.unmask_complainant", complaint)
    purpose = core.purpose_of_unmask(purpose, by=by)
    record("complaint.unmask", complaint, by=by, purpose=purpose)
    person = complaint.complainant
    shown = {"投诉人": person.name, "手机号": person.phone, "地址": person.address}
    if person.agent_name:
        shown |= {"代理人": person.agent_name, "代理人手机号": person.agent_phone}
    return shown

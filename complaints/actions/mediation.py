"""Mediation by the bureau: both consent, both are told of the meeting, the clock stands still, it ends."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from complaints.actions import clocks
from complaints.actions.receipts import answered
from complaints.actions.steps import ROUTES, given, keep, now, take, tell_complainant, tell_merchant
from complaints.models import Clock, Complaint, Mediation, MediationAssignment, MediationMeeting, Party
from complaints.models.complaints import COMPLAINT_LIFECYCLE, IN_MEDIATION
from complaints.models.mediation import LIVE
from complaints.rules import complains, is_no_party, is_respondent
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.clocks import local
from core.errors import Invalid, NotFound, WrongState
from core.models import User
from core.models.people import OFFICERS
from core.permissions import require

Code = Clock.Code


def consents_of(complaint: Complaint) -> Mediation:
    """The consents of both sides, made at the first question; its complaint is locked."""
    return Mediation.objects.get_or_create(complaint=complaint)[0]


def party_of(by: Actor, complaint: Complaint, party: str) -> str:
    """The side for which ``by`` speaks: a party for itself, an officer for whom it was asked. Raises Invalid."""
    if complains.test(by, complaint):
        return Party.COMPLAINANT
    if is_respondent.test(by, complaint):
        return Party.MERCHANT
    if party not in Party.values:
        raise Invalid(fields={"party": "选是哪一方同意"})
    return party


@transaction.atomic
def consent_to_mediation(
    complaint_id: int, *, by: Actor, party: str = "", note: str = "", at: datetime | None = None
) -> Mediation:
    """One side consents to mediation (第18条); an officer writes down for whom, and how it was said.

    Raises Invalid, WrongState unless it was accepted.
    """
    complaint = Complaint.objects.locked(complaint_id)
    require(by, "complaints.consent_to_mediation", complaint)
    if complaint.status not in IN_MEDIATION:
        raise WrongState("受理以后才征求双方是否愿意调解")
    side, row = party_of(by, complaint, party), consents_of(complaint)
    if side == Party.COMPLAINANT:
        row.complainant_agreed_at = row.complainant_agreed_at or now(at)
    else:
        row.merchant_agreed_at = row.merchant_agreed_at or now(at)
    row.save()
    record("complaint.consent", complaint, by=by, party=Party(side).label, note=note.strip()[:200])
    return row


@transaction.atomic
def mediate(
    complaint_id: int,
    when: datetime,
    place: str,
    *,
    by: Actor,
    remote: bool = False,
    mediator_id: int | None = None,
    at: datetime | None = None,
) -> MediationMeeting:
    """Call a meeting: both sides are told when, where and with whom (第20、21条). The first one begins mediation.

    Raises WrongState without both consents, Invalid for a time that is past or a mediator who is a party.
    """
    complaint, moment = Complaint.objects.locked(complaint_id), now(at)
    require(by, COMPLAINT_LIFECYCLE.steps["mediate"].permission, complaint)
    if complaint.status != Complaint.Status.MEDIATING:
        COMPLAINT_LIFECYCLE.move("mediate", complaint)
    if not consents_of(complaint).agreed_by_both:
        raise WrongState("双方都同意才能调解（第18条），先征求还没有同意的一方")
    if when <= moment:
        raise Invalid(fields={"when": "调解时间要在现在以后，双方才来得及"})
    if len(place.strip()) < 2:
        raise Invalid(fields={"place": "写明地点，远程的写明方式"})
    mediator = _mediator(complaint, mediator_id, by)
    meeting = MediationMeeting.objects.create(
        complaint=complaint, at=when, place=place.strip()[:200], is_remote=remote, mediator=mediator, told_at=moment
    )
    day, how = local(when), "远程方式" if remote else "地点"
    text = f"调解时间{day:%m月%d日 %H:%M}，{how}：{meeting.place}，调解人员{mediator.name}。要求回避的请提前告知。"
    tell_complainant(complaint, text, f"meeting:{meeting.pk}")
    tell_merchant(complaint, text, f"meeting:{meeting.pk}", at=moment)
    keep(complaint, "mediate", by=by, meeting=meeting.pk, note=f"{day:%m月%d日 %H:%M} {meeting.where}"[:200])
    return meeting


def _mediator(complaint: Complaint, mediator_id: int | None, by: Actor) -> User:
    """An officer of the region who is no party; the one who calls it where nobody is named."""
    found = User.objects.filter(pk=mediator_id, is_active=True).first() if mediator_id else by.user
    if found is None or not found.access.covers(complaint.region.path, *OFFICERS):
        raise Invalid(fields={"mediator": f"调解人员要是{complaint.region}有办案职责的人员"})
    if not is_no_party.test(Actor.of_user(found), complaint):
        raise Invalid(fields={"mediator": "调解人员是本件当事人或者在这家店任职，应当回避"})
    return found


@transaction.atomic
def record_meeting(meeting_id: int, text: str, *, by: Actor, at: datetime | None = None) -> MediationMeeting:
    """What was said at a meeting."""
    seen = MediationMeeting.objects.filter(pk=meeting_id).first()
    if seen is None:
        raise NotFound
    complaint = Complaint.objects.locked(seen.complaint_id)
    require(by, "complaints.handle_complaint", complaint)
    meeting = MediationMeeting.objects.locked(meeting_id)
    meeting.record, meeting.recorded_at = given(text, "record", "写明调解经过"), now(at)
    meeting.save(update_fields=["record", "recorded_at"])
    record("complaint.record_meeting", complaint, by=by, meeting=meeting.pk)
    return meeting


@transaction.atomic
def suspend(complaint_id: int, pause: str, note: str, *, by: Actor, on: date | None = None) -> Complaint:
    """Testing or recusal: from this day the limit to mediate stands still (第21、22条). Raises Invalid."""
    if pause not in Mediation.Pause.values:
        raise Invalid(fields={"pause": "选中止的原因"})
    text = given(note, "note", "写明检测机构和费用怎么承担，或谁回避", 300)
    complaint = take(complaint_id, "suspend", by=by)
    clocks.pause(complaint, Code.MEDIATE, on=on or business_date())
    row = consents_of(complaint)
    row.pause, row.pause_note = pause, text
    row.save(update_fields=["pause", "pause_note"])
    tell_complainant(complaint, f"{row.get_pause_display()}期间不计入调解期限。", f"suspend:{_nth(complaint)}")
    return keep(complaint, "suspend", by=by, reason=f"{row.get_pause_display()}：{text}")


@transaction.atomic
def resume(complaint_id: int, *, by: Actor, on: date | None = None) -> Complaint:
    """The limit runs again from this day; the days between are not counted."""
    complaint = take(complaint_id, "resume", by=by)
    row = consents_of(complaint)
    clock = clocks.resume(complaint, Code.MEDIATE, on=on or business_date())
    row.pause, row.pause_note = "", ""
    row.save(update_fields=["pause", "pause_note"])
    tell_complainant(complaint, f"恢复计时，调解期限到{clock.due_on}。", f"resume:{_nth(complaint)}")
    return keep(complaint, "resume", by=by, end=clock.due_on)


def _nth(complaint: Complaint) -> int:
    """How often the clock has stood still before, so that each message has a key of its own."""
    clock = Clock.objects.of(complaint).filter(code=Code.MEDIATE).latest("pk")
    return len(clock.pauses)


@transaction.atomic
def terminate(complaint_id: int, ground: int, reason: str, *, by: Actor, at: datetime | None = None) -> Complaint:
    """End mediation on one of the eight grounds (第23条); both must be told within seven working days.

    Raises Invalid without a ground or a reason.
    """
    if ground not in Complaint.Termination.values:
        raise Invalid(fields={"ground": "选一种终止调解的情形"})
    text = given(reason, "reason", "写明理由，双方会看到")
    complaint, moment = take(complaint_id, "terminate", by=by), now(at)
    return _end(complaint, ground, text, by=by, at=moment)


@transaction.atomic
def end_in_time(complaint_id: int, *, by: Actor, at: datetime | None = None) -> Complaint:
    """The days to mediate are over without an agreement: ended on the fifth ground by itself (第23条第5项).

    Raises WrongState while the clock has not run out, or stands still.
    """
    complaint, moment = take(complaint_id, "terminate", by=by), now(at)
    if not Clock.objects.of(complaint).filter(code=Code.MEDIATE, due_at__lte=moment).running().exists():
        raise WrongState("调解期限还没有到")
    return _end(complaint, Complaint.Termination.TIME_OVER, "期限届满未达成调解协议", by=by, at=moment)


def _end(complaint: Complaint, ground: int, reason: str, *, by: Actor, at: datetime) -> Complaint:
    complaint.termination, complaint.reason, complaint.ended_at = ground, reason, at
    said = Complaint.Termination(ground).label
    complaint.reply = f"终止调解：{said}（第23条第{ground}项）。{reason}。{ROUTES}"[:2000]
    clocks.stop(complaint, Code.MEDIATE, at=at)
    clocks.start(complaint, Code.TERMINATE_NOTICE, at=at)
    for row in MediationAssignment.objects.filter(complaint=complaint, status__in=LIVE):
        proposed = row.status == MediationAssignment.Status.PROPOSED
        row.status = MediationAssignment.Status.DECLINED if proposed else MediationAssignment.Status.FAILED
        row.ended_at, row.outcome = at, "投诉已终止调解"
        row.save(update_fields=["status", "ended_at", "outcome"])
        record("mediation_assignment.end", row, by=by)
    return keep(complaint, "terminate", by=by, ground=ground, reason=reason)


@transaction.atomic
def notify(complaint_id: int, *, by: Actor, reply: str = "", at: datetime | None = None) -> Complaint:
    """Tell both sides how it ended; the call-back begins. ``reply`` replaces the words made from the outcome."""
    complaint, moment = take(complaint_id, "notify", by=by), now(at)
    if reply.strip():
        complaint.reply = reply.strip()[:2000]
    ended = "调解终止，您还可以走其他途径" if complaint.termination else "双方已达成一致"
    tell_complainant(complaint, f"{ended}。办理结果请登录查看，或拨打12315。", "notified")
    tell_merchant(complaint, f"{ended}，办理结果请登录商家端查看。", "notified", at=moment)
    clocks.stop(complaint, Code.TERMINATE_NOTICE, at=moment)
    clocks.start(complaint, Code.CALLBACK, at=moment)
    answered(complaint, at=moment)
    return keep(complaint, "notify", by=by)

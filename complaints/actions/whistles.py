"""吹哨报到: a station officer calls departments to a case; each reports in, acts and says what it did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from complaints.actions import clocks
from complaints.actions.steps import given, now
from complaints.departments import departments_over
from complaints.models import Clock, Complaint, Whistle, WhistleCall
from complaints.models.complaints import OPEN
from complaints.models.whistles import WHISTLE_CALL_LIFECYCLE, WHISTLE_LIFECYCLE
from complaints.ways_rules import over_no_party
from core import messages
from core.actors import Actor
from core.audit import record
from core.errors import Invalid, NotAllowed, NotFound, WrongState
from core.models import Membership, Role, User
from core.permissions import require

MOST_DEPARTMENTS = 8


@transaction.atomic
def call_whistle(
    complaint_id: int, departments: Sequence[str], need: str, *, by: Actor, at: datetime | None = None
) -> Whistle:
    """Call departments to a case; each has a working day to report in. Raises Invalid, WrongState.

    Only departments that have people at the portal can be called; to the others a case is routed (第41条).
    """
    complaint, moment = Complaint.objects.locked(complaint_id), now(at)
    require(by, "complaints.call_whistle", complaint)
    assert by.user is not None
    if complaint.closed_at is not None or complaint.status not in OPEN:
        raise WrongState("这件投诉已经结束，不用再吹哨")
    if Whistle.objects.open().filter(complaint=complaint).exists():
        raise WrongState("已经吹过哨，等各部门报到或办完")
    need = given(need, "need", "写明要各部门做什么")
    wanted = sorted({name.strip() for name in departments if name.strip()})
    unknown = [name for name in wanted if name not in departments_over(complaint.region)]
    if not wanted or len(wanted) > MOST_DEPARTMENTS or unknown:
        said = f"「{'、'.join(unknown)}」没有在平台上的人员" if unknown else f"选 1 到 {MOST_DEPARTMENTS} 个部门"
        raise Invalid(fields={"departments": said})
    (clock,) = clocks.start(complaint, Clock.Code.WHISTLE, at=moment)
    complaint.save(update_fields=["next_due_at"])
    row = Whistle.objects.create(complaint=complaint, clock=clock, need=need, called_by=by.user, called_at=moment)
    WhistleCall.objects.bulk_create(WhistleCall(whistle=row, department=name) for name in wanted)
    record("whistle.call", row, by=by, departments=wanted, reason=need)
    record("complaint.whistle", complaint, by=by, departments=wanted)
    for name in wanted:
        _tell_department(row, name, f"请在{clock.due_on}前报到：{need[:60]}", "call")
    return row


@transaction.atomic
def accept_whistle(call_id: int, *, by: Actor, at: datetime | None = None) -> WhistleCall:
    """The department reports in. Raises NotFound, NotAllowed, WrongState."""
    row = _taken(call_id, "accept", by)
    row.answered_by, row.answered_at = by.user, now(at)
    return _answered(row, "accept", by=by, at=now(at))


@transaction.atomic
def refuse_whistle(call_id: int, reason: str, *, by: Actor, at: datetime | None = None) -> WhistleCall:
    """The department says it is not its business; the station may insist. Raises Invalid without a reason."""
    row = _taken(call_id, "refuse", by)
    row.answered_by, row.answered_at = by.user, now(at)
    row.reason = given(reason, "reason", "写明为什么不归本部门", 300)
    return _answered(row, "refuse", by=by, at=now(at), reason=row.reason)


@transaction.atomic
def report_whistle(call_id: int, text: str, *, by: Actor, at: datetime | None = None) -> WhistleCall:
    """The department says what it did. When the last one has, the whistle is resolved by itself."""
    row, moment = _taken(call_id, "report", by), now(at)
    row.report, row.reported_by, row.reported_at = given(text, "text", "写明办了什么"), by.user, moment
    row.save()
    record("whistle_call.report", row, by=by, department=row.department)
    whistle = row.whistle
    if not whistle.calls.exclude(status=WhistleCall.Status.REPORTED).exists():
        WHISTLE_LIFECYCLE.move("resolve", whistle)
        whistle.outcome, whistle.ended_at = "各部门都已办完并报告", moment
        whistle.save()
        record("whistle.resolve", whistle, by=by)
    _tell_officer(whistle, f"{row.department}已报告办理情况：{row.report[:60]}", f"report:{row.pk}")
    return row


@transaction.atomic
def insist_on_whistle(call_id: int, reason: str, *, by: Actor, at: datetime | None = None) -> WhistleCall:
    """The station says why it is the department's business after all; the working day begins again."""
    row = _taken(call_id, "insist", by)
    row.reason, row.answered_by, row.answered_at = given(reason, "reason", "写明为什么归该部门", 300), None, None
    row.save()
    whistle = row.whistle
    if not Clock.objects.of(whistle.complaint).running().filter(code=Clock.Code.WHISTLE).exists():
        (whistle.clock,) = clocks.start(whistle.complaint, Clock.Code.WHISTLE, at=now(at))
        whistle.complaint.save(update_fields=["next_due_at"])
    whistle.status = Whistle.Status.CALLED
    whistle.save()
    record("whistle_call.insist", row, by=by, department=row.department, reason=row.reason)
    _tell_department(whistle, row.department, f"请在{whistle.clock.due_on}前报到：{row.reason[:60]}", "insist")
    return row


@transaction.atomic
def resolve_whistle(whistle_id: int, outcome: str, *, by: Actor, at: datetime | None = None) -> Whistle:
    """The station ends it where some departments had nothing to do. Raises WrongState while one is still at work."""
    row = _kept(whistle_id, "resolve", by)
    calls = list(row.calls.all())
    waiting = [one.department for one in calls if one.status in ("INVITED", "ACCEPTED")]
    if waiting:
        raise WrongState(f"{'、'.join(waiting)}还没有办完；不需要的话撤销吹哨")
    return _ended(row, "resolve", outcome, by=by, at=now(at))


@transaction.atomic
def withdraw_whistle(whistle_id: int, reason: str, *, by: Actor, at: datetime | None = None) -> Whistle:
    """The station takes the call back. Raises Invalid without a reason."""
    return _ended(_kept(whistle_id, "withdraw", by), "withdraw", reason, by=by, at=now(at))


def _kept(whistle_id: int, step: str, by: Actor) -> Whistle:
    """The whistle behind its complaint, both locked, moved by an officer who is no party. Raises NotFound."""
    seen = Whistle.objects.filter(pk=whistle_id).first()
    if seen is None:
        raise NotFound
    complaint = Complaint.objects.locked(seen.complaint_id)
    row = Whistle.objects.locked(whistle_id)
    row.complaint = complaint
    require(by, WHISTLE_LIFECYCLE.steps[step].permission, row)
    if not over_no_party.test(by, row):
        raise NotAllowed
    WHISTLE_LIFECYCLE.move(step, row)
    return row


def _ended(row: Whistle, verb: str, said: str, *, by: Actor, at: datetime) -> Whistle:
    row.outcome, row.ended_at = given(said, "reason", "写明结果或撤销的理由"), at
    row.save()
    clocks.stop(row.complaint, Clock.Code.WHISTLE, at=at, dropped=True)
    row.complaint.save(update_fields=["next_due_at"])
    record(f"whistle.{verb}", row, by=by, reason=row.outcome)
    return row


def _taken(call_id: int, step: str, by: Actor) -> WhistleCall:
    """The call behind its complaint and whistle, all locked and moved, if ``by`` may. Raises WrongState."""
    seen = WhistleCall.objects.filter(pk=call_id).select_related("whistle").first()
    if seen is None:
        raise NotFound
    complaint = Complaint.objects.locked(seen.whistle.complaint_id)
    whistle = Whistle.objects.locked(seen.whistle_id)
    row = WhistleCall.objects.locked(call_id)
    whistle.complaint, row.whistle = complaint, whistle
    require(by, WHISTLE_CALL_LIFECYCLE.steps[step].permission, row)
    if whistle.status not in (Whistle.Status.CALLED, Whistle.Status.ON_SITE):
        raise WrongState(f"这次吹哨{whistle.get_status_display()}，不用再办")
    WHISTLE_CALL_LIFECYCLE.move(step, row)
    return row


def _answered(row: WhistleCall, verb: str, *, by: Actor, at: datetime, **facts: str) -> WhistleCall:
    """Keep an answer; when nobody is waited for any more, the clock has its answer too."""
    row.save()
    record(f"whistle_call.{verb}", row, by=by, department=row.department, **facts)
    whistle = row.whistle
    if not whistle.calls.filter(status=WhistleCall.Status.INVITED).exists():
        clocks.stop(whistle.complaint, Clock.Code.WHISTLE, at=at)
        whistle.complaint.save(update_fields=["next_due_at"])
        WHISTLE_LIFECYCLE.move("gather", whistle)
        whistle.save()
    words = "已报到" if verb == "accept" else f"说不归它管：{row.reason[:60]}"
    _tell_officer(whistle, f"{row.department}{words}", f"{verb}:{row.pk}:{at:%Y%m%d%H%M}")
    return row


def _tell_department(row: Whistle, department: str, text: str, what: str) -> None:
    """One message to each officer of the department over the place, without a link."""
    path = row.region.path
    above = [path[: n + 1] for n, letter in enumerate(path) if letter == "/"]
    people = Membership.objects.in_force(now(None).date()).filter(
        role=Role.DEPARTMENT_OFFICER, department=department, region__path__in=above, user__is_active=True
    )
    for user in User.objects.filter(pk__in=people.values("user")):
        key = f"whistle:{row.pk}:{what}:{department}:{user.pk}:{row.clock_id}"
        messages.text_user(
            user, f"吹哨 {row.code_grouped}（{row.complaint.respondent}）：{text}。请到工作台办理。", key=key
        )


def _tell_officer(row: Whistle, text: str, what: str) -> None:
    officer = row.complaint.handler or row.called_by
    messages.text_user(officer, f"投诉 {row.complaint.code_grouped}：{text}。", key=f"whistle:{row.pk}:{what}")

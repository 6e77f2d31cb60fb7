"""Reminders by people (催办), and matters that somebody by name answers for until they are solved (督办、领导包案)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from complaints.actions.dispatching import MATTERS
from complaints.actions.steps import given
from complaints.models import Escalation, EscalationNote, Level, Reminder
from complaints.models.clocks import Clock, Subject, person_of
from complaints.models.escalations import ESCALATION_LIFECYCLE
from complaints.rules import DISPATCHERS
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, WrongState
from core.models import Membership, User
from core.models.people import OFFICERS
from core.permissions import require

LEVELS = tuple(Level.values)


@transaction.atomic
def remind(kind: str, pk: int, text: str = "", *, by: Actor, on: date | None = None) -> Reminder:
    """Ask the officer to get on with a matter; once a day by each person. Raises WrongState for a closed one."""
    matter: Subject = MATTERS[kind].objects.locked(pk)
    require(by, f"complaints.remind_{kind}", matter)
    if matter.closed_at is not None:
        raise WrongState("这件事已经办结，不用再催")
    today = on or business_date()
    if by.user and Reminder.objects.of(matter).filter(sent_by=by.user, on=today).exists():
        raise WrongState("今天已经催办过，承办人员已收到提醒")
    inside = bool(by.user and by.user.access.covers(matter.region.path, *DISPATCHERS))
    row = Reminder.objects.create(
        **{Clock.field_of(matter): matter},
        sender=Reminder.Sender.DISPATCHER if inside else Reminder.Sender.PERSON,
        sent_by=by.user,
        to=matter.handler,
        text=text.strip()[:300] or "请尽快办理",
        on=today,
    )
    record(f"{kind}.remind", matter, by=by, sender=row.get_sender_display())
    return row


@transaction.atomic
def escalate(
    kind: str, pk: int, level: str, owner_id: int, reason: str, *, by: Actor, on: date | None = None
) -> Escalation:
    """Take a matter to a higher level, to the person named. Raises Invalid for who does not answer for the place,
    WrongState where it is that high already.
    """
    matter: Subject = MATTERS[kind].objects.locked(pk)
    require(by, "complaints.escalate_matter", matter)
    if matter.closed_at is not None:
        raise WrongState("这件事已经办结")
    reason = given(reason, "reason", "写明提级的理由", 300)
    if level not in LEVELS:
        raise Invalid(fields={"level": "选一个层级"})
    owner = _owner(matter, owner_id)
    row = Escalation.objects.of(matter).open().select_for_update(no_key=True).first()
    if row is not None and LEVELS.index(level) <= LEVELS.index(row.level) and owner.pk == row.owner_id:
        raise WrongState(f"已经由{row.get_level_display()}督办，负责人 {row.owner.name}")
    if row is None:
        row = Escalation(**{Clock.field_of(matter): matter}, opened_on=on or business_date(), opened_by=by.user)
    row.level, row.owner, row.reason = level, owner, reason
    row.status, row.owned_at = Escalation.Status.PROPOSED, None
    row.save()
    matter.level = level
    matter.save(update_fields=["level"])
    record("escalation.open", row, by=by, level=row.get_level_display(), reason=reason)
    record(f"{kind}.escalate", matter, by=by, level=row.get_level_display(), reason=reason)
    return row


@transaction.atomic
def take_escalation(escalation_id: int, plan: str = "", *, by: Actor, at: datetime | None = None) -> Escalation:
    """The owner takes it on; a leader's case needs a plan from the first day (领导包案). Raises Invalid without one."""
    row = _moved(escalation_id, "take", by)
    if row.level == Level.LEADER:
        plan = given(plan, "plan", "领导包案要写明办理方案")
    row.plan, row.owned_at = plan.strip()[:1000], at or timezone.now()
    row.save()
    record("escalation.take", row, by=by)
    return row


@transaction.atomic
def note_week(escalation_id: int, text: str, *, by: Actor, on: date | None = None) -> EscalationNote:
    """What was done this week; written again, it replaces the week's note. Raises WrongState unless it is owned."""
    row = Escalation.objects.locked(escalation_id)
    require(by, "complaints.own_escalation", row)
    if row.status != Escalation.Status.OWNED:
        raise WrongState("接办以后才能写每周进展")
    assert by.user is not None
    today = on or business_date()
    note, _ = EscalationNote.objects.update_or_create(
        escalation=row,
        week=today - timedelta(days=today.weekday()),
        defaults={"text": given(text, "text", "写明本周进展", 500), "written_by": by.user},
    )
    record("escalation.note", row, by=by, on=note.week)
    return note


@transaction.atomic
def solve_escalation(escalation_id: int, outcome: str, *, by: Actor, at: datetime | None = None) -> Escalation:
    """The owner says how it was solved; somebody else checks that and releases it."""
    row = _moved(escalation_id, "solve", by)
    row.outcome, row.solved_at = given(outcome, "outcome", "写明解决的结果"), at or timezone.now()
    row.save()
    record("escalation.solve", row, by=by)
    return row


@transaction.atomic
def release_escalation(escalation_id: int, *, by: Actor, at: datetime | None = None) -> Escalation:
    """It is over. Never by its owner."""
    row = _moved(escalation_id, "release", by)
    row.released_at, row.released_by = at or timezone.now(), by.user
    row.save()
    record("escalation.release", row, by=by)
    return row


@transaction.atomic
def return_escalation(escalation_id: int, reason: str, *, by: Actor) -> Escalation:
    """Not solved yet: back to its owner, with the reason."""
    row = _moved(escalation_id, "return", by)
    reason = given(reason, "reason", "写明退回的理由", 300)
    row.solved_at = None
    row.save()
    record("escalation.return", row, by=by, reason=reason)
    return row


def _moved(escalation_id: int, step: str, by: Actor) -> Escalation:
    """The row, locked and moved, if ``by`` may. Raises NotFound, NotAllowed, WrongState."""
    row = Escalation.objects.locked(escalation_id)
    require(by, ESCALATION_LIFECYCLE.steps[step].permission, row)
    ESCALATION_LIFECYCLE.move(step, row)
    return row


def _owner(matter: Subject, owner_id: int) -> User:
    """The person named, if they answer for the place today and it is no matter of their own. Raises Invalid."""
    held = Membership.objects.in_force(timezone.localdate()).filter(user=owner_id, role__in=OFFICERS)
    over = [row for row in held.select_related("region", "user") if matter.region.path.startswith(row.region.path)]
    person = person_of(matter)
    if not over or not over[0].user.is_active or (person is not None and person.user_id == owner_id):
        raise Invalid(fields={"owner": "负责人要是这个辖区在岗的监管人员，当事人除外"})
    owner: User = over[0].user
    if matter.merchant_id in owner.access.merchants():
        raise Invalid(fields={"owner": "负责人不能是被投诉商家的人员"})
    return owner

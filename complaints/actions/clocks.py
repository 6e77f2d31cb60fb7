"""Clocks of matters: started, paused, extended and stopped inside the action that has asked and locked its matter."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Min

from complaints.deadlines import DAY_UNITS, Limit, count, ends_at, limit_of, start_day
from complaints.models import Clock
from complaints.models.clocks import Subject
from core.calendar import calendar, working_days_between
from core.errors import Invalid, NotFound, WrongState
from core.rule_packs import rule, rules

# Which figure of the rule packs each clock runs by.
RULE_KEYS: dict[str, str] = {
    Clock.Code.ASSIGN: "assign",
    Clock.Code.FIRST_CONTACT: "first_contact",
    Clock.Code.ODR: "odr",
    Clock.Code.ID_PROOF: "id_proof",
    Clock.Code.ACCEPT: "accept",
    Clock.Code.MEDIATE: "mediate",
    Clock.Code.TERMINATE_NOTICE: "terminate_notice",
    Clock.Code.CALLBACK: "callback",
    Clock.Code.VERIFY: "verify",
    Clock.Code.FILING_NOTICE: "report_filing_notice",
    Clock.Code.CASE: "case_decide",
    Clock.Code.PUBLISH: "case_publish",
    Clock.Code.JURISDICTION: "jurisdiction_dispute",
    Clock.Code.ANSWER: "consultation_answer",
    Clock.Code.WHISTLE: "whistle_accept",
}


def limit_for(code: str, region_code: str, received_on: date) -> Limit:
    """The limit for a matter received on that day: one of 2026-04-10 runs under 令20号, one of 04-16 under 令121号.

    Raises NotFound (no_rule) where the law of that day knows no such limit.
    """
    counting = rules(region_code, received_on).get("counting")
    return limit_of(rule(RULE_KEYS[code], region_code, received_on), counting.value if counting else {})


def start(subject: Subject, *codes: str, at: datetime) -> list[Clock]:
    """Start clocks of a matter at an instant; the rules are those of the day it was received.

    Sets ``next_due_at`` on the matter, which the caller saves.
    """
    return Clock.objects.bulk_create(wound_up(subject, *codes, at=at))


def wound_up(subject: Subject, *codes: str, at: datetime) -> list[Clock]:
    """The same clocks, not saved yet: a matter that is new is saved once, with its ``next_due_at``."""
    received_on, started_on, days = start_day(subject.received_at), start_day(at), calendar()
    made = []
    for code in codes:
        limit = limit_for(code, subject.region_id, received_on)
        deadline = None if limit.unit == "hour" else count(limit, started_on, days)
        made.append(
            Clock(
                **{Clock.field_of(subject): subject},
                region_id=subject.region_id,
                code=code,
                started_at=at,
                started_on=started_on,
                amount=limit.amount,
                unit=limit.unit,
                roll=limit.roll,
                extension=limit.extend,
                due_at=ends_at(limit, at, deadline),
                provisional=bool(deadline and deadline.provisional),
                basis=limit.basis,
                pack_id=limit.pack_id,
            )
        )
    dues = [clock.due_at for clock in made] + ([subject.next_due_at] if subject.next_due_at else [])
    subject.next_due_at = min(dues, default=None)
    return made


def stop(subject: Subject, *codes: str, at: datetime, dropped: bool = False) -> None:
    """Stop clocks that run or stand still: answered at that instant, or no longer of use. None at all: every one.

    Sets ``next_due_at`` on the matter, which the caller saves.
    """
    live = Clock.objects.of(subject).filter(state__in=[Clock.State.RUNNING, Clock.State.PAUSED])
    if codes:
        live = live.filter(code__in=codes)
    live.update(state=Clock.State.DROPPED if dropped else Clock.State.STOPPED, stopped_at=at, paused_on=None)
    _look_ahead(subject)


def pause(subject: Subject, code: str, *, on: date) -> Clock:
    """Let a clock stand still from ``on``. Raises WrongState unless it runs, and for one of hours."""
    clock = _live(subject, code, Clock.State.RUNNING)
    if clock.unit not in DAY_UNITS:
        raise WrongState("按小时计的期限不能中止")
    clock.state, clock.paused_on = Clock.State.PAUSED, on
    clock.save(update_fields=["state", "paused_on"])
    _look_ahead(subject)
    return clock


def resume(subject: Subject, code: str, *, on: date) -> Clock:
    """Let it run again from ``on``: the days between are not counted. Raises WrongState unless it stands still.

    Raises Invalid for a day before it was stopped.
    """
    clock = _live(subject, code, Clock.State.PAUSED)
    assert clock.paused_on is not None
    if on < clock.paused_on:
        raise Invalid(fields={"on": f"恢复日不能早于中止日 {clock.paused_on}"})
    clock.pauses = [*clock.pauses, [clock.paused_on.isoformat(), on.isoformat()]]
    clock.state, clock.paused_on = Clock.State.RUNNING, None
    _count_again(clock)
    clock.save()
    _look_ahead(subject)
    return clock


def extend(subject: Subject, code: str) -> Clock:
    """Give the longer limit the law allows once. Raises WrongState when there is none, or it was given already."""
    clock = _live(subject, code, Clock.State.RUNNING)
    if clock.extended or not clock.extension:
        raise WrongState("这个期限不能再延长")
    clock.extended = True
    _count_again(clock)
    clock.save()
    _look_ahead(subject)
    return clock


def recount(clock: Clock) -> bool:
    """Count a running clock again, on the calendar as it is known now; whether its end is firm or moved.

    The caller has locked it; its matter looks ahead anew.
    """
    before = clock.due_at, clock.provisional
    marks = clock.warned_at, clock.warned_days, clock.escalated_to
    _count_again(clock)
    if (clock.due_at, clock.provisional) == before:
        return False
    if clock.due_at == before[0]:
        clock.warned_at, clock.warned_days, clock.escalated_to = marks
    clock.save()
    subject = clock.complaint or clock.report or clock.consultation
    assert subject is not None
    _look_ahead(subject)
    type(subject)._default_manager.filter(pk=subject.pk).update(next_due_at=subject.next_due_at)
    return True


def days_left(clock: Clock, today: date) -> int | None:
    """Working days left, negative when late; None for limits in calendar days or hours."""
    return working_days_between(today, clock.due_on) if clock.unit == "working_day" else None


def _count_again(clock: Clock) -> None:
    deadline = count(clock.limit, clock.started_on, calendar(), pauses=clock.paused_days, extended=clock.extended)
    clock.due_at, clock.provisional = deadline.ends_at, deadline.provisional
    # Another due date: it is warned of and taken upwards anew.
    clock.warned_at, clock.warned_days, clock.escalated_to = None, None, ""


def _live(subject: Subject, code: str, state: str) -> Clock:
    clock = Clock.objects.of(subject).filter(code=code, state__in=["RUNNING", "PAUSED"]).first()
    if clock is None:
        raise NotFound("这件事没有这个期限")
    if clock.state != state:
        raise WrongState("期限已经中止" if clock.state == Clock.State.PAUSED else "期限没有中止")
    return clock


def _look_ahead(subject: Subject) -> None:
    subject.next_due_at = Clock.objects.of(subject).running().aggregate(next=Min("due_at"))["next"]

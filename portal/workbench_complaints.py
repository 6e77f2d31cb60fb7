"""What the 12315 desk puts on the workbench: limits that end soon or are over, matters nobody has yet, own cases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from complaints.admin.queue import case_address, clock_face
from complaints.models import (
    AgendaAction,
    CallDraft,
    Clock,
    Complaint,
    Escalation,
    Incident,
    MallTicket,
    OdrEnrolment,
    ProactiveTask,
    Whistle,
)
from complaints.queues import COUNTED_AT_MOST
from core.actors import Actor
from core.calendar import DAY, end_of_day
from core.clocks import Face, face
from core.models.people import WATCHERS, in_regions
from core.templatetags.portal_ui import state_of
from prepaid.admin.rows import case_url

ROWS = 40
SOON = timedelta(days=3)
Row = tuple[str, str, str, Any, Face, date | datetime | None]


def waiting(by: Actor, today: date) -> dict[str, QuerySet[Any]]:
    """What to count for the doors on the left, never further than a hundred."""
    assert by.user is not None
    own = in_regions("region__path", by.user.access.region_paths(*WATCHERS))
    new = Complaint.objects.filter(own, closed_at=None, handler=None, status__in=["REGISTERED", "ROUTED"])
    late = Clock.objects.running().filter(own, due_at__lte=end_of_day(today - DAY))
    return {
        "unassigned": Complaint.objects.filter(pk__in=new.order_by()[:COUNTED_AT_MOST].values("pk")),
        "limits_over": Clock.objects.filter(pk__in=late.order_by()[:COUNTED_AT_MOST].values("pk")),
        "calls": CallDraft.objects.visible_to(by).open(),
        "escalations": Escalation.objects.open().owned_by(by),
        "whistles": Whistle.objects.visible_to(by).open(),
        "mall_tickets": MallTicket.objects.visible_to(by).filter(status=MallTicket.Status.OPEN),
        "odr_enrolments": OdrEnrolment.objects.visible_to(by).filter(status=OdrEnrolment.Status.ENROLLED),
        "agenda_actions": AgendaAction.objects.owned_by(by),
        "incidents": Incident.objects.visible_to(by).open(),
        "proactive": ProactiveTask.objects.visible_to(by).filter(status=ProactiveTask.Status.PROPOSED),
    }


def items(by: Actor) -> Iterator[Row]:
    """(title, note, address, state, face of the clock, last day) of each, the most urgent first. One query."""
    assert by.user is not None
    now = timezone.now()
    own = in_regions("region__path", by.user.access.region_paths(*WATCHERS))
    rows = Clock.objects.running().filter(own, due_at__lte=now + SOON).select_related(
        "complaint__merchant", "report__merchant", "consultation__merchant", "region"
    )  # fmt: skip
    for clock in rows.order_by("due_at", "id")[:ROWS]:
        matter = clock.complaint or clock.report or clock.consultation
        assert matter is not None
        title = f"{matter.respondent or matter.code_grouped} {matter._meta.verbose_name}{clock.get_code_display()}"
        note = f"{clock.region.name} · {matter.code_grouped} · {matter.get_cause_display()}"
        due = clock.due_at if clock.unit == "hour" else clock.due_on
        yield title, note, case_address(matter), state_of(matter, "officer"), clock_face(clock, now), due
    yield from _tickets(by, now)


def _tickets(by: Actor, now: datetime) -> Iterator[Row]:
    """Mall tickets without an answer, the most urgent first."""
    rows = MallTicket.objects.visible_to(by).unanswered().select_related("mall__region", "store")
    for row in rows[:ROWS]:
        title = f"{row.mall.name} 24 小时客诉"
        note = f"{row.store.name if row.store else row.mall.region.name} · {row.text[:40]}"
        yield title, note, case_url(row), state_of(row, "officer"), face(row.due_at, now, unit="hour"), row.due_at

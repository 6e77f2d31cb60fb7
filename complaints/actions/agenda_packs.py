"""Agenda packs: made by the jobs for all bureaus at once, then held, decided upon, and locked."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from typing import Any

from django.db import transaction

from complaints import agenda
from complaints.actions.steps import given, now
from complaints.models import AgendaAction, AgendaPack
from complaints.models.agenda_packs import AGENDA_PACK_LIFECYCLE
from core import audit
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, NotFound, WrongState
from core.models import Membership, Region, User
from core.models.people import OFFICERS, Role
from core.permissions import require

SHOWN = 300


def checksum(content: dict[str, Any]) -> str:
    """What tells that a pack is as it was made."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def make_agenda_packs(kind: str, on: date, *, by: Actor) -> int:
    """The packs of one kind that are due on the morning of ``on``, for every bureau that has none; how many.

    Nothing on other days. What the day shows is frozen: made again, it changes nothing.
    """
    require(by, "complaints.make_agenda")
    period = agenda.period_of(kind, on)
    if period is None:
        return 0
    known = AgendaPack.objects.filter(kind=kind, starts_on=period[0]).values_list("region", flat=True)
    wanted = sorted(set(agenda.counties(on)) - set(known))
    regions = Region.objects.in_bulk(wanted)
    if not regions:
        return 0
    content_of = agenda.contents(kind, *period, on)
    rows = []
    for code in wanted:
        if code in regions:
            content = json.loads(json.dumps(content_of(code), ensure_ascii=False))
            rows.append(
                AgendaPack(
                    kind=kind, region=regions[code], starts_on=period[0], ends_on=period[1], made_on=on,
                    content=content, sha256=checksum(content),
                )
            )  # fmt: skip
    AgendaPack.objects.bulk_create(rows, ignore_conflicts=True)
    made = AgendaPack.objects.filter(kind=kind, starts_on=period[0], region__in=wanted).values_list("pk", flat=True)
    audit.record_many("agenda_pack.make", AgendaPack, list(made), by=by, on=on.isoformat())
    return len(rows)


@transaction.atomic
def hold_agenda(pack_id: int, minutes: str, *, by: Actor, at: datetime | None = None) -> AgendaPack:
    """The meeting was held: its minutes. Raises Invalid, NotFound, NotAllowed, WrongState."""
    row = _taken(pack_id, "hold", by)
    row.minutes, row.held_by, row.held_at = given(minutes, "minutes", "写明会议纪要", 4000), by.user, now(at)
    return _keep(row, "hold", by=by)


@transaction.atomic
def add_agenda_action(pack_id: int, text: str, owner_id: int, due_on: date, *, by: Actor) -> AgendaAction:
    """One thing the meeting decided, with who does it by when. Raises Invalid, WrongState for a locked pack."""
    row = AgendaPack.objects.locked(pack_id)
    require(by, "complaints.keep_agenda", row)
    if row.status != AgendaPack.Status.HELD:
        raise WrongState("先写会议纪要；锁定以后不能再加")
    if due_on < business_date():
        raise Invalid(fields={"due_on": "期限不能早于今天"})
    owner = owner_over(row.region, owner_id)
    action = AgendaAction.objects.create(
        pack=row, text=given(text, "text", "写明交办什么", 300), owner=owner, due_on=due_on
    )
    record("agenda_pack.entrust", row, by=by, reason=action.text, officer=owner.pk, end=due_on)
    return action


@transaction.atomic
def finish_agenda_action(action_id: int, note: str, *, by: Actor, at: datetime | None = None) -> AgendaAction:
    """Whoever was named says what came of it. Raises Invalid, WrongState."""
    seen = AgendaAction.objects.filter(pk=action_id).first()
    if seen is None:
        raise NotFound
    pack = AgendaPack.objects.locked(seen.pack_id)
    row = AgendaAction.objects.locked(action_id)
    require(by, "complaints.do_agenda_action", row)
    if row.done_at is not None:
        raise WrongState("这件已经办结")
    row.note, row.done_at = given(note, "note", "写明办理情况", 500), now(at)
    row.save()
    record("agenda_pack.finish", pack, by=by, reason=row.text)
    return row


@transaction.atomic
def lock_agenda(pack_id: int, *, by: Actor, at: datetime | None = None) -> AgendaPack:
    """The period is closed: nothing is changed any more. Raises WrongState while something decided is not done."""
    row = _taken(pack_id, "lock", by)
    if row.actions_open:
        raise WrongState(f"还有 {row.actions_open} 件交办事项没有办结")
    row.locked_at = now(at)
    return _keep(row, "lock", by=by)


def owner_over(region: Region, user_id: int) -> User:
    """Who is named, if they are an officer of the place today. Raises Invalid."""
    above = [region.path[: n + 1] for n, letter in enumerate(region.path) if letter == "/"]
    near = Membership.objects.in_force(business_date()).filter(
        user=user_id, user__is_active=True, role__in=(*OFFICERS, Role.DISPATCHER)
    )
    held = near.filter(region__path__in=above) | near.filter(region__path__startswith=region.path)
    row = held.select_related("user").first()
    if row is None:
        raise Invalid(fields={"owner": "负责人要是这个辖区在岗的监管人员"})
    owner: User = row.user
    return owner


def owners_over(region: Region) -> list[tuple[str, str]]:
    """Whom a meeting may name: the officers of the bureau, its stations and those above, with their posts."""
    above = [region.path[: n + 1] for n, letter in enumerate(region.path) if letter == "/"]
    rows = Membership.objects.in_force(business_date()).filter(
        user__is_active=True, role__in=(*OFFICERS, Role.DISPATCHER)
    )
    rows = rows.filter(region__path__in=above) | rows.filter(region__path__startswith=region.path)
    found: dict[int, str] = {}
    for row in rows.select_related("user", "region").order_by("region__path", "user_id")[:SHOWN]:
        found.setdefault(row.user_id, f"{row.user.name} · {row.region.name} {row.get_role_display()}")
    return [(str(pk), text) for pk, text in found.items()]


def _taken(pack_id: int, step: str, by: Actor) -> AgendaPack:
    row = AgendaPack.objects.locked(pack_id)
    require(by, AGENDA_PACK_LIFECYCLE.steps[step].permission, row)
    AGENDA_PACK_LIFECYCLE.move(step, row)
    return row


def _keep(row: AgendaPack, verb: str, *, by: Actor) -> AgendaPack:
    row.save()
    record(f"agenda_pack.{verb}", row, by=by)
    return row

"""Complaints on their way between bureaus (第13、33、41条), and every matter on its way to an officer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from complaints.actions import clocks
from complaints.actions.receipts import answered
from complaints.actions.referrals import refer
from complaints.actions.steps import given, keep, take, tell_complainant
from complaints.dispatch import Choice, county_of
from complaints.jurisdiction import Advice, advise
from complaints.models import Clock, Complaint, Consultation, ViolationReport
from complaints.models.clocks import Subject
from complaints.models.complaints import COMPLAINT_LIFECYCLE
from complaints.workload import Workload
from core import audit
from core.actors import Actor
from core.errors import Invalid, NotAllowed, NotFound, WrongState
from core.models import Region, User
from core.permissions import may, require

MATTERS: dict[str, type[Any]] = {"complaint": Complaint, "report": ViolationReport, "consultation": Consultation}
MOST_AT_ONCE = 200


@dataclass(frozen=True)
class Proposal:
    """What assigning one matter would change: from whom, to whom, or why not. ``seen`` is how it stood then."""

    matter: Subject
    to: User | None
    stands_in_for: User | None = None
    over_cap: bool = False
    problem: str = ""
    # What the officer would have open then, of the most they should have.
    load: str = ""
    # Whose it is by law; nothing for questions, which stay where they were asked.
    advice: Advice | None = None

    @property
    def seen(self) -> str:
        """The state that a later change would show."""
        return seen(self.matter)


def seen(matter: Subject) -> str:
    """The state and the officer of a matter, so that a change in between is noticed."""
    return f"{matter.status}:{matter.handler_id or 0}:{matter.region_id}"


def propose_assignments(kind: str, pks: Sequence[int], *, by: Actor, officer_id: int | None = None) -> list[Proposal]:
    """What would happen if these were assigned: to one officer, or each to whoever has most room. Changes nothing.

    Raises Invalid for more than 200 at once, NotFound for what ``by`` may not see.
    """
    rows = _rows(kind, pks, by)
    load = Workload.of(rows)
    advice = advise(rows) if kind != "consultation" else {}
    found = []
    for row in rows:
        problem = _problem(kind, row, by)
        choice = None if problem else load.give(row, officer_id)
        if choice is None:
            problem = problem or "这个辖区没有可以承办的人员"
            found.append(Proposal(row, None, problem=problem, advice=advice.get(row.pk)))
            continue
        stands_in_for = load.people.get(choice.for_id) if choice.for_id else None
        to = load.people[choice.officer]
        said = load.load(to.pk, row)
        found.append(Proposal(row, to, stands_in_for, choice.over_cap, load=said, advice=advice.get(row.pk)))
    return found


@transaction.atomic
def assign_many(
    kind: str,
    wanted: Sequence[tuple[int, int, str]],
    *,
    by: Actor,
    note: str = "",
    override: str = "",
    at: datetime | None = None,
) -> int:
    """Assign each ``(matter, officer, how it stood in the preview)``; all or none. How many.

    ``override`` is a leader's reason to go beyond the cap. Raises WrongState that names those which changed since the
    preview or an officer who has too many, NotAllowed, Invalid.
    """
    rows = _rows(kind, [pk for pk, _, _ in wanted], by, locked=True)
    load = Workload.of(rows)
    plan = {pk: (officer, stood) for pk, officer, stood in wanted}
    changed = [row.code_grouped for row in rows if seen(row) != plan[row.pk][1]]
    if changed:
        raise WrongState(f"{'、'.join(changed)} 在预览以后有变化，一件也没有分派，请重新预览", code="changed")
    refused = [f"{row.code_grouped}（{text}）" for row in rows if (text := _problem(kind, row, by))]
    if refused:
        raise NotAllowed("；".join(refused))
    for row in rows:
        choice = load.give(row, plan[row.pk][0])
        if choice is None:
            raise Invalid(f"{row.code_grouped} 不能交给这个人：不在辖区、已离岗，或者是当事人", code="officer")
        stands_in_for = load.people.get(choice.for_id) if choice.for_id else None
        said = _within_cap(row, choice, load, override, by)
        _give(row, load.people[choice.officer], stands_in_for, note + said, at or timezone.now(), by)
    return len(rows)


@transaction.atomic
def assign(
    kind: str,
    pk: int,
    officer_id: int | None = None,
    *,
    by: Actor,
    note: str = "",
    override: str = "",
    at: datetime | None = None,
) -> Subject:
    """Give one matter to an officer, or to whoever of its station has most room. Raises NotFound, NotAllowed, Invalid.

    Beyond the cap only with ``override``, a leader's reason (WrongState else).
    The step takes a new complaint on; one in the works only changes hands, its clocks run on.
    """
    (row,) = _rows(kind, [pk], by, locked=True)
    require(by, f"complaints.assign_{kind}", row)
    problem = _problem(kind, row, by)
    if problem:
        raise WrongState(problem)
    load = Workload.of([row])
    choice = load.give(row, officer_id)
    if choice is None:
        raise Invalid(fields={"handler": "选一位这个辖区的在岗人员；当事人和在这家店任职的应当回避"})
    stands_in_for = load.people.get(choice.for_id) if choice.for_id else None
    note += _within_cap(row, choice, load, override, by)
    return _give(row, load.people[choice.officer], stands_in_for, note, at or timezone.now(), by)


@transaction.atomic
def hand_over(from_id: int, to_id: int, note: str, *, by: Actor, at: datetime | None = None) -> dict[str, int]:
    """All open matters of one officer to another, who leaves or moves; with a note on each running clock.

    How many of each kind. Raises NotAllowed or Invalid, naming the first that cannot be handed over: then none is.
    """
    note = given(note, "note", "写明交接的原因", 200)
    moved = {}
    for kind, model in MATTERS.items():
        rows = model.objects.visible_to(by).open().filter(handler=from_id)
        pks = list(rows.order_by("pk").values_list("pk", flat=True))
        for first in range(0, len(pks), MOST_AT_ONCE):
            batch = _rows(kind, pks[first : first + MOST_AT_ONCE], by, locked=True)
            allowed = bool(batch) and may(by, "complaints.override_workload", batch[0])
            wanted = [(row.pk, to_id, seen(row)) for row in batch]
            assign_many(kind, wanted, by=by, note=note, override=note if allowed else "", at=at)
        moved[kind] = len(pks)
    return moved


@transaction.atomic
def send_back(complaint_id: int, reason: str, *, by: Actor, at: datetime | None = None) -> Complaint:
    """Back to the dispatcher; a routed one back to the unit it came from, never on to a third (第41条)."""
    complaint = take(complaint_id, "send_back", by=by)
    reason, now = given(reason, "reason", "写明退回的理由", 300), at or timezone.now()
    if complaint.routed_from is not None:
        complaint.region, complaint.routed_from = complaint.routed_from, None
        Clock.objects.of(complaint).running().update(region=complaint.region)
    complaint.handler = complaint.assigned_at = None
    _restart_assigning(complaint, now)
    return keep(complaint, "send_back", by=by, reason=reason, region=complaint.region.name)


@transaction.atomic
def route(complaint_id: int, to_region_id: str, reason: str, *, by: Actor, at: datetime | None = None) -> Complaint:
    """To the bureau that has power (第41条), where it waits to be assigned. Its limits run on.

    Raises Invalid for an unknown place or the same county, NotAllowed where it was routed here: it may only go back.
    """
    complaint = _taken_to_pass_on(complaint_id, by)
    reason, now = given(reason, "reason", "写明分送的理由", 300), at or timezone.now()
    target = Region.objects.filter(pk=to_region_id).first()
    if target is None or county_of(target.path) == county_of(complaint.region.path):
        raise Invalid(fields={"region": "选另一个区县；本区县内直接分派"})
    complaint.routed_from, complaint.region = complaint.region, target
    complaint.handler = complaint.assigned_at = None
    Clock.objects.of(complaint).running().update(region=target)
    _restart_assigning(complaint, now)
    return keep(complaint, "route", by=by, reason=reason, region=target.name)


@transaction.atomic
def route_out(complaint_id: int, to_name: str, reason: str, *, by: Actor, at: datetime | None = None) -> Complaint:
    """To a department that has power (第41条); with that it is at an end here.

    One with people at the portal, named as it is known here, finds it in its inbox.
    """
    complaint = _taken_to_pass_on(complaint_id, by)
    reason, now = given(reason, "reason", "写明分送的理由", 300), at or timezone.now()
    if len(to_name.strip()) < 2:
        raise Invalid(fields={"to_name": "写明分送到哪个部门"})
    complaint.routed_to, complaint.reason, complaint.closed_at = to_name.strip()[:60], reason, now
    clocks.stop(complaint, at=now, dropped=True)
    answered(complaint, at=now)
    tell_complainant(complaint, f"已分送{complaint.routed_to}处理，请留意该部门的答复。", "routed")
    refer(complaint, by=by, at=now)
    return keep(complaint, "route", by=by, reason=reason, place=complaint.routed_to)


@transaction.atomic
def dispute_jurisdiction(complaint_id: int, reason: str, *, by: Actor, at: datetime | None = None) -> Complaint:
    """The unit it was routed to and the one it came from disagree: seven working days to negotiate (第33条)."""
    complaint = Complaint.objects.locked(complaint_id)
    require(by, "complaints.send_back_complaint", complaint)
    COMPLAINT_LIFECYCLE.check("send_back", complaint)
    if complaint.routed_from is None:
        raise WrongState("这件不是分送来的，没有管辖争议；不归本单位管的请退回分派")
    if Clock.objects.of(complaint).running().filter(code=Clock.Code.JURISDICTION).exists():
        raise WrongState("已经在协商管辖")
    reason = given(reason, "reason", "写明争议的理由", 300)
    clocks.start(complaint, Clock.Code.JURISDICTION, at=at or timezone.now())
    return keep(complaint, "dispute", by=by, reason=reason)


@transaction.atomic
def settle_jurisdiction(
    complaint_id: int, to_region_id: str, reason: str, *, by: Actor, at: datetime | None = None
) -> Complaint:
    """The common superior says whose it is (第33条). Raises WrongState without a dispute, Invalid for a third place."""
    complaint = Complaint.objects.locked(complaint_id)
    require(by, "complaints.settle_jurisdiction", complaint)
    if not Clock.objects.of(complaint).running().filter(code=Clock.Code.JURISDICTION).exists():
        raise WrongState("没有管辖争议")
    assert complaint.routed_from is not None
    parties = {complaint.region_id: complaint.region, complaint.routed_from_id: complaint.routed_from}
    if to_region_id not in parties:
        raise Invalid(fields={"region": "只能指定争议双方之一"})
    reason, now = given(reason, "reason", "写明指定的理由", 300), at or timezone.now()
    clocks.stop(complaint, Clock.Code.JURISDICTION, at=now)
    # What the superior has settled is not sent back again: it is now received there, not routed.
    moved = to_region_id != complaint.region_id
    complaint.region, complaint.routed_from = parties[to_region_id], None
    if moved:
        complaint.handler = complaint.assigned_at = None
        complaint.status = Complaint.Status.REGISTERED
        Clock.objects.of(complaint).running().update(region=complaint.region)
        _restart_assigning(complaint, now)
    return keep(complaint, "settle_jurisdiction", by=by, reason=reason, region=complaint.region.name)


def _taken_to_pass_on(complaint_id: int, by: Actor) -> Complaint:
    """The complaint, locked and moved. Raises NotAllowed where it was routed here: it may only go back (第41条)."""
    complaint = take(complaint_id, "route", by=by)
    if complaint.routed_from is not None:
        raise NotAllowed("这件是分送来的：没有处理权限只能退回，不得自行移送（第41条）")
    return complaint


def _rows(kind: str, pks: Sequence[int], by: Actor, *, locked: bool = False) -> list[Any]:
    """The matters in order of their key, all of them visible. Raises NotFound, Invalid."""
    if kind not in MATTERS:
        raise NotFound
    wanted = sorted(set(pks))
    if not wanted or len(wanted) > MOST_AT_ONCE:
        raise Invalid(f"一次选 1 到 {MOST_AT_ONCE} 件", code="how_many")
    model = MATTERS[kind]
    if locked:
        model.objects.locked_all(wanted)
    person = {"complaint": "complainant", "report": "reporter", "consultation": "person"}[kind]
    with_ = ["region", "handler", "merchant", person, *(["routed_from"] if kind != "consultation" else [])]
    rows = model.objects.visible_to(by).filter(pk__in=wanted).select_related(*with_)
    found = list(rows.order_by("pk"))
    if len(found) != len(wanted):
        raise NotFound
    return found


def _within_cap(row: Subject, choice: Choice, load: Workload, override: str, by: Actor) -> str:
    """Nothing where the officer has room; else the leader's reason, as it stands in the note. Raises WrongState.

    Whoever has as many as one can do well is spared (officer wellbeing); only a leader says otherwise, in writing.
    """
    if not choice.over_cap or by.is_system:
        return ""
    officer = load.people[choice.officer].name
    if not override.strip():
        raise WrongState(
            f"{officer} 已到在办上限（分派后{load.load(choice.officer, row)}）。换一位同事或先交接；"
            "确实要超上限的，由包案领导写明理由分派",
            code="over_cap",
        )
    require(by, "complaints.override_workload", row)
    return f"；超上限：{given(override, 'override', '写明超上限分派的理由', 100)}"


def _problem(kind: str, row: Subject, by: Actor) -> str:
    """Why a matter cannot be assigned by this actor now; empty if it can."""
    if not may(by, f"complaints.assign_{kind}", row):
        return "不在您的分派权限内，或者您是当事人"
    if row.closed_at is not None or row.status not in type(row).objects.all().OPEN:
        return f"现在是「{row.get_status_display()}」，不用再分派"
    if isinstance(row, Complaint) and row.status == Complaint.Status.ODR_PENDING:
        return "商家正在和消费者协商，协商不成才分派"
    return ""


def _give(row: Any, officer: User, stands_in_for: User | None, note: str, now: datetime, by: Actor) -> Any:
    """The change itself, on a locked row."""
    before = row.handler_id
    row.handler, row.assigned_at = officer, now
    if isinstance(row, Complaint) and row.status in (Complaint.Status.REGISTERED, Complaint.Status.ROUTED):
        COMPLAINT_LIFECYCLE.move("assign", row)
    if Clock.objects.of(row).running().filter(code=Clock.Code.ASSIGN).exists():
        clocks.stop(row, Clock.Code.ASSIGN, at=now)
    said = [f"{stands_in_for.name} 不在岗，由 {officer.name} 代办"] if stands_in_for else []
    said += [note] if note else []
    if said:
        Clock.objects.of(row).filter(state__in=["RUNNING", "PAUSED"]).update(note="；".join(said)[:200])
    row.save()
    facts = {"officer": officer.pk, "before": before, "reason": "；".join(said)}
    audit.record(f"{Clock.field_of(row)}.assign", row, by=by, **facts)
    return row


def _restart_assigning(complaint: Complaint, now: datetime) -> None:
    """It has to be assigned anew, within the same short limit."""
    clocks.stop(complaint, Clock.Code.ASSIGN, at=now)
    clocks.start(complaint, Clock.Code.ASSIGN, at=now)

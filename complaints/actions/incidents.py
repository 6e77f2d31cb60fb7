"""A closed shop with many victims: one incident above their complaints, led by one person, told on one page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from complaints.actions import cases, clocks
from complaints.actions.dispatching import MOST_AT_ONCE, seen
from complaints.actions.documents import issue_document
from complaints.actions.steps import given
from complaints.deadlines import count
from complaints.models import Clock, Complaint, Incident, IncidentClaim, IncidentEntry, IssuedDocument
from complaints.models.complaints import COMPLAINT_LIFECYCLE
from complaints.models.complaints import OPEN as OPEN_COMPLAINTS
from complaints.models.incidents import INCIDENT_LIFECYCLE
from core import messages
from core.actors import Actor
from core.audit import record
from core.calendar import business_date, calendar
from core.errors import Invalid, NotFound, PortalError, WrongState
from core.models import Membership, User
from core.models.people import OFFICERS
from core.permissions import may, require
from merchants.models import Merchant

# What a page for everybody must not carry: whole phone and identity numbers.
_NUMBERS = re.compile(r"(?<!\d)(?:1[3-9]\d[- ]?\d{4}[- ]?\d{4}|\d{17}[\dXx])(?!\d)")


@transaction.atomic
def open_incident(
    merchant_id: int, leader_id: int, summary: str, *, by: Actor, next_step: str = "", next_on: date | None = None,
    on: date | None = None,
) -> Incident:  # fmt: skip
    """Make the shop's complaints one incident with a named leader; those that are open join it at once.

    Raises WrongState while one is open, Invalid for a leader who does not answer for the place.
    """
    merchant = Merchant.objects.locked(merchant_id)
    assert by.user is not None
    incident = Incident(merchant=merchant, opened_on=on or business_date(), opened_by=by.user)
    require(by, "complaints.open_incident", incident)
    if Incident.objects.open().filter(merchant=merchant).exists():
        raise WrongState("这家商家已经有一件群体事件在办")
    incident.summary = keep_public(given(summary, "summary", "写明情况，公开页面会显示", 500), "summary")
    incident.leader = _leader(incident, leader_id)
    incident.next_step, incident.next_on = _next(incident, next_step, next_on, on)
    incident.save()
    joined = _join(incident, [row.pk for row in joinable(incident)])
    record("incident.open", incident, by=by, leader=incident.leader.name, joined=joined)
    return incident


def joinable(incident: Incident) -> Sequence[Complaint]:
    """The shop's open complaints that belong to no incident yet."""
    rows = Complaint.objects.open().filter(merchant=incident.merchant_id, incident=None)
    return list(rows.order_by("pk"))


@transaction.atomic
def join_incident(incident_id: int, *, by: Actor) -> Incident:
    """Take in the complaints that came since. Raises WrongState when there are none."""
    incident = taken(incident_id, "complaints.run_incident", by=by)
    joined = _join(incident, [row.pk for row in joinable(incident)])
    if not joined:
        raise WrongState("没有新的投诉要并入")
    record("incident.join", incident, by=by, joined=joined)
    return incident


def _join(incident: Incident, pks: Sequence[int]) -> int:
    rows = Complaint.objects.locked_all(list(pks))
    fresh = [row for row in rows if row.incident_id is None and row.status in OPEN_COMPLAINTS]
    return Complaint.objects.filter(pk__in=[row.pk for row in fresh]).update(incident=incident)


@transaction.atomic
def leave_incident(complaint_id: int, reason: str, *, by: Actor) -> Complaint:
    """Take one complaint out: it is about something else. Raises WrongState for one that is in none."""
    complaint = Complaint.objects.locked(complaint_id)
    require(by, "complaints.handle_complaint", complaint)
    if complaint.incident is None:
        raise WrongState("这件投诉没有并入群体事件")
    reason = given(reason, "reason", "写明移出的理由", 300)
    record("incident.leave", complaint.incident, by=by, case=complaint.code, reason=reason)
    complaint.incident = None
    complaint.save(update_fields=["incident"])
    record("complaint.leave_incident", complaint, by=by, reason=reason)
    return complaint


@dataclass(frozen=True)
class Acceptance:
    """What accepting one complaint would do: until when it is to be mediated, or why it cannot be accepted now."""

    complaint: Complaint
    mediate_by: date | None = None
    problem: str = ""

    @property
    def stood(self) -> str:
        """How it stands, so that a change in between shows."""
        return seen(self.complaint)


def propose_acceptance(incident_id: int, *, by: Actor) -> list[Acceptance]:
    """What accepting all undecided complaints of an incident would do, one by one. Changes nothing."""
    incident = Incident.objects.visible_to(by).filter(pk=incident_id).first()
    if incident is None:
        raise NotFound
    require(by, "complaints.accept_incident", incident)
    rows = incident.complaints.open().filter(decided_at=None)
    found = []
    ends: dict[tuple[str, date], date] = {}
    for row in rows.select_related("merchant", "region", "complainant", "handler").order_by("pk")[:MOST_AT_ONCE]:
        problem = _no_acceptance(row, by)
        key = (row.region_id, clocks.start_day(row.received_at))
        if not problem and key not in ends:
            limit = clocks.limit_for(Clock.Code.MEDIATE, *key)
            ends[key] = count(limit, business_date(), calendar()).due
        found.append(Acceptance(row, None if problem else ends[key], problem))
    return found


def _no_acceptance(row: Complaint, by: Actor) -> str:
    step = COMPLAINT_LIFECYCLE.steps["accept"]
    if row.status not in step.sources:
        return f"现在是「{row.get_status_display()}」，要先分派才能受理"
    if not may(by, step.permission, row):
        return "不在您的权限内，或者您是当事人"
    return ""


@dataclass(frozen=True)
class Accepted:
    """What came of accepting many: which were, and why each other one was not."""

    done: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()


@transaction.atomic
def accept_incident(
    incident_id: int, wanted: Sequence[tuple[int, str]], *, by: Actor, at: datetime | None = None
) -> Accepted:
    """Accept each ``(complaint, how it stood in the preview)``: decision, clock, messages, notice, audit line.

    A case is accepted wholly or not touched at all; what was refused is named with its reason. Raises Invalid.
    """
    incident = taken(incident_id, "complaints.accept_incident", by=by)
    plan = dict(wanted)
    if not plan or len(plan) > MOST_AT_ONCE:
        raise Invalid(f"一次选 1 到 {MOST_AT_ONCE} 件", code="how_many")
    done: list[str] = []
    refused: list[tuple[str, str]] = []
    for row in incident.complaints.filter(pk__in=plan).select_related("merchant", "region").order_by("pk"):
        try:
            with transaction.atomic():
                _accept_one(row.pk, plan[row.pk], by, at)
        except PortalError as error:
            refused.append((row.code_grouped, "；".join(error.fields.values()) or error.message))
        else:
            done.append(row.code_grouped)
    if len(done) + len(refused) != len(plan):
        raise Invalid("选的投诉有的不属于这件群体事件，一件也没有办", code="not_members")
    record("incident.accept", incident, by=by, accepted=len(done), refused=len(refused))
    return Accepted(tuple(done), tuple(refused))


def _accept_one(pk: int, stood: str, by: Actor, at: datetime | None) -> None:
    if seen(Complaint.objects.locked(pk)) != stood:
        raise WrongState("在预览以后有变化，请重新预览", code="changed")
    row = cases.accept(pk, by=by, at=at)
    issue_document(IssuedDocument.Kind.ACCEPTANCE, row, by=by, at=at)


@transaction.atomic
def lead_incident(incident_id: int, leader_id: int, reason: str, *, by: Actor) -> Incident:
    """Another named leader. Raises Invalid for one who does not answer for the place."""
    incident = taken(incident_id, "complaints.head_incident", by=by)
    before = incident.leader.name
    incident.leader = _leader(incident, leader_id)
    incident.save(update_fields=["leader"])
    reason = given(reason, "reason", "写明更换的理由", 300)
    record("incident.lead", incident, by=by, leader=incident.leader.name, before=before, reason=reason)
    return incident


@transaction.atomic
def note_progress(
    incident_id: int, text: str, *, by: Actor, public: bool = True, tell: bool = False, next_step: str = "",
    next_on: date | None = None, on: date | None = None,
) -> IncidentEntry:  # fmt: skip
    """Write down what was done and what comes next; with ``tell`` everybody concerned gets it as one message each.

    Raises Invalid for numbers or names of people in a public text, or a next date in the past.
    """
    incident = taken(incident_id, "complaints.run_incident", by=by)
    text = given(text, "text", "写明做了什么", 500)
    if public or tell:
        keep_public(text, "text")
        _keep_names_out(incident, text)
    if next_step or next_on:
        incident.next_step, incident.next_on = _next(incident, next_step, next_on, on)
        incident.save(update_fields=["next_step", "next_on"])
    assert by.user is not None
    entry = IncidentEntry.objects.create(
        incident=incident, on=on or business_date(), text=text, is_public=public, written_by=by.user
    )
    if tell:
        entry.told = _tell(incident, entry)
        entry.save(update_fields=["told"])
    record("incident.note", incident, by=by, note=text[:200], told=entry.told or None)
    return entry


def _tell(incident: Incident, entry: IncidentEntry) -> int:
    """One message to each phone among complainants and claimants."""
    people: dict[str, Any] = {}
    for complaint in incident.complaints.select_related("complainant__user"):
        people.setdefault(complaint.complainant.phone_idx, complaint.complainant)
    for claim in incident.claims.standing().select_related("claimant__user"):
        people.setdefault(claim.person_idx, claim.claimant)
    people.pop("", None)
    said = f"{incident.merchant.brand_name}统一办理进展：{entry.text}查询请登录平台或拨打12315。"
    rows = messages.send_many(
        ((person.phone, person.user), said, f"incident:{entry.pk}:{index}") for index, person in people.items()
    )
    return len(rows)


@transaction.atomic
def settle_incident(incident_id: int, *, by: Actor, on: date | None = None) -> Incident:
    """The register is complete, money goes back. Raises WrongState while a claim waits to be checked."""
    incident = _moved(incident_id, "settle", by=by)
    waiting = incident.claims.filter(status=IncidentClaim.Status.OPEN).count()
    if waiting:
        raise WrongState(f"还有 {waiting} 笔债权没有核对")
    incident.settling_on = on or business_date()
    incident.save()
    record("incident.settle", incident, by=by)
    return incident


@transaction.atomic
def reopen_incident(incident_id: int, reason: str, *, by: Actor) -> Incident:
    """More claimants have come: claims are taken again."""
    incident = _moved(incident_id, "reopen", by=by)
    incident.settling_on = None
    incident.save()
    record("incident.reopen", incident, by=by, reason=given(reason, "reason", "写明理由", 300))
    return incident


@transaction.atomic
def close_incident(incident_id: int, outcome: str, *, by: Actor, on: date | None = None) -> Incident:
    """It is over, and everybody reads how. Raises WrongState while a complaint or a claim is open."""
    incident = _moved(incident_id, "close", by=by)
    waiting = incident.claims.filter(status=IncidentClaim.Status.OPEN).count()
    cases_left = incident.complaints.open().count()
    if waiting or cases_left:
        raise WrongState(f"还有 {cases_left} 件投诉没有办结、{waiting} 笔债权没有核对")
    outcome = keep_public(given(outcome, "outcome", "写明办结的情况，公开页面会显示"), "outcome")
    _keep_names_out(incident, outcome, "outcome")
    incident.outcome, incident.closed_on = outcome, on or business_date()
    incident.next_step, incident.next_on = "", None
    incident.save()
    record("incident.close", incident, by=by)
    return incident


def taken(incident_id: int, permission: str, *, by: Actor) -> Incident:
    """The incident, locked, still open, if ``by`` may. Raises NotFound, NotAllowed, WrongState."""
    incident = Incident.objects.locked(incident_id)
    require(by, permission, incident)
    if incident.status == Incident.Status.CLOSED:
        raise WrongState("这件群体事件已经办结")
    return incident


def _moved(incident_id: int, step: str, *, by: Actor) -> Incident:
    incident = taken(incident_id, INCIDENT_LIFECYCLE.steps[step].permission, by=by)
    INCIDENT_LIFECYCLE.move(step, incident)
    return incident


def _leader(incident: Incident, leader_id: int) -> User:
    """The person named, if they answer for the place today and have no part in the shop. Raises Invalid."""
    held = Membership.objects.in_force(timezone.localdate()).filter(user=leader_id, role__in=OFFICERS)
    over = [row for row in held.select_related("region", "user") if incident.region.path.startswith(row.region.path)]
    if not over or not over[0].user.is_active or incident.merchant_id in over[0].user.access.merchants():
        raise Invalid(fields={"leader": "包案负责人要是这个辖区在岗的监管人员，和商家没有关系"})
    leader: User = over[0].user
    return leader


def _next(incident: Incident, step: str, when: date | None, on: date | None) -> tuple[str, date | None]:
    if when is not None and when < (on or business_date()):
        raise Invalid(fields={"next_on": "下一步的日期不能早于今天"})
    if when is not None and not step.strip():
        raise Invalid(fields={"next_step": "写明到那天做什么"})
    _keep_names_out(incident, step, "next_step")
    return keep_public(step.strip()[:200], "next_step"), when


def keep_public(text: str, field: str) -> str:
    """A text for everybody. Raises Invalid where it carries a phone or identity number."""
    if _NUMBERS.search(text):
        raise Invalid(fields={field: "公开的文字里不能有手机号、身份证号，请删去"})
    return text


def _keep_names_out(incident: Incident, text: str, field: str = "text") -> None:
    """Raises Invalid where a public text names somebody who complains or claims."""
    if not text or incident.pk is None:
        return
    people = [row.complainant for row in incident.complaints.select_related("complainant")]
    people += [row.claimant for row in incident.claims.select_related("claimant")]
    if any(len(person.name) > 1 and person.name in text for person in people):
        raise Invalid(fields={field: "公开的文字里写了投诉人或者债权人的姓名，请改成「持卡人」"})

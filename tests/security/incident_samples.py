"""An incident, a claim of its customer and a proactive task for each shop of the world."""

from __future__ import annotations

from datetime import date
from typing import Any

from complaints.actions.parties import Party, fill
from complaints.models import Complainant, Incident, IncidentClaim, ProactiveTask
from core.models import User
from merchants.models import Merchant
from tests.security.world import Belongings

Body = dict[str, Any]
REASON = {"reason": "核实后办理，理由充分"}


def incident_of(merchant: Merchant) -> Incident:
    """The shop's incident, led by an officer of the district."""
    leader = User.objects.by_phone("13900000021")
    row, _ = Incident.objects.get_or_create(
        merchant=merchant,
        defaults={"summary": "三天前关门", "opened_on": date(2026, 10, 9), "opened_by": leader, "leader": leader},
    )
    return row


def claim_of(o: Belongings) -> IncidentClaim:
    """What its customer claims on a card from outside, entered by the customer."""
    found = IncidentClaim.objects.filter(incident__merchant=o.merchant).first()
    if found is not None:
        return found
    person = Complainant()
    fill(person, Party(name=o.consumer.name, phone=o.consumer.phone), o.consumer.pk)
    person.save()
    return IncidentClaim.objects.create(
        incident=incident_of(o.merchant), kind="OUTSIDE", claimant=person, person_idx=person.phone_idx,
        card_key="outside:金卡", card_name="金卡", claimed_fen=60_000, entered_by=o.consumer,
    )  # fmt: skip


def task_of(merchant: Merchant) -> ProactiveTask:
    """Five people of late complained about the shop."""
    day = date(2026, 10, 9)
    row, _ = ProactiveTask.objects.get_or_create(
        merchant=merchant, region=merchant.region, cause="REFUND",
        defaults={"proposed_on": day, "since": day, "people": 5, "threshold": 5, "basis": "示例", "rule_pack": "示例"},
    )  # fmt: skip
    return row


HOLES = {
    "/incidents/": lambda w, o: {"code": incident_of(o.merchant).code},
    "/my/claims/": lambda w, o: {"code": claim_of(o).code, "step": "stand"},
    "/api/v1/incidents/": lambda w, o: {"code": incident_of(o.merchant).code},
    "/api/v1/incident-claims/": lambda w, o: {"code": claim_of(o).code},
    "/api/v1/proactive-tasks/": lambda w, o: {"code": task_of(o.merchant).code},
    "/admin/complaints/incident/": lambda w, o: {"object_id": incident_of(o.merchant).pk, "name": "join"},
    "/admin/complaints/incidentclaim/": lambda w, o: {"object_id": claim_of(o).pk, "name": "refuse"},
    "/admin/complaints/proactivetask/": lambda w, o: {"object_id": task_of(o.merchant).pk, "name": "take"},
}
BODIES = {
    "POST /incidents/{code}/claim/": lambda w, o: {"card_name": "银卡", "amount_fen": "80"},
    "POST /api/v1/incident-claims": lambda w, o: {
        "incident": incident_of(o.merchant).code, "card_name": "银卡", "claimed_fen": 8_000,
    },
    "POST /api/v1/incident-claims/{code}/check": lambda w, o: {**REASON, "allowed_fen": 50_000},
    "POST /api/v1/incident-claims/{code}/refuse": lambda w, o: REASON,
    "POST /api/v1/proactive-tasks/{code}/close": lambda w, o: REASON,
    "POST /api/v1/proactive-tasks/{code}/dismiss": lambda w, o: REASON,
    "POST /admin/complaints/incidentclaim/{object_id}/act/{name}/": lambda w, o: REASON,
}  # fmt: skip

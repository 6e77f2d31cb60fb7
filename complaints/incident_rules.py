"""Who may do what with incidents, their register of claims and proactive tasks; where unlocked claims count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

import rules

from complaints.models import IncidentClaim
from complaints.rules import HEADS, answers_for, is_no_party
from core.actors import Actor
from core.models import Role
from core.models.people import OFFICERS, WATCHERS
from core.permissions import is_client, is_person, is_system
from merchants.models import Merchant
from merchants.rules import in_region_of, works_for
from prepaid.refunds import Line
from prepaid.run_off import Claim
from prepaid.unlocked import SOURCES, Unlocked

ARTICLE = "民法典第577条；法释〔2025〕4号第13条第2项"
RUNNERS = (*OFFICERS, Role.DISPATCHER)


@rules.predicate
def is_claimant(by: Actor, obj: IncidentClaim) -> bool:
    """Whose claim it is."""
    return bool(by.user and by.user.is_authenticated and obj.claimant.user_id == by.user.pk)


@rules.predicate
def is_another_than_enterer(by: Actor, obj: IncidentClaim) -> bool:
    """Who checks a claim is not who entered it."""
    return bool(by.user and by.user.pk != obj.entered_by_id)


@rules.predicate
def claims_here(by: Actor, obj: Any) -> bool:
    """Somebody who has a claim that stands in the incident."""
    return bool(by.user and obj.claims.standing().filter(claimant__user=by.user).exists())


rules.add_perm("complaints.view_incident", is_system | answers_for(*WATCHERS))
rules.add_perm("complaints.open_incident", answers_for(*HEADS) & is_no_party)
# The button on a merchant's dossier.
rules.add_perm("complaints.open_incident_of_merchant", in_region_of(*HEADS) & ~works_for)
rules.add_perm("complaints.head_incident", answers_for(*HEADS) & is_no_party)
rules.add_perm("complaints.run_incident", answers_for(*RUNNERS) & is_no_party)
rules.add_perm("complaints.accept_incident", answers_for(*OFFICERS) & is_no_party)

rules.add_perm("complaints.file_claim", is_person & ~is_client & ~works_for)
rules.add_perm("complaints.view_incidentclaim", is_system | is_claimant | answers_for(*WATCHERS))
rules.add_perm("complaints.check_claim", answers_for(*OFFICERS) & is_no_party & is_another_than_enterer)
rules.add_perm("complaints.recheck_claim", answers_for(*HEADS) & is_no_party)
rules.add_perm("complaints.note_repaid", answers_for(*OFFICERS) & is_no_party)
rules.add_perm("complaints.unmask_claimant", answers_for(*RUNNERS) & is_no_party)
rules.add_perm("complaints.own_claim", is_claimant)
rules.add_perm("complaints.choose_representative", claims_here)
rules.add_perm("complaints.run_representative", answers_for(*RUNNERS) & is_no_party)

rules.add_perm("complaints.find_clusters", is_system)
rules.add_perm("complaints.view_proactivetask", is_system | answers_for(*WATCHERS))
rules.add_perm("complaints.work_proactive", answers_for(*RUNNERS) & is_no_party)
rules.add_perm("complaints.raise_proactive", answers_for(*HEADS) & is_no_party)

# An outside card that an officer has found right is owed like any other; an old card is counted as itself.
_SUMS = (
    "SELECT i.merchant_id, c.allowed_fen - c.repaid_fen AS fen FROM complaints_incidentclaim c"
    " JOIN complaints_incident i ON i.id = c.incident_id"
    " WHERE c.kind = 'OUTSIDE' AND c.status = 'ACCEPTED' AND c.allowed_fen > c.repaid_fen"
)


def outside_claims(merchant: Merchant, on: date) -> Iterator[Claim]:
    """What is owed on cards from outside the portal, as far as checked: nothing of it was ever locked."""
    rows = IncidentClaim.objects.filter(
        incident__merchant=merchant, kind=IncidentClaim.Kind.OUTSIDE, status=IncidentClaim.Status.ACCEPTED
    ).select_related("claimant")
    for row in rows.order_by("pk").iterator(chunk_size=2_000):
        left = (row.allowed_fen or 0) - row.repaid_fen
        if left:
            line = Line(left, "平台外的卡", f"{row.card_name}，监管人员已核对，没有存管", ARTICLE)
            yield Claim(
                source=f"incident-claim:{row.pk}",
                entitled_fen=left,
                lines=({"lot": 0, **asdict(line)},),
                holder_id=row.claimant.user_id,
            )


SOURCES.append(Unlocked(_SUMS, outside_claims))

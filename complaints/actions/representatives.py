"""Those who speak for the claimants of an incident: named, willing, chosen by enough of them, at most two (第12条)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from complaints.actions.incidents import taken
from complaints.actions.steps import given
from complaints.models import Incident, IncidentClaim, IncidentRepresentative, RepresentativeConsent
from complaints.models.incidents import REPRESENTATIVE_LIFECYCLE
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, NotFound, WrongState
from core.permissions import require
from core.rule_packs import rule

RULE = "incident.representatives"
How, Status = RepresentativeConsent.How, IncidentRepresentative.Status


@transaction.atomic
def stand_for_claimants(claim_id: int, *, by: Actor, at: datetime | None = None) -> IncidentRepresentative:
    """A claimant offers to speak for the others; that is their consent to it. Raises WrongState when named already."""
    claim = _standing(claim_id)
    require(by, "complaints.own_claim", claim)
    return _named(claim, by, willing_at=at or timezone.now())


@transaction.atomic
def name_representative(
    claim_id: int, *, willing: bool, by: Actor, at: datetime | None = None
) -> IncidentRepresentative:
    """An officer writes down whom the claimants named, and whether that person agreed to it."""
    claim = _standing(claim_id)
    require(by, "complaints.run_incident", claim.incident)
    return _named(claim, by, willing_at=(at or timezone.now()) if willing else None)


def _named(claim: IncidentClaim, by: Actor, *, willing_at: datetime | None) -> IncidentRepresentative:
    living = claim.incident.representatives.exclude(status=Status.ENDED)
    row = living.filter(claim__person_idx=claim.person_idx).first()
    if row is not None and (row.willing_at or willing_at is None):
        raise WrongState("这个人已经被推选")
    if row is None:
        assert by.user is not None
        row = IncidentRepresentative(incident=claim.incident, claim=claim, named_by=by.user)
    row.willing_at = willing_at
    row.save()
    record("representative.name", claim.incident, by=by, code=claim.code, willing=willing_at is not None)
    return row


@transaction.atomic
def choose_representative(
    representative_id: int, claim_id: int, how: str = How.PORTAL, *, by: Actor, at: datetime | None = None
) -> RepresentativeConsent:
    """A claimant agrees to be represented by a person; an officer may write down a signature or a call.

    Once a person, however many claims. Raises Invalid, WrongState.
    """
    row, claim = _locked(representative_id), _standing(claim_id)
    if claim.incident_id != row.incident_id:
        raise NotFound
    if how == How.PORTAL:
        require(by, "complaints.own_claim", claim)
    else:
        require(by, "complaints.run_incident", claim.incident)
    if how not in How.values:
        raise Invalid(fields={"how": "选怎样同意的"})
    if row.status == Status.ENDED:
        raise WrongState("这个人不再代表")
    assert by.user is not None
    consent, fresh = RepresentativeConsent.objects.get_or_create(
        representative=row,
        person_idx=claim.person_idx,
        defaults={"claim": claim, "how": how, "recorded_by": by.user, "at": at or timezone.now()},
    )
    if fresh:
        record("representative.choose", row.incident, by=by, code=claim.code, how=consent.get_how_display())
    return consent


@transaction.atomic
def confirm_representative(representative_id: int, *, by: Actor, at: datetime | None = None) -> IncidentRepresentative:
    """From now on the person speaks for the claimants.

    Raises WrongState while they have not agreed themselves, too few have chosen them, or two act already.
    """
    row = _moved(representative_id, "confirm", by)
    most = rule(RULE, row.region.code, business_date())
    if row.willing_at is None:
        raise WrongState("本人还没有同意担任代表人")
    acting = row.incident.representatives.filter(status=Status.ACTING).count()
    if acting >= int(most.value):
        raise WrongState(f"代表人最多 {most.value} 名（{most.basis}）")
    chosen, needed = supporters(row)
    if chosen < needed:
        raise WrongState(f"同意的只有 {chosen} 人，至少要 {needed} 人")
    row.acting_from = at or timezone.now()
    row.save()
    record("representative.confirm", row.incident, by=by, code=row.claim.code, people=chosen)
    return row


def supporters(row: IncidentRepresentative) -> tuple[int, int]:
    """How many people have chosen them, and how many are needed: the rule's share of all claimants, the own one too."""
    share = int(rule(RULE, row.region.code, business_date()).conditions["support_percent"])
    people = row.incident.claims.standing().order_by().values("person_idx").distinct().count()
    own = set(row.consents.values_list("person_idx", flat=True)) | {row.claim.person_idx}
    return len(own), max(1, -(-people * share // 100))


@transaction.atomic
def end_representative(representative_id: int, reason: str, *, by: Actor) -> IncidentRepresentative:
    """The person speaks for the others no more."""
    row = _moved(representative_id, "end", by)
    row.ended_at, row.reason = timezone.now(), given(reason, "reason", "写明原因", 300)
    row.save()
    record("representative.end", row.incident, by=by, code=row.claim.code, reason=row.reason)
    return row


def _standing(claim_id: int) -> IncidentClaim:
    """A claim that stands, its incident locked and open. Raises NotFound, WrongState."""
    found = IncidentClaim.objects.filter(pk=claim_id).select_related("claimant").first()
    if found is None:
        raise NotFound
    incident = Incident.objects.locked(found.incident_id)
    if incident.status == Incident.Status.CLOSED or found.status not in ("OPEN", "ACCEPTED"):
        raise WrongState("这笔债权没有登记在办，不能推选代表人")
    found.incident = incident
    return found


def _locked(representative_id: int) -> IncidentRepresentative:
    found = IncidentRepresentative.objects.filter(pk=representative_id).first()
    if found is None:
        raise NotFound
    incident = Incident.objects.locked(found.incident_id)
    row = IncidentRepresentative.objects.locked(representative_id)
    row.incident = incident
    return row


def _moved(representative_id: int, step: str, by: Actor) -> IncidentRepresentative:
    row = _locked(representative_id)
    require(by, REPRESENTATIVE_LIFECYCLE.steps[step].permission, row)
    taken(row.incident_id, "complaints.run_incident", by=by)
    REPRESENTATIVE_LIFECYCLE.move(step, row)
    return row

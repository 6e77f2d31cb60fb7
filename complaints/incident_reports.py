"""How far an incident is: figures only, no personal data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse

from complaints.models import Incident, IncidentClaim
from core.calendar import business_date
from prepaid.closing_reports import FURTHER, run_off_progress
from prepaid.models import Contract, Refund, RunOff
from prepaid.unlocked import unlocked_claims

Kind, Status = IncidentClaim.Kind, IncidentClaim.Status


@dataclass(frozen=True)
class IncidentFigures:
    """What everybody may know of an incident, in fen and numbers.

    ``claimed_fen`` counts what was found where a claim is checked, what was asked where it is not; ``paid_fen`` is
    what reached the claimants since the incident began, ``open_fen`` what is found and not paid. ``locked_fen`` and
    ``unlocked_fen`` are those of the whole shop, claimed here or not.
    """

    complaints: int
    closed_complaints: int
    complainants: int
    claims: int
    claimants: int
    waiting: int
    claimed_fen: int
    allowed_fen: int
    paid_fen: int
    open_fen: int
    locked_fen: int
    unlocked_fen: int


def figures_of(incident: Incident) -> IncidentFigures:
    """The figures of one incident. A fixed number of queries."""
    told = incident.complaints.aggregate(
        complaints=Count("pk", filter=~Q(status="MERGED")),
        closed_complaints=Count("pk", filter=~Q(closed_at=None) & ~Q(status="MERGED")),
        complainants=Count("complainant__phone_idx", distinct=True),
    )
    owed = with_paid(incident.claims.standing(), incident).aggregate(
        claims=Count("pk"),
        claimants=Count("person_idx", distinct=True),
        waiting=Count("pk", filter=Q(status=Status.OPEN)),
        claimed=Sum(Coalesce("allowed_fen", "claimed_fen"), default=0),
        allowed=Sum("allowed_fen", filter=Q(status=Status.ACCEPTED), default=0),
        paid=Sum("paid_fen", default=0),
        open=Sum(Greatest(F("allowed_fen") - F("paid_fen"), 0), filter=Q(status=Status.ACCEPTED), default=0),
    )
    # No sum may carry the name of a column.
    sums = {f"{name}_fen": owed.pop(name) for name in ("claimed", "allowed", "paid", "open")}
    cards = Contract.objects.filter(merchant=incident.merchant_id, account__row_balance_fen__gt=0)
    return IncidentFigures(
        **told,
        **owed,
        **sums,
        locked_fen=cards.aggregate(sum=Sum("account__row_balance_fen", default=0))["sum"],
        unlocked_fen=sum(claim.entitled_fen for claim in unlocked_claims(incident.merchant, business_date())),
    )


def with_paid(claims: Any, incident: Incident) -> Any:
    """Claims with what came back on each: out of locked money since the incident began, or otherwise as noted."""
    refunds = Refund.objects.filter(
        contract=OuterRef("contract"), status=Refund.Status.PAID, paid_on__gte=incident.opened_on
    )
    arrived = refunds.order_by().values("contract").annotate(sum=Sum("amount_fen")).values("sum")
    return claims.annotate(
        paid_fen=Case(When(kind=Kind.CONTRACT, then=Coalesce(Subquery(arrived), 0)), default=F("repaid_fen"))
    )


def run_off_of(incident: Incident) -> tuple[RunOff, dict[str, int]] | None:
    """The run-off of the shop's locked money with its sums: entitled, paid, missing; None before it is signed."""
    rows = RunOff.objects.filter(merchant=incident.merchant_id).exclude(status__in=["PROPOSED", "REJECTED"])
    run_off = rows.select_related("closing").order_by("-pk").first()
    return (run_off, run_off_progress(run_off)) if run_off else None


def _further(merchant_id: int) -> list[tuple[str, str]]:
    row = Incident.objects.filter(merchant=merchant_id).order_by("-pk").first()
    return [("统一办理进展和债权登记", reverse("complaints:incident", args=[row.code]))] if row else []


FURTHER.append(_further)

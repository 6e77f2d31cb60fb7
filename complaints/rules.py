"""Who may do what with complaints, reports and questions."""

from typing import Any

import rules

from complaints.models import Complaint, Consultation, Intake, ViolationReport
from complaints.models.complaints import GIVEN_TO_MEDIATORS
from core.actors import Actor, ActorKind
from core.models import Role
from core.models.people import OFFICERS, WATCHERS
from core.permissions import has_role, is_client, is_person, is_system
from merchants.rules import works_for

DISPATCHERS = (Role.DISPATCHER, Role.COUNTY_REVIEWER_A, Role.COUNTY_REVIEWER_B, Role.CITY, Role.LEADER)
HEADS = (Role.COUNTY_REVIEWER_A, Role.COUNTY_REVIEWER_B, Role.CITY, Role.LEADER)


def answers_for(*roles: str) -> Any:
    """A predicate: the actor holds one of ``roles`` over the place that has jurisdiction."""

    @rules.predicate(f"answers_for:{'|'.join(roles)}")
    def predicate(by: Actor, obj: Any) -> bool:
        return bool(by.user and by.user.is_authenticated and by.user.access.covers(obj.region.path, *roles))

    return predicate


@rules.predicate
def complains(by: Actor, obj: Complaint) -> bool:
    """The complainant, or one of those who complain together."""
    if by.user is None or not by.user.is_authenticated:
        return False
    return obj.complainant.user_id == by.user.pk or (
        obj.joint_complainants.filter(complainant__user=by.user, is_representative=True).exists()
    )


@rules.predicate
def is_joined(by: Actor, obj: Complaint) -> bool:
    """The complainant, or anybody of those who complain together, represented or not."""
    if by.user is None or not by.user.is_authenticated:
        return False
    return obj.complainant.user_id == by.user.pk or obj.joint_complainants.filter(complainant__user=by.user).exists()


@rules.predicate
def is_given_to(by: Actor, obj: Complaint) -> bool:
    """The mediator to whom both sides gave it."""
    if by.user is None or not by.user.is_authenticated or not by.user.access.has(Role.MEDIATOR):
        return False
    return obj.mediation_assignments.filter(mediator=by.user, status__in=GIVEN_TO_MEDIATORS).exists()


@rules.predicate
def asks(by: Actor, obj: Consultation) -> bool:
    """Who asked."""
    return bool(by.user and obj.person and obj.person.user_id == by.user.pk)


@rules.predicate
def reports(by: Actor, obj: ViolationReport) -> bool:
    """Who reported."""
    return bool(by.user and obj.reporter and obj.reporter.user_id == by.user.pk)


@rules.predicate
def is_respondent(by: Actor, obj: Complaint) -> bool:
    """The shop, once it has been told."""
    return obj.merchant_id is not None and obj.merchant_told_at is not None and works_for.test(by, obj)


@rules.predicate
def is_no_party(by: Actor, obj: Any) -> bool:
    """Nobody decides in a matter of their own: neither who complained or reported, nor who works for the shop."""
    person = getattr(obj, "complainant", None) or getattr(obj, "reporter", None) or getattr(obj, "person", None)
    is_person_of_it = bool(by.user and person and person.user_id == by.user.pk)
    return not is_person_of_it and (obj.merchant_id is None or not works_for.test(by, obj))


@rules.predicate
def is_another_than_handler(by: Actor, obj: Any) -> bool:
    """Who signs is not who worked on it."""
    return bool(by.user and by.user.pk != obj.handler_id)


@rules.predicate
def serves_channel(by: Actor, obj: Intake) -> bool:
    """The API client of the official channel an intake came by, over the place it is about."""
    return by.kind is ActorKind.CLIENT and any(
        held.role == Role.API_CLIENT and held.department == obj.channel and obj.region.path.startswith(held.region.path)
        for held in (by.user.access.memberships if by.user else [])
        if held.region
    )


@rules.predicate
def manages_mall(by: Actor, obj: Intake) -> bool:
    """A mall takes complaints at its own desk."""
    runs_one = bool(by.user and by.user.is_authenticated and by.user.access.has(Role.MALL_MANAGER))
    return obj.channel == "MALL" and runs_one


rules.add_perm("complaints.file_intake", is_system | is_person)
rules.add_perm(
    "complaints.enter_intake",
    is_system | serves_channel | (~is_client & (has_role(Role.DISPATCHER, *OFFICERS) | manages_mall)),
)
rules.add_perm(
    "complaints.view_complaint", is_system | is_joined | is_respondent | is_given_to | answers_for(*WATCHERS)
)
rules.add_perm("complaints.view_report", is_system | reports | answers_for(*WATCHERS))
rules.add_perm("complaints.view_consultation", is_system | asks | answers_for(*WATCHERS))

rules.add_perm("complaints.route_complaint", is_system | answers_for(*DISPATCHERS))
rules.add_perm("complaints.assign_complaint", is_system | (answers_for(*DISPATCHERS) & is_no_party))
rules.add_perm("complaints.answer_complaint", is_respondent)
rules.add_perm("complaints.leave_odr", is_system | complains | is_respondent)
rules.add_perm("complaints.prove_identity", complains | (answers_for(*OFFICERS) & is_no_party))
rules.add_perm("complaints.handle_complaint", answers_for(*OFFICERS) & is_no_party)
rules.add_perm("complaints.decide_complaint", answers_for(*OFFICERS) & is_no_party)
rules.add_perm("complaints.settle_complaint", answers_for(*OFFICERS) & is_no_party)
rules.add_perm("complaints.call_back", is_system | complains | (answers_for(Role.DISPATCHER, *OFFICERS) & is_no_party))
rules.add_perm("complaints.withdraw_complaint", complains)

rules.add_perm("complaints.assign_report", is_system | (answers_for(*DISPATCHERS) & is_no_party))
rules.add_perm("complaints.handle_report", answers_for(*OFFICERS) & is_no_party)
# Filing, deciding and passing on is signed by a head of the bureau.
rules.add_perm("complaints.file_report", answers_for(*HEADS) & is_no_party & is_another_than_handler)
rules.add_perm("complaints.view_reporter_identity", answers_for(*HEADS) & is_no_party)
rules.add_perm("complaints.unmask_complainant", answers_for(*OFFICERS, Role.DISPATCHER) & is_no_party)

rules.add_perm("complaints.answer_consultation", answers_for(Role.DISPATCHER, *OFFICERS) & is_no_party)

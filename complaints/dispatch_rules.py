"""Who may send matters on, remind of them, and own those that were taken upwards."""

import rules

from complaints.dispatch import common_superior
from complaints.models import Complaint, Escalation
from complaints.models.matters import stands_for
from complaints.rules import DISPATCHERS, HEADS, answers_for, asks, complains, is_no_party, reports
from core.actors import Actor
from core.models import Role
from core.models.people import OFFICERS
from core.permissions import has_role, is_person, is_system


@rules.predicate
def owns_escalation(by: Actor, obj: Escalation) -> bool:
    """The person named, or whoever stands in for them."""
    return obj.owner_id in stands_for(by)


@rules.predicate
def over_no_party(by: Actor, obj: Escalation) -> bool:
    """As for the matter: nobody answers for one of their own."""
    return bool(is_no_party.test(by, obj.subject))


@rules.predicate
def answers_above(by: Actor, obj: Complaint) -> bool:
    """A head of the bureau above both units that dispute a matter (第33条)."""
    if by.user is None or not by.user.is_authenticated or obj.routed_from is None:
        return False
    above = common_superior([obj.region.path, obj.routed_from.path])
    return bool(above) and by.user.access.covers(above, *HEADS)


answers_for_it = rules.predicate(
    lambda by, obj: bool(
        by.user and by.user.is_authenticated and by.user.access.covers(obj.subject.region.path, *DISPATCHERS)
    ),
    name="answers_for_escalated",
)

rules.add_perm("complaints.send_back_complaint", answers_for(Role.DISPATCHER, *OFFICERS) & is_no_party)
rules.add_perm("complaints.assign_consultation", is_system | (answers_for(*DISPATCHERS) & is_no_party))
rules.add_perm("complaints.settle_jurisdiction", answers_above & is_no_party)

rules.add_perm("complaints.remind_complaint", is_system | complains | answers_for(*DISPATCHERS))
rules.add_perm("complaints.remind_report", is_system | reports | answers_for(*DISPATCHERS))
rules.add_perm("complaints.remind_consultation", is_system | asks | answers_for(*DISPATCHERS))

rules.add_perm("complaints.sweep_clocks", is_system)
rules.add_perm("complaints.escalate_matter", is_system | (answers_for(*DISPATCHERS) & is_no_party))
rules.add_perm("complaints.own_escalation", owns_escalation & over_no_party)
rules.add_perm("complaints.release_escalation", answers_for_it & ~owns_escalation & over_no_party)
rules.add_perm("complaints.keep_feed", is_person & has_role(Role.DISPATCHER, *OFFICERS))

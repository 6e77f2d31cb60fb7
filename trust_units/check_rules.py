"""Who may do what with spot-checks, feedback slips, draws and campaigns."""

from typing import Any

import rules

from complaints.rules import answers_for
from core.actors import Actor
from core.models import Role
from core.models.people import OFFICERS, WATCHERS
from core.permissions import is_system
from merchants.rules import manages, owns, works_for
from trust_units.models import FeedbackSlip, Mode, SpotCheck
from trust_units.rules import HEADS

SENDERS = (*HEADS, Role.PROVINCE)


@rules.predicate
def answers_as_shop(by: Actor, obj: Any) -> bool:
    """The shop's boss, or a manager of the mall."""
    return bool(owns.test(by, obj) or (obj.mall_id and manages.test(by, obj)))


@rules.predicate
def is_of_shop(by: Actor, obj: Any) -> bool:
    """Anybody of the shop or the mall."""
    return bool(works_for.test(by, obj) or (obj.mall_id and manages.test(by, obj)))


@rules.predicate
def is_inspector(by: Actor, obj: SpotCheck) -> bool:
    """To whom the check was given, also from another region (交叉检查)."""
    return bool(by.user and by.user.pk == obj.inspector_id)


@rules.predicate
def is_from_elsewhere(by: Actor, obj: SpotCheck) -> bool:
    """A crossed or covert check is made by who was sent, not by the station next door."""
    return obj.mode not in (Mode.CROSS, Mode.MYSTERY)


@rules.predicate
def had_no_hand_in(by: Actor, obj: FeedbackSlip) -> bool:
    """Who verifies neither found it, nor signed for it, nor sent the evidence."""
    mine = by.user.pk if by.user else None
    return mine not in (obj.spot_check.checked_by_id, obj.acknowledged_by_id, obj.evidence_by_id, None)


@rules.predicate
def did_not_verify(by: Actor, obj: FeedbackSlip) -> bool:
    """Who closes is not who verified."""
    return bool(by.user and by.user.pk != obj.verified_by_id)


def over(*roles: str) -> Any:
    """Holds one of ``roles`` over the region, and is not of the shop."""
    return answers_for(*roles) & ~is_of_shop


rules.add_perm("trust_units.view_check", is_system | is_of_shop | is_inspector | over(*WATCHERS))
rules.add_perm(
    "trust_units.record_check", is_system | (is_inspector & ~is_of_shop) | (over(*OFFICERS) & is_from_elsewhere)
)
rules.add_perm("trust_units.assign_check", over(*SENDERS))
rules.add_perm("trust_units.sweep_check", over(*OFFICERS))
rules.add_perm("trust_units.publish_check", is_system | is_inspector | over(*SENDERS))
rules.add_perm("trust_units.start_campaign", answers_for(*SENDERS))
rules.add_perm("trust_units.answer_slip", answers_as_shop | over(*OFFICERS))
rules.add_perm("trust_units.handle_slip", over(*OFFICERS))
rules.add_perm("trust_units.verify_slip", over(*OFFICERS) & had_no_hand_in)
rules.add_perm("trust_units.close_slip", over(*HEADS) & did_not_verify)
rules.add_perm("trust_units.lapse_slip", is_system)
rules.add_perm("trust_units.make_plan", is_system)
rules.add_perm("trust_units.feed_facts", is_system)

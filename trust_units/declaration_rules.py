"""Who may do what with declarations, their reviews, objections and the criteria."""

from __future__ import annotations

import rules

from core.actors import Actor
from core.models import Role
from core.models.people import OFFICERS, WATCHERS
from core.permissions import has_role, is_client, is_person, is_system
from merchants.rules import manages, owns, works_for
from trust_units.models import CriteriaSet, Declaration, Objection, TrustUnit
from trust_units.rules import HEADS, holds, is_of_unit, over_unit

STATION = (Role.STATION_OFFICER, *HEADS)


@rules.predicate
def did_not_review(by: Actor, obj: Declaration) -> bool:
    """双审: who made the business review does not make the general one."""
    return bool(by.user and by.user.pk != obj.business_reviewer_id)


@rules.predicate
def did_not_draft(by: Actor, obj: CriteriaSet) -> bool:
    """Who publishes a version is not who drafted it."""
    return bool(by.user and by.user.pk != obj.drafted_by_id)


@rules.predicate
def did_not_object(by: Actor, obj: Objection) -> bool:
    """Nobody answers an objection of their own."""
    return bool(by.user and by.user.pk != obj.written_by_id)


@rules.predicate
def may_answer_for(by: Actor, obj: TrustUnit) -> bool:
    """The boss of the shop or a manager of the mall; ``obj`` may be a unit that is not saved yet."""
    return bool(owns.test(by, obj) or (obj.mall_id and manages.test(by, obj)))


@rules.predicate
def works_there(by: Actor, obj: Declaration) -> bool:
    """Staff read what their shop declares."""
    return bool(works_for.test(by, obj.unit))


rules.add_perm("trust_units.start_declaration", (may_answer_for & ~is_client) | over_unit(*STATION))
rules.add_perm(
    "trust_units.view_declaration",
    is_system | is_of_unit | over_unit(*WATCHERS) | has_role(Role.ASSOCIATION),
)
rules.add_perm("trust_units.declare", holds & ~is_client)
rules.add_perm("trust_units.fill_declaration", holds | over_unit(*STATION))
rules.add_perm("trust_units.screen_declaration", is_system)
rules.add_perm("trust_units.check_site", over_unit(*OFFICERS))
rules.add_perm("trust_units.give_association_opinion", has_role(Role.ASSOCIATION) & ~is_of_unit)
rules.add_perm("trust_units.review_business", over_unit(*HEADS))
rules.add_perm("trust_units.review_general", over_unit(*HEADS) & did_not_review)
rules.add_perm("trust_units.return_declaration", over_unit(*OFFICERS))
rules.add_perm("trust_units.refuse_declaration", is_system | over_unit(*HEADS))
rules.add_perm("trust_units.object", is_person & ~is_client)
rules.add_perm("trust_units.answer_objection", did_not_object & over_unit(*HEADS))
rules.add_perm("trust_units.draft_criteria", has_role(*HEADS, Role.PROVINCE))
rules.add_perm("trust_units.publish_criteria", has_role(*HEADS, Role.PROVINCE) & did_not_draft)
rules.add_perm("trust_units.view_criteria", is_system | has_role(*WATCHERS))

"""Who may do what with trust units."""

from typing import Any

import rules

from complaints.rules import answers_for
from core.actors import Actor
from core.models import Role
from core.models.people import OFFICERS, WATCHERS
from core.permissions import is_system
from merchants.rules import manages, works_for
from merchants.rules import owns as owns_shop
from trust_units.models import Removal, TrustUnit

HEADS = (Role.COUNTY_REVIEWER_A, Role.COUNTY_REVIEWER_B, Role.CITY, Role.LEADER)


def unit_of(obj: Any) -> TrustUnit:
    """The unit something is about."""
    if isinstance(obj, TrustUnit):
        return obj
    found: TrustUnit = obj.declaration.unit if hasattr(obj, "declaration") else obj.unit
    return found


@rules.predicate
def holds(by: Actor, obj: Any) -> bool:
    """Who answers for the unit: the shop's boss, or a manager of the mall."""
    unit = unit_of(obj)
    return bool(owns_shop.test(by, unit) or (unit.mall_id and manages.test(by, unit)))


@rules.predicate
def is_of_unit(by: Actor, obj: Any) -> bool:
    """Anybody of the shop or the mall."""
    unit = unit_of(obj)
    return bool(works_for.test(by, unit) or (unit.mall_id and manages.test(by, unit)))


def over_unit(*roles: str) -> Any:
    """A predicate: the actor answers for the unit's region in one of ``roles``, and is not of the unit."""

    @rules.predicate(f"over_unit:{'|'.join(roles)}")
    def predicate(by: Actor, obj: Any) -> bool:
        return bool(answers_for(*roles).test(by, unit_of(obj)) and not is_of_unit.test(by, obj))

    return predicate


@rules.predicate
def did_not_remove(by: Actor, obj: Removal) -> bool:
    """An appeal is decided by somebody else than who removed the unit."""
    return bool(by.user and by.user.pk not in (obj.removed_by_id, obj.proposed_by_id))


rules.add_perm("trust_units.view_unit", is_system | is_of_unit | over_unit(*WATCHERS))
rules.add_perm("trust_units.grant_unit", is_system | over_unit(*HEADS))
rules.add_perm("trust_units.star_unit", is_system | over_unit(*HEADS))
rules.add_perm("trust_units.warn_unit", is_system | over_unit(*OFFICERS))
rules.add_perm("trust_units.restore_unit", is_system | over_unit(*HEADS))
rules.add_perm("trust_units.remove_unit", is_system | over_unit(*HEADS))
rules.add_perm("trust_units.repair_unit", is_system | over_unit(*HEADS))
rules.add_perm("trust_units.note_fact", is_system | over_unit(*OFFICERS))
rules.add_perm("trust_units.state_case", holds)
rules.add_perm("trust_units.decide_appeal", over_unit(*HEADS) & did_not_remove)

"""Who may do what with merchants."""

from typing import Any

import rules

from core.actors import Actor
from core.models import Role
from core.models.people import OFFICERS, WATCHERS
from core.permissions import is_client, is_person, is_system
from merchants.malls import Mall, MallMeasureCheck
from merchants.models import Merchant, merchant_of

REVIEWERS = (Role.COUNTY_REVIEWER_A, Role.COUNTY_REVIEWER_B, Role.LEADER, Role.CITY)


@rules.predicate
def owns(by: Actor, obj: Any) -> bool:
    """The merchant's own boss."""
    return bool(
        by.user and by.user.is_authenticated and merchant_of(obj) in by.user.access.merchants(Role.MERCHANT_OWNER)
    )


@rules.predicate
def works_for(by: Actor, obj: Any) -> bool:
    """Boss, staff or API client of the merchant."""
    return bool(by.user and by.user.is_authenticated and merchant_of(obj) in by.user.access.merchants())


def region_path(obj: Any) -> str:
    """The path of the region an object lies in."""
    if isinstance(obj, MallMeasureCheck):
        obj = obj.mall
    place: Merchant | Mall = obj if isinstance(obj, Merchant | Mall) else obj.merchant
    return place.region.path


@rules.predicate
def manages(by: Actor, obj: Any) -> bool:
    """A manager of the mall, or of the mall that something belongs to."""
    mall = obj.pk if isinstance(obj, Mall) else obj.mall_id
    return bool(mall and by.user and by.user.is_authenticated and mall in by.user.access.malls())


def in_region_of(*roles: str) -> Any:
    """A predicate: the actor holds one of ``roles`` over the object's region."""

    @rules.predicate(f"in_region_of:{'|'.join(roles)}")
    def predicate(by: Actor, obj: Any) -> bool:
        return bool(by.user and by.user.is_authenticated and by.user.access.covers(region_path(obj), *roles))

    return predicate


rules.add_perm("merchants.register_merchant", is_person & ~is_client)
rules.add_perm("merchants.view_merchant", is_system | works_for | in_region_of(*WATCHERS))
rules.add_perm("merchants.change_merchant", owns)
rules.add_perm("merchants.manage_staff", owns)
rules.add_perm("merchants.check_merchant", is_system)
rules.add_perm("merchants.review_merchant", is_system | in_region_of(*REVIEWERS))
rules.add_perm("merchants.restrict_merchant", is_system | in_region_of(*REVIEWERS))
rules.add_perm("merchants.unmask_merchant", in_region_of(Role.STATION_OFFICER, *REVIEWERS))

rules.add_perm("merchants.register_mall", in_region_of(*REVIEWERS))
rules.add_perm("merchants.view_mall", is_system | manages | in_region_of(*WATCHERS))
rules.add_perm("merchants.manage_mall", manages)
rules.add_perm("merchants.appoint_mall_manager", in_region_of(*REVIEWERS))
rules.add_perm("merchants.submit_measure", manages)
rules.add_perm("merchants.check_measure", in_region_of(*OFFICERS) & ~manages)
rules.add_perm("merchants.lapse_measure", is_system | in_region_of(*OFFICERS) & ~manages)

"""Who may do what with merchants."""

from typing import Any

import rules

from core.actors import Actor
from core.models import Role
from core.models.people import WATCHERS
from core.permissions import is_client, is_person, is_system
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
    merchant: Merchant = obj if isinstance(obj, Merchant) else obj.merchant
    return merchant.region.path


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

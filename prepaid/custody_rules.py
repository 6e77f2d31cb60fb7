"""Who may do what with settlements, payout accounts, custody and court orders."""

from typing import Any

import rules

from core.actors import Actor
from core.permissions import is_system
from merchants.rules import in_region_of, owns
from prepaid.models import CourtOrder, Guarantee
from prepaid.rules import ARBITERS, FREEZERS, holds, pays


@rules.predicate
def is_another_than_lifter(by: Actor, order: CourtOrder) -> bool:
    """Two people lift a court's order; the first cannot be the second."""
    return bool(by.user and by.user.pk != order.lift_proposed_by_id)


@rules.predicate
def is_another_than_submitter(by: Actor, guarantee: Guarantee) -> bool:
    """Nobody confirms what they handed in."""
    return bool(by.user and by.user.pk != guarantee.submitted_by_id)


@rules.predicate
def works_elsewhere(by: Actor, obj: Any) -> bool:
    """An officer who runs the shop decides nothing about it."""
    return not owns.test(by, obj)


rules.add_perm("prepaid.order_settlement", is_system)
rules.add_perm("prepaid.collect_debt", is_system)
rules.add_perm("prepaid.manage_payout_account", owns)
rules.add_perm("prepaid.start_payout_account", is_system)
rules.add_perm("prepaid.cancel_payout_account", owns | in_region_of(*ARBITERS))
rules.add_perm("prepaid.cancel_order", holds | pays)
rules.add_perm("prepaid.expire_order", is_system)

rules.add_perm("prepaid.record_custody", in_region_of(*ARBITERS) & works_elsewhere)
rules.add_perm("prepaid.submit_guarantee", owns | in_region_of(*ARBITERS))
rules.add_perm("prepaid.decide_guarantee", in_region_of(*FREEZERS) & works_elsewhere & is_another_than_submitter)
rules.add_perm("prepaid.check_custody", is_system)
rules.add_perm("prepaid.decide_custody", in_region_of(*FREEZERS) & works_elsewhere)
rules.add_perm("prepaid.record_court_order", in_region_of(*ARBITERS) & works_elsewhere)
rules.add_perm("prepaid.lift_court_order", in_region_of(*FREEZERS) & works_elsewhere & is_another_than_lifter)

"""Who may hand a card on, report it lost, or stand for a minor."""

from typing import Any

import rules

from core.actors import Actor
from core.permissions import is_system
from merchants.rules import in_region_of, works_for
from prepaid.models import Assignment, Contract
from prepaid.rules import ARBITERS, holds


@rules.predicate
def is_no_prepayment(by: Actor, contract: Contract) -> bool:
    """A contract of 定金, 押金, 体验 or 券."""
    return contract.payment_kind != Contract.PaymentKind.PREPAID


@rules.predicate
def gives_away(by: Actor, assignment: Assignment) -> bool:
    """The one whose card it was."""
    return bool(by.user and assignment.from_user_id == by.user.pk)


@rules.predicate
def takes_over(by: Actor, assignment: Assignment) -> bool:
    """The one whose card it is to be."""
    return bool(by.user and assignment.to_user_id == by.user.pk)


@rules.predicate
def is_for_own_customer(by: Actor, obj: Any) -> bool:
    """Nobody moves the number of a card that is their own."""
    return not holds.test(by, obj)


rules.add_perm("prepaid.conclude_contract", (holds | works_for) & is_no_prepayment)
rules.add_perm("prepaid.name_guardian", holds)
rules.add_perm("prepaid.report_loss", holds | works_for | in_region_of(*ARBITERS))
rules.add_perm("prepaid.reissue_card", holds)
rules.add_perm("prepaid.activate_residual", holds)
rules.add_perm("prepaid.count_no_show", works_for)
rules.add_perm("prepaid.assign_contract", holds)
rules.add_perm("prepaid.accept_assignment", takes_over)
rules.add_perm("prepaid.withdraw_assignment", gives_away)
rules.add_perm("prepaid.rebind_number", (works_for | in_region_of(*ARBITERS)) & is_for_own_customer)
rules.add_perm("prepaid.end_assignment", is_system)

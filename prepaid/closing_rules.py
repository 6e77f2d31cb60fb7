"""Who may do what when a shop closes, and when its people are gone."""

from typing import Any

import rules

from core.actors import Actor
from core.models import Role
from core.models.people import WATCHERS
from core.permissions import is_system
from merchants.rules import in_region_of, manages, owns, works_for
from prepaid.models import ClosingNotice, RunOff
from prepaid.rules import ARBITERS, FREEZERS, holds


@rules.predicate
def owns_successor(by: Actor, notice: Any) -> bool:
    """The boss of the shop that takes the cards over."""
    return bool(
        by.user and by.user.is_authenticated and notice.successor_id in by.user.access.merchants(Role.MERCHANT_OWNER)
    )


@rules.predicate
def is_public(by: Actor, notice: ClosingNotice) -> bool:
    """A notice on public view."""
    return ClosingNotice.objects.public().filter(pk=notice.pk).exists()


@rules.predicate
def is_second(by: Actor, run_off: RunOff) -> bool:
    """Two people sign; the first cannot be the second, also not for somebody who is away."""
    return bool(by.user and by.user.pk != run_off.proposed_by_id)


@rules.predicate
def is_second_for_plan(by: Actor, run_off: RunOff) -> bool:
    """The same for the plan."""
    return bool(by.user and by.user.pk != run_off.planned_by_id)


@rules.predicate
def is_of_a_mall(by: Actor, notice: ClosingNotice) -> bool:
    """A notice that the mall declared for its tenant."""
    return notice.mall_id is not None


rules.add_perm("prepaid.declare_closing", owns)
rules.add_perm("prepaid.declare_tenant_closing", manages)
rules.add_perm("prepaid.publish_closing", (owns & ~is_of_a_mall) | manages)
rules.add_perm("prepaid.accept_succession", owns_successor)
rules.add_perm(
    "prepaid.view_closing", is_system | is_public | works_for | owns_successor | manages | in_region_of(*WATCHERS)
)
rules.add_perm("prepaid.choose_settlement", holds)
rules.add_perm("prepaid.run_closing", is_system)
rules.add_perm("prepaid.verify_closing", in_region_of(*ARBITERS) & ~works_for)
rules.add_perm("prepaid.close_closing", is_system | in_region_of(*ARBITERS) & ~works_for)

rules.add_perm("prepaid.propose_run_off", in_region_of(*ARBITERS) & ~works_for)
rules.add_perm("prepaid.approve_run_off", in_region_of(*FREEZERS) & is_second & ~works_for)
rules.add_perm("prepaid.plan_run_off", in_region_of(*ARBITERS) & ~works_for)
rules.add_perm("prepaid.approve_run_off_plan", in_region_of(*FREEZERS) & is_second_for_plan & ~works_for)
rules.add_perm("prepaid.resume_service", in_region_of(*ARBITERS) & ~works_for)

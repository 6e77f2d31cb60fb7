"""Who may do what when a consumer has died."""

import rules

from core.actors import Actor
from core.permissions import is_person
from merchants.rules import in_region_of, works_for
from prepaid.models import HeirClaim
from prepaid.rules import ARBITERS, FREEZERS


@rules.predicate
def is_the_heir(by: Actor, claim: HeirClaim) -> bool:
    """Whoever asks."""
    return bool(by.user and claim.heir_id == by.user.pk)


@rules.predicate
def is_another_than_checker(by: Actor, claim: HeirClaim) -> bool:
    """Two people sign; the first cannot be the second, also not for somebody who is away."""
    return bool(by.user and by.user.pk != claim.checked_by_id)


rules.add_perm("prepaid.claim_as_heir", is_person)
rules.add_perm("prepaid.change_heirclaim", is_the_heir)
rules.add_perm("prepaid.check_heirclaim", in_region_of(*ARBITERS) & ~works_for & ~is_the_heir)
rules.add_perm(
    "prepaid.approve_heirclaim", in_region_of(*FREEZERS) & is_another_than_checker & ~works_for & ~is_the_heir
)

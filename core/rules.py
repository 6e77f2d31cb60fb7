"""Who may do what with the shared machinery."""

from typing import Any

import rules

from core.actors import Actor
from core.models import Region, Role, RulePack
from core.models.people import OFFICERS
from core.permissions import has_role, is_person

is_keeper = has_role(Role.SYSADMIN)
sees_machinery = has_role(Role.SYSADMIN, Role.AUDITOR)

rules.add_perm("core.view_operations", sees_machinery)
rules.add_perm("core.replay_outboxevent", is_keeper)
rules.add_perm("core.run_job", is_keeper)
rules.add_perm("core.delegate_user", is_person)
rules.add_perm("core.search_phone", has_role(*OFFICERS))
rules.add_perm("core.set_interestrate", has_role(Role.LEADER, Role.CITY, Role.PROVINCE))

RULE_DRAFTERS = (Role.COUNTY_REVIEWER_A, Role.COUNTY_REVIEWER_B, Role.CITY, Role.PROVINCE)
RULE_SIGNERS = (Role.COUNTY_REVIEWER_B, Role.LEADER, Role.CITY, Role.PROVINCE)


def keeps_rules(*roles: str) -> Any:
    """A predicate: the actor holds one of ``roles`` over the pack's region; the nation's is for city and province."""

    @rules.predicate(f"keeps_rules:{'|'.join(roles)}")
    def predicate(by: Actor, pack: RulePack | None) -> bool:
        if pack is None or by.user is None or not by.user.is_authenticated:
            return False
        if pack.region_code == "CN":
            return by.user.access.has(Role.CITY, Role.PROVINCE)
        path = Region.objects.filter(pk=pack.region_code).values_list("path", flat=True).first()
        return bool(path and by.user.access.covers(path, *roles))

    return predicate


@rules.predicate
def did_not_propose(by: Actor, pack: RulePack) -> bool:
    """Two people sign; neither who drafted nor who proposed is the second."""
    return bool(by.user and by.user.pk not in (pack.proposed_by_id, pack.drafted_by_id))


rules.add_perm("core.draft_rulepack", keeps_rules(*RULE_DRAFTERS))
rules.add_perm("core.draft_local_rulepack", has_role(*RULE_DRAFTERS))
rules.add_perm("core.sign_rulepack", keeps_rules(*RULE_SIGNERS) & did_not_propose)

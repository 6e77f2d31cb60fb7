"""Who may do what with early warnings, reports of private payment, suspected links and lists."""

from typing import Any

import rules

from core.actors import Actor
from core.models import Role
from core.permissions import has_role, is_client, is_person, is_system
from merchants.rules import in_region_of
from prepaid.custody_rules import works_elsewhere
from prepaid.models import RiskWarning
from prepaid.rules import ARBITERS, FREEZERS


@rules.predicate
def is_another_than_stop_proposer(by: Actor, warning: RiskWarning) -> bool:
    """A stop that an officer proposed is confirmed by another; one that the score proposed, by any."""
    return bool(by.user and by.user.pk != warning.proposed_by_id)


@rules.predicate
def is_another_than_reporter(by: Actor, report: Any) -> bool:
    """Nobody judges what they told."""
    return bool(by.user and by.user.pk != report.reporter_id)


rules.add_perm("prepaid.score_risk", is_system)
rules.add_perm("prepaid.judge_riskwarning", in_region_of(*ARBITERS) & works_elsewhere)
rules.add_perm("prepaid.stop_riskwarning", in_region_of(*FREEZERS) & works_elsewhere & is_another_than_stop_proposer)
rules.add_perm("prepaid.report_private_payment", is_person & ~is_client)
rules.add_perm(
    "prepaid.judge_privatepaymentreport", in_region_of(*ARBITERS) & works_elsewhere & is_another_than_reporter
)
rules.add_perm("prepaid.judge_merchantlink", in_region_of(*ARBITERS) & works_elsewhere)
rules.add_perm("prepaid.find_merchantlink", is_system)
# A list reaches merchants of every county.
rules.add_perm("prepaid.import_list", is_system | has_role(Role.CITY, Role.PROVINCE))
rules.add_perm("prepaid.read_list_import", is_system)
rules.add_perm("prepaid.apply_list", is_system)

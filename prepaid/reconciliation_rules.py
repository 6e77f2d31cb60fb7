"""Who may do what with the custodian's statement and with money that matched nothing."""

import rules

from core.actors import Actor
from core.models import Role
from core.permissions import has_role, is_system
from merchants.rules import in_region_of
from prepaid.models import PaymentOrder, ReconciliationCase, SuspenseItem
from prepaid.models.reconciliation import KEEPS_CUSTODY
from prepaid.rules import FREEZERS, is_no_party

# The custody account lies in no region: officers above the districts decide.
SETTLES = has_role(Role.CITY, Role.PROVINCE)
DECIDES = in_region_of(*FREEZERS)


@rules.predicate
def owns_case(by: Actor, case: ReconciliationCase) -> bool:
    """The officer who took it, nobody else."""
    return bool(by.user and case.owner_id == by.user.pk)


@rules.predicate
def decides_suspense(by: Actor, item: SuspenseItem) -> bool:
    """Money for a known order: officers of its region who are no party; money for nothing known: those above."""
    order = PaymentOrder.objects.filter(order_no=item.order_no).select_related("contract__merchant__region").first()
    if order is None:
        return bool(SETTLES.test(by))
    return bool(DECIDES.test(by, order.contract) and is_no_party.test(by, order.contract))


rules.add_perm("prepaid.view_reconciliation", is_system | KEEPS_CUSTODY)
rules.add_perm("prepaid.upload_bank_file", is_system | SETTLES | has_role(Role.CUSTODIAN))
rules.add_perm("prepaid.read_bank_file", is_system)
rules.add_perm("prepaid.take_reconciliationcase", SETTLES)
rules.add_perm("prepaid.resolve_reconciliationcase", SETTLES & owns_case)
rules.add_perm("prepaid.match_reconciliationcase", SETTLES)
rules.add_perm("prepaid.explain_reconciliationcase", is_system)
rules.add_perm("prepaid.check_equation", is_system)
rules.add_perm("prepaid.resolve_suspenseitem", decides_suspense)

"""Who may do what with prepaid money."""

from typing import Any

import rules

from core.actors import Actor
from core.models import Role
from core.models.people import WATCHERS
from core.permissions import is_custodian, is_system
from merchants.rules import in_region_of, owns, works_for
from prepaid.models import Contract, ContractUser, Freeze

FREEZERS = (Role.COUNTY_REVIEWER_A, Role.COUNTY_REVIEWER_B, Role.LEADER, Role.CITY)
ARBITERS = (Role.STATION_OFFICER, *FREEZERS)


def contract_of(obj: Any) -> Contract:
    """The contract an object belongs to."""
    return obj if isinstance(obj, Contract) else obj.contract


@rules.predicate
def holds(by: Actor, obj: Any) -> bool:
    """The holder of the contract."""
    return bool(by.user and contract_of(obj).holder_id == by.user.pk)


@rules.predicate
def pays(by: Actor, obj: Any) -> bool:
    """The one who paid."""
    return bool(by.user and contract_of(obj).payer_id == by.user.pk)


@rules.predicate
def uses(by: Actor, obj: Any) -> bool:
    """Somebody the holder lets use the card."""
    return bool(by.user and ContractUser.objects.filter(contract=contract_of(obj), user=by.user).exists())


@rules.predicate
def serves(by: Actor, obj: Any) -> bool:
    """Staff of the shop that served the visit."""
    return works_for.test(by, obj)


@rules.predicate
def is_another_than_proposer(by: Actor, freeze: Freeze) -> bool:
    """Two people sign; the first cannot be the second, also not for somebody who is away."""
    return bool(by.user and by.user.pk != freeze.proposed_by_id)


@rules.predicate
def is_another_than_lift_proposer(by: Actor, freeze: Freeze) -> bool:
    """The same for lifting."""
    return bool(by.user and by.user.pk != freeze.lift_proposed_by_id)


consumes = holds | uses


@rules.predicate
def is_no_party(by: Actor, obj: Any) -> bool:
    """Nobody decides in a matter of their own: no customer of the contract, nobody who works for the shop."""
    contract = obj if isinstance(obj, Contract) else obj.contract
    is_customer = contract is not None and (consumes | pays).test(by, contract)
    return not is_customer and not works_for.test(by, obj)


rules.add_perm("prepaid.change_plan", owns)
rules.add_perm("prepaid.offer_contract", works_for)
rules.add_perm("prepaid.view_contract", is_system | consumes | pays | works_for | in_region_of(*WATCHERS))
rules.add_perm("prepaid.sign_contract", holds)
rules.add_perm("prepaid.decline_contract", holds | works_for)
rules.add_perm("prepaid.pay_contract", holds | pays)
rules.add_perm("prepaid.activate_contract", is_custodian)
rules.add_perm("prepaid.manage_contract_users", holds)
rules.add_perm("prepaid.show_code", consumes)
rules.add_perm("prepaid.unmask_holder", in_region_of(*ARBITERS))
rules.add_perm("prepaid.pause_contract", holds | owns)
rules.add_perm("prepaid.stop_instalments", holds)
rules.add_perm("prepaid.complete_contract", is_system)
rules.add_perm("prepaid.close_contract", is_system)

rules.add_perm("prepaid.request_visit", works_for)
rules.add_perm("prepaid.report_visit", consumes)
rules.add_perm("prepaid.confirm_visit", consumes)
rules.add_perm("prepaid.auto_confirm_visit", is_system)
rules.add_perm("prepaid.withdraw_visit", serves)
rules.add_perm("prepaid.correct_visit", serves)
rules.add_perm("prepaid.resolve_visit", in_region_of(*ARBITERS) & is_no_party)

rules.add_perm("prepaid.request_refund", holds)
rules.add_perm("prepaid.withdraw_refund", holds)
rules.add_perm("prepaid.answer_refund", owns)
rules.add_perm("prepaid.auto_agree_refund", is_system)
rules.add_perm("prepaid.order_refund", in_region_of(*ARBITERS) & is_no_party)
rules.add_perm("prepaid.settle_refund", is_system)
rules.add_perm("prepaid.pay_refund", is_system)
rules.add_perm("prepaid.change_payout_account", holds | pays)
rules.add_perm("prepaid.settle_payout", is_custodian)

rules.add_perm("prepaid.propose_freeze", in_region_of(*ARBITERS))
rules.add_perm("prepaid.approve_freeze", in_region_of(*FREEZERS) & is_another_than_proposer & is_no_party)
rules.add_perm("prepaid.approve_lift", in_region_of(*FREEZERS) & is_another_than_lift_proposer & is_no_party)

rules.add_perm("prepaid.seal_day", is_system)
rules.add_perm("prepaid.export_evidence", holds | pays | (in_region_of(*ARBITERS) & is_no_party))

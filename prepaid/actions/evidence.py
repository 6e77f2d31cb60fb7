"""Handing out an evidence pack: who may, for what, and the line that says so."""

from __future__ import annotations

from django.db import transaction

from core.actions import purpose_of_unmask
from core.actors import Actor
from core.audit import record
from core.errors import NotFound
from core.permissions import require
from prepaid.models import Contract


@transaction.atomic
def export_evidence(contract_id: int, purpose: str = "", *, by: Actor) -> Contract:
    """Allow one evidence pack now and write down that it was taken: the consumer's own, or an officer's with a purpose.

    Raises NotFound, NotAllowed, and for an officer Invalid without a purpose.
    """
    contract = Contract.objects.select_related("holder", "payer", "merchant", "account").filter(pk=contract_id).first()
    if contract is None:
        raise NotFound
    require(by, "prepaid.export_evidence", contract)
    own = by.user is not None and by.user.pk in (contract.holder_id, contract.payer_id)
    facts = {} if own else {"purpose": purpose_of_unmask(purpose, by=by)}
    record("contract.evidence", contract, by=by, **facts)
    return contract

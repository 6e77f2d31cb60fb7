"""Appointments nobody came to: counted only as far as the signed terms allow."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from core.actors import Actor
from core.audit import record
from core.errors import Invalid, WrongState
from core.permissions import require
from prepaid.actions.visits import request_visit
from prepaid.models import Contract, Visit


@transaction.atomic
def count_no_show(
    contract_id: int, store_id: int, item: str, *, by: Actor, face_fen: int = 0, times: int = 0, on: date | None = None
) -> Visit:
    """「爽约」: the shop asks for one visit nobody came to; the consumer confirms or disputes it as any other.

    Raises WrongState when the signed terms know no such visit or its number is used up, Invalid for more than once.
    """
    contract = Contract.objects.locked(contract_id)
    require(by, "prepaid.count_no_show", contract)
    most = int(contract.terms.get("no_show_times", 0))
    if most == 0:
        raise WrongState("签约条款里没有爽约计次，不能扣")
    counted = Visit.objects.filter(contract=contract, is_no_show=True).exclude(
        status__in=[Visit.Status.CANCELLED, Visit.Status.CORRECTED]
    )
    if counted.count() >= most:
        raise WrongState(f"这份合同最多计 {most} 次爽约，已经计满")
    if times > 1:
        raise Invalid(fields={"times": "爽约一次最多扣一次"})
    if face_fen and face_fen not in {int(price["price_fen"]) for price in contract.terms.get("prices", [])}:
        raise Invalid(fields={"face_fen": "爽约只能按合同价目表上的项目扣"})
    what = f"爽约：{item.strip()}"[:30]
    visit = request_visit(contract_id, store_id, what, by=by, face_fen=face_fen, times=times, on=on)
    visit.is_no_show = True
    visit.save(update_fields=["is_no_show"])
    record("visit.no_show", visit, by=by, contract=contract.pk, counted=counted.count(), most=most)
    return visit

"""Corrections that came after the shop was paid out: owed first, done out of what the shop earns next."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import NotEnoughLocked, NotFound, WrongState
from core.permissions import require
from prepaid.actions.corrections import carry_out_correction, check_correction
from prepaid.actions.visits import given, locked_visit
from prepaid.models import Contract, MerchantDebt, Refund, RefundShortfall, Visit
from prepaid.models.visits import VISIT_LIFECYCLE


@transaction.atomic
def owe_correction(
    visit_id: int, reason: str, *, by: Actor, face_fen: int = 0, times: int = 0, on: date | None = None
) -> MerchantDebt:
    """Correct a visit now (then the row is settled at once) or, once the shop was paid out, out of its next earnings.

    Raises what ``correct_visit`` does, and WrongState when it is owed already.
    """
    visit, contract = locked_visit(visit_id)
    require(by, "prepaid.correct_visit", visit)
    today = on or business_date()
    check_correction(visit, contract, face_fen=face_fen, times=times, on=today)
    if MerchantDebt.objects.filter(visit=visit).exists():
        raise WrongState("这笔更正已经登记，会从以后的结算里退回")
    reason = given(reason)
    settled_on: date | None = today
    try:
        with transaction.atomic():
            carry_out_correction(visit, contract, reason, face_fen=face_fen, times=times, by=by, on=on)
    except NotEnoughLocked:
        settled_on = None
    debt = MerchantDebt.objects.create(
        visit_id=visit_id, merchant_id=visit.merchant_id, face_fen=face_fen, times=times, reason=reason,
        amount_fen=visit.corrected_fen, asked_on=today, asked_by=by.user, settled_on=settled_on,
    )  # fmt: skip
    if settled_on is None:
        record("visit.owe", visit, by=by, amount_fen=debt.amount_fen, reason=reason)
    return debt


@transaction.atomic
def collect_debt(debt_id: int, *, by: Actor, on: date | None = None) -> MerchantDebt:
    """Do a correction that is owed, out of what the shop has earned since. Raises NotEnoughLocked while it has not.

    Where the contract was refunded meanwhile no card takes the money back: it becomes the shop's shortfall.
    """
    seen = MerchantDebt.objects.filter(pk=debt_id).first()
    if seen is None:
        raise NotFound
    visit, contract = locked_visit(seen.visit_id)
    debt = MerchantDebt.objects.locked(debt_id)
    require(by, "prepaid.collect_debt", debt)
    if debt.settled_on is not None:
        return debt
    today = on or business_date()
    if visit.status == Visit.Status.CORRECTED:
        record("visit.owe_end", visit, by=by, amount_fen=0)
    elif contract.status == Contract.Status.REFUNDED:
        _to_shortfall(debt, contract, by=by)
    else:
        VISIT_LIFECYCLE.check("correct", visit)
        carry_out_correction(visit, contract, debt.reason, face_fen=debt.face_fen, times=debt.times, by=by, on=on)
    debt.settled_on = today
    debt.save(update_fields=["settled_on"])
    return debt


def _to_shortfall(debt: MerchantDebt, contract: Contract, *, by: Actor) -> None:
    refund = Refund.objects.filter(contract=contract).latest("pk")
    row, fresh = RefundShortfall.objects.select_for_update(no_key=True).get_or_create(
        refund=refund, defaults={"merchant_id": debt.merchant_id, "amount_fen": debt.amount_fen}
    )
    if not fresh:
        # What was paid already is not owed again.
        still_owed = row.amount_fen if row.settled_at is None else 0
        row.amount_fen, row.settled_at = still_owed + debt.amount_fen, None
        row.save(update_fields=["amount_fen", "settled_at"])
    record("visit.owe_end", debt.visit, by=by, amount_fen=debt.amount_fen)

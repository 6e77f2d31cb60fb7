"""Visits that were not as asked for: disputed, withdrawn, rejected, corrected."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from core import messages
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, WrongState
from core.money import yuan
from core.permissions import require
from prepaid import ledger
from prepaid.actions.refund_money import refund_freed
from prepaid.actions.visits import given, locked_visit, said, shift_held
from prepaid.models import Contract, RefType, Visit
from prepaid.models.contracts import CONTRACT_LIFECYCLE
from prepaid.models.visits import VISIT_LIFECYCLE
from prepaid.schedule import release_due_for_face, release_for_count

CORRECTION_DAYS = 15


@transaction.atomic
def dispute_visit(visit_id: int, reason: str, *, by: Actor) -> Visit:
    """「不对，我没消费」: the money stays held, and the clock of silence stops for good."""
    visit, _ = locked_visit(visit_id)
    require(by, "prepaid.confirm_visit", visit)
    if visit.status == Visit.Status.DISPUTED:
        return visit
    VISIT_LIFECYCLE.move("dispute", visit)
    visit.reason = reason.strip()[:300]
    visit.save(update_fields=["status", "reason"])
    record("visit.dispute", visit, by=by)
    return visit


@transaction.atomic
def withdraw_visit(visit_id: int, *, by: Actor) -> Visit:
    """The shop takes a visit back: nothing is paid, the held money is free again."""
    visit, contract = locked_visit(visit_id)
    require(by, "prepaid.withdraw_visit", visit)
    return _cancel(visit, contract, "withdraw", by=by)


@transaction.atomic
def reject_visit(visit_id: int, reason: str, *, by: Actor) -> Visit:
    """The officer finds that there was no visit: the held money is the consumer's."""
    visit, contract = locked_visit(visit_id)
    require(by, "prepaid.resolve_visit", visit)
    visit.reason = given(reason)
    return _cancel(visit, contract, "reject", by=by)


def _cancel(visit: Visit, contract: Contract, step: str, *, by: Actor) -> Visit:
    VISIT_LIFECYCLE.move(step, visit)
    for part in visit.parts.select_related("lot").select_for_update(of=("lot",), no_key=True):
        shift_held(part, -1)
    if visit.hold_id:
        ledger.void(visit.hold_id)
    visit.save()
    record(f"visit.{step}", visit, by=by, hold_fen=visit.hold_fen)
    if contract.status == Contract.Status.REFUNDED and not contract.is_periodic:
        refund_freed(contract, by=by)
    return visit


@transaction.atomic
def correct_visit(
    visit_id: int, reason: str, *, by: Actor, face_fen: int = 0, times: int = 0, on: date | None = None
) -> Visit:
    """Give a confirmed visit back, wholly or in part (``face_fen`` or ``times`` to return), within 15 days.

    Raises WrongState when it is too late, already corrected or the contract is refunded, NotEnoughLocked when
    the merchant has been paid out already.
    """
    visit, contract = locked_visit(visit_id)
    require(by, "prepaid.correct_visit", visit)
    check_correction(visit, contract, face_fen=face_fen, times=times, on=on or business_date())
    return carry_out_correction(visit, contract, given(reason), face_fen=face_fen, times=times, by=by, on=on)


def check_correction(visit: Visit, contract: Contract, *, face_fen: int, times: int, on: date) -> None:
    """Whether so much of a visit can be given back on a day. Raises WrongState, Invalid."""
    VISIT_LIFECYCLE.check("correct", visit)
    if contract.status == Contract.Status.REFUNDED:
        # Money given back to a card that is over would never come out of it again.
        raise WrongState("合同已经退款结清，卡里收不了退回的钱；请直接退给顾客，或走投诉")
    if visit.settled_on is None or on > visit.settled_on + timedelta(days=CORRECTION_DAYS):
        raise WrongState(f"只能更正 {CORRECTION_DAYS} 天内的消费；更早的请走退款或投诉")
    field, back, other = ("times", times, face_fen) if visit.times else ("face_fen", face_fen, times)
    if other or not 0 < back <= (visit.face_fen or visit.times):
        raise Invalid(fields={field: f"退回的数额要大于 0，不超过 {said(visit)}"})


def carry_out_correction(
    visit: Visit, contract: Contract, reason: str, *, face_fen: int, times: int, by: Actor, on: date | None
) -> Visit:
    """Give it back, visit and contract locked and checked. Raises NotEnoughLocked, with ``corrected_fen`` telling."""
    back = face_fen or times
    visit.corrected_fen = _give_back(visit, back)
    if visit.corrected_fen and visit.transfer_id:
        ledger.reverse(
            visit.transfer_id, visit.corrected_fen, ref=(RefType.CORRECTION, visit.pk),
            key=f"visit:{visit.pk}:correct", by=by, on=on,
        )  # fmt: skip
    VISIT_LIFECYCLE.move("correct", visit)
    visit.reason = reason
    visit.save()
    if contract.status == Contract.Status.COMPLETED:
        CONTRACT_LIFECYCLE.move("reopen", contract)
        contract.closed_at = None
        contract.save(update_fields=["status", "closed_at"])
    back_said = f"{yuan(face_fen)}元" if face_fen else f"{times}次"
    record("visit.correct", visit, by=by, back=back, corrected_fen=visit.corrected_fen, reason=visit.reason)
    messages.text_user(
        contract.holder,
        f"{contract.merchant.brand_name}更正了一笔消费「{visit.item}」，退回卡里{back_said}。",
        key=f"visit:{visit.pk}:corrected",
    )
    return visit


def _give_back(visit: Visit, back: int) -> int:
    """Take ``back`` (fen of face, or times) out of what the visit's lots count as used; returns the fen to reverse."""
    fen = 0
    parts = visit.parts.select_related("lot").select_for_update(of=("lot",), no_key=True).order_by("-lot")
    for part in parts:
        take = min(back, part.face_fen or part.times)
        if take == 0:
            continue
        back -= take
        lot = part.lot
        if part.face_fen:
            lot.used_face_fen -= take
            keeps = release_due_for_face(lot.paid_fen, lot.bonus_fen, lot.used_face_fen, 0)
        else:
            lot.used_times -= take
            keeps = release_for_count(lot.paid_fen, lot.times_paid, lot.times_bonus, lot.used_times, 0)
        returned = min(max(lot.released_fen - keeps, 0), part.amount_fen)
        lot.released_fen -= returned
        fen += returned
        lot.save(update_fields=["used_face_fen", "used_times", "released_fen"])
    return fen

"""A mediation agreement is money: what is locked is refunded in the same transaction, or nothing is agreed."""

from __future__ import annotations

from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from complaints.actions import clocks
from complaints.actions.steps import (
    given,
    keep,
    now,
    require_consents,
    tell_complainant,
    tell_merchant,
)
from complaints.models import Clock, Complaint, Settlement
from complaints.models.complaints import COMPLAINT_LIFECYCLE
from core import uploads
from core.actors import Actor
from core.audit import record
from core.errors import Invalid, NotFound, WrongState
from core.locking import lock_in_order
from core.money import yuan
from core.permissions import require
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import Contract

Code = Clock.Code


@transaction.atomic
def settle(
    complaint_id: int,
    terms: str,
    amount_fen: int,
    *,
    by: Actor,
    direct_fen: int = 0,
    at_once: bool = False,
    perform_by: date | None = None,
    waived: bool = False,
    at: datetime | None = None,
) -> Settlement:
    """Both sides agree (第24条): ``amount_fen`` goes to the consumer, ``direct_fen`` of it from the shop's own pocket.

    The rest is refunded out of the contract's locked money now; the contract ends with it, and what stays locked is
    the shop's. ``at_once``: performed on the spot; else by ``perform_by``. ``waived``: both do without document 9.

    Raises Invalid, NotEnoughLocked for more than is locked (then nothing is agreed), WrongState.
    """
    complaint, contract = _locked(complaint_id)
    require(by, "complaints.settle_complaint", complaint)
    assert by.user is not None
    COMPLAINT_LIFECYCLE.move("agree", complaint)
    require_consents(complaint)
    moment = now(at)
    today = clocks.start_day(moment)
    escrow_fen = _shares(contract, terms, amount_fen, direct_fen)
    why = f"投诉 {complaint.code_grouped} 的调解协议"
    refund = None
    if contract is not None and escrow_fen:
        refund = prepaid.settle_refund(contract.pk, escrow_fen, why, by=by, direct_fen=direct_fen, on=today)
        perform_by = perform_by or (None if at_once else refund.pay_due_on)
    if not at_once and (perform_by is None or perform_by < today):
        raise Invalid(fields={"perform_by": "写明履行期限，不能早于今天；当场履行的勾选「即时履行」"})
    settlement = Settlement.objects.create(
        complaint=complaint, terms=given(terms, "terms", "写明协议内容", 2000), amount_fen=amount_fen,
        escrow_fen=escrow_fen, direct_fen=direct_fen, refund=refund, at_once=at_once, perform_by=perform_by,
        waived=waived, made_by=by.user, made_at=moment,
    )  # fmt: skip
    _close_mediation(complaint, settlement, at=moment)
    keep(complaint, "agree", by=by, amount_fen=amount_fen, escrow_fen=escrow_fen, direct_fen=direct_fen)
    return settlement


def _locked(complaint_id: int) -> tuple[Complaint, Contract | None]:
    """The complaint and the contract it is about, locked merchants → prepaid → complaints."""
    seen = Complaint.objects.filter(pk=complaint_id).first()
    if seen is None:
        raise NotFound
    if seen.contract_id is None:
        return Complaint.objects.locked(complaint_id), None
    rows = lock_in_order((Merchant, seen.merchant_id), (Contract, seen.contract_id), (Complaint, complaint_id))
    return rows[2], rows[1]


def _shares(contract: Contract | None, terms: str, amount_fen: int, direct_fen: int) -> int:
    """What of the sum comes out of the locked money. Raises Invalid."""
    given(terms, "terms", "写明协议内容")
    if amount_fen < 0 or not 0 <= direct_fen <= amount_fen:
        raise Invalid(fields={"direct_fen": "商家直接付的不能超过协议金额"})
    escrow_fen = amount_fen - direct_fen
    if escrow_fen and contract is None:
        raise Invalid(fields={"direct_fen": "这件投诉没有锁定资金的合同，协议金额全部由商家直接付"})
    if contract is not None and escrow_fen > contract.locked_fen:
        over = yuan(escrow_fen - contract.locked_fen)
        raise Invalid(
            fields={
                "amount_fen": f"锁定的钱只有 ¥{yuan(contract.locked_fen)}，协议金额超出 ¥{over}："
                f"改协议金额，或双方同意把超出的 ¥{over} 写成商家直接付"
            }
        )
    return escrow_fen


def _close_mediation(complaint: Complaint, settlement: Settlement, *, at: datetime) -> None:
    complaint.ended_at, complaint.recovered_fen = at, settlement.amount_fen
    complaint.reply = f"经调解双方达成一致：{settlement.terms}"[:2000]
    clocks.stop(complaint, Code.MEDIATE, at=at)
    clocks.start(complaint, Code.TERMINATE_NOTICE, at=at)
    parts = []
    if settlement.escrow_fen:
        parts.append(f"从锁定的钱里退{yuan(settlement.escrow_fen)}元，已交银行打款")
    if settlement.direct_fen:
        parts.append(f"商家另付{yuan(settlement.direct_fen)}元")
    said = "已达成一致。" + ("，".join(parts) + "。" if parts else "")
    tell_complainant(complaint, said, "agreed")
    tell_merchant(complaint, said, "agreed", at=at)


@transaction.atomic
def prove_payment(complaint_id: int, upload: UploadedFile, *, by: Actor, at: datetime | None = None) -> Settlement:
    """An officer has seen that the shop paid what it owed directly; the proof is kept. Raises WrongState, Invalid."""
    seen = Settlement.objects.filter(complaint=complaint_id).first()
    if seen is None:
        raise NotFound
    if seen.refund_id:
        prepaid.settle_shortfall(seen.refund_id, by=by)
    complaint = Complaint.objects.locked(complaint_id)
    require(by, "complaints.handle_complaint", complaint)
    settlement = Settlement.objects.locked(seen.pk)
    if not settlement.direct_fen:
        raise WrongState("协议里没有商家直接付的钱")
    if settlement.proved_at is not None:
        raise WrongState("付款凭证已经登记")
    settlement.proof = uploads.store(upload, title="付款凭证", by=by)
    settlement.proved_at = now(at)
    settlement.save(update_fields=["proof", "proved_at"])
    record("complaint.prove_payment", complaint, by=by, amount_fen=settlement.direct_fen)
    return settlement

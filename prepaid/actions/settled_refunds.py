"""Refunds that both sides agreed on in mediation: out of the locked money at once, the rest of it to the merchant."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from django.db import transaction
from django.utils import timezone

from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, NotEnoughLocked, WrongState
from core.money import yuan
from prepaid import ledger
from prepaid.actions.payouts import pay_out
from prepaid.actions.refund_money import record_shortfall, take_out
from prepaid.actions.refunds import end_contract
from prepaid.facts import refund_clock
from prepaid.models import Contract, Refund, RefundShortfall
from prepaid.models.refunds import REFUND_LIFECYCLE
from prepaid.refunds import Line

ART_24 = "总局令第121号第24条"
UNANSWERED = (Refund.Status.REQUESTED, Refund.Status.DISPUTED)


@transaction.atomic
def settle_refund(
    contract_id: int, amount_fen: int, why: str, *, by: Actor, direct_fen: int = 0, on: date | None = None
) -> Refund:
    """Pay what a mediation agreement says out of the locked money; the contract ends with it.

    ``direct_fen`` is what the merchant pays itself beyond that: its debt, not a movement of the ledger. What stays
    locked is the merchant's. A refund that waits or is disputed is settled by this one. Called inside the action
    of the settlement, which has asked who may.

    Raises NotEnoughLocked for more than is locked and free, WrongState while a visit waits or a payout runs.
    """
    contract = Contract.objects.locked(contract_id)
    today = on or business_date()
    _check(contract, amount_fen, direct_fen)
    refund = Refund.objects.filter(contract=contract, status__in=UNANSWERED).first()
    refund = Refund.objects.locked(refund.pk) if refund else _asked(contract, why, by=by, on=today)
    REFUND_LIFECYCLE.move("settle", refund)
    refund.lines = [_line(amount_fen, "调解协议确定的退款", why)]
    if direct_fen:
        refund.lines.append(_line(direct_fen, "商家另行直接付", why))
    refund.total_fen, refund.amount_fen = amount_fen + direct_fen, amount_fen
    refund.answered_on, refund.answer = today, why[:300]
    refund.save()
    take_out(refund, contract, [], by=by, on=today)
    record_shortfall(refund, contract, direct_fen)
    record("refund.settle", refund, by=by, amount_fen=amount_fen, total_fen=refund.total_fen)
    end_contract(refund, contract, by=by, on=today)
    return pay_out(refund, contract, on=today)


def _check(contract: Contract, amount_fen: int, direct_fen: int) -> None:
    if amount_fen <= 0 or direct_fen < 0:
        raise Invalid(fields={"amount_fen": "从锁定资金退的金额要大于 0"})
    running = (Refund.Status.AGREED, Refund.Status.PAYING, Refund.Status.PAYOUT_FAILED)
    if Refund.objects.filter(contract=contract, part_of=None, status__in=running).exists():
        raise WrongState("这份合同已经有一笔退款在打款，不能再按协议退一次")
    if contract.held_fen:
        raise WrongState(f"还有 ¥{yuan(contract.held_fen)} 待确认或有异议的消费没有了结，先了结再按协议退款")
    if amount_fen > contract.available_fen:
        raise NotEnoughLocked(
            f"锁定的钱只有 ¥{yuan(contract.available_fen)}，不够退 ¥{yuan(amount_fen)}："
            f"把差额 ¥{yuan(amount_fen - contract.available_fen)} 写成商家直接付，或改协议金额"
        )


def _asked(contract: Contract, why: str, *, by: Actor, on: date) -> Refund:
    """The refund nobody asked for before: the agreement is the request."""
    clock = refund_clock(contract, on)
    if contract.is_periodic and contract.account_id:
        ledger.cancel_instalments(contract.account_id, on)
    return Refund(
        contract=contract, merchant_id=contract.merchant_id, cause=Refund.Cause.MERCHANT, reason=why[:300],
        requested_on=on, requested_by=by.user, answer_due_on=on, pay_due_on=clock.pay_due_on, clock=clock.explanation,
    )  # fmt: skip


def _line(fen: int, label: str, why: str) -> dict[str, object]:
    return {"lot": 1, **asdict(Line(fen, label, why, ART_24))}


@transaction.atomic
def settle_shortfall(refund_id: int, *, by: Actor) -> None:
    """The merchant has paid what it owed beyond the locked money, and shown it. Repeated, it changes nothing.

    Called inside the action that has seen the proof.
    """
    row = RefundShortfall.objects.select_for_update(no_key=True).filter(refund=refund_id, settled_at=None).first()
    if row is not None and row.refund is not None:
        row.settled_at = timezone.now()
        row.save(update_fields=["settled_at"])
        record("refund.shortfall_paid", row.refund, by=by, amount_fen=row.amount_fen)

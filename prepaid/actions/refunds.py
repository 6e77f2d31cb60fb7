"""Refunds: asked for, answered (silence counts as yes), and what follows when a waiting visit is settled."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from core import messages
from core.actors import SYSTEM, Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, NotFound, WrongState
from core.money import yuan
from core.permissions import require
from prepaid import ledger
from prepaid.actions.payouts import pay_out
from prepaid.actions.periods import back_in_line
from prepaid.actions.refund_money import (
    line_of_part,
    record_shortfall,
    release_rest,
    take_out,
    write_sum,
)
from prepaid.facts import LotSum, gift_of, lot_sums, refund_clock, sums_of
from prepaid.models import Contract, HolderNotice, Refund, Succession
from prepaid.models.contracts import CONTRACT_LIFECYCLE
from prepaid.models.refunds import REFUND_LIFECYCLE
from prepaid.refunds import Adjustment
from prepaid.signals import refund_disputed

UNDISPUTED = "商家认可、没有争议的部分"


@transaction.atomic
def request_refund(contract_id: int, cause: str, *, by: Actor, reason: str = "", on: date | None = None) -> Refund:
    """「我要退款」: the sum by law, line by line, and by when the shop must answer and the money must be paid.

    Inside the seven days of an unused lot, and when it closes, the shop is not asked (法释〔2025〕4号第14条, 第13条).
    Raises NotFound, WrongState, Invalid.
    """
    contract = Contract.objects.locked(contract_id)
    require(by, "prepaid.request_refund", contract)
    if contract.status not in (Contract.Status.ACTIVE, Contract.Status.PAUSED):
        raise WrongState(f"合同现在是「{contract.get_status_display()}」，没有可退的钱")
    if cause not in Refund.Cause.values:
        raise Invalid(fields={"cause": "选一个退款原因"})
    if Refund.objects.open().filter(contract=contract).exists():
        raise WrongState("已经有一笔退款在办理，请看退款进度")
    today = on or business_date()
    if cause == Refund.Cause.EXPIRED and not (contract.ends_on and contract.ends_on < today):
        raise Invalid(fields={"cause": "这张卡没有到期，请选别的原因"})
    sums = _sums(contract, cause, today)
    clock = refund_clock(contract, today)
    refund = Refund(
        contract=contract, merchant_id=contract.merchant_id, cause=cause, reason=reason.strip()[:300],
        requested_on=today, requested_by=by.user, answer_due_on=clock.answer_due_on, pay_due_on=clock.pay_due_on,
        clock=clock.explanation,
    )  # fmt: skip
    write_sum(refund, contract, sums)
    refund.save()
    if contract.is_periodic and contract.account_id:
        ledger.cancel_instalments(contract.account_id, today)
    record("refund.request", refund, by=by, contract=contract.pk, cause=cause, total_fen=refund.total_fen)
    # A shop that closes has no say: it can no longer perform (法释〔2025〕4号第13条第2项).
    closing = cause == Refund.Cause.MERCHANT and (
        HolderNotice.objects.binding(contract).exists()
        # Nor has one that went over to somebody else: nobody must take another debtor (民法典第551条).
        or Succession.objects.open().filter(merchant=contract.merchant_id).exists()
    )
    if cause == Refund.Cause.COOLING_OFF or closing:
        return _agree(refund, contract, "auto_agree", by=SYSTEM, on=today)
    return refund


def _sums(contract: Contract, cause: str, on: date) -> list[LotSum]:
    """The refund lot by lot. Raises Invalid when there is nothing to refund for this cause."""
    sums = lot_sums(contract, cause, on)
    if not sums and cause == Refund.Cause.COOLING_OFF:
        raise Invalid(fields={"cause": "已经用过，或者付款超过 7 天，请选别的原因"})
    if not sum(part.total_fen for part in sums):
        raise Invalid("按法律计算，已经没有可退的钱", fields={"cause": "按法律计算，已经没有可退的钱"})
    return sums


@transaction.atomic
def agree_refund(
    refund_id: int, *, by: Actor, gift_fen: int = 0, gift_reason: str = "", on: date | None = None
) -> Refund:
    """The merchant agrees: the money leaves the card at once. Repeated, it changes nothing.

    ``gift_fen`` adds to the sum for gifts not had yet, with a reason (法释〔2025〕4号第21条). Raises Invalid.
    """
    refund, contract = _locked(refund_id)
    require(by, "prepaid.answer_refund", refund)
    if refund.status in (Refund.Status.PAYING, Refund.Status.PAID):
        return refund
    gift = _gift(gift_fen, gift_reason)
    return _agree(refund, contract, "agree", by=by, on=on or business_date(), gift=gift)


def _gift(fen: int, reason: str) -> Adjustment | None:
    """What is added for gifts. Raises Invalid without a reason, or for less than nothing."""
    if not fen:
        return None
    if fen < 0 or not reason.strip():
        raise Invalid(fields={"gift_fen" if fen < 0 else "gift_reason": "只能多退，并写明理由"})
    return Adjustment(fen, reason.strip()[:200])


@transaction.atomic
def auto_agree_refund(refund_id: int, *, by: Actor, on: date | None = None) -> Refund:
    """Silence counts as agreement once the answer is overdue."""
    refund, contract = _locked(refund_id)
    require(by, "prepaid.auto_agree_refund", refund)
    today = on or business_date()
    if refund.answer_due_on >= today:
        raise WrongState("商家的答复期限还没有过")
    return _agree(refund, contract, "auto_agree", by=by, on=today)


@transaction.atomic
def order_refund(refund_id: int, reason: str, *, by: Actor, gift_fen: int = 0, on: date | None = None) -> Refund:
    """An officer orders the refund the merchant refused, and may add to it for gifts (法释〔2025〕4号第21条).

    Raises Invalid without a reason.
    """
    refund, contract = _locked(refund_id)
    require(by, "prepaid.order_refund", refund)
    if not reason.strip():
        raise Invalid(fields={"reason": "写明责令退款的理由"})
    refund.answer = f"责令退款：{reason.strip()}"[:300]
    return _agree(refund, contract, "order", by=by, on=on or business_date(), gift=_gift(gift_fen, reason))


@transaction.atomic
def refuse_refund(refund_id: int, answer: str, *, by: Actor, undisputed_fen: int = 0, on: date | None = None) -> Refund:
    """The merchant does not agree; the consumer may complain, and the money stays locked.

    ``undisputed_fen`` is what the merchant itself thinks is due: the contract ends, that part is paid at once, and
    only the rest stays locked and in dispute. Raises Invalid.
    """
    refund, contract = _locked(refund_id)
    require(by, "prepaid.answer_refund", refund)
    if not answer.strip():
        raise Invalid(fields={"answer": "写明不同意的理由，消费者和监管人员都会看到"})
    REFUND_LIFECYCLE.move("refuse", refund)
    refund.answer, refund.answered_on = answer.strip()[:300], on or business_date()
    if undisputed_fen:
        _pay_undisputed(refund, contract, undisputed_fen, by=by, on=refund.answered_on)
    refund.save()
    record("refund.refuse", refund, by=by, answer=refund.answer, undisputed_fen=undisputed_fen)
    brand, paid = (
        contract.merchant.brand_name,
        f"没有争议的{yuan(undisputed_fen)}元先退给您，其余" if undisputed_fen else "钱",
    )
    messages.text_user(
        contract.holder,
        f"{brand}不同意退款。{paid}仍然锁定，您可以登录查看理由，或拨打12315投诉。",
        key=f"refund:{refund.pk}:refused",
    )
    refund_disputed.send(Refund, refund_id=refund.pk, by=by)
    return refund


def _pay_undisputed(refund: Refund, contract: Contract, fen: int, *, by: Actor, on: date) -> None:
    """End the contract and pay what both sides agree on; what is left stays locked until the dispute is decided."""
    sums = sums_of(refund, contract, on)
    write_sum(refund, contract, sums)
    if fen >= refund.total_fen:
        raise Invalid(fields={"undisputed_fen": f"按法律应退 {yuan(refund.total_fen)} 元；认可全部的话请点同意"})
    if not 0 < fen <= refund.amount_fen:
        raise Invalid(fields={"undisputed_fen": f"要大于 0，不超过现在能退的 {yuan(refund.amount_fen)} 元"})
    part = Refund.objects.create(
        contract=contract, merchant_id=contract.merchant_id, part_of=refund, cause=refund.cause, requested_on=on,
        answered_on=on, answer_due_on=on, pay_due_on=refund.pay_due_on, clock=refund.clock, total_fen=fen,
        amount_fen=fen, status=Refund.Status.AGREED, reason=UNDISPUTED,
        lines=[line_of_part(refund, fen, UNDISPUTED)],
    )  # fmt: skip
    take_out(part, contract, sums, by=by, on=on)
    CONTRACT_LIFECYCLE.move("refund", contract)
    contract.closed_at = timezone.now()
    contract.save(update_fields=["refunded_fen", "status", "closed_at"])
    record("refund.undisputed", part, by=by, amount_fen=fen)
    record("contract.refund", contract, by=by, refund=refund.pk)
    pay_out(part, contract, on=on)
    write_sum(refund, contract, sums)


@transaction.atomic
def withdraw_refund(refund_id: int, *, by: Actor) -> Refund:
    """The consumer changes their mind before the money moves; period payments go on.

    Where the undisputed part was paid the contract has ended: then this settles for that part.
    """
    refund, contract = _locked(refund_id)
    require(by, "prepaid.withdraw_refund", refund)
    REFUND_LIFECYCLE.move("withdraw", refund)
    refund.save(update_fields=["status"])
    if contract.status == Contract.Status.REFUNDED:
        release_rest(contract, refund, by=SYSTEM, on=business_date())
    elif contract.is_periodic:
        back_in_line(contract, refund.requested_on)
    record("refund.withdraw", refund, by=by)
    return refund


def _locked(refund_id: int) -> tuple[Refund, Contract]:
    """The refund and its contract, the contract locked first."""
    seen = Refund.objects.filter(pk=refund_id).first()
    if seen is None:
        raise NotFound
    contract = Contract.objects.locked(seen.contract_id)
    return Refund.objects.locked(refund_id), contract


def _agree(
    refund: Refund, contract: Contract, step: str, *, by: Actor, on: date, gift: Adjustment | None = None
) -> Refund:
    """Take the refund out of the locked money, as the facts stand now, and promise the payout."""
    REFUND_LIFECYCLE.move(step, refund)
    # What the consumer used since the request counts: the sum is made again.
    sums = sums_of(refund, contract, on, gift)
    write_sum(refund, contract, sums)
    added = gift_of(refund)
    if gift and (added is None or added.amount_fen != gift.amount_fen):
        room = yuan(added.amount_fen if added else 0)
        raise Invalid(fields={"gift_fen": f"加上这一笔会超过实付的钱，最多加 {room} 元"})
    refund.answered_on = on
    refund.save()
    take_out(refund, contract, sums, by=by, on=on)
    record_shortfall(refund, contract, refund.total_fen - refund.amount_fen - contract.locked_fen)
    record(f"refund.{step}", refund, by=by, amount_fen=refund.amount_fen, total_fen=refund.total_fen)
    end_contract(refund, contract, by=by, on=on)
    return pay_out(refund, contract, on=on)


def end_contract(refund: Refund, contract: Contract, *, by: Actor, on: date) -> None:
    """End the contract unless other lots go on; what the merchant has earned by law is paid to it."""
    if contract.status == Contract.Status.REFUNDED:  # it ended when the undisputed part was paid
        contract.save(update_fields=["refunded_fen"])
        release_rest(contract, refund, by=by, on=on)
        return
    lots = list(contract.lots.all())
    goes_on = refund.cause == Refund.Cause.COOLING_OFF and any(lot.refunded_fen == 0 for lot in lots)
    # Used up while the merchant made up its mind: over already.
    if goes_on or contract.status == Contract.Status.COMPLETED:
        contract.save(update_fields=["refunded_fen"])
        return
    CONTRACT_LIFECYCLE.move("refund", contract)
    contract.closed_at = timezone.now()
    contract.save(update_fields=["refunded_fen", "status", "closed_at"])
    release_rest(contract, refund, by=by, on=on)
    record("contract.refund", contract, by=by, refund=refund.pk)

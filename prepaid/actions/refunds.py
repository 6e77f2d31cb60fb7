"""Refunds: asked for, answered (silence counts as yes), paid out, and paid again when the bank fails."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import messages, outbox
from core.actors import SYSTEM, Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Frozen, Invalid, NotFound, WrongState
from core.money import yuan
from core.permissions import require
from prepaid import ledger
from prepaid.actions.periods import back_in_line
from prepaid.custodian import custodian
from prepaid.facts import LotSum, lot_sums, refund_clock, waiting_fen
from prepaid.models import (
    AccountKind,
    Contract,
    Lot,
    PaymentOrder,
    Payout,
    Refund,
    RefundShortfall,
)
from prepaid.models.contracts import CONTRACT_LIFECYCLE
from prepaid.models.refunds import REFUND_LIFECYCLE

FOLLOW_UP = "有争议的消费已了结，补退"
_AGREED = (Refund.Status.AGREED, Refund.Status.PAYING, Refund.Status.PAYOUT_FAILED, Refund.Status.PAID)


@transaction.atomic
def request_refund(contract_id: int, cause: str, *, by: Actor, reason: str = "", on: date | None = None) -> Refund:
    """「我要退款」: the sum by law, line by line, and by when the shop must answer and the money must be paid.

    Inside the seven days of an unused lot the shop is not asked (法释〔2025〕4号第14条).
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
    _write_sum(refund, contract, sums)
    refund.save()
    if contract.is_periodic and contract.account_id:
        ledger.cancel_instalments(contract.account_id, today)
    record("refund.request", refund, by=by, contract=contract.pk, cause=cause, total_fen=refund.total_fen)
    if cause == Refund.Cause.COOLING_OFF:
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


def _write_sum(refund: Refund, contract: Contract, sums: list[LotSum]) -> None:
    refund.lines = [{"lot": part.lot.no, **asdict(line)} for part in sums for line in part.lines]
    refund.total_fen = sum(part.total_fen for part in sums)
    # Never more than is locked and free; the rest is the merchant's debt, or waits for a disputed visit.
    refund.amount_fen = min(sum(part.payable_fen for part in sums), contract.available_fen)


@transaction.atomic
def agree_refund(refund_id: int, *, by: Actor, on: date | None = None) -> Refund:
    """The merchant agrees: the money leaves the card at once. Repeated, it changes nothing."""
    refund, contract = _locked(refund_id)
    require(by, "prepaid.answer_refund", refund)
    if refund.status in (Refund.Status.PAYING, Refund.Status.PAID):
        return refund
    return _agree(refund, contract, "agree", by=by, on=on or business_date())


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
def order_refund(refund_id: int, reason: str, *, by: Actor, on: date | None = None) -> Refund:
    """An officer orders the refund the merchant refused. Raises Invalid without a reason."""
    refund, contract = _locked(refund_id)
    require(by, "prepaid.order_refund", refund)
    if not reason.strip():
        raise Invalid(fields={"reason": "写明责令退款的理由"})
    refund.answer = f"责令退款：{reason.strip()}"[:300]
    return _agree(refund, contract, "order", by=by, on=on or business_date())


@transaction.atomic
def refuse_refund(refund_id: int, answer: str, *, by: Actor, on: date | None = None) -> Refund:
    """The merchant does not agree; the consumer may complain, and the money stays locked."""
    refund, contract = _locked(refund_id)
    require(by, "prepaid.answer_refund", refund)
    if not answer.strip():
        raise Invalid(fields={"answer": "写明不同意的理由，消费者和监管人员都会看到"})
    REFUND_LIFECYCLE.move("refuse", refund)
    refund.answer, refund.answered_on = answer.strip()[:300], on or business_date()
    refund.save()
    record("refund.refuse", refund, by=by, answer=refund.answer)
    messages.text_user(
        contract.holder,
        f"{contract.merchant.brand_name}不同意退款。钱仍然锁定，您可以登录查看理由，或拨打12315投诉。",
        key=f"refund:{refund.pk}:refused",
    )
    return refund


@transaction.atomic
def withdraw_refund(refund_id: int, *, by: Actor) -> Refund:
    """The consumer changes their mind before the money moves; period payments go on."""
    refund, contract = _locked(refund_id)
    require(by, "prepaid.withdraw_refund", refund)
    REFUND_LIFECYCLE.move("withdraw", refund)
    refund.save(update_fields=["status"])
    if contract.is_periodic:
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


def _agree(refund: Refund, contract: Contract, step: str, *, by: Actor, on: date) -> Refund:
    """Take the refund out of the locked money, as the facts stand now, and promise the payout."""
    REFUND_LIFECYCLE.move(step, refund)
    # What the consumer used since the request counts: the sum is made again.
    sums = lot_sums(contract, refund.cause, refund.requested_on if contract.is_periodic else on)
    _write_sum(refund, contract, sums)
    refund.answered_on = on
    refund.save()
    left = refund.amount_fen
    for part in sums:
        take = min(part.payable_fen, left)
        Lot.objects.filter(pk=part.lot.pk).update(refunded_fen=part.lot.refunded_fen + take)
        left -= take
    if refund.amount_fen:
        assert contract.account_id is not None
        ledger.refund(
            contract.account_id,
            refund.amount_fen,
            refund_id=refund.pk,
            key=f"refund:{refund.pk}",
            by=by,
            on=on,
        )
    contract.refunded_fen += refund.amount_fen
    contract.refresh_from_db(fields=["account"])
    _record_shortfall(refund, contract)
    record(f"refund.{step}", refund, by=by, amount_fen=refund.amount_fen, total_fen=refund.total_fen)
    _close(refund, contract, by=by, on=on)
    return _pay(refund, contract, on=on)


def _record_shortfall(refund: Refund, contract: Contract) -> None:
    """What the law gives beyond the locked money is the merchant's debt, not a movement of the ledger."""
    owed = refund.total_fen - refund.amount_fen - contract.held_fen
    if owed > 0:
        RefundShortfall.objects.create(refund=refund, merchant_id=refund.merchant_id, amount_fen=owed)


def _close(refund: Refund, contract: Contract, *, by: Actor, on: date) -> None:
    """End the contract unless other lots go on; what the merchant has earned by law is paid to it."""
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


def release_rest(contract: Contract, refund: Refund, *, by: Actor, on: date) -> None:
    """Pay the merchant what stays locked after the refund and is not claimed; while it is frozen it waits."""
    rest = contract.available_fen
    if rest <= 0 or contract.account is None:
        return
    payee = ledger.open_account(AccountKind.MERCHANT_PAYABLE, contract.merchant_id)
    # The card or its merchant: a freeze of either keeps this money, and never the consumer's refund.
    with suppress(Frozen), transaction.atomic():
        # There may be several rests in turn; each follows another movement of the card.
        key = f"rest:{contract.account.pk}:{contract.account.seq}"
        ledger.release_rest(contract.account.pk, payee, rest, refund_id=refund.pk, key=key, by=by, on=on)


def refund_freed(contract: Contract, freed_fen: int, *, by: Actor) -> Refund | None:
    """A visit came to its end after the contract was refunded: what its hold leaves follows as far as the law gave it.

    Called inside the action that freed the money, with the contract locked.
    """
    contract.refresh_from_db(fields=["account"])
    agreed = Refund.objects.filter(contract=contract, status__in=_AGREED)
    # Nobody asks for a follow-up; what it pays counts against what was asked for.
    asked = agreed.filter(requested_by__isnull=False)
    last = asked.latest("pk")
    owed = sum(asked.values_list("total_fen", flat=True)) - sum(agreed.values_list("amount_fen", flat=True))
    amount, today = min(freed_fen, owed, contract.available_fen), business_date()
    if amount <= 0:
        release_rest(contract, last, by=SYSTEM, on=today)
        return None
    refund = Refund.objects.create(
        contract=contract, merchant_id=contract.merchant_id, cause=last.cause, requested_on=today, answered_on=today,
        answer_due_on=today, pay_due_on=last.pay_due_on, clock=last.clock, total_fen=amount, amount_fen=amount,
        status=Refund.Status.AGREED, reason=FOLLOW_UP,
        lines=[{"lot": 1, "amount_fen": amount, "label": FOLLOW_UP, "formula": "", "article": ""}],
    )  # fmt: skip
    assert contract.account_id is not None
    ledger.refund(contract.account_id, amount, refund_id=refund.pk, key=f"refund:{refund.pk}", by=by)
    _take_from_lots(contract, amount)
    contract.refunded_fen += amount
    contract.save(update_fields=["refunded_fen"])
    record("refund.follow_up", refund, by=by, amount_fen=amount)
    contract.refresh_from_db(fields=["account"])
    release_rest(contract, refund, by=SYSTEM, on=today)
    return _pay(refund, contract, on=today)


def _take_from_lots(contract: Contract, left: int) -> None:
    """Book a follow-up refund on the lots, leaving each what visits still hold of it."""
    waiting = waiting_fen(contract)
    for lot in contract.lots.order_by("no"):
        take = min(left, lot.paid_fen - lot.released_fen - lot.refunded_fen - waiting.get(lot.pk, 0))
        if take > 0:
            lot.refunded_fen += take
            lot.save(update_fields=["refunded_fen"])
            left -= take


def _pay(refund: Refund, contract: Contract, *, on: date) -> Refund:
    """Order the payout to the account the money came from; nothing to pay ends the refund."""
    if not refund.amount_fen:
        refund.status, refund.paid_on = Refund.Status.PAID, on
        refund.save(update_fields=["status", "paid_on"])
        return refund
    order = PaymentOrder.objects.filter(contract=contract, status=PaymentOrder.Status.PAID).order_by("-paid_at").first()
    payout = Payout(refund=refund, amount_fen=refund.amount_fen)
    payout.account, payout.payee = (order.payer_account if order else ""), contract.payer.name or "原付款人"
    return _send(payout, refund)


def _send(payout: Payout, refund: Refund) -> Refund:
    REFUND_LIFECYCLE.move("pay", refund)
    payout.save()
    refund.save(update_fields=["status"])
    outbox.enqueue("prepaid.send_payout", payout.payout_no, {"payout": payout.pk})
    return refund


@transaction.atomic
def change_payout_account(refund_id: int, account: str, payee: str, *, by: Actor) -> Refund:
    """After a failed payout: another account of the same person. Raises Invalid for another person's name."""
    refund, contract = _locked(refund_id)
    require(by, "prepaid.change_payout_account", refund)
    if refund.status != Refund.Status.PAYOUT_FAILED:
        raise WrongState("现在不需要换账户")
    number = "".join(account.split())
    if not (number.isascii() and number.isdigit() and 12 <= len(number) <= 25):
        raise Invalid(fields={"account": "填 12 到 25 位的银行账号"})
    names = {name for name in (contract.holder.name, contract.payer.name) if name}
    if names and payee.strip() not in names:
        raise Invalid(fields={"payee": "收款人要和办卡人或付款人同名"})
    payout = Payout(refund=refund, amount_fen=refund.amount_fen, to_origin=False)
    payout.account, payout.payee = number, payee.strip()
    record("refund.change_account", refund, by=by, last4=number[-4:])
    return _send(payout, refund)


@outbox.handler("prepaid.send_payout", queue="money", own_transaction=True)
def send_payout(payload: dict[str, int]) -> None:
    """Ask the custodian to pay; its own number makes a repeat harmless."""
    payout = Payout.objects.get(pk=payload["payout"])
    if payout.status != Payout.Status.PENDING:
        return
    custodian().create_payout(
        payout.payout_no,
        payout.amount_fen,
        payee_account=payout.account,
        payee_name=payout.payee,
        notify_url=f"{settings.PUBLIC_URL}/custodian/callback/",
    )
    Payout.objects.filter(pk=payout.pk, status=Payout.Status.PENDING).update(status=Payout.Status.SENT)


def payout_paid(payout_no: str, bank_ref: str, *, by: Actor, on: date | None = None) -> str:
    """The bank says the money arrived. Called inside ``receive``; returns what became of the notice."""
    found = _payout_of(payout_no)
    if found is None:
        return "没有这笔划付"
    payout, refund, contract = found
    require(by, "prepaid.settle_payout", refund)
    if payout.status not in (Payout.Status.PENDING, Payout.Status.SENT):
        return "划付已结束，未处理"
    today = on or business_date()
    ledger.refund_paid(payout.amount_fen, refund_id=refund.pk, key=f"payout:{payout.pk}", by=by, on=on)
    payout.status, payout.bank_ref, payout.finished_at = Payout.Status.PAID, bank_ref, timezone.now()
    payout.save()
    REFUND_LIFECYCLE.move("arrive", refund)
    refund.paid_on = today
    refund.save(update_fields=["status", "paid_on"])
    record("refund.arrive", refund, by=by, amount_fen=payout.amount_fen)
    messages.text_user(
        contract.payer,
        f"{contract.merchant.brand_name}的退款{yuan(payout.amount_fen)}元已到账。",
        key=f"payout:{payout.pk}:paid",
    )
    return "退款已到账"


def payout_failed(payout_no: str, bank_ref: str, reason: str, *, by: Actor) -> str:
    """The bank could not pay: the money waits in clearing for another account, never back to the merchant."""
    found = _payout_of(payout_no)
    if found is None:
        return "没有这笔划付"
    payout, refund, contract = found
    require(by, "prepaid.settle_payout", refund)
    if payout.status not in (Payout.Status.PENDING, Payout.Status.SENT):
        return "划付已结束，未处理"
    payout.status, payout.bank_ref, payout.failure = Payout.Status.FAILED, bank_ref, reason[:100]
    payout.finished_at = timezone.now()
    payout.save()
    REFUND_LIFECYCLE.move("bounce", refund)
    refund.save(update_fields=["status"])
    record("refund.bounce", refund, by=by, reason=reason[:100])
    messages.text_user(
        contract.payer,
        f"{contract.merchant.brand_name}的退款没打进去（{reason[:30]}），钱还在，请登录换一个账户。",
        key=f"payout:{payout.pk}:failed",
    )
    return "划付失败，等待换账户"


def _payout_of(payout_no: str) -> tuple[Payout, Refund, Contract] | None:
    """The payout with its refund and contract, locked in order."""
    seen = Payout.objects.filter(payout_no=payout_no).select_related("refund").first()
    if seen is None:
        return None
    contract = Contract.objects.locked(seen.refund.contract_id)
    refund = Refund.objects.locked(seen.refund_id)
    return Payout.objects.locked(seen.pk), refund, contract

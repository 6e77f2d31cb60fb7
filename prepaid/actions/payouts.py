"""Payouts: a refund on its way through the bank, paid again to another account when the bank fails."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import messages, outbox
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, NotFound, WrongState
from core.money import yuan
from core.permissions import require
from prepaid import ledger
from prepaid.custodian import custodian
from prepaid.models import Assignment, Contract, PaymentOrder, Payout, Refund
from prepaid.models.refunds import REFUND_LIFECYCLE

LIVE = (Payout.Status.PENDING, Payout.Status.SENT)
OVERTAKEN = "前一笔已经到账，这笔作废"


def pay_out(refund: Refund, contract: Contract, *, on: date) -> Refund:
    """Order the payout to the account the money came from; nothing to pay ends the refund."""
    if not refund.amount_fen:
        refund.status, refund.paid_on = Refund.Status.PAID, on
        refund.save(update_fields=["status", "paid_on"])
        return refund
    order = PaymentOrder.objects.filter(contract=contract, status=PaymentOrder.Status.PAID).order_by("-paid_at").first()
    kinds = (Assignment.Kind.TRANSFER, Assignment.Kind.INHERITED)
    handed_on = Assignment.objects.filter(contract=contract, kind__in=kinds, status=Assignment.Status.EFFECTIVE)
    if order and handed_on.filter(ended_at__gt=order.paid_at).exists():
        return _ask_account(refund, contract, "卡转让过，要退到现持卡人自己的账户")
    if order and order.terms.get("legacy"):
        return _ask_account(refund, contract, "老卡的钱是店里存的，要退到持卡人自己的账户")
    payout = Payout(refund=refund, amount_fen=refund.amount_fen)
    payout.account, payout.payee = (order.payer_account if order else ""), contract.payer.name or "原付款人"
    return _send(payout, refund)


def _ask_account(refund: Refund, contract: Contract, why: str) -> Refund:
    """The account that paid is not the holder's (handed on by 法释〔2025〕4号第11条, or the shop's for an old card)."""
    payout = Payout(refund=refund, amount_fen=refund.amount_fen, status=Payout.Status.FAILED, to_origin=False)
    payout.account, payout.payee = "", contract.payer.name
    payout.failure, payout.finished_at = why, timezone.now()
    payout.save()
    REFUND_LIFECYCLE.move("pay", refund)
    REFUND_LIFECYCLE.move("bounce", refund)
    refund.save(update_fields=["status"])
    messages.text_user(
        contract.payer,
        f"{contract.merchant.brand_name}的退款{yuan(refund.amount_fen)}元要打到您自己的账户，请登录填写，钱一直锁着。",
        key=f"payout:{payout.pk}:ask",
    )
    return refund


def _send(payout: Payout, refund: Refund) -> Refund:
    REFUND_LIFECYCLE.move("pay", refund)
    payout.save()
    refund.save(update_fields=["status"])
    outbox.enqueue("prepaid.send_payout", payout.payout_no, {"payout": payout.pk})
    return refund


@transaction.atomic
def change_payout_account(refund_id: int, account: str, payee: str, *, by: Actor, own_name: bool = False) -> Refund:
    """After a failed payout: another account of the holder or the payer, never of anybody else.

    Where we do not know the name of the one who asks, ``own_name`` says that ``payee`` is it; it is kept, and from
    then on only it counts. Raises Invalid for another person's name.
    """
    refund, contract = _locked(refund_id)
    require(by, "prepaid.change_payout_account", refund)
    if refund.status != Refund.Status.PAYOUT_FAILED:
        raise WrongState("现在不需要换账户")
    number = "".join(account.split())
    if not (number.isascii() and number.isdigit() and 12 <= len(number) <= 25):
        raise Invalid(fields={"account": "填 12 到 25 位的银行账号"})
    payout = Payout(refund=refund, amount_fen=refund.amount_fen, to_origin=False)
    payout.account, payout.payee = number, _own_name(contract, payee.strip(), by=by, own_name=own_name)
    record("refund.change_account", refund, by=by, last4=number[-4:])
    return _send(payout, refund)


def _own_name(contract: Contract, payee: str, *, by: Actor, own_name: bool) -> str:
    """The name on the account, if it is the holder's or the payer's. Raises Invalid."""
    assert by.user is not None  # only the holder and the payer may ask
    if payee in {name for name in (contract.holder.name, contract.payer.name) if name}:
        return payee
    if by.user.name:
        raise Invalid(fields={"payee": "收款人要和办卡人或付款人同名"})
    if not own_name or not (2 <= len(payee) <= 40 and payee.replace("·", "").replace(" ", "").isalpha()):
        raise Invalid(
            fields={
                "payee": "我们还不知道您的姓名：填您本人的真实姓名，并确认这是您本人",
                "own_name": "请确认这是您本人的姓名",
            }
        )
    by.user.name = payee
    by.user.save(update_fields=["name_ct"])
    return payee


def _locked(refund_id: int) -> tuple[Refund, Contract]:
    seen = Refund.objects.filter(pk=refund_id).first()
    if seen is None:
        raise NotFound
    contract = Contract.objects.locked(seen.contract_id)
    return Refund.objects.locked(refund_id), contract


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
    """The bank says the money arrived. Called inside ``receive``; returns what became of the notice.

    That money left is final: it also ends a payout that was said to have failed before, and calls off the one that
    was to replace it. Where the replacement arrived already, the bank has paid twice and an officer must know.
    """
    found = _payout_of(payout_no)
    if found is None:
        return "没有这笔划付"
    payout, refund, contract = found
    require(by, "prepaid.settle_payout", refund)
    if payout.status == Payout.Status.PAID:
        return "划付已结束，未处理"
    if refund.status == Refund.Status.PAID:
        payout.bank_ref, payout.failure = bank_ref, "银行重复划付，须追回"
        payout.save(update_fields=["bank_ref", "failure"])
        record("refund.paid_twice", refund, by=by, amount_fen=payout.amount_fen, bank_ref=bank_ref)
        return "退款已由另一笔到账，重复划付待追回"
    refund.payouts.filter(status__in=LIVE).exclude(pk=payout.pk).update(
        status=Payout.Status.FAILED, failure=OVERTAKEN, finished_at=timezone.now()
    )
    today = on or business_date()
    ledger.refund_paid(payout.amount_fen, refund_id=refund.pk, key=f"payout:{payout.pk}", by=by, on=on)
    payout.status, payout.bank_ref, payout.finished_at = Payout.Status.PAID, bank_ref, timezone.now()
    payout.failure = ""
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
    if payout.status not in LIVE:
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

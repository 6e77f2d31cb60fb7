"""Money in: orders at the custodian and what its signed callbacks do."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import messages, outbox
from core.actors import CUSTODIAN, Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, NotFound, WrongState
from core.locking import lock_in_order
from core.money import MAX_FEN, yuan
from core.permissions import require
from merchants.models import Merchant
from prepaid import ledger
from prepaid.actions.contracts import start_term
from prepaid.actions.plans import must_sell
from prepaid.actions.refunds import payout_failed, payout_paid
from prepaid.custodian import Notice, custodian
from prepaid.models import Contract, CustodianNotice, Lot, PaymentOrder, Plan, SuspenseItem
from prepaid.models.contracts import CONTRACT_LIFECYCLE

# A lost callback is asked after at these distances.
ASK_AFTER = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=2))


@transaction.atomic
def order_payment(contract_id: int, *, by: Actor) -> PaymentOrder:
    """The order for the first payment of a signed contract; asked again, the same one."""
    contract = _payable(contract_id, by=by)
    CONTRACT_LIFECYCLE.check("activate", contract)
    terms = contract.terms
    return _order(contract, terms["price_fen"], terms["bonus_fen"], terms["times_paid"], terms["times_bonus"], by=by)


@transaction.atomic
def order_top_up(contract_id: int, plan_id: int, *, by: Actor) -> PaymentOrder:
    """The order for a top-up by one of the merchant's plans of the same kind; it becomes a lot of its own.

    Raises Invalid for a plan that does not fit, WrongState when the merchant may not sell.
    """
    contract = _payable(contract_id, by=by)
    if contract.status != Contract.Status.ACTIVE or contract.is_periodic:
        raise WrongState("这张卡现在不能充值")
    plan = Plan.objects.on_sale().filter(pk=plan_id, merchant=contract.merchant_id, kind=contract.kind).first()
    if plan is None:
        raise Invalid(fields={"plan": "选一个同类型的在售套餐"})
    return _order(contract, plan.price_fen, plan.bonus_fen, plan.times_paid, plan.times_bonus, by=by)


def _payable(contract_id: int, *, by: Actor) -> Contract:
    seen = Contract.objects.filter(pk=contract_id).first()
    if seen is None:
        raise NotFound
    merchant, contract = lock_in_order((Merchant, seen.merchant_id), (Contract, contract_id))
    require(by, "prepaid.pay_contract", contract)
    must_sell(merchant)
    return contract


def _order(contract: Contract, paid: int, bonus: int, times: int, gift_times: int, *, by: Actor) -> PaymentOrder:
    if not 0 < paid <= MAX_FEN:
        raise Invalid(fields={"amount_fen": "金额不正确"})
    wanted = {"amount_fen": paid, "bonus_fen": bonus, "times_paid": times, "times_bonus": gift_times}
    pending = PaymentOrder.objects.filter(contract=contract, status=PaymentOrder.Status.PENDING).first()
    if pending is not None:
        if all(getattr(pending, field) == value for field, value in wanted.items()):
            return pending
        raise WrongState("还有一笔付款没有完成，请先付清或取消")
    order = PaymentOrder.objects.create(contract=contract, **wanted)
    record("contract.order_payment", contract, by=by, order=order.order_no, amount_fen=paid)
    for number, pause in enumerate(ASK_AFTER):
        outbox.enqueue("prepaid.ask_order", f"{order.order_no}:{number}", {"order": order.order_no}, delay=pause)
    return order


def pay_link(order_id: int) -> str:
    """Where the payer pays. Calls the custodian, so never inside a transaction; repeated, the same order."""
    order = PaymentOrder.objects.select_related("contract__merchant", "contract__plan").get(pk=order_id)
    if order.status != PaymentOrder.Status.PENDING:
        raise WrongState("这笔订单已经付过或取消了")
    if not order.pay_url:
        contract = order.contract
        answer = custodian().create_order(
            order.order_no,
            order.amount_fen,
            subject=f"{contract.merchant.brand_name} {contract.plan.name}",
            notify_url=f"{settings.PUBLIC_URL}/custodian/callback/",
            return_url=f"{settings.PUBLIC_URL}/my/contracts/{contract.code}/",
        )
        order.pay_url = answer.pay_url
        order.save(update_fields=["pay_url"])
    return order.pay_url


@outbox.handler("prepaid.ask_order", queue="money", own_transaction=True)
def ask_order(payload: dict[str, str]) -> None:
    """A callback may be lost: ask the custodian what became of an order that still waits."""
    order = PaymentOrder.objects.get(order_no=payload["order"])
    if order.status != PaymentOrder.Status.PENDING or not order.pay_url:
        return
    answer = custodian().query_order(order.order_no)
    if answer.state in ("PAID", "CANCELLED"):
        kind = "order.paid" if answer.state == "PAID" else "order.cancelled"
        amount = answer.paid_fen if answer.paid_fen is not None else answer.amount_fen
        receive(
            Notice(kind, answer.bank_ref, order.order_no, amount, answer.payer_account, timezone.now()),
            by=CUSTODIAN,
        )


@transaction.atomic
def receive(notice: Notice, *, by: Actor, on: date | None = None) -> CustodianNotice:
    """Take one verified callback, once for ever by the bank's reference; a repeat changes nothing.

    Money that matches no open order goes to suspense and waits for an officer: it is never refused or lost.
    Raises NotAllowed for anybody but the custodian.
    """
    require(by, "prepaid.activate_contract")
    row, fresh = CustodianNotice.objects.get_or_create(
        kind=notice.kind,
        bank_ref=notice.bank_ref,
        defaults={"number": notice.number, "amount_fen": notice.amount_fen},
    )
    if not fresh:
        return row
    match notice.kind:
        case "order.paid":
            row.outcome = _paid(notice, by=by, on=on)
        case "order.cancelled":
            row.outcome = _cancelled(notice)
        case "payout.paid":
            row.outcome = payout_paid(notice.number, notice.bank_ref, by=by, on=on)
        case "payout.failed":
            row.outcome = payout_failed(notice.number, notice.bank_ref, notice.reason, by=by)
        case _:
            row.outcome = "不认识的类型，未处理"
    row.save(update_fields=["outcome"])
    return row


def _paid(notice: Notice, *, by: Actor, on: date | None) -> str:
    seen = PaymentOrder.objects.filter(order_no=notice.number).select_related("contract").first()
    if seen is None:
        return _suspend(notice, "没有这个订单", by=by, on=on)
    contract = lock_in_order((Merchant, seen.contract.merchant_id), (Contract, seen.contract_id))[1]
    order = PaymentOrder.objects.locked(seen.pk)
    if order.status != PaymentOrder.Status.PENDING:
        return _suspend(notice, f"订单{order.get_status_display()}", by=by, on=on)
    reason = ""
    if notice.amount_fen != order.amount_fen:
        reason = f"金额不符：应付 {yuan(order.amount_fen)}"
    elif contract.status not in (Contract.Status.SIGNED, Contract.Status.ACTIVE):
        reason = f"合同{contract.get_status_display()}"
    if reason:
        # An order left open would be asked after and would block the next one.
        order.status = PaymentOrder.Status.SUSPENDED
        order.save(update_fields=["status"])
        return _suspend(notice, reason, by=by, on=on)
    _lock_money(contract, order, notice, by=by, on=on or business_date())
    return "已锁定"


def _lock_money(contract: Contract, order: PaymentOrder, notice: Notice, *, by: Actor, on: date) -> None:
    """Lock the money of a paid order as a new lot; the first one makes the contract ACTIVE."""
    lot = Lot.objects.create(
        contract=contract,
        no=contract.lots.count() + 1,
        paid_fen=order.amount_fen,
        bonus_fen=order.bonus_fen,
        times_paid=order.times_paid,
        times_bonus=order.times_bonus,
        price_list=contract.terms["prices"],
        paid_on=on,
        # 法释〔2025〕4号第14条: the day of payment does not count.
        cooling_off_until=on + timedelta(days=int(contract.terms["cooling_off_days"])),
    )
    assert contract.account_id is not None
    ledger.prepay(contract.account_id, order.amount_fen, lot=lot.pk, key=f"lot:{lot.pk}", by=by, on=on)
    order.status, order.paid_at = PaymentOrder.Status.PAID, timezone.now()
    order.bank_ref, order.payer_account = notice.bank_ref, notice.payer_account[:60]
    order.save()
    contract.paid_fen += order.amount_fen
    if contract.status == Contract.Status.SIGNED:
        CONTRACT_LIFECYCLE.move("activate", contract)
        if contract.is_periodic and contract.terms["starts"] == Plan.Starts.ON_PAYMENT:
            start_term(contract, on)
        elif not contract.is_periodic:
            contract.starts_on = on
    contract.save()
    record("contract.lock", contract, by=by, lot=lot.pk, amount_fen=order.amount_fen, order=order.order_no)
    messages.text_user(
        contract.holder,
        f"您在{contract.merchant.brand_name}付的{yuan(order.amount_fen)}元已锁定在银行，您消费一次才付给商家一次。",
        key=f"lot:{lot.pk}:locked",
    )


def _cancelled(notice: Notice) -> str:
    order = PaymentOrder.objects.select_for_update().filter(order_no=notice.number).first()
    if order is None or order.status != PaymentOrder.Status.PENDING:
        return "订单已结束，未处理"
    order.status = PaymentOrder.Status.CANCELLED
    order.save(update_fields=["status"])
    return "已取消"


def _suspend(notice: Notice, reason: str, *, by: Actor, on: date | None) -> str:
    """Money without a home: into suspense, with a case for the officer."""
    item = SuspenseItem.objects.create(
        bank_ref=notice.bank_ref,
        order_no=notice.number[:40],
        amount_fen=notice.amount_fen,
        reason=reason[:100],
    )
    ledger.suspense_in(notice.amount_fen, item=item.pk, key=f"suspense:{item.pk}", by=by, on=on)
    record("suspense.open", item, by=by, amount_fen=notice.amount_fen, reason=reason)
    return f"转待查：{reason}"[:60]

"""Money in: orders at the custodian and what its signed callbacks do."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

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
from prepaid.actions.contracts import start_term, terms_of
from prepaid.actions.legacy_lots import locked_for_legacy
from prepaid.actions.payouts import payout_failed, payout_paid
from prepaid.actions.plans import must_sell
from prepaid.actions.settlements import send_settlement, settlement_told
from prepaid.actions.suspense import booked_fen, return_told, suspend
from prepaid.bank_files.shapes import tail_of
from prepaid.custodian import Notice, custodian
from prepaid.models import Contract, CustodianNotice, Lot, PaymentOrder, Payout, Plan, Settlement
from prepaid.models.contracts import CONTRACT_LIFECYCLE
from prepaid.selling import must_keep_limits, must_not_be_barred

# A lost callback is asked after at these distances.
ASK_AFTER = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=2))


@transaction.atomic
def order_payment(contract_id: int, *, by: Actor) -> PaymentOrder:
    """The order for the first payment of a signed contract; asked again, the same one."""
    contract = _payable(contract_id, by=by)
    CONTRACT_LIFECYCLE.check("activate", contract)
    if contract.payment_kind != Contract.PaymentKind.PREPAID:
        # A trial, an earnest or a deposit becomes a prepayment by a new contract and a new signature only.
        kind = contract.get_payment_kind_display()
        raise WrongState(f"这是{kind}，不是预付款；要办卡请店家另开一份合同，由您重新签约")
    if contract.terms.get("legacy"):
        raise WrongState("这是您老卡里的钱，由店里存进银行，您不用付")
    # Whoever is listed between signing and paying sells no more either (北京条例第11条).
    must_not_be_barred(contract.merchant, business_date())
    terms = contract.terms
    return order_of(contract, terms, by=by)


@transaction.atomic
def order_top_up(contract_id: int, plan_id: int, *, by: Actor) -> PaymentOrder:
    """The order for a top-up by one of the merchant's plans of the same kind; it becomes a lot of its own.

    Raises Invalid for a plan that does not fit, WrongState when the merchant may not sell.
    """
    contract = _payable(contract_id, by=by)
    if contract.status != Contract.Status.ACTIVE or contract.is_periodic:
        raise WrongState("这张卡现在不能充值")
    prepaid = Plan.objects.on_sale().filter(payment_kind=Contract.PaymentKind.PREPAID)
    plan = prepaid.filter(pk=plan_id, merchant=contract.merchant_id, kind=contract.kind).first()
    if plan is None:
        raise Invalid(fields={"plan": "选一个同类型的在售套餐"})
    today = business_date()
    must_keep_limits(contract.merchant, contract.holder, plan.price_fen, today, card_fen=contract.locked_fen)
    return order_of(contract, terms_of(plan, contract.merchant, contract.store, today), by=by)


def _payable(contract_id: int, *, by: Actor) -> Contract:
    seen = Contract.objects.filter(pk=contract_id).first()
    if seen is None:
        raise NotFound
    merchant, contract = lock_in_order((Merchant, seen.merchant_id), (Contract, contract_id))
    require(by, "prepaid.pay_contract", contract)
    must_sell(merchant, contract.store)
    return contract


def order_of(contract: Contract, terms: dict[str, Any], *, by: Actor) -> PaymentOrder:
    """The order for a payment under the terms of the day; they go with it into its lot."""
    paid = terms["price_fen"]
    if not 0 < paid <= MAX_FEN:
        raise Invalid(fields={"amount_fen": "金额不正确"})
    wanted = {"amount_fen": paid, **{name: terms[name] for name in ("bonus_fen", "times_paid", "times_bonus")}}
    pending = PaymentOrder.objects.filter(contract=contract, status=PaymentOrder.Status.PENDING).first()
    if pending is not None:
        if all(getattr(pending, field) == value for field, value in wanted.items()):
            return pending
        raise WrongState("还有一笔付款没有完成，请先付清或取消")
    order = PaymentOrder.objects.create(contract=contract, terms=terms, **wanted)
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
            return_url=f"{settings.PUBLIC_URL}{_back(order)}",
        )
        order.pay_url = answer.pay_url
        order.save(update_fields=["pay_url"])
    return order.pay_url


def _back(order: PaymentOrder) -> str:
    """The page to which the bank leads whoever has paid: the customer, or the shop for an old card's rest."""
    legacy = order.terms.get("legacy")
    return f"/console/legacy/{legacy}/" if legacy else f"/my/contracts/{order.contract.code}/"


@outbox.handler("prepaid.ask_order", queue="money", own_transaction=True)
def ask_order(payload: dict[str, str]) -> None:
    """A callback may be lost: ask the custodian what became of an order that still waits."""
    ask_after(PaymentOrder.objects.get(order_no=payload["order"]))


def ask_after(order: PaymentOrder) -> None:
    """Ask the custodian about one order and take its answer. Calls it, so never inside a transaction."""
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


@outbox.handler("prepaid.ask_settlement", queue="money", own_transaction=True)
def ask_settlement(payload: dict[str, int]) -> None:
    """A callback may be lost: ask what became of a settlement; one the bank never heard of is sent again."""
    settlement = Settlement.objects.get(pk=payload["settlement"])
    if settlement.status not in (Settlement.Status.PENDING, Settlement.Status.SENT):
        return
    try:
        answer = custodian().query_payout(settlement.code)
    except NotFound:
        Settlement.objects.on_the_way().filter(pk=settlement.pk).update(status=Settlement.Status.PENDING)
        send_settlement(payload)
        return
    if answer.state in ("PAID", "FAILED"):
        kind = "payout.paid" if answer.state == "PAID" else "payout.failed"
        receive(
            Notice(kind, answer.bank_ref, settlement.code, answer.amount_fen, "", timezone.now(), answer.reason),
            by=CUSTODIAN,
        )


@transaction.atomic
def cancel_order(order_id: int, *, by: Actor) -> PaymentOrder:
    """Drop a payment that was not made, so that another can begin; money that comes for it later goes to suspense.

    Repeated, it changes nothing. Raises WrongState once it is paid.
    """
    seen = PaymentOrder.objects.filter(pk=order_id).first()
    if seen is None:
        raise NotFound
    contract = Contract.objects.locked(seen.contract_id)
    require(by, "prepaid.cancel_order", contract)
    return close_order(order_id, by=by)


@transaction.atomic
def expire_order(order_id: int, *, by: Actor) -> PaymentOrder:
    """Close a payment nobody made in a day; the custodian was asked before."""
    require(by, "prepaid.expire_order")
    return close_order(order_id, by=by)


def close_order(order_id: int, *, by: Actor) -> PaymentOrder:
    order = PaymentOrder.objects.locked(order_id)
    if order.status == PaymentOrder.Status.CANCELLED:
        return order
    if order.status != PaymentOrder.Status.PENDING:
        raise WrongState(f"这笔订单{order.get_status_display()}，不能取消")
    order.status = PaymentOrder.Status.CANCELLED
    order.save(update_fields=["status"])
    if order.pay_url:
        outbox.enqueue("prepaid.cancel_order", order.order_no, {"order": order.order_no})
    record("contract.cancel_order", order.contract, by=by, order=order.order_no, amount_fen=order.amount_fen)
    return order


@outbox.handler("prepaid.cancel_order", queue="money", own_transaction=True)
def cancel_at_bank(payload: dict[str, str]) -> None:
    """Ask the custodian to take no more money for an order that was dropped."""
    custodian().cancel_order(payload["order"])


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
        defaults={"number": notice.number, "amount_fen": notice.amount_fen, "tail": tail_of(notice.payer_account)},
    )
    if not fresh:
        return row
    match notice.kind:
        case "order.paid":
            row.outcome = _paid(notice, by=by, on=on)
        case "order.cancelled":
            row.outcome = _cancelled(notice)
        case "payout.paid" | "payout.failed":
            row.outcome = _paid_out(notice, by=by, on=on)
        case _:
            row.outcome = "不认识的类型，未处理"
    row.booked_fen, row.booked_on = booked_fen(notice), on or business_date()
    row.save(update_fields=["outcome", "booked_fen", "booked_on"])
    return row


def _paid_out(notice: Notice, *, by: Actor, on: date | None) -> str:
    """What became of a refund or a settlement on its way; word of another amount moves nothing."""
    payout = Payout.objects.filter(payout_no=notice.number).first()
    if payout is None:
        return return_told(notice, by=by, on=on) or settlement_told(notice, by=by, on=on)
    if payout.amount_fen != notice.amount_fen:
        record("refund.doubt", payout.refund, by=by, amount_fen=notice.amount_fen, bank_ref=notice.bank_ref)
        return "退款金额不符，待查"
    if notice.kind == "payout.paid":
        return payout_paid(notice.number, notice.bank_ref, by=by, on=on)
    return payout_failed(notice.number, notice.bank_ref, notice.reason, by=by)


def _paid(notice: Notice, *, by: Actor, on: date | None) -> str:
    seen = PaymentOrder.objects.filter(order_no=notice.number).select_related("contract").first()
    if seen is None:
        return suspend(notice, "没有这个订单", by=by, on=on)
    contract = lock_in_order((Merchant, seen.contract.merchant_id), (Contract, seen.contract_id))[1]
    order = PaymentOrder.objects.locked(seen.pk)
    if order.status != PaymentOrder.Status.PENDING:
        return suspend(notice, f"订单{order.get_status_display()}", by=by, on=on)
    reason = ""
    if notice.amount_fen != order.amount_fen:
        reason = f"金额不符：应付 {yuan(order.amount_fen)}"
    elif contract.status not in (Contract.Status.SIGNED, Contract.Status.ACTIVE):
        reason = f"合同{contract.get_status_display()}"
    if reason:
        # An order left open would be asked after and would block the next one.
        order.status = PaymentOrder.Status.SUSPENDED
        order.save(update_fields=["status"])
        return suspend(notice, reason, by=by, on=on)
    lock_money(contract, order, notice, by=by, on=on or business_date())
    return "已锁定"


def lock_money(contract: Contract, order: PaymentOrder, notice: Notice, *, by: Actor, on: date) -> None:
    """Lock the money of a paid order as a new lot; the first one makes the contract ACTIVE."""
    terms = order.terms or contract.terms
    lot = Lot.objects.create(
        contract=contract,
        no=contract.lots.count() + 1,
        paid_fen=order.amount_fen,
        bonus_fen=order.bonus_fen,
        times_paid=order.times_paid,
        times_bonus=order.times_bonus,
        list_price_fen=terms["list_price_fen"],
        price_list=terms["prices"],
        interest_ppm=terms.get("interest_ppm"),
        paid_on=on,
        # 法释〔2025〕4号第14条: the day of payment does not count.
        cooling_off_until=on + timedelta(days=int(terms["cooling_off_days"])),
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
    locked_for_legacy(contract, order, by=by)
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

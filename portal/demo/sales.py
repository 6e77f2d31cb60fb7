"""Paid contracts of an earlier day, many at a time: the rows that offer, sign, order and the bank's notice leave.

``prepaid.actions`` do the same one by one and in ten times the time; tests/portal/test_demo.py compares the two.
Text messages of long ago are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F, OuterRef, Subquery

from core.actors import CUSTODIAN, SYSTEM, Actor
from core.models import User
from portal.demo.batch import Line, open_accounts, prepay_all, record_all
from portal.demo.names import at
from portal.demo.shops import Shop
from prepaid import ledger
from prepaid.actions.contracts import digest_of, start_term, terms_of
from prepaid.models import (
    AccountKind,
    Contract,
    CustodianNotice,
    Instalment,
    LedgerAccount,
    Lot,
    PaymentOrder,
    Plan,
    Signature,
)
from prepaid.schedule import Every, nth_date

PAYER_ACCOUNT = "6222****0001"


@dataclass(frozen=True)
class Sale:
    """One card sold and paid on a day."""

    shop: Shop
    plan: Plan
    holder: User
    on: date


def sell(sales: Sequence[Sale]) -> list[Contract]:
    """Write the contracts of ``sales`` as paid and lock their money; they come back with their accounts."""
    drawn_up = Terms()
    contracts = Contract.objects.bulk_create(
        _contract(number, sale, drawn_up.of(sale)) for number, sale in enumerate(sales)
    )
    open_accounts(AccountKind.MERCHANT_PAYABLE, {contract.merchant_id for contract in contracts})
    cards = open_accounts(AccountKind.CARD_LOCKED, [contract.pk for contract in contracts])
    for contract in contracts:
        contract.account_id = cards[contract.pk]
    card = LedgerAccount.objects.filter(kind=AccountKind.CARD_LOCKED, owner_id=OuterRef("pk")).values("pk")
    Contract.objects.filter(pk__in=[contract.pk for contract in contracts]).update(
        account=Subquery(card), offered_at=F("signed_at") - timedelta(minutes=5)
    )
    lots = Lot.objects.bulk_create(_lot(*pair) for pair in zip(contracts, sales, strict=True))
    orders = PaymentOrder.objects.bulk_create(_order(contract) for contract in contracts)
    PaymentOrder.objects.filter(pk__in=[order.pk for order in orders]).update(
        created_at=F("paid_at") - timedelta(minutes=2)
    )
    CustodianNotice.objects.bulk_create(
        CustodianNotice(
            kind="order.paid",
            bank_ref=order.bank_ref,
            number=order.order_no,
            amount_fen=order.amount_fen,
            outcome="已锁定",
            booked_fen=order.amount_fen,
            booked_on=sale.on,
            tail=PAYER_ACCOUNT[-4:],
        )
        for order, sale in zip(orders, sales, strict=True)
    )
    Signature.objects.bulk_create(signature for contract in contracts for signature in _signatures(contract))
    prepay_all(lots)
    for contract in contracts:
        if contract.is_periodic:
            assert contract.starts_on is not None
            start_term(contract, contract.starts_on)
    record_all(line for sold in zip(contracts, lots, orders, strict=True) for line in _lines(*sold))
    return contracts


class Terms:
    """Terms as ``offer`` draws them up; those of one plan and price list differ only in who sells, where and when."""

    def __init__(self) -> None:
        self.drawn_up: dict[tuple[Any, ...], dict[str, Any]] = {}

    def of(self, sale: Sale) -> dict[str, Any]:
        """The terms of one sale."""
        shop, plan = sale.shop, sale.plan
        key = (plan.name, plan.price_fen, *shop.prices)
        if key not in self.drawn_up:
            self.drawn_up[key] = terms_of(plan, shop.merchant, shop.store, sale.on)
        return {
            **self.drawn_up[key],
            "merchant": shop.merchant.legal_name,
            "uscc": shop.merchant.uscc,
            "store": shop.store.name,
            "address": shop.store.address,
            "lease_end": shop.store.lease_end.isoformat() if shop.store.lease_end else None,
            "offered_on": sale.on.isoformat(),
        }


def _contract(number: int, sale: Sale, terms: dict[str, Any]) -> Contract:
    plan, on = sale.plan, sale.on
    periodic = plan.periods > 0
    return Contract(
        status=Contract.Status.ACTIVE,
        merchant_id=plan.merchant_id,
        seller_id=plan.merchant_id,
        store=sale.shop.store,
        plan=plan,
        kind=plan.kind,
        holder=sale.holder,
        payer=sale.holder,
        sold_by_id=plan.merchant.registered_by_id,
        terms=terms,
        terms_hash=digest_of(terms),
        rule_pack=terms["rule_pack"],
        paid_fen=plan.price_fen,
        signed_at=at(on, 9 + number % 11, number * 7 % 60),
        starts_on=on,
        ends_on=nth_date(on, plan.periods, Every(plan.every)) if periodic else None,
    )


def _signatures(contract: Contract) -> tuple[Signature, Signature]:
    """The shop's, with the offer, and the holder's."""
    assert contract.signed_at is not None
    shop = Signature(
        contract=contract, party=Signature.Party.MERCHANT, signer=contract.plan.merchant.registered_by,
        terms_hash=contract.terms_hash, method=Signature.Method.COUNTER_DEVICE,
        signed_at=contract.signed_at - timedelta(minutes=5),
    )  # fmt: skip
    holder = Signature(
        contract=contract, party=Signature.Party.HOLDER, signer=contract.holder, terms_hash=contract.terms_hash,
        method=Signature.Method.PHONE_CODE, signed_at=contract.signed_at,
    )  # fmt: skip
    return shop, holder


def _lot(contract: Contract, sale: Sale) -> Lot:
    return Lot(
        contract=contract,
        no=1,
        paid_fen=sale.plan.price_fen,
        bonus_fen=sale.plan.bonus_fen,
        times_paid=sale.plan.times_paid,
        times_bonus=sale.plan.times_bonus,
        list_price_fen=contract.terms["list_price_fen"],
        price_list=contract.terms["prices"],
        paid_on=sale.on,
        cooling_off_until=sale.on + timedelta(days=int(contract.terms["cooling_off_days"])),
    )


def _order(contract: Contract) -> PaymentOrder:
    plan = contract.plan
    assert contract.signed_at is not None
    return PaymentOrder(
        contract=contract,
        terms=contract.terms,
        status=PaymentOrder.Status.PAID,
        amount_fen=plan.price_fen,
        bonus_fen=plan.bonus_fen,
        times_paid=plan.times_paid,
        times_bonus=plan.times_bonus,
        payer_account=PAYER_ACCOUNT,
        bank_ref=f"demo-{contract.pk}",
        paid_at=contract.signed_at + timedelta(minutes=4),
    )


def _lines(contract: Contract, lot: Lot, order: PaymentOrder) -> tuple[Line, ...]:
    """The four audit lines of a sale."""
    shop, holder = Actor.of_user(contract.plan.merchant.registered_by), Actor.of_user(contract.holder)
    amount = {"order": order.order_no, "amount_fen": order.amount_fen}
    return (
        Line("contract.offer", contract, shop, {"plan": contract.plan_id, "terms": contract.terms_hash}),
        Line("contract.sign", contract, holder, {"terms": contract.terms_hash, "method": Signature.Method.PHONE_CODE}),
        Line("contract.order_payment", contract, holder, amount),
        Line("contract.lock", contract, CUSTODIAN, {"lot": lot.pk, **amount}),
    )


def run_periods(today: date) -> None:
    """Pay every instalment that fell due up to ``today``, each on its own day."""
    due = Instalment.objects.due(today).order_by("due_on").values_list("due_on", flat=True).distinct()
    for day in list(due):
        while not ledger.release_due(day, by=SYSTEM, on=day).nothing_left:
            pass


def term_start(today: date, paid: int, ahead: int) -> date:
    """When a monthly card began of which ``paid`` periods are paid and the next is due in about ``ahead`` days."""
    due = today + timedelta(days=ahead)
    while due.day > 28:
        due += timedelta(days=1)
    return nth_date(due, -(paid + 1), Every.MONTH)

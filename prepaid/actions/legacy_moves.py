"""An old card's rest goes into escrow: only by money the shop really pays in, as a lot of an ordinary contract."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import messages
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import NotFound, WrongState
from core.locking import lock_in_order
from core.permissions import require
from merchants.models import Merchant, Store
from prepaid.actions.contracts import digest_of, terms_of
from prepaid.actions.legacy_cards import locked_card, rest_of
from prepaid.actions.payments import close_order, order_of
from prepaid.actions.signatures import put_signature
from prepaid.models import Contract, LegacyCard, LegacyUse, PaymentOrder, Plan, Signature
from prepaid.models.contracts import CONTRACT_LIFECYCLE
from prepaid.models.legacy_cards import LEGACY_CARD_LIFECYCLE


@transaction.atomic
def offer_legacy_move(card_id: int, plan_id: int, store_id: int, *, by: Actor, on: date | None = None) -> LegacyCard:
    """The shop wants to put the rest into the bank, under the terms of one of its plans on sale.

    A customer who has a card of this kind in use gets it there as one more lot; anybody else reads and signs a new
    contract first. Raises NotFound, WrongState.
    """
    seen = LegacyCard.objects.filter(pk=card_id).first()
    if seen is None:
        raise NotFound
    merchant = Merchant.objects.locked(seen.merchant_id)
    running = Contract.objects.filter(
        merchant=merchant, holder=seen.holder_id, kind=seen.kind, status=Contract.Status.ACTIVE,
        payment_kind=Contract.PaymentKind.PREPAID,
    ).order_by("pk").first()  # fmt: skip
    card = locked_card(card_id)
    require(by, "prepaid.change_legacy_card", card)
    LEGACY_CARD_LIFECYCLE.move("offer_move", card)
    if LegacyUse.objects.filter(card=card, status=LegacyUse.Status.REQUESTED).exists():
        raise WrongState("还有一次消费等顾客确认，确认后再存")
    card.contract = running or _contract_for(card, merchant, plan_id, store_id, by=by, on=on or business_date())
    card.save()
    record("legacy_card.offer_move", card, by=by, contract=card.contract.pk, amount_fen=card.left_fen)
    if running is None:
        messages.text_user(
            card.holder,
            f"{merchant.brand_name}要把您老卡里的{rest_of(card)}存进银行锁定，由店里付，您不用付钱。"
            f"请登录{settings.PORTAL_NAME}，在“我的预付”里看清条款再签。",
            key=f"legacy_card:{card.pk}:move:{card.contract.pk}",
        )
    return card


def _contract_for(
    card: LegacyCard, merchant: Merchant, plan_id: int, store_id: int, *, by: Actor, on: date
) -> Contract:
    """A contract over exactly what is left; no gift, since nothing of it is one any more."""
    plan = Plan.objects.filter(
        pk=plan_id, merchant=merchant, kind=card.kind, status=Plan.Status.ON_SALE,
        payment_kind=Contract.PaymentKind.PREPAID,
    ).first()  # fmt: skip
    if plan is None:
        raise NotFound("先选一个同类型的在售套餐，按它的条款存")
    store = Store.objects.filter(pk=store_id, merchant=merchant, is_open=True).first()
    if store is None:
        raise NotFound("没有找到这家门店")
    terms = _lot_terms(card, terms_of(plan, merchant, store, on))
    contract = Contract.objects.create(
        merchant=merchant, seller=merchant, store=store, plan=plan, kind=card.kind, holder=card.holder,
        payer=card.holder, sold_by=by.user, terms=terms, terms_hash=digest_of(terms), rule_pack=terms["rule_pack"],
    )  # fmt: skip
    put_signature(contract, Signature.Party.MERCHANT, Signature.Method.COUNTER_DEVICE, by=by)
    record("contract.offer", contract, by=by, plan=plan.pk, terms=contract.terms_hash)
    return contract


def _lot_terms(card: LegacyCard, terms: dict[str, Any]) -> dict[str, Any]:
    """The terms under which the rest becomes a lot; ``legacy`` says whose money it is: the shop's, not a customer's."""
    rest = {"price_fen": card.left_fen, "bonus_fen": 0, "times_paid": card.left_times, "times_bonus": 0}
    # The seven days of 法释〔2025〕4号第14条 ran from the day the card was bought, long ago.
    return terms | rest | {"plan": card.name, "cooling_off_days": 0, "legacy": card.code}


@transaction.atomic
def pay_in_legacy(card_id: int, *, by: Actor) -> PaymentOrder:
    """The order by which the shop pays the rest in, once the customer has signed; asked again, the same one.

    A shop that may not sell may still do this: it only makes old money safe. Raises WrongState.
    """
    seen = LegacyCard.objects.filter(pk=card_id).first()
    if seen is None or seen.contract_id is None:
        raise NotFound
    contract = lock_in_order((Merchant, seen.merchant_id), (Contract, seen.contract_id))[1]
    card = locked_card(card_id)
    require(by, "prepaid.change_legacy_card", card)
    if card.status != LegacyCard.Status.MOVING:
        raise WrongState(f"这张老卡现在是「{card.get_status_display()}」，不用存")
    if contract.status == Contract.Status.OFFERED:
        raise WrongState("等顾客看过条款、签了约再付")
    if contract.status not in (Contract.Status.SIGNED, Contract.Status.ACTIVE):
        raise WrongState("这份合同现在不收钱，请点“先不存了”，再重新存")
    return order_of(contract, _lot_terms(card, contract.terms), by=by)


@transaction.atomic
def stop_legacy_move(card_id: int, *, by: Actor) -> LegacyCard:
    """Shop or holder leave it as it was: the unpaid order and the unpaid contract end, the card goes on."""
    seen = LegacyCard.objects.filter(pk=card_id).first()
    if seen is None:
        raise NotFound
    contract = Contract.objects.locked(seen.contract_id) if seen.contract_id else None
    card = locked_card(card_id)
    require(by, "prepaid.stop_legacy_move", card)
    LEGACY_CARD_LIFECYCLE.move("stop_move", card)
    assert contract is not None
    for order in PaymentOrder.objects.filter(contract=contract, status=PaymentOrder.Status.PENDING):
        if order.terms.get("legacy") == card.code:
            close_order(order.pk, by=by)
    if contract.status in (Contract.Status.OFFERED, Contract.Status.SIGNED):
        CONTRACT_LIFECYCLE.move("decline", contract)
        contract.closed_at = timezone.now()
        contract.save(update_fields=["status", "closed_at"])
        record("contract.decline", contract, by=by)
    card.contract = None
    card.save()
    record("legacy_card.stop_move", card, by=by, amount_fen=card.left_fen)
    return card

"""What a payment means for old cards, inside the transaction that locks its money."""

from __future__ import annotations

from django.utils import timezone

from core import messages
from core.actors import Actor
from core.audit import record
from core.money import yuan
from prepaid.models import Contract, LegacyCard, PaymentOrder
from prepaid.models.legacy_cards import LEGACY_CARD_LIFECYCLE


def locked_for_legacy(contract: Contract, order: PaymentOrder, *, by: Actor) -> None:
    """The rest of the old card that this order paid in is in escrow now.

    A customer's own payment moves nothing old; it reminds the shop to pay in what that customer still has there.
    """
    code = order.terms.get("legacy")
    if code is None:
        _remind(contract)
        return
    card = LegacyCard.objects.select_for_update(no_key=True).get(code=code)
    card.left_fen = max(0, card.left_fen - order.amount_fen)
    card.left_times = max(0, card.left_times - order.times_paid)
    if not card.left_fen:
        LEGACY_CARD_LIFECYCLE.move("move", card)
        card.contract, card.ended_at = contract, timezone.now()
    card.save()
    record("legacy_card.move", card, by=by, contract=contract.pk, amount_fen=order.amount_fen)


def _remind(contract: Contract) -> None:
    waiting = LegacyCard.objects.owed().filter(merchant=contract.merchant_id, holder=contract.holder_id)
    for card in waiting.filter(status=LegacyCard.Status.CONFIRMED):
        messages.text_user(
            contract.merchant.registered_by,
            f"尾号{contract.holder.phone_last4}的顾客充值了，老卡「{card.name}」还有{yuan(card.left_fen)}元没有锁定。"
            "请登录商家端，在“老卡”里一起存进银行。",
            key=f"legacy_card:{card.pk}:pay_in:{contract.pk}:{contract.paid_fen}",
        )

"""Visits on cards sold before joining: the shop asks, only the consumer's own word counts, no money moves."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import messages
from core.actors import Actor
from core.audit import record
from core.errors import Invalid, NotFound, WrongState
from core.money import yuan
from core.permissions import require
from merchants.models import Store
from prepaid.actions.legacy_cards import locked_card, rest_of
from prepaid.models import LegacyCard, LegacyUse, Plan
from prepaid.models.legacy_cards import LEGACY_CARD_LIFECYCLE, LEGACY_USE_LIFECYCLE


@transaction.atomic
def ask_legacy_use(card_id: int, store_id: int, item: str, *, by: Actor, fen: int = 0, times: int = 0) -> LegacyUse:
    """The shop asks the holder to confirm a visit: ``fen`` of a stored value, ``times`` of a count card.

    Nothing is taken before the holder confirms, however long that lasts. Raises Invalid, WrongState.
    """
    card = locked_card(card_id)
    require(by, "prepaid.ask_legacy_use", card)
    if card.status != LegacyCard.Status.CONFIRMED:
        raise WrongState(f"这张老卡现在是「{card.get_status_display()}」，不能记消费；顾客核对过余额才能用")
    store = Store.objects.serving(card.merchant).filter(pk=store_id).first()
    if store is None:
        raise NotFound("没有找到这家门店")
    if not item.strip():
        raise Invalid(fields={"item": "填做了什么"})
    if LegacyUse.objects.filter(card=card, status=LegacyUse.Status.REQUESTED).exists():
        raise WrongState("上一次消费还在等顾客确认")
    assert by.user is not None
    use = LegacyUse.objects.create(
        card=card, store=store, item=item.strip()[:24], amount_fen=_taken(card, fen, times), times=times,
        asked_by=by.user,
    )  # fmt: skip
    record("legacy_use.ask", use, by=by, card=card.pk, amount_fen=use.amount_fen, times=times)
    what = f"{times}次" if times else f"{yuan(use.amount_fen)}元"
    messages.text_user(
        card.holder,
        f"{card.merchant.brand_name}登记您用老卡消费{use.item}，扣{what}，现在还剩{rest_of(card)}。"
        f"请登录{settings.PORTAL_NAME}确认；不是您消费的就点不对，您不确认就不扣。",
        key=f"legacy_use:{use.pk}:ask",
    )
    return use


def _taken(card: LegacyCard, fen: int, times: int) -> int:
    """What the visit takes off the card, in fen; of a count card its share, rounded in the consumer's favour."""
    if card.kind == Plan.Kind.COUNT:
        if fen or not 0 < times <= card.left_times:
            raise Invalid(fields={"times": f"填 1 到 {card.left_times} 次"})
        return card.left_fen if times == card.left_times else card.left_fen * times // card.left_times
    if times or not 0 < fen <= card.left_fen:
        raise Invalid(fields={"amount": f"填大于 0、不超过 {yuan(card.left_fen)} 的金额"})
    return fen


@transaction.atomic
def confirm_legacy_use(use_id: int, *, by: Actor) -> LegacyUse:
    """「是我消费的」: so much is taken off the card; at nothing left it ends. Repeated, it changes nothing."""
    use, card = _locked(use_id)
    require(by, "prepaid.answer_legacy_use", use)
    if use.status == LegacyUse.Status.CONFIRMED:
        return use
    LEGACY_USE_LIFECYCLE.move("confirm", use)
    use.answered_at = timezone.now()
    use.save()
    card.left_fen -= use.amount_fen
    card.left_times -= use.times
    if not card.left_fen:
        LEGACY_CARD_LIFECYCLE.move("use_up", card)
        card.left_times, card.ended_at = 0, use.answered_at
    card.save()
    record("legacy_use.confirm", use, by=by, card=card.pk, amount_fen=use.amount_fen, left_fen=card.left_fen)
    return use


@transaction.atomic
def refuse_legacy_use(use_id: int, *, by: Actor) -> LegacyUse:
    """「不对，我没消费」: nothing is taken, and the shop is told."""
    use, card = _locked(use_id)
    require(by, "prepaid.answer_legacy_use", use)
    LEGACY_USE_LIFECYCLE.move("refuse", use)
    use.answered_at = timezone.now()
    use.save()
    record("legacy_use.refuse", use, by=by, card=card.pk)
    messages.text_user(
        card.merchant.registered_by,
        f"尾号{card.holder.phone_last4}的顾客说老卡消费「{use.item}」不对，没有扣。请和顾客核对。",
        key=f"legacy_use:{use.pk}:refused",
    )
    return use


@transaction.atomic
def withdraw_legacy_use(use_id: int, *, by: Actor) -> LegacyUse:
    """The shop takes a request back that was typed wrong."""
    use, card = _locked(use_id)
    require(by, "prepaid.ask_legacy_use", use)
    LEGACY_USE_LIFECYCLE.move("withdraw", use)
    use.answered_at = timezone.now()
    use.save()
    record("legacy_use.withdraw", use, by=by, card=card.pk)
    return use


def _locked(use_id: int) -> tuple[LegacyUse, LegacyCard]:
    seen = LegacyUse.objects.filter(pk=use_id).first()
    if seen is None:
        raise NotFound
    card = locked_card(seen.card_id)
    use = LegacyUse.objects.locked(use_id)
    use.card = card
    return use, card

"""Cards sold before joining: the shop states them, each consumer answers, and what is owed stays a claim."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import messages
from core.actors import Actor
from core.audit import record, record_many
from core.calendar import business_date
from core.errors import Invalid, NotFound, WrongState
from core.locking import lock_in_order
from core.models import User
from core.money import yuan
from core.permissions import require
from merchants.models import LISTED, Merchant
from prepaid.card_import import LARGEST_FEN, MOST_TIMES, Entry
from prepaid.models import CardImport, LegacyCard, LegacyUse, Plan, RefundShortfall
from prepaid.models.legacy_cards import LEGACY_CARD_LIFECYCLE

Status = LegacyCard.Status
FEWEST_LETTERS = 5


@transaction.atomic
def add_legacy_card(merchant_id: int, entry: Entry, *, by: Actor) -> LegacyCard:
    """State one card sold before joining; its holder is told by a message and answers. Stated again, the same card.

    Raises Invalid when the same card is there with another balance, WrongState before the shop was approved.
    """
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "prepaid.import_legacy_cards", merchant)
    must_be_listed(merchant)
    known = LegacyCard.objects.filter(merchant=merchant, natural_key=entry.natural_key).first()
    if known is not None:
        must_agree(known, entry)
        return known
    assert by.user is not None
    return keep_entries(merchant, [entry], by.user, by=by)[0]


def must_be_listed(merchant: Merchant) -> None:
    """Raise WrongState unless the shop was approved and is not gone."""
    if merchant.status not in LISTED:
        raise WrongState("商家通过审核以后才能登记老卡")


def must_agree(known: LegacyCard, entry: Entry) -> None:
    """Raise Invalid when the same card was stated before with another rest."""
    if (known.stated_fen, known.stated_times) != (entry.left_fen, entry.times):
        said = f"这张卡登记过，当时余额是 {yuan(known.stated_fen)} 元，这次不同；要改请等顾客核对时说明"
        raise Invalid(said, fields={"balance": said})


def keep_entries(
    merchant: Merchant, entries: Sequence[Entry], person: User, *, by: Actor, source: CardImport | None = None
) -> list[LegacyCard]:
    """Write new cards and promise each holder a message; the merchant is locked and none of them is known."""
    holders = User.objects.enrol_many((entry.phone, entry.name) for entry in entries)
    cards = LegacyCard.objects.bulk_create(
        [
            LegacyCard(
                merchant=merchant, holder=holders[entry.phone], kind=entry.kind,
                name=entry.card, bought_on=entry.bought_on, stated_fen=entry.left_fen, stated_times=entry.times,
                left_fen=entry.left_fen, left_times=entry.times, natural_key=entry.natural_key, source=source,
                entered_by=person,
            )
            for entry in entries
        ]
    )  # fmt: skip
    record_many("legacy_card.add", LegacyCard, [card.pk for card in cards], by=by)
    messages.text_many((card.holder, _asked(card), f"legacy_card:{card.pk}:ask") for card in cards)
    return cards


def _asked(card: LegacyCard) -> str:
    return (
        f"{card.merchant.brand_name}登记了您办过的{card.name}，还剩{rest_of(card)}。这笔钱还在店里，没有锁定。"
        f"请登录{settings.PORTAL_NAME}，在“我的预付”里核对：对就确认；数不对、不是您的，也点一下告诉我们。"
    )


def rest_of(card: LegacyCard) -> str:
    """「4次（400.00元）」 or 「1,280.00元」."""
    money = f"{yuan(card.left_fen)}元"
    return f"{card.left_times}次（{money}）" if card.kind == Plan.Kind.COUNT else money


@transaction.atomic
def confirm_legacy_card(card_id: int, *, by: Actor) -> LegacyCard:
    """The holder says the balance is right. Repeated, it changes nothing."""
    card = locked_card(card_id)
    require(by, "prepaid.answer_legacy_card", card)
    if card.status == Status.CONFIRMED:
        return card
    return _answer(card, "confirm", by=by)


@transaction.atomic
def dispute_legacy_card(card_id: int, fen: int, remark: str, *, by: Actor, times: int = 0) -> LegacyCard:
    """The holder says another balance; shop and officer see both, and the shop's figure counts until it is settled.

    Raises Invalid.
    """
    card = locked_card(card_id)
    require(by, "prepaid.answer_legacy_card", card)
    LEGACY_CARD_LIFECYCLE.check("dispute", card)
    _must_be_rest(card, fen, times)
    if (fen, times) == (card.left_fen, card.left_times):
        raise Invalid(fields={"balance": "和店里登记的一样；对的话请点确认"})
    card.claimed_fen, card.claimed_times, card.remark = fen, times, remark.strip()[:300]
    card = _answer(card, "dispute", by=by, claimed_fen=fen)
    messages.text_user(
        card.merchant.registered_by,
        f"尾号{card.holder.phone_last4}的顾客说老卡「{card.name}」还剩{yuan(fen)}元，您登记的是{yuan(card.left_fen)}元。"
        "请登录商家端核对，按顾客说的改，或者等市场监管所认定。",
        key=f"legacy_card:{card.pk}:disputed",
    )
    return card


@transaction.atomic
def deny_legacy_card(card_id: int, *, by: Actor) -> LegacyCard:
    """「这不是我的卡」: it no longer counts; the shop is told to look at the number again."""
    card = locked_card(card_id)
    require(by, "prepaid.answer_legacy_card", card)
    card = _answer(card, "deny", by=by)
    messages.text_user(
        card.merchant.registered_by,
        f"尾号{card.holder.phone_last4}的顾客说老卡「{card.name}」不是本人的。请核对手机号，重新登记。",
        key=f"legacy_card:{card.pk}:denied",
    )
    return card


def _answer(card: LegacyCard, step: str, *, by: Actor, **facts: object) -> LegacyCard:
    LEGACY_CARD_LIFECYCLE.move(step, card)
    card.answered_at = timezone.now()
    card.save()
    record(f"legacy_card.{step}", card, by=by, left_fen=card.left_fen, **facts)
    return card


@transaction.atomic
def accept_legacy_claim(card_id: int, *, by: Actor) -> LegacyCard:
    """The shop agrees with what the consumer says."""
    card = locked_card(card_id)
    require(by, "prepaid.change_legacy_card", card)
    LEGACY_CARD_LIFECYCLE.check("accept", card)
    assert card.claimed_fen is not None
    return _settle(card, "accept", card.claimed_fen, card.claimed_times, by=by)


@transaction.atomic
def settle_legacy_card(card_id: int, fen: int, reason: str, *, by: Actor, times: int = 0) -> LegacyCard:
    """An officer says what is left, with the reason. Raises Invalid."""
    card = locked_card(card_id)
    require(by, "prepaid.settle_legacy_card", card)
    LEGACY_CARD_LIFECYCLE.check("settle", card)
    if len(reason.strip()) < FEWEST_LETTERS:
        raise Invalid(fields={"reason": "写明理由，至少 5 个字"})
    _must_be_rest(card, fen, times)
    card.remark = reason.strip()[:300]
    return _settle(card, "settle", fen, times, by=by, reason=card.remark)


def _settle(card: LegacyCard, step: str, fen: int, times: int, *, by: Actor, **facts: object) -> LegacyCard:
    before = card.left_fen
    LEGACY_CARD_LIFECYCLE.move(step, card)
    card.left_fen, card.left_times = fen, times
    card.save()
    record(f"legacy_card.{step}", card, by=by, left_fen=fen, before_fen=before, **facts)
    messages.text_user(
        card.holder,
        f"{card}的余额定为{rest_of(card)}。这笔钱还在店里，没有锁定。",
        key=f"legacy_card:{card.pk}:settled",
    )
    return card


def _must_be_rest(card: LegacyCard, fen: int, times: int) -> None:
    """Raise Invalid for a rest that no card of this kind can have."""
    faults = {}
    if not 0 < fen <= LARGEST_FEN:
        faults["balance"] = "填余额，大于 0，不超过 100 万元"
    if (card.kind == Plan.Kind.COUNT) != (0 < times <= MOST_TIMES):
        faults["times"] = f"次卡填剩余次数，1 到 {MOST_TIMES}；储值卡不填"
    if faults:
        raise Invalid(fields=faults)


@transaction.atomic
def ask_legacy_refund(card_id: int, *, by: Actor) -> LegacyCard:
    """The holder wants the rest back: a claim on the shop, which pays it directly; the ledger is not touched."""
    card = locked_card(card_id)
    require(by, "prepaid.answer_legacy_card", card)
    LEGACY_CARD_LIFECYCLE.move("ask_refund", card)
    if LegacyUse.objects.filter(card=card, status=LegacyUse.Status.REQUESTED).exists():
        raise WrongState("还有一次消费等您确认；先说是不是您消费的，再要退款")
    card.save()
    RefundShortfall.objects.create(legacy_card=card, merchant_id=card.merchant_id, amount_fen=card.left_fen)
    record("legacy_card.ask_refund", card, by=by, amount_fen=card.left_fen)
    messages.text_user(
        card.merchant.registered_by,
        f"尾号{card.holder.phone_last4}的顾客要退老卡「{card.name}」余额{yuan(card.left_fen)}元。"
        "这笔钱没有锁定，请直接退给顾客；顾客说收到了才算办结。",
        key=f"legacy_card:{card.pk}:refund:{business_date()}",
    )
    return card


@transaction.atomic
def withdraw_legacy_refund(card_id: int, *, by: Actor) -> LegacyCard:
    """The holder goes on using the card instead."""
    card = locked_card(card_id)
    require(by, "prepaid.answer_legacy_card", card)
    LEGACY_CARD_LIFECYCLE.move("withdraw_refund", card)
    card.save()
    RefundShortfall.objects.filter(legacy_card=card).delete()
    record("legacy_card.withdraw_refund", card, by=by, amount_fen=card.left_fen)
    return card


@transaction.atomic
def take_legacy_refund(card_id: int, *, by: Actor) -> LegacyCard:
    """The holder has the money: the claim is settled and the card ends. Only the holder's word ends it."""
    card = locked_card(card_id)
    require(by, "prepaid.answer_legacy_card", card)
    if card.status == Status.REFUNDED:
        return card
    LEGACY_CARD_LIFECYCLE.move("take_refund", card)
    now = timezone.now()
    paid, card.left_fen, card.left_times, card.ended_at = card.left_fen, 0, 0, now
    card.save()
    RefundShortfall.objects.filter(legacy_card=card).update(settled_at=now)
    record("legacy_card.take_refund", card, by=by, amount_fen=paid)
    return card


def locked_card(card_id: int) -> LegacyCard:
    """The card, locked, with shop and holder at hand. Raises NotFound."""
    seen = LegacyCard.objects.filter(pk=card_id).select_related("merchant__region", "holder").first()
    if seen is None:
        raise NotFound
    card: LegacyCard = lock_in_order((LegacyCard, card_id))[0]
    card.merchant, card.holder = seen.merchant, seen.holder
    return card

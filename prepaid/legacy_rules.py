"""Who may do what with cards sold before joining, and where what is owed on them counts."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

import rules

from core.actors import Actor
from core.permissions import is_system
from merchants.models import Merchant
from merchants.rules import in_region_of, owns, works_for
from prepaid.models import LegacyCard
from prepaid.models.legacy_cards import OWED
from prepaid.refunds import Line
from prepaid.rules import ARBITERS
from prepaid.run_off import Claim
from prepaid.unlocked import SOURCES, Unlocked

ARTICLE = "民法典第577条；法释〔2025〕4号第13条第2项"


def card_of(obj: Any) -> LegacyCard:
    """The old card an object belongs to."""
    return obj if isinstance(obj, LegacyCard) else obj.card


@rules.predicate
def holds_old(by: Actor, obj: Any) -> bool:
    """The holder of the old card."""
    return bool(by.user and card_of(obj).holder_id == by.user.pk)


@rules.predicate
def serves_old(by: Actor, obj: Any) -> bool:
    """Boss or staff of its shop."""
    return works_for.test(by, card_of(obj))


rules.add_perm("prepaid.import_legacy_cards", owns)
rules.add_perm("prepaid.read_card_import", is_system)
rules.add_perm("prepaid.answer_legacy_card", holds_old)
rules.add_perm("prepaid.change_legacy_card", owns)
rules.add_perm("prepaid.stop_legacy_move", owns | holds_old)
rules.add_perm("prepaid.settle_legacy_card", in_region_of(*ARBITERS) & ~works_for & ~holds_old)
rules.add_perm("prepaid.ask_legacy_use", serves_old)
rules.add_perm("prepaid.answer_legacy_use", holds_old)

_STATES = ", ".join(f"'{status}'" for status in OWED)
_SUMS = f"SELECT merchant_id, left_fen AS fen FROM prepaid_legacycard WHERE left_fen > 0 AND status IN ({_STATES})"


def legacy_claims(merchant: Merchant, on: date) -> Iterator[Claim]:
    """What the shop owes on each old card: a claim on the shop, nothing of it was ever locked."""
    for card in LegacyCard.objects.owed().filter(merchant=merchant).order_by("pk").iterator(chunk_size=2_000):
        said = "消费者已确认" if card.answered_at else "商家登记，消费者还没有核对"
        line = Line(card.left_fen, "老卡余额", f"{card.name}，{said}，没有存管", ARTICLE)
        yield Claim(
            source=f"legacy:{card.pk}",
            entitled_fen=card.left_fen,
            lines=({"lot": 0, **asdict(line)},),
            holder_id=card.holder_id,
        )


SOURCES.append(Unlocked(_SUMS, legacy_claims))

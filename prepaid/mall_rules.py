"""Who may report a locked door, and who looks into it."""

from typing import Any

import rules

from core.actors import Actor
from merchants.models import Merchant
from merchants.rules import in_region_of, manages, works_for
from prepaid.models import Contract, LegacyCard
from prepaid.rules import ARBITERS


@rules.predicate
def holds_a_card_taken_here(by: Actor, store: Any) -> bool:
    """A customer whose card the store takes: its own, its chain's or its mall's, old cards too."""
    if by.user is None or not by.user.is_authenticated:
        return False
    taken = Merchant.objects.taken_at(store.merchant_id)
    held = Contract.objects.held_by(by.user).filter(merchant__in=taken, status__in=["ACTIVE", "PAUSED"])
    return held.exists() or LegacyCard.objects.filter(holder=by.user, merchant=store.merchant_id).exists()


rules.add_perm("prepaid.report_lock_out", manages | holds_a_card_taken_here)
rules.add_perm("prepaid.judge_lockoutreport", in_region_of(*ARBITERS) & ~works_for & ~manages)

"""How far a closing and a run-off have come: figures only, no personal data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, Sum

from core.money import yuan
from merchants.models import Merchant
from prepaid.models import ClosingNotice, HolderNotice, Refund, RunOff
from prepaid.models.closings import PUBLIC
from prepaid.unlocked import unlocked_claims

ON_THE_WAY = (Refund.Status.AGREED, Refund.Status.PAYING, Refund.Status.PAYOUT_FAILED)
# Apps above say where else the holders of a closing merchant find help: (words, address) for its key.
FURTHER: list[Callable[[int], list[tuple[str, str]]]] = []


@dataclass(frozen=True)
class Outstanding:
    """What is still owed to holders, in fen: locked, on its way through the bank, and never locked."""

    locked_fen: int
    on_the_way_fen: int
    unlocked_fen: int
    cards: tuple[int, ...]

    @property
    def total_fen(self) -> int:
        """All of it."""
        return self.locked_fen + self.on_the_way_fen + self.unlocked_fen

    @property
    def said(self) -> str:
        """In words."""
        parts = (("锁定", self.locked_fen), ("在途", self.on_the_way_fen), ("未锁定的老卡", self.unlocked_fen))
        return "、".join(f"{word} ¥{yuan(fen)}" for word, fen in parts if fen)


def outstanding(notice: ClosingNotice, on: date) -> Outstanding:
    """What the contracts of a notice still hold or wait for, and the ledger accounts that hold it."""
    contracts = notice.contracts()
    cards = dict(contracts.filter(account__row_balance_fen__gt=0).values_list("account_id", "account__row_balance_fen"))
    running = Refund.objects.filter(contract__in=contracts, status__in=ON_THE_WAY)
    unlocked = 0
    if notice.store_id is None:
        unlocked = sum(claim.entitled_fen for claim in unlocked_claims(notice.merchant, on))
    return Outstanding(
        sum(cards.values()), running.aggregate(sum=Sum("amount_fen"))["sum"] or 0, unlocked, tuple(sorted(cards))
    )


def progress(notice: ClosingNotice) -> dict[str, int]:
    """How many holders were told, have read, chose what and are settled; how much went back. One query."""
    choice = HolderNotice.Choice
    found = HolderNotice.objects.filter(notice=notice).aggregate(
        holders=Count("pk"),
        people=Count("contract__holder", distinct=True),
        told=Count("message"),
        sent=Count("pk", filter=Q(message__sent_at__isnull=False)),
        read=Count("read_at"),
        refunds=Count("pk", filter=Q(choice=choice.REFUND)),
        silent=Count("pk", filter=Q(by_default=True)),
        transfers=Count("pk", filter=Q(choice=choice.TRANSFER)),
        users=Count("pk", filter=Q(choice=choice.USE_UP)),
        open=Count("pk", filter=Q(choice="")),
        settled=Count("settled_at"),
        troubles=Count("pk", filter=~Q(trouble="") & Q(settled_at=None)),
        refunded_fen=Sum("refund__amount_fen", default=0),
        arrived_fen=Sum("refund__amount_fen", filter=Q(refund__status=Refund.Status.PAID), default=0),
        arrived=Count("pk", filter=Q(refund__status=Refund.Status.PAID)),
        locked_fen=Sum("contract__account__row_balance_fen", filter=Q(settled_at=None), default=0),
    )
    return {name: int(value) for name, value in found.items()}


def run_off_progress(run_off: RunOff) -> dict[str, int]:
    """The sums of a run-off's plan and how much of it was paid. One query."""
    found = run_off.claims.aggregate(
        claims=Count("pk"),
        people=Count("holder", distinct=True),
        entitled=Sum("entitled_fen", default=0),
        pays=Sum("pays_fen", default=0),
        waits=Sum("waits_fen", default=0),
        shortfall=Sum("shortfall_fen", default=0),
        unlocked=Sum("entitled_fen", filter=Q(contract=None), default=0),
        ordered=Count("refund"),
        ordered_fen=Sum("pays_fen", filter=Q(refund__isnull=False), default=0),
        arrived=Count("pk", filter=Q(refund__status=Refund.Status.PAID)),
        arrived_fen=Sum("pays_fen", filter=Q(refund__status=Refund.Status.PAID), default=0),
        bounced=Count("pk", filter=Q(refund__status=Refund.Status.PAYOUT_FAILED)),
        troubles=Count("pk", filter=~Q(trouble="") & Q(refund=None)),
    )
    return {name: int(value) for name, value in found.items()}


def closings_of(merchant: Merchant) -> list[ClosingNotice]:
    """The notices on a shop's public page, the newest first."""
    rows = ClosingNotice.objects.filter(merchant=merchant, status__in=PUBLIC).exclude(status="CLOSED")
    return list(rows.select_related("merchant", "store", "successor"))


def further(merchant_id: int) -> list[tuple[str, str]]:
    """Where else the holders of a closing merchant find help: words and address."""
    return [found for ask in FURTHER for found in ask(merchant_id)]

"""A consumer's cards as the pages show them: money, notes and what to do, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, Sum

from core import clocks
from core.calendar import SHANGHAI, add_working_days, working_days_between
from core.models import User
from core.money import yuan
from prepaid.models import Contract, HolderNotice, Instalment, Lot, Pause, PaymentOrder, Plan, Refund, Visit
from prepaid.models.closings import PUBLIC
from prepaid.statements import OUT_OF_THE_CARD, RefundStep, frozen_merchants, refund_steps

AUTO_CONFIRM_DAYS = 15
ENDED = (Contract.Status.COMPLETED, Contract.Status.REFUNDED, Contract.Status.TERMINATED)
UNSIGNED = (Contract.Status.OFFERED, Contract.Status.SIGNED)


@dataclass
class Card:
    """One contract with everything its panel says. Amounts are fen."""

    contract: Contract
    user: User
    frozen: bool = False
    face_left_fen: int = 0
    times_left: int = 0
    fresh_until: date | None = None
    waiting_fen: int = 0
    disputed_fen: int = 0
    settled: int = 0
    settled_face_fen: int = 0
    instalments: list[Instalment] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    order: PaymentOrder | None = None
    pause: Pause | None = None
    closing: HolderNotice | None = None

    @property
    def is_holder(self) -> bool:
        """Whether it is the reader's own card; family may use it, but not end it."""
        return self.contract.holder_id == self.user.pk

    @property
    def is_payer(self) -> bool:
        """Whether the reader paid for it."""
        return self.contract.payer_id == self.user.pk

    @property
    def is_live(self) -> bool:
        """Whether it can be used, or could but for a pause."""
        return self.contract.status in (Contract.Status.ACTIVE, Contract.Status.PAUSED)

    @property
    def state(self) -> str:
        """The state's key for ``state_of``; a freeze is said before everything else."""
        return "FROZEN" if self.frozen and self.contract.locked_fen else self.contract.status

    @property
    def is_fresh(self) -> bool:
        """Nothing used yet and inside the seven days: the principal comes back without asking the shop."""
        used = self.settled or self.waiting_fen or self.disputed_fen or self.contract.released_fen
        return bool(self.is_live and self.fresh_until and not used and not self.refund)

    @property
    def refund(self) -> Refund | None:
        """The refund under way, or the newest one that was paid."""
        running = [row for row in self.refunds if row.status != Refund.Status.PAID]
        return next(iter(running or self.refunds), None)

    @property
    def running_refund(self) -> Refund | None:
        """The refund that is not at its end."""
        return self.refund if self.refund and self.refund.status != Refund.Status.PAID else None

    @property
    def steps(self) -> list[RefundStep]:
        """Where the refund is."""
        return refund_steps(self.running_refund) if self.running_refund else []

    @property
    def next_instalment(self) -> Instalment | None:
        """The next automatic payment, if one is to come."""
        due = [row for row in self.instalments if row.state == Instalment.State.DUE]
        return due[0] if due and self.contract.status == Contract.Status.ACTIVE else None

    @property
    def periods_left(self) -> int:
        """Periods that were not paid to the merchant."""
        return sum(row.state != Instalment.State.RELEASED for row in self.instalments)

    @property
    def is_stopped(self) -> bool:
        """Whether the consumer stopped the automatic payment and may let it run again."""
        contract = self.contract
        return (
            contract.status == Contract.Status.ACTIVE
            and contract.is_periodic
            and not contract.auto_release
            and self.periods_left > 0
            and not self.running_refund
        )

    @property
    def bar(self) -> dict[str, Any]:
        """The words of the money bar."""
        words: dict[str, Any] = {
            "available_label": "还没付出" if self.contract.is_periodic else "可用",
            "available_note": self._left(),
            "held_note": self._held(),
            "released_note": self._released(),
            "refunded_label": "已退给您",
        }
        if self.frozen:
            words |= {"available_label": "锁定，商家拿不走"}
        if any(row.status in OUT_OF_THE_CARD for row in self.refunds):
            bounced = any(row.status == Refund.Status.PAYOUT_FAILED for row in self.refunds)
            words |= {
                "refunded_label": "正在退给您",
                "refunded_note": "没打进去，等您换账户" if bounced else "银行打款中",
            }
        elif self.refunds and self.refunds[0].paid_on:
            day = self.refunds[0].paid_on
            words["refunded_note"] = f"{day.month}月{day.day}日 到账"
        return words

    def _left(self) -> str:
        kind = self.contract.kind
        if not self.is_live:
            return ""
        if kind == Plan.Kind.STORED_VALUE:
            return f"还能消费面值 {yuan(self.face_left_fen)} 元"
        if kind == Plan.Kind.COUNT:
            return f"还剩 {self.times_left} 次"
        return f"还有 {self.periods_left} 期" if self.instalments else "第一次使用起，按期付给商家"

    def _held(self) -> str:
        parts = (("待确认", self.waiting_fen), ("有异议", self.disputed_fen))
        return "，".join(f"{word} {yuan(fen)}" for word, fen in parts if fen)

    def _released(self) -> str:
        if self.contract.is_periodic:
            paid = sum(row.state == Instalment.State.RELEASED for row in self.instalments)
            return f"{paid} 期" if paid else ""
        if not self.settled:
            return ""
        face = f"，面值 {yuan(self.settled_face_fen)}" if self.settled_face_fen else ""
        return f"{self.settled} 次{face}"


def cards_of(contracts: Sequence[Contract], user: User, today: date) -> list[Card]:
    """The cards of ``contracts`` (read with ``with_money``), in their order. Eight queries, however many."""
    if not contracts:
        return []
    cards = {contract.pk: Card(contract, user) for contract in contracts}
    frozen = frozen_merchants({contract.merchant_id for contract in contracts})
    for card in cards.values():
        card.frozen = card.contract.is_frozen or card.contract.merchant_id in frozen
    for lot in Lot.objects.filter(contract__in=cards):
        card = cards[lot.contract_id]
        card.face_left_fen += lot.face_left_fen
        card.times_left += lot.times_left
        # The visits still say what was asked for; the lots also know what a correction gave back.
        card.settled_face_fen += lot.used_face_fen
        if lot.cooling_off_until >= today:
            card.fresh_until = max(card.fresh_until or today, lot.cooling_off_until)
    _count_visits(cards)
    _add_instalments(cards)
    for refund in (
        Refund.objects.filter(contract__in=cards)
        .exclude(status=Refund.Status.WITHDRAWN)
        .order_by("-requested_on", "-id")
    ):
        cards[refund.contract_id].refunds.append(refund)
    for order in PaymentOrder.objects.filter(contract__in=cards, status=PaymentOrder.Status.PENDING):
        cards[order.contract_id].order = order
    for pause in Pause.objects.filter(contract__in=cards, ended_on=None):
        cards[pause.contract_id].pause = pause
    told = HolderNotice.objects.filter(contract__in=cards, notice__status__in=PUBLIC).order_by("pk")
    for row in told.select_related("notice__merchant", "notice__store", "notice__successor"):
        cards[row.contract_id].closing = row
    return list(cards.values())


def _count_visits(cards: dict[int, Card]) -> None:
    settled = Q(status__in=[Visit.Status.CONFIRMED, Visit.Status.AUTO_CONFIRMED])
    # A visit given back in part still took place; one given back in full did not.
    settled |= Q(status=Visit.Status.CORRECTED, corrected_fen__lt=F("amount_fen"))
    sums = (
        Visit.objects.filter(contract__in=cards)
        .order_by()
        .values("contract")
        .annotate(
            waiting=Sum("hold_fen", filter=Q(status=Visit.Status.REQUESTED), default=0),
            disputed=Sum("hold_fen", filter=Q(status=Visit.Status.DISPUTED), default=0),
            settled=Count("pk", filter=settled),
        )
    )
    for row in sums:
        card = cards[row["contract"]]
        card.waiting_fen, card.disputed_fen = row["waiting"], row["disputed"]
        card.settled = row["settled"]


def _add_instalments(cards: dict[int, Card]) -> None:
    accounts = {
        card.contract.account_id: card
        for card in cards.values()
        if card.contract.is_periodic and card.contract.account_id
    }
    for instalment in Instalment.objects.filter(account__in=accounts).order_by("account", "no"):
        accounts[instalment.account_id].instalments.append(instalment)


@dataclass(frozen=True)
class Ask:
    """A visit that waits for the consumer's word, with its clock."""

    visit: Visit
    left: int
    why: clocks.Why | None

    @property
    def may_answer(self) -> bool:
        """Whether anything can still be said about it."""
        return self.visit.status in (Visit.Status.REQUESTED, Visit.Status.DISPUTED)


def asks(visits: Iterable[Visit], today: date) -> list[Ask]:
    """The visits with the days left and how they were counted."""
    return [Ask(visit, working_days_between(today, visit.confirm_due_on), _why(visit)) for visit in visits]


def _why(visit: Visit) -> clocks.Why | None:
    deadline = add_working_days(visit.requested_at.astimezone(SHANGHAI).date(), AUTO_CONFIRM_DAYS)
    # A calendar published since then may count otherwise; the date that was promised stands.
    if deadline.due != visit.confirm_due_on:
        return None
    return clocks.why(deadline, start_label="发起")


def waiting_visits(contracts: Iterable[Contract]) -> list[Visit]:
    """Visits of these contracts that wait for an answer, the most urgent first."""
    return list(
        Visit.objects.waiting()
        .filter(contract__in=[contract.pk for contract in contracts])
        .select_related("contract", "merchant", "store")
    )


def by_stage(cards: Iterable[Card]) -> dict[str, list[Card]]:
    """The cards as the page groups them: to sign, to pay, in use, ended."""
    groups: dict[str, list[Card]] = defaultdict(list)
    for card in cards:
        status = card.contract.status
        over = status in ENDED and not card.running_refund
        groups["unsigned" if status in UNSIGNED else "ended" if over else "live"].append(card)
    return groups

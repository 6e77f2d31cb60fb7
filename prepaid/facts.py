"""The facts of a contract as the refund engine wants them, lot by lot."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from core.calendar import add_natural_days, add_working_days
from core.interest import rate_on
from core.money import yuan
from core.rule_packs import rule, rules
from prepaid import refunds
from prepaid.models import Contract, Instalment, Lot, Pause, Plan, Refund, Visit, VisitLot
from prepaid.refunds import (
    ART_15,
    ART_21,
    Adjustment,
    Cause,
    Facts,
    Interest,
    Kind,
    Line,
    LotFacts,
    RateBase,
    base_without_agreement,
)

ANSWER_WORKING_DAYS = 5
PAYOUT_DAYS = 1


@dataclass(frozen=True)
class RefundClock:
    """By when the shop must answer a refund and the money must be paid, and why."""

    answer_due_on: date
    pay_due_on: date
    pay_days: int
    basis: str

    @property
    def explanation(self) -> str:
        """One sentence for people."""
        answer = self.answer_due_on.isoformat()
        return f"{self.basis}：{self.pay_days} 天内付款；商家最迟 {answer} 答复，不答复视为同意"


def refund_clock(contract: Contract, on: date) -> RefundClock:
    """The clock of a refund asked for on a day.

    A silent merchant must never make the refund late: the answer is due after 5 working days, or a payout's time
    before the region's pay-by date if that is earlier.
    """
    pay = rule("refund.pay.days", contract.merchant.region_id, on)
    pay_due = add_natural_days(on, int(pay.value)).due
    answer_due = min(add_working_days(on, ANSWER_WORKING_DAYS).due, pay_due - timedelta(days=PAYOUT_DAYS))
    return RefundClock(answer_due, pay_due, int(pay.value), pay.basis)


@dataclass(frozen=True)
class LotSum:
    """What the law gives back of one lot if no waiting visit counts, and ``upheld_fen`` if all of them do."""

    lot: Lot
    lines: tuple[Line, ...]
    total_fen: int
    upheld_fen: int
    free_fen: int

    @property
    def payable_fen(self) -> int:
        """What can be paid of it now out of its own money: as if every waiting visit were upheld."""
        return min(self.upheld_fen, self.free_fen)


def payable_fen(contract: Contract, sums: Iterable[LotSum]) -> int:
    """What a refund pays at once: safe whatever becomes of waiting visits, and never more than is locked and free.

    What is left of one lot helps out for another: before the merchant gets anything the consumer has everything.
    """
    return min(sum(part.upheld_fen for part in sums), contract.available_fen)


def lot_sums(
    contract: Contract,
    cause: str,
    on: date,
    *,
    interest_days: int = 0,
    nos: Collection[int] | None = None,
    gift: Adjustment | None = None,
) -> list[LotSum]:
    """The refund of each lot that ``cause`` reaches on the day ``on``.

    A lot inside its seven days and unused gives its principal back whatever the cause; COOLING_OFF reaches
    no other lot. ``interest_days`` count from the day the contract ended (法释〔2025〕4号第17条); ``nos`` names the
    lots of a refund under way; ``gift`` is what somebody adds for gifts (第21条).
    """
    waiting = waiting_fen(contract)
    expiry_rule = "expired.pay_per_use" in rules(contract.merchant.region_id, on)
    left = gift.amount_fen if gift else 0
    sums = []
    for lot in contract.lots.order_by("no"):
        fresh = _is_fresh(contract, lot, on)
        out = lot.refunded_fen if nos is None else lot.no not in nos
        if out or (cause == Refund.Cause.COOLING_OFF and not fresh):
            continue
        reached = Cause.COOLING_OFF if fresh else Cause(cause)
        interest = _interest(contract, lot, reached, interest_days, on) if interest_days > 0 else None
        base = Facts(Kind(contract.kind), reached, (_facts(contract, lot, on),), interest, expiry_rule=expiry_rule)
        if left:
            assert gift is not None
            room = lot.paid_fen - refunds.compute(replace(base, interest=None)).total_fen
            added = min(left, room)
            left -= added
            base = replace(base, adjustment=Adjustment(added, gift.reason) if added else None)
        statement = refunds.compute(base)
        upheld = statement.total_fen
        if waiting.get(lot.pk):
            upheld = refunds.compute(replace(base, lots=(_facts(contract, lot, on, upheld=True),))).total_fen
        free = max(0, lot.paid_fen - _released(contract, lot) - waiting.get(lot.pk, 0))
        sums.append(LotSum(lot, statement.lines, statement.total_fen, upheld, free))
    return sums


def sums_of(refund: Refund, contract: Contract, on: date, gift: Adjustment | None = None) -> list[LotSum]:
    """A refund under way as the facts stand on a day: with interest since it was asked for, and what was added.

    Once the contract has ended it stays with the lots it ended with.
    """
    ended = contract.status == Contract.Status.REFUNDED
    return lot_sums(
        contract,
        refund.cause,
        refund.requested_on if contract.is_periodic else on,
        interest_days=(on - refund.requested_on).days,
        nos={line["lot"] for line in refund.lines} if ended else None,
        gift=gift or gift_of(refund),
    )


def gift_of(refund: Refund) -> Adjustment | None:
    """What was added to a refund for gifts."""
    added = [line for line in refund.lines if line["article"] == ART_21]
    return Adjustment(sum(line["amount_fen"] for line in added), added[0]["formula"]) if added else None


def paid_in_parts(refund: Refund) -> int:
    """What was paid for a refund beside itself: its undisputed part and what followed."""
    found = refund.parts.aggregate(sum=Sum("amount_fen"))["sum"] if refund.pk else None
    return int(found or 0)


@dataclass(frozen=True)
class RefundSum:
    """A refund in figures on one day, all fen. ``later_fen`` waits for visits, ``owed_fen`` is the merchant's debt."""

    lines: list[dict[str, Any]]
    total_fen: int
    pays_fen: int
    later_fen: int
    owed_fen: int
    to_shop_fen: int


def refund_sum(refund: Refund, contract: Contract, sums: Sequence[LotSum]) -> RefundSum:
    """The sum of a refund under way, less what was paid of it already because nobody disputed it."""
    lines = [{"lot": part.lot.no, **asdict(line)} for part in sums for line in part.lines]
    before = paid_in_parts(refund)
    if before:
        less = Line(-before, "减：没有争议的部分，已先退", f"已退 ¥{yuan(before)}", ART_15)
        lines.append({"lot": sums[0].lot.no, **asdict(less)})
    total = sum(part.total_fen for part in sums) - before
    pays = max(0, min(sum(part.upheld_fen for part in sums) - before, contract.available_fen))
    owed = max(0, total - contract.locked_fen)
    later = total - pays - owed
    keep = max(0, later - contract.held_fen)
    return RefundSum(lines, total, pays, later, owed, max(0, contract.available_fen - pays - keep))


def _interest(contract: Contract, lot: Lot, cause: Cause, days: int, on: date) -> Interest:
    """What the lot's refund earns: as agreed; else locked money as its account, the rest by the rate of its day."""
    agreed_on = timezone.localdate(contract.signed_at) if contract.signed_at and lot.no == 1 else lot.paid_on
    return Interest(
        days,
        max(0, lot.paid_fen - _released(contract, lot)),
        rate_on(RateBase.CUSTODY, on),
        rate_on(base_without_agreement(cause), agreed_on),
        lot.interest_ppm,
    )


def _is_fresh(contract: Contract, lot: Lot, on: date) -> bool:
    """Inside seven days of payment, and nothing of it used or asked for (法释〔2025〕4号第14条)."""
    used = lot.used_face_fen or lot.used_times or lot.held_face_fen or lot.held_times
    if contract.is_periodic:
        used = contract.released_fen or contract.visits.exclude(status=Visit.Status.CANCELLED).count()
    return on <= lot.cooling_off_until and not used


def _released(contract: Contract, lot: Lot) -> int:
    """Paid to the merchant out of this lot; a term card has one lot, whose releases only the ledger counts."""
    return contract.released_fen if contract.is_periodic else lot.released_fen


def waiting_fen(contract: Contract) -> dict[int, int]:
    """By lot, what visits that wait or are disputed hold: neither the merchant's yet nor free to refund.

    A hold over several lots is shared out so that the shares add up to it: a fen more would be missing from a refund.
    """
    found: dict[int, int] = {}
    before: dict[int, int] = {}
    open_states = (Visit.Status.REQUESTED, Visit.Status.DISPUTED)
    parts = VisitLot.objects.filter(visit__contract=contract, visit__status__in=open_states)
    for part in parts.select_related("visit").order_by("visit", "lot"):
        visit = part.visit
        whole = visit.face_fen or visit.times
        if whole:
            start = before.get(visit.pk, 0)
            end = before[visit.pk] = start + (part.face_fen or part.times)
            share = -(-visit.hold_fen * end // whole) + (-visit.hold_fen * start // whole)
            found[part.lot_id] = found.get(part.lot_id, 0) + share
    return found


def _facts(contract: Contract, lot: Lot, on: date, *, upheld: bool = False) -> LotFacts:
    """The facts of a lot on a day; ``upheld``: with what waiting visits claim as if it had been used."""
    match contract.kind:
        case Plan.Kind.STORED_VALUE:
            used_fen = lot.used_face_fen + (lot.held_face_fen if upheld else 0)
            return LotFacts(paid_fen=lot.paid_fen, bonus_fen=lot.bonus_fen, used_face_fen=used_fen)
        case Plan.Kind.COUNT:
            return LotFacts(
                paid_fen=lot.paid_fen,
                times_paid=lot.times_paid,
                times_bonus=lot.times_bonus,
                times_used=lot.used_times + (lot.held_times if upheld else 0),
                list_price_fen=lot.list_price_fen,
            )
        case Plan.Kind.UNLIMITED_TERM:
            total, left = term_days(contract, on)
            used = contract.visits.exclude(status=Visit.Status.CANCELLED).count()
            return LotFacts(paid_fen=lot.paid_fen, total_days=total, left_days=left, times_used=used)
    served_until = _until_rest(contract, on)
    unserved = Instalment.objects.filter(account=contract.account_id, due_on__gt=served_until).exclude(
        state=Instalment.State.RELEASED
    )
    never_began = contract.starts_on is None
    return LotFacts(
        paid_fen=lot.paid_fen,
        unserved_fen=lot.paid_fen if never_began else unserved.aggregate(sum=Sum("amount_fen"))["sum"] or 0,
    )


def term_days(contract: Contract, on: date) -> tuple[int, int]:
    """(days of the whole term, days left on ``on``); days of a pause are not used up."""
    if contract.starts_on is None or contract.ends_on is None:
        return 1, 1
    moved = sum(rest.days for rest in Pause.objects.filter(contract=contract))
    total = (contract.ends_on - contract.starts_on).days - moved
    return total, max(0, min(total, (contract.ends_on - _until_rest(contract, on)).days))


def _until_rest(contract: Contract, on: date) -> date:
    """The day ``on``, or the first of the pause that lasts: nothing is served in it."""
    resting = Pause.objects.filter(contract=contract, ended_on=None).first()
    return min(resting.starts_on, on) if resting else on

"""The facts of a contract as the refund engine wants them, lot by lot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Sum

from core.calendar import add_natural_days, add_working_days
from core.rule_packs import rule
from prepaid import refunds
from prepaid.models import Contract, Instalment, Lot, Pause, Plan, Refund, Visit, VisitLot
from prepaid.refunds import Cause, Facts, Kind, Line, LotFacts

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
    """What the law gives back of one lot, and how much of it is still locked and unclaimed."""

    lot: Lot
    lines: tuple[Line, ...]
    total_fen: int
    payable_fen: int


def lot_sums(contract: Contract, cause: str, on: date) -> list[LotSum]:
    """The refund of each lot that ``cause`` reaches on the day ``on``.

    A lot inside its seven days and unused gives its principal back whatever the cause; COOLING_OFF reaches
    no other lot.
    """
    waiting = waiting_fen(contract)
    sums = []
    for lot in contract.lots.order_by("no"):
        fresh = _is_fresh(contract, lot, on)
        if lot.refunded_fen or (cause == Refund.Cause.COOLING_OFF and not fresh):
            continue
        facts = Facts(Kind(contract.kind), Cause.COOLING_OFF if fresh else Cause(cause), (_facts(contract, lot, on),))
        statement = refunds.compute(facts)
        locked = lot.paid_fen - _released(contract, lot) - waiting.get(lot.pk, 0)
        sums.append(LotSum(lot, statement.lines, statement.total_fen, max(0, min(statement.total_fen, locked))))
    return sums


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
    """By lot, what visits that wait or are disputed hold: neither the merchant's yet nor free to refund."""
    found: dict[int, int] = {}
    open_states = (Visit.Status.REQUESTED, Visit.Status.DISPUTED)
    for part in VisitLot.objects.filter(visit__contract=contract, visit__status__in=open_states).select_related(
        "visit"
    ):
        whole = part.visit.face_fen or part.visit.times
        share = -(-part.visit.hold_fen * (part.face_fen or part.times) // whole) if whole else 0
        found[part.lot_id] = found.get(part.lot_id, 0) + share
    return found


def _facts(contract: Contract, lot: Lot, on: date) -> LotFacts:
    match contract.kind:
        case Plan.Kind.STORED_VALUE:
            return LotFacts(paid_fen=lot.paid_fen, bonus_fen=lot.bonus_fen, used_face_fen=lot.used_face_fen)
        case Plan.Kind.COUNT:
            return LotFacts(
                paid_fen=lot.paid_fen,
                times_paid=lot.times_paid,
                times_bonus=lot.times_bonus,
                times_used=lot.used_times,
                list_price_fen=contract.terms["list_price_fen"],
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

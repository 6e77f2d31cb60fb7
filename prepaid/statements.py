"""Where the money of a contract went and when it goes next, in words for its holder. Read only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from core.money import yuan
from prepaid.models import (
    Contract,
    Freeze,
    Instalment,
    Lot,
    RefType,
    Refund,
    Transfer,
    TransferKind,
    Visit,
)
from prepaid.models.contracts import FREEZE_HOLDS

OUT_OF_THE_CARD = (Refund.Status.AGREED, Refund.Status.PAYING, Refund.Status.PAYOUT_FAILED)


@dataclass(frozen=True)
class StatementLine:
    """One movement of a card: ``signed_fen`` into it (+) or out of it (−) and what was locked after it.

    ``expected_on`` is the day by which the money reaches the one it went to; None where it is there already.
    """

    transfer_id: int
    at: datetime
    day: date
    kind: str
    icon: str
    title: str
    note: str
    signed_fen: int
    balance_fen: int | None
    expected_on: date | None = None
    expected: str = ""


def statement(contract: Contract, *, before: int | None = None, limit: int = 50) -> list[StatementLine]:
    """Every movement of the card, newest first; ``before`` (a transfer's id) turns the page. Five queries at most."""
    if contract.account_id is None:
        return []
    movements = Transfer.objects.signed_for(contract.account_id).order_by("-id")
    if before is not None:
        movements = movements.filter(id__lt=before)
    rows = list(movements[:limit])
    causes = _causes(contract, rows)
    return [_line(row, causes.get((row.ref_type, row.ref_id))) for row in rows]


Cause = Visit | Lot | Refund | Instalment


def _causes(contract: Contract, rows: Sequence[Transfer]) -> dict[tuple[int, int], Cause]:
    """What the movements refer to, one query for each kind of reference."""
    ids: dict[int, set[int]] = {}
    for row in rows:
        ids.setdefault(row.ref_type, set()).add(row.ref_id)
    found: dict[tuple[int, int], Cause] = {}
    visits = ids.get(RefType.VISIT, set()) | ids.get(RefType.CORRECTION, set())
    if visits:
        for visit in Visit.objects.filter(pk__in=visits).select_related("store"):
            found[RefType.VISIT, visit.pk] = found[RefType.CORRECTION, visit.pk] = visit
    if RefType.LOT in ids:
        found |= {(RefType.LOT, lot.pk): lot for lot in Lot.objects.filter(pk__in=ids[RefType.LOT])}
    if RefType.REFUND in ids:
        found |= {(RefType.REFUND, row.pk): row for row in Refund.objects.filter(pk__in=ids[RefType.REFUND])}
    if RefType.INSTALMENT in ids:
        periods = Instalment.objects.filter(account=contract.account_id, no__in=ids[RefType.INSTALMENT])
        found |= {(RefType.INSTALMENT, period.no): period for period in periods}
    return found


def _line(row: Transfer, cause: Cause | None) -> StatementLine:
    kind, icon, title, note = _words(row, cause)
    expected_on, expected = _arrival(row, cause)
    return StatementLine(
        row.pk, row.posted_at, row.biz_date, kind, icon, title, note, row.signed_fen,  # type: ignore[attr-defined]
        row.card_balance_fen, expected_on, expected,
    )  # fmt: skip


def _words(row: Transfer, cause: Cause | None) -> tuple[str, str, str, str]:
    """Meaning, icon, title and note of a movement."""
    if row.kind == TransferKind.PREPAY:
        number = cause.no if isinstance(cause, Lot) else 1
        return "locked", "lock", "付款，钱已锁定" if number == 1 else f"第 {number} 笔充值，钱已锁定", ""
    if row.kind == TransferKind.REVERSAL:
        item = cause.item if isinstance(cause, Visit) else ""
        return (
            "refunded",
            "back",
            f"更正「{item}」，退回卡里",
            cause.reason if isinstance(cause, Visit) else "",
        )
    if row.kind == TransferKind.REFUND:
        return "refunded", "back", "退款", cause.get_cause_display() if isinstance(cause, Refund) else ""
    if isinstance(cause, Refund):
        return "released", "out", "已经消费的部分，付给商家", "退款时结清"
    if row.kind == TransferKind.RELEASE_PERIOD:
        return "released", "out", f"第 {row.ref_id} 期，付给商家", "按期自动付款"
    if isinstance(cause, Visit):
        return "released", "out", cause.item, _visit_note(cause)
    return "released", "out", row.get_kind_display(), ""


def _visit_note(visit: Visit) -> str:
    if visit.times:
        return f"{visit.store.name}，扣 {visit.times} 次"
    return f"{visit.store.name}，扣面值 {yuan(visit.face_fen)} 元" if visit.face_fen else visit.store.name


def _arrival(row: Transfer, cause: Cause | None) -> tuple[date | None, str]:
    """By when the money is where it went, and in what words."""
    if row.kind == TransferKind.REFUND and isinstance(cause, Refund):
        if cause.paid_on:
            return cause.paid_on, "已到您账上"
        return cause.pay_due_on, "前到您账上"
    if row.kind == TransferKind.RELEASE_VISIT and isinstance(cause, Visit) and cause.pay_expected_on:
        return cause.pay_expected_on, "商家到账"
    return None, ""


def frozen_merchants(merchant_ids: Iterable[int]) -> set[int]:
    """Those whose money is stopped by an order of two officers."""
    return set(
        Freeze.objects.filter(merchant__in=list(merchant_ids), contract=None, status__in=FREEZE_HOLDS).values_list(
            "merchant", flat=True
        )
    )


@dataclass(frozen=True)
class RefundStep:
    """One station of a refund: ``state`` is done, now, failed or next."""

    title: str
    state: str
    day: date | None = None
    due: bool = False


def refund_steps(refund: Refund) -> list[RefundStep]:
    """The way of a refund from the request to the account, with the day of each station or its last day."""
    status = Refund.Status(refund.status)
    answered = status not in (Refund.Status.REQUESTED, Refund.Status.DISPUTED, Refund.Status.WITHDRAWN)
    steps = [RefundStep("您已申请", "done", refund.requested_on)]
    if refund.cause != Refund.Cause.COOLING_OFF:
        steps.append(_answer_step(refund, answered))
    if status is Refund.Status.PAYOUT_FAILED:
        steps.append(RefundStep("没打进去，等您换账户", "failed"))
    else:
        paying = "done" if status is Refund.Status.PAID else "now" if answered else "next"
        steps.append(RefundStep("银行打款", paying, refund.pay_due_on, due=status is not Refund.Status.PAID))
    arrived = status is Refund.Status.PAID
    steps.append(RefundStep("到您账上", "done" if arrived else "next", refund.paid_on))
    return steps


def _answer_step(refund: Refund, answered: bool) -> RefundStep:
    if refund.status == Refund.Status.DISPUTED:
        return RefundStep("商家不同意", "failed", refund.answered_on)
    if answered:
        return RefundStep("已同意", "done", refund.answered_on)
    return RefundStep("等商家答复", "now", refund.answer_due_on, due=True)

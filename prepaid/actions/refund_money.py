"""The money of a refund: its sum, out of the card, onto the lots, and what stays back until visits are settled.

Called inside actions, with the contract locked.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from datetime import date

from django.db import transaction

from core.actors import SYSTEM, Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Frozen
from prepaid import ledger
from prepaid.actions.payouts import pay_out
from prepaid.facts import LotSum, paid_in_parts, refund_sum, sums_of, waiting_fen
from prepaid.models import AccountKind, Contract, Lot, Refund, RefundShortfall
from prepaid.refunds import ART_15, Line

FOLLOW_UP = "有争议的消费已了结，补退"
_AGREED = (Refund.Status.AGREED, Refund.Status.PAYING, Refund.Status.PAYOUT_FAILED, Refund.Status.PAID)


def write_sum(refund: Refund, contract: Contract, sums: list[LotSum]) -> None:
    """Lines, what the law gives, and what is paid at once; the rest waits for visits or is the merchant's debt."""
    now = refund_sum(refund, contract, sums)
    refund.lines, refund.total_fen, refund.amount_fen = now.lines, now.total_fen, now.pays_fen


def line_of_part(refund: Refund, fen: int, label: str) -> dict[str, object]:
    """The one line of a part: it belongs to the sum of the refund it is paid for."""
    formula = f"属于退款 {refund.code}，计算见该单"
    return {"lot": refund.lines[0]["lot"] if refund.lines else 1, **asdict(Line(fen, label, formula, ART_15))}


def take_out(refund: Refund, contract: Contract, sums: list[LotSum], *, by: Actor, on: date) -> None:
    """Move a refund out of the card and note it on its lots, on each first what is due of it."""
    if not refund.amount_fen:
        return
    assert contract.account_id is not None
    key = f"refund:{refund.pk}"
    ledger.refund(contract.account_id, refund.amount_fen, refund_id=refund.pk, key=key, by=by, on=on)
    left = refund.amount_fen
    for part in sums:
        take = max(0, min(part.payable_fen - part.lot.refunded_fen, left))
        Lot.objects.filter(pk=part.lot.pk).update(refunded_fen=part.lot.refunded_fen + take)
        left -= take
    _take_from_lots(contract, left)
    contract.refunded_fen += refund.amount_fen
    contract.refresh_from_db(fields=["account"])


def _take_from_lots(contract: Contract, left: int) -> None:
    """Note the rest of a refund on whatever lots have money, leaving each what visits still hold of it."""
    waiting = waiting_fen(contract) if left else {}
    for lot in contract.lots.order_by("no"):
        take = min(left, lot.paid_fen - lot.released_fen - lot.refunded_fen - waiting.get(lot.pk, 0))
        if take > 0:
            lot.refunded_fen += take
            lot.save(update_fields=["refunded_fen"])
            left -= take


def record_shortfall(refund: Refund, contract: Contract, owed_fen: int) -> None:
    """What the law gives beyond the locked money is the merchant's debt, not a movement of the ledger."""
    if owed_fen <= 0:
        return
    row, fresh = RefundShortfall.objects.get_or_create(
        refund=refund, defaults={"merchant_id": refund.merchant_id, "amount_fen": owed_fen}
    )
    if not fresh and row.amount_fen < owed_fen:
        row.amount_fen = owed_fen
        row.save(update_fields=["amount_fen"])


def _closing(contract: Contract) -> tuple[Refund, int]:
    """The refund that ended the contract, and what was paid for it so far, parts included."""
    closing = Refund.objects.filter(contract=contract, part_of=None).latest("pk")
    own = closing.amount_fen if closing.status in _AGREED else 0
    return closing, own + paid_in_parts(closing)


def release_rest(contract: Contract, refund: Refund, *, by: Actor, on: date) -> None:
    """Pay the merchant what stays locked after the refund and is claimed by nobody; while it is frozen it waits.

    What the consumer still gets should every waiting visit fall away stays locked, and all of it in a dispute.
    """
    closing, paid = _closing(contract)
    if contract.account is None or closing.status == Refund.Status.DISPUTED:
        return
    keep = 0
    if contract.held_fen and closing.answered_on and closing.status in _AGREED:
        best = sum(part.total_fen for part in sums_of(closing, contract, closing.answered_on))
        keep = max(0, best - paid - contract.held_fen)
    rest = contract.available_fen - keep
    if rest <= 0:
        return
    payee = ledger.open_account(AccountKind.MERCHANT_PAYABLE, contract.merchant_id)
    # The card or its merchant: a freeze of either keeps this money, and never the consumer's refund.
    with suppress(Frozen), transaction.atomic():
        # There may be several rests in turn; each follows another movement of the card.
        key = f"rest:{contract.account.pk}:{contract.account.seq}"
        ledger.release_rest(contract.account.pk, payee, rest, refund_id=refund.pk, key=key, by=by, on=on)


def refund_freed(contract: Contract, *, by: Actor) -> Refund | None:
    """A visit came to its end after the contract was refunded: what that leaves the consumer by law follows.

    Called inside the action that settled the visit, with the contract locked.
    """
    contract.refresh_from_db(fields=["account"])
    closing, paid = _closing(contract)
    today = business_date()
    if closing.status not in _AGREED or closing.answered_on is None:
        release_rest(contract, closing, by=SYSTEM, on=today)
        return None
    sums = sums_of(closing, contract, closing.answered_on)
    amount = min(sum(part.upheld_fen for part in sums) - paid, contract.available_fen)
    follow_up = _follow_up(contract, closing, amount, sums, by=by, on=today) if amount > 0 else None
    owed = sum(part.total_fen for part in sums) - paid - max(0, amount) - contract.locked_fen
    record_shortfall(closing, contract, owed)
    release_rest(contract, follow_up or closing, by=SYSTEM, on=today)
    return pay_out(follow_up, contract, on=today) if follow_up else None


def _follow_up(contract: Contract, closing: Refund, fen: int, sums: list[LotSum], *, by: Actor, on: date) -> Refund:
    """One more payment for a refund whose visits are settled now."""
    refund = Refund.objects.create(
        contract=contract, merchant_id=contract.merchant_id, part_of=closing, cause=closing.cause, requested_on=on,
        answered_on=on, answer_due_on=on, pay_due_on=closing.pay_due_on, clock=closing.clock, total_fen=fen,
        amount_fen=fen, status=Refund.Status.AGREED, reason=FOLLOW_UP,
        lines=[line_of_part(closing, fen, FOLLOW_UP)],
    )  # fmt: skip
    take_out(refund, contract, sums, by=by, on=on)
    contract.save(update_fields=["refunded_fen"])
    record("refund.follow_up", refund, by=by, amount_fen=fen)
    return refund

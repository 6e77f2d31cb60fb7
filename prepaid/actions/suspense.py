"""Money that matched nothing: into suspense, and back to whoever paid it."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import outbox
from core.actors import Actor
from core.audit import record
from core.errors import Invalid
from core.identifiers import public_code
from core.permissions import require
from prepaid import ledger
from prepaid.custodian import Notice, custodian
from prepaid.models import Payout, Settlement, SuspenseItem
from prepaid.models.payments import SUSPENSE_LIFECYCLE


def suspend(notice: Notice, reason: str, *, by: Actor, on: date | None) -> str:
    """Money without a home: into suspense, with a case for the officer. Called inside ``receive``."""
    item = SuspenseItem(
        bank_ref=notice.bank_ref,
        order_no=notice.number[:40],
        amount_fen=notice.amount_fen,
        reason=reason[:100],
    )
    item.payer = notice.payer_account[:60]
    item.save()
    ledger.suspense_in(notice.amount_fen, item=item.pk, key=f"suspense:{item.pk}", by=by, on=on)
    record("suspense.open", item, by=by, amount_fen=notice.amount_fen, reason=reason)
    return f"转待查：{reason}"[:60]


def booked_fen(notice: Notice) -> int:
    """What a notice just taken moved on the custody account: every payment in, and the payouts that it ended."""
    if notice.kind == "order.paid":
        return notice.amount_fen
    if notice.kind != "payout.paid":
        return 0
    ended = (
        Payout.objects.filter(payout_no=notice.number, bank_ref=notice.bank_ref, status=Payout.Status.PAID),
        Settlement.objects.filter(code=notice.number, bank_ref=notice.bank_ref, status=Settlement.Status.PAID),
        SuspenseItem.objects.filter(return_no=notice.number, status=SuspenseItem.Status.RETURNED),
    )
    return -notice.amount_fen if any(rows.exists() for rows in ended) else 0


@transaction.atomic
def return_suspense(item_id: int, decision: str, *, by: Actor, account: str = "", payee: str = "") -> SuspenseItem:
    """Order the money paid back, to the account the bank named or to one the officer was given; it stays in suspense
    until the bank says that it arrived.

    Raises NotFound, NotAllowed, WrongState, Invalid without a reason or an account.
    """
    item = decided(item_id, "return", decision, by=by)
    number = "".join(account.split())
    if number and not (number.isascii() and number.isdigit() and 12 <= len(number) <= 25):
        raise Invalid(fields={"account": "填 12 到 25 位的银行账号"})
    if not (number or item.payer):
        raise Invalid(fields={"account": "银行没有给出付款账户，请填收款账号"})
    if number:
        item.payer = number
    item.return_no = public_code()
    item.save()
    record("suspense.return", item, by=by, amount_fen=item.amount_fen, reason=item.decision, last4=item.payer[-4:])
    payload = {"item": item.pk, "payee": payee.strip()[:40] or "原付款人"}
    outbox.enqueue("prepaid.return_suspense", item.return_no, payload)
    return item


@outbox.handler("prepaid.return_suspense", queue="money", own_transaction=True)
def send_return(payload: dict[str, str]) -> None:
    """Ask the custodian to pay the money back; our number makes a repeat harmless."""
    item = SuspenseItem.objects.get(pk=payload["item"])
    if item.status != SuspenseItem.Status.RETURNING or not item.return_no:
        return
    custodian().create_payout(
        item.return_no,
        item.amount_fen,
        payee_account=item.payer,
        payee_name=payload["payee"],
        notify_url=f"{settings.PUBLIC_URL}/custodian/callback/",
    )


def return_told(notice: Notice, *, by: Actor, on: date | None) -> str | None:
    """What became of money on its way back; None for a number that is no return. Called inside ``receive``."""
    seen = SuspenseItem.objects.filter(return_no=notice.number).first()
    if seen is None:
        return None
    item = SuspenseItem.objects.locked(seen.pk)
    require(by, "prepaid.settle_payout", item)
    if item.status != SuspenseItem.Status.RETURNING or notice.amount_fen != item.amount_fen:
        return "退回已结束或金额不符，未处理"
    if notice.kind == "payout.failed":
        SUSPENSE_LIFECYCLE.move("bounce", item)
        item.save(update_fields=["status"])
        record("suspense.bounce", item, by=by, reason=notice.reason[:100])
        return "退回失败，仍在待查"
    SUSPENSE_LIFECYCLE.move("arrive", item)
    post_out(item, by=by, on=on)
    record("suspense.arrive", item, by=by, amount_fen=item.amount_fen)
    return "待查款已退回"


def post_out(item: SuspenseItem, *, by: Actor, on: date | None) -> None:
    """Take the money out of suspense, once, and close the item; its new status is set already."""
    ledger.suspense_out(item.amount_fen, item=item.pk, key=f"suspense:{item.pk}:out", by=by, on=on)
    item.resolved_at = timezone.now()
    item.save()


def decided(item_id: int, step: str, decision: str, *, by: Actor) -> SuspenseItem:
    """The locked item with its decision and its next state, not yet saved."""
    item = SuspenseItem.objects.locked(item_id)
    require(by, "prepaid.resolve_suspenseitem", item)
    if len(decision.strip()) < 5:
        raise Invalid(fields={"reason": "写明处理的依据，至少 5 个字"})
    SUSPENSE_LIFECYCLE.move(step, item)
    item.decision, item.decided_by = decision.strip()[:300], by.user
    return item

"""A shop closes: declared, published, every holder told, each one's choice carried out, verified, closed."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from core import outbox
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, NotFound, WrongState
from core.locking import lock_in_order
from core.permissions import require
from core.rule_packs import rule
from merchants import actions as merchants
from merchants.models import Merchant, Store
from prepaid import ledger
from prepaid.closing_reports import outstanding
from prepaid.models import ClosingNotice, HolderNotice
from prepaid.models.closings import CLOSING_LIFECYCLE

TELL_SHARD = 20_000
FEWEST_LETTERS = 5


@transaction.atomic
def declare_closing(
    merchant_id: int,
    reason: str,
    closes_on: date,
    *,
    by: Actor,
    note: str = "",
    store_id: int | None = None,
    in_mall: bool = False,
    successor_id: int | None = None,
    on: date | None = None,
) -> ClosingNotice:
    """Say that a merchant, or one of its stores, will close; nothing is public before it is published.

    ``successor_id`` names the shop that would take the cards over, if there is one. A merchant's last open store
    is the whole merchant. Raises NotFound, WrongState, Invalid.
    """
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "prepaid.declare_closing", merchant)
    return write_declaration(
        merchant, reason, closes_on, by=by, note=note, store_id=store_id, in_mall=in_mall, successor_id=successor_id,
        on=on,
    )  # fmt: skip


def write_declaration(
    merchant: Merchant,
    reason: str,
    closes_on: date,
    *,
    by: Actor,
    note: str = "",
    store_id: int | None = None,
    in_mall: bool = False,
    successor_id: int | None = None,
    mall_id: int | None = None,
    on: date | None = None,
) -> ClosingNotice:
    """Write the declaration of whoever may make it; the merchant is locked. ``mall_id``: the mall declares it."""
    if merchant.status not in (Merchant.Status.ACTIVE, Merchant.Status.RESTRICTED):
        raise WrongState("这家商家现在不能申报停业")
    faults = {}
    if reason not in ClosingNotice.Reason.values or reason == ClosingNotice.Reason.ABSCONDED:
        faults["reason"] = "选一个停业原因"
    if closes_on < (on or business_date()):
        faults["closes_on"] = "停业日不能早于今天"
    if successor_id is not None and not _can_succeed(successor_id, merchant):
        faults["successor"] = "接手的店要已入驻、能正常办卡，不能是自己"
    if faults:
        raise Invalid(fields=faults)
    store = _store_of(merchant, store_id)
    open_ones = ClosingNotice.objects.open().filter(merchant=merchant)
    if (open_ones.filter(store__in=[store]) if store else open_ones).exists() or open_ones.filter(store=None).exists():
        raise WrongState("已经有一份停业申报在办理，请先撤回或办完")
    assert by.user is not None
    let = Store.objects.filter(merchant=merchant, is_open=True, tenant_since__isnull=False)
    in_mall = in_mall or (let.filter(pk=store.pk) if store else let).exists()
    notice = ClosingNotice.objects.create(
        merchant=merchant, store=store, reason=reason, note=note.strip()[:300], in_mall=in_mall, closes_on=closes_on,
        successor_id=successor_id, declared_by=by.user, mall_id=mall_id,
    )  # fmt: skip
    record("closing.declare", notice, by=by, reason=reason, on=closes_on, store=notice.store_id)
    return notice


def _can_succeed(successor_id: int, merchant: Merchant) -> bool:
    return Merchant.objects.filter(pk=successor_id, status=Merchant.Status.ACTIVE).exclude(pk=merchant.pk).exists()


def _store_of(merchant: Merchant, store_id: int | None) -> Store | None:
    """The store that closes; None when it is the merchant's last open one. Raises NotFound."""
    if store_id is None:
        return None
    stores = list(Store.objects.filter(merchant=merchant, is_open=True))
    found = next((store for store in stores if store.pk == store_id), None)
    if found is None:
        raise NotFound("没有找到这家门店，或者它已经关了")
    return found if len(stores) > 1 else None


@transaction.atomic
def publish_closing(notice_id: int, *, by: Actor, on: date | None = None) -> ClosingNotice:
    """Make the notice public: new sales stop at once, and every holder is told (浙江办法第11条, 条例第22条).

    Too short a notice is accepted, because a late one is better than none, and marked as a violation.
    """
    notice = _locked(notice_id)
    require(by, "prepaid.publish_closing", notice)
    CLOSING_LIFECYCLE.move("publish", notice)
    today = on or business_date()
    figure = rule("exit.mall_notice_days" if notice.in_mall else "exit.notice_days", notice.merchant.region_id, today)
    notice.published_at = timezone.now()
    notice.notice_days, notice.notice_basis = int(figure.value), figure.basis[:100]
    notice.short_days = max(0, notice.notice_days - (notice.closes_on - today).days)
    if notice.store_id is None:
        merchants.leave_by_steps(notice.merchant_id, "begin_exit", by=by)
    CLOSING_LIFECYCLE.move("stop_sales", notice)
    notice.save()
    record("closing.publish", notice, by=by, on=notice.closes_on, short_days=notice.short_days)
    promise_telling(notice)
    return notice


def promise_telling(notice: ClosingNotice) -> None:
    """Promise that every holder is told, cut in shards so that a hundred thousand fit into the day."""
    shards = 1 + notice.contracts().count() // TELL_SHARD
    for shard in range(shards):
        payload = {"notice": notice.pk, "shard": shard, "shards": shards}
        outbox.enqueue("prepaid.tell_holders", f"{notice.pk}:{notice.status}:{shard}", payload)


@transaction.atomic
def withdraw_closing(notice_id: int, *, by: Actor) -> ClosingNotice:
    """Drop a declaration that was not published."""
    notice = _locked(notice_id)
    require(by, "prepaid.publish_closing", notice)
    CLOSING_LIFECYCLE.move("withdraw", notice)
    notice.save(update_fields=["status"])
    record("closing.withdraw", notice, by=by)
    return notice


@transaction.atomic
def accept_succession(notice_id: int, *, by: Actor) -> ClosingNotice:
    """The successor agrees to serve the cards that come over by their old terms; those who chose it move at once."""
    notice = _locked(notice_id)
    require(by, "prepaid.accept_succession", notice)
    if not notice.is_choosing and notice.status != ClosingNotice.Status.DECLARED:
        raise WrongState("停业已经办完或转入应急处置，不能再接手")
    if not _can_succeed(notice.successor_id or 0, notice.merchant):
        raise WrongState("您的店现在不能收新的预付款，不能接手")
    if notice.accepted_at is None:
        notice.accepted_at = timezone.now()
        notice.save(update_fields=["accepted_at"])
        record("closing.accept", notice, by=by, successor=notice.successor_id)
        outbox.enqueue("prepaid.transfer_cards", str(notice.pk), {"notice": notice.pk})
    return notice


@transaction.atomic
def verify_closing(notice_id: int, remainder_note: str = "", *, by: Actor, on: date | None = None) -> ClosingNotice:
    """The officer finds that nothing is owed any more, or that the rest is kept for people nobody can reach.

    What is left never goes to the merchant: its cards stay frozen towards it, and their holders may come any day.
    Raises WrongState while somebody may still choose or be paid, Invalid without a word on where the rest lies.
    """
    notice = _locked(notice_id)
    require(by, "prepaid.verify_closing", notice)
    CLOSING_LIFECYCLE.check("verify", notice)
    today = on or business_date()
    left = outstanding(notice, today)
    if left.total_fen:
        if notice.closes_on >= today or notice.run_offs.exclude(status__in=["DONE", "REJECTED"]).exists():
            raise WrongState(f"还有 {left.said} 没有退清，停业日过后、退款办完才能留存")
        if len(remainder_note.strip()) < FEWEST_LETTERS:
            raise Invalid(fields={"reason": f"还有 {left.said} 没有退清：写明提存或留存在哪里，至少 5 个字"})
        notice.remainder_note = remainder_note.strip()[:200]
        for card in left.cards:
            ledger.freeze(card)
    CLOSING_LIFECYCLE.move("verify", notice)
    notice.remainder_fen, notice.verified_by, notice.verified_at = left.total_fen, by.user, timezone.now()
    notice.save()
    record("closing.verify", notice, by=by, remainder_fen=notice.remainder_fen, reason=notice.remainder_note)
    return notice


@transaction.atomic
def close_closing(notice_id: int, *, by: Actor, on: date | None = None) -> ClosingNotice:
    """The end: the store is shut, or the merchant has left the portal."""
    notice = _locked(notice_id)
    require(by, "prepaid.close_closing", notice)
    CLOSING_LIFECYCLE.check("close", notice)
    if notice.closes_on > (on or business_date()):
        raise WrongState(f"停业日是 {notice.closes_on}，还没有到")
    CLOSING_LIFECYCLE.move("close", notice)
    notice.closed_at = timezone.now()
    notice.save(update_fields=["status", "closed_at"])
    if notice.store_id:
        merchants.close_store(notice.store_id, by=by)
    else:
        merchants.leave_by_steps(notice.merchant_id, "leave", by=by)
    record("closing.close", notice, by=by)
    return notice


@transaction.atomic
def read_notice(holder_notice_id: int, *, by: Actor) -> HolderNotice:
    """Note that the holder has opened the notice; the first time counts."""
    row = HolderNotice.objects.locked(holder_notice_id)
    require(by, "prepaid.choose_settlement", row)
    if row.read_at is None:
        row.read_at = timezone.now()
        row.save(update_fields=["read_at"])
    return row


def _locked(notice_id: int) -> ClosingNotice:
    """The notice, its merchant locked first: no sale can slip in between."""
    seen = ClosingNotice.objects.filter(pk=notice_id).first()
    if seen is None:
        raise NotFound
    notice: ClosingNotice = lock_in_order((Merchant, seen.merchant_id), (ClosingNotice, notice_id))[1]
    return notice

"""What becomes of each card of a closing shop: told, refunded, moved to a successor, or refunded by default."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Mod
from django.utils import timezone

from core import messages, outbox
from core.actors import SYSTEM, Actor
from core.audit import record
from core.calendar import business_date
from core.clocks import cn_date
from core.errors import Invalid, NotFound, PortalError, WrongState
from core.locking import lock_in_order
from core.money import yuan
from core.permissions import require
from core.transactions import durably
from merchants.models import Merchant, Store
from prepaid import ledger
from prepaid.actions.refunds import request_refund, withdraw_refund
from prepaid.claims import LIVE
from prepaid.models import AccountKind, ClosingNotice, Contract, HolderNotice, Refund
from prepaid.models.closings import CLOSING_LIFECYCLE

CHUNK = 500
Choice = HolderNotice.Choice

_ROWS = """
INSERT INTO prepaid_holdernotice (notice_id, contract_id, choice, by_default, trouble)
SELECT %(notice)s, id, '', false, '' FROM prepaid_contract
 WHERE merchant_id = %(merchant)s AND (%(store)s::bigint IS NULL OR store_id = %(store)s)
   AND status IN ('ACTIVE', 'PAUSED') AND holder_id %% %(shards)s = %(shard)s
ON CONFLICT DO NOTHING
"""


@outbox.handler("prepaid.tell_holders", queue="bulk", own_transaction=True)
def tell_from_outbox(payload: dict[str, int]) -> None:
    """Tell the holders of one shard."""
    tell_holders(payload["notice"], shard=payload["shard"], shards=payload["shards"])


def tell_holders(notice_id: int, *, shard: int = 0, shards: int = 1) -> int:
    """Tell each holder of a closing shop who was not told yet, five hundred cards to a transaction; how many cards.

    Killed at any point, it goes on where it stopped; nobody is told twice.
    """
    notice = ClosingNotice.objects.select_related("merchant", "store", "successor").get(pk=notice_id)
    durably(lambda: _write_rows(notice, shard, shards))
    told = 0
    while count := durably(lambda: _tell_chunk(notice, shard, shards)):
        told += count
    durably(lambda: _all_told(notice_id))
    return told


def _write_rows(notice: ClosingNotice, shard: int, shards: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _ROWS,
            {
                "notice": notice.pk,
                "merchant": notice.merchant_id,
                "store": notice.store_id,
                "shard": shard,
                "shards": shards,
            },
        )


def _tell_chunk(notice: ClosingNotice, shard: int, shards: int) -> int:
    """One message for each person of the chunk, whatever the number of cards."""
    untold = (
        HolderNotice.objects.filter(notice=notice, message=None)
        .annotate(person=F("contract__holder_id"), part=Mod("contract__holder_id", shards))
        .filter(part=shard)
        .select_related("contract__holder", "contract__account")
        .order_by("person", "pk")
        .select_for_update(of=("self",), skip_locked=True, no_key=True)
    )
    rows = list(untold[:CHUNK])
    if len(rows) == CHUNK and rows[0].contract.holder_id != rows[-1].contract.holder_id:
        # The last person's other cards may lie in the next chunk: leave them together.
        rows = [row for row in rows if row.contract.holder_id != rows[-1].contract.holder_id]
    cards: dict[int, list[HolderNotice]] = {}
    for row in rows:
        cards.setdefault(row.contract.holder_id, []).append(row)
    texts = [
        (own[0].contract.holder, said(notice, sum(row.contract.locked_fen for row in own)), f"closing:{own[0].pk}")
        for own in cards.values()
    ]
    for own, message in zip(cards.values(), messages.text_many(texts), strict=True):
        HolderNotice.objects.filter(pk__in=[row.pk for row in own]).update(message=message)
    return len(rows)


def said(notice: ClosingNotice, locked_fen: int) -> str:
    """What a holder reads on the phone. No link: messages about money never carry one."""
    today = business_date()
    money = f"您的卡还锁着{yuan(locked_fen)}元，钱在存管银行。" if locked_fen else ""
    if notice.status == ClosingNotice.Status.EMERGENCY:
        return f"{notice.where}联系不上，监管部门正在保全资金。{money}核算后退回您付款的账户，不用您申请。"
    choices = "退款、转到接手的店或停业前用完" if notice.successor_id else "退款或停业前用完"
    return (
        f"{notice.where}{cn_date(notice.closes_on, today)}停业（{notice.get_reason_display()}）。{money}"
        f"请登录{settings.PORTAL_NAME}，在“我的预付”里选{choices}；到期没选的自动退款。"
    )


def _all_told(notice_id: int) -> None:
    """Begin to settle once nobody is left to be told."""
    notice = ClosingNotice.objects.locked(notice_id)
    untold = HolderNotice.objects.filter(notice=notice, message=None)
    if notice.status == ClosingNotice.Status.SALES_STOPPED and not untold.exists():
        CLOSING_LIFECYCLE.move("settle", notice)
        notice.save(update_fields=["status"])
        record("closing.settle", notice, by=SYSTEM, holders=notice.holders.count())


@transaction.atomic
def choose_settlement(holder_notice_id: int, choice: str, *, by: Actor, on: date | None = None) -> HolderNotice:
    """The holder's word: the money back at once, over to the successor, or use the card up until the last day.

    Until it is carried out it may be changed. Raises WrongState, Invalid.
    """
    row, contract = _locked(holder_notice_id)
    require(by, "prepaid.choose_settlement", row)
    if row.settled_at is not None:
        if row.choice == choice:
            return row
        raise WrongState("您的选择已经办好了，不能再改")
    if not row.notice.is_choosing:
        raise WrongState("现在不用选：停业已经办完，或者正由监管部门清退")
    if choice not in Choice.values or (choice == Choice.TRANSFER and row.notice.successor_id is None):
        raise Invalid(fields={"choice": "选一个办法"})
    if contract.status not in LIVE:
        raise WrongState("这张卡已经结束，没有要选的")
    row.choice, row.chosen_at, row.trouble = choice, timezone.now(), ""
    record("closing.choose", contract, by=by, notice=row.notice.code, choice=choice)
    if choice == Choice.REFUND:
        row.refund = refund_by_law(contract, f"{row.notice.where}停业", by=by, on=on)
        row.settled_at = timezone.now()
    elif choice == Choice.TRANSFER and row.notice.accepted_at:
        _move(row, contract, by=by)
    row.save()
    return row


def refund_by_law(contract: Contract, reason: str, *, by: Actor, on: date | None = None) -> Refund:
    """The statutory refund of a contract whose shop ends it; a request that waits is replaced, the shop is not asked.

    法释〔2025〕4号第13条第2项, 第15条 on. Raises what ``request_refund`` raises.
    """
    for waiting in Refund.objects.filter(contract=contract, status__in=["REQUESTED", "DISPUTED"]):
        withdraw_refund(waiting.pk, by=by)
    return request_refund(contract.pk, Refund.Cause.MERCHANT, by=by, reason=reason, on=on)


def _locked(holder_notice_id: int) -> tuple[HolderNotice, Contract]:
    seen = HolderNotice.objects.filter(pk=holder_notice_id).first()
    if seen is None:
        raise NotFound
    contract, row = lock_in_order((Contract, seen.contract_id), (HolderNotice, holder_notice_id))
    row.contract = contract
    return row, contract


def _move(row: HolderNotice, contract: Contract, *, by: Actor) -> None:
    successor = row.notice.successor
    assert successor is not None
    assign_issuer(contract, successor, by=by)
    row.settled_at = timezone.now()


def assign_issuer(contract: Contract, successor: Merchant, *, by: Actor) -> None:
    """Another merchant takes a contract over by its old terms; the holder has agreed (法释〔2025〕4号第13条第2项).

    The money stays locked on the card; from now on what is released goes to the successor. The contract is locked.
    Raises WrongState while a refund waits, or when the successor has no open store.
    """
    if Refund.objects.filter(contract=contract, status__in=["REQUESTED", "DISPUTED"]).exists():
        raise WrongState("有一笔退款在等答复，先撤回退款才能转店")
    store = Store.objects.filter(merchant=successor, is_open=True).order_by("pk").first()
    if store is None or successor.status != Merchant.Status.ACTIVE:
        raise WrongState("接手的店现在不能接收")
    before = contract.merchant_id
    contract.merchant, contract.store = successor, store
    contract.save(update_fields=["merchant", "store"])
    payee = ledger.open_account(AccountKind.MERCHANT_PAYABLE, successor.pk)
    if contract.is_periodic and contract.account_id:
        ledger.redirect_instalments(contract.account_id, payee)
    record("contract.assign_issuer", contract, by=by, before=before, after=successor.pk)
    messages.text_user(
        contract.holder,
        f"您的卡已转到{successor.brand_name}，条款不变，锁定的{yuan(contract.locked_fen)}元还在存管银行。",
        key=f"contract:{contract.pk}:issuer:{successor.pk}",
    )


@outbox.handler("prepaid.transfer_cards", queue="bulk", own_transaction=True)
def transfer_cards(payload: dict[str, int]) -> None:
    """Move the cards whose holders chose the successor before it agreed."""
    waiting = HolderNotice.objects.unsettled().filter(notice=payload["notice"], choice=Choice.TRANSFER)
    for pk in waiting.order_by("pk").values_list("pk", flat=True):
        _try(pk, lambda pk=pk: _transfer(pk))


def _transfer(holder_notice_id: int) -> None:
    row, contract = _locked(holder_notice_id)
    if row.settled_at is None and row.choice == Choice.TRANSFER and row.notice.accepted_at and contract.status in LIVE:
        _move(row, contract, by=_for_holder(contract))
        row.save()


def settle_by_default(holder_notice_id: int, *, by: Actor, on: date) -> HolderNotice:
    """No word by the last day, or a choice that could not be carried out: the money goes back."""
    with transaction.atomic():
        row, contract = _locked(holder_notice_id)
        require(by, "prepaid.run_closing", row.notice)
        if row.settled_at is None and contract.status in LIVE and row.notice.closes_on < on:
            row.by_default = row.choice != Choice.REFUND
            row.choice, row.chosen_at, row.trouble = Choice.REFUND, timezone.now(), ""
            row.refund = refund_by_law(contract, "停业到期，自动退款", by=_for_holder(contract), on=on)
            row.settled_at = timezone.now()
            row.save()
            record("closing.default", contract, by=by, notice=row.notice.code)
        return row


def _for_holder(contract: Contract) -> Actor:
    """Acts in the holder's name, as the law says for those who say nothing; the audit shows it."""
    return Actor.of_user(contract.holder, acting_role="by_law")


def _try(holder_notice_id: int, work: Any) -> bool:
    """Do one card in a transaction of its own; a refusal is written where people look for it."""
    try:
        durably(work)
    except PortalError as error:
        text = "；".join(error.fields.values()) or error.message
        HolderNotice.objects.filter(pk=holder_notice_id, settled_at=None).update(trouble=text[:200])
        return False
    return True


def settle_ended(notice_id: int, on: date) -> dict[str, int]:
    """The daily work on a published notice: tell the new, note what ended by itself, refund the silent."""
    told = tell_holders(notice_id)
    rows = HolderNotice.objects.unsettled().filter(notice=notice_id)
    ended = Contract.objects.filter(pk=OuterRef("contract_id")).exclude(status__in=LIVE)
    by_itself = rows.filter(Exists(ended)).update(settled_at=timezone.now(), trouble="")
    done = refused = 0
    if ClosingNotice.objects.filter(pk=notice_id, status__in=["SALES_STOPPED", "SETTLING"], closes_on__lt=on).exists():
        for pk in _pks(rows):
            ok = _try(pk, lambda pk=pk: settle_by_default(pk, by=SYSTEM, on=on))
            done, refused = done + ok, refused + (not ok)
    return {"told": told, "ended": by_itself, "refunded": done, "refused": refused}


def _pks(rows: Any) -> Sequence[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))

"""Day by day: fetch the bank's file, book what it proves, and let officers settle what does not match."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.actors import CUSTODIAN, SYSTEM, Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, NotFound, PortalError, WrongState
from core.locking import lock_in_order
from core.money import yuan
from core.permissions import require
from core.transactions import durably, unhurried
from merchants.models import Merchant
from prepaid.actions import bank_matching as matching
from prepaid.actions.bank_import import import_bank_file, receive_bank_file
from prepaid.actions.equations import check_day
from prepaid.actions.payments import ask_after, lock_money, receive
from prepaid.actions.suspense import decided, post_out
from prepaid.bank_files.shelf import shelve
from prepaid.custodian import Notice, custodian
from prepaid.models import (
    BankFile,
    BankLine,
    Contract,
    CustodianNotice,
    PaymentOrder,
    ReconciliationCase,
    SuspenseItem,
)
from prepaid.models.reconciliation import RECONCILIATION_CASE_LIFECYCLE
from prepaid.rules import is_no_party

ONE_DAY = timedelta(days=1)
PLACEABLE = (PaymentOrder.Status.PENDING, PaymentOrder.Status.SUSPENDED, PaymentOrder.Status.CANCELLED)


def reconcile_day(on: date, *, by: Actor) -> dict[str, Any]:
    """The morning's work of ``on`` about the day before: fetch, import, match, book what waited long enough, check.

    Opens its own transactions and is safe to repeat. Raises CustodianUnreachable, and Invalid for a file that cannot
    be taken.
    """
    day = on - ONE_DAY
    shelved = shelve(lambda into: custodian().statement(day, into))
    received = durably(lambda: receive_bank_file(shelved, f"存管日终_{day:%Y%m%d}.xml", by=by))
    file = import_bank_file(received.pk, by=by)
    if file.status == BankFile.Status.REFUSED:
        raise Invalid(f"{day} 的日终文件不能导入：{file.error}", code="bad_bank_file")
    booked = book_overdue(on, by=by)
    with unhurried():
        missing = durably(lambda: matching.open_missing(day - ONE_DAY))
        closed = durably(lambda: matching.close_explained(by=by))
        equation = durably(lambda: check_day(day, by=by))
    return {
        "lines": file.line_count,
        "matched": equation.matched_count,
        "booked": booked,
        "missing_at_bank": missing,
        "explained": closed,
        "holds": equation.holds,
    }


def book_overdue(on: date, *, by: Actor) -> int:
    """Book what the bank has had since before yesterday (T+1 is over) and nobody told us of; how many entries.

    The statement counts as the bank's word: an open order is paid by it, a payout is ended by it, and money in that
    fits nothing goes into suspense by a movement of the ledger. Money out that fits nothing stays a case.
    """
    durably(matching.match_late)
    overdue = BankLine.objects.filter(
        state=BankLine.State.OPEN,
        nature=BankLine.Nature.NORMAL,
        booked_on__lt=on - ONE_DAY,
        case__kind=ReconciliationCase.Kind.MISSING_HERE,
    )
    pks = list(overdue.order_by("pk").values_list("pk", flat=True))
    for pk in pks:
        # A day that is caught up late may be sealed: the movement belongs to the day on which it is made.
        _book(BankLine.objects.get(pk=pk), max(on, business_date()))
    durably(matching.match_late)
    return len(pks)


def _book(line: BankLine, on: date) -> None:
    """Feed one entry to ``receive``, which knows a reference for ever; the bank is asked first for who paid."""
    order = PaymentOrder.objects.filter(order_no=line.number).first() if line.amount_fen > 0 else None
    if order is not None:
        # Silent or refusing, the entry itself is proof enough.
        with suppress(PortalError):
            ask_after(order)
    kind = "order.paid" if line.amount_fen > 0 else "payout.paid"
    notice = Notice(kind, line.bank_ref, line.number, abs(line.amount_fen), "", timezone.now())
    durably(lambda: receive(notice, by=CUSTODIAN, on=on))


@transaction.atomic
def take_case(case_id: int, *, by: Actor) -> ReconciliationCase:
    """An officer takes a mismatch over: from now on it has an owner. Raises NotFound, NotAllowed, WrongState."""
    case = _case(case_id)
    require(by, "prepaid.take_reconciliationcase", case)
    RECONCILIATION_CASE_LIFECYCLE.move("take", case)
    case.owner = by.user
    case.save(update_fields=["status", "owner"])
    record("reconciliation.take", case, by=by)
    return case


@transaction.atomic
def resolve_case(case_id: int, resolution: str, *, by: Actor) -> ReconciliationCase:
    """The owner writes down what the mismatch came to. No movement is made or changed by this.

    Raises Invalid without words, NotAllowed for anybody but the owner.
    """
    case = _case(case_id)
    require(by, "prepaid.resolve_reconciliationcase", case)
    RECONCILIATION_CASE_LIFECYCLE.check("resolve", case)
    if len(resolution.strip()) < 5:
        raise Invalid(fields={"reason": "写明核查结果和依据，至少 5 个字"})
    _close(case, "resolve", resolution, by=by)
    return case


@transaction.atomic
def match_case(case_id: int, bank_ref: str, reason: str, *, by: Actor) -> ReconciliationCase:
    """The officer finds that an entry and a notice of ours are one payment although their references differ.

    ``bank_ref`` names our notice. Raises Invalid when the amounts differ or the notice is matched already.
    """
    case = _case(case_id)
    require(by, "prepaid.match_reconciliationcase", case)
    RECONCILIATION_CASE_LIFECYCLE.check("match", case)
    line = (
        BankLine.objects.select_for_update(no_key=True, of=("self",))
        .filter(case=case, state=BankLine.State.OPEN)
        .first()
    )
    if line is None:
        raise WrongState("这件差异没有待核对的存管流水，不能核对为同一笔")
    told = CustodianNotice.objects.select_for_update(no_key=True, of=("self",)).filter(bank_ref=bank_ref.strip())
    notice = told.exclude(booked_fen=0).filter(line=None).first()
    if notice is None:
        raise Invalid(fields={"bank_ref": "没有这个流水号的入账，或者它已经对上别的流水"})
    if notice.booked_fen != line.amount_fen:
        raise Invalid(fields={"bank_ref": f"那一笔是 {yuan(notice.booked_fen)} 元，金额不同，不是同一笔"})
    line.state, line.notice = BankLine.State.BY_HAND, notice
    line.save(update_fields=["state", "notice"])
    _close(case, "match", f"与 {notice.bank_ref} 核对为同一笔：{reason.strip()}", by=by)
    matching.close_explained(by=SYSTEM)
    return case


@transaction.atomic
def write_off_reversed(case_id: int, reason: str, *, by: Actor) -> ReconciliationCase:
    """The bank took back money that still lies in suspense: it leaves suspense by a movement, and both close.

    Raises WrongState when no open item of that sum and number is in suspense.
    """
    case = _case(case_id)
    require(by, "prepaid.match_reconciliationcase", case)
    RECONCILIATION_CASE_LIFECYCLE.check("match", case)
    line = (
        BankLine.objects.select_for_update(no_key=True, of=("self",))
        .filter(case=case, state=BankLine.State.OPEN)
        .first()
    )
    if line is None or line.nature != BankLine.Nature.REVERSAL or line.amount_fen > 0:
        raise WrongState("这件差异不是银行冲正，不能销账")
    found = SuspenseItem.objects.waiting().filter(amount_fen=-line.amount_fen, order_no=line.number).first()
    if found is None:
        raise WrongState("待查款项里没有同一单号、同一金额的钱；已锁定给消费者的款项请联系付款人核实后写明结果")
    item = decided(found.pk, "reverse", reason, by=by)
    post_out(item, by=by, on=None)
    notice = CustodianNotice.objects.create(
        kind="line.reversal", bank_ref=line.bank_ref, number=line.number, amount_fen=-line.amount_fen,
        outcome="银行冲正，待查款销账", booked_fen=line.amount_fen, booked_on=business_date(), tail=line.tail,
    )  # fmt: skip
    line.state, line.notice = BankLine.State.BY_REF, notice
    line.save(update_fields=["state", "notice"])
    record("suspense.reverse", item, by=by, amount_fen=item.amount_fen, reason=item.decision)
    _close(case, "match", f"待查款项已随银行冲正销账：{reason.strip()}", by=by)
    return case


@transaction.atomic
def place_suspense(item_id: int, order_no: str, decision: str, *, by: Actor, on: date | None = None) -> SuspenseItem:
    """Put suspended money to the order it was meant for: out of suspense and onto the card, in one step.

    Only the very sum of an unpaid order of a contract that still takes money; anything else is returned to the payer.
    Raises NotFound, NotAllowed, Invalid, WrongState.
    """
    seen = PaymentOrder.objects.filter(order_no=order_no.strip()).select_related("contract").first()
    if seen is None:
        raise Invalid(fields={"order_no": "没有这个订单，请核对订单号"})
    contract = lock_in_order((Merchant, seen.contract.merchant_id), (Contract, seen.contract_id))[1]
    order = PaymentOrder.objects.locked(seen.pk)
    item = decided(item_id, "place", decision, by=by)
    if not Contract.objects.visible_to(by).filter(pk=contract.pk).exists():
        raise NotFound
    if not is_no_party.test(by, contract):
        raise Invalid(fields={"order_no": "您是这份合同的当事人，不能办理，请由他人办"})
    if order.status not in PLACEABLE or contract.status not in (Contract.Status.SIGNED, Contract.Status.ACTIVE):
        raise WrongState("这个订单已付清，或合同不再收款；请把钱退回付款人")
    if order.amount_fen != item.amount_fen:
        raise Invalid(fields={"order_no": f"订单是 {yuan(order.amount_fen)} 元，金额不同，不能归入"})
    item.placed_order = order
    post_out(item, by=by, on=on)
    notice = Notice("order.paid", item.bank_ref, order.order_no, order.amount_fen, item.payer, timezone.now())
    lock_money(contract, order, notice, by=by, on=on or business_date())
    record("suspense.place", item, by=by, amount_fen=item.amount_fen, order=order.order_no, reason=item.decision)
    return item


def _case(case_id: int) -> ReconciliationCase:
    return ReconciliationCase.objects.locked(case_id)


def _close(case: ReconciliationCase, step: str, resolution: str, *, by: Actor) -> None:
    RECONCILIATION_CASE_LIFECYCLE.move(step, case)
    case.resolution, case.resolved_by, case.resolved_at = resolution.strip()[:300], by.user, timezone.now()
    case.save()
    record(f"reconciliation.{step}", case, by=by, reason=case.resolution)

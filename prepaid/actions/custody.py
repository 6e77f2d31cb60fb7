"""Custody: accounts and guarantees on record, a shortfall's clock, and courts that freeze an account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from core import messages
from core.actors import Actor
from core.audit import record
from core.calendar import add_working_days, business_date
from core.errors import Invalid, NotFound, WrongState
from core.locking import lock_in_order
from core.models import StoredFile
from core.money import MAX_FEN, yuan
from core.permissions import require
from core.rule_packs import rule
from merchants import actions as merchants
from merchants.models import Merchant
from prepaid.models import (
    CourtOrder,
    CustodyAccount,
    CustodyCheck,
    CustodyStatement,
    CustodyWarning,
    Guarantee,
)
from prepaid.models.custody import COURT_ORDER_LIFECYCLE, CUSTODY_WARNING_LIFECYCLE, GUARANTEE_LIFECYCLE

SOURCE = "存管核算"
Open = CustodyWarning.Status


@transaction.atomic
def record_custody_account(
    merchant_id: int,
    kind: str,
    custodian: str,
    account: str,
    *,
    by: Actor,
    file: StoredFile | None = None,
    on: date | None = None,
) -> CustodyAccount:
    """Put a merchant's special account on record; the one before it is closed. Raises Invalid."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "prepaid.record_custody", merchant)
    number = "".join(account.split())
    if kind not in CustodyAccount.Kind.values:
        raise Invalid(fields={"kind": "选账户性质：信托、公证提存或自有专户"})
    if not 2 <= len(custodian.strip()) <= 60:
        raise Invalid(fields={"custodian": "填存管银行的名称"})
    if not (number.isascii() and number.isdigit() and 8 <= len(number) <= 30):
        raise Invalid(fields={"account": "填 8 到 30 位的账号"})
    today = on or business_date()
    CustodyAccount.objects.filter(merchant=merchant, closed_on=None).update(closed_on=today)
    assert by.user is not None
    row = CustodyAccount(
        merchant=merchant, kind=kind, custodian=custodian.strip(), last4=number[-4:], agreement_file=file,
        opened_on=today, confirmed_by=by.user,
    )  # fmt: skip
    row.account = number
    row.save()
    record("custody.account", row, by=by, merchant=merchant.pk, last4=row.last4)
    return row


@transaction.atomic
def record_custody_balance(account_id: int, on: date, balance_fen: int, source: str, *, by: Actor) -> CustodyStatement:
    """Write down what the bank says an account held at the end of a day; the same day again corrects it."""
    account = CustodyAccount.objects.locked(account_id)
    require(by, "prepaid.record_custody", account)
    if not 0 <= balance_fen <= MAX_FEN:
        raise Invalid(fields={"balance_fen": "余额不能小于 0"})
    if on > business_date():
        raise Invalid(fields={"on": "日期不能晚于今天"})
    row, fresh = CustodyStatement.objects.update_or_create(
        account=account, on=on, defaults={"balance_fen": balance_fen, "source": source.strip()[:100]}
    )
    record("custody.balance", account, by=by, on=on, amount_fen=balance_fen, source=row.source, again=not fresh)
    return row


@transaction.atomic
def submit_guarantee(
    merchant_id: int, data: Mapping[str, Any], *, by: Actor, file: StoredFile | None = None
) -> Guarantee:
    """Hand in insurance or a bank's guarantee; it counts once an officer has checked it.

    ``data``: kind, issuer, number, amount_fen, valid_from, valid_to.
    Raises Invalid for a span or an amount that makes no sense, WrongState for one handed in before.
    """
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "prepaid.submit_guarantee", merchant)
    wrong = {}
    if data["kind"] not in Guarantee.Kind.values:
        wrong["kind"] = "选履约保证保险或银行保函"
    if not 0 < data["amount_fen"] <= MAX_FEN:
        wrong["amount_fen"] = "保额要大于 0"
    if data["valid_to"] < data["valid_from"]:
        wrong["valid_to"] = "止期不能早于起期"
    issuer, number = data["issuer"].strip()[:60], data["number"].strip()[:60]
    if not issuer or not number:
        wrong["number"] = "填出具机构和保单或保函号"
    if wrong:
        raise Invalid(fields=wrong)
    if Guarantee.objects.filter(issuer=issuer, number=number).exclude(status="REJECTED").exists():
        raise WrongState("这份保单或保函已经登记过")
    assert by.user is not None
    row = Guarantee.objects.create(
        merchant=merchant, kind=data["kind"], issuer=issuer, number=number, amount_fen=data["amount_fen"],
        valid_from=data["valid_from"], valid_to=data["valid_to"], file=file, submitted_by=by.user,
    )  # fmt: skip
    record("guarantee.submit", row, by=by, amount_fen=row.amount_fen, start=row.valid_from, end=row.valid_to)
    return row


@transaction.atomic
def confirm_guarantee(guarantee_id: int, *, by: Actor) -> Guarantee:
    """An officer has checked it with the issuer: it counts towards custody while it is valid."""
    return _decide(guarantee_id, "confirm", "", by=by)


@transaction.atomic
def reject_guarantee(guarantee_id: int, reason: str, *, by: Actor) -> Guarantee:
    """It does not count, or no longer. Raises Invalid without a reason."""
    return _decide(guarantee_id, "reject", _reason(reason), by=by)


def _decide(guarantee_id: int, step: str, reason: str, *, by: Actor) -> Guarantee:
    row = Guarantee.objects.locked(guarantee_id)
    require(by, "prepaid.decide_guarantee", row)
    GUARANTEE_LIFECYCLE.move(step, row)
    row.decided_by, row.reason = by.user, reason
    row.save()
    record(f"guarantee.{step}", row, by=by, amount_fen=row.amount_fen, reason=reason)
    return row


def _reason(text: str) -> str:
    if len(text.strip()) < 5:
        raise Invalid(fields={"reason": "写明理由，至少 5 个字"})
    return text.strip()[:300]


@transaction.atomic
def open_custody_warning(check_id: int, *, by: Actor, on: date | None = None) -> CustodyWarning:
    """Tell a merchant that its custody falls short and by when to make it up; one at a time."""
    check = CustodyCheck.objects.filter(pk=check_id).select_related("merchant").first()
    if check is None:
        raise NotFound
    merchant = Merchant.objects.locked(check.merchant_id)
    require(by, "prepaid.check_custody", merchant)
    found = CustodyWarning.objects.filter(merchant=merchant).exclude(status=Open.MET).first()
    if found is not None or check.shortfall_fen <= 0:
        if found is None:
            raise WrongState("存管没有缺口")
        return found
    today = on or business_date()
    days = int(rule("custody.cure.days", merchant.region_id, today).value)
    row = CustodyWarning.objects.create(
        merchant=merchant, shortfall_fen=check.shortfall_fen, opened_on=today, basis=check.basis,
        due_on=add_working_days(today, days).due,
    )  # fmt: skip
    record("custody_warning.open", row, by=by, amount_fen=row.shortfall_fen, end=row.due_on)
    messages.text_user(
        merchant.registered_by,
        f"{merchant.brand_name}：预收款存管还差{yuan(row.shortfall_fen)}元，请在{row.due_on:%m月%d日}前补足，逾期将停止新发卡。",
        key=f"custody_warning:{row.pk}:open",
    )
    return row


@transaction.atomic
def lapse_custody_warning(warning_id: int, *, by: Actor, on: date | None = None) -> CustodyWarning:
    """The time to make it up is over: an officer decides whether new sales stop."""
    row = _locked_warning(warning_id)
    require(by, "prepaid.check_custody", row)
    if row.due_on >= (on or business_date()):
        raise WrongState("补足期限还没有过")
    CUSTODY_WARNING_LIFECYCLE.move("lapse", row)
    row.save(update_fields=["status"])
    record("custody_warning.lapse", row, by=by, amount_fen=row.shortfall_fen)
    return row


@transaction.atomic
def extend_custody_warning(warning_id: int, due_on: date, reason: str, *, by: Actor) -> CustodyWarning:
    """An officer gives more time. Raises Invalid for a day that is not later."""
    row = _locked_warning(warning_id)
    require(by, "prepaid.decide_custody", row)
    if due_on <= max(row.due_on, business_date()):
        raise Invalid(fields={"due_on": "新期限要晚于原期限和今天"})
    CUSTODY_WARNING_LIFECYCLE.move("extend", row)
    row.due_on, row.reason = due_on, _reason(reason)
    row.save()
    record("custody_warning.extend", row, by=by, end=due_on, reason=row.reason)
    return row


@transaction.atomic
def stop_sales_for_custody(warning_id: int, *, by: Actor) -> CustodyWarning:
    """The officer confirms: no new cards until the custody is made up (条例第22条第3款); cards already sold go on."""
    row = _locked_warning(warning_id)
    require(by, "prepaid.decide_custody", row)
    CUSTODY_WARNING_LIFECYCLE.move("stop", row)
    reason = f"存管资金不足，缺 {yuan(row.shortfall_fen)} 元，{row.due_on} 前没有补足"
    row.restriction = merchants.restrict(row.merchant_id, SOURCE, reason, by=by)
    row.confirmed_by = by.user
    row.save()
    record("custody_warning.stop", row, by=by, amount_fen=row.shortfall_fen, restriction=row.restriction.pk)
    return row


@transaction.atomic
def meet_custody_warning(warning_id: int, *, by: Actor, on: date | None = None) -> CustodyWarning:
    """The custody is made up: the warning ends, and with it the stop it caused. Raises WrongState while it is short."""
    row = _locked_warning(warning_id)
    require(by, "prepaid.check_custody", row)
    check = CustodyCheck.objects.newest(row.merchant_id)
    if check is not None and check.shortfall_fen > 0:
        raise WrongState("存管还有缺口")
    CUSTODY_WARNING_LIFECYCLE.move("meet", row)
    if row.restriction_id:
        merchants.lift_restriction(row.restriction_id, by=by)
    row.met_on, row.shortfall_fen = on or business_date(), 0
    row.save()
    record("custody_warning.meet", row, by=by)
    messages.text_user(
        row.merchant.registered_by,
        f"{row.merchant.brand_name}：存管资金已补足，恢复正常。",
        key=f"custody_warning:{row.pk}:met",
    )
    return row


def _locked_warning(warning_id: int) -> CustodyWarning:
    """The warning, its merchant locked first."""
    seen = CustodyWarning.objects.filter(pk=warning_id).first()
    if seen is None:
        raise NotFound
    row: CustodyWarning = lock_in_order((Merchant, seen.merchant_id), (CustodyWarning, warning_id))[1]
    return row


@transaction.atomic
def record_court_order(
    merchant_id: int, data: Mapping[str, Any], *, by: Actor, file: StoredFile | None = None
) -> CourtOrder:
    """Record that a court froze a merchant's custody account: binding at once, settlement stops while it lasts.

    ``data``: court, number, amount_fen, starts_on, until (None: until lifted).
    Raises Invalid, WrongState for one recorded before.
    """
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "prepaid.record_court_order", merchant)
    court, number, until = data["court"].strip()[:60], data["number"].strip()[:60], data.get("until")
    wrong = {}
    if not court:
        wrong["court"] = "填法院名称"
    if not number:
        wrong["number"] = "填文书号，如（2026）浙0199执保12号"
    if not 0 < data["amount_fen"] <= MAX_FEN:
        wrong["amount_fen"] = "冻结金额要大于 0"
    if until and until < data["starts_on"]:
        wrong["until"] = "止期不能早于起期"
    if wrong:
        raise Invalid(fields=wrong)
    if CourtOrder.objects.filter(merchant=merchant, number=number).exists():
        raise WrongState("这份文书已经登记过")
    assert by.user is not None
    row = CourtOrder.objects.create(
        merchant=merchant, court=court, number=number, amount_fen=data["amount_fen"], starts_on=data["starts_on"],
        until=until, file=file, recorded_by=by.user,
    )  # fmt: skip
    record("court_order.record", row, by=by, amount_fen=row.amount_fen, start=row.starts_on, end=until)
    messages.text_user(
        merchant.registered_by,
        f"{merchant.brand_name}：{court}冻结存管账户{yuan(row.amount_fen)}元，解除前暂停结算；顾客消费和退款照常登记。",
        key=f"court_order:{row.pk}:recorded",
    )
    return row


@transaction.atomic
def propose_court_lift(order_id: int, reason: str, *, by: Actor) -> CourtOrder:
    """An officer has the court's word that the freeze is over; a second one decides."""
    row = _locked_order(order_id)
    require(by, "prepaid.record_court_order", row)
    COURT_ORDER_LIFECYCLE.move("propose_lift", row)
    row.lift_reason, row.lift_proposed_by = _reason(reason), by.user
    row.save()
    record("court_order.propose_lift", row, by=by, reason=row.lift_reason)
    return row


@transaction.atomic
def approve_court_lift(order_id: int, *, by: Actor) -> CourtOrder:
    """The second officer signs: the shop is settled again from the next working day."""
    row = _locked_order(order_id)
    require(by, "prepaid.lift_court_order", row)
    COURT_ORDER_LIFECYCLE.move("approve_lift", row)
    row.lifted_by, row.lifted_at = by.user, timezone.now()
    row.save()
    record("court_order.approve_lift", row, by=by)
    return row


@transaction.atomic
def reject_court_lift(order_id: int, reason: str, *, by: Actor) -> CourtOrder:
    """The freeze stays, and the second officer says why."""
    row = _locked_order(order_id)
    require(by, "prepaid.lift_court_order", row)
    COURT_ORDER_LIFECYCLE.move("reject_lift", row)
    row.lift_reason, row.lift_proposed_by = "", None
    row.save()
    record("court_order.reject_lift", row, by=by, reason=_reason(reason))
    return row


def _locked_order(order_id: int) -> CourtOrder:
    """The order, its merchant locked first, as settlement does."""
    seen = CourtOrder.objects.filter(pk=order_id).first()
    if seen is None:
        raise NotFound
    row: CourtOrder = lock_in_order((Merchant, seen.merchant_id), (CourtOrder, order_id))[1]
    return row

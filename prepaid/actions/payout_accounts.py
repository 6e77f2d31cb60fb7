"""The account a shop is paid to: its own name or its boss's, proved by phone, and three days before a change counts."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from core import actions as core
from core import messages
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, NotFound, WrongState
from core.permissions import require
from merchants.models import Merchant
from prepaid.actions.successions import notice_change
from prepaid.models import PayoutAccount, Succession
from prepaid.models.settlements import PAYOUT_ACCOUNT_LIFECYCLE

CODE_PURPOSE = "payout_account"
# Whoever steals a phone for an hour must not get away with the next settlement.
HOLD = timedelta(days=3)


def send_account_code(merchant_id: int, *, by: Actor) -> str:
    """Send the code that proves the shop's contact phone; returns it for the demo. Raises NotFound, TooMany."""
    merchant = _seen(merchant_id, by=by)
    return core.send_phone_code(merchant.contact_phone, CODE_PURPOSE)


def set_payout_account(
    merchant_id: int, account: str, payee: str, bank: str, *, by: Actor, phone_code: str, on: date | None = None
) -> PayoutAccount:
    """Register the first account, which counts at once, or a change, which counts after three days.

    The code is checked outside the transaction of the change, so that a wrong try stays counted.
    Raises Invalid for a name that is neither the licence's nor its legal representative's, and for a wrong code.
    """
    merchant = _seen(merchant_id, by=by)
    number, bank = "".join(account.split()), bank.strip()
    if not (number.isascii() and number.isdigit() and 12 <= len(number) <= 25):
        raise Invalid(fields={"account": "填 12 到 25 位的银行账号"})
    if not 2 <= len(bank) <= 60:
        raise Invalid(fields={"bank": "填开户银行的名称，如「工商银行某某支行」"})
    if payee.strip() not in {name for name in (merchant.legal_name, merchant.legal_rep) if name}:
        raise Invalid(fields={"payee": "户名要与营业执照名称或法定代表人（经营者）相同"})
    core.check_phone_code(merchant.contact_phone, CODE_PURPOSE, phone_code)
    return _register(merchant_id, number, payee.strip(), bank, by=by, on=on or business_date())


def _seen(merchant_id: int, *, by: Actor) -> Merchant:
    merchant = Merchant.objects.visible_to(by).filter(pk=merchant_id).first()
    if merchant is None:
        raise NotFound
    require(by, "prepaid.manage_payout_account", merchant)
    return merchant


@transaction.atomic
def _register(merchant_id: int, number: str, payee: str, bank: str, *, by: Actor, on: date) -> PayoutAccount:
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "prepaid.manage_payout_account", merchant)
    if PayoutAccount.objects.filter(merchant=merchant, status=PayoutAccount.Status.WAITING).exists():
        raise WrongState("已经有一个新账户在等待期内，请先撤回它")
    before = PayoutAccount.objects.of(merchant.pk)
    is_first = before is None
    assert by.user is not None
    row = PayoutAccount(
        merchant=merchant, bank=bank, last4=number[-4:], is_own_name=payee == merchant.legal_name,
        effective_on=on if is_first else on + HOLD, requested_by=by.user,
        status=PayoutAccount.Status.IN_USE if is_first else PayoutAccount.Status.WAITING,
    )  # fmt: skip
    row.account, row.payee = number, payee
    row.save()
    record("payout_account.register", row, by=by, merchant=merchant.pk, last4=row.last4, start=row.effective_on)
    if before is not None and before.payee != payee:
        notice_change(merchant, Succession.Kind.ACCOUNT, {}, by=by)
    if not is_first:
        messages.send(
            merchant.contact_phone,
            f"{merchant.brand_name}申请把结算账户换成尾号{row.last4}，{row.effective_on:%m月%d日}生效。"
            "不是您办的请马上登录撤回。",
            key=f"payout_account:{row.pk}",
        )
    return row


@transaction.atomic
def cancel_payout_account(account_id: int, *, by: Actor) -> PayoutAccount:
    """Take a change back before it counts: the shop, or an officer who was told that it was not the shop."""
    row = _locked(account_id)
    require(by, "prepaid.cancel_payout_account", row)
    PAYOUT_ACCOUNT_LIFECYCLE.move("cancel", row)
    row.save(update_fields=["status"])
    record("payout_account.cancel", row, by=by, last4=row.last4)
    return row


@transaction.atomic
def retry_payout_account(account_id: int, *, by: Actor) -> PayoutAccount:
    """The shop has cleared it with its bank: the next settlement goes to the same account again."""
    row = _locked(account_id)
    require(by, "prepaid.manage_payout_account", row)
    PAYOUT_ACCOUNT_LIFECYCLE.move("retry", row)
    row.save(update_fields=["status"])
    record("payout_account.retry", row, by=by, last4=row.last4)
    return row


@transaction.atomic
def start_payout_account(account_id: int, *, by: Actor, on: date | None = None) -> PayoutAccount:
    """Put a change into use once its three days are over; the account before it is replaced."""
    row = _locked(account_id)
    require(by, "prepaid.start_payout_account", row)
    if row.effective_on > (on or business_date()):
        raise WrongState("更换账户的等待期还没有过")
    PAYOUT_ACCOUNT_LIFECYCLE.check("start", row)
    before = PayoutAccount.objects.of(row.merchant_id)
    if before is not None:
        PAYOUT_ACCOUNT_LIFECYCLE.move("replace", before)
        before.save(update_fields=["status"])
    PAYOUT_ACCOUNT_LIFECYCLE.move("start", row)
    row.save(update_fields=["status"])
    record("payout_account.start", row, by=by, last4=row.last4)
    return row


def _locked(account_id: int) -> PayoutAccount:
    """The account, its merchant locked first."""
    seen = PayoutAccount.objects.filter(pk=account_id).first()
    if seen is None:
        raise NotFound
    Merchant.objects.locked(seen.merchant_id)
    return PayoutAccount.objects.locked(account_id)

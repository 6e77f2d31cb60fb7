"""Paying shops what they are owed: ordered once a working day, sent through the outbox, ended by the bank's word."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from core import messages, outbox
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import WrongState
from core.locking import lock_in_order
from core.money import yuan
from core.permissions import require
from merchants.models import Merchant
from prepaid import ledger
from prepaid.custodian import Notice, custodian
from prepaid.early_settlement import early_for
from prepaid.models import AccountKind, CourtOrder, PayoutAccount, Settlement
from prepaid.models.settlements import PAYOUT_ACCOUNT_LIFECYCLE, SETTLEMENT_LIFECYCLE
from prepaid.settlements import due, earned_between, payee_of, pays_on, released_by

# A lost callback is asked after at these distances, and then once a day.
ASK_AFTER = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=2))


@transaction.atomic
def order_settlement(merchant_id: int, *, by: Actor, on: date | None = None) -> Settlement:
    """Order what was released to a shop before ``on`` to be paid to its account; the same day again, the same one.

    Raises WrongState (days off, no account, a court's order, nothing to pay), Frozen, NotFound.
    """
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "prepaid.order_settlement", merchant)
    today = on or business_date()
    made = Settlement.objects.filter(merchant=merchant, ordered_on=today).exclude(status="FAILED").first()
    if made is not None:
        return made
    account = _may_be_paid(merchant, today)
    payee = payee_of(merchant.pk)
    to_pay = due(merchant.pk, payee, today)
    if payee is None or not to_pay.amount_fen:
        raise WrongState("今天没有要结算的款", code="nothing_to_settle")
    settlement = _write(merchant, account, payee.pk, to_pay.amount_fen, today)
    ledger.settle(
        payee.pk, settlement.amount_fen, settlement=settlement.pk, key=f"settlement:{settlement.pk}", by=by, on=on
    )
    outbox.enqueue("prepaid.send_settlement", settlement.code, {"settlement": settlement.pk})
    for number, pause in enumerate(ASK_AFTER):
        outbox.enqueue(
            "prepaid.ask_settlement", f"{settlement.code}:{number}", {"settlement": settlement.pk}, delay=pause
        )
    record("settlement.order", settlement, by=by, amount_fen=settlement.amount_fen, last4=account.last4)
    return settlement


def _may_be_paid(merchant: Merchant, on: date) -> PayoutAccount:
    """The account to pay to. Raises WrongState with what stands in the way."""
    if not pays_on(on) and not early_for(merchant, on).is_on:
        raise WrongState("今天不是工作日，下一个工作日结算", code="day_off")
    if CourtOrder.objects.in_force(on).filter(merchant=merchant).exists():
        raise WrongState("法院冻结期间不结算", code="court_order")
    account = PayoutAccount.objects.of(merchant.pk)
    if account is None:
        raise WrongState("还没有登记收款账户", code="no_payout_account")
    if account.status == PayoutAccount.Status.BOUNCED:
        raise WrongState("收款账户打不进去，请商家核对或更换", code="account_bounced")
    return account


def _write(merchant: Merchant, account: PayoutAccount, payee: int, amount_fen: int, on: date) -> Settlement:
    """The row, with the days it covers: those since the last one; what was returned of that is carried."""
    covers_to = released_by(on)
    last = Settlement.objects.filter(merchant=merchant).aggregate(last=Max("covers_to"))["last"]
    covers_from = min(last + timedelta(days=1), covers_to) if last else None
    return Settlement.objects.create(
        merchant=merchant,
        account=account,
        amount_fen=amount_fen,
        covers_from=covers_from,
        covers_to=covers_to,
        carried_fen=amount_fen - earned_between(payee, covers_from, covers_to),
        ordered_on=on,
    )


@outbox.handler("prepaid.send_settlement", queue="money", own_transaction=True)
def send_settlement(payload: dict[str, int]) -> None:
    """Ask the custodian to pay; its own number makes a repeat harmless."""
    settlement = Settlement.objects.select_related("account").get(pk=payload["settlement"])
    if settlement.status != Settlement.Status.PENDING:
        return
    custodian().create_payout(
        settlement.code,
        settlement.amount_fen,
        payee_account=settlement.account.account,
        payee_name=settlement.account.payee,
        notify_url=f"{settings.PUBLIC_URL}/custodian/callback/",
    )
    # The bank's word may have come first: then there is nothing to say.
    Settlement.objects.filter(pk=settlement.pk, status=Settlement.Status.PENDING).update(status=Settlement.Status.SENT)


def ask_after_old(on: date) -> int:
    """Promise to ask once today after every settlement ordered before ``on`` and still unanswered; how many."""
    old = Settlement.objects.on_the_way().filter(ordered_on__lt=on).values_list("pk", "code")
    for pk, code in old:
        outbox.enqueue("prepaid.ask_settlement", f"{code}:{on}", {"settlement": pk})
    return len(old)


def settlement_told(notice: Notice, *, by: Actor, on: date | None = None) -> str:
    """The bank says what became of a settlement. Called inside ``receive``; returns what became of the notice.

    Another amount than ordered, or word of a payment that was returned before, moves nothing: it stays for the
    reconciliation and an officer, and is in the audit.
    """
    seen = Settlement.objects.filter(code=notice.number).first()
    if seen is None:
        return "没有这笔划付"
    settlement: Settlement = lock_in_order((Merchant, seen.merchant_id), (Settlement, seen.pk))[1]
    require(by, "prepaid.settle_payout", settlement)
    paid = notice.kind == "payout.paid"
    if settlement.status not in (Settlement.Status.PENDING, Settlement.Status.SENT):
        if paid and settlement.status == Settlement.Status.FAILED:
            return _doubtful(settlement, notice, "已退回的结算又报到账，待查", by=by)
        return "结算已结束，未处理"
    if notice.amount_fen != settlement.amount_fen:
        return _doubtful(settlement, notice, "结算金额不符，待查", by=by)
    settlement.bank_ref, settlement.finished_at = notice.bank_ref, timezone.now()
    if paid:
        return _arrived(settlement, by=by, on=on)
    return _returned(settlement, notice.reason, by=by, on=on)


def _doubtful(settlement: Settlement, notice: Notice, what: str, *, by: Actor) -> str:
    record("settlement.doubt", settlement, by=by, amount_fen=notice.amount_fen, reason=what, bank_ref=notice.bank_ref)
    return what


def _arrived(settlement: Settlement, *, by: Actor, on: date | None) -> str:
    SETTLEMENT_LIFECYCLE.move("arrive", settlement)
    key = f"settlement:{settlement.pk}:paid"
    ledger.payout(settlement.amount_fen, settlement=settlement.pk, key=key, by=by, on=on)
    settlement.save()
    record("settlement.arrive", settlement, by=by, amount_fen=settlement.amount_fen)
    return "结算已到账"


def _returned(settlement: Settlement, reason: str, *, by: Actor, on: date | None) -> str:
    """The shop is owed again; nothing more goes to this account until the shop has looked at it."""
    SETTLEMENT_LIFECYCLE.move("bounce", settlement)
    payee = ledger.open_account(AccountKind.MERCHANT_PAYABLE, settlement.merchant_id)
    key = f"settlement:{settlement.pk}:returned"
    ledger.settle_returned(payee, settlement.amount_fen, settlement=settlement.pk, key=key, by=by, on=on)
    settlement.failure = reason[:100]
    settlement.save()
    account = PayoutAccount.objects.locked(settlement.account_id)
    with suppress(WrongState):  # replaced meanwhile
        PAYOUT_ACCOUNT_LIFECYCLE.move("bounce", account)
        account.save(update_fields=["status"])
    record("settlement.bounce", settlement, by=by, amount_fen=settlement.amount_fen, reason=settlement.failure)
    messages.text_user(
        settlement.merchant.registered_by,
        f"{settlement.merchant.brand_name}的结算{yuan(settlement.amount_fen)}元没打进去（{reason[:30]}），"
        "钱还在，请登录核对收款账户。",
        key=f"settlement:{settlement.pk}:failed",
    )
    return "结算退回，等商家核对账户"

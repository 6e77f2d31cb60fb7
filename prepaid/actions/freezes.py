"""Freezes by two officers."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from core import messages, outbox
from core.actors import SYSTEM, Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, NotFound, WrongState
from core.locking import lock_in_order
from core.permissions import require
from merchants.models import Merchant
from prepaid import ledger
from prepaid.actions.refunds import release_rest
from prepaid.models import AccountKind, Contract, Freeze, Refund
from prepaid.models.contracts import FREEZE_HOLDS
from prepaid.models.freezes import FREEZE_LIFECYCLE

# Longer than any transaction may last.
OVERLAP = timedelta(minutes=1)


@transaction.atomic
def propose_freeze(merchant_id: int, reason: str, *, by: Actor, contract_id: int | None = None) -> Freeze:
    """Ask that the locked money of a merchant (or of one contract) is not paid to it; a second officer decides."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "prepaid.propose_freeze", merchant)
    if len(reason.strip()) < 5:
        raise Invalid(fields={"reason": "写明冻结的理由，至少 5 个字"})
    contracts = Contract.objects.filter(merchant=merchant)
    if contract_id is not None:
        contracts = contracts.filter(pk=contract_id)
        if not contracts.exists():
            raise NotFound
        if not contracts.filter(account__isnull=False).exists():
            raise WrongState("这份合同还没有签约，没有可以冻结的资金")
    open_ones = Freeze.objects.filter(merchant=merchant, contract=contract_id).exclude(
        status__in=[Freeze.Status.REJECTED, Freeze.Status.LIFTED]
    )
    if open_ones.exists():
        raise WrongState("已经有一份冻结在办理或生效")
    assert by.user is not None
    freeze = Freeze.objects.create(
        merchant=merchant,
        contract_id=contract_id,
        reason=reason.strip()[:300],
        proposed_by=by.user,
        locked_fen=contracts.aggregate(sum=Sum("account__row_balance_fen"))["sum"] or 0,
    )
    record(
        "freeze.propose",
        freeze,
        by=by,
        merchant=merchant.pk,
        contract=contract_id,
        locked_fen=freeze.locked_fen,
    )
    return freeze


@transaction.atomic
def approve_freeze(freeze_id: int, *, by: Actor) -> Freeze:
    """The second officer signs: from now on nothing is paid to the merchant, refunds still run."""
    freeze = _locked(freeze_id)
    require(by, "prepaid.approve_freeze", freeze)
    FREEZE_LIFECYCLE.move("approve", freeze)
    freeze.approved_by, freeze.approved_at = by.user, timezone.now()
    freeze.save()
    if freeze.contract is None:
        ledger.freeze_merchant(_payee(freeze))
    elif freeze.contract.account_id:
        ledger.freeze(freeze.contract.account_id)
    record("freeze.approve", freeze, by=by)
    _tell(freeze, "资金已冻结，暂停付给商家；您仍可答复退款", "frozen")
    return freeze


@transaction.atomic
def reject_freeze(freeze_id: int, *, by: Actor) -> Freeze:
    """The second officer does not sign."""
    freeze = _locked(freeze_id)
    require(by, "prepaid.approve_freeze", freeze)
    FREEZE_LIFECYCLE.move("reject", freeze)
    freeze.save(update_fields=["status"])
    record("freeze.reject", freeze, by=by)
    return freeze


@transaction.atomic
def propose_lift(freeze_id: int, reason: str, *, by: Actor) -> Freeze:
    """Ask that a freeze ends; again a second officer decides."""
    freeze = _locked(freeze_id)
    require(by, "prepaid.propose_freeze", freeze)
    if len(reason.strip()) < 5:
        raise Invalid(fields={"reason": "写明解冻的理由，至少 5 个字"})
    FREEZE_LIFECYCLE.move("propose_lift", freeze)
    freeze.lift_reason, freeze.lift_proposed_by = reason.strip()[:300], by.user
    freeze.save()
    record("freeze.propose_lift", freeze, by=by)
    return freeze


@transaction.atomic
def approve_lift(freeze_id: int, *, by: Actor) -> Freeze:
    """The second officer signs: payments and suspended instalments run again, and refunds that waited are settled."""
    freeze = _locked(freeze_id)
    require(by, "prepaid.approve_lift", freeze)
    FREEZE_LIFECYCLE.move("approve_lift", freeze)
    freeze.lift_approved_by, freeze.lifted_at = by.user, timezone.now()
    freeze.save()
    _thaw(freeze, by=by)
    outbox.enqueue("prepaid.thaw_again", str(freeze.pk), {"freeze": freeze.pk}, delay=OVERLAP)
    record("freeze.approve_lift", freeze, by=by)
    _tell(freeze, "资金已解冻，恢复正常付款", "lifted")
    return freeze


@transaction.atomic
def reject_lift(freeze_id: int, *, by: Actor) -> Freeze:
    """The freeze stays."""
    freeze = _locked(freeze_id)
    require(by, "prepaid.approve_lift", freeze)
    FREEZE_LIFECYCLE.move("reject_lift", freeze)
    freeze.lift_reason, freeze.lift_proposed_by = "", None
    freeze.save()
    record("freeze.reject_lift", freeze, by=by)
    return freeze


def _locked(freeze_id: int) -> Freeze:
    """The freeze, its merchant locked first."""
    seen = Freeze.objects.filter(pk=freeze_id).first()
    if seen is None:
        raise NotFound
    freeze: Freeze = lock_in_order((Merchant, seen.merchant_id), (Freeze, freeze_id))[1]
    return freeze


def _payee(freeze: Freeze) -> int:
    return ledger.open_account(AccountKind.MERCHANT_PAYABLE, freeze.merchant_id)


def _thaw(freeze: Freeze, *, by: Actor) -> None:
    """Let the money move again."""
    if freeze.contract is None:
        ledger.unfreeze_merchant(_payee(freeze))
    elif freeze.contract.account_id:
        ledger.unfreeze(freeze.contract.account_id)
    _release_what_waited(freeze, by=by)


@outbox.handler("prepaid.thaw_again", queue="money")
def thaw_again(payload: dict[str, int]) -> None:
    """Once more, for refunds and release runs that were under way while the freeze was lifted and still saw it."""
    freeze = _locked(payload["freeze"])
    again = Freeze.objects.filter(merchant=freeze.merchant_id, contract=freeze.contract_id, status__in=FREEZE_HOLDS)
    if not again.exists():
        _thaw(freeze, by=SYSTEM)


def _release_what_waited(freeze: Freeze, *, by: Actor) -> None:
    """Contracts refunded while frozen kept the merchant's part locked; pay it now."""
    closed = Contract.objects.filter(
        merchant=freeze.merchant_id, status=Contract.Status.REFUNDED, account__row_balance_fen__gt=0
    )
    if freeze.contract_id:
        closed = closed.filter(pk=freeze.contract_id)
    for pk in closed.order_by("pk").values_list("pk", flat=True):
        contract = Contract.objects.locked(pk)
        refund = Refund.objects.filter(contract=contract).order_by("-pk").first()
        if refund is not None:
            release_rest(contract, refund, by=by, on=business_date())


def _tell(freeze: Freeze, text: str, what: str) -> None:
    messages.text_user(
        freeze.merchant.registered_by,
        f"{freeze.merchant.brand_name}：{text}。",
        key=f"freeze:{freeze.pk}:{what}",
    )

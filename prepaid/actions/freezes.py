"""Freezes by two officers."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from core import messages, outbox
from core.actors import SYSTEM, Actor
from core.audit import record
from core.calendar import add_working_days, business_date, working_days_between
from core.clocks import local
from core.errors import Invalid, NotFound, WrongState
from core.locking import lock_in_order
from core.models import User
from core.permissions import require
from merchants.models import Merchant
from prepaid import ledger
from prepaid.actions.refund_money import release_rest
from prepaid.models import AccountKind, Contract, Freeze, Refund, Visit
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
    assert by.user is not None
    _put_in_force(freeze, by.user, by=by)
    return freeze


def freeze_by_two(merchant: Merchant, reason: str, *, first: User, second: User, by: Actor) -> Freeze:
    """The freeze that an emergency brings, signed by its two officers; one that waits for a signature gets it.

    Called inside the action that has asked both, with the merchant locked.
    """
    open_ones = Freeze.objects.filter(merchant=merchant, contract=None, status__in=["PROPOSED", *FREEZE_HOLDS])
    freeze = open_ones.select_for_update(of=("self",), no_key=True).first()
    if freeze is None:
        locked = Contract.objects.filter(merchant=merchant).aggregate(sum=Sum("account__row_balance_fen"))["sum"]
        freeze = Freeze.objects.create(merchant=merchant, reason=reason, proposed_by=first, locked_fen=locked or 0)
        record("freeze.propose", freeze, by=by, merchant=merchant.pk, locked_fen=freeze.locked_fen)
    if freeze.status == Freeze.Status.PROPOSED:
        _put_in_force(freeze, second if freeze.proposed_by_id != second.pk else first, by=by)
    elif freeze.status == Freeze.Status.LIFT_PROPOSED:
        FREEZE_LIFECYCLE.move("reject_lift", freeze)
        freeze.lift_reason, freeze.lift_proposed_by = "", None
        freeze.save()
        record("freeze.reject_lift", freeze, by=by, reason=reason)
    return freeze


def _put_in_force(freeze: Freeze, signer: User, *, by: Actor) -> None:
    FREEZE_LIFECYCLE.move("approve", freeze)
    freeze.approved_by, freeze.approved_at = signer, timezone.now()
    freeze.save()
    if freeze.contract is None:
        ledger.freeze_merchant(_payee(freeze))
    elif freeze.contract.account_id:
        ledger.freeze(freeze.contract.account_id)
    record("freeze.approve", freeze, by=by)
    _tell(freeze, "资金已冻结，暂停付给商家；您仍可答复退款", "frozen")


@transaction.atomic
def reject_freeze(freeze_id: int, reason: str, *, by: Actor) -> Freeze:
    """The second officer does not sign, and says why. Raises Invalid without a reason."""
    freeze = _locked(freeze_id)
    require(by, "prepaid.approve_freeze", freeze)
    FREEZE_LIFECYCLE.move("reject", freeze)
    freeze.save(update_fields=["status"])
    record("freeze.reject", freeze, by=by, reason=_given(reason))
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
    _restart_clocks(freeze, business_date())
    outbox.enqueue("prepaid.thaw_again", str(freeze.pk), {"freeze": freeze.pk}, delay=OVERLAP)
    record("freeze.approve_lift", freeze, by=by)
    _tell(freeze, "资金已解冻，恢复正常付款", "lifted")
    return freeze


@transaction.atomic
def reject_lift(freeze_id: int, reason: str, *, by: Actor) -> Freeze:
    """The freeze stays, and the second officer says why. Raises Invalid without a reason."""
    freeze = _locked(freeze_id)
    require(by, "prepaid.approve_lift", freeze)
    FREEZE_LIFECYCLE.move("reject_lift", freeze)
    freeze.lift_reason, freeze.lift_proposed_by = "", None
    freeze.save()
    record("freeze.reject_lift", freeze, by=by, reason=_given(reason))
    return freeze


def _given(reason: str) -> str:
    if len(reason.strip()) < 5:
        raise Invalid(fields={"reason": "写明理由，至少 5 个字"})
    return reason.strip()[:300]


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


def _restart_clocks(freeze: Freeze, on: date) -> None:
    """The fifteen days of silence stood still while the money was frozen: what was left of them begins again."""
    waiting = Visit.objects.filter(status=Visit.Status.REQUESTED, merchant=freeze.merchant_id)
    if freeze.contract_id:
        waiting = Visit.objects.filter(status=Visit.Status.REQUESTED, contract=freeze.contract_id)
    assert freeze.approved_at is not None
    frozen_on = local(freeze.approved_at).date()
    for visit in waiting.select_for_update(of=("self",), no_key=True).order_by("pk"):
        stopped_on = max(frozen_on, local(visit.requested_at).date())
        left = max(working_days_between(stopped_on, visit.confirm_due_on), 1)
        deadline = add_working_days(on, left)
        visit.confirm_due_on = max(deadline.due, visit.confirm_due_on)
        visit.confirm_clock = f"资金冻结期间不计时，解冻后{deadline.explain()}"[:300]
        visit.save(update_fields=["confirm_due_on", "confirm_clock"])


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

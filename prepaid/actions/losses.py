"""A card or phone that was lost, and a card whose term ran out with money left."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from core import actions as core
from core import messages
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import WrongState
from core.permissions import require
from prepaid import ledger
from prepaid.actions.contracts import label
from prepaid.actions.periods import back_in_line
from prepaid.models import Contract, Instalment, ShownCode
from prepaid.models.contracts import CONTRACT_LIFECYCLE


@transaction.atomic
def report_loss(contract_id: int, *, by: Actor) -> Contract:
    """「挂失」: codes shown so far are void, the holder's phones are unbound, nothing can be charged until reissued.

    By the holder, the shop or an officer; repeated, it changes nothing. The balance stays (法释〔2025〕4号第9、24条).
    """
    contract = Contract.objects.locked(contract_id)
    require(by, "prepaid.report_loss", contract)
    if contract.status not in (Contract.Status.ACTIVE, Contract.Status.PAUSED):
        raise WrongState("只有使用中或者停卡中的卡可以挂失")
    if contract.lost_at:
        return contract
    contract.lost_at = timezone.now()
    contract.save(update_fields=["lost_at"])
    ShownCode.objects.filter(contract=contract, used_at=None).update(expires_at=contract.lost_at)
    core.forget_devices(contract.holder_id, by=by)
    record("contract.report_loss", contract, by=by)
    messages.text_user(
        contract.holder,
        f"{label(contract)}已挂失，余额不变，谁也不能再刷。找回手机后登录点“补办”就能接着用。",
        key=f"contract:{contract.pk}:lost:{contract.lost_at:%Y%m%d%H%M%S}",
    )
    return contract


@transaction.atomic
def reissue_card(contract_id: int, *, by: Actor) -> Contract:
    """「补办」: the holder proved the phone anew; the card goes on with its balance, free of charge."""
    contract = Contract.objects.locked(contract_id)
    require(by, "prepaid.reissue_card", contract)
    if contract.lost_at is None:
        return contract
    contract.lost_at = None
    contract.save(update_fields=["lost_at"])
    record("contract.reissue", contract, by=by)
    return contract


@transaction.atomic
def activate_residual(contract_id: int, *, by: Actor, on: date | None = None) -> Contract:
    """「残值激活」: a term card past its end with money left goes on for the periods that were not paid (第24条).

    The unpaid periods follow each other from one period after today. Raises WrongState when nothing is left.
    """
    contract = Contract.objects.locked(contract_id)
    require(by, "prepaid.activate_residual", contract)
    today = on or business_date()
    CONTRACT_LIFECYCLE.check("pause", contract)  # in use, that is: neither resting nor over
    ended = contract.is_periodic and contract.ends_on is not None and contract.ends_on < today
    if not ended or contract.available_fen <= 0 or contract.account_id is None:
        raise WrongState("这张卡没有到期，或者没有余额，不用激活")
    unpaid = Instalment.objects.of_account(contract.account_id).exclude(state=Instalment.State.RELEASED)
    first = unpaid.order_by("due_on").first()
    if first is None or contract.starts_on is None or contract.ends_on is None:
        raise WrongState("这张卡的各期都付清了；剩下的钱可以申请退款")
    # 法释24: the time that ran out is given anew, so the first unpaid period starts today.
    began = first.due_on - (contract.ends_on - contract.starts_on) / int(contract.terms["periods"])
    days = (today - began).days
    contract.auto_release = True
    contract.ends_on += timedelta(days=days)
    contract.save(update_fields=["auto_release", "ends_on"])
    back_in_line(contract, first.due_on)
    ledger.shift_instalments(contract.account_id, days, first.due_on)
    record("contract.activate_residual", contract, by=by, days=days, available_fen=contract.available_fen)
    return contract

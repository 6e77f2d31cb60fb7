"""From offer to signature, pauses, and who else may use the card."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from core import actions as core
from core import messages
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, NotFound, WrongState
from core.identifiers import grouped
from core.locking import lock_in_order
from core.models import User
from core.money import yuan
from core.permissions import require
from core.rule_packs import rule
from merchants.models import Merchant, Store
from prepaid import ledger
from prepaid.actions.periods import hold_back
from prepaid.actions.plans import must_sell
from prepaid.actions.signatures import Child, put_signature, stand_for
from prepaid.contract_items import clauses_of
from prepaid.models import (
    AccountKind,
    Contract,
    ContractUser,
    Guardianship,
    Pause,
    Plan,
    PriceItem,
    ShownCode,
    Signature,
)
from prepaid.models.contracts import CONTRACT_LIFECYCLE
from prepaid.schedule import Every, due_dates, nth_date, split
from prepaid.selling import must_keep_limits

SHOWN_CODE_SECONDS = 180


@transaction.atomic
def offer(
    plan_id: int,
    store_id: int,
    phone: str,
    *,
    by: Actor,
    name: str = "",
    payer_phone: str = "",
    user_phones: tuple[str, ...] = (),
    child: Child | None = None,
    on: date | None = None,
) -> Contract:
    """Draw up a contract for the person with this phone; they sign it on their own phone.

    The terms and the price list of today are copied into it, hashed and signed by the shop; later changes never
    reach them. For a ``child`` the phone is that of the guardian, who becomes a party and signs (第10条).
    Raises NotFound, NotAllowed, WrongState, Invalid.
    """
    seen = Plan.objects.filter(pk=plan_id).first()
    if seen is None:
        raise NotFound("没有找到这个套餐")
    merchant, plan = lock_in_order((Merchant, seen.merchant_id), (Plan, plan_id))
    require(by, "prepaid.offer_contract", plan)
    must_sell(merchant)
    if plan.status != Plan.Status.ON_SALE:
        raise WrongState("套餐不在售，请先发布")
    store = Store.objects.filter(pk=store_id, merchant=merchant, is_open=True).first()
    if store is None:
        raise NotFound("没有找到这家门店")
    must_sell(merchant, store)
    holder = User.objects.enrol(phone, name)
    payer = User.objects.enrol(payer_phone) if payer_phone else holder
    if plan.payment_kind == Contract.PaymentKind.PREPAID:
        must_keep_limits(merchant, holder, plan.price_fen, on or business_date(), by_instruction=not plan.periods)
    terms = terms_of(plan, merchant, store, on or business_date())
    contract = Contract.objects.create(
        merchant=merchant, seller=merchant, store=store, plan=plan, kind=plan.kind, holder=holder, payer=payer,
        sold_by=by.user, terms=terms, terms_hash=digest_of(terms), rule_pack=terms["rule_pack"],
        payment_kind=plan.payment_kind,
    )  # fmt: skip
    put_signature(contract, Signature.Party.MERCHANT, Signature.Method.COUNTER_DEVICE, by=by)
    if child is not None:
        stand_for(contract, child, on or business_date(), by=by)
    ContractUser.objects.bulk_create(
        [ContractUser(contract=contract, user=User.objects.enrol(p)) for p in dict.fromkeys(user_phones)]
    )
    record("contract.offer", contract, by=by, plan=plan.pk, terms=contract.terms_hash)
    messages.text_user(
        holder,
        f"{merchant.brand_name} 给您开了「{plan.name}」{yuan(plan.price_fen)}元。"
        f"请登录{settings.PORTAL_NAME}，在“我的预付”里看清条款再确认。",
        key=f"contract:{contract.pk}:offer",
    )
    return contract


def terms_of(plan: Plan, merchant: Merchant, store: Store, on: date) -> dict[str, Any]:
    """Every field the law asks of the contract (条例第22条, 浙江办法第11条), as they stand on that day."""
    cooling = rule("cooling_off.days", merchant.region_id, on)
    pay = rule("refund.pay.days", merchant.region_id, on)
    prices = PriceItem.objects.filter(merchant=merchant, is_active=True).order_by("id")
    return {
        "plan": plan.name,
        "kind": plan.kind,
        "description": plan.description,
        "price_fen": plan.price_fen,
        "bonus_fen": plan.bonus_fen,
        "times_paid": plan.times_paid,
        "times_bonus": plan.times_bonus,
        "list_price_fen": plan.list_price_fen,
        "periods": plan.periods,
        "every": plan.every,
        "starts": plan.starts,
        "pause_days_max": plan.pause_days_max,
        "refund_terms": plan.refund_terms,
        "merchant": merchant.legal_name,
        "uscc": merchant.uscc,
        "store": store.name,
        "address": store.address,
        "lease_end": store.lease_end.isoformat() if store.lease_end else None,
        "prices": [{"name": item.name, "price_fen": item.price_fen} for item in prices],
        "cooling_off_days": cooling.value,
        "cooling_off_basis": cooling.basis,
        "refund_pay_days": pay.value,
        "refund_pay_basis": pay.basis,
        "rule_pack": pay.pack_id,
        **clauses_of(plan.kind, plan.clauses),
        "extra_terms": plan.extra_terms,
        "payment_kind": plan.payment_kind,
        "no_show_times": plan.no_show_times,
        "no_show_hours": plan.no_show_hours,
        "interest_ppm": plan.interest_ppm,
        "offered_on": on.isoformat(),
    }


def canonical(terms: dict[str, Any]) -> str:
    """The one way to write the terms: JSON in UTF-8, keys sorted, no spaces. What is signed and what is handed out."""
    return json.dumps(terms, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest_of(terms: dict[str, Any]) -> str:
    """The hash by which a signature names the terms: SHA-256 of ``canonical``."""
    return hashlib.sha256(canonical(terms).encode()).hexdigest()


@transaction.atomic
def sign(contract_id: int, *, by: Actor, terms_hash: str, method: str = Signature.Method.API) -> Contract:
    """The holder agrees to exactly the terms seen (their hash), for a child its guardian; the account is opened.

    ``method`` says how the signer was known; it is kept with the signature.

    Raises WrongState when the terms on the screen are not those of the contract.
    """
    contract = Contract.objects.locked(contract_id)
    require(by, "prepaid.sign_contract", contract)
    if contract.status == Contract.Status.SIGNED and contract.terms_hash == terms_hash:
        return contract
    if terms_hash != contract.terms_hash:
        raise WrongState("合同内容和您看到的不一致，请重新打开再确认")
    CONTRACT_LIFECYCLE.move("sign", contract)
    contract.account_id = ledger.open_account(AccountKind.CARD_LOCKED, contract.pk)
    ledger.open_account(AccountKind.MERCHANT_PAYABLE, contract.merchant_id)
    contract.signed_at = timezone.now()
    contract.save()
    guarded = Guardianship.objects.filter(contract=contract).update(confirmed_at=contract.signed_at)
    put_signature(contract, Signature.Party.GUARDIAN if guarded else Signature.Party.HOLDER, method, by=by)
    record("contract.sign", contract, by=by, terms=terms_hash, method=method)
    return contract


@transaction.atomic
def decline(contract_id: int, *, by: Actor) -> Contract:
    """Drop a contract that was not paid."""
    contract = Contract.objects.locked(contract_id)
    require(by, "prepaid.decline_contract", contract)
    CONTRACT_LIFECYCLE.move("decline", contract)
    contract.closed_at = timezone.now()
    contract.save(update_fields=["status", "closed_at"])
    record("contract.decline", contract, by=by)
    return contract


@transaction.atomic
def conclude(contract_id: int, *, by: Actor) -> Contract:
    """End a 定金, 押金, 体验 or 券 that was delivered or given back; none of them ever turns into a prepayment."""
    contract = Contract.objects.locked(contract_id)
    require(by, "prepaid.conclude_contract", contract)
    CONTRACT_LIFECYCLE.move("conclude", contract)
    contract.closed_at = timezone.now()
    contract.save(update_fields=["status", "closed_at"])
    record("contract.conclude", contract, by=by, payment_kind=contract.payment_kind)
    return contract


@transaction.atomic
def add_user(contract_id: int, phone: str, *, by: Actor) -> ContractUser:
    """Let somebody else (family) use the card and confirm visits."""
    contract = Contract.objects.locked(contract_id)
    require(by, "prepaid.manage_contract_users", contract)
    user, _ = ContractUser.objects.get_or_create(contract=contract, user=User.objects.enrol(phone))
    record("contract.add_user", contract, by=by, user=user.user_id)
    return user


@transaction.atomic
def unmask_holder(contract_id: int, purpose: str, *, by: Actor) -> dict[str, str]:
    """Show an officer who holds the card, in full; the purpose goes into the audit (个人信息保护法第51条)."""
    contract = Contract.objects.locked(contract_id)
    require(by, "prepaid.unmask_holder", contract)
    purpose = core.purpose_of_unmask(purpose, by=by)
    record("contract.unmask", contract, by=by, purpose=purpose)
    return {"name": contract.holder.name, "phone": contract.holder.phone.removeprefix("+86")}


@transaction.atomic
def pause(contract_id: int, reason: str, *, by: Actor, on: date | None = None) -> Contract:
    """Let the card rest: instalments after today wait, and the term moves when it goes on."""
    contract = Contract.objects.locked(contract_id)
    require(by, "prepaid.pause_contract", contract)
    if reason not in dict(Pause.ASKED):
        raise Invalid(fields={"reason": "选一个停卡原因"})
    CONTRACT_LIFECYCLE.move("pause", contract)
    if Pause.objects.filter(contract=contract, ended_on=None).exists():
        raise WrongState("店里没有服务记录，这张卡已经停付、时间不扣，不用再停卡")
    start = on or business_date()
    Pause.objects.create(contract=contract, reason=reason, starts_on=start)
    contract.save(update_fields=["status"])
    if contract.is_periodic and contract.account_id:
        ledger.cancel_instalments(contract.account_id, start + timedelta(days=1))
    record("contract.pause", contract, by=by, reason=reason, starts_on=start)
    return contract


@transaction.atomic
def resume(contract_id: int, *, by: Actor, on: date | None = None) -> Contract:
    """Go on after a pause: the term and all instalments still to come move by its days.

    All pauses of a contract together move it by the plan's cap at most.
    """
    contract = Contract.objects.locked(contract_id)
    require(by, "prepaid.pause_contract", contract)
    CONTRACT_LIFECYCLE.move("resume", contract)
    rest = Pause.objects.get(contract=contract, ended_on=None)
    today = on or business_date()
    own = Pause.objects.filter(contract=contract).exclude(reason=Pause.Reason.NO_SERVICE)
    earlier = own.aggregate(days=Sum("days"))["days"] or 0
    left = max(int(contract.terms["pause_days_max"]) - earlier, 0)
    rest.days = min(max((today - rest.starts_on).days, 0), left)
    rest.ended_on = today
    rest.save()
    if contract.is_periodic and contract.account_id:
        since = rest.starts_on + timedelta(days=1)
        ledger.resume_instalments(contract.account_id, since)
        ledger.shift_instalments(contract.account_id, rest.days, since)
        hold_back(contract, since)
    if contract.ends_on:
        contract.ends_on += timedelta(days=rest.days)
    contract.save(update_fields=["status", "ends_on"])
    record("contract.resume", contract, by=by, days=rest.days)
    return contract


@transaction.atomic
def show_code(contract_id: int, *, by: Actor) -> ShownCode:
    """Eight digits to show at the counter; a new one ends the old one."""
    contract = Contract.objects.locked(contract_id)
    require(by, "prepaid.show_code", contract)
    if contract.status != Contract.Status.ACTIVE:
        raise WrongState("这张卡现在不能用")
    if contract.lost_at:
        raise WrongState("这张卡已挂失，请先补办")
    assert by.user is not None
    now = timezone.now()
    ShownCode.objects.filter(contract=contract, user=by.user, used_at=None).update(expires_at=now)
    record("contract.show_code", contract, by=by)
    return ShownCode.objects.create(
        contract=contract,
        user=by.user,
        code=f"{secrets.randbelow(10**8):08d}",
        expires_at=now + timedelta(seconds=SHOWN_CODE_SECONDS),
    )


def take_shown_code(merchant_id: int, code: str) -> ShownCode:
    """Use up a shown code at a counter of the merchant. Raises Invalid, with one message for every reason."""
    here = Merchant.objects.taken_at(merchant_id)
    found = ShownCode.objects.filter(
        contract__merchant__in=here, code=code, used_at=None, expires_at__gt=timezone.now()
    )
    row = found.select_related("user", "contract").first()
    # Nothing but the row's own columns: PostgreSQL checks them again once it has waited for another till.
    if row is None or not ShownCode.objects.filter(pk=row.pk, used_at=None).update(used_at=timezone.now()):
        raise Invalid(
            "付款码不对或已过期，请顾客刷新后再出示",
            fields={"code": "付款码不对或已过期，请顾客刷新后再出示"},
        )
    return row


def start_term(contract: Contract, on: date) -> None:
    """Begin the term of a term card: write its instalments and its last day. The contract is locked and saved after."""
    every, periods = Every(contract.terms["every"]), int(contract.terms["periods"])
    contract.starts_on, contract.ends_on = on, nth_date(on, periods, every)
    payee = ledger.open_account(AccountKind.MERCHANT_PAYABLE, contract.merchant_id)
    amounts, days = split(contract.paid_fen, periods), due_dates(on, periods, every)
    assert contract.account_id is not None
    ledger.schedule(contract.account_id, payee, list(zip(range(1, periods + 1), days, amounts, strict=True)))
    hold_back(contract, on)


def label(contract: Contract) -> str:
    """How a contract is named in messages."""
    return f"{contract.merchant.brand_name}「{contract.plan.name}」（{grouped(contract.code)}）"

"""Visits: asked for, confirmed, disputed, withdrawn, corrected. Money follows the consumer's word."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core import messages
from core.actors import Actor
from core.audit import record
from core.calendar import add_working_days, business_date
from core.errors import Invalid, NotEnoughLocked, NotFound, WrongState
from core.money import yuan
from core.permissions import require
from merchants.models import Store
from prepaid import ledger
from prepaid.actions.contracts import start_term, take_shown_code
from prepaid.actions.refund_money import refund_freed
from prepaid.models import AccountKind, Contract, Lot, Plan, RefType, Visit, VisitLot
from prepaid.models.contracts import CONTRACT_LIFECYCLE
from prepaid.models.visits import VISIT_LIFECYCLE
from prepaid.schedule import hold_for_count, hold_for_face, release_due_for_face, release_for_count
from prepaid.settlements import pay_day

AUTO_CONFIRM_WORKING_DAYS = 15


@transaction.atomic
def request_visit(
    contract_id: int,
    store_id: int,
    item: str,
    *,
    by: Actor,
    face_fen: int = 0,
    times: int = 0,
    on: date | None = None,
) -> Visit:
    """The shop asks the customer to confirm one visit; the money is held, not paid.

    ``face_fen`` for stored value, ``times`` for count cards, neither for term cards.
    Raises NotFound, WrongState, Invalid, NotEnoughLocked.
    """
    contract = _usable(contract_id)
    require(by, "prepaid.request_visit", _serving(contract, store_id))
    return _ask(contract, store_id, item, face_fen, times, Visit.StartedBy.SHOP, by=by, on=on)


@transaction.atomic
def report_visit(
    contract_id: int,
    store_id: int,
    item: str,
    *,
    by: Actor,
    face_fen: int = 0,
    times: int = 0,
    on: date | None = None,
) -> Visit:
    """The consumer says they were there: asked for and confirmed in one step."""
    contract = _usable(contract_id)
    require(by, "prepaid.report_visit", contract)
    visit = _ask(contract, store_id, item, face_fen, times, Visit.StartedBy.CONSUMER, by=by, on=on)
    return _settle(visit, contract, "confirm", by=by, on=on)


@transaction.atomic
def redeem_shown_code(
    merchant_id: int,
    store_id: int,
    code: str,
    item: str,
    *,
    by: Actor,
    face_fen: int = 0,
    times: int = 0,
    on: date | None = None,
) -> Visit:
    """A code shown at the counter is the customer's confirmation: one scan, paid at once. Raises Invalid."""
    shown = take_shown_code(merchant_id, code)
    contract = _usable(shown.contract_id)
    require(by, "prepaid.request_visit", _serving(contract, store_id))
    visit = _ask(contract, store_id, item, face_fen, times, Visit.StartedBy.SHOWN_CODE, by=by, on=on)
    customer = Actor.of_user(shown.user, request_id=by.request_id, acting_role="shown_code")
    return _settle(visit, contract, "confirm", by=customer, on=on)


def _usable(contract_id: int) -> Contract:
    return Contract.objects.locked(contract_id)


def _serving(contract: Contract, store_id: int) -> Store:
    """The store that serves: the issuer's, or one of its chain. Raises NotFound."""
    store = Store.objects.serving(contract.merchant).filter(pk=store_id).select_related("merchant").first()
    if store is None:
        raise NotFound("没有找到这家门店，或者它不收这张卡")
    return store


def _ask(
    contract: Contract,
    store_id: int,
    item: str,
    face_fen: int,
    times: int,
    started_by: str,
    *,
    by: Actor,
    on: date | None,
) -> Visit:
    """Write the visit and hold its worth. The contract is locked."""
    if contract.status != Contract.Status.ACTIVE:
        raise WrongState(f"这张卡现在是「{contract.get_status_display()}」，不能消费")
    if contract.lost_at:
        raise WrongState("这张卡已挂失，持卡人补办以后才能消费")
    store = _serving(contract, store_id)
    if not item.strip():
        raise Invalid(fields={"item": "写明做了什么"})
    today = on or business_date()
    parts = _parts(contract, face_fen, times)
    deadline = add_working_days(today, AUTO_CONFIRM_WORKING_DAYS)
    visit = Visit.objects.create(
        contract=contract, merchant_id=store.merchant_id, store=store, started_by=started_by, item=item.strip()[:30],
        face_fen=face_fen, times=times, staff=by.user, requested_at=timezone.now(),
        confirm_due_on=deadline.due, confirm_clock=deadline.explain()[:300],
    )  # fmt: skip
    for part in parts:
        part.visit = visit
        shift_held(part, +1)
    VisitLot.objects.bulk_create(parts)
    visit.hold_fen = min(_worth(parts), contract.available_fen)
    if visit.hold_fen:
        assert contract.account_id is not None
        visit.hold_id = ledger.hold(
            contract.account_id, visit.hold_fen, ref=(RefType.VISIT, visit.pk), key=f"visit:{visit.pk}:hold"
        )
        contract.refresh_from_db(fields=["account"])  # who settles at once counts what is free after this hold
    visit.save(update_fields=["hold_fen", "hold_id"])
    record(
        "visit.request",
        visit,
        by=by,
        contract=contract.pk,
        face_fen=face_fen,
        times=times,
        hold_fen=visit.hold_fen,
    )
    if started_by == Visit.StartedBy.SHOP and not contract.is_periodic:
        messages.text_user(
            contract.holder,
            f"{contract.merchant.brand_name}请您确认：{visit.item}，扣{said(visit)}。不对请回1，或登录后点“不对，我没消费”。",
            key=f"visit:{visit.pk}:ask",
        )
    return visit


def said(visit: Visit) -> str:
    """What a visit costs, as people say it."""
    return f"{visit.times}次" if visit.times else f"{yuan(visit.face_fen)}元"


def _parts(contract: Contract, face_fen: int, times: int) -> list[VisitLot]:
    """How much of which lot a visit uses, the oldest first. Raises Invalid, NotEnoughLocked."""
    if contract.is_periodic:
        if face_fen or times:
            raise Invalid("期限卡按期付款，签到不用填金额和次数")
        return []
    by_face = contract.kind == Plan.Kind.STORED_VALUE
    wanted = face_fen if by_face else times
    if wanted <= 0 or (times if by_face else face_fen):
        field, text = ("face_fen", "填扣多少元，要大于 0") if by_face else ("times", "填扣几次，要大于 0")
        raise Invalid(fields={field: text})
    parts = []
    for lot in _lots_in_use(contract).select_for_update(no_key=True):
        take = min(wanted, lot.face_left_fen if by_face else lot.times_left)
        if take > 0:
            parts.append(VisitLot(lot=lot, face_fen=take if by_face else 0, times=0 if by_face else take))
            wanted -= take
    if wanted > 0:
        left = sum(p.face_fen for p in parts) if by_face else sum(p.times for p in parts)
        raise NotEnoughLocked(f"卡里只剩 {yuan(left)} 元可用" if by_face else f"卡里只剩 {left} 次可用")
    return parts


def _lots_in_use(contract: Contract) -> QuerySet[Lot]:
    """The lots that can still be spent, the oldest first: one that was given back is over, its gift too."""
    return contract.lots.filter(refunded_fen=0).order_by("no")


def _worth(parts: list[VisitLot]) -> int:
    """What to hold for a visit: rounded up, so that its release never needs more."""
    return sum(
        min(
            hold_for_face(p.lot.paid_fen, p.lot.bonus_fen, p.face_fen)
            if p.face_fen
            else hold_for_count(p.lot.paid_fen, p.lot.times_paid, p.lot.times_bonus, p.times),
            p.lot.paid_fen - p.lot.released_fen - p.lot.refunded_fen,
        )
        for p in parts
    )


def shift_held(part: VisitLot, sign: int) -> None:
    """Move a part into (+1) or out of (-1) what its lot counts as waiting."""
    part.lot.held_face_fen += sign * part.face_fen
    part.lot.held_times += sign * part.times
    part.lot.save(update_fields=["held_face_fen", "held_times"])


@transaction.atomic
def confirm_visit(visit_id: int, *, by: Actor, on: date | None = None) -> Visit:
    """「是我消费的」: the held money is paid to the merchant. Repeated, it changes nothing."""
    visit, contract = locked_visit(visit_id)
    require(by, "prepaid.confirm_visit", visit)
    if visit.status == Visit.Status.CONFIRMED:
        return visit
    return _settle(visit, contract, "confirm", by=by, on=on)


@transaction.atomic
def auto_confirm_visit(visit_id: int, *, by: Actor, on: date | None = None) -> Visit:
    """Fifteen working days of silence count as a confirmation; a dispute stops that clock for good."""
    visit, contract = locked_visit(visit_id)
    require(by, "prepaid.auto_confirm_visit", visit)
    if visit.confirm_due_on >= (on or business_date()):
        raise WrongState("还没有到自动确认的日期")
    return _settle(visit, contract, "auto_confirm", by=by, on=on)


@transaction.atomic
def uphold_visit(visit_id: int, reason: str, *, by: Actor, on: date | None = None) -> Visit:
    """The officer finds that the visit took place: the held money is paid."""
    visit, contract = locked_visit(visit_id)
    require(by, "prepaid.resolve_visit", visit)
    visit.reason = given(reason)
    return _settle(visit, contract, "uphold", by=by, on=on)


def locked_visit(visit_id: int) -> tuple[Visit, Contract]:
    """The visit and its contract, the contract locked first."""
    seen = Visit.objects.filter(pk=visit_id).first()
    if seen is None:
        raise NotFound
    contract = Contract.objects.locked(seen.contract_id)
    return Visit.objects.locked(visit_id), contract


def _settle(visit: Visit, contract: Contract, step: str, *, by: Actor, on: date | None) -> Visit:
    """Pay the merchant for a visit. Its lots say how much: what all confirmed use is worth, less what was paid."""
    VISIT_LIFECYCLE.move(step, visit)
    today = on or business_date()
    parts = list(visit.parts.select_related("lot").select_for_update(of=("lot",), no_key=True))
    free = visit.hold_fen + contract.available_fen
    for part in parts:
        free -= _use(part, free)
    visit.amount_fen = sum(part.amount_fen for part in parts)
    if visit.hold_id:
        payee = ledger.open_account(AccountKind.MERCHANT_PAYABLE, visit.merchant_id)
        receipt = ledger.capture(
            visit.hold_id, visit.amount_fen, payee, visit=visit.pk, key=f"visit:{visit.pk}", by=by, on=on
        )
        visit.transfer_id = receipt.transfer_id if receipt else None
    visit.settled_on = today
    visit.pay_expected_on = pay_day(today)
    visit.save()
    if contract.is_periodic and contract.starts_on is None:
        start_term(contract, today)
        contract.save(update_fields=["starts_on", "ends_on"])
    record(f"visit.{step}", visit, by=by, amount_fen=visit.amount_fen, transfer=visit.transfer_id)
    _complete_if_used_up(contract, by=by)
    if contract.status == Contract.Status.REFUNDED and not contract.is_periodic:
        refund_freed(contract, by=by)
    _tell_balance(visit, contract)
    return visit


def _use(part: VisitLot, free_fen: int) -> int:
    """Turn a part from waiting into used; returns what it releases, at most ``free_fen``."""
    lot = part.lot
    shift_held(part, -1)
    lot.used_face_fen += part.face_fen
    lot.used_times += part.times
    owed = (
        release_due_for_face(lot.paid_fen, lot.bonus_fen, lot.used_face_fen, lot.released_fen)
        if part.face_fen
        else release_for_count(lot.paid_fen, lot.times_paid, lot.times_bonus, lot.used_times, lot.released_fen)
    )
    # Other holds were rounded up, or a refund was paid meanwhile: the next release catches up, it counts from 0.
    part.amount_fen = min(owed, free_fen, lot.paid_fen - lot.released_fen - lot.refunded_fen)
    lot.released_fen += part.amount_fen
    lot.save(update_fields=["used_face_fen", "used_times", "released_fen"])
    part.save(update_fields=["amount_fen"])
    return part.amount_fen


def _complete_if_used_up(contract: Contract, *, by: Actor) -> None:
    lots = list(_lots_in_use(contract))
    used_up = not contract.is_periodic and all(
        (lot.face_left_fen if contract.kind == Plan.Kind.STORED_VALUE else lot.times_left) == 0
        and lot.held_face_fen == 0
        and lot.held_times == 0
        for lot in lots
    )
    if used_up and contract.status == Contract.Status.ACTIVE:
        CONTRACT_LIFECYCLE.move("complete", contract)
        contract.closed_at = timezone.now()
        contract.save(update_fields=["status", "closed_at"])
        record("contract.complete", contract, by=by)


def _tell_balance(visit: Visit, contract: Contract) -> None:
    if contract.is_periodic:
        return
    if contract.kind == Plan.Kind.STORED_VALUE:
        left = yuan(sum(lot.face_left_fen for lot in _lots_in_use(contract))) + "元"
    else:
        left = f"{sum(lot.times_left for lot in _lots_in_use(contract))}次"
    messages.text_user(
        contract.holder,
        f"{contract.merchant.brand_name}扣{said(visit)}，剩{left}，不对请回1。",
        key=f"visit:{visit.pk}:settled",
    )


def given(text: str) -> str:
    """The reason somebody gave. Raises Invalid for none."""
    if not text.strip():
        raise Invalid(fields={"reason": "写明原因"})
    return text.strip()[:300]

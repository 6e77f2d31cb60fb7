"""What a merchant may do to its offers and prices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from core.actors import Actor
from core.audit import record
from core.errors import Invalid, NotFound, WrongState
from core.interest import MOST_PERCENT
from core.money import MAX_FEN
from core.permissions import require
from merchants.models import Merchant, Store
from prepaid.clauses import Mark, check_fields
from prepaid.contract_items import CLAUSES, ITEMS, Item, clauses_of
from prepaid.models import ClosingNotice, Plan, PriceItem
from prepaid.models.plans import PLAN_LIFECYCLE, PaymentKind

FIELDS = (
    "name", "kind", "price_fen", "bonus_fen", "times_paid", "times_bonus", "list_price_fen", "periods", "every",
    "starts", "pause_days_max", "description", "refund_terms",
    "payment_kind", "clauses", "extra_terms", "no_show_times", "no_show_hours", "interest_ppm",
)  # fmt: skip
# The least and the most that makes sense; a schedule of a thousand million periods would block the payment.
LIMITS = {
    "bonus_fen": (0, MAX_FEN),
    "times_paid": (0, 10_000),
    "times_bonus": (0, 10_000),
    "list_price_fen": (1, MAX_FEN),
    "periods": (0, 3_660),
    "pause_days_max": (0, 3_660),
    "no_show_times": (0, 100),
    "no_show_hours": (0, 168),
    "interest_ppm": (0, MOST_PERCENT * 10_000),
}
# Interest below zero would make the consumer pay for a refund (法释〔2025〕4号第9条、第16条).
WRONG = {"interest_ppm": f"约定的退款利息不能低于零，也不能高于 {MOST_PERCENT}%；不约定就不填"}
CLAUSE_CHARS = 500


@transaction.atomic
def save_plan(merchant_id: int, data: Mapping[str, Any], *, by: Actor, plan_id: int | None = None) -> Plan:
    """Draft a plan or change one that is not on sale. Raises Invalid with what is missing for its kind."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "prepaid.change_plan", merchant)
    plan = Plan(merchant=merchant)
    if plan_id is not None:
        found = Plan.objects.filter(pk=plan_id, merchant=merchant).first()
        if found is None:
            raise NotFound
        if found.status == Plan.Status.ON_SALE:
            raise WrongState("在售的套餐不能修改，请先下架；已签的合同不受影响")
        plan = found
    for field in FIELDS:
        if field in data:
            setattr(plan, field, data[field])
    _complete(plan)
    plan.save()
    record("plan.save", plan, by=by, merchant=merchant.pk, price_fen=plan.price_fen)
    return plan


def _complete(plan: Plan) -> None:
    """What the kind of a plan asks for; the fields of other kinds are cleared."""
    wrong: dict[str, str] = {}
    for field, (least, most) in LIMITS.items():
        if getattr(plan, field) is not None and not least <= getattr(plan, field) <= most:
            wrong[field] = WRONG.get(field, "数值太小或太大，请核对")
    if plan.price_fen is None or not 0 < plan.price_fen <= MAX_FEN:
        wrong["price_fen"] = "实付金额要大于 0，且不能过大"
    if plan.kind != Plan.Kind.STORED_VALUE:
        plan.bonus_fen = 0
    if plan.kind == Plan.Kind.COUNT:
        if plan.times_paid <= 0:
            wrong["times_paid"] = "填一共多少次"
        elif plan.price_fen and plan.price_fen < plan.times_paid + plan.times_bonus:
            wrong["price_fen"] = "每次至少要有 1 分钱"
    else:
        plan.times_paid = plan.times_bonus = 0
    if plan.kind in (Plan.Kind.UNLIMITED_TERM, Plan.Kind.PER_PERIOD):
        if plan.periods <= 0:
            wrong["periods"] = "填一共多少期"
        elif plan.price_fen and plan.price_fen < plan.periods:
            wrong["price_fen"] = "每期至少要有 1 分钱"
    else:
        plan.periods = 0
    if plan.payment_kind not in PaymentKind.values:
        wrong["payment_kind"] = "选一种款项类型"
    elif plan.payment_kind != PaymentKind.PREPAID:
        # 定金、押金、体验、券 buy nothing in advance that could be used up or missed.
        plan.no_show_times = 0
    if any(len(text) > CLAUSE_CHARS for text in plan.clauses.values()):
        wrong["clauses"] = f"每一条最多 {CLAUSE_CHARS} 个字"
    plan.clauses = {item.code: plan.clauses[item.code] for item in CLAUSES if item.code in plan.clauses}
    if wrong:
        raise Invalid(fields=wrong)


@transaction.atomic
def publish_plan(plan_id: int, *, by: Actor) -> Plan:
    """Put a plan on sale.

    Raises WrongState while the merchant may not sell, Invalid for missing items (法释〔2025〕4号第8条) and for void
    terms (第9条), each with the field it stands in.
    """
    return _step("publish", plan_id, by=by)


@transaction.atomic
def withdraw_plan(plan_id: int, *, by: Actor) -> Plan:
    """Take a plan off sale; contracts already signed go on."""
    return _step("withdraw", plan_id, by=by)


def _step(step: str, plan_id: int, *, by: Actor) -> Plan:
    plan = Plan.objects.locked(plan_id)
    require(by, "prepaid.change_plan", plan)
    if step == "publish":
        must_sell(plan.merchant)
        PLAN_LIFECYCLE.check(step, plan)
        must_be_lawful(plan)
    PLAN_LIFECYCLE.move(step, plan)
    plan.save(update_fields=["status"])
    record(f"plan.{step}", plan, by=by)
    return plan


def texts_of(plan: Plan) -> dict[str, str]:
    """Every wording of a plan that a consumer agrees to, by the field it is typed in."""
    clauses = clauses_of(plan.kind, plan.clauses)
    free = {"name": plan.name, "description": plan.description, "refund_terms": plan.refund_terms}
    return free | clauses | {"extra_terms": plan.extra_terms}


def void_terms(plan: Plan) -> dict[str, list[Mark]]:
    """The void terms of a plan, by field (法释〔2025〕4号第9条)."""
    return check_fields(texts_of(plan))


def missing_items(plan: Plan) -> list[Item]:
    """Which of the twelve items a contract of this plan would lack (法释〔2025〕4号第8条, 条例第22条)."""
    texts, merchant = texts_of(plan), plan.merchant
    prices = plan.kind != Plan.Kind.STORED_VALUE or PriceItem.objects.filter(merchant=merchant, is_active=True).exists()
    known = {
        "parties": bool(merchant.legal_name and merchant.uscc),
        "place": merchant.stores.filter(is_open=True).exclude(address="").exists(),
        "content": bool(plan.description.strip()),
        "price": prices,
        "refund": bool(plan.refund_terms.strip()),
    }
    return [item for item in ITEMS if not known.get(item.code, texts.get(item.code, ""))]


def must_be_lawful(plan: Plan) -> None:
    """Raise Invalid while items are missing or terms are void; the price list is only advised (第19条 has a rule)."""
    wrong = {item.code: f"缺「{item.title}」：{item.ask}" for item in missing_items(plan) if item.code != "price"}
    wrong |= {field: "；".join(mark.said for mark in marks) for field, marks in void_terms(plan).items()}
    if wrong:
        raise Invalid("套餐还不能发布：有缺项或者无效条款，请按提示改好", fields=wrong)


def must_sell(merchant: Merchant, store: Store | None = None) -> None:
    """Raise WrongState unless the merchant may take new prepayment, at this store if one is given (条例第22条第3款)."""
    if store is not None and ClosingNotice.objects.stopping_sales(merchant.pk, store.pk).exists():
        raise WrongState("这家门店已公告停业，不能再收预付款", code="closing")
    if merchant.status in (Merchant.Status.EXITING, Merchant.Status.EMERGENCY, Merchant.Status.EXITED):
        raise WrongState("商家已公告停业，不能再收预付款", code="closing")
    if merchant.status == Merchant.Status.RESTRICTED:
        raise WrongState("商家被限制新发卡，暂时不能收新的预付款；老卡照常使用", code="merchant_restricted")
    if merchant.status != Merchant.Status.ACTIVE:
        raise WrongState("商家还没有通过审核，不能发卡", code="merchant_not_active")


@transaction.atomic
def set_price(merchant_id: int, name: str, price_fen: int, *, by: Actor) -> PriceItem:
    """Put an item on the price list or change its price; signed contracts keep their own list."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "prepaid.change_plan", merchant)
    if not name.strip():
        raise Invalid(fields={"name": "填项目名称"})
    if not 0 < price_fen <= MAX_FEN:
        raise Invalid(fields={"price_fen": "价格要大于 0，且不能过大"})
    item, _ = PriceItem.objects.update_or_create(
        merchant=merchant, name=name.strip()[:30], defaults={"price_fen": price_fen, "is_active": True}
    )
    record("merchant.set_price", merchant, by=by, item=item.name, price_fen=price_fen)
    return item


@transaction.atomic
def drop_price(merchant_id: int, item_id: int, *, by: Actor) -> PriceItem:
    """Take an item off the price list."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "prepaid.change_plan", merchant)
    item = PriceItem.objects.filter(pk=item_id, merchant=merchant).first()
    if item is None:
        raise NotFound
    item.is_active = False
    item.save(update_fields=["is_active"])
    record("merchant.drop_price", merchant, by=by, item=item.name)
    return item

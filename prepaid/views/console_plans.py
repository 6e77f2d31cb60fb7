"""What the shop sells: plans and the price list."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import Invalid, NotAllowed, NotFound, PortalError
from core.money import yuan
from core.transactions import durably
from merchants.models import Merchant
from merchants.views.desk import Desk, for_shop, own, put_errors, shop_page
from prepaid import actions as prepaid
from prepaid.actions.plans import missing_items, texts_of
from prepaid.clauses import Mark, Piece, check, check_fields, pieces
from prepaid.contract_items import ITEMS
from prepaid.forms.console import PlanForm, PriceForm
from prepaid.models import Plan, PriceItem
from prepaid.models.plans import PLAN_LIFECYCLE

FIELDS = (*PlanForm.base_fields, "clauses")
CHECKED = ("name", "description", "refund_terms", "extra_terms")


@for_shop()
@require_http_methods(["GET", "POST"])
def plans(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Plans with how many cards were sold of each, and the price list beside them."""
    form = PriceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name, fen = form.cleaned_data["name"], form.cleaned_data["price_fen"]
        try:
            durably(lambda: prepaid.set_price(desk.merchant.pk, name, fen, by=desk.by))
        except PortalError as error:
            put_errors(form, error)
        else:
            messages.success(request, f"{name} 现在是 {yuan(fen)} 元；已签的卡还按签约时的价目")
            return redirect("prepaid:merchant_plans")
    rows = Plan.objects.visible_to(desk.by).filter(merchant=desk.merchant).annotate(sold=Count("contracts"))
    context = {
        "plans": list(rows.order_by("status", "-pk")[:200]),
        "prices": list(PriceItem.objects.filter(merchant=desk.merchant, is_active=True)),
        "form": form,
        "restricted": desk.merchant.status == Merchant.Status.RESTRICTED,
    }
    return shop_page(request, desk, "prepaid/console/plans.html", context)


@for_shop()
@require_POST
def drop_price(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """Take an item off the list; signed cards keep theirs."""
    item = durably(lambda: prepaid.drop_price(desk.merchant.pk, pk, by=desk.by))
    messages.success(request, f"已从价目里删去 {item.name}；已签的卡不受影响")
    return redirect("prepaid:merchant_plans")


@for_shop()
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, desk: Desk, pk: int | None = None) -> HttpResponse:
    """Draft a plan or change one that is not on sale."""
    if not desk.is_owner:
        raise NotAllowed("只有负责人能改套餐")
    found = own(Plan.objects.filter(merchant=desk.merchant), pk=pk) if pk else None
    if found and found.status == Plan.Status.ON_SALE:
        return redirect("prepaid:plan_step", found.pk, "withdraw")
    initial = {name: getattr(found, name) for name in FIELDS} if found else {"kind": Plan.Kind.STORED_VALUE}
    form = PlanForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            saved = durably(lambda: prepaid.save_plan(desk.merchant.pk, form.data_for_action(), by=desk.by, plan_id=pk))
        except PortalError as error:
            put_errors(form, error)
        else:
            messages.success(request, f"已保存「{saved.name}」。发布后顾客就能买")
            return redirect("prepaid:plan_step", saved.pk, "publish")
    marked = _marked({name: str(form[name].value() or "") for name in (*CHECKED, *_clause_names(form))}, form)
    return shop_page(request, desk, "prepaid/console/plan.html", {"plan": found, "form": form, "marked": marked})


def _clause_names(form: PlanForm) -> list[str]:
    return [field.name for field in form.clause_fields]


def _marked(texts: dict[str, str], form: PlanForm) -> list[tuple[str, list[Piece], list[Mark]]]:
    """The texts that hold void terms: their label, the text cut at its marks, the marks."""
    found = check_fields(texts)
    return [(str(form.fields[name].label), pieces(texts[name], marks), marks) for name, marks in found.items()]


@for_shop()
@require_POST
def check_plan(request: HttpRequest, desk: Desk) -> HttpResponse:
    """While the boss types: the void terms of what stands in the form so far; nothing is kept."""
    form = PlanForm(request.POST)
    texts = {name: request.POST.get(name, "")[:1000] for name in (*CHECKED, *_clause_names(form))}
    return shop_page(request, desk, "prepaid/console/_plan_marks.html", {"marked": _marked(texts, form)})


@for_shop()
@require_http_methods(["GET", "POST"])
def plan_step(request: HttpRequest, desk: Desk, pk: int, step: str) -> HttpResponse:
    """Publish a plan or take it off sale, after asking once more."""
    found = own(Plan.objects.filter(merchant=desk.merchant), pk=pk)
    if step not in PLAN_LIFECYCLE.steps:
        raise NotFound
    if request.method == "POST":
        act = prepaid.publish_plan if step == "publish" else prepaid.withdraw_plan
        try:
            durably(lambda: act(pk, by=desk.by))
        except Invalid as error:
            messages.error(request, error.message)
            return redirect("prepaid:plan_step", pk, "publish")
        messages.success(request, f"「{found.name}」{'已发布，可以开卡了' if step == 'publish' else '已下架'}")
        return redirect("prepaid:merchant_plans")
    if step not in PLAN_LIFECYCLE.allowed(found, desk.by):
        return redirect("prepaid:merchant_plans")
    context = {"plan": found, "step": step}
    if step == "publish":
        context |= _checked(found)
    return shop_page(request, desk, "prepaid/console/plan_step.html", context)


def _checked(plan: Plan) -> dict[str, Any]:
    """The twelve items as the contract will have them, with what is missing and what is void."""
    texts, lacks = texts_of(plan), {item.code for item in missing_items(plan)}
    fields = {"content": "description", "refund": "refund_terms"}
    rows: list[dict[str, Any]] = []
    for item in ITEMS:
        text = texts.get(fields.get(item.code, item.code), "")
        marks = check(text)
        rows.append({"item": item, "missing": item.code in lacks, "pieces": pieces(text, marks), "marks": marks})
    extra = check(plan.extra_terms)
    marks = [mark for row in rows for mark in row["marks"]] + extra + check(plan.name)
    return {
        "rows": rows,
        "extra": pieces(plan.extra_terms, extra),
        "marks": marks,
        "blocked": bool(marks or lacks - {"price"}),
    }

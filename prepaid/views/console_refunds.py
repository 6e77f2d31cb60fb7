"""Refunds as the shop answers them: the sum by law, the clock, yes or no."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from core.calendar import business_date
from core.errors import PortalError
from core.looks import look_up
from core.money import yuan
from merchants.views.desk import Desk, for_shop, once_by_form, own, page_of, put_errors, shop_page
from prepaid import actions as prepaid
from prepaid.facts import RefundSum, refund_sum, sums_of
from prepaid.forms.console import AgreeForm, RefuseForm
from prepaid.models import Refund
from prepaid.models.refunds import REFUND_LIFECYCLE
from prepaid.views.posting import fresh_key

Status = Refund.Status
OPEN_QUESTION = (Status.REQUESTED, Status.DISPUTED)


@for_shop()
@require_GET
def refunds(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Those to answer first by their clock, then the rest."""
    rows = _own(desk)
    counts = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    chosen = request.GET.get("status", "")
    listed = rows.filter(status=chosen) if chosen in Status.values else rows.exclude(status=Status.REQUESTED)
    shown, before = page_of(listed.select_related("contract__holder", "contract__plan"), request)
    asked: list[Refund] = []
    if not chosen and not request.GET.get("before"):
        waiting = rows.filter(status=Status.REQUESTED).select_related("contract__holder", "contract__plan")
        asked = list(waiting.order_by("answer_due_on", "pk")[:100])
    context = {
        "asked": asked,
        "rows": shown,
        "before": before,
        "chosen": chosen,
        "filters": [("", "全部", sum(counts.values()))]
        + [(one, look_up("refund", one).words("merchant"), counts[one]) for one in Status.values if one in counts],
    }
    return shop_page(request, desk, "prepaid/console/refunds.html", context)


def _own(desk: Desk) -> QuerySet[Refund]:
    return Refund.objects.visible_to(desk.by).filter(merchant=desk.merchant)


def _one(desk: Desk, code: str) -> Refund:
    rows = _own(desk).select_related(
        "contract__holder", "contract__plan", "contract__account", "contract__merchant", "requested_by", "part_of"
    )
    return own(rows, code=code)


def sum_of(refund: Refund, today: date) -> RefundSum:
    """The sum as it stands: made again while the question is open, since visits may have come between."""
    contract = refund.contract
    if refund.status in OPEN_QUESTION:
        found = refund_sum(refund, contract, sums_of(refund, contract, today))
        return replace(found, to_shop_fen=0) if contract.is_frozen else found
    shortfall = getattr(refund, "shortfall", None)
    owed = shortfall.amount_fen if shortfall else 0
    later = max(0, refund.total_fen - refund.amount_fen - owed) if contract.held_fen else 0
    return RefundSum(list(refund.lines), refund.total_fen, refund.amount_fen, later, owed, 0)


@for_shop()
@require_GET
def refund(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """One refund: why, how much line by line, by when to answer, and what each answer does."""
    row = _one(desk, code)
    context = {
        "refund": row,
        "contract": row.contract,
        "sum": sum_of(row, business_date()),
        "steps": REFUND_LIFECYCLE.allowed(row, desk.by),
        "payout": row.payouts.order_by("-pk").first(),
        "shortfall": getattr(row, "shortfall", None),
        "parts": list(row.parts.all()),
        "open": row.status in OPEN_QUESTION,
    }
    return shop_page(request, desk, "prepaid/console/refund.html", context)


@for_shop()
@require_http_methods(["GET", "POST"])
def agree(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Yes, after the effect was read in figures."""
    row = _one(desk, code)
    form = AgreeForm(request.POST or None)
    if request.method == "POST":
        done = _agreed(request, desk, row, form) if form.is_valid() else False
        if done:
            row.refresh_from_db()
            messages.success(request, f"已同意，{yuan(row.amount_fen)} 元由银行退给顾客")
            return redirect("prepaid:merchant_refund", row.code)
    elif "agree" not in REFUND_LIFECYCLE.allowed(row, desk.by):
        return redirect("prepaid:merchant_refund", row.code)
    money = sum_of(row, business_date())
    context = {
        "refund": row,
        "contract": row.contract,
        "sum": money,
        "effect": _effect(money),
        "form": form,
        "key": request.POST.get("key") or fresh_key(),
    }
    return shop_page(request, desk, "prepaid/console/refund_agree.html", context)


def _agreed(request: HttpRequest, desk: Desk, row: Refund, form: AgreeForm) -> bool:
    """Whether it was done; a refusal stands on the form."""
    gift = {"gift_fen": form.cleaned_data["gift_fen"] or 0, "gift_reason": form.cleaned_data["gift_reason"]}
    try:
        once_by_form(request, desk.by, lambda: prepaid.agree_refund(row.pk, by=desk.by, **gift).code)
    except PortalError as error:
        if not error.fields:
            raise
        put_errors(form, error)
        return False
    return True


def _effect(money: RefundSum) -> str:
    said = [f"从锁定的钱里退给顾客 ¥{yuan(money.pays_fen)}，由银行打回付款账户，同意后不能撤回。"]
    if money.to_shop_fen:
        said.append(f"卡里其余 ¥{yuan(money.to_shop_fen)} 付给您。")
    if money.later_fen:
        said.append(f"另有 ¥{yuan(money.later_fen)} 等待确认或有异议的消费了结：认定消费属实归您，否则补退给顾客。")
    if money.owed_fen:
        said.append(f"锁定的钱不够，另有 ¥{yuan(money.owed_fen)} 要您自己付给顾客。")
    return "".join(said)


@for_shop()
@require_http_methods(["GET", "POST"])
def refuse(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """No, with the reason the customer and the officer will read."""
    row = _one(desk, code)
    form = RefuseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer, undisputed = form.cleaned_data["answer"], form.cleaned_data["undisputed_fen"] or 0
        try:
            once_by_form(
                request,
                desk.by,
                lambda: prepaid.refuse_refund(row.pk, answer, undisputed_fen=undisputed, by=desk.by).code,
            )
        except PortalError as error:
            if error.status in (403, 404):
                raise
            put_errors(form, error)
        else:
            first = f"没有争议的 ¥{yuan(undisputed)} 先退，其余" if undisputed else "钱"
            messages.success(request, f"已答复不同意。{first}仍然锁定，顾客可以投诉，由市场监管所处理")
            return redirect("prepaid:merchant_refund", row.code)
    if request.method == "GET" and "refuse" not in REFUND_LIFECYCLE.allowed(row, desk.by):
        return redirect("prepaid:merchant_refund", row.code)
    context = {
        "refund": row,
        "contract": row.contract,
        "sum": sum_of(row, business_date()),
        "form": form,
        "key": request.POST.get("key") or fresh_key(),
    }
    return shop_page(request, desk, "prepaid/console/refund_refuse.html", context)

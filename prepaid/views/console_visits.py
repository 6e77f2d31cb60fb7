"""The shop's visits: the list, and taking back or correcting one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import NotFound, PortalError
from core.money import yuan
from merchants.views.desk import Desk, for_shop, once_by_form, own, page_of, put_errors, shop_page
from prepaid import actions as prepaid
from prepaid.forms.console import CorrectForm
from prepaid.models import MerchantDebt, Visit
from prepaid.models.visits import VISIT_LIFECYCLE
from prepaid.views.console_counter import expected
from prepaid.views.posting import fresh_key

FILTERS = (
    ("", "全部"),
    ("REQUESTED", "待确认"),
    ("DISPUTED", "有异议"),
    ("CONFIRMED", "已确认"),
    ("AUTO_CONFIRMED", "到期视为确认"),
    ("CORRECTED", "已更正"),
    ("CANCELLED", "已撤回"),
)


@for_shop()
@require_GET
def visits(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every visit served here, newest first, by state and by who served."""
    rows = Visit.objects.visible_to(desk.by).filter(merchant=desk.merchant)
    chosen = request.GET.get("status", "")
    if chosen in Visit.Status.values:
        rows = rows.filter(status=chosen)
    by = request.GET.get("staff", "")
    if by.isascii() and by.isdigit() and len(by) < 19:
        rows = rows.filter(staff_id=int(by))
    found, before = page_of(rows.select_related("contract__holder", "contract__plan", "staff", "store"), request)
    context = {
        "rows": [(visit, expected(visit)) for visit in found],
        "before": before,
        "filters": FILTERS,
        "chosen": chosen,
        "by": by,
    }
    return shop_page(request, desk, "prepaid/console/visits.html", context)


def _visit(desk: Desk, code: str) -> Visit:
    rows = Visit.objects.visible_to(desk.by).filter(merchant=desk.merchant)
    return own(
        rows.select_related("contract__holder", "contract__plan", "contract__account", "staff", "store"),
        code=code,
    )


@for_shop()
@require_http_methods(["GET", "POST"])
def visit(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """One visit; asked for, it can be taken back, paid, it can be given back within 15 days."""
    row = _visit(desk, code)
    steps = VISIT_LIFECYCLE.allowed(row, desk.by)
    form = CorrectForm(row, request.POST or None) if "correct" in steps and (row.face_fen or row.times) else None
    if request.method == "POST":
        if request.POST.get("step") == "withdraw":
            once_by_form(request, desk.by, lambda: prepaid.withdraw_visit(row.pk, by=desk.by).code)
            messages.success(request, f"已撤回：{_said(row)}回到顾客卡里，没有付款")
            return redirect("prepaid:counter")
        if form is None:
            raise NotFound
        if form.is_valid():
            given = form.cleaned_data
            try:
                done = once_by_form(
                    request,
                    desk.by,
                    lambda: (
                        prepaid.owe_correction(
                            row.pk,
                            given["reason"],
                            by=desk.by,
                            face_fen=given.get("face") or 0,
                            times=given.get("times") or 0,
                        ).pk
                    ),
                )
            except PortalError as error:
                if "face_fen" in error.fields:
                    error.fields = {("times" if row.times else "face"): error.fields["face_fen"]}
                put_errors(form, error)
            else:
                waits = MerchantDebt.objects.open().filter(pk=done.reference).exists()
                later = "这笔款已经结算给您：已登记，从您下一次的结算里扣出来退回卡里"
                messages.success(request, later if waits else "已更正，退回的已经在顾客卡里")
                return redirect("prepaid:merchant_visit", row.code)
    context = {"visit": row, "expected": expected(row), "steps": steps, "form": form, "key": fresh_key()}
    return shop_page(request, desk, "prepaid/console/visit.html", context)


def _said(visit: Visit) -> str:
    return f"{visit.times} 次" if visit.times else f"{yuan(visit.face_fen)} 元"

"""The shop's side of being an ODR enterprise: asked, answers, or volunteers; and how well it keeps the days."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from complaints import actions as complaints
from complaints.models import OdrEnrolment
from core.calendar import business_date
from core.errors import NotAllowed, NotFound, PortalError
from merchants.views.desk import Desk, for_shop, once_by_form, put_errors, shop_page
from prepaid.views.posting import fresh_key

DONE = {
    "enrol": "已答复愿意参加，等市场监管部门确认。",
    "decline": "已答复不参加。",
    "volunteer": "已申请，等市场监管部门确认。",
}


class DeclineForm(forms.Form):
    """Why not."""

    reason = forms.CharField(
        label="不参加的原因", min_length=5, max_length=300,
        error_messages={"required": "写明原因，至少 5 个字", "min_length": "原因至少写 5 个字"},
    )  # fmt: skip


@for_shop()
@require_GET
def enrolment(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What it means, whether the shop was proposed and why, and its share kept in time."""
    return _page(request, desk, DeclineForm())


def _page(request: HttpRequest, desk: Desk, form: forms.Form) -> HttpResponse:
    rows = OdrEnrolment.objects.filter(merchant=desk.merchant)
    context = {
        "row": rows.live().first(),
        "declined": rows.filter(status=OdrEnrolment.Status.DECLINED).first(),
        "decline": form,
        "form": form,
        "key": fresh_key(),
        "nav_current": "complaints:shop_complaints",
    }
    return shop_page(request, desk, "complaints/console/odr.html", context)


@for_shop()
@require_http_methods(["POST"])
def enrolment_step(request: HttpRequest, desk: Desk, step: str) -> HttpResponse:
    """Take part, do not, or ask to; the boss alone."""
    if step not in DONE:
        raise NotFound
    if not desk.is_owner:
        raise NotAllowed("只有负责人能答复")
    form = DeclineForm(request.POST) if step == "decline" else forms.Form(request.POST)
    if not form.is_valid():
        return _page(request, desk, form)
    try:
        once_by_form(request, desk.by, lambda: _take(desk, step, form))
    except PortalError as error:
        if error.status in (401, 403, 404):
            raise
        put_errors(form, error)
        return _page(request, desk, form)
    messages.success(request, DONE[step])
    return redirect("complaints:odr_enrolment")


def _take(desk: Desk, step: str, form: forms.Form) -> int:
    if step == "volunteer":
        return complaints.volunteer_for_odr(desk.merchant.pk, by=desk.by, on=business_date()).pk
    row = OdrEnrolment.objects.filter(merchant=desk.merchant).live().first()
    if row is None:
        raise NotFound
    if step == "enrol":
        return complaints.enrol_in_odr(row.pk, by=desk.by).pk
    return complaints.decline_odr(row.pk, form.cleaned_data["reason"], by=desk.by).pk

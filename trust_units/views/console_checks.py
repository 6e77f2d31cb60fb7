"""The shop's side of checks: slips to sign for and to put right, removals to answer and to appeal, the plaque."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from core.calendar import business_date
from core.errors import NotFound, PortalError
from core.identifiers import clean_public_code
from merchants.views.desk import Desk, for_shop, once_by_form, own, page_of, put_errors, shop_page
from prepaid.views.posting import fresh_key
from trust_units import actions as trust
from trust_units import marks
from trust_units.actions.removals import ground_label
from trust_units.forms.checks import AppealForm, EvidenceForm, StatementForm
from trust_units.models import REMOVAL_LIFECYCLE, SLIP_LIFECYCLE, FeedbackSlip, Removal

SHOWN = 20
PLACE = ("unit__merchant", "unit__store", "unit__mall", "unit__region")
REFUSED = (401, 403, 404)


@for_shop()
@require_GET
def checks(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The shop's units with their plaques, its slips and its removals."""
    slips = FeedbackSlip.objects.visible_to(desk.by).filter(spot_check__merchant=desk.merchant)
    rows, following = page_of(slips.select_related("spot_check__unit", "spot_check__store"), request)
    units = marks.marked().filter(merchant=desk.merchant)
    context = {
        "units": [(unit, marks.VERDICTS[marks.verdict_of(unit)]) for unit in units],
        "slips": rows,
        "next": following,
        "removals": Removal.objects.filter(unit__merchant=desk.merchant).select_related(*PLACE)[:SHOWN],
        "today": business_date(),
    }  # fmt: skip
    return shop_page(request, desk, "trust_units/console/checks.html", context)


def _slip(desk: Desk, code: str) -> FeedbackSlip:
    rows = FeedbackSlip.objects.visible_to(desk.by).select_related(
        "spot_check__region", "spot_check__merchant", "spot_check__store", "spot_check__unit__mall"
    )
    return own(rows, spot_check__merchant=desk.merchant, code=clean_public_code(code))


@for_shop()
@require_http_methods(["GET"])
def slip(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """One slip: what was found, by when, and what the shop may do now."""
    return _slip_page(request, desk, _slip(desk, code), EvidenceForm())


def _slip_page(request: HttpRequest, desk: Desk, row: FeedbackSlip, form: forms.Form) -> HttpResponse:
    allowed = SLIP_LIFECYCLE.allowed(row, desk.by)
    context = {
        "slip": row,
        "form": form,
        "photos": row.photos.select_related("file"),
        "may_acknowledge": "acknowledge" in allowed,
        "may_submit": "submit" in allowed,
        "key": fresh_key(),
        "today": business_date(),
    }
    return shop_page(request, desk, "trust_units/console/slip.html", context)


@for_shop()
@require_http_methods(["POST"])
def slip_step(request: HttpRequest, desk: Desk, code: str, step: str) -> HttpResponse:
    """Sign for it, or send what was put right; what is refused stands on the form."""
    row = _slip(desk, code)
    if step not in ("acknowledge", "submit"):
        raise NotFound
    form = EvidenceForm(request.POST, request.FILES) if step == "submit" else None
    if form is not None and not form.is_valid():
        return _slip_page(request, desk, row, form)
    try:
        once_by_form(request, desk.by, lambda: _take(desk, row, form))
    except PortalError as error:
        if form is None or error.status in REFUSED:
            raise
        put_errors(form, error)
        return _slip_page(request, desk, row, form)
    messages.success(request, "已提交，等监管人员实地复核" if form else "已签收，请在期限内整改")
    return redirect("trust_units:shop_slip", row.code)


def _take(desk: Desk, row: FeedbackSlip, form: forms.Form | None) -> int:
    if form is None:
        return trust.acknowledge_slip(row.pk, by=desk.by).pk
    return trust.submit_evidence(row.pk, form.cleaned_data["text"], form.cleaned_data["photos"], by=desk.by).pk


def _removal(desk: Desk, pk: int) -> Removal:
    rows = Removal.objects.visible_to(desk.by).select_related(*PLACE)
    return own(rows, unit__merchant=desk.merchant, pk=pk)


@for_shop()
@require_http_methods(["GET"])
def removal(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """One removal: why, and how one answers or appeals."""
    row = _removal(desk, pk)
    return _removal_page(request, desk, row, _form_of(row)())


def _form_of(row: Removal) -> Any:
    return StatementForm if row.status == Removal.Status.PROPOSED else AppealForm


def _removal_page(request: HttpRequest, desk: Desk, row: Removal, form: forms.Form) -> HttpResponse:
    allowed = REMOVAL_LIFECYCLE.allowed(row, desk.by)
    open_until = row.appeal_due_on if "appeal" in allowed else None
    context = {
        "removal": row,
        "ground": ground_label(row.ground),
        "form": form,
        "may_state": "state" in allowed,
        "may_appeal": open_until is not None and open_until >= business_date(),
        "key": fresh_key(),
        "today": business_date(),
    }
    return shop_page(request, desk, "trust_units/console/removal.html", context)


@for_shop()
@require_http_methods(["POST"])
def removal_step(request: HttpRequest, desk: Desk, pk: int, step: str) -> HttpResponse:
    """State one's case before the decision, or appeal against it."""
    row = _removal(desk, pk)
    if step not in ("state", "appeal"):
        raise NotFound
    form = StatementForm(request.POST) if step == "state" else AppealForm(request.POST, request.FILES)
    if not form.is_valid():
        return _removal_page(request, desk, row, form)
    data = form.cleaned_data
    try:
        if step == "state":
            once_by_form(request, desk.by, lambda: trust.state_case(row.pk, data["text"], by=desk.by).pk)
        else:
            once_by_form(
                request, desk.by,
                lambda: trust.appeal_removal(row.pk, data["text"], upload=data["file"], by=desk.by).pk,
            )  # fmt: skip
    except PortalError as error:
        if error.status in REFUSED:
            raise
        put_errors(form, error)
        return _removal_page(request, desk, row, form)
    messages.success(request, "已提交，决定后会短信告诉您")
    return redirect("trust_units:shop_removal", row.pk)


@for_shop()
@require_GET
def plaque(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """The plaque to print and hang up; its code answers live."""
    unit = own(marks.marked(), merchant=desk.merchant, code=clean_public_code(code))
    return render(request, "trust_units/console/plaque.html", {"unit": unit, "desk": desk, "merchant": desk.merchant})

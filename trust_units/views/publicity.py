"""Publicity (公示): which units are about to enter the pool, and what anybody knows against them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from core.actors import Actor
from core.calendar import business_date
from core.errors import NotFound, PortalError
from core.identifiers import clean_public_code
from core.uploads import store as keep_file
from merchants.views.desk import page_of, put_errors
from trust_units import actions as trust
from trust_units.forms.declarations import ObjectionForm
from trust_units.models import Declaration

NAV = {"nav_current": "trust_units:units"}


@login_not_required
@require_GET
def publicity(request: HttpRequest) -> HttpResponse:
    """Every unit in publicity, the newest first."""
    rows = Declaration.objects.filter(status=Declaration.Status.PUBLICITY, public_until__gte=business_date())
    shown, following = page_of(rows.select_related("unit__merchant", "unit__store", "unit__mall"), request)
    return render(request, "trust_units/publicity.html", {**NAV, "rows": shown, "next": following})


@login_not_required
@require_http_methods(["GET", "POST"])
def declared(request: HttpRequest, code: str) -> HttpResponse:
    """One of them: what it promises, what it answered; who signs in may object."""
    rows = Declaration.objects.filter(status=Declaration.Status.PUBLICITY, public_until__gte=business_date())
    row = (
        rows.select_related("unit__merchant", "unit__store", "unit__mall").filter(code=clean_public_code(code)).first()
    )
    if row is None:
        raise NotFound("没有这份公示，或者公示已经结束")
    form = ObjectionForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        by, given = Actor.of(request), form.cleaned_data
        try:
            proof = keep_file(given["evidence"], title="异议材料", by=by) if given["evidence"] else None
            trust.object_to(row.code, given["text"], by=by, evidence=proof)
        except PortalError as error:
            if error.status in (401, 403, 404):
                raise
            put_errors(form, error)
        else:
            messages.success(request, "已收到您的意见，核实后短信答复您")
            return redirect("trust_units:declared", row.code)
    context = {**NAV, "row": row, "answers": row.answers.all(), "form": form}
    return render(request, "trust_units/declared.html", context, status=400 if form.errors else 200)

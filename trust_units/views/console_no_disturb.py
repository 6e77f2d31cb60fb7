"""Asking for the no-disturb list from the console; where one stands is on the page of trust units."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from core.errors import PortalError
from merchants.views.desk import Desk, for_shop, once_by_form
from trust_units import actions as trust


@for_shop()
@require_POST
def apply(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Ask the county."""
    try:
        once_by_form(request, desk.by, lambda: trust.apply_no_disturb(desk.merchant.pk, by=desk.by).pk)
    except PortalError as error:
        if error.status in (401, 403, 404):
            raise
        messages.error(request, error.message)
    else:
        messages.success(request, "已申请，等监管部门决定")
    return redirect("trust_units:shop_units")

"""The shop's first page: what is waiting for it, the most urgent first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from core.calendar import business_date
from merchants.views.desk import Desk, for_shop, shop_page
from portal import todo
from prepaid.views.console_money import money_of


@require_GET
def console(request: HttpRequest) -> HttpResponse:
    """The console begins with what is to be done."""
    return redirect("portal:merchant_todo")


@for_shop(unapproved=True)
@require_GET
def merchant_todo(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One page: refunds with their clocks, disputed visits, limits, offers nobody signed, visits that wait."""
    today = business_date()
    parts = todo.parts(desk, today)
    context = {
        "today": today,
        **parts,
        "money": money_of(desk.merchant, today) if desk.is_open else None,
        "nothing": desk.is_open and not any(parts.values()),
    }
    return shop_page(request, desk, "portal/merchant_todo.html", context)

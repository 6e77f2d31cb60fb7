"""What the public reads of complaints against a shop that are over, with the shop's own words beside them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from complaints.public_record import public_ones, record_of
from merchants.models import LISTED, Merchant
from merchants.views.desk import own, page_of


@login_not_required
@require_GET
def shop_records(request: HttpRequest, code: str) -> HttpResponse:
    """The published records of one shop, newest first (第38条)."""
    shops = Merchant.objects.filter(status__in=[*LISTED, Merchant.Status.EXITED])
    merchant = own(shops, public_code=code)
    rows, before = page_of(public_ones(merchant), request)
    context = {"merchant": merchant, "rows": rows, "before": before, "record": record_of(merchant)}
    return render(request, "complaints/records.html", context)

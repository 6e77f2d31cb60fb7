"""How well the bank's statement and our books agree, day by day, for everybody."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from core.errors import Invalid
from prepaid.models import DailyEquation

DAYS_A_PAGE = 31


@login_not_required
@require_GET
def match_rates(request: HttpRequest) -> HttpResponse:
    """The newest days, each with how many of the bank's entries were found. Raises Invalid for a day that is none."""
    rows = DailyEquation.objects.published().order_by("-on")
    before = request.GET.get("before", "")
    if before:
        try:
            day = parse_date(before)
        except ValueError:
            day = None
        if day is None:
            raise Invalid(fields={"before": "日期写成 2026-11-21 这样"})
        rows = rows.filter(on__lt=day)
    found = list(rows[: DAYS_A_PAGE + 1])
    context = {
        "days": found[:DAYS_A_PAGE],
        "older": found[DAYS_A_PAGE - 1].on.isoformat() if len(found) > DAYS_A_PAGE else "",
        "before": before,
    }
    return render(request, "prepaid/proofs/match_rates.html", context)

"""The bureaus' own lateness, for everybody; and a shop's causes of complaints, for the shop."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from complaints import lateness as late
from complaints.figures_reports import month_of, months, period_of
from complaints.models import LatenessRollup
from complaints.public_record import causes_of
from core.errors import NotFound
from core.models import Region
from merchants.views.desk import Desk, for_shop, shop_page


@login_not_required
@require_GET
def lateness(request: HttpRequest) -> HttpResponse:
    """A month of every county, or one county limit by limit and month by month."""
    known = months()
    month = month_of(request.GET.get("month", ""), known)
    code, after = request.GET.get("county", "")[:12], request.GET.get("after", "")[:12]
    context: dict[str, Any] = {
        "months": known,
        "month": month,
        "period": period_of(month) if month else "",
        "after": after,
    }
    if month and code:
        county = Region.objects.filter(pk=code).first()
        if county is None or not LatenessRollup.objects.filter(county=code).exists():
            raise NotFound
        context |= {
            "county": county,
            "limits": late.by_limit(month, code),
            "past": late.by_month(code, month.month),
        }
    elif month:
        context["counties"], context["more"] = late.counties(month, after)
    return render(request, "complaints/lateness.html", context)


@for_shop()
@require_GET
def shop_causes(request: HttpRequest, desk: Desk) -> HttpResponse:
    """投诉事由: why people complained of the shop in twelve months, beside its trade in the city."""
    return shop_page(request, desk, "complaints/console_causes.html", {"causes": causes_of(desk.merchant)})

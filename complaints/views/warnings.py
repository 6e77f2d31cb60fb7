"""What the bureau tells the public: consumer warnings, typical cases, penalties on public view."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from complaints.models import ConsumerWarning, EnforcementCase, TypicalCase
from core.calendar import business_date
from core.errors import NotFound
from core.identifiers import clean_public_code
from merchants.views.desk import page_of


def _page(request: HttpRequest, template: str, rows: QuerySet[Any]) -> HttpResponse:
    found, following = page_of(rows, request)
    return render(request, template, {"nav_current": "portal:shops", "rows": found, "next": following})


@login_not_required
@require_GET
def warnings(request: HttpRequest) -> HttpResponse:
    """Every warning that stands, the newest first."""
    rows = ConsumerWarning.objects.public().select_related("merchant", "industry", "region")
    return _page(request, "complaints/warnings/list.html", rows)


@login_not_required
@require_GET
def warning(request: HttpRequest, code: str) -> HttpResponse:
    """One warning, with the shop's reply beside it."""
    rows = ConsumerWarning.objects.filter(status__in=["PUBLISHED", "WITHDRAWN"], published_at__isnull=False)
    row = rows.select_related("merchant", "industry", "region").filter(code=clean_public_code(code)).first()
    if row is None:
        raise NotFound
    return render(request, "complaints/warnings/warning.html", {"nav_current": "portal:shops", "warning": row})


@login_not_required
@require_GET
def typical_cases(request: HttpRequest) -> HttpResponse:
    """Cases to learn from; nobody in them is named."""
    rows = TypicalCase.objects.public().select_related("industry", "region")
    return _page(request, "complaints/warnings/typical_cases.html", rows)


@login_not_required
@require_GET
def penalties(request: HttpRequest) -> HttpResponse:
    """Penalties, for as long as they are to be shown."""
    rows = EnforcementCase.objects.public(business_date()).select_related("report__merchant", "report__region")
    return _page(request, "complaints/warnings/penalties.html", rows)

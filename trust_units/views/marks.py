"""What a scan of the plaque opens: the mark as it is this second. Never cached by anybody."""

from __future__ import annotations

from io import BytesIO

import segno
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET

from core.identifiers import clean_public_code
from trust_units import marks
from trust_units.models import TrustUnit


def unit_by_code(code: str) -> TrustUnit:
    """The unit on the plaque, however its code was typed. Raises Http404, also for what never held any trust."""
    unit = marks.marked().filter(code=clean_public_code(code)).first()
    if unit is None or (unit.status == TrustUnit.Status.SELECTION and not unit.removals.exists()):
        raise Http404
    return unit


def _unkept(response: HttpResponse) -> HttpResponse:
    """A mark on a screen is only good while it is fresh."""
    patch_cache_control(response, no_store=True)
    return response


@login_not_required
@require_GET
def mark(request: HttpRequest, code: str) -> HttpResponse:
    """Good or not, in one word that can be read at arm's length; then the particulars."""
    unit = unit_by_code(code)
    told = marks.words(unit)
    context = {
        "unit": unit,
        "mark": told,
        "verdict": marks.VERDICTS[told["verdict"]],
        "custody": marks.CUSTODY[told["custody"]],
        "removal": marks.removal_of(unit),
        "is_good": told["verdict"] == marks.GOOD,
    }
    return _unkept(render(request, "trust_units/mark.html", context))


@login_not_required
@require_GET
def mark_json(request: HttpRequest, code: str) -> HttpResponse:
    """The same, signed; docs/verify/check_mark.py checks it offline."""
    told = marks.signed(marks.words(unit_by_code(code)))
    answer = JsonResponse(told, json_dumps_params={"ensure_ascii": False})
    answer["Access-Control-Allow-Origin"] = "*"
    return _unkept(answer)


@login_not_required
@require_GET
def mark_qr(request: HttpRequest, code: str) -> HttpResponse:
    """The QR code of the plaque."""
    address = settings.PUBLIC_URL + reverse("trust_units:mark", args=[unit_by_code(code).code])
    picture = BytesIO()
    segno.make(address, error="q").save(picture, kind="svg", scale=8, border=3, light="#fff", dark="#000")
    return _unkept(HttpResponse(picture.getvalue(), content_type="image/svg+xml"))

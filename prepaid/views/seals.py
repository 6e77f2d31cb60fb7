"""What is public about the ledger: every day's seal, the keys, and a page where anybody checks a receipt."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_GET

from core import signing_keys
from core.errors import Invalid
from prepaid import proofs
from prepaid.models import Seal

DAYS_A_PAGE = 31


def _version(request: HttpRequest, *args: Any) -> str:
    """Changes when another day is sealed."""
    newest = Seal.objects.order_by("-biz_date").first()
    return f'"{bytes(newest.head or b"").hex() if newest else "none"}"'


def published() -> list[dict[str, Any]]:
    """Every seal as it is signed, oldest first."""
    found, head = [], proofs.NOTHING
    for seal in Seal.objects.order_by("biz_date"):
        found.append(seal.words(head))
        head = bytes(seal.head or proofs.NOTHING)
    return found


@login_not_required
@require_GET
def roots(request: HttpRequest) -> HttpResponse:
    """The newest days with their roots, and what they are good for. Raises Invalid for a day that is none."""
    rows = Seal.objects.order_by("-biz_date")
    before = request.GET.get("before", "")
    if before:
        try:
            day = parse_date(before)
        except ValueError:
            day = None
        if day is None:
            raise Invalid(fields={"before": "日期写成 2026-11-21 这样"})
        rows = rows.filter(biz_date__lt=day)
    found = list(rows[: DAYS_A_PAGE + 1])
    context = {
        "seals": found[:DAYS_A_PAGE],
        "older": found[DAYS_A_PAGE - 1].biz_date.isoformat() if len(found) > DAYS_A_PAGE else "",
        "before": before,
        "key": signing_keys.current_key(),
    }
    return render(request, "prepaid/proofs/roots.html", context)


@login_not_required
@require_GET
@cache_control(public=True, no_cache=True)
@condition(etag_func=_version)
def roots_json(request: HttpRequest) -> HttpResponse:
    """All seals in one file that the offline verifier reads."""
    text = proofs.document({"format": proofs.ROOTS, "seals": published()})
    return HttpResponse(text, content_type="application/json")


@login_not_required
@require_GET
@cache_control(public=True, max_age=300)
def keys_json(request: HttpRequest) -> HttpResponse:
    """Every public key that signed or signs, the one in use first."""
    rows = [{"kid": kid, "public_key": key.hex()} for kid, key in signing_keys.public_keys().items()]
    return JsonResponse({"keys": rows})


@login_not_required
@require_GET
def verify(request: HttpRequest) -> HttpResponse:
    """Drop a receipt here: the browser itself checks it, nothing is sent to us."""
    keys = [key.hex() for key in signing_keys.public_keys().values()]
    return render(request, "prepaid/proofs/verify.html", {"keys": keys})


@login_not_required
@require_GET
@cache_control(public=True, max_age=300)
def verifier(request: HttpRequest) -> FileResponse:
    """The same check as a short program that needs no network."""
    path = settings.BASE_DIR / "docs" / "verify" / "verify.py"
    return FileResponse(path.open("rb"), as_attachment=True, filename="verify.py", content_type="text/x-python")

"""The draws and removals on public view: lists, seeds and samples that anybody replays, reasons that anybody reads."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_GET

from core.errors import Invalid
from merchants.views.desk import page_of
from trust_units import draws
from trust_units.actions.draws import list_of
from trust_units.actions.removals import ground_label
from trust_units.models import Draw, Removal

DAYS_A_PAGE = 31


def _draw(day: str) -> Draw:
    """The draw of a day. Raises Http404."""
    on = draws.day_of(day)
    found = Draw.objects.filter(day=on).select_related("plan").first() if on else None
    if found is None:
        raise Http404
    return found


def published(draw: Draw) -> dict[str, Any]:
    """A draw as it is published; before the seed is known only the list and its hash."""
    return {
        "format": draws.FORMAT,
        "day": draw.day.isoformat(),
        "candidates": draw.candidates,
        "quota": draw.quota,
        "list_sha256": draw.list_sha256,
        "published_at": draw.published_at.isoformat(),
        "nonce": draw.nonce,
        "seed_day": draw.seed_day.isoformat() if draw.seed_day else None,
        "merkle_root": draw.merkle_root,
        "sealed_at": draw.sealed_at.isoformat() if draw.sealed_at else None,
        "list_published_before_seed": draw.is_blind,
        "seed": draw.seed,
        "drawn_at": draw.drawn_at.isoformat() if draw.drawn_at else None,
        "sample": draw.sample,
    }


@login_not_required
@require_GET
def draw_list(request: HttpRequest) -> HttpResponse:
    """The newest draws, and how one replays them. Raises Invalid for a day that is none."""
    rows, before = Draw.objects.select_related("plan").order_by("-day"), request.GET.get("before", "")
    if before:
        day = draws.day_of(before)
        if day is None:
            raise Invalid(fields={"before": "日期写成 2026-11-21 这样"})
        rows = rows.filter(day__lt=day)
    found = list(rows[: DAYS_A_PAGE + 1])
    older = found[DAYS_A_PAGE - 1].day.isoformat() if len(found) > DAYS_A_PAGE else ""
    context = {"draws": found[:DAYS_A_PAGE], "older": older, "before": before}
    return render(request, "trust_units/draws.html", context)


@login_not_required
@require_GET
def draw_page(request: HttpRequest, day: str) -> HttpResponse:
    """One draw: what was published when, the seed, and what came of the units that were drawn."""
    draw = _draw(day)
    checks = draw.checks.select_related("unit__merchant", "unit__store", "unit__mall", "merchant", "store")
    rows, following = page_of(checks, request)
    context = {"draw": draw, "checks": rows, "next": following, "total": len(draw.sample)}
    return render(request, "trust_units/draw.html", context)


@login_not_required
@require_GET
@cache_control(public=True, no_cache=True)
def draw_json(request: HttpRequest, day: str) -> JsonResponse:
    """The same for the offline script."""
    return JsonResponse(published(_draw(day)), json_dumps_params={"ensure_ascii": False, "indent": 1})


def _list_version(request: HttpRequest, day: str) -> str:
    return f'"{_draw(day).list_sha256}"'


@login_not_required
@require_GET
@cache_control(public=True, no_cache=True)
@condition(etag_func=_list_version)
def draw_file(request: HttpRequest, day: str) -> HttpResponse:
    """The candidate list byte for byte, as its hash was published."""
    return HttpResponse(list_of(_draw(day)), content_type="text/plain; charset=utf-8")


@login_not_required
@require_GET
@cache_control(public=True, max_age=300)
def replayer(request: HttpRequest) -> FileResponse:
    """The short program that replays a draw without a network."""
    path = settings.BASE_DIR / "docs" / "verify" / "replay_draw.py"
    return FileResponse(path.open("rb"), as_attachment=True, filename="replay_draw.py", content_type="text/x-python")


@login_not_required
@require_GET
def removals(request: HttpRequest) -> HttpResponse:
    """Who lost the mark, when and why; appeals that held are said so."""
    shown = Removal.objects.filter(removed_at__isnull=False).select_related(
        "unit__merchant", "unit__store", "unit__mall", "unit__region"
    )
    rows, following = page_of(shown, request)
    context = {"rows": [(row, ground_label(row.ground)) for row in rows], "next": following}
    return render(request, "trust_units/removals.html", context)

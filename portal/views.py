"""Public pages, and where people land after signing in."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from portal import reports


@login_not_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The first page: search, three doors, and the district's figures from the ledger."""
    return render(request, "portal/home.html", {"overview": reports.overview()})


@require_GET
def after_sign_in(request: HttpRequest) -> HttpResponse:
    """Officers to the workbench, shops to their list of things to do, everybody else to their cards."""
    access = request.user.access  # type: ignore[union-attr]
    if access.is_regulator:
        return redirect("admin:index")
    if access.merchants():
        return redirect("portal:merchant_todo")
    return redirect("prepaid:my_prepaid")


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light or dark, remembered in a cookie; works without JavaScript."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = redirect(target)
    wanted = "dark" if request.POST.get("to") == "dark" else "light"
    response.set_cookie("theme", wanted, max_age=365 * 86400, samesite="Lax", secure=settings.IS_PROD)
    return response


@login_not_required
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"ok": True})


@login_not_required
@require_GET
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers, is safe (fsync, synchronous commit), and has next month's partitions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('fsync') = 'on' AND current_setting('synchronous_commit') = 'on',"
            " to_regclass('audit_event_' || to_char(now() + interval '1 month', 'YYYYMM')) IS NOT NULL"
        )
        durable, next_month = cursor.fetchone()
    ready = durable and next_month
    return JsonResponse({"ok": ready, "durable": durable, "partitions": next_month}, status=200 if ready else 503)

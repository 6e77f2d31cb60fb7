"""Public pages, and where people land after signing in."""

from __future__ import annotations

from io import BytesIO

import segno
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from core.actors import Actor
from core.identifiers import clean_public_code
from core.models import Industry, Region, SmsMessage
from merchants.models import Merchant
from portal import reports
from prepaid import actions as prepaid
from prepaid.models import Plan
from prepaid.statements import frozen_merchants

SHOPS_A_PAGE = 20
MESSAGES_SHOWN = 50
COOKIES = {"theme": ("light", "dark"), "size": ("normal", "large")}


@login_not_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The first page: search, three doors, and the district's figures from the ledger."""
    return render(
        request,
        "portal/home.html",
        {"overview": reports.overview(), "restrictions": reports.restricted_lately()},
    )


@login_not_required
@require_GET
def shops(request: HttpRequest) -> HttpResponse:
    """Shops on public view: by name, brand or address, region and trade; each with three figures."""
    chosen = {name: request.GET.get(name, "").strip()[:60] for name in ("q", "region", "industry", "before")}
    found = reports.find_shops(chosen["q"], chosen["region"], chosen["industry"])
    page = found.filter(pk__lt=int(chosen["before"])) if chosen["before"].isdecimal() else found
    rows = list(page[: SHOPS_A_PAGE + 1])
    more, rows = len(rows) > SHOPS_A_PAGE, rows[:SHOPS_A_PAGE]
    figures, frozen = reports.shop_figures(row.pk for row in rows), frozen_merchants(row.pk for row in rows)
    public = Merchant.objects.public()
    return render(
        request,
        "portal/shops.html",
        {
            "chosen": chosen,
            "filtered": any(chosen[name] for name in ("q", "region", "industry")),
            "total": found.count(),
            "rows": [(row, figures[row.pk], row.pk in frozen) for row in rows],
            "next": rows[-1].pk if more else None,
            "regions": Region.objects.filter(pk__in=public.values("region")),
            "industries": Industry.objects.filter(pk__in=public.values("industry")),
        },
    )


def _shop(code: str) -> Merchant:
    """The shop on public view with this code, however it was typed. Raises Http404."""
    shop = Merchant.objects.public().filter(public_code=clean_public_code(code))
    found = shop.select_related("industry", "region").first()
    if found is None:
        raise Http404
    return found


@login_not_required
@require_GET
def shop(request: HttpRequest, code: str) -> HttpResponse:
    """One shop: may it sell, where is the money, what does it offer, where are its stores."""
    merchant = _shop(code)
    prepaid.count_offer_view(merchant, by=Actor.of(request))
    return render(
        request,
        "portal/shop.html",
        {
            "nav_current": "portal:shops",
            "shop": merchant,
            "stores": list(merchant.stores.select_related("region", "mall").order_by("-is_open", "id")),
            "plans": Plan.objects.on_sale().filter(merchant=merchant).order_by("price_fen"),
            "figures": reports.shop_figures([merchant.pk])[merchant.pk],
            "restrictions": merchant.restrictions.filter(lifted_at=None),
            "frozen": merchant.pk in frozen_merchants([merchant.pk]),
            "refund_days": reports.REFUND_DAYS,
        },
    )


@login_not_required
@require_GET
@cache_control(public=True, max_age=86400)
def shop_qr(request: HttpRequest, code: str) -> HttpResponse:
    """The QR code of a shop's page, to print and hang up."""
    address = settings.PUBLIC_URL + reverse("portal:shop", args=[_shop(code).public_code])
    picture = BytesIO()
    segno.make(address, error="m").save(picture, kind="svg", scale=6, border=3, light="#fff", dark="#000")
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml")


@login_not_required
@require_GET
def demo_messages(request: HttpRequest) -> HttpResponse:
    """The short messages that would have gone out; of the demo only."""
    if settings.IS_PROD:
        raise Http404
    messages = SmsMessage.objects.order_by("-pk")[:MESSAGES_SHOWN]
    return render(request, "portal/demo_messages.html", {"rows": messages, "shown": MESSAGES_SHOWN})


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
    """Light or dark, normal or large type, remembered in cookies; works without JavaScript."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = redirect(target)
    for cookie, wanted in (("theme", request.POST.get("to")), ("size", request.POST.get("size"))):
        if wanted in COOKIES[cookie]:
            response.set_cookie(cookie, wanted, max_age=365 * 86400, samesite="Lax", secure=settings.IS_PROD)
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

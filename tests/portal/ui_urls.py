"""Addresses enough to draw every frame of the portal, without the pages behind them."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, include, path

from portal.patterns import patterns

Routes = list[URLPattern | URLResolver]


@login_not_required
def blank(request: HttpRequest) -> HttpResponse:
    """A page with nothing in it."""
    return HttpResponse()


@login_not_required
def frame(request: HttpRequest, name: str) -> HttpResponse:
    """A bare frame by template name."""
    return render(request, f"{name}.html")


def named(app: str, *names: str) -> Routes:
    """One blank page per name."""
    routes: Routes = [path(f"{app}/{name}/", blank, name=name) for name in names]
    return routes


PREPAID = (
    "my_prepaid",
    "counter",
    "merchant_contracts",
    "merchant_refunds",
    "merchant_plans",
    "merchant_money",
    "merchant_filing",
    "roots",
    "match_rates",
    "clauses",
    "mall",
    "mall_measures",
    "counter_switch",
)
COMPLAINTS = ("start", "warnings", "lateness", "shop_complaints", "merchant_supervision")
TRUST = ("units", "draws", "removals", "shop_units")
PORTAL: Routes = [
    path("", patterns, name="home"),
    *named("portal", "theme", "shops", "merchant_todo", "refund_calculator"),
]

urlpatterns: Routes = [
    path("patterns/", patterns),
    path("frame/<path:name>", frame),
    path("admin/", admin.site.urls),
    path("", include((PORTAL, "portal"))),
    path("", include((named("core", "sign_in", "sign_out", "account"), "core"))),
    path("", include((named("prepaid", *PREPAID), "prepaid"))),
    path("", include((named("merchants", "console_profile", "choose_shop"), "merchants"))),
    path("", include((named("complaints", *COMPLAINTS), "complaints"))),
    path("", include((named("trust_units", *TRUST), "trust_units"))),
]

"""Steps that count as the consumer's word: one tap on a phone we know, else a code first."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from core import actions as core
from core.calendar import business_date
from core.errors import Invalid, PortalError
from core.models import User
from core.views import DEVICE_COOKIE, PROVED_AT
from prepaid.forms.consumer import ProveForm
from prepaid.models import Signature
from prepaid.recall import names_it, shop_to_recall
from prepaid.views.posting import show_on

PURPOSE = "my_word"
DEMO_CODE = "proof_code"
PROOF_SECONDS = 600
RECALLED = "recalled"

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponse]


def is_known(request: HttpRequest) -> bool:
    """Whether this browser is trusted for 90 days, or the phone was proved in it minutes ago."""
    assert isinstance(request.user, User)
    if core.device_is_trusted(request.user, request.COOKIES.get(DEVICE_COOKIE, "")):
        return True
    if time.time() - request.session.get(PROVED_AT, 0) >= PROOF_SECONDS:
        return False
    return bool(request.session.get(RECALLED)) or shop_to_recall(request.user, business_date()) is None


def proof_of(request: HttpRequest) -> str:
    """How the one who signs was known, as a signature keeps it."""
    fresh = time.time() - request.session.get(PROVED_AT, 0) < PROOF_SECONDS
    return Signature.Method.PHONE_CODE if fresh else Signature.Method.TRUSTED_DEVICE


def on_known_device(view: View[Rest]) -> View[Rest]:
    """A POST from a browser we do not know asks for a phone code, then comes back to the page of the step."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        if request.method == "POST" and not is_known(request):
            return redirect(f"{resolve_url('prepaid:prove')}?{urlencode({'next': request.path})}")
        return view(request, *args, **kwargs)

    return guarded


def _next(request: HttpRequest) -> str:
    target = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else resolve_url("prepaid:my_prepaid")


@require_http_methods(["GET", "POST"])
def prove(request: HttpRequest) -> HttpResponse:
    """Send a code to the phone of the one who is signed in, and take it."""
    assert isinstance(request.user, User)
    shop = None if request.session.get(RECALLED) else shop_to_recall(request.user, business_date())
    sent, form = bool(request.POST), ProveForm(request.POST if "code" in request.POST else None)
    if shop is None:
        del form.fields["shop"]
    if request.POST.get("send"):
        try:
            code = core.send_phone_code(request.user.phone, PURPOSE)
        except PortalError as error:
            sent, form = False, ProveForm({})
            form.errors.clear()
            show_on(form, error)
        else:
            if settings.SMS_BACKEND == "console":
                request.session[DEMO_CODE] = code
    elif form.is_bound and form.is_valid():
        try:
            core.check_phone_code(request.user.phone, PURPOSE, form.cleaned_data["code"])
            if shop is not None and not names_it(form.cleaned_data["shop"], shop):
                raise Invalid(fields={"shop": "和记录不一致。想不起来的，请带身份证到店里或者市场监管所办"})
        except PortalError as error:
            show_on(form, error)
        else:
            request.session[RECALLED] = True
            return _proved(request, trust=form.cleaned_data["trust"])
    context: dict[str, Any] = {
        "form": form,
        "sent": sent,
        "phone": request.user.masked_phone,
        "demo_code": request.session.get(DEMO_CODE) if sent else None,
        "back": _next(request),
        "nav_current": "prepaid:my_prepaid",
    }
    return render(request, "prepaid/consumer/prove.html", context, status=400 if form.errors else 200)


def _proved(request: HttpRequest, *, trust: bool) -> HttpResponse:
    """Remember the proof: for minutes in the session, for 90 days in a cookie if asked."""
    request.session.pop(DEMO_CODE, None)
    request.session[PROVED_AT] = int(time.time())
    response = redirect(_next(request))
    if trust:
        token = core.trust_device(request.user.pk or 0, request.headers.get("User-Agent", ""))
        response.set_cookie(
            DEVICE_COOKIE,
            token,
            max_age=core.DEVICE_DAYS * 86400,
            httponly=True,
            secure=settings.IS_PROD,
            samesite="Lax",
        )
    return response

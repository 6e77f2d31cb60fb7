"""Signing in and out."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from core import actions as core
from core.errors import PortalError
from core.forms import CodeForm, PhoneForm, SignInForm
from core.models import User

DEVICE_COOKIE = "device"
PENDING_PHONE = "pending_phone"
PROVED_AT = "proved_at"
BACKEND = "core.auth.PhoneBackend"


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open too long, or the form came from elsewhere."""
    return render(request, "403_csrf.html", status=403)


def next_page(request: HttpRequest) -> str:
    """Where to go after signing in: only to our own pages."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return resolve_url(settings.LOGIN_REDIRECT_URL)


@login_not_required
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Phone and password (shops and bureaus)."""
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = authenticate(request, **form.cleaned_data)
        if user is not None:
            login(request, user)
            return redirect(next_page(request))
        form.add_error("password", "手机号或密码不对。连续错 5 次要等 15 分钟")
    return _page(request, "core/sign_in.html", form, next=request.GET.get("next", ""))


@login_not_required
def sign_in_by_phone(request: HttpRequest) -> HttpResponse:
    """Phone and code, step one: where to send it (consumers)."""
    form = PhoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            code = core.send_phone_code(form.cleaned_data["phone"], "sign_in")
        except PortalError as error:
            form.add_error("phone", error.fields.get("phone", error.message))
        else:
            request.session[PENDING_PHONE] = form.cleaned_data["phone"]
            if settings.SMS_BACKEND == "console":
                # No message leaves the demo: the next page shows what it would have said.
                request.session["demo_code"] = code
            return redirect(f"{resolve_url('core:sign_in_code')}?{urlencode({'next': next_page(request)})}")
    return _page(request, "core/sign_in_phone.html", form, next=request.GET.get("next", ""))


@login_not_required
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """Phone and code, step two. The first time activates the account a shop opened for this phone."""
    phone = request.session.get(PENDING_PHONE)
    if not phone:
        return redirect("core:sign_in_phone")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            e164 = core.check_phone_code(phone, "sign_in", form.cleaned_data["code"])
        except PortalError as error:
            form.add_error("code", error.fields.get("code", error.message))
        else:
            return _welcome(request, User.objects.enrol(e164), trust=form.cleaned_data["trust"])
    return _page(
        request,
        "core/sign_in_code.html",
        form,
        phone=phone,
        demo_code=request.session.get("demo_code"),
        next=request.GET.get("next", ""),
    )


def _welcome(request: HttpRequest, user: User, *, trust: bool) -> HttpResponse:
    """Start the session; remember the device if asked."""
    target = next_page(request)
    login(request, user, backend=BACKEND)
    # The code just proved the phone: the first confirmation needs no second one.
    request.session[PROVED_AT] = int(time.time())
    for key in (PENDING_PHONE, "demo_code"):
        request.session.pop(key, None)
    response = redirect(target)
    if trust:
        token = core.trust_device(user.pk, request.headers.get("User-Agent", ""))
        response.set_cookie(
            DEVICE_COOKIE,
            token,
            max_age=core.DEVICE_DAYS * 86400,
            httponly=True,
            secure=settings.IS_PROD,
            samesite="Lax",
        )
    return response


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session on the server."""
    logout(request)
    return redirect("portal:home")


def _page(request: HttpRequest, template: str, form: Any, **extra: Any) -> HttpResponse:
    return render(request, template, {"form": form, **extra}, status=400 if form.errors else 200)

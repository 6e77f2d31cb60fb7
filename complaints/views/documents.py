"""Official forms on paper, and the public check whether a form is genuine."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from complaints import actions as complaints
from complaints.models import IssuedDocument
from core import throttle
from core.actors import Actor
from core.transactions import durably

CHECKS_A_MINUTE = 20


class CheckForm(forms.Form):
    """What stands on the paper."""

    number = forms.CharField(
        label="文号",
        max_length=60,
        help_text="如「示范区市监投受〔2026〕第3号」",
        error_messages={"required": "请填文号"},
    )
    code = forms.CharField(
        label="校验码", max_length=24, help_text="在纸的最下面，16 位", error_messages={"required": "请填校验码"}
    )


@require_GET
def document(request: HttpRequest, code: str) -> HttpResponse:
    """The form as it was issued, to print; the text is the one that was kept."""
    by = Actor.of(request)
    found = durably(lambda: complaints.print_document(code, by=by))
    context = {
        "document": found,
        "body": mark_safe(found.body),  # noqa: S308  our own text, as it was kept
        "back": _back(request, found),
        "check_url": settings.PUBLIC_URL + reverse("complaints:check_document"),
    }
    response = render(request, "complaints/documents/page.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@login_not_required
@require_GET
def check_document(request: HttpRequest) -> HttpResponse:
    """Whether there is such a form: kind, bureau and day, never what it says."""
    form = CheckForm(request.GET if request.GET else None)
    found = None
    if form.is_valid():
        throttle.count(f"document:{request.META.get('REMOTE_ADDR', '')}", CHECKS_A_MINUTE)
        found = complaints.find_document(form.cleaned_data["number"], form.cleaned_data["code"])
    context = {"form": form, "asked": form.is_bound and form.is_valid(), "document": found}
    return render(request, "complaints/documents/check.html", context)


def _back(request: HttpRequest, found: IssuedDocument) -> str:
    """Where the reader came from."""
    if request.user.access.is_regulator:  # type: ignore[union-attr]
        return reverse("admin:complaints_issueddocument_change", args=[found.pk])
    return reverse("portal:home")

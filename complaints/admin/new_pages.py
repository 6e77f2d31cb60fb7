"""A page that makes a new row from a regulator's list: asked once more with its effect, then opened as a case."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from core import uploads
from core.actors import Actor
from core.api.once import principal_of
from core.case_admin import CaseAdmin, CaseForm, put_on_form
from core.errors import Invalid, PortalError
from core.idempotency import fingerprint, once
from core.models import Industry, Region, StoredFile


class NewCaseAdmin(CaseAdmin):
    """A list with a button that makes one more of its rows."""

    new_label: ClassVar[str]
    new_effect: ClassVar[str]
    new_form: ClassVar[type[CaseForm]]
    # A static function of what the form holds and who asks; it gives the row.
    new_run: ClassVar[Any]

    def get_urls(self) -> list[URLPattern]:
        """Making one comes before the stock pages."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_new"
        return [path("new/", self.admin_site.admin_view(self.new_view), name=name), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the way to making one."""
        tools = [{"url": self.url_of("new"), "icon": "plus", "text": self.new_label}]
        return super().changelist_view(request, {"list_tools": tools, **(extra_context or {})})

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for what it needs; the action decides who may."""
        by = Actor.of(request)
        form = self.new_form(*((request.POST, request.FILES) if request.method == "POST" else ()))
        for name in ("region", "merchant"):
            if name in form.fields and hasattr(form.fields[name], "choices"):
                narrow(form.fields[name], by)
        if request.method == "POST" and form.is_valid():
            try:
                pk = self._made(request, form.cleaned_data, by)
            except PortalError as error:
                if error.status in (401, 403, 404):
                    raise
                put_on_form(form, error)
            else:
                messages.success(request, "已办理")
                return redirect(self.url_of("change", pk))
        context = {
            **self.admin_site.each_context(request), "title": self.new_label, "case_title": self.new_label,
            "opts": self.opts, "list_url": self.url_of("changelist"), "back_url": self.url_of("changelist"),
            "effect": self.new_effect, "icon": "plus", "form": form, "key": request.POST.get("key") or uuid.uuid4(),
        }  # fmt: skip
        return TemplateResponse(request, "admin/act.html", context, status=400 if form.errors else 200)

    def _made(self, request: HttpRequest, data: dict[str, Any], by: Actor) -> int:
        key = request.POST.get("key", "")
        if len(key) < 8:
            raise Invalid("页面不完整，请刷新后再办")
        body = {name: value for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
        print_ = fingerprint("POST", request.path, body)
        done = once(principal_of(by), key[:128], print_, lambda: (200, self.new_run(data, by).pk))
        return int(done.reference)


def narrow(field: Any, by: Actor) -> None:
    """Regions of the officer, down to the county."""
    paths = [m.region.path for m in by.user.access.memberships if m.region] if by.user else []
    wanted = Region.objects.none()
    for prefix in paths:
        wanted = wanted | Region.objects.filter(path__startswith=prefix, level__lte=4)
    field.choices = [("", "—"), *((one.pk, one.name) for one in wanted.order_by("code")[:300])]


def region_field() -> forms.ChoiceField:
    """A region of the officer's own; its choices are filled in by the page."""
    return forms.ChoiceField(label="地区", required=False)


def industry_field() -> forms.ModelChoiceField:
    """A trade."""
    return forms.ModelChoiceField(label="行业", queryset=Industry.objects.all(), required=False)


def file_field(label: str) -> forms.FileField:
    """A picture or PDF that need not be there."""
    return forms.FileField(label=label, required=False, help_text="JPG、PNG、WebP 图片或 PDF，10 MB 以内")


def kept(data: dict[str, Any], title: str, by: Actor, name: str = "evidence") -> StoredFile | None:
    """The upload, checked by its content."""
    return uploads.store(data[name], title=title, by=by) if data.get(name) else None

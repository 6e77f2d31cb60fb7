"""Pages of the workbench that belong to no one model: search, what is due, second signatures, delegation, files."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import UsernameField
from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from complaints import actions as complaints
from complaints import evidence
from core import actions as core
from core.actors import Actor
from core.case_admin import put_on_form
from core.case_panels import link
from core.clocks import local
from core.crypto import blind_index
from core.errors import NotFound, PortalError
from core.identifiers import clean_phone, clean_public_code
from core.models import Delegation, Membership, StoredFile, User
from core.models.people import DELEGABLE, in_regions
from core.permissions import may
from core.transactions import durably
from core.uploads import full_path
from merchants.models import Merchant
from portal import workbench
from prepaid.admin.rows import case_url
from prepaid.models import Contract, Refund, Visit

FOUND = 20


def site_context(request: HttpRequest, title: str) -> dict[str, Any]:
    """The frame of a page of ours."""
    from django.contrib import admin  # the site is made when the apps are ready

    return {**admin.site.each_context(request), "title": title}


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """One box: credit code, name, contract, refund or visit number, whole phone number (by permission)."""
    by, term = Actor.of(request), request.GET.get("q", "").strip()[:60]
    groups, note = _found(by, term) if term else ([], "")
    context = {"term": term, "groups": [group for group in groups if group[1]], "note": note}
    return TemplateResponse(request, "admin/search.html", {**site_context(request, "查找"), **context})


def _found(by: Actor, term: str) -> tuple[list[tuple[str, list[Any]]], str]:
    """Groups of hits, and why a phone number was not looked for."""
    digits = "".join(term.split()).removeprefix("+86")
    phone = ""
    if digits.isdigit() and len(digits) == 11:
        if not may(by, "core.search_phone"):
            return [], "按手机号查找要有办案权限。"
        try:
            phone = blind_index("phone", clean_phone(digits))
        except PortalError:
            return [], "手机号要填 11 位。"
    code = clean_public_code(term)
    merchants = Q(contact_phone_idx=phone) if phone else _named(term, code)
    contracts = Q(holder__phone_idx=phone) | Q(payer__phone_idx=phone) if phone else Q(code__startswith=code)
    groups: list[tuple[str, list[Any]]] = [
        ("商家", list(Merchant.objects.visible_to(by).filter(merchants).select_related("region")[:FOUND]))
    ]
    if phone or len(code) >= 4:
        held = Contract.objects.visible_to(by).filter(contracts).select_related("merchant", "holder", "plan")
        groups.append(("合同", list(held[:FOUND])))
    if not phone and len(code) >= 4:
        by_code = {"code__startswith": code}
        groups += [
            ("退款", list(Refund.objects.visible_to(by).filter(**by_code).select_related("merchant")[:FOUND])),
            ("消费", list(Visit.objects.visible_to(by).filter(**by_code).select_related("merchant")[:FOUND])),
        ]
    return [(title, [_line(row) for row in rows]) for title, rows in groups], ""


def _named(term: str, code: str) -> Q:
    wanted = Q(brand_name__icontains=term) | Q(legal_name__icontains=term) | Q(uscc__istartswith=term)
    return wanted | Q(public_code__startswith=code) if len(code) >= 4 else wanted


def _line(row: Any) -> Any:
    """A hit as a link with a second line."""
    url = case_url(row)
    if isinstance(row, Merchant):
        return link(url, row.brand_name, f"{row.legal_name} · {row.uscc} · {row.region} · {row.get_status_display()}")
    if isinstance(row, Contract):
        note = f"{row.merchant.brand_name} · {row.plan.name} · {row.holder} · {row.get_status_display()}"
        return link(url, str(row), note)
    return link(url, row.code, f"{row.merchant.brand_name} · {row.get_status_display()}")


@require_GET
def due(request: HttpRequest) -> HttpResponse:
    """Everything with a clock, the most urgent first."""
    by = Actor.of(request)
    frame = site_context(request, "今日到期")
    items = workbench.due_items(by, workbench.to_sign(by, frame["counts"]), frame["counts"])
    context = {**frame, **workbench.summary(items, local(timezone.now()).date())}
    return TemplateResponse(request, "admin/due.html", context)


@require_GET
def second(request: HttpRequest) -> HttpResponse:
    """Freezes that wait for a second officer."""
    by = Actor.of(request)
    frame = site_context(request, "待第二人复核")
    rows = workbench.all_signatures(by, workbench.to_sign(by, frame["counts"]), frame["counts"])
    return TemplateResponse(request, "admin/second.html", {**frame, "second": rows})


@require_GET
def stored_file(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """A document of a case the officer may see: pictures inline, everything else as a download, nothing runs."""
    by = Actor.of(request)
    file = StoredFile.objects.filter(pk=file_id).first()
    shown = Q(licence_file=file) | Q(filing__documents__file=file)
    shown |= Q(private_payments__photo=file)
    shown |= Q(court_orders__file=file) | Q(guarantees__file=file) | Q(custody_accounts__agreement_file=file)
    if file is None or not (Merchant.objects.visible_to(by).filter(shown).exists() or evidence.is_shown(file, by)):
        raise NotFound
    path = full_path(file)
    if not path.is_file():
        raise NotFound("文件不在了，请联系系统管理员")
    picture = file.media_type in ("image/jpeg", "image/png", "image/webp")
    response = FileResponse(
        path.open("rb"),
        as_attachment=not picture,
        filename=file.title if "." in file.title else f"{file.title}.{'jpg' if picture else 'pdf'}",
        content_type=file.media_type if picture else "application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


class OfficerSignInForm(AdminAuthenticationForm):
    """Phone and password; only those whom the site is for get in."""

    username = UsernameField(
        label="手机号",
        widget=forms.TextInput(attrs={"autofocus": True, "inputmode": "tel", "autocomplete": "username"}),
        error_messages={"required": "请填手机号"},
    )
    error_messages = {
        "invalid_login": "手机号或密码不对，或者这个账号不是监管人员。连续错 5 次要等 15 分钟",
        "inactive": "这个账号已停用，请找本单位管理员",
    }


class DelegationForm(forms.Form):
    """To whom, why, from when to when."""

    to_user = forms.ChoiceField(
        label="委托给", error_messages={"required": "选一位同事", "invalid_choice": "选一位同事"}
    )
    reason = forms.CharField(label="原因", max_length=100, error_messages={"required": "写明原因，如出差、休假"})
    valid_from = forms.DateField(
        label="起",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "选开始日期", "invalid": "日期写成 2026-03-01 这样"},
    )
    valid_to = forms.DateField(
        label="止",
        help_text="最后一天，当天 24:00 结束",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "选结束日期", "invalid": "日期写成 2026-03-01 这样"},
    )

    def __init__(self, *args: Any, colleagues: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["to_user"]
        choice.choices = [("", "请选择"), *colleagues]


def colleagues_of(user: User) -> list[tuple[str, str]]:
    """Officers of the same regions, and of those above and below, to whom work may be handed."""
    paths = user.access.region_paths(*DELEGABLE)
    above = [path[: n + 1] for path in paths for n, letter in enumerate(path) if letter == "/"]
    near = in_regions("region__path", paths) | Q(region__path__in=above)
    rows = (
        Membership.objects.in_force(local(timezone.now()).date())
        .filter(near, role__in=DELEGABLE)
        .exclude(user=user)
        .select_related("user", "region")
        .order_by("region__path", "user_id")[:200]
    )
    found: dict[str, str] = {}
    for row in rows:
        found.setdefault(str(row.user_id), f"{row.user.name} · {row.region.name} {row.get_role_display()}")
    return list(found.items())


def _delegate(given: dict[str, Any], by: Actor) -> None:
    """Hand one's roles to a colleague; on one's running limits it stands who acts for whom."""
    to_user, start, end = int(given["to_user"]), given["valid_from"], given["valid_to"]
    made = core.delegate(to_user, given["reason"], start, end, by=by)
    complaints.note_delegation(made.pk, by=by, on=local(timezone.now()).date())


def delegation(request: HttpRequest) -> HttpResponse:
    """委托代办: while away, a colleague acts with one's roles; the audit names both."""
    by = Actor.of(request)
    assert by.user is not None
    people, today = colleagues_of(by.user), local(timezone.now()).date()
    initial = {"valid_from": today, "valid_to": today + timedelta(days=7)}
    form = DelegationForm(request.POST or None, colleagues=people, initial=initial)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            given = form.cleaned_data
            try:
                durably(lambda: _delegate(given, by))
            except PortalError as error:
                put_on_form(form, error)
                status = error.status
            else:
                messages.success(request, "已委托。到期自动结束，期间的办理记录写明两人。")
                return redirect("admin:delegation")
    rows = Delegation.objects.filter(Q(from_user=by.user) | Q(to_user=by.user)).select_related("from_user", "to_user")
    context = {
        **site_context(request, "委托代办"),
        "form": form,
        "colleagues": people,
        "given": [(row, row.valid_from <= today <= row.valid_to) for row in rows.order_by("-id")[:50]],
        "me": by.user.pk,
    }
    return TemplateResponse(request, "admin/delegation.html", context, status=status)

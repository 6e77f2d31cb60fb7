"""The officers' calendars of due dates: by private address, and by case."""

from __future__ import annotations

from django.contrib import admin, messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from complaints import actions as complaints
from complaints.actions.feeds import feed_token, officer_of
from complaints.ics import calendar_file
from complaints.models import CalendarFeed, Clock
from complaints.queues import MODELS
from core.actors import Actor
from core.errors import NotFound
from core.permissions import require
from core.transactions import durably

MOST = 500


def _answer(request: HttpRequest, name: str, clocks: list[Clock], file: str) -> HttpResponse:
    text = calendar_file(name, clocks, now=timezone.now(), host=request.get_host())
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file}.ics"'
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


@login_not_required
@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The due dates of one officer, for whoever holds the private address; it names no person and no shop."""
    officer = officer_of(token)
    running = Clock.objects.running()
    found: list[Clock] = []
    for kind in MODELS:
        rows = running.filter(**{f"{kind}__handler": officer, f"{kind}__closed_at": None})
        found += rows.select_related(kind).order_by("due_at")[:MOST]
    return _answer(request, "投诉举报期限", sorted(found, key=lambda clock: clock.due_at), "deadlines")


@require_GET
def of_case(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """The due dates of one case, for an officer who sees it."""
    by = Actor.of(request)
    model = MODELS.get(kind)
    matter = model._default_manager.visible_to(by).filter(pk=pk).first() if model else None
    if matter is None:
        raise NotFound
    clocks = list(Clock.objects.of(matter).running().select_related(kind).order_by("due_at"))
    return _answer(request, f"期限 {matter.code_grouped}", clocks, f"deadlines-{matter.code}")


def settings(request: HttpRequest) -> HttpResponse:
    """The officer's own private address: made, changed, switched off."""
    by = Actor.of(request)
    require(by, "complaints.keep_feed")
    if request.method == "POST":
        if request.POST.get("step") == "revoke":
            durably(lambda: complaints.revoke_feed(by=by))
            messages.success(request, "已停用，旧地址马上失效。")
        else:
            durably(lambda: complaints.make_feed(by=by))
            messages.success(request, "已生成新地址，旧地址马上失效。")
        return redirect("admin:complaints_feed")
    row = CalendarFeed.objects.filter(user=by.user).first()
    address = request.build_absolute_uri(reverse("complaints:calendar_feed", args=[feed_token(row)])) if row else ""
    context = {**admin.site.each_context(request), "title": "期限日历", "address": address, "feed": row}
    return TemplateResponse(request, "admin/complaints_feed.html", context)

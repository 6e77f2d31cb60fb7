"""The page of the machinery, for the system's keepers and auditors."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core import actions as core
from core.actors import Actor
from core.clocks import local
from core.errors import NotFound, PortalError
from core.jobs import JOBS
from core.permissions import may, require
from core.transactions import durably
from portal import operations as machinery
from portal.admin_views import site_context


class RunForm(forms.Form):
    """Which job, for which day."""

    job = forms.ChoiceField(label="任务", error_messages={"required": "选一个任务", "invalid_choice": "选一个任务"})
    on = forms.DateField(
        label="业务日",
        help_text="已办过的不会重复办",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "选一个业务日", "invalid": "日期写成 2026-03-01 这样"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["job"]
        choice.choices = [(name, f"{entry.label}（{name}）") for name, entry in sorted(JOBS.items())]


@require_GET
def operations(request: HttpRequest) -> HttpResponse:
    """Jobs, outbox, and what died."""
    return _page(request, RunForm(initial={"on": local(timezone.now()).date()}))


def _page(request: HttpRequest, form: RunForm, status: int = 200) -> HttpResponse:
    by = Actor.of(request)
    require(by, "core.view_operations")
    context = {
        **site_context(request, "任务与发件箱"),
        "overdue": machinery.overdue_jobs(),
        "jobs": machinery.job_lines(),
        "outbox": machinery.outbox_state(),
        "may_replay": may(by, "core.replay_outboxevent"),
        "may_run": may(by, "core.run_job"),
        "form": form,
    }
    return TemplateResponse(request, "admin/operations.html", context, status=status)


@require_POST
def replay(request: HttpRequest) -> HttpResponse:
    """Try a dead effect again."""
    try:
        event_id = str(uuid.UUID(request.POST.get("event", "")))
    except ValueError:
        raise NotFound from None
    try:
        event = durably(lambda: core.replay_outbox_event(event_id, by=Actor.of(request)))
    except PortalError as error:
        if error.status in (403, 404):
            raise
        messages.error(request, error.message)
    else:
        messages.success(request, f"已重放 {event.topic}，几秒后再看结果。")
    return redirect("admin:operations")


@require_POST
def run_job(request: HttpRequest) -> HttpResponse:
    """Run a job by hand; days to come only outside production."""
    by = Actor.of(request)
    require(by, "core.run_job")
    form = RunForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    name, on = form.cleaned_data["job"], form.cleaned_data["on"]
    try:
        results = machinery.run_by_hand(name, on, by=by, allow_future=not settings.IS_PROD)
    except PortalError as error:
        form.add_error("on", error.message)
        return _page(request, form, status=error.status)
    messages.success(request, f"{JOBS[name].label} {on} 已运行：{results}")
    return redirect("admin:operations")

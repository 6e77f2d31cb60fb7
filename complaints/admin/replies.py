"""Replies on their way back to the hotlines: what is written and waits, sent off in the form of each source."""

from __future__ import annotations

from datetime import datetime

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from complaints import actions as complaints
from complaints.actions import replies as found
from complaints.models import Channel
from core.actors import Actor
from core.csv_export import export_table
from core.errors import Invalid, NotFound
from core.permissions import require

SHOWN = 50


def _channel(text: str | None) -> str:
    return text if text in found.SOURCES else str(found.SOURCES[0])


@require_http_methods(["GET", "POST"])
def replies(request: HttpRequest) -> HttpResponse:
    """What waits for each source; a POST marks it as sent and makes the batch that is downloaded."""
    by = Actor.of(request)
    require(by, "complaints.export_replies")
    channel = _channel(request.POST.get("channel") or request.GET.get("channel"))
    if request.method == "POST":
        try:
            _, count = complaints.send_replies(channel, by=by)
            messages.success(request, f"{count} 份答复已标记为回填，请下载后交给来源。")
        except Invalid as error:
            messages.warning(request, error.message)
        return redirect(f"{reverse('admin:complaints_replies')}?channel={channel}")
    rows = found.waiting(channel, by=by).select_related("intake", "complaint", "consultation", "report")
    context = {
        **admin.site.each_context(request),
        "title": "答复回填",
        "channels": [(value, Channel(value).label) for value in found.SOURCES],
        "channel": channel,
        "channel_word": Channel(channel).label,
        "count": rows.count(),
        "rows": [(row, row.matter, found.said_of(row.matter)[1]) for row in rows[:SHOWN]],
        "batches": [(moment, moment.isoformat(), n) for moment, n in found.batches(channel, by=by)],
    }
    return TemplateResponse(request, "admin/complaints/replies.html", context)


@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """One batch again, CSV or XLSX."""
    by = Actor.of(request)
    require(by, "complaints.export_replies")
    channel = _channel(request.GET.get("channel"))
    try:
        moment = datetime.fromisoformat(request.GET.get("at", ""))
    except ValueError:
        raise NotFound from None
    if moment.tzinfo is None:
        raise NotFound
    name = f"dafu-{channel.lower().replace('_', '-')}-{moment:%Y%m%d%H%M}"
    return export_table(request, name, found.heads_of(channel), found.reply_rows(channel, moment, by=by))

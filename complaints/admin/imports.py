"""Spreadsheets of orders for officers: brought in, followed while they are read, and the rows to mend."""

from __future__ import annotations

import uuid
from typing import Any, BinaryIO

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString

from complaints import actions as complaints
from complaints import orders
from complaints.admin.new_pages import narrow
from complaints.models import ORDER_IMPORT_LIFECYCLE, Channel, OrderImport
from core.actors import Actor
from core.case_admin import CaseAdmin, CaseForm, put_on_form
from core.case_lists import column
from core.case_panels import VERB_WORDS, Panel, facts, table
from core.csv_export import export_table
from core.errors import PortalError
from core.permissions import may, require
from core.templatetags.portal_ui import cn_datetime, state_of
from core.transactions import durably
from prepaid.bank_files.shelf import discard, shelve

VERB_WORDS.update(
    {
        "order_import.receive": "收到工单文件",
        "order_import.finish": "导入工单完成",
        "order_import.refuse": "工单文件读不了，已退回",
    }
)
LARGEST_MB = 20
SHOWN_ERRORS = 100
HEADS = "、".join(names[0] for names in orders.HEADERS.values())


class OrdersForm(CaseForm):
    """A file as the hotline or the platform exports it."""

    file = forms.FileField(
        label="工单文件",
        help_text=f"CSV（UTF-8 或 GBK）或 .xlsx，最大 {LARGEST_MB} MB、{orders.LIMITS.rows:,} 行；第一行：{HEADS}",
        error_messages={"required": "选一个文件", "empty": "文件是空的"},
    )
    channel = forms.ChoiceField(
        label="来源",
        choices=[(value, Channel(value).label) for value in orders.CHANNELS],
        help_text="「来源」列空着的行按这个登记",
    )
    region = forms.ChoiceField(
        label="管辖地", help_text="「管辖地」列空着的行按这个登记", error_messages={"required": "选管辖地"}
    )

    def clean_file(self) -> Any:
        """Not more than we read."""
        sent = self.cleaned_data["file"]
        if sent.size > LARGEST_MB << 20:
            raise forms.ValidationError(f"文件超过 {LARGEST_MB} MB，请分成几份")
        return sent


@admin.register(OrderImport)
class OrderImportAdmin(CaseAdmin):
    """How far a file is taken in, what was new, and what is wrong with which line."""

    lifecycle = ORDER_IMPORT_LIFECYCLE
    list_help = "导入在后台进行，可以离开；中断了会从停下的地方接着办，不会重复登记。"
    list_display = ("file", "status_", "channel", "region", "progress", "added", "known", "refused_")
    list_filter = ("status", "channel", "started_at")
    list_select_related = ("region",)
    ordering = ("-id",)
    empty_text = "还没有导入过工单。"

    def get_urls(self) -> list[URLPattern]:
        """Bringing a file, and the lines that did not come in."""
        wrap = self.admin_site.admin_view
        return [
            path("new/", wrap(self.new_view), name="complaints_orderimport_new"),
            path("<path:object_id>/errors.csv", wrap(self.errors_view), name="complaints_orderimport_errors"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """With the way to the import, for those who may."""
        tools = [{"url": self.url_of("new"), "icon": "up", "text": "导入工单"}]
        allowed = tools if may(Actor.of(request), "complaints.import_orders") else []
        return super().changelist_view(request, {"list_tools": allowed, **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With place and who brought it."""
        return super().get_queryset(request).select_related("region", "imported_by")

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for the file and lead to its progress; the same file again leads to the same page."""
        by = Actor.of(request)
        require(by, "complaints.import_orders")
        form = OrdersForm(request.POST or None, request.FILES or None)
        narrow(form.fields["region"], by)
        if request.method == "POST" and form.is_valid():
            try:
                run = _received(form.cleaned_data, by)
            except PortalError as error:
                put_on_form(form, error)
            else:
                return redirect(self.url_of("change", run.pk))
        context = {
            **self.admin_site.each_context(request),
            "title": "导入工单",
            "case_title": "导入工单",
            "opts": self.opts,
            "list_url": self.url_of("changelist"),
            "back_url": self.url_of("changelist"),
            "effect": "每一行按投诉、举报、咨询分别登记，各起期限。编号登记过的不会重复；没有通过的行逐行列出原因。",
            "icon": "up",
            "form": form,
            "key": uuid.uuid4(),
        }
        return TemplateResponse(request, "admin/act.html", context, status=400 if form.errors else 200)

    @column("文件", order="id")
    def file(self, row: OrderImport) -> str:
        """Its name."""
        return row.title

    @column("状态", order="status")
    def status_(self, row: OrderImport) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("进度", num=True)
    def progress(self, row: OrderImport) -> str:
        """Rows done of all."""
        return f"{row.done:,} / {row.rows:,}" if row.rows else "—"

    @column("未通过", order="refused", num=True)
    def refused_(self, row: OrderImport) -> int:
        """Lines that did not come in."""
        return row.refused

    def heading(self, case: OrderImport) -> str:
        """The file."""
        return case.title

    def lead(self, case: OrderImport) -> str:
        """From where, for which place."""
        return f"{case.get_channel_display()} · {case.region.name} · {cn_datetime(case.started_at)} 上传"

    def panels(self, case: OrderImport, by: Actor) -> list[Panel]:
        """Progress while it is read; counts; the lines to mend."""
        counts = facts("登记了多少", [
            ("一共", f"{case.rows:,} 行" if case.rows else ""),
            ("新登记", f"{case.added:,}"),
            ("先前已有", f"{case.known:,}", "编号和内容都一样的，没有重复登记"),
            ("没有通过", f"{case.refused:,}", "改好后只交这些行，或者整份再交，都不会重复"),
            ("整份退回的原因", case.error),
            ("导入人", case.imported_by.name),
            ("办完", cn_datetime(case.finished_at) if case.finished_at else ""),
        ])  # fmt: skip
        found = [counts] if case.finished_at else [self._progress(case), counts]
        if case.errors:
            rows = [(f"第 {line} 行", number or "—", reason) for line, number, reason in case.errors[:SHOWN_ERRORS]]
            url = self.url_of("errors", case.pk)
            heads = ("行号", "工单编号", "怎么改")
            found.append(table("没有通过的行", heads, rows, url=url, link="全部下载（CSV）"))
        return found

    def _progress(self, case: OrderImport) -> Panel:
        share = case.done * 100 // case.rows if case.rows else 0
        data = {"done": case.done, "rows": case.rows, "share": share, "url": self.url_of("change", case.pk)}
        return Panel("进度", "admin/panels/progress.html", data)

    def errors_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """The lines that did not come in, with the reasons, for a spreadsheet. No names, no phones."""
        case = self.case_of(request, object_id)
        return export_table(request, f"gongdan-{case.pk}", ["行号", "工单编号", "原因"], case.errors)


def _received(data: dict[str, Any], by: Actor) -> OrderImport:
    sent = data["file"]

    def copy(into: BinaryIO) -> None:
        for chunk in sent.chunks():
            into.write(chunk)

    shelved = shelve(copy)
    try:
        return durably(
            lambda: complaints.receive_orders(shelved, sent.name or "", data["channel"], data["region"], by=by)
        )
    except PortalError:
        discard(shelved.path)
        raise

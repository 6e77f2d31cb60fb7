"""Lists of others as the regulator works on them: read in by a file, followed while it is read, and whom they hit."""

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
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from core.actors import Actor
from core.case_admin import CaseAdmin, CaseForm, put_on_form
from core.case_lists import ReadOnlyAdmin, column
from core.case_panels import VERB_WORDS, Panel, facts, table
from core.csv_export import export_table
from core.errors import PortalError
from core.permissions import may, require
from core.templatetags.portal_ui import cn_date, cn_datetime, state, state_of
from core.transactions import durably
from prepaid import actions as prepaid
from prepaid.admin.custody import OfShop, day_field
from prepaid.bank_files.shelf import discard, shelve
from prepaid.models import ListedEntry, ListedMerchant, ListImport
from prepaid.models.listings import LIST_IMPORT_LIFECYCLE

VERB_WORDS.update(
    {
        "list_import.receive": "收到名单",
        "list_import.finish": "导入名单完成",
        "list_import.refuse": "名单读不了，已退回",
        "list.restrict": "列入名单，停止新发卡",
        "list.lift": "移出名单，解除停止",
    }
)
LARGEST = 200 * 1024 * 1024
SHOWN_ERRORS = 100


class ListForm(CaseForm):
    """A list as its authority publishes it."""

    file = forms.FileField(
        label="名单文件",
        help_text="CSV（UTF-8 或 GBK）或 .xlsx，最大 200 MB；第一行写名称、统一社会信用代码或身份证号、列入日期",
        error_messages={"required": "选一个文件", "empty": "文件是空的"},
    )
    kind = forms.ChoiceField(label="哪个名单", choices=ListedEntry.Kind.choices)
    source = forms.CharField(
        label="来源", max_length=100, help_text="如「国家企业信用信息公示系统」",
        error_messages={"required": "写明名单的来源"},
    )  # fmt: skip
    as_of = day_field("名单日期")

    def clean_file(self) -> Any:
        """Not more than we read."""
        sent = self.cleaned_data["file"]
        if sent.size > LARGEST:
            raise forms.ValidationError("文件超过 200 MB，请分成几份")
        return sent


class PublicRows:
    """Lists that others publish: the same for every officer."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """All of them."""
        return self.model._default_manager.order_by("-id")  # type: ignore[attr-defined]


def import_tools(admin_: ReadOnlyAdmin, request: HttpRequest) -> list[dict[str, str]]:
    """The way to the import, for those who may."""
    url = admin_.admin_site.name + ":prepaid_listedentry_import"
    tools = [{"url": reverse(url), "icon": "up", "text": "导入名单"}]
    return tools if may(Actor.of(request), "prepaid.import_list") else []


@admin.register(ListedEntry)
class ListedEntryAdmin(PublicRows, ReadOnlyAdmin):
    """What the lists say."""

    opens_case = False
    list_help = "从 CSV 或 Excel 导入。列入的商家每日自动停止新发卡，移出后自动恢复。个人只留核对码和姓氏。"
    list_display = ("name", "kind", "uscc", "listed_on", "removed_on", "reason")
    list_filter = ("kind", "listed_on")
    search_fields = ("name__startswith", "uscc__iexact")
    empty_text = "还没有导入名单。"

    def get_urls(self) -> list[URLPattern]:
        """The import comes before the stock pages."""
        view = self.admin_site.admin_view(self.import_view)
        return [path("import/", view, name="prepaid_listedentry_import"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """With the way to the import."""
        return super().changelist_view(request, {"list_tools": import_tools(self, request), **(extra_context or {})})

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for the file and lead to its progress; the same file again leads to the same page."""
        by = Actor.of(request)
        require(by, "prepaid.import_list")
        form = ListForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                run = _received(form.cleaned_data, by)
            except PortalError as error:
                put_on_form(form, error)
            else:
                return redirect(f"{self.admin_site.name}:prepaid_listimport_change", run.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": "导入名单",
            "case_title": "导入名单",
            "opts": self.opts,
            "list_url": self.url_of("changelist"),
            "back_url": self.url_of("changelist"),
            "effect": "同一行再导入不会重复；有移出日期的到期恢复。个人的身份证号只算成核对码，读完就删掉文件。",
            "icon": "up",
            "form": form,
            "key": uuid.uuid4(),
        }
        return TemplateResponse(request, "admin/act.html", context, status=400 if form.errors else 200)


def _received(data: dict[str, Any], by: Actor) -> ListImport:
    sent = data["file"]

    def copy(into: BinaryIO) -> None:
        for chunk in sent.chunks():
            into.write(chunk)

    shelved = shelve(copy)
    try:
        return durably(
            lambda: prepaid.receive_list(shelved, sent.name or "", data["kind"], data["source"], data["as_of"], by=by)
        )
    except PortalError:
        discard(shelved.path)
        raise


@admin.register(ListImport)
class ListImportAdmin(PublicRows, CaseAdmin):
    """How far a list is read, what came in, and what is wrong with which line."""

    lifecycle = LIST_IMPORT_LIFECYCLE
    list_help = "导入在后台进行，可以离开；中断了会从停下的地方接着办，不会重复。"
    list_display = ("file", "status_", "source", "as_of", "progress", "added", "changed", "refused_")
    list_filter = ("status", "started_at")
    ordering = ("-id",)
    empty_text = "还没有导入过名单。"

    def get_urls(self) -> list[URLPattern]:
        """The lines that did not come in."""
        view = self.admin_site.admin_view(self.errors_view)
        return [path("<path:object_id>/errors.csv", view, name="prepaid_listimport_errors"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """With the way to the import."""
        return super().changelist_view(request, {"list_tools": import_tools(self, request), **(extra_context or {})})

    @column("文件", order="id")
    def file(self, row: ListImport) -> str:
        """Its name."""
        return row.title

    @column("状态", order="status")
    def status_(self, row: ListImport) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("进度", num=True)
    def progress(self, row: ListImport) -> str:
        """Rows done of all."""
        return f"{row.done:,} / {row.rows:,}" if row.rows else "—"

    @column("未通过", order="refused", num=True)
    def refused_(self, row: ListImport) -> int:
        """Lines that did not come in."""
        return row.refused

    def heading(self, case: ListImport) -> str:
        """The file."""
        return case.title

    def lead(self, case: ListImport) -> str:
        """What list, from where, of when."""
        kind = dict(ListedEntry.Kind.choices).get(case.kind, "名单")
        return f"{kind} · {case.source} · {cn_date(case.as_of)}"

    def panels(self, case: ListImport, by: Actor) -> list[Panel]:
        """Progress while it is read; counts; the lines to mend."""
        counts = facts("读了多少", [
            ("一共", f"{case.rows:,} 行" if case.rows else ""),
            ("新增", f"{case.added:,}"),
            ("更新", f"{case.changed:,}", "例如写上了移出日期"),
            ("先前已有", f"{case.known:,}", "一样的行，不重复登记"),
            ("没有通过", f"{case.refused:,}"),
            ("整份退回的原因", case.error),
            ("导入人", case.imported_by.name if case.imported_by else "系统"),
            ("办完", cn_datetime(case.finished_at) if case.finished_at else ""),
        ])  # fmt: skip
        found = [counts] if case.finished_at else [self._progress(case), counts]
        if case.errors:
            rows = [(f"第 {line} 行", reason) for line, reason in case.errors[:SHOWN_ERRORS]]
            url = self.url_of("errors", case.pk)
            found.append(table("没有通过的行", ("行号", "怎么改"), rows, url=url, link="全部下载（CSV）"))
        return found

    def _progress(self, case: ListImport) -> Panel:
        share = case.done * 100 // case.rows if case.rows else 0
        data = {"done": case.done, "rows": case.rows, "share": share, "url": self.url_of("change", case.pk)}
        return Panel("进度", "admin/panels/progress.html", data)

    def side(self, case: ListImport, by: Actor) -> list[Panel]:
        """What comes of it."""
        said = "列入的商家当晚自动停止新发卡；当地规定列入即不得发卡的，从现在起就卖不了。移出后自动恢复。"
        return [facts("导入以后", [("怎么生效", said)], as_list=True)]

    def errors_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """The lines that did not come in, with the reasons, for a spreadsheet."""
        case = self.case_of(request, object_id)
        return export_table(request, f"mingdan-{case.pk}", ["行号", "原因"], case.errors)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With who brought it."""
        return super().get_queryset(request).select_related("imported_by")


@admin.register(ListedMerchant)
class ListedMerchantAdmin(OfShop, ReadOnlyAdmin):
    """Merchants of the region that are on a list."""

    opens_case = False
    list_display = ("shop", "listed", "listed_on", "removed_on", "stopped")
    list_filter = ("entry__kind",)
    list_select_related = ("merchant", "entry", "restriction")
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact")
    ordering = ("-id",)
    empty_text = "辖区里没有列入名单的商家。"

    @column("名单", order="entry__kind")
    def listed(self, row: ListedMerchant) -> str:
        """Which."""
        return row.entry.get_kind_display()

    @column("列入日", order="entry__listed_on")
    def listed_on(self, row: ListedMerchant) -> str:
        """Since."""
        return cn_date(row.entry.listed_on)

    @column("移出日", order="entry__removed_on")
    def removed_on(self, row: ListedMerchant) -> str:
        """Until."""
        return cn_date(row.entry.removed_on)

    @column("新发卡")
    def stopped(self, row: ListedMerchant) -> SafeString:
        """Whether the stop is in force."""
        if row.restriction is None:
            return state("warn", "hold", "待停止")
        return state("ok", "check", "已恢复") if row.restriction.lifted_at else state("danger", "stop", "已停止")

"""Read-only lists for regulators: rows by ``visible_to``, filters in the address, search, export to CSV or XLSX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.templatetags.admin_list import result_headers
from django.contrib.admin.utils import display_for_field, display_for_value, lookup_field
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from core import actions as core
from core.actors import Actor
from core.crypto import blind_index
from core.csv_export import export_table
from core.errors import Invalid, NotFound, PortalError
from core.identifiers import clean_phone, clean_public_code
from core.permissions import may

EXPORT_ROWS = 50_000
FEWEST_CODE_LETTERS = 4

# A whole number finds a person; those who only look on do not need that.


def column(label: str, *, order: str | None = None, num: bool = False) -> Callable[[Any], Any]:
    """``admin.display`` with a heading, an order, and whether the column is of figures."""

    def decorate(function: Any) -> Any:
        function = admin.display(description=label, ordering=order)(function)
        function.num = num
        return function

    return decorate


class ReadOnlyAdmin(admin.ModelAdmin):
    """A list of one model, cut to what the officer may see; nothing is ever saved here."""

    view_permission: ClassVar[str] = ""
    phone_fields: ClassVar[tuple[str, ...]] = ()
    code_fields: ClassVar[tuple[str, ...]] = ()
    export_columns: ClassVar[Sequence[tuple[str, Callable[[Any], Any]]]] = ()
    empty_text: ClassVar[str] = "换一个筛选条件，或清空查找。"
    list_help: ClassVar[str] = ""
    opens_case: ClassVar[bool] = True
    actions = None
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing is made here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is changed here; buttons POST to actions."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is removed here."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever enters the site and, if the list asks for it, holds its permission; rows are cut below."""
        if not self.admin_site.has_permission(request):
            return False
        return not self.view_permission or may(Actor.of(request), self.view_permission)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """As for the list."""
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows this officer may read."""
        rows: QuerySet[Any] = self.model._default_manager.visible_to(Actor.of(request))
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def url_of(self, name: str, *args: Any) -> str:
        """The address of one of this model's pages."""
        return reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{name}", args=args)

    def get_urls(self) -> list[URLPattern]:
        """The stock pages and the export."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export.csv", self.admin_site.admin_view(self.export_view), name=name), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The stock list; its rows are laid out by our table, which becomes cards on a phone."""
        export = f"{self.url_of('export')}?{request.GET.urlencode()}" if self.export_columns else ""
        more = {"export_url": export, "empty_text": self.empty_text, "list_help": self.list_help}
        response = super().changelist_view(request, {**more, **(extra_context or {})})
        data = getattr(response, "context_data", None)
        if data and "cl" in data:
            data["title"] = self.opts.verbose_name_plural
            data["heads"] = list(zip(result_headers(data["cl"]), self._numeric(data["cl"]), strict=True))
            rows = list(data["cl"].result_list)
            self.prepare(rows)
            data["rows"] = [self._cells(data["cl"], row) for row in rows]
        return response

    def second_line(self, row: Any) -> str:
        """A small line under the first cell."""
        return ""

    def prepare(self, rows: list[Any]) -> None:
        """Read at once what the cells of a page need; a hook for subclasses."""

    def _numeric(self, cl: ChangeList) -> list[bool]:
        return [bool(getattr(getattr(self, str(name), None), "num", False)) for name in cl.list_display]

    def _cells(self, cl: ChangeList, row: Model) -> list[dict[str, Any]]:
        cells: list[dict[str, Any]] = []
        for name, head, num in zip(cl.list_display, result_headers(cl), self._numeric(cl), strict=True):
            field, _, value = lookup_field(str(name), row, self)
            empty = self.get_empty_value_display()
            shown = display_for_value(value, empty) if field is None else display_for_field(value, field, empty)
            if not cells and self.opens_case:
                shown = format_html('<a href="{}">{}</a>', self.url_of("change", row.pk), shown)
            if not cells:
                shown = format_html('<span class="nw">{}</span><small>{}</small>', shown, self.second_line(row))
            cells.append({"head": head["text"], "html": shown, "num": num, "lead": not cells})
        return cells

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Names as typed, codes with or without dashes, and whole phone numbers for those who may."""
        term = search_term.strip()
        if term and self.phone_fields and "".join(term.split()).lstrip("+").isdigit() and len(term) >= 11:
            try:
                index = blind_index("phone", clean_phone(term))
            except PortalError:
                return super().get_search_results(request, queryset, term)
            if not may(Actor.of(request), "core.search_phone"):
                messages.warning(request, "按手机号查找要有办案权限。")
                return queryset.none(), False
            core.note_phone_search(clean_phone(term), self.opts.label, by=Actor.of(request))
            wanted = Q(pk__in=[])
            for field in self.phone_fields:
                wanted |= Q(**{field: index})
            return queryset.filter(wanted), False
        found, duplicates = super().get_search_results(request, queryset, term)
        code = clean_public_code(term)
        if term and len(code) >= FEWEST_CODE_LETTERS and self.code_fields:
            wanted = Q(pk__in=[])
            for field in self.code_fields:
                wanted |= Q(**{f"{field}__startswith": code})
            found = found | queryset.filter(wanted)
        return found, duplicates

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The filtered list as CSV, or as a workbook with ``format=xlsx``."""
        if not self.export_columns or not self.has_view_permission(request):
            raise NotFound
        filters = copy(request)
        chosen = request.GET.copy()
        chosen.pop("format", None)
        filters.GET = chosen  # type: ignore[assignment]
        try:
            rows = self.get_changelist_instance(filters).get_queryset(filters)
        except IncorrectLookupParameters:
            raise Invalid("筛选条件有误，请回到列表重新选择") from None
        # The words searched for may be a phone or a name: only which filters were set is kept.
        core.note_export(self.opts.label, ",".join(sorted(filters.GET)), by=Actor.of(request))
        return export_table(
            request,
            str(self.opts.model_name),
            [label for label, _ in self.export_columns],
            ([value(row) for _, value in self.export_columns] for row in rows[:EXPORT_ROWS].iterator(chunk_size=1000)),
        )

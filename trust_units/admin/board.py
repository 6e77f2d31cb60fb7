"""The board of trust units: coverage by county and trade, the pools of a year, removals, the counties in order."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import F, FloatField, QuerySet
from django.db.models.functions import Cast, NullIf
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from core.calendar import business_date
from core.csv_export import export_table
from core.models import Industry
from trust_units.actions.no_disturb import visits_saved
from trust_units.models import CoverageRow, NoDisturbEntry, TrustUnit
from trust_units.models.coverage import WHOLE, percent

MOST = 100
ORDERS = {"coverage": "覆盖率", "removal": "移除率", "units": "在库单位"}
HEADS = (
    "区县代码",
    "区县",
    "在库单位",
    "已覆盖市场主体",
    "登记市场主体",
    "覆盖率",
    "当年检查",
    "当年移除",
    "移除率",
    "统计日",
)
POOLS = [(pool.value, pool.label) for pool in TrustUnit.Status]


def ranked(order: str) -> QuerySet[CoverageRow]:
    """The counties, the best first; those with nothing to divide by last."""
    rows = CoverageRow.objects.counties().defer("industries", "months")
    if order == "units":
        return rows.order_by("-units", "area")
    part, whole = ("removed", "checked") if order == "removal" else ("covered", "entities")
    rate = Cast(F(part), FloatField()) / NullIf(Cast(F(whole), FloatField()), 0.0)
    return rows.annotate(rate=rate).order_by(F("rate").desc(nulls_last=True), "area")


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """All counties in order, and one of them (or all together) by trade and month."""
    order = request.GET.get("order", "")
    order = order if order in ORDERS else "coverage"
    asked = request.GET.get("county", "")[:12]
    shown = {row.area: row for row in CoverageRow.objects.filter(area__in=[WHOLE, asked])}
    one = shown.get(asked) or shown.get(WHOLE)
    names = dict(Industry.objects.values_list("code", "name"))
    rows = list(ranked(order)[: MOST + 1])
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "放心消费看板",
        "orders": ORDERS.items(),
        "order": order,
        "one": one,
        "pools": POOLS,
        "held": [(label, one.pools.get(pool, 0)) for pool, label in POOLS] if one else [],
        "trades": [
            (names.get(code, code), covered, entities, percent(covered, entities))
            for code, covered, entities in (one.industries if one else [])
        ],
        "months": [
            (month, [(label, pools.get(pool, 0)) for pool, label in POOLS])
            for month, pools in (one.months if one else [])
        ],
        "calm": NoDisturbEntry.objects.filter(status=NoDisturbEntry.Status.LISTED).count(),
        "saved": visits_saved(business_date()),
        "rows": rows[:MOST],
        "more": len(rows) > MOST,
    }
    return TemplateResponse(request, "admin/trust_board.html", context)


@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """Every county as a line, for a spreadsheet."""
    lines = (
        (
            row.area, row.name, row.units, row.covered, row.entities, row.coverage, row.checked, row.removed,
            row.removal_rate, row.counted_on,
        )
        for row in ranked("coverage").iterator()
    )  # fmt: skip
    return export_table(request, "fangxin-fugailv", HEADS, lines)

"""The month of the 12315 desk: counties by figures, the score of 102, the report to print and to calculate with."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from complaints import figures_reports as reports
from complaints.actions.figures import digest_of
from complaints.figures import AVERAGE_FORMULA, DUE_FORMULA, STREAK_FORMULA, YEAR_FORMULA
from complaints.models import FigureMonth
from core.actors import Actor
from core.csv_export import export_table
from core.errors import NotFound
from core.permissions import require

FORMULAS = (f"期限：{DUE_FORMULA.removeprefix('。')}", AVERAGE_FORMULA, YEAR_FORMULA, STREAK_FORMULA)


def _asked(request: HttpRequest) -> tuple[Actor, list[FigureMonth], FigureMonth | None, list[tuple[str, str]], str]:
    """Who asks, the months there are, the one that is wanted, the counties there are and the one that is wanted."""
    by = Actor.of(request)
    require(by, "complaints.read_figures")
    known, places = reports.months(), reports.county_names(by)
    county = request.GET.get("county", "")
    if county and county not in dict(places):
        raise NotFound("您的辖区里没有这个区县的统计")
    return by, known, reports.month_of(request.GET.get("month", ""), known), places, county


def _frame(request: HttpRequest, title: str) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": title}


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """One month: every figure with its fraction and streak; the score; counties, industries, causes."""
    by, known, month, places, county = _asked(request)
    after = request.GET.get("cursor", "")[:12]
    context = {
        **_frame(request, "月度看板"),
        "months": known,
        "month": month,
        "places": places,
        "county": county,
        "board": reports.board(by, month, county=county, after=after) if month else None,
        "county_heads": [kpi.label for kpi in reports.COUNTY_COLUMNS],
        "part_heads": [kpi.label for kpi in reports.PART_COLUMNS],
        "formulas": FORMULAS,
        "after": after,
    }
    return TemplateResponse(request, "admin/complaints_board.html", context)


@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """The monthly report for a spreadsheet: each county and figure one line, with numerator, denominator and rules."""
    by, _, month, _, county = _asked(request)
    if month is None:
        raise NotFound("还没有统计过任何一个月")
    rows = reports.export_rows(by, month, county)
    return export_table(request, f"12315-yuebao-{month.month:%Y-%m}", reports.EXPORT_HEADS, rows)


@require_GET
def report(request: HttpRequest) -> HttpResponse:
    """分析报告: the month in words and tables, to print or send on."""
    by, _, month, _, county = _asked(request)
    if month is None:
        raise NotFound("还没有统计过任何一个月")
    found = reports.board(by, month, county=county)
    context = {
        "board": found,
        "month": month,
        "county": county,
        "sentences": reports.sentences(found),
        "county_heads": [kpi.label for kpi in reports.COUNTY_COLUMNS],
        "formulas": FORMULAS,
        "intact": digest_of(month.month) == month.digest if month.closed_on else None,
    }
    return TemplateResponse(request, "admin/complaints_report.html", context)

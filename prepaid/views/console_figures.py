"""经营数据: what came in, what was released and refunded by date, and how many of those who looked bought."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from core.calendar import business_date
from core.csv_export import export_table, plain_yuan
from merchants.views.desk import Desk, for_shop, shop_page
from prepaid.offer_figures import Figures, figures_of
from prepaid.views.console_money import money_of

SPANS = (7, 30, 90)
HEADS = ("日期", "浏览套餐", "新办卡", "收到预付（元）", "消费后付给您（元）", "退款（元）")


def _figures(request: HttpRequest, desk: Desk, today: date) -> tuple[int, Figures]:
    asked = request.GET.get("days", "")
    days = int(asked) if asked in {str(span) for span in SPANS} else SPANS[1]
    return days, figures_of(desk.merchant, today - timedelta(days=days - 1), today)


@for_shop()
@require_GET
def figures(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The sums, the rate before and after the badge, what is expected, and each day."""
    today = business_date()
    days, found = _figures(request, desk, today)
    money = money_of(desk.merchant, today)
    context = {
        "figures": found,
        "total": found.total,
        "busy": [day for day in found.days if day.is_busy],
        "days": days,
        "spans": SPANS,
        "money": money,
        "expected_fen": sum(day.sure_fen for day in money.days),
    }
    return shop_page(request, desk, "prepaid/console/figures.html", context)


@for_shop()  # type: ignore[arg-type]
@require_GET
def figures_csv(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """The same days for a spreadsheet."""
    _, found = _figures(request, desk, business_date())
    rows = [
        (day.on, day.views, day.sold, *map(plain_yuan, (day.paid_in_fen, day.released_fen, day.refunded_fen)))
        for day in found.days
    ]
    return export_table(request, "jingying-shuju", HEADS, rows)

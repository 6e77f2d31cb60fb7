"""The board, the monthly report, the public pages and the API of figures; few queries however much there is."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from complaints.figures_sql import SUMS
from complaints.models import (
    Complaint,
    ComplaintRollup,
    Disclosure,
    FigureMonth,
    LatenessRollup,
    MaliceFlag,
    ShopMonth,
)
from complaints.public_record import causes_of, record_of
from core.calendar import business_date, end_of_day
from core.clocks import CHINA
from core.models import Region, StoredFile, User
from merchants.models import Merchant
from tests.complaints.case_scenes import complaint_of

pytestmark = pytest.mark.django_db
BOARD = "/admin/complaints/board/"
By = ComplaintRollup.By


def rollup(month: FigureMonth, county: str, by: int = By.TOTAL, **sums: Any) -> ComplaintRollup:
    return ComplaintRollup(
        month=month, county_id=county, by=by, packs=sums.pop("packs", ["CN.COMPLAINT.121"]),
        industry_id=sums.pop("industry", None), cause=sums.pop("cause", ""),
        **{name: sums.get(name, 0) for name in SUMS},
    )  # fmt: skip


GOOD = {"accept_due": 20, "accept_on_time": 19, "complete_due": 10, "complete_on_time": 10, "contact_due": 40,
        "contact_on_time": 40, "received": 30, "closed": 12, "answered": 8, "satisfied": 7,
        "recovered_fen": 655_500_00, "locked_fen": 900, "owed_fen": 1_000}  # fmt: skip


@pytest.fixture
def year(db: None) -> list[FigureMonth]:
    """October of two years and the months between, of one district and of a county of another city."""
    months = [date(2025, 10 + n, 1) for n in range(3)] + [date(2026, 1 + n, 1) for n in range(10)]
    rows = FigureMonth.objects.bulk_create(
        FigureMonth(month=on, counted_until=end_of_day(on + timedelta(days=31)).replace(day=1)) for on in months
    )
    made = []
    for row in rows:
        full = {**GOOD, "accept_on_time": 20} if row.month.month != 10 else GOOD
        made += [rollup(row, "330199", **full), rollup(row, "330203", **{**GOOD, "accept_on_time": 1})]
        made += [
            rollup(row, "330199", By.INDUSTRY, industry=1, **full),
            rollup(row, "330199", By.CAUSE, cause="REFUND", **full),
        ]
        made += [rollup(row, "330199", By.BOTH, industry=1, cause="REFUND", received=9),
                 rollup(row, "330199", By.BOTH, industry=1, cause="QUALITY", received=1)]  # fmt: skip
    ComplaintRollup.objects.bulk_create(made)
    LatenessRollup.objects.bulk_create(
        LatenessRollup(month=rows[-1], county_id=county, code=code, due=40, on_time=39, late=1, unanswered=0,
                       late_days=3, worst_days=3)
        for county in ("330199", "330203") for code in ("ACCEPT", "MEDIATE")
    )  # fmt: skip
    return rows


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="core.auth.PhoneBackend")
    return client


def test_the_board_of_a_county(year: list[FigureMonth], district_officer: User, other_officer: User) -> None:
    text = signed_in(district_officer).get(BOARD).content.decode()
    for word in (
        "95.00%", "19 / 20", "示范区", "退款难", "¥655,500.00", "2026-10-01 至 2026-10-31",
        "1 件没有做到", "CN.COMPLAINT.121", "权重是规则包里的建议值，待核", "/ 102",
    ):  # fmt: skip
        assert word in text, word
    assert "330203" not in text
    other = signed_in(other_officer)
    assert "330203" in other.get(BOARD).content.decode()
    assert other.get(BOARD, {"county": "330199"}).status_code == 404
    assert signed_in(district_officer).get(BOARD, {"month": "nonsense", "county": "330199"}).status_code == 200


def test_the_board_asks_as_much_for_many_counties(year: list[FigureMonth], city_chief: User) -> None:
    client = signed_in(city_chief)
    client.get(BOARD)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(BOARD)
    counties = Region.objects.filter(level=3, path__startswith="33/").exclude(pk__in=["330199", "330203"])[:40]
    ComplaintRollup.objects.bulk_create(rollup(year[-1], county.pk, **GOOD) for county in counties)
    with CaptureQueriesContext(connection) as many:
        assert client.get(BOARD).status_code == 200
    assert len(many) == len(few)
    assert all('complaints_complaint"' not in q["sql"] for q in many if "rollup" in q["sql"])


def test_the_monthly_report_and_its_tables(year: list[FigureMonth], district_officer: User) -> None:
    client = signed_in(district_officer)
    text = client.get(f"{BOARD}report/").content.decode()
    assert "分析报告" in text and "事由前 1 位：退款难 30 件" in text and "失分最多的是" in text
    rows = list(csv.DictReader(io.StringIO(b"".join(client.get(f"{BOARD}export.csv")).decode("utf-8-sig"))))
    row = next(row for row in rows if row["指标"] == "按时初查率")
    assert [row[name] for name in ("区县", "分子", "分母", "值", "同比", "月均", "期间")] == [
        "示范区", "19", "20", "95.00%", "0.00 个百分点", "99.50%", "2026-10-01 至 2026-10-31",
    ]  # fmt: skip
    assert row["规则版本"] == "CN.COMPLAINT.121、指标口径 2026.1" and "÷" in row["公式"]
    assert next(row for row in rows if row["指标"] == "挽回损失")["分子"] == "655500.00"
    book = load_workbook(io.BytesIO(b"".join(client.get(f"{BOARD}export.csv?format=xlsx"))))
    assert book.worksheets[0].max_row == len(rows) + 1


def test_before_anything_is_counted(district_officer: User) -> None:
    client = signed_in(district_officer)
    assert "还没有统计" in client.get(BOARD).content.decode()
    assert client.get(f"{BOARD}report/").status_code == 404
    assert "还没有到期的" in Client().get("/transparency/lateness").content.decode()


def test_the_api_gives_what_each_figure_is_made_of(year: list[FigureMonth], district_officer: User) -> None:
    client = signed_in(district_officer)
    body = client.get("/api/v1/complaint-kpis?month=2026-10&county=330199").json()
    kpi = next(one for one in body["kpis"] if one["code"] == "on_time_initial_check_rate")
    assert (kpi["numerator"], kpi["denominator"], kpi["basis_points"], kpi["streak"]) == (19, 20, 9500, 0)
    assert body["period"] == "2026-10-01 至 2026-10-31" and body["rule_version"].startswith("CN.COMPLAINT.121")
    assert body["full"] == 102 and sum(one["points"] for one in body["marks"]) == 102
    assert client.get("/api/v1/complaint-kpis?county=330203").status_code == 404
    late = Client().get("/api/v1/lateness?county=330199&limit=ACCEPT").json()["results"]
    assert [(one["due"], one["on_time"], one["county_name"]) for one in late] == [(40, 39, "示范区")]


def test_everybody_reads_how_late_the_bureaus_are(year: list[FigureMonth]) -> None:
    text = Client().get("/transparency/lateness").content.decode()
    assert "示范区" in text and "97.50%" in text
    detail = Client().get("/transparency/lateness?county=330199").content.decode()
    assert "受理决定" in detail and "2026年10月" in detail
    assert Client().get("/transparency/lateness?county=999999").status_code == 404


def published(row: Complaint, reply: str = "") -> None:
    today = business_date()
    Disclosure.objects.create(
        complaint=row, text="2026年9月收到关于「退款难」的投诉，经调解达成一致。", merchant_reply=reply,
        status="PUBLISHED", drafted_on=today, objection_until=today, published_on=today,
    )  # fmt: skip


def test_a_shops_record_counts_only_what_may_be_told(
    merchant_a: Merchant, consumer: User, owner_a: User, district_officer: User
) -> None:
    now = datetime.now(CHINA)
    rows = [complaint_of(merchant_a, consumer, received=now) for _ in range(4)]
    for row in rows[:3]:
        published(row, "已经换了店长")
    proof = StoredFile.objects.create(title="证据", media_type="image/png", size=1, sha256="0" * 64)
    MaliceFlag.objects.create(complaint=rows[0], reason="同行恶意投诉", evidence=proof, raised_by=owner_a)
    MaliceFlag.objects.create(
        complaint=rows[1],
        reason="同行",
        evidence=proof,
        raised_by=owner_a,
        status="REJECTED",
        decided_by=district_officer,
    )
    month = FigureMonth.objects.create(month=business_date().replace(day=1), counted_until=now)
    shop = ShopMonth.objects.create(merchant=merchant_a, month=month, redemptions=60)
    assert "太少" in record_of(merchant_a).says and record_of(merchant_a).frequency.count == 2
    ShopMonth.objects.filter(pk=shop.pk).update(redemptions=2_000)
    page = Client().get(f"/shops/{merchant_a.public_code}/").content.decode()
    assert "每千次核销 1.0 件公示的投诉（2 件 ÷ 2,000 次）" in page and "已经换了店长" in page
    records = Client().get(f"/shops/{merchant_a.public_code}/complaints/").content.decode()
    assert records.count("已经换了店长") == 2 and "95% 区间 0.3—3.6 件" in records
    body = Client().get(f"/api/v1/complaint-records/{merchant_a.public_code}").json()
    assert (body["complaints"], body["redemptions"], body["low"], body["high"]) == (2, 2_000, "0.3", "3.6")
    assert len(body["records"]) == 2 and Client().get("/api/v1/complaint-records/AAAAAAAAAAAAAAAA").status_code == 404


def test_a_shop_sees_its_causes_beside_its_trade(
    year: list[FigureMonth], merchant_a: Merchant, consumer: User, owner_a: User
) -> None:
    received = datetime(2026, 10, 9, 10, tzinfo=CHINA)
    for told in (received, received, None):
        complaint_of(merchant_a, consumer, received=received, merchant_told_at=told)
    found = causes_of(merchant_a, date(2026, 11, 2))
    assert (found.total, found.lines[0].label, found.lines[0].by_month[-2:]) == (2, "退款难", [2, 0])
    # Eleven months of 9 and 1 of the trade, the shop's own two taken out: 97 of 108.
    assert (found.trade_total, found.lines[0].trade_share, found.lines[0].more) == (108, "89%", True)
    ComplaintRollup.objects.filter(by=By.BOTH).exclude(month=year[-1].month).delete()
    assert not causes_of(merchant_a, date(2026, 11, 2)).compares
    shop = Merchant.objects.select_related("region", "industry").get(pk=merchant_a.pk)
    with CaptureQueriesContext(connection) as asked:
        causes_of(shop, date(2026, 11, 2))
    assert len(asked) == 2
    assert "投诉事由" in signed_in(owner_a).get("/console/complaint-causes/").content.decode()


@pytest.mark.browser
def test_how_the_pages_look(
    page_at: Callable[..., Any], axe: Callable[..., Any], shot: Callable[..., Any], year: list[FigureMonth],
    merchant_a: Merchant, owner_a: User, consumer: User, district_officer: User,
) -> None:  # fmt: skip
    complaint_of(merchant_a, consumer, received=datetime.now(CHINA), merchant_told_at=datetime.now(CHINA))
    cache.clear()
    looks = (
        (BOARD, "figures-board", district_officer, 360, "light"),
        (BOARD, "figures-board", district_officer, 1280, "dark"),
        ("/transparency/lateness", "figures-lateness", None, 360, "light"),
        ("/console/complaint-causes/", "figures-causes", owner_a, 1280, "dark"),
    )  # fmt: skip
    for address, name, user, width, theme in looks:
        page = page_at(width, theme=theme, user=user)
        page.goto(address)
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        shot(page, f"{name}-{width}")

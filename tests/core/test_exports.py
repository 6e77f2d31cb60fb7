"""Lists as downloads: CSV and workbooks say the same, and neither runs anything."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from openpyxl import load_workbook

from core.csv_export import STARTERS, export_table
from core.models import AuditEvent, User
from prepaid.models import Contract


def download(rows: Any, form: str = "xlsx") -> bytes:
    request = RequestFactory().get("/export.csv", {"format": form})
    answer = export_table(request, "list", ["列一", "列二"], rows)
    assert f'filename="list.{form}"' in answer["Content-Disposition"] and answer["Cache-Control"] == "no-store"
    return b"".join(answer)  # type: ignore[arg-type]


def cells(data: bytes) -> list[tuple[Any, ...]]:
    return list(load_workbook(io.BytesIO(data), read_only=True).worksheets[0].iter_rows(min_row=2))


@pytest.mark.parametrize("start", STARTERS)
def test_a_workbook_keeps_formulas_as_text(start: str) -> None:
    ((cell, _),) = cells(download([[f'{start}HYPERLINK("https://evil.example")', 1]]))
    assert cell.data_type != "f" and str(cell.value).strip().endswith('HYPERLINK("https://evil.example")')


def test_values_keep_their_kind() -> None:
    moment = datetime(2026, 1, 4, 16, 5, 59, tzinfo=UTC)
    row = [Decimal("1234.56"), 7, date(2026, 1, 5), moment, None, "13800001111", 10**17, "坏\x00字\x0b", "=1+1"]
    ((money, count, day, at, nothing, phone, long, odd, formula),) = cells(download([row]))
    assert (money.value, count.value, nothing.value) == (1234.56, 7, None)
    assert day.value == datetime(2026, 1, 5) and at.value == datetime(2026, 1, 5, 0, 5)
    assert (phone.value, long.value, odd.value, formula.value) == ("13800001111", str(10**17), "坏字", "=1+1")
    assert formula.data_type == "s"


def test_without_the_switch_it_is_csv() -> None:
    assert download([["=1", Decimal("2.50")]], "csv").decode("utf-8-sig") == "列一,列二\r\n'=1,2.50\r\n"


def test_a_long_list_needs_little_memory() -> None:
    def rows() -> Iterator[list[Any]]:
        for n in range(1_000):
            yield [f"第 {n} 行", n]

    tracemalloc.start()
    try:
        data = download(rows())
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    finally:
        tracemalloc.stop()
    assert len(cells(data)) == 1_000


@pytest.mark.django_db
def test_a_filtered_list_of_the_admin_as_a_workbook(
    signed_in: Callable[[User], Client], district_officer: User, contract: Contract
) -> None:
    client, url = signed_in(district_officer), reverse("admin:prepaid_contract_export")
    page = client.get(reverse("admin:prepaid_contract_changelist"), {"status__exact": "ACTIVE"}).content.decode()
    assert "status__exact=ACTIVE&amp;format=xlsx" in page
    for status, count in (("ACTIVE", 1), ("PAUSED", 0)):
        data = b"".join(client.get(url, {"status__exact": status, "format": "xlsx"}))
        assert len(cells(data)) == count
    assert AuditEvent.objects.filter(verb__contains="export").latest("pk").facts["filters"] == "status__exact"

"""Lists as CSV or XLSX that a spreadsheet opens without running anything."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from core.clocks import local

BOM = "\ufeff"
# A spreadsheet keeps fifteen digits of a number; longer ones are text.
LARGEST_EXACT = 10**15
STARTERS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(value: Any) -> str:
    """The cell as text; what a spreadsheet would take for a formula gets an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{local(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date | int | Decimal):
        return str(value)
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(STARTERS) else text


def plain_yuan(fen: int | None) -> Decimal | None:
    """Fen as ``1234.56``, without separators, so that a spreadsheet adds it up."""
    return None if fen is None else Decimal(fen).scaleb(-2)


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def export_table(
    request: HttpRequest, name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse | FileResponse:
    """The rows as a download named ``name``: CSV, or a workbook when the address says ``?format=xlsx``."""
    if request.GET.get("format") == "xlsx":
        return _workbook(name, heads, rows)
    return _csv(name, heads, rows)


def _csv(name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Written out as the rows come."""
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield BOM + writer.writerow(heads)
        for row in rows:
            yield writer.writerow([safe_cell(cell) for cell in row])

    return StreamingHttpResponse(
        lines(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"},
    )


def _workbook(name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> FileResponse:
    """One sheet, written row by row: of a long list only the packed file is ever in memory."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("导出")
    sheet.freeze_panes = "A2"
    sheet.append([_sheet_cell(sheet, head) for head in heads])
    for row in rows:
        sheet.append([_sheet_cell(sheet, value) for value in row])
    kept = BytesIO()
    book.save(kept)
    kept.seek(0)
    return FileResponse(
        kept,
        as_attachment=True,
        filename=f"{name}.xlsx",
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Cache-Control": "no-store"},
    )


def _sheet_cell(sheet: Any, value: Any) -> Any:
    """Figures and days as such; everything else as text, also what looks like a formula."""
    if value is None or isinstance(value, Decimal):
        return value
    if isinstance(value, datetime):
        return local(value).replace(tzinfo=None, second=0, microsecond=0)
    if isinstance(value, date) or (isinstance(value, int) and abs(value) < LARGEST_EXACT):
        return value
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", str(value)))
    cell.data_type, cell.number_format = "s", "@"
    return cell

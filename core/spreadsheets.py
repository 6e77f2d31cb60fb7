"""Tables that people hand in, CSV or XLSX, row by row: never unpacked whole, never evaluated. No database.

    COLUMNS = Columns({"phone": ("手机号", "电话"), "fen": ("金额", "余额")}, needed=[["phone"], ["fen"]])
    for line, row in named_rows(path, COLUMNS, Limits(rows=10_000)):
        row["phone"]

Every cell is text as a person would type it: days as 2026-03-08, whole numbers without a point, formulas as they are
written (=A1+B1). A byte that is no character of the file's encoding comes as U+FFFD (UNREADABLE), for the caller to
refuse the row.
"""

from __future__ import annotations

import codecs
import csv
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook

from core.errors import Invalid

# In a named row: it has cells to the right of the last heading, as a stray comma makes them.
EXTRA = "extra"
UNREADABLE = "\ufffd"
MOST_PARTS = 500
# A spreadsheet keeps fifteen digits of a figure: a longer number of a card or a person has lost its last ones.
LARGEST_EXACT = 10**15
_BROKEN = (
    KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError, OSError,
    zipfile.BadZipFile, zlib.error, ParseError,
)  # fmt: skip
_MERGED = re.compile(rb'mergeCell\s[^>]*?ref="[A-Z]+(\d+)')
_BLOCK = 1 << 16
Cells = tuple[int, list[str]]


@dataclass(frozen=True)
class Limits:
    """How large a table may be; ``unpacked_mb`` is what an XLSX may come to."""

    rows: int = 50_000
    columns: int = 60
    unpacked_mb: int = 50


@dataclass(frozen=True)
class Columns:
    """What people write above each of our columns, first as we write it; one of each ``needed`` group must be there.

    Blanks, capitals, kinds of brackets and （必填） make no difference.
    """

    names: Mapping[str, Sequence[str]]
    needed: Sequence[Sequence[str]]


DEFAULT = Limits()


def named_rows(path: Path, columns: Columns, limits: Limits = DEFAULT) -> Iterator[tuple[int, dict[str, str]]]:
    """(line as the spreadsheet counts it, cells by our names) of each row that is not empty, without other columns.

    Raises Invalid, while it is read, for what ``rows_of`` refuses, for a heading without a needed column or with one
    twice, and for too many rows.
    """
    ours: list[str] = []
    count = 0
    for line, cells in rows_of(path, limits):
        if not any(cells):
            continue
        if not ours:
            ours = _heading(cells, columns)
            continue
        count += 1
        if count > limits.rows:
            raise Invalid(f"一份文件最多 {limits.rows:,} 行，请分成几份")
        row = {name: cell for name, cell in zip_longest(ours, cells[: len(ours)], fillvalue="") if name}
        if any(cells[len(ours) :]):
            row[EXTRA] = "有"
        yield line, row
    if not ours:
        raise Invalid("文件是空的；第一行写列名：" + "、".join(names[0] for names in columns.names.values()))


def _heading(cells: Sequence[str], columns: Columns) -> list[str]:
    """Our name of each column, empty for one we do not know."""
    known = {_plain(alias): name for name, aliases in columns.names.items() for alias in aliases}
    ours = [known.get(_plain(cell), "") for cell in cells]
    missing = [group for group in columns.needed if not set(group) & set(ours)]
    if missing:
        lacking = "」「".join("或".join(columns.names[name][0] for name in group) for group in missing)
        shown = "、".join(cell for cell in cells if cell)[:80]
        raise Invalid(f"第一行要写列名，还缺「{lacking}」；现在是：{shown}")
    for name in filter(None, ours):
        twice = [cell for cell, one in zip(cells, ours, strict=True) if one == name]
        if len(twice) > 1:
            raise Invalid(f"「{columns.names[name][0]}」有两列（{'、'.join(twice)[:60]}），请删去一列")
    return ours


def _plain(text: str) -> str:
    return "".join(text.split()).lower().replace("(", "（").replace(")", "）").replace("（必填）", "")


def rows_of(path: Path, limits: Limits = DEFAULT) -> Iterator[Cells]:
    """(line, cells) of every row, empty ones too, of a CSV in UTF-8, UTF-16 or GB 18030, or of an XLSX's first sheet.

    Raises Invalid, while it is read, for a file that is no table, unpacks to more than its limit, or whose first row
    has merged cells; an XLSX is read no further than one row beyond the limit and its heading.
    """
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise Invalid("这是旧版 .xls 或加了密码的文件，请另存为不带密码的 .xlsx 或 CSV")
    lines = _sheet(path, limits) if start.startswith(b"PK\x03\x04") else _text(path)
    for line, cells in lines:
        yield line, cells[: limits.columns]


def _text(path: Path) -> Iterator[Cells]:
    """Fields between commas or tabs."""
    with path.open(encoding=_encoding(path), errors="replace", newline="") as text:
        sample = text.read(_BLOCK)
        if "\x00" in sample:
            raise Invalid("看不出是 CSV 或 XLSX 表格，请用模板另存一份")
        text.seek(0)
        head = sample.split("\n", 1)[0]
        reader = csv.reader(text, delimiter="\t" if head.count("\t") > head.count(",") else ",")
        try:
            for cells in reader:
                yield reader.line_num, [cell.strip() for cell in cells]
        except csv.Error as error:
            raise Invalid(f"第 {reader.line_num} 行起读不下去，引号可能没有成对") from error


def _encoding(path: Path) -> str:
    """UTF-16 by its mark, else UTF-8 or GB 18030, whichever goes further without a fault: one bad byte says nothing."""
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
    return max(("utf-8-sig", "gb18030"), key=lambda name: _faultless(path, name))


def _faultless(path: Path, encoding: str) -> int:
    """How many bytes of the file are text in an encoding before the first fault."""
    decoder, done = codecs.getincrementaldecoder(encoding)(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                return done + error.start
            done += len(block)
    return done


def _sheet(path: Path, limits: Limits) -> Iterator[Cells]:
    """The first sheet, row by row."""
    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
            # A part never gives more than the size it declares, so the sum is a true bound.
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > limits.unpacked_mb << 20:
                raise Invalid(f"文件解开后超过 {limits.unpacked_mb} MB，请分成几份，或另存为 CSV")
        with path.open("rb") as file, closing(load_workbook(file, read_only=True)) as book:
            sheet: Any = book.worksheets[0]
            with book._archive.open(sheet._worksheet_path) as part:  # type: ignore[attr-defined]
                merged = _merged_rows(part)
            # Two more than allowed: the heading, and one row that shows there are too many.
            found = sheet.iter_rows(max_row=limits.rows + 2, max_col=limits.columns, values_only=True)
            yield from _under_one_heading(([_typed(cell) for cell in cells] for cells in found), merged)
    except _BROKEN as error:
        raise Invalid("这份 XLSX 读不了，可能损坏了；请在表格软件里打开，另存一份再传") from error


def _merged_rows(part: IO[bytes]) -> set[int]:
    """The rows in which merged cells begin; openpyxl does not tell when it reads row by row."""
    rows: set[int] = set()
    rest = b""
    while block := part.read(_BLOCK):
        rows.update(int(row) for row in _MERGED.findall(rest + block))
        rest = block[-80:]
    return rows


def _under_one_heading(rows: Iterable[list[str]], merged: set[int]) -> Iterator[Cells]:
    """The rows with their lines. Raises Invalid when merged cells begin in the first that is not empty."""
    begun = False
    for line, cells in enumerate(rows, start=1):
        if not begun and any(cells):
            if line in merged:
                raise Invalid(f"第 {line} 行有合并的单元格：请取消合并，删去大标题，让每一列的列名各占一格")
            begun = True
        yield line, cells


def _typed(value: Any) -> str:
    """A cell as it would be typed."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float) and abs(value) >= LARGEST_EXACT:
        return f"{value:.0f}{UNREADABLE}"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else repr(value)
    return str(getattr(value, "text", value)).strip()  # a formula over many cells is an object with its text

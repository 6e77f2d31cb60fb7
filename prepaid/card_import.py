"""Lists of old cards as shops keep them, CSV or XLSX: row by row, with what is wrong said in words. No database."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook

from core.crypto import blind_index
from core.errors import Invalid
from core.identifiers import clean_phone, is_storable
from core.money import parse_yuan
from prepaid.models import Plan

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED = 50 * 1024 * 1024
MAX_PARTS = 500
MAX_ROWS = 50_000
MAX_COLUMNS = 30
LARGEST_FEN = 100_000_000
MOST_TIMES = 9_999
NAME_LENGTH = 40
FIRST_YEAR = 2000

# What shops call their columns; the first name of each is that of the template.
HEADERS = {
    "phone": ("手机号", "手机", "电话", "手机号码", "phone"),
    "name": ("姓名", "顾客", "顾客姓名", "会员姓名", "name"),
    "card": ("卡名", "套餐", "卡", "card"),
    "kind": ("类型", "卡种", "kind"),
    "balance": ("余额（元）", "余额", "剩余金额", "剩余金额（元）", "balance"),
    "times": ("剩余次数", "次数", "times"),
    "bought_on": ("办卡日期", "购卡日期", "开卡日期", "bought_on"),
}
SAMPLE = (
    ("13900001234", "周桂芬", "充三千送六百", "储值卡", "1280.00", "", "2025-03-08"),
    ("13900005678", "林悦", "洗剪吹十次卡", "次卡", "400.00", "4", "2025-06-01"),
)
KINDS = {
    Plan.Kind.STORED_VALUE: ("储值卡", "储值", "金额卡", "stored_value"),
    Plan.Kind.COUNT: ("次卡", "计次卡", "计次", "count"),
}
_DAY = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$")
_BROKEN = (
    KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError, OSError,
    zipfile.BadZipFile, zlib.error, ParseError,
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One old card as the shop states it; ``left_fen`` is what the rest is worth, also of a count card."""

    phone: str
    name: str
    card: str
    kind: str
    left_fen: int
    times: int
    bought_on: date

    @property
    def natural_key(self) -> str:
        """Says whether it is the same card: whose, which, from when. The balance is not part of it."""
        parts = (blind_index("phone", self.phone), self.kind, self.card, self.bought_on.isoformat())
        return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()


def entry_of(row: Mapping[str, str], today: date) -> Entry:
    """The card of one row. Raises Invalid with every fault of it, field by field."""
    faults: dict[str, str] = {}

    def tried(read: Any, field: str) -> Any:
        try:
            return read()
        except Invalid as error:
            faults[field] = next(iter(error.fields.values()), error.message)
            return None

    kind = tried(lambda: _kind(row), "kind")
    phone = tried(lambda: clean_phone(row.get("phone", "")), "phone")
    fen = tried(lambda: _balance(row, kind), "balance")
    times = tried(lambda: _times(row, kind), "times")
    day = tried(lambda: _day(row.get("bought_on", ""), today), "bought_on")
    name, card = row.get("name", ""), row.get("card", "") or (Plan.Kind(kind).label if kind else "")
    for field, text in (("name", name), ("card", card)):
        if len(text) > NAME_LENGTH or not is_storable(text):
            faults[field] = f"{HEADERS[field][0]}最多 {NAME_LENGTH} 个字，不能有特殊符号"
    if faults:
        raise Invalid(fields=faults)
    return Entry(phone, name, card, kind, fen, times, day)


def _kind(row: Mapping[str, str]) -> str:
    given = row.get("kind", "").lower()
    if not given:
        return Plan.Kind.COUNT if row.get("times", "").strip("0") else Plan.Kind.STORED_VALUE
    for kind, words in KINDS.items():
        if given in words:
            return kind
    raise Invalid(fields={"kind": f"类型「{given[:10]}」写成 储值卡 或 次卡"})


def _balance(row: Mapping[str, str], kind: str | None) -> int:
    given = row.get("balance", "")
    if not given:
        count = "次卡也要填余额（元）：剩下的次数一共值多少钱"
        raise Invalid(fields={"balance": count if kind == Plan.Kind.COUNT else "填余额，如 1280.00"})
    fen = parse_yuan(given.removesuffix("元"), field="balance")
    if fen > LARGEST_FEN:
        raise Invalid(fields={"balance": "余额超过 100 万元，请核对单位是不是元"})
    return fen


def _times(row: Mapping[str, str], kind: str | None) -> int:
    given = row.get("times", "").removesuffix("次").strip()
    if kind != Plan.Kind.COUNT:
        if given.strip("0"):
            raise Invalid(fields={"times": "储值卡不填剩余次数；按次数用的请把类型写成 次卡"})
        return 0
    if not (given.isascii() and given.isdigit() and len(given) <= 6 and 0 < int(given) <= MOST_TIMES):
        raise Invalid(fields={"times": f"次卡要填剩余次数，1 到 {MOST_TIMES}"})
    return int(given)


def _day(given: str, today: date) -> date:
    compact = f"{given[:4]}-{given[4:6]}-{given[6:]}" if len(given) == 8 and given.isdigit() else given
    found = _DAY.match(compact)
    try:
        day = date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        day = None
    if day is None:
        raise Invalid(fields={"bought_on": "办卡日期写成 2025-03-08"})
    if not date(FIRST_YEAR, 1, 1) <= day <= today:
        raise Invalid(fields={"bought_on": f"办卡日期要在 {FIRST_YEAR} 年到今天之间"})
    return day


def rows_of(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """(line as the spreadsheet counts it, our columns) of each row that is not empty.

    Raises Invalid for a file that is no table, packs too much, has no column we know, or too many rows.
    """
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PK\x03\x04"):
        lines = _sheet(path)
    elif start.startswith(b"\xd0\xcf\x11\xe0"):
        raise Invalid("这是旧版 .xls 或加了密码的文件，请另存为不带密码的 .xlsx 或 CSV")
    else:
        lines = _text(path)
    yield from _named(lines)


def _named(lines: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, dict[str, str]]]:
    ours: list[str] = []
    count = 0
    for line, cells in lines:
        if not any(cells):
            continue
        if not ours:
            ours = _columns(cells)
            continue
        count += 1
        if count > MAX_ROWS:
            raise Invalid(f"一份文件最多 {MAX_ROWS:,} 行，请分成几份")
        row = {name: cell for name, cell in zip(ours, cells, strict=False) if name}
        if len(cells) > len(ours) and any(cells[len(ours) :]):
            row["extra"] = "有"
        yield line, row
    if not ours:
        raise Invalid("文件是空的；第一行写列名：" + "、".join(names[0] for names in HEADERS.values()))


def _columns(cells: list[str]) -> list[str]:
    ours = [_column(cell) for cell in cells]
    lacking = [HEADERS[name][0] for name in ("phone", "balance", "bought_on") if name not in ours]
    if lacking:
        raise Invalid(f"第一行要写列名，还缺「{'」「'.join(lacking)}」；可以下载模板照着填")
    twice = {name for name in ours if name and ours.count(name) > 1}
    if twice:
        raise Invalid(f"「{HEADERS[twice.pop()][0]}」有两列，请删去一列")
    return ours


def _column(text: str) -> str:
    plain = "".join(text.split()).lower().replace("(", "（").replace(")", "）")
    return next((ours for ours, theirs in HEADERS.items() if plain in theirs), "")


def _text(path: Path) -> Iterator[tuple[int, list[str]]]:
    """CSV or tab-separated, UTF-8, UTF-16 or GB 18030."""
    data = path.read_bytes()
    text = None
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if text is None or "\x00" in text:
        raise Invalid("看不出是 CSV 或 XLSX 表格，请用模板另存一份")
    head = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if head.count("\t") > head.count(",") else ",")
    try:
        for cells in reader:
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise Invalid(f"第 {reader.line_num} 行起读不下去，引号可能没有成对") from error


def _sheet(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The first sheet, row by row; never more than ``MAX_UNPACKED`` bytes are unpacked."""
    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
            # A part never gives more than the size it declares, so the sum is a true bound.
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise Invalid("文件解开后超过 50 MB，请分成几份，或另存为 CSV")
        with path.open("rb") as file, closing(load_workbook(file, read_only=True, data_only=True)) as book:
            sheet = book.worksheets[0]
            # Two more than allowed: the heading, and one row that shows there are too many.
            found = sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS, values_only=True)
            for line, cells in enumerate(found, start=1):
                yield line, [_cell(cell) for cell in cells]
    except _BROKEN as error:
        raise Invalid("这份 XLSX 读不了，可能损坏了；请在表格软件里打开，另存一份再传") from error


def _cell(value: Any) -> str:
    """A cell as it would be typed: whole numbers without a point, days without a time."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else repr(value)
    return str(value).strip()

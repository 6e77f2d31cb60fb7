"""Reading lists of others (经营异常名录, 严重违法失信名单, 失信被执行人) from CSV or XLSX, row by row. No writes."""

from __future__ import annotations

import codecs
import csv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from core.crypto import blind_index
from core.errors import Invalid
from core.identifiers import clean_id_number, clean_uscc, masked_name
from prepaid.models import ListedEntry

MOST_UNPACKED = 400 * 1024 * 1024
MOST_CELL = 500
HEADERS = {
    "kind": ("名单", "名单类型", "名录", "类型"),
    "uscc": ("统一社会信用代码", "社会信用代码", "信用代码", "组织机构代码"),
    "id_number": ("身份证号", "身份证号码", "证件号码", "证件号"),
    "name": ("名称", "企业名称", "姓名", "被执行人姓名", "被执行人姓名/名称", "主体名称"),
    "listed_on": ("列入日期", "列入日", "发布日期", "立案日期", "决定日期"),
    "removed_on": ("移出日期", "移出日", "移除日期", "屏蔽日期", "删除日期"),
    "reason": ("列入原因", "列入事由", "原因", "失信行为", "具体情形"),
}
KNOWN = {alias: name for name, aliases in HEADERS.items() for alias in aliases}
KINDS = {label: kind for kind, label in ListedEntry.Kind.choices} | {
    "经营异常": "ABNORMAL", "严重违法": "SERIOUS", "严重违法失信": "SERIOUS", "失信": "DISHONEST",
}  # fmt: skip
_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it is kept: of a person only the keyed hash of the number and the masked name."""

    kind: str
    uscc: str
    person_idx: str
    name: str
    listed_on: date
    removed_on: date | None
    reason: str

    @property
    def key(self) -> tuple[str, str, str, date]:
        """What makes it the same line."""
        return self.kind, self.uscc, self.person_idx, self.listed_on


def rows_of(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, our columns) of each row of a table. Raises Invalid for a file that is none, or without needed columns."""
    cells = _sheet(path) if _is_packed(path) else _table(path)
    head = next(cells, [])
    ours = [KNOWN.get("".join(cell.split()).replace("（必填）", ""), "") for cell in head]
    if "name" not in ours or not {"uscc", "id_number"} & set(ours) or "listed_on" not in ours:
        shown = "、".join(cell for cell in head if cell)[:80]
        raise Invalid(f"第一行要写明各列：名称、统一社会信用代码或身份证号、列入日期；现在是：{shown}")
    for number, row in enumerate(cells, start=2):
        if any(row):
            yield number, {name: value for name, value in zip(ours, row, strict=False) if name}


def line_of(row: dict[str, str], kind: str, as_of: date) -> Line:
    """The row as it is kept; ``kind`` where the row does not say. Raises ValueError with the reason."""
    if any(len(value) > MOST_CELL for value in row.values()):
        raise ValueError(f"有一格超过 {MOST_CELL} 个字")
    found = KINDS.get(row.get("kind", "")) or kind
    if found not in ListedEntry.Kind.values:
        raise ValueError("不知道是哪个名单，请在「名单」列写经营异常名录、严重违法失信名单或失信被执行人")
    name = row.get("name", "")
    if not name or "\ufffd" in name or "\x00" in "".join(row.values()):
        raise ValueError("没有名称，或有无法识别的字符")
    uscc, person = _uscc(row.get("uscc", "")), ""
    if not uscc:
        person, name = _person(row.get("id_number", "")), masked_name(name)
    listed = _day(row.get("listed_on", ""), "列入日期")
    removed = _day(row["removed_on"], "移出日期") if row.get("removed_on") else None
    if listed > as_of or (removed and removed < listed):
        raise ValueError("列入日期晚于名单日期，或移出日期早于列入日期")
    return Line(found, uscc, person, name[:200], listed, removed, row.get("reason", "")[:300])


def _uscc(given: str) -> str:
    if not given:
        return ""
    try:
        return clean_uscc(given)
    except Invalid as error:
        raise ValueError(error.fields["uscc"]) from error


def _person(given: str) -> str:
    """The keyed hash of an identity number; one with stars finds nobody."""
    if not given:
        raise ValueError("统一社会信用代码和身份证号至少填一个")
    try:
        return blind_index("id", clean_id_number(given))
    except Invalid as error:
        raise ValueError("身份证号不完整或有误，无法比对") from error


def _day(text: str, label: str) -> date:
    for form in _DAYS:
        try:
            return datetime.strptime(text.strip()[:11], form).date()
        except ValueError:
            continue
    raise ValueError(f"{label}「{text[:20]}」看不懂，写成 2026-08-01 这样")


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def _table(path: Path) -> Iterator[list[str]]:
    """The cells of a CSV file in UTF-8 or GB 18030."""
    with path.open("rb") as file:
        sample = file.read(65_536)
    encoding = "utf-8-sig"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        encoding = "gb18030"
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        try:
            for row in csv.reader(text):
                yield [cell.strip() for cell in row]
        except csv.Error as error:
            raise Invalid(f"表格有误（{error}），请另存为 CSV 后再导入") from error


def _sheet(path: Path) -> Iterator[list[str]]:
    """The cells of the first sheet of a workbook, streamed; one that swells when unpacked is refused."""
    try:
        with zipfile.ZipFile(path) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise Invalid("表格解开后太大，请拆成几份，或另存为 CSV")
        book = load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise Invalid("打不开这个表格，请用 Excel 另存为 .xlsx 或 CSV") from error
    try:
        for row in book.worksheets[0].iter_rows(values_only=True):
            yield [_cell(value) for value in islice(row, 60)]
    finally:
        book.close()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value.strftime("%Y-%m-%d") if isinstance(value, date) else str(value).strip()

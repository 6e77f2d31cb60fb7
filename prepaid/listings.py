"""Reading lists of others (经营异常名录, 严重违法失信名单, 失信被执行人), row by row. No writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from core.crypto import blind_index
from core.errors import Invalid
from core.identifiers import clean_id_number, clean_uscc, masked_name
from core.spreadsheets import UNREADABLE, Columns, Limits, named_rows
from prepaid.models import ListedEntry

LIMITS = Limits(rows=5_000_000, unpacked_mb=400)
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
COLUMNS = Columns(HEADERS, needed=[["name"], ["uscc", "id_number"], ["listed_on"]])
KINDS = {label: kind for kind, label in ListedEntry.Kind.choices} | {
    "经营异常": "ABNORMAL", "严重违法": "SERIOUS", "严重违法失信": "SERIOUS", "失信": "DISHONEST",
    "注销": "DEREG", "简易注销公告": "DEREG", "清算组备案公告": "DEREG",
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
    """(line, our columns) of each row of a list. Raises Invalid for one that cannot be read (core.spreadsheets)."""
    return named_rows(path, COLUMNS, LIMITS)


def line_of(row: dict[str, str], kind: str, as_of: date) -> Line:
    """The row as it is kept; ``kind`` where the row does not say. Raises ValueError with the reason."""
    if any(len(value) > MOST_CELL for value in row.values()):
        raise ValueError(f"有一格超过 {MOST_CELL} 个字")
    found = KINDS.get(row.get("kind", "")) or kind
    if found not in ListedEntry.Kind.values:
        raise ValueError("不知道是哪个名单，请在「名单」列写经营异常名录、严重违法失信名单、失信被执行人或注销公告")
    name = row.get("name", "")
    if not name or UNREADABLE in name or "\x00" in "".join(row.values()):
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
            return datetime.strptime(text.strip()[:11].strip(), form).date()
        except ValueError:
            continue
    raise ValueError(f"{label}「{text[:20]}」看不懂，写成 2026-08-01 这样")

"""Lists of old cards as shops keep them: row by row, with what is wrong said in words. No database."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from core.crypto import blind_index
from core.errors import Invalid
from core.identifiers import clean_phone, is_storable
from core.money import parse_yuan
from core.spreadsheets import UNREADABLE, Columns, Limits, named_rows
from prepaid.models import Plan

MAX_BYTES = 10 * 1024 * 1024
LIMITS = Limits(rows=50_000, columns=30, unpacked_mb=50)
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
COLUMNS = Columns(HEADERS, needed=[["phone"], ["balance"], ["bought_on"]])
SAMPLE = (
    ("13900001234", "周桂芬", "充三千送六百", "储值卡", "1280.00", "", "2025-03-08"),
    ("13900005678", "林悦", "洗剪吹十次卡", "次卡", "400.00", "4", "2025-06-01"),
)
KINDS = {
    Plan.Kind.STORED_VALUE: ("储值卡", "储值", "金额卡", "stored_value"),
    Plan.Kind.COUNT: ("次卡", "计次卡", "计次", "count"),
}
_DAY = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$")


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
        if len(text) > NAME_LENGTH or not is_storable(text) or UNREADABLE in text:
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
    given = given.split(" ")[0] if ":" in given else given
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
    """(line, our columns) of each row of a list. Raises Invalid for one that cannot be read (core.spreadsheets)."""
    return named_rows(path, COLUMNS, LIMITS)

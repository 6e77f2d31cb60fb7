"""Lists of claims as people write them down at a closed shop: row by row, with what is wrong said. No database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from complaints.actions.parties import NAME_LENGTH
from core.errors import Invalid
from core.identifiers import clean_phone, is_storable
from core.money import parse_yuan
from core.spreadsheets import EXTRA, UNREADABLE, Columns, Limits, named_rows

LIMITS = Limits(rows=2_000, columns=30, unpacked_mb=20)
LARGEST_FEN = 100_000_000
CARD_LENGTH, NOTE_LENGTH = 40, 300
# What people write above their columns; the first of each is that of the template.
HEADERS = {
    "name": ("姓名", "债权人", "持卡人", "消费者"),
    "phone": ("手机号", "手机", "电话", "联系电话"),
    "card": ("卡名或卡号", "卡名", "卡号", "会员卡", "卡"),
    "code": ("平台合同编号", "合同编号", "平台卡编号"),
    "amount": ("金额（元）", "金额", "申报金额", "余额", "剩余金额"),
    "note": ("说明", "备注", "凭证说明"),
}
COLUMNS = Columns(HEADERS, needed=[["name"], ["phone"], ["card", "code"], ["amount"]])


@dataclass(frozen=True, kw_only=True)
class NewClaim:
    """One claim as it was written down. ``card_code`` is the portal's own number of a card, where it has one."""

    name: str
    phone: str
    claimed_fen: int
    card_name: str = ""
    card_code: str = ""
    note: str = ""


def claim_of(row: Mapping[str, str]) -> NewClaim:
    """The claim of one row. Raises Invalid with every fault of it, field by field."""
    faults: dict[str, str] = {}
    phone, fen = "", 0
    try:
        phone = clean_phone(row.get("phone", ""))
    except Invalid:
        faults["phone"] = "手机号填 11 位"
    try:
        fen = amount_of(row.get("amount", "").removesuffix("元"))
    except Invalid as error:
        faults |= error.fields
    name, card, note = row.get("name", ""), row.get("card", ""), row.get("note", "")
    for field, text, longest in (("name", name, NAME_LENGTH), ("card", card, CARD_LENGTH), ("note", note, NOTE_LENGTH)):
        if len(text) > longest or not is_storable(text) or UNREADABLE in text:
            faults[field] = f"{HEADERS[field][0]}最多 {longest} 个字，不能有特殊符号"
    if len(name.strip()) < 2:
        faults["name"] = "填姓名"
    if not card.strip() and not row.get("code", "").strip():
        faults["card"] = "填卡名或卡号"
    if EXTRA in row:
        faults["extra"] = "这一行的格子比列名多，请检查有没有多余的逗号"
    if faults:
        raise Invalid(fields=faults)
    return NewClaim(
        name=name.strip(), phone=phone, claimed_fen=fen, card_name=card.strip(), card_code=row.get("code", ""),
        note=note.strip(),
    )  # fmt: skip


def amount_of(text: str) -> int:
    """Yuan as typed, in fen. Raises Invalid for what is no amount, or more than a million yuan."""
    fen = parse_yuan(text, field="amount")
    if fen > LARGEST_FEN:
        raise Invalid(fields={"amount": "金额超过 100 万元，请核对单位是不是元"})
    return fen


def rows_of(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, our columns) of each row of a list. Raises Invalid for one that cannot be read (core.spreadsheets)."""
    return named_rows(path, COLUMNS, LIMITS)

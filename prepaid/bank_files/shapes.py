"""What every form of bank file becomes: entries one after the other, and at the end the statement they add up to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from core.errors import Invalid
from core.money import MAX_FEN, yuan

REFERENCE = re.compile(r"[!-\[\]-~]{1,64}")
NUMBER = re.compile(r"[\w.:-]{1,40}", re.ASCII)
_NOT_IN_TAIL = re.compile(r"[^0-9A-Za-z*]")
TAIL = 4


class BadBankFile(Invalid):
    """The file cannot be taken as it is; the message names the line and what to do. Nothing of it is booked."""

    code = "bad_bank_file"

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(f"第 {line} 行：{message}" if line else message)
        self.line = line


class Nature(StrEnum):
    """What the bank says an entry is, beyond an ordinary payment."""

    NORMAL = "NORMAL"
    REVERSAL = "REVERSAL"
    COURT = "COURT"


class BankEntry(NamedTuple):
    """One entry on the custody account. ``amount_fen`` is positive for money in, negative for money out.

    ``number`` is our own order or payout number where the bank repeats it; of the other side only the last four
    characters are kept, which is all that matching needs.
    """

    line_no: int
    bank_ref: str
    amount_fen: int
    number: str
    tail: str
    nature: Nature


@dataclass
class Statement:
    """The frame of a file: the day, both balances, and what its entries add up to.

    ``said_count`` counts a batch once; ``parts`` are the further transactions of batches.
    """

    on: date | None = None
    opening_fen: int | None = None
    closing_fen: int | None = None
    said_count: int | None = None
    count: int = 0
    parts: int = 0
    sum_fen: int = 0

    def take(self, entry: BankEntry) -> BankEntry:
        """Count one entry."""
        self.count += 1
        self.sum_fen += entry.amount_fen
        return entry

    def check(self) -> None:
        """The balances, the count and the entries say the same. Raises BadBankFile."""
        if self.on is None:
            raise BadBankFile("文件没有写明记账日，请向存管银行索取完整的日终文件")
        if self.opening_fen is None or self.closing_fen is None:
            raise BadBankFile("文件没有期初或期末余额，可能被截断，请重新下载完整的文件")
        found = self.count - self.parts
        if self.said_count is not None and self.said_count != found:
            raise BadBankFile(f"文件写明 {self.said_count} 笔，实际有 {found} 笔：文件被截断或改动，请重新下载")
        off = self.opening_fen + self.sum_fen - self.closing_fen
        if off:
            raise BadBankFile(f"期初加发生额与期末余额相差 {yuan(abs(off))} 元：文件被截断或改动，请重新下载")


def fen_of_yuan(text: str, line: int) -> int:
    """Yuan with at most two decimals, as ``1234.50`` or ``1,234.50``, in fen. Raises BadBankFile."""
    digits = text[:-3] + text[-2:]
    if text[-3:-2] == "." and digits.isdigit() and digits.isascii() and 2 < len(digits) < 16:
        return int(digits)  # as nearly every line is written
    plain = text.strip().replace(",", "")
    whole, _, part = plain.partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 13 and len(part) <= 2):
        raise BadBankFile(f"金额「{text[:20]}」看不懂，应写成 1234.50 元", line)
    if part and not (part.isascii() and part.isdigit()):
        raise BadBankFile(f"金额「{text[:20]}」看不懂，应写成 1234.50 元", line)
    return _in_range(int(whole) * 100 + int(part.ljust(2, "0") or 0), text, line)


def fen_of_text(text: str, line: int) -> int:
    """Whole fen. Raises BadBankFile."""
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 15):
        raise BadBankFile(f"金额「{text[:20]}」看不懂，应是整数分", line)
    return _in_range(int(plain), text, line)


def _in_range(fen: int, text: str, line: int) -> int:
    if fen > MAX_FEN:
        raise BadBankFile(f"金额「{text[:20]}」太大，请核对", line)
    return fen


def reference_of(text: str, line: int) -> str:
    """The bank's own reference, by which an entry is known for ever. Raises BadBankFile."""
    if REFERENCE.fullmatch(text) is None:
        raise BadBankFile(f"银行流水号「{text[:40]}」缺失或有看不懂的字符", line)
    return text


def number_of(text: str) -> str:
    """Our own number, or nothing where the bank wrote something else into the field."""
    return text if NUMBER.fullmatch(text) else ""


def tail_of(account: str) -> str:
    """The last four letters or digits of an account."""
    return _NOT_IN_TAIL.sub("", account)[-TAIL:]


def nature_of(text: str) -> Nature:
    """What the bank's remark says; a refund of a customer is an ordinary payment."""
    if any(word in text for word in ("冲正", "冲销", "抹账")):
        return Nature.REVERSAL
    if any(word in text for word in ("司法", "法院", "扣划")):
        return Nature.COURT
    return Nature.NORMAL


def day_of(text: str, line: int) -> date:
    """``2026-03-01``, with or without a time, or ``20260301``. Raises BadBankFile."""
    plain = text.strip()
    plain = f"{plain[:4]}-{plain[4:6]}-{plain[6:8]}" if plain[:8].isdigit() else plain[:10].replace("/", "-")
    try:
        return date.fromisoformat(plain)
    except ValueError:
        raise BadBankFile(f"日期「{text[:20]}」看不懂，应写成 2026-03-01", line) from None

"""The daily file as a table: lines that begin with # say day, balances and count, then one heading and the entries.

#记账日,2026-03-01
#期初余额,1200.00
流水号,记账时间,收支,金额,业务单号,对方账户,余额,摘要
SB01,2026-03-01 09:00:00,收入,300.00,K7…,6222****0001,1500.00,
#合计,1,期末余额,1500.00
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.errors import Invalid
from core.spreadsheets import UNREADABLE, Limits, rows_of
from prepaid.bank_files.shapes import (
    BadBankFile,
    BankEntry,
    Nature,
    Statement,
    day_of,
    fen_of_text,
    fen_of_yuan,
    nature_of,
    number_of,
    reference_of,
    tail_of,
)
from prepaid.bank_files.sniffing import Form

COLUMNS = {
    "bank_ref": ("流水号", "银行流水号", "交易流水号", "bank_ref"),
    "at": ("记账时间", "记账日期", "交易时间", "booked_at"),
    "direction": ("收支", "借贷", "借贷标志", "direction"),
    "yuan": ("金额", "金额（元）", "金额(元)", "发生额"),
    "fen": ("金额（分）", "金额(分)", "amount_fen"),
    "number": ("业务单号", "商户订单号", "number"),
    "counterparty": ("对方账户", "对方账号", "counterparty"),
    "balance": ("余额", "余额（元）", "余额(元)", "账户余额"),
    "remark": ("摘要", "用途", "附言", "remark"),
}
NEEDED = {"bank_ref": "流水号", "at": "记账时间", "direction": "收支"}
SIGNS = {"收入": 1, "支出": -1, "贷": 1, "借": -1, "贷方": 1, "借方": -1, "IN": 1, "OUT": -1, "CRDT": 1, "DBIT": -1}
LONGEST_CELL = 1_000
# What one sheet can hold.
SHEET = Limits(rows=1_048_576, columns=40, unpacked_mb=400)
LAST = "合计"
KNOWN = {alias: name for name, aliases in COLUMNS.items() for alias in aliases}


def read_table(path: Path, form: Form, statement: Statement) -> Iterator[BankEntry]:
    """The entries of a table, one at a time; ``statement`` is complete and checked at the end. Raises BadBankFile."""
    if form is Form.XLSX:
        yield from _Table(_Sheet(path), statement).entries()
    else:
        csv.field_size_limit(LONGEST_CELL)
        with path.open(encoding=form.encoding, newline="") as file:
            yield from _Table(csv.reader(file, strict=True), statement).entries()
    statement.check()


class _Sheet:
    """The first sheet of a workbook, as ``csv.reader`` would give it."""

    def __init__(self, path: Path) -> None:
        self.line_num = 0
        self.cells = rows_of(path, SHEET)

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        try:
            self.line_num, row = next(self.cells)
        except Invalid as error:
            raise BadBankFile(error.message, self.line_num or 1) from None
        if any(UNREADABLE in cell for cell in row):
            raise BadBankFile(
                "有一格数字超过 15 位，尾数已被表格软件改掉：请用银行原始文件，账号列存成文本", self.line_num
            )
        return row


class _Table:
    """One pass over one file; ``rows`` also know their ``line_num``."""

    def __init__(self, rows: Any, statement: Statement) -> None:
        self.rows = rows
        self.statement = statement
        self.places: dict[str, int] = {}
        self.width = 0
        self.is_over = False
        self.day = ""

    def entries(self) -> Iterator[BankEntry]:
        """Every entry between the heading and the last line."""
        take, statement = self._entry, self.statement
        for row in self._rows():
            if row[0].startswith("#"):
                self._frame(row)
            elif self.is_over:
                raise BadBankFile("合计行之后还有内容，文件被改动，请重新下载", self.rows.line_num)
            elif not self.places:
                self._heading(row)
            else:
                yield statement.take(take(row))
        if not self.is_over:
            raise BadBankFile("文件没有合计行，可能被截断，请重新下载完整的文件", self.rows.line_num)

    def _rows(self) -> Iterator[list[str]]:
        """Rows that are not blank; a broken quotation mark is told by its line."""
        try:
            for row in self.rows:
                if row and (row[0] or any(row)):
                    yield row
        except csv.Error as error:
            raise BadBankFile(f"引号或分隔符有误（{error}），请重新下载", self.rows.line_num) from None

    def _frame(self, row: list[str]) -> None:
        """A line of the frame: names and values in turn."""
        line, names = self.rows.line_num, [cell.strip() for cell in row]
        said = dict(zip(names[0::2], names[1::2], strict=False))
        statement = self.statement
        for name, value in said.items():
            match name.lstrip("#"):
                case "记账日":
                    statement.on = day_of(value, line)
                    self.day = statement.on.isoformat()
                case "期初余额":
                    statement.opening_fen = _signed(value, line)
                case "期末余额":
                    statement.closing_fen = _signed(value, line)
                case "合计":
                    statement.said_count = fen_of_text(value, line)
                    self.is_over = True

    def _heading(self, row: list[str]) -> None:
        line = self.rows.line_num
        for place, cell in enumerate(row):
            name = KNOWN.get(cell.strip())
            if name in self.places:
                raise BadBankFile(f"表头有两个「{cell.strip()}」", line)
            if name:
                self.places[name] = place
        missing = [label for name, label in NEEDED.items() if name not in self.places]
        if "yuan" not in self.places and "fen" not in self.places:
            missing.append("金额")
        if missing:
            raise BadBankFile(f"表头缺少：{'、'.join(missing)}。请用存管银行的原始文件，保存时选 UTF-8 或 GBK", line)
        if self.statement.on is None or self.statement.opening_fen is None:
            raise BadBankFile("表头之前要有 #记账日 和 #期初余额 两行", line)
        self.width = len(row)

    def _entry(self, row: list[str]) -> BankEntry:
        line, places = self.rows.line_num, self.places
        if len(row) != self.width:
            raise BadBankFile(f"应有 {self.width} 列，实际有 {len(row)} 列", line)
        sign = SIGNS.get(row[places["direction"]].strip())
        if sign is None:
            raise BadBankFile(f"收支「{row[places['direction']][:10]}」看不懂，应是收入或支出", line)
        at = row[places["at"]]
        if at[:10] != self.day and day_of(at, line) != self.statement.on:
            raise BadBankFile(f"记账日是 {at[:10]}，与文件的 {self.day} 不是同一天", line)
        fen = fen_of_yuan(row[places["yuan"]], line) if "yuan" in places else fen_of_text(row[places["fen"]], line)
        if not fen:
            raise BadBankFile("金额是零", line)
        self._balance(row, sign * fen, line)
        remark = row[places["remark"]] if "remark" in places else ""
        return BankEntry(
            line,
            reference_of(row[places["bank_ref"]].strip(), line),
            sign * fen,
            number_of(row[places["number"]].strip()) if "number" in places else "",
            tail_of(row[places["counterparty"]]) if "counterparty" in places else "",
            nature_of(remark) if remark else Nature.NORMAL,
        )

    def _balance(self, row: list[str], signed_fen: int, line: int) -> None:
        """Where the bank shows the balance after each entry, a changed amount is found on its very line."""
        if "balance" not in self.places:
            return
        assert self.statement.opening_fen is not None
        due = self.statement.opening_fen + self.statement.sum_fen + signed_fen
        if _signed(row[self.places["balance"]], line) != due:
            raise BadBankFile("余额和上一行加本笔对不上：这一行的金额被改动，或前面少了一行，请重新下载", line)


def _signed(text: str, line: int) -> int:
    """A balance in fen; below zero it begins with a minus."""
    plain = text.strip()
    return -fen_of_yuan(plain[1:], line) if plain.startswith("-") else fen_of_yuan(plain, line)

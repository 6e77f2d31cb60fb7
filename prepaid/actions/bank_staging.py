"""A bank file in a table of its own, compared with what is booked before anything of it is kept.

The table lives as long as the connection: a killed import leaves nothing, and the next one begins again from the file.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any

from django.db import connection

from core.money import yuan
from prepaid.bank_files import BadBankFile, BankEntry, Form, Statement, read_camt, read_table
from prepaid.bank_files.shelf import full_path
from prepaid.models import BankFile

CHUNK = 50_000
STAGING = """
CREATE TEMPORARY TABLE IF NOT EXISTS bank_staging (
    n integer NOT NULL, line_no integer NOT NULL, bank_ref text NOT NULL, amount_fen bigint NOT NULL,
    number text NOT NULL, tail text NOT NULL, nature text NOT NULL
);
TRUNCATE bank_staging;
DROP INDEX IF EXISTS bank_staging_ref, bank_staging_n;
"""
INDEXES = """
CREATE INDEX bank_staging_ref ON bank_staging (bank_ref);
CREATE INDEX bank_staging_n ON bank_staging (n);
ANALYZE bank_staging;
"""
DOUBLED = """
SELECT s.bank_ref, s.line_no, o.line_no FROM bank_staging s
JOIN (SELECT bank_ref, min(n) AS first FROM bank_staging GROUP BY 1 HAVING count(*) > 1 LIMIT 1) d USING (bank_ref)
JOIN bank_staging o ON o.bank_ref = d.bank_ref AND o.n = d.first
WHERE s.n > d.first ORDER BY s.n LIMIT 1
"""
CHANGED = """
SELECT s.line_no, s.bank_ref, s.amount_fen, l.booked_on, l.amount_fen, l.line_no
FROM bank_staging s JOIN prepaid_bankline l ON l.bank_ref = s.bank_ref
WHERE (l.booked_on, l.amount_fen) <> (%s, s.amount_fen) ORDER BY s.n LIMIT 1
"""
DROPPED = """
SELECT l.bank_ref, l.amount_fen FROM prepaid_bankline l
WHERE l.booked_on = %s AND NOT EXISTS (SELECT FROM bank_staging s WHERE s.bank_ref = l.bank_ref)
ORDER BY l.line_no LIMIT 1
"""
REPEATED = (
    "SELECT count(*) FROM bank_staging s WHERE EXISTS (SELECT FROM prepaid_bankline l WHERE l.bank_ref = s.bank_ref)"
)


def entries_of(file: BankFile, statement: Statement) -> Iterator[BankEntry]:
    """The entries of a file on the shelf, as its form has them. Raises BadBankFile."""
    path, form = full_path(file.path), Form(file.form)
    return read_camt(path, statement) if form is Form.CAMT else read_table(path, form, statement)


def stage(entries: Iterable[BankEntry]) -> None:
    """Copy all entries into the staging table, some at a time, in constant memory. Raises BadBankFile."""
    with connection.cursor() as cursor:
        cursor.execute(STAGING)
        numbered = enumerate(entries, 1)
        while chunk := list(islice(numbered, CHUNK)):
            text = io.StringIO()
            for n, (line_no, ref, fen, ours, tail, nature) in chunk:
                text.write(f"{n}\t{line_no}\t{ref}\t{fen}\t{ours}\t{tail}\t{nature}\n")
            text.seek(0)
            cursor.copy_expert("COPY bank_staging FROM STDIN", text)
        cursor.execute(INDEXES)


def compare(on: date) -> int:
    """Refuse a file that says something else than was booked of the day before; how many of its entries are booked.

    Raises BadBankFile for an entry twice in the file, one changed since, and one that was left out.
    """
    doubled = _first(DOUBLED)
    if doubled:
        ref, line, first = doubled
        raise BadBankFile(f"流水号 {ref} 在第 {first} 行已经出现过，文件有重复的行，请重新下载", line)
    changed = _first(CHANGED, on)
    if changed:
        line, ref, fen, booked_on, booked, booked_line = changed
        raise BadBankFile(
            f"流水号 {ref} 是 {yuan(fen)} 元，但 {booked_on} 的文件第 {booked_line} 行已导入 {yuan(booked)} 元："
            "文件被改动，请向存管银行核实",
            line,
        )
    dropped = _first(DROPPED, on)
    if dropped:
        ref, booked = dropped
        raise BadBankFile(
            f"{on} 先前导入的流水 {ref}（{yuan(booked)} 元）在这个文件里没有了：文件不完整或被改动，请向存管银行核实"
        )
    repeated = _first(REPEATED)
    return int(repeated[0]) if repeated else 0


def _first(sql: str, *args: Any) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, args)
        found: tuple[Any, ...] | None = cursor.fetchone()
        return found

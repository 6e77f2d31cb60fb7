"""Bank files as values: three forms that say the same, and every way in which one can be spoiled."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from openpyxl import Workbook

from core.spreadsheets import Limits
from prepaid.bank_files import BadBankFile, BankEntry, Form, Nature, Statement, read_camt, read_table, sniff, table
from prepaid.bank_files.shapes import fen_of_yuan
from tests.prepaid.bankfile import ON, day_file, entry

THREE = [
    entry("SB1", 30_000, number="K7ORDER", account="acct_ab_8000"),
    entry("SB2", -12_345, number="PAYOUT1", account="62220000000012345"),
    entry("SB3", -30_000, number="K7ORDER", account="acct_ab_8000", remark="冲正"),
    entry("SB4", -50_00, remark="司法扣划 (2026)浙01执1号"),
]
FORMS = {"csv": Form.CSV_UTF8, "gbk": Form.CSV_GBK, "camt": Form.CAMT}


def read(data: bytes, tmp_path: Path) -> tuple[list[BankEntry], Statement]:
    """What a file says."""
    path = tmp_path / "bank"
    path.write_bytes(data)
    statement, form = Statement(), sniff(path)
    entries = read_camt(path, statement) if form is Form.CAMT else read_table(path, form, statement)
    return list(entries), statement


def as_sheet(data: bytes, digits: int = 15) -> bytes:
    """A table as somebody saves it in a spreadsheet: amounts and times become figures and moments."""

    def typed(cell: str) -> object:
        for kind in (float, datetime.fromisoformat):
            with suppress(ValueError):
                return kind(cell) if len(cell) <= digits or "-" in cell else cell  # type: ignore[operator]
        return cell

    book = Workbook()
    for row in csv.reader(io.StringIO(data.decode())):
        # A bank's own numbers are text.
        book.active.append([row[0], *map(typed, row[1:])] if row else [])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_says_the_same(tmp_path: Path) -> None:
    plain = day_file(THREE, opening_fen=100_000)
    wanted, _ = read(plain, tmp_path)
    entries, statement = read(as_sheet(plain), tmp_path)
    assert sniff(tmp_path / "bank") is Form.XLSX and entries == wanted
    assert (statement.on, statement.closing_fen, statement.count) == (ON, 82_655, 4)


def test_a_spoiled_workbook_is_refused(tmp_path: Path) -> None:
    plain = day_file(THREE, opening_fen=100_000)
    assert "合计" in refused(as_sheet(plain[: plain.rindex(b"#")]), tmp_path).message
    assert refused(as_sheet(plain.replace(b"300.00", b"301.00", 1)), tmp_path).line == 5
    assert "超过 15 位" in refused(as_sheet(plain, 20), tmp_path).message
    assert refused(as_sheet(plain)[:-40], tmp_path).message
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"\0" * (1 << 20))
    with patch.object(table, "SHEET", Limits(unpacked_mb=0)):
        assert "解开后超过" in refused(bomb.getvalue(), tmp_path).message


def refused(data: bytes, tmp_path: Path) -> BadBankFile:
    """Why a file is not taken."""
    with pytest.raises(BadBankFile) as caught:
        read(data, tmp_path)
    return caught.value


@pytest.mark.parametrize("form", FORMS)
def test_three_forms_say_the_same(form: str, tmp_path: Path) -> None:
    data = day_file(THREE, form, opening_fen=100_000)
    entries, statement = read(data, tmp_path)
    assert sniff(tmp_path / "bank") is FORMS[form]
    assert [one[1:] for one in entries] == [
        ("SB1", 30_000, "K7ORDER", "8000", Nature.NORMAL),
        ("SB2", -12_345, "PAYOUT1", "2345", Nature.NORMAL),
        ("SB3", -30_000, "K7ORDER", "8000", Nature.REVERSAL),
        ("SB4", -5_000, "", "0001", Nature.COURT),
    ]
    assert (statement.on, statement.opening_fen, statement.closing_fen) == (ON, 100_000, 82_655)
    assert data.splitlines()[entries[1].line_no - 1].count(b"SB2") >= 1


@pytest.mark.parametrize("form", FORMS)
def test_a_day_without_entries(form: str, tmp_path: Path) -> None:
    entries, statement = read(day_file([], form, opening_fen=7), tmp_path)
    assert (entries, statement.closing_fen) == ([], 7)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_a_truncated_file_is_refused_wherever_it_ends(form: str, share: float, tmp_path: Path) -> None:
    data = day_file([entry(f"SB{n}", 100 + n) for n in range(40)], form)
    error = refused(data[: int(len(data) * share)], tmp_path)
    assert any(word in error.message for word in ("截断", "不完整", "列", "看不懂", "编码", "合计", "金额", "没有"))


@pytest.mark.parametrize(
    ("before", "after", "line", "says"),
    [
        ("支出,123.45", "支出,123.46", 6, "余额和上一行"),
        ("支出,123.45", "支出,123.4x", 6, "金额「123.4x」看不懂"),
        ("支出,123.45", "支出,0.00", 6, "金额是零"),
        ("支出,123.45", "转出,123.45", 6, "收支「转出」"),
        ("SB2,", ",", 6, "银行流水号"),
        ("SB2,2026-03-02", "SB2,2026-03-03", 6, "不是同一天"),
        ("SB2,2026-03-02", "SB2,2026-13-02", 6, "日期"),
        ("SB2,", "SB2,多一列,", 6, "应有 8 列"),
        ("#合计,4", "#合计,5", None, "写明 5 笔，实际有 4 笔"),
        ("期末余额,", "期末余额,1", None, "期初加发生额"),
        ("流水号,记账时间", "甲,乙", 4, "表头缺少：流水号、记账时间"),
        ("#记账日,2026-03-02\r\n", "", 3, "#记账日"),
        ("SB2,", '"SB2,', 9, "引号"),
        ("#合计", "SB9,2026-03-02,收入,1.00,,,1.00,\r\n#合计", 9, "余额和上一行"),
    ],
)
def test_an_edited_table_is_told_by_its_line(
    before: str, after: str, line: int | None, says: str, tmp_path: Path
) -> None:
    text = day_file(THREE, "csv", opening_fen=100_000).decode()
    assert before in text
    error = refused(text.replace(before, after, 1).encode(), tmp_path)
    assert says in error.message
    assert error.line == line


def test_rows_after_the_last_line_are_refused(tmp_path: Path) -> None:
    data = day_file(THREE, "csv") + "SB9,2026-03-02,收入,1.00,,,1.00,\r\n".encode()
    assert "合计行之后" in refused(data, tmp_path).message


def test_mixed_encodings_are_told_by_the_line(tmp_path: Path) -> None:
    lines = day_file(THREE, "csv").splitlines(keepends=True)
    lines[4] = lines[4].replace("收入".encode(), b"\xff\xff")
    error = refused(b"".join(lines), tmp_path)
    assert (error.line, "编码" in error.message) == (5, True)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "空的"),
        (b"PK\x03\x04" + b"\0" * 50, "压缩包"),
        (b"\x1f\x8b" + b"\0" * 50, "压缩包"),
        ("流水号".encode("utf-16"), "UTF-16"),
        (b"<html><body>502 Bad Gateway</body></html>", "不是 camt.053"),
        (b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.001.001.09'></Document>", "不是 camt.053"),
        (b"hello\nworld\n", "表头缺少"),
        (b"a\0b,c\n", "表头缺少"),
    ],
)
def test_what_is_no_bank_file(data: bytes, says: str, tmp_path: Path) -> None:
    assert says in refused(data, tmp_path).message


BOMB = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">&b;</Document>"""
XXE = """<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>&x;</BkToCstmrStmt></Document>"""
REMOTE = """<!DOCTYPE d SYSTEM "http://127.0.0.1:1/evil.dtd">
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"></Document>"""


@pytest.mark.parametrize("text", [BOMB, XXE, REMOTE])
def test_entities_are_refused_before_they_mean_anything(text: str, tmp_path: Path) -> None:
    assert "DOCTYPE" in refused(text.encode(), tmp_path).message


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("<Cd>BOOK</Cd>", "<Cd>PDNG</Cd>", "没有记账（PDNG）"),
        ('Ccy="CNY"', 'Ccy="USD"', "币种是 USD"),
        ("<CdtDbtInd>DBIT</CdtDbtInd><Sts>", "<Sts>", "收支方向"),
        ("<DtTm>2026-03-02", "<DtTm>2026-03-01", "不是同一天"),
        ("<AcctSvcrRef>SB2</AcctSvcrRef>", "", "流水号"),
        ("<NbOfNtries>4", "<NbOfNtries>3", "写明 3 笔"),
        ("</Ntry>", "</Nrty>", "XML 不完整"),
        ("</Stmt>", "</Stmt><Stmt></Stmt>", "几份对账单"),
        ("<Cd>OPBD</Cd>", "<Cd>ITAV</Cd>", "期初"),
        ("123.45", "123.456", "金额"),
        ("123.45", "-123.45", "金额"),
        ("<Ntry>", "<Ntry>" + "<a>" * 30, "层次太深"),
        ("冲正", "冲" * 3000, "一个字段"),
        ('encoding="UTF-8"', 'encoding="UTF-7"', "编码 utf-7"),
    ],
)
def test_a_spoiled_camt_is_refused(before: str, after: str, says: str, tmp_path: Path) -> None:
    text = day_file(THREE, "camt").decode()
    assert before in text
    assert says in refused(text.replace(before, after).encode(), tmp_path).message


def test_camt_in_gbk(tmp_path: Path) -> None:
    text = day_file(THREE, "camt").decode().replace('encoding="UTF-8"', 'encoding="GBK"')
    assert read(text.encode("gbk"), tmp_path)[0][2].nature is Nature.REVERSAL


def test_a_batch_gives_each_transaction_and_must_add_up(tmp_path: Path) -> None:
    text = day_file([entry("SB1", 30_000, number="A1")], "camt").decode()
    one = text[text.index("<TxDtls>") : text.index("</TxDtls>") + len("</TxDtls>")]
    parts = [one.replace("300.00", yuan).replace("SB1", ref) for ref, yuan in (("S1", "100.00"), ("S2", "200.00"))]
    entries, _ = read(text.replace(one, "".join(parts)).encode(), tmp_path)
    assert [(e.bank_ref, e.amount_fen) for e in entries] == [("S1", 10_000), ("S2", 20_000)]
    wrong = text.replace(one, parts[0] + parts[0])
    assert "不相等" in refused(wrong.encode(), tmp_path).message


@pytest.mark.parametrize(
    ("text", "fen"),
    [("1", 100), ("1.", 100), ("1.5", 150), ("0.01", 1), ("1,234.50", 123_450), ("9999999999999.99", 10**15 - 1)],
)
def test_yuan(text: str, fen: int) -> None:
    assert fen_of_yuan(text, 1) == fen


@pytest.mark.parametrize("text", ["", "-1", "1.234", "1e5", "１", "nan", "0x10", " ", ".5", "10000000000000", "1.２"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(BadBankFile):
        fen_of_yuan(text, 3)


@pytest.mark.parametrize("form", ["csv", "camt"])
def test_memory_does_not_grow_with_the_file(form: str, tmp_path: Path) -> None:
    path = tmp_path / "big"
    path.write_bytes(day_file([entry(f"SB{n}", 100) for n in range(2_000)], form))
    statement, kind = Statement(), FORMS[form]
    tracemalloc.start()
    for _ in read_camt(path, statement) if form == "camt" else read_table(path, kind, statement):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert statement.count == 2_000
    assert peak < 900_000

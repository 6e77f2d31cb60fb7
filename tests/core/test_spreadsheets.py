"""Tables that people hand in: what is read of them, and what is refused in words that say what to do."""

import csv
import io
import re
import subprocess
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from core.errors import Invalid
from core.spreadsheets import EXTRA, UNREADABLE, Columns, Limits, named_rows, rows_of

COLUMNS = Columns(
    {"name": ("名称", "企业名称"), "code": ("代码",), "id": ("证件号",)}, needed=[["name"], ["code", "id"]]
)


def book(path: Path, *rows: tuple[object, ...], merge: str = "") -> Path:
    made = Workbook()
    sheet: Any = made.active
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    made.save(path)
    return path


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def named(path: Path, **limits: int) -> list[tuple[int, dict[str, str]]]:
    return list(named_rows(path, COLUMNS, Limits(**limits)))


def refusal(path: Path, **limits: int) -> str:
    with pytest.raises(Invalid) as refused:
        named(path, **limits)
    return refused.value.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t"])
def test_text_in_the_encodings_people_save_in(tmp_path: Path, encoding: str, mark: str) -> None:
    text = f"企业名称（必填）{mark}备注{mark}代 码\r\n甲店{mark}x{mark} 91 \r\n\r\n乙店{mark}{mark}92{mark}多\r\n"
    rows = named(written(tmp_path / "a.csv", text, encoding))
    assert rows == [(2, {"name": "甲店", "code": "91"}), (4, {"name": "乙店", "code": "92", EXTRA: "有"})]


def test_one_bad_byte_spoils_one_cell(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for encoding in ("utf-8", "gb18030"):
        path.write_bytes("名称,代码\n甲,1\n".encode(encoding) + b"\xff,2\n" + "丙,3\n".encode(encoding) * 9)
        rows = [row["name"] for _, row in named(path)]
        assert rows[0] == "甲" and UNREADABLE in rows[1] and rows[2:] == ["丙"] * 9


def test_cells_of_a_workbook_are_text_as_typed(tmp_path: Path) -> None:
    wide = ArrayFormula("A1:A2", "=SUM(B1:B2)")
    cells = (91.0, 1.5, datetime(2026, 3, 8), datetime(2026, 3, 8, 9, 5), date(2026, 3, 8), "=1+1", wide, " 空 ", None)
    ((line, row),) = rows_of(book(tmp_path / "a.xlsx", cells))
    assert line == 1
    assert row[:9] == ["91", "1.5", "2026-03-08", "2026-03-08 09:05:00", "2026-03-08", "=1+1", "=SUM(B1:B2)", "空", ""]


@pytest.mark.parametrize("merge", ["A1:C1", "A1:A2", "B1:C1"])
def test_a_merged_heading_is_refused(tmp_path: Path, merge: str) -> None:
    path = book(tmp_path / "a.xlsx", ("名称", "代码", "证件号"), ("甲", "1", ""), merge=merge)
    assert "第 1 行有合并的单元格：请取消合并" in refusal(path)


def test_merged_cells_further_down_do_no_harm(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", (None,), ("名称", "代码"), ("甲", "1"), ("乙", None), merge="B3:B4")
    assert named(path) == [(3, {"name": "甲", "code": "1"}), (4, {"name": "乙", "code": ""})]


def test_headings_and_sizes_that_do_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    assert "第一行写列名：名称、代码、证件号" in refusal(written(path, "\ufeff\n\n"))
    assert "还缺「代码或证件号」；现在是：名称、金额" in refusal(written(path, "名称,金额\n"))
    assert "「名称」有两列（名称、企业名称），请删去一列" in refusal(written(path, "名称,代码,企业名称\n"))
    assert "最多 2 行" in refusal(written(path, "名称,代码\n" + "a,1\n" * 3), rows=2)
    assert "最多 2 行" in refusal(book(tmp_path / "a.xlsx", ("名称", "代码"), *[("a", "1")] * 3), rows=2)
    assert "引号" in refusal(written(path, '名称,代码\n"' + "x" * 200_000))


def test_files_that_are_no_table(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for data, said in (
        (b"\xd0\xcf\x11\xe0" + b"\0" * 90, ".xls"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "CSV 或 XLSX"),
        (b"PK\x03\x04broken", "损坏"),
    ):
        path.write_bytes(data)
        assert said in refusal(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * (6 << 20))
    assert "解开后超过 5 MB" in refusal(path, unpacked_mb=5)
    with zipfile.ZipFile(path, "w") as packed:
        for number in range(501):
            packed.writestr(f"xl/{number}", b"")
    assert "解开后超过" in refusal(path)


@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", "名称,代码\n".encode(), b"\xff\xfe"]))
def test_whatever_comes_is_rows_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, start: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(start + data)
    try:
        named(path)
    except Invalid as refused:
        assert refused.message


_PEAK = """
import resource, sys
from pathlib import Path
from typing import Any
from core.spreadsheets import rows_of
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert sum(1 for _ in rows_of(Path(sys.argv[1]))) == 10_001
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_ten_thousand_rows_need_little_memory(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"big.{kind}"
    rows = [[f"第 {n} 行第 {m} 格：" + "字" * 30 for m in range(12)] for n in range(10_001)]
    if kind == "xlsx":
        cells = "".join(
            "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>" for row in rows
        )
        empty = zipfile.ZipFile(book(tmp_path / "empty.xlsx", ("x",)))
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for name in empty.namelist():
                data = empty.read(name).decode()
                if name.startswith("xl/worksheets/"):
                    data = re.sub("<row.*</row>", cells, re.sub("<dimension[^>]*>", "", data))
                packed.writestr(name, data)
    else:
        out = io.StringIO()
        csv.writer(out).writerows(rows)
        path.write_text(out.getvalue())
    told = subprocess.run([sys.executable, "-c", _PEAK, path], capture_output=True, text=True, check=True)
    assert int(told.stdout) < 100

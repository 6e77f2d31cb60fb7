"""The register is read from what offices send: any of their headers and encodings, twice without harm."""

import csv
import gzip
import lzma
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from openpyxl import Workbook

from core.errors import Invalid
from merchants.models import RegisterEntry, RegisterImport
from merchants.register import import_register

pytestmark = pytest.mark.django_db
GOOD = "92330199MA2KQX012N"
ENGLISH = "region_code\tindustry37\tstars\tno_reason\tcustody\tsign_name\tlegal_name\taddress\n"


@pytest.fixture(autouse=True)
def temporary_tables() -> None:
    """In use the owner of the database imports; here one connection serves both, and it may make such tables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_database_privilege(current_database(), 'TEMP')")
        assert cursor.fetchone() == (True,)


def read(path: Path, **options: object) -> RegisterImport:
    return import_register(path, database="default", **options)  # type: ignore[arg-type]


def test_columns_of_the_public_register_are_known(tmp_path: Path) -> None:
    file = tmp_path / "units.tsv.xz"
    rows = '330199\t25\t4\t0\t0\t云朵\t示范区云朵理发店\t示范区云朵路1号\n0\t\t3\t0\t0\t\t示范区"晨光"画室\t\n'
    file.write_bytes(lzma.compress((ENGLISH + rows).encode()))
    run = read(file)
    assert (run.rows, run.added, run.known, run.refused) == (2, 2, 0, 0)
    first, second = RegisterEntry.objects.order_by("pk")
    assert (first.legal_name, first.brand_name, first.region_code) == ("示范区云朵理发店", "云朵", "330199")
    assert (first.industry_code, first.address, first.imported_by) == (25, "示范区云朵路1号", run)
    assert (second.legal_name, second.industry_code, second.region_code) == ('示范区"晨光"画室', None, "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_chinese_file_is_read_in_the_code_it_is_written_in(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "名录.csv"
    rows = f'统一社会信用代码,企业名称,字号,住所\n{GOOD},"示范区晨光画室,分店",晨光,"晨光路2号, 二层"\n'
    file.write_text(rows, encoding=encoding)
    assert read(file).added == 1
    entry = RegisterEntry.objects.get()
    assert (entry.uscc, entry.legal_name, entry.address) == (GOOD, "示范区晨光画室,分店", "晨光路2号, 二层")


def test_a_workbook_is_read_like_a_table(tmp_path: Path) -> None:
    file = tmp_path / "名录.xlsx"
    book = Workbook()
    sheet: Any = book.active
    for row in (
        ["统一社会信用代码", "企业名称", "行政区划代码", "行业代码", "住所"],
        [GOOD, "示范区晨光画室", 330199, 25, "晨光路2号"],
        ["1234", "示范区二号画室", None, None, None],
        [None, None, None, None, None],
        [None, None, 330199, None, None],
    ):
        sheet.append(row)
    book.save(file)
    run = read(file)
    assert (run.rows, run.added, run.refused) == (3, 1, 2)
    assert [line["line"] for line in run.errors] == [3, 5]
    entry = RegisterEntry.objects.get()
    assert (entry.uscc, entry.region_code, entry.industry_code) == (GOOD, "330199", 25)
    assert read(file, limit=1).known == 1
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(Invalid):
        read(file)


def test_the_same_file_twice_adds_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.csv.gz"
    rows = "名称,地址\n" + "".join(f"示范区第{n}号店,{n}路\n" for n in range(50)) + "示范区第1号店,1路\n"
    file.write_bytes(gzip.compress(rows.encode()))
    first, again = read(file), read(file)
    assert (first.rows, first.added, first.known) == (51, 50, 1)
    assert (again.rows, again.added, again.known) == (51, 0, 51)
    assert RegisterEntry.objects.count() == 50


def test_every_refused_row_says_why_and_where(tmp_path: Path) -> None:
    file, errors = tmp_path / "坏.csv", tmp_path / "错误.csv"
    file.write_text(
        "统一社会信用代码,名称,行政区划,行业\n"
        f"{GOOD},好店,330199,1\n"
        "92330199MA2KQX0210,校验位错,330199,1\n"
        ",,330199,1\n"
        ",区划错,33xx,1\n"
        ",行业错,330199,99\n"
        f",{'长' * 201},330199,1\n"
        ",少一列\n",
        encoding="utf-8",
    )
    run = read(file, errors_to=errors)
    assert (run.added, run.refused) == (1, 6)
    assert [error["line"] for error in run.errors] == [3, 4, 5, 6, 7, 8]
    said = " ".join(error["reason"] for error in run.errors)
    assert all(word in said for word in ("校验位", "没有名称", "行政区划", "行业代码", "超过 200", "列数不对"))
    with errors.open(encoding="utf-8-sig", newline="") as lines:
        assert len(list(csv.reader(lines))) == 7


def test_only_a_hundred_errors_are_kept_and_all_are_written(tmp_path: Path) -> None:
    file, errors = tmp_path / "坏.csv", tmp_path / "错误.csv"
    file.write_text("名称,行业\n" + "店,x\n" * 130, encoding="utf-8")
    run = read(file, errors_to=errors)
    assert (run.refused, len(run.errors)) == (130, 100)
    assert len(errors.read_text(encoding="utf-8-sig").splitlines()) == 131


def test_a_limit_reads_only_the_first_rows(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("名称\n甲店\n乙店\n丙店\n", encoding="utf-8")
    assert read(file, limit=2).rows == 2


def test_a_file_without_names_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("电话,地址\n1,2\n", encoding="utf-8")
    with pytest.raises(Invalid, match="名称"):
        read(file)


def test_the_command_reports_in_chinese(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.csv"
    file.write_text("名称,行业\n甲店,1\n乙店,x\n", encoding="utf-8")
    call_command("import_register", str(file), database="default")
    said = capsys.readouterr().out
    assert "2 行，新增 1，已有 0，未通过 1" in said and "第 3 行：行业代码「x」" in said
    with pytest.raises(CommandError, match="没有这个文件"):
        call_command("import_register", str(tmp_path / "nothing.csv"))

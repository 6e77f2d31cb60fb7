"""Lists of old cards: CSV and XLSX, each bad line named, nothing twice, broken off and gone on, hostile files."""

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from core.actors import SYSTEM
from core.errors import Invalid
from core.models import SmsMessage, User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.actions import card_imports
from prepaid.bank_files.shelf import full_path, shelve
from prepaid.card_import import rows_of
from prepaid.models import CardImport, LegacyCard
from tests.prepaid.scenes import forbidden, refused, who

pytestmark = pytest.mark.django_db
HEAD = "手机号,姓名,卡名,类型,余额（元）,剩余次数,办卡日期"
GOOD = "13900000101,周桂芬,充三千,储值卡,1280.00,,2025-03-08"


def brought(merchant: Merchant, data: bytes, name: str = "老卡.csv") -> CardImport:
    """A list handed in by the owner, not read yet."""
    shelved = shelve(lambda into: into.write(data))
    return prepaid.receive_card_import(merchant.pk, shelved, name, by=who(merchant.registered_by))


def read(merchant: Merchant, data: bytes, name: str = "老卡.csv") -> CardImport:
    return prepaid.import_cards(brought(merchant, data, name).pk, by=SYSTEM)


def lines(*rows: str) -> bytes:
    return "\n".join((HEAD, *rows)).encode()


def sheet(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_good_rows_are_kept_and_bad_ones_named_by_line(
    merchant_a: Merchant, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        run = read(
            merchant_a,
            lines(
                GOOD,
                "139,林悦,,储值卡,-3,,2025-03-08",
                "",
                "13900000102,林悦,十次卡,次卡,400,4,2025/6/1",
                "13900000103,何志强,十次卡,次卡,400,,2025-06-01,多了一格",
                GOOD,
                "13900000101,周桂芬,充三千,储值卡,999,,2025-03-08",
            ),
        )
    assert (run.status, run.row_count, run.added_count, run.known_count, run.refused_count) == ("DONE", 6, 2, 1, 3)
    assert [line for line, _ in run.errors] == [3, 6, 8]
    assert "请填 11 位手机号" in run.errors[0][1] and "金额要写成" in run.errors[0][1]
    assert "多余的逗号" in run.errors[1][1] and "同一张卡" in run.errors[2][1]
    count = LegacyCard.objects.get(holder__phone_last4="0102")
    assert (count.left_fen, count.left_times, count.source) == (40_000, 4, run)
    assert SmsMessage.objects.count() == 2
    assert not full_path(run.path).exists()  # the phones lie nowhere in the clear


def test_the_same_file_and_the_same_card_come_in_once(merchant_a: Merchant, merchant_b: Merchant) -> None:
    first = read(merchant_a, lines(GOOD))
    assert read(merchant_a, lines(GOOD)) == first
    again = read(merchant_a, lines(GOOD, "13900000102,,,,300,,2024-01-01"))
    assert (again.added_count, again.known_count) == (1, 1)
    assert read(merchant_b, lines(GOOD)).added_count == 1  # another shop's card is another card
    assert LegacyCard.objects.count() == 3 and SmsMessage.objects.count() == 3


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_encodings(merchant_a: Merchant, encoding: str) -> None:
    assert read(merchant_a, lines(GOOD).decode().encode(encoding)).added_count == 1


def test_a_spreadsheet_with_its_own_kinds_of_cells(merchant_a: Merchant) -> None:
    data = sheet(
        ("手机", "余额", "办卡日期", "次数"),
        (13900000101, 1280.5, datetime(2025, 3, 8), None),
        (None, None, None, None),
        ("13900000102", 400, "2025-06-01", 4),
        (13900000103.0, "四百", "2025-06-01", None),
    )
    run = read(merchant_a, data, "老卡.xlsx")
    assert (run.status, run.added_count, run.errors[0][0]) == ("DONE", 2, 5)
    assert LegacyCard.objects.get(holder__phone_last4="0101").left_fen == 128_050


def test_a_broken_off_import_goes_on_where_it_stopped(merchant_a: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_imports, "CHUNK", 2)
    data = lines(*[f"1390000{n:04d},,,,300,,2024-01-01" for n in range(5)])
    run = brought(merchant_a, data)
    keep, calls = card_imports._keep, []

    def dies(*args: object, **kwargs: object) -> int:
        calls.append(args)
        if len(calls) == 3:
            raise RuntimeError("killed")
        return keep(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(card_imports, "_keep", dies)
    with pytest.raises(RuntimeError):
        prepaid.import_cards(run.pk, by=SYSTEM)
    run.refresh_from_db()
    assert (run.status, run.done_count, run.row_count) == ("READING", 4, 5)
    done = prepaid.import_cards(run.pk, by=SYSTEM)
    assert (done.status, done.done_count, done.added_count, LegacyCard.objects.count()) == ("DONE", 5, 5, 5)
    assert prepaid.import_cards(run.pk, by=SYSTEM).added_count == 5


def hostile(tmp_path: Path, name: str, data: bytes) -> Invalid:
    path = tmp_path / name
    path.write_bytes(data)
    error = refused(Invalid, lambda: list(rows_of(path)))
    assert isinstance(error, Invalid)
    return error


def test_files_that_are_no_list(tmp_path: Path) -> None:
    good = sheet(("手机", "余额", "办卡日期"), (13900000101, 100, "2025-03-08"))
    assert "损坏" in hostile(tmp_path, "cut.xlsx", good[: len(good) // 2]).message
    assert ".xls" in hostile(tmp_path, "old.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600).message
    assert "空的" in hostile(tmp_path, "empty.csv", b"\xef\xbb\xbf").message
    assert "还缺「余额（元）」" in hostile(tmp_path, "head.csv", "手机号,办卡日期\n1,2".encode()).message
    assert "有两列" in hostile(tmp_path, "two.csv", "手机,电话,余额,办卡日期\n1,2,3,4".encode()).message
    assert "CSV 或 XLSX" in hostile(tmp_path, "picture.png", b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe").message


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("xl/workbook.xml", b"0" * (51 << 20))
    assert len(packed.getvalue()) < 100_000
    assert "50 MB" in hostile(tmp_path, "bomb.xlsx", packed.getvalue()).message


def test_entities_of_a_spreadsheet_are_refused(tmp_path: Path) -> None:
    good, bad = zipfile.ZipFile(io.BytesIO(sheet(("手机", "余额", "办卡日期"), ("x", 1, "y")))), io.BytesIO()
    entity = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
    with zipfile.ZipFile(bad, "w") as out:
        for part in good.infolist():
            data = good.read(part)
            if part.filename.startswith("xl/worksheets/"):
                data = entity + data.split(b"?>", 1)[-1].replace(b"<v>1</v>", b"<v>&b;</v>")
            out.writestr(part, data)
    assert "读不了" in hostile(tmp_path, "xxe.xlsx", bad.getvalue()).message


def test_an_unreadable_file_is_refused_whole_and_may_be_mended(merchant_a: Merchant) -> None:
    run = read(merchant_a, b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", "图片.csv")
    assert (run.status, run.added_count) == ("REFUSED", 0) and "CSV 或 XLSX" in run.error


def test_only_the_owner_brings_lists(
    merchant_a: Merchant, clerk_a: User, owner_b: User, signed_in: Callable[[User], Client]
) -> None:
    shelved = shelve(lambda into: into.write(lines(GOOD)))
    forbidden(lambda: prepaid.receive_card_import(merchant_a.pk, shelved, "a.csv", by=who(clerk_a)))
    assert signed_in(clerk_a).get("/console/legacy/import/").status_code == 403


def test_the_page_takes_a_list_and_shows_each_fault(
    merchant_a: Merchant, owner_a: User, owner_b: User, merchant_b: Merchant, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(owner_a)
    sent = SimpleUploadedFile("老卡.csv", lines(GOOD, "1,,,,2,,3"))
    answer = browser.post("/console/legacy/import/", {"file": sent})
    run = CardImport.objects.get()
    assert answer.status_code == 302 and answer["Location"] == f"/console/legacy/imports/{run.pk}/"
    assert "排队等待导入" in browser.get(answer["Location"]).content.decode()
    prepaid.import_cards(run.pk, by=SYSTEM)
    page = browser.get(answer["Location"]).content.decode()
    assert "第 3 行" in page and "请填 11 位手机号" in page
    errors = b"".join(browser.get(f"{answer['Location']}errors.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "请填 11 位手机号" in errors
    assert signed_in(owner_b).get(answer["Location"]).status_code == 404
    assert b"".join(browser.get("/console/legacy/template.csv").streaming_content)  # type: ignore[attr-defined]


def test_people_known_by_phone_keep_their_names_and_the_nameless_get_one(merchant_a: Merchant, consumer: User) -> None:
    nameless = User.objects.enrol("13900000101")
    read(merchant_a, lines(GOOD, f"{consumer.phone},别的名字,,,300,,2024-01-01", "13900000101,,二卡,,5,,2024-01-01"))
    assert User.objects.get(pk=nameless.pk).name == "周桂芬"
    assert User.objects.get(pk=consumer.pk).name == "周桂芬" != "别的名字"
    assert LegacyCard.objects.filter(holder=nameless).count() == 2

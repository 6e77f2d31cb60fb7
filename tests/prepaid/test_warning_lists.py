"""Lists of others: read in as they are published, applied once, lifted when removed; bad input changes nothing."""

import io
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from stdnum.cn import uscc

from core.actors import SYSTEM
from core.calendar import business_date
from core.errors import Invalid
from core.jobs import run_shard
from core.models import User
from merchants import actions as merchants
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.actions.listings import to_apply
from prepaid.models import ListedEntry, ListedMerchant, ListImport
from tests.prepaid.scenes import forbidden, refused, who

pytestmark = pytest.mark.django_db
HEAD = "名称,统一社会信用代码,证件号码,列入日期,移出日期,列入原因"
ID = "110101199003077571"


def listed(path: Path, by: User, kind: str = "ABNORMAL") -> ListImport:
    return prepaid.import_list(path, path.name, kind, "国家企业信用信息公示系统", business_date(), by=who(by))


def table(tmp_path: Path, *rows: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "list.csv"
    path.write_bytes("\n".join([HEAD, *rows]).encode(encoding))
    return path


def code(merchant: Merchant) -> str:
    """A licence with a right check digit in place of the cast's invented one."""
    real = "92330199MA2TXYT07" + uscc.calc_check_digit("92330199MA2TXYT07")
    Merchant.objects.filter(pk=merchant.pk).update(uscc=real)
    return real


def nightly(on: date) -> None:
    run_shard("prepaid.lists", on, 0)


def test_listed_is_restricted_and_removed_is_free(tmp_path: Path, merchant_a: Merchant, city_chief: User) -> None:
    today, licence = business_date(), code(merchant_a)
    run = listed(table(tmp_path, f"甲店,{licence},,{today:%Y-%m-%d},,地址失联", encoding="gb18030"), city_chief)
    assert (run.rows, run.added, run.changed, run.refused) == (1, 1, 0, 0)
    again = listed(table(tmp_path, f"甲店,{licence},,{today:%Y-%m-%d},,地址失联"), city_chief)
    assert (again.added, again.changed) == (0, 0)
    nightly(today)
    merchant_a.refresh_from_db()
    assert merchant_a.status == "RESTRICTED" and merchant_a.restrictions.get().source == "名单比对"
    prepaid.match_lists(by=SYSTEM)
    assert ListedMerchant.objects.count() == 1
    assert not to_apply(today).exists()
    gone = listed(table(tmp_path, f"甲店,{licence},,{today:%Y-%m-%d},{today:%Y/%m/%d},地址失联"), city_chief)
    assert (gone.added, gone.changed) == (0, 1)
    (match,) = to_apply(today)
    assert prepaid.apply_list(match.pk, by=SYSTEM, on=today).restriction is not None
    prepaid.apply_list(match.pk, by=SYSTEM, on=today)
    merchant_a.refresh_from_db()
    assert merchant_a.status == "ACTIVE" and not to_apply(today).exists()


def test_a_dishonest_person_is_found_by_the_hash_of_the_number(
    tmp_path: Path, merchant_a: Merchant, merchant_b: Merchant, owner_a: User, city_chief: User
) -> None:
    today = business_date()
    merchants.change(merchant_a.pk, {"id_number": ID}, by=who(owner_a))
    refused(Invalid, lambda: merchants.change(merchant_a.pk, {"id_number": "1101"}, by=who(owner_a)))
    listed(table(tmp_path, f"沈丽,,{ID},{today:%Y%m%d},,有履行能力而拒不履行"), city_chief, "DISHONEST")
    entry = ListedEntry.objects.get()
    assert entry.name == "沈**" and ID not in str(entry.__dict__) and entry.person_idx
    nightly(today)
    merchant_a.refresh_from_db()
    merchant_b.refresh_from_db()
    assert (merchant_a.status, merchant_b.status) == ("RESTRICTED", "ACTIVE")


def test_bad_rows_are_told_and_the_rest_goes_in(tmp_path: Path, city_chief: User) -> None:
    rows = [
        "甲,91330108MA27XPWN61,,2026-01-05,,",
        "乙,,3301**********1234,2026-01-05,,",
        "丙,,,2026-01-05,,",
        ",,110101199003077571,2026-01-05,,",
        f"丁,,{ID},昨天,,",
        f"戊,,{ID},2026-01-05,2025-01-05,",
        f"己,,{ID},{business_date() + timedelta(days=1)},,",
        f"庚,,{ID},2026-01-05,,",
        f"庚,,{ID},2026-01-05,,",
    ]
    run = listed(table(tmp_path, *rows), city_chief, "DISHONEST")
    assert (run.rows, run.added, run.refused) == (9, 1, 7)
    assert [line["line"] for line in run.errors] == [2, 3, 4, 5, 6, 7, 8]


def test_a_workbook_reads_like_a_table_and_a_hostile_one_is_refused(tmp_path: Path, city_chief: User) -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(HEAD.split(","))
    sheet.append(["甲", None, ID, date(2026, 1, 5), None, None])
    path = tmp_path / "list.xlsx"
    book.save(path)
    assert listed(path, city_chief, "DISHONEST").added == 1
    for broken in (b"PK\x03\x04broken", b"", b"\xff\xfe\x00", "没有表头\n甲".encode()):
        path.write_bytes(broken)
        refused(Invalid, lambda: listed(path, city_chief))
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"\0" * (401 * 1024 * 1024))
    path.write_bytes(bomb.getvalue())
    refused(Invalid, lambda: listed(path, city_chief))
    assert ListedEntry.objects.count() == 1 and ListImport.objects.count() == 1


def test_only_officers_import(tmp_path: Path, owner_a: User, merchant_a: Merchant, district_officer: User) -> None:
    for person in (owner_a, district_officer):
        forbidden(lambda person=person: listed(table(tmp_path, f"甲,,{ID},2026-01-05,,"), person))  # type: ignore[misc]


def test_the_page_reads_a_file_in(tmp_path: Path, city_chief: User, signed_in: Any) -> None:
    client = signed_in(city_chief)
    path = table(tmp_path, f"甲,,{ID},2026-01-05,,")
    sent = {"kind": "DISHONEST", "source": "执行信息公开网", "as_of": str(business_date())}
    with path.open("rb") as file:
        assert client.post("/admin/prepaid/listedentry/import/", {**sent, "file": file}).status_code == 302
    assert ListedEntry.objects.get().kind == "DISHONEST"
    path.write_text("甲,乙\n1,2")
    with path.open("rb") as file:
        assert client.post("/admin/prepaid/listedentry/import/", {**sent, "file": file}).status_code == 400

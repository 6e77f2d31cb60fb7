"""Lists of others: read in as they are published, applied once, lifted when removed; bad input changes nothing."""

import io
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from stdnum.cn import uscc

from core.actors import SYSTEM
from core.calendar import business_date
from core.errors import Invalid
from core.jobs import run_shard
from core.models import OutboxEvent, User
from core.spreadsheets import Limits
from merchants import actions as merchants
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.actions import listings
from prepaid.actions.listings import to_apply
from prepaid.bank_files.shelf import full_path, shelve
from prepaid.models import ListedEntry, ListedMerchant, ListImport
from tests.api.caller import Caller
from tests.pages.admin_desk import text_of
from tests.prepaid.scenes import forbidden, refused, verbs, who

pytestmark = pytest.mark.django_db
HEAD = "名称,统一社会信用代码,证件号码,列入日期,移出日期,列入原因"
ID = "110101199003077571"


@pytest.fixture(autouse=True)
def shelf(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")


def brought(path: Path, by: User, kind: str = "ABNORMAL") -> ListImport:
    """A list handed in, not read yet."""
    shelved = shelve(lambda into: into.write(path.read_bytes()))
    source = "国家企业信用信息公示系统"
    return prepaid.receive_list(shelved, path.name, kind, source, business_date(), by=who(by))


def listed(path: Path, by: User, kind: str = "ABNORMAL") -> ListImport:
    return prepaid.read_list(brought(path, by, kind).pk, by=SYSTEM)


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
    assert (again.added, again.changed, again.known) == (0, 0, 1)
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
    assert (run.rows, run.done, run.added, run.known, run.refused) == (9, 9, 1, 1, 7)
    assert [line for line, _ in run.errors] == [2, 3, 4, 5, 6, 7, 8]
    assert ID not in str(run.errors)


def test_a_workbook_reads_like_a_table_and_a_hostile_one_is_refused(
    tmp_path: Path, city_chief: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(HEAD.split(","))
    sheet.append(["甲", None, ID, date(2026, 1, 5), None, None])
    path = tmp_path / "list.xlsx"
    book.save(path)
    assert listed(path, city_chief, "DISHONEST").added == 1
    for broken in (b"PK\x03\x04broken", b"", b"\xff\xfe\x00", "没有表头\n甲".encode()):
        path.write_bytes(broken)
        run = listed(path, city_chief)
        assert (run.status, run.done, bool(run.error)) == ("REFUSED", 0, True)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"\0" * (2 << 20))
    path.write_bytes(bomb.getvalue())
    monkeypatch.setattr("prepaid.listings.LIMITS", Limits(unpacked_mb=1))
    assert listed(path, city_chief).status == "REFUSED"
    assert ListedEntry.objects.count() == 1


def test_only_chiefs_import(
    tmp_path: Path, owner_a: User, merchant_a: Merchant, district_officer: User, city_chief: User
) -> None:
    for person in (owner_a, district_officer):
        forbidden(lambda person=person: brought(table(tmp_path, f"甲,,{ID},2026-01-05,,"), person))  # type: ignore[misc]
    run = brought(table(tmp_path, f"甲,,{ID},2026-01-05,,"), city_chief)
    forbidden(lambda: prepaid.read_list(run.pk, by=who(city_chief)))


def test_killed_halfway_it_goes_on_and_adds_nothing_twice(
    tmp_path: Path, city_chief: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(listings, "CHUNK", 3)
    # Numbers that differ by one keep their check digit right only by chance: dates make the lines different.
    days = [f"2026-01-{day:02d}" for day in range(1, 11)]
    path = table(tmp_path, *(f"甲,,{ID},{day},," for day in days), "乙,,,2026-01-05,,")
    run = brought(path, city_chief, "DISHONEST")
    kept, spans = listings._keep, []

    def killed(*args: Any) -> int:
        spans.append(args[2])
        if len(spans) == 3:
            raise KeyboardInterrupt
        return kept(*args)

    monkeypatch.setattr(listings, "_keep", killed)
    with pytest.raises(KeyboardInterrupt):
        prepaid.read_list(run.pk, by=SYSTEM)
    run.refresh_from_db()
    assert (run.status, run.done, run.rows, ListedEntry.objects.count()) == ("READING", 6, 11, 6)
    assert full_path(run.path).exists()
    with django_capture_on_commit_callbacks(execute=True):
        run = prepaid.read_list(run.pk, by=SYSTEM)
    assert spans == [0, 3, 6, 6, 9]
    assert (run.status, run.done, run.added, run.refused) == ("DONE", 11, 10, 1)
    assert not full_path(run.path).exists(), "identity numbers are not kept"
    assert prepaid.read_list(run.pk, by=SYSTEM).added == 10
    assert verbs(run) == ["list_import.receive", "list_import.finish"]


def test_the_page_shows_how_far_it_is_and_what_to_mend(tmp_path: Path, city_chief: User, signed_in: Any) -> None:
    client = signed_in(city_chief)
    path = table(tmp_path, f"甲,,{ID},2026-01-05,,", "乙,,,2026-01-05,,")
    sent = {"kind": "DISHONEST", "source": "执行信息公开网", "as_of": str(business_date())}

    def upload() -> str:
        with path.open("rb") as file:
            answer = client.post("/admin/prepaid/listedentry/import/", {**sent, "file": file})
        assert answer.status_code == 302, text_of(answer)
        return str(answer["Location"])

    page = upload()
    assert upload() == page and ListImport.objects.count() == 1
    assert "排队等待导入" in text_of(client.get(page))
    ListImport.objects.update(rows=2, done=1, added=1, status="READING")
    assert "已办 1 / 2 行" in text_of(client.get(page))
    ListImport.objects.update(done=0, added=0, status="RECEIVED")
    (event,) = OutboxEvent.objects.filter(topic="prepaid.read_list")
    listings.read_from_outbox(event.payload)
    done = text_of(client.get(page))
    assert "没有通过的行" in done and "第 3 行" in done and "刷新进度" not in done
    lines = b"".join(client.get(page.replace("/change/", "/errors.csv"))).decode("utf-8-sig").splitlines()
    assert lines[0] == "行号,原因" and lines[1].startswith("3,统一社会信用代码")
    assert client.get(page.replace("/change/", "/errors.csv"), {"format": "xlsx"}).status_code == 200
    late = {**sent, "as_of": str(business_date() + timedelta(days=1))}
    with path.open("rb") as file:
        assert client.post("/admin/prepaid/listedentry/import/", {**late, "file": file}).status_code == 400


def test_lists_over_the_api(tmp_path: Path, city_chief: User, district_officer: User, owner_a: User) -> None:
    data = table(tmp_path, f"甲,,{ID},2026-01-05,,").read_bytes()
    body = {"kind": "DISHONEST", "source": "执行信息公开网", "as_of": "2026-01-06"}

    def post(user: User, **more: Any) -> Any:
        file = SimpleUploadedFile("list.csv", data)
        return Caller(user).client.post("/api/v1/list-imports", {**body, "file": file, **more})

    assert post(owner_a).status_code == post(district_officer).status_code == 403
    assert post(city_chief, kind="NO").status_code == 400 and not ListImport.objects.exists()
    made = post(city_chief)
    assert made.status_code == 201 and post(city_chief).json()["id"] == made.json()["id"]
    prepaid.read_list(made.json()["id"], by=SYSTEM)
    seen = Caller(district_officer).saw(f"/list-imports/{made.json()['id']}")
    assert (seen["status"], seen["added"], seen["bad_rows"]) == ("DONE", 1, [])
    assert Caller(owner_a).saw("/list-imports")["results"] == []

"""The bank's file from the real sandbox over HTTP, the command, and the pages on which people work with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from core.actors import SYSTEM
from core.jobs import run_day
from core.models import Membership, OutboxEvent, Role, User
from portal.sandbox.book import Book
from portal.sandbox.statement import REVERSED
from prepaid import actions as prepaid
from prepaid.bank_files.shelf import shelve
from prepaid.models import BankFile, BankLine, DailyEquation, ReconciliationCase, SuspenseItem
from tests.prepaid.bankfile import day_file, entry
from tests.prepaid.scenes import who
from tests.prepaid.test_reconciliation import BEFORE, TODAY, YESTERDAY, take, told

pytestmark = pytest.mark.django_db
FILES = "/custodian/files/"


@pytest.fixture(autouse=True)
def shelf(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def bank_clerk(db: None) -> User:
    user = User.objects.enrol("13900000031", "存管员")
    Membership.objects.create(user=user, role=Role.CUSTODIAN)
    return user


@pytest.mark.django_db(transaction=True)
def test_the_job_fetches_the_real_banks_file(bank: str, tmp_path: Path) -> None:
    told("SB-in", 30_000, on=YESTERDAY)
    book = Book(str(tmp_path / "bank.sqlite3"))
    at = f"{YESTERDAY}T10:00:00+08:00"
    book.adopt([("SB-in", at, 30_000, "nobody", "6222****0001"), ("SB-old", at, 500, "", "")])
    ((result,),) = [run_day("prepaid.reconcile", TODAY)]
    assert (result["lines"], result["matched"], result["holds"]) == (2, 1, True)
    day = DailyEquation.objects.get(on=YESTERDAY)
    assert (day.bank_fen, day.ledger_fen, day.bank_only_fen, day.unexplained_fen) == (30_500, 30_000, 500, 0)
    assert prepaid.reconcile_day(TODAY, by=SYSTEM)["lines"] == 2
    assert BankLine.objects.count() == 2
    book.enter(-500, remark=REVERSED)
    prepaid.reconcile_day(TODAY + timedelta(days=1), by=SYSTEM)
    assert SuspenseItem.objects.filter(bank_ref="SB-old").count() == 1
    assert set(ReconciliationCase.objects.values_list("kind", "status")) == {
        ("MISSING_HERE", "RESOLVED"), ("REVERSAL", "OPEN"),
    }  # fmt: skip


def test_the_command_imports_once_and_says_why_not(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "2026.csv"
    path.write_bytes(day_file([entry("SB1", 500)], "gbk", on=YESTERDAY))
    call_command("import_bank_file", str(path))
    call_command("import_bank_file", str(path))
    said = capsys.readouterr().out
    assert "共 1 笔，先前已导入 0 笔，待核对 1 笔" in said
    assert "没有重复入账" in said
    path.write_bytes(day_file([entry("SB1", 501)], on=YESTERDAY))
    for _ in range(2):
        with pytest.raises(CommandError, match="第 5 行"):
            call_command("import_bank_file", str(path))
    with pytest.raises(CommandError, match="没有这个文件"):
        call_command("import_bank_file", str(tmp_path / "none"))


def upload(client: Client, data: bytes, name: str = "日终.csv") -> Any:
    return client.post(FILES + "upload/", {"file": SimpleUploadedFile(name, data)})


def test_a_file_is_uploaded_imported_and_shown(
    signed_in: Callable[[User], Client], bank_clerk: User, consumer: User, auditor: User, district_officer: User
) -> None:
    client = signed_in(bank_clerk)
    data = day_file([entry("SB1", 500)], on=YESTERDAY)
    page = upload(client, data)
    file = BankFile.objects.get()
    assert page.url == f"{FILES}{file.pk}/"
    assert "排队等待导入" in client.get(page.url).content.decode()
    assert OutboxEvent.objects.filter(topic="prepaid.import_bank_file").count() == 1
    prepaid.import_bank_file(file.pk, by=SYSTEM)
    shown = client.get(page.url).content.decode()
    assert "待核对" in shown
    assert "SB1" in shown
    assert upload(client, data).url == page.url
    bad = upload(client, day_file([entry("SB1", 501)], on=YESTERDAY))
    prepaid.import_bank_file(BankFile.objects.latest("pk").pk, by=SYSTEM)
    assert "文件被改动" in client.get(bad.url).content.decode()
    again = client.post(bad.url + "retry/", {"key": "12345678"})
    assert (again.status_code, BankFile.objects.latest("pk").status) == (302, "RECEIVED")
    assert upload(client, b"").status_code == 400
    listed = client.get(FILES).content.decode()
    assert "1 件对账差异" in listed
    assert upload(signed_in(auditor), data).status_code == 403
    assert signed_in(auditor).get(FILES).status_code == 200
    for stranger in (consumer, district_officer):
        assert signed_in(stranger).get(FILES).status_code == 403
        assert signed_in(stranger).get(page.url).status_code == 404
    assert Client().get(FILES).status_code == 302


@pytest.mark.parametrize(
    "model", ["dailyequation", "reconciliationcase", "bankfile", "suspenseitem", "custodiannotice"]
)
def test_lists_ask_as_often_for_many_rows_as_for_few(
    model: str, signed_in: Callable[[User], Client], city_chief: User, django_assert_max_num_queries: Any
) -> None:
    client, address = signed_in(city_chief), reverse(f"admin:prepaid_{model}_changelist")
    counted = []
    for day in (BEFORE, YESTERDAY):
        told(f"told-{day}", 800, on=day)
        take(day_file([entry(f"SB-{day}-{n}", 100 + n) for n in range(5)], on=day))
        with django_assert_max_num_queries(60) as asked:
            assert client.get(address).status_code == 200
        counted.append(len(asked))
    assert counted[1] <= counted[0]


def test_a_case_is_worked_through_on_its_page(
    signed_in: Callable[[User], Client], city_chief: User, district_officer: User
) -> None:
    told("channel-1", 500)
    told("channel-2", 500)
    take(day_file([entry("SB1", 500)], on=YESTERDAY))
    case = ReconciliationCase.objects.get()
    client, page = signed_in(city_chief), reverse("admin:prepaid_reconciliationcase_change", args=[case.pk])
    shown = client.get(page).content.decode()
    assert "同额多笔" in shown
    assert "channel-2" in shown
    act = reverse("admin:prepaid_reconciliationcase_act", args=[case.pk, "match"])
    assert "不产生新的资金流水" in client.get(act).content.decode()
    done = client.post(act, {"bank_ref": "channel-2", "reason": "银行回单一致", "key": "abcdefgh"})
    assert done.status_code == 302
    case.refresh_from_db()
    assert (case.status, case.resolved_by) == ("RESOLVED", city_chief)
    assert signed_in(district_officer).get(page).status_code in (302, 403, 404)


def test_suspense_is_returned_on_its_page(signed_in: Callable[[User], Client], city_chief: User) -> None:
    told("SB1", 500)
    item = SuspenseItem.objects.get()
    client, act = signed_in(city_chief), reverse("admin:prepaid_suspenseitem_act", args=[item.pk, "return"])
    assert "请银行退回 ¥5.00" in client.get(act).content.decode()
    assert client.post(act, {"reason": "退", "key": "abcdefgh"}).status_code == 400
    assert client.post(act, {"reason": "付款人来电要求退回", "key": "abcdefgh"}).status_code == 302
    item.refresh_from_db()
    assert (item.status, item.decided_by) == ("RETURNING", city_chief)
    assert "退回中" in client.get(reverse("admin:prepaid_suspenseitem_change", args=[item.pk])).content.decode()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_pages_look_right(
    page_at: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    shot: Callable[[Page, str], Path],
    city_chief: User,
    bank_clerk: User,
) -> None:
    told("SB1", 30_000)
    take(day_file([entry("SB1", 30_000), entry("SB2", 500), entry("SB3", -200, remark="法院扣划")], on=YESTERDAY))
    bad = prepaid.receive_bank_file(shelve(lambda into: into.write(b"PK\x03\x04zip")), "压缩.zip", by=who(bank_clerk))
    prepaid.import_bank_file(bad.pk, by=SYSTEM)
    waiting = prepaid.receive_bank_file(shelve(lambda into: into.write(b"x")), "明天.csv", by=who(bank_clerk))
    case, day = ReconciliationCase.objects.latest("pk"), DailyEquation.objects.get()
    addresses = {
        "files": FILES,
        "file": f"{FILES}{BankFile.objects.order_by('pk')[0].pk}/",
        "file-bad": f"{FILES}{bad.pk}/",
        "file-waiting": f"{FILES}{waiting.pk}/",
        "days": reverse("admin:prepaid_dailyequation_changelist"),
        "day": reverse("admin:prepaid_dailyequation_change", args=[day.pk]),
        "cases": reverse("admin:prepaid_reconciliationcase_changelist"),
        "case": reverse("admin:prepaid_reconciliationcase_change", args=[case.pk]),
        "suspense": reverse("admin:prepaid_suspenseitem_change", args=[SuspenseItem.objects.get().pk]),
    }
    for width, theme in ((360, "light"), (1280, "dark")):
        page = page_at(width, theme=theme, user=city_chief)
        for name, address in addresses.items():
            page.goto(address)
            assert axe(page) == [], name
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
            shot(page, f"reconciliation-{name}-{width}")

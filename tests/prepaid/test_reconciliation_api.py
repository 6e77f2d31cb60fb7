"""Reconciliation over the API: the custodian hands a file in, officers work on the rest, everybody sees the rate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Page

from core.models import Membership, OutboxEvent, Role, User
from merchants.models import Merchant
from prepaid.actions.bank_import import import_from_outbox
from prepaid.models import BankFile, BankLine, DailyEquation, ListImport, ReconciliationCase, SuspenseItem
from tests.api.caller import Caller, client_of
from tests.pages.admin_desk import text_of
from tests.prepaid.bankfile import day_file, entry
from tests.prepaid.test_reconciliation import YESTERDAY, told

pytestmark = pytest.mark.django_db
REASON = "银行确认是同一笔"


@pytest.fixture(autouse=True)
def shelf(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def bank_clerk(db: None) -> User:
    user = User.objects.enrol("13900000031", "存管员")
    Membership.objects.create(user=user, role=Role.CUSTODIAN)
    return user


def hand_in(caller: Caller, content: bytes, name: str = "day.csv") -> Any:
    return caller.client.post("/api/v1/bank-files", {"file": SimpleUploadedFile(name, content)})


def imported(caller: Caller, content: bytes) -> Any:
    answer = hand_in(caller, content)
    assert answer.status_code == 201, answer.content.decode()
    for event in OutboxEvent.objects.filter(topic="prepaid.import_bank_file"):
        import_from_outbox(event.payload)
    return caller.saw(f"/bank-files/{answer.json()['id']}")


@pytest.mark.django_db(transaction=True)
def test_a_file_comes_in_once_and_its_rest_is_worked_on(bank_clerk: User, city_chief: User) -> None:
    told("SB-1", 30_000, on=YESTERDAY)
    told("SB-2", 500, on=YESTERDAY)
    bank, chief = Caller(bank_clerk), Caller(city_chief)
    content = day_file([entry("SB-1", 30_000), entry("OTHER-REF", 500, account="6222****9999")], on=YESTERDAY)
    file = imported(bank, content)
    assert (file["status"], file["line_count"], file["done_count"]) == ("BOOKED", 2, 2)
    assert file["closing_yuan"] == "305.00" and file["on"] == YESTERDAY.isoformat()
    assert hand_in(bank, content, "again.csv").json()["id"] == file["id"]
    assert BankFile.objects.count() == 1 and BankLine.objects.count() == 2
    (line,) = chief.saw(f"/bank-files/{file['id']}/lines")
    assert (line["bank_ref"], line["amount_fen"]) == ("OTHER-REF", 500)
    (case,) = chief.saw("/reconciliation-cases", status="OPEN", kind="MISSING_HERE", on=str(YESTERDAY))["results"]
    assert case["bank_line"]["bank_ref"] == "OTHER-REF" and set(case["allowed"]) >= {"take", "match"}
    path = f"/reconciliation-cases/{case['id']}"
    assert bank.post(path + "/take").status_code == 403
    assert chief.did(path + "/take")["status"] == "TAKEN"
    assert chief.post(path + "/match", {"bank_ref": "SB-1", "reason": REASON}).status_code == 400
    assert chief.did(path + "/match", {"bank_ref": "SB-2", "reason": REASON})["status"] == "RESOLVED"
    assert chief.post(path + "/resolve", {"reason": REASON}).status_code == 409


@pytest.mark.django_db(transaction=True)
def test_a_bad_file_says_why_and_is_tried_again(bank_clerk: User) -> None:
    bank = Caller(bank_clerk)
    file = imported(bank, "流水号,金额\n1,x".encode())
    assert file["status"] == "REFUSED" and file["error"] and file["allowed"] == ["retry"]
    assert bank.did(f"/bank-files/{file['id']}/retry")["status"] == "RECEIVED"
    assert not BankLine.objects.exists()


def test_suspended_money_goes_back(city_chief: User) -> None:
    told("SB-9", 700, number="nobody", on=YESTERDAY)
    chief = Caller(city_chief)
    (item,) = chief.saw("/suspense-items", status="OPEN")["results"]
    path = f"/suspense-items/{item['id']}"
    assert item["amount_fen"] == 700 and "payer" not in item and len(item["payer_tail"]) <= 4
    assert chief.post(path + "/place", {"order_no": "X" * 16, "reason": REASON}).status_code == 400
    body = {"account": "6222020200000000001", "payee": "王丽", "reason": REASON}
    assert chief.did(path + "/return", body)["status"] == "RETURNING"
    assert chief.post(path + "/return", body).status_code == 409


def test_only_those_who_keep_custody_look(merchant_a: Merchant, owner_a: User, district_officer: User) -> None:
    case = ReconciliationCase.objects.create(kind="BALANCE", on=YESTERDAY, difference_fen=1)
    day = _day(line_count=1, matched_count=1)
    for caller in (Caller(owner_a), Caller(district_officer), client_of(merchant_a)):
        for path in ("bank-files", "reconciliation-cases", "daily-equations"):
            assert caller.saw("/" + path)["results"] == []
        assert caller.get(f"/reconciliation-cases/{case.pk}").status_code == 404
        assert caller.get(f"/daily-equations/{day.on}").status_code == 404
        assert hand_in(caller, b"x").status_code == 403
    assert not BankFile.objects.exists()
    for path in ("bank-files", "reconciliation-cases", "suspense-items", "daily-equations"):
        assert Caller().get("/" + path).status_code == 401


def _day(**more: Any) -> DailyEquation:
    figures = dict.fromkeys(
        ("sum_fen", "bank_fen", "ledger_fen", "bank_only_fen", "ours_only_fen", "cards_off", "locked_fen",
         "short_count", "clearing_fen", "suspense_fen", "line_count", "matched_count"), 0,
    )  # fmt: skip
    return DailyEquation.objects.create(**{"on": YESTERDAY, **figures, **more})


def test_the_days_equations(city_chief: User) -> None:
    _day(bank_fen=300, ledger_fen=200, bank_only_fen=100, line_count=3, matched_count=2)
    chief = Caller(city_chief)
    day = chief.saw(f"/daily-equations/{YESTERDAY}")
    assert (day["difference_fen"], day["unexplained_fen"], day["holds"]) == (100, 0, True)
    assert chief.get("/daily-equations/2026-02-30").status_code == 404


def test_everybody_sees_the_match_rate_and_an_etag_saves_it(client: Client) -> None:
    page = "/transparency/match-rates"
    assert "还没有对过账" in text_of(client.get(page))
    day = _day(line_count=30_000, matched_count=29_999)
    _day(on=YESTERDAY.replace(year=2025), bank_fen=None)
    answer = client.get("/api/v1/match-rates")
    (row,) = answer.json()["results"]
    assert row["percent"] == "99.99" and set(row) == {
        "on", "line_count", "matched_count", "percent", "holds", "checked_at",
    }  # fmt: skip
    again = client.get("/api/v1/match-rates", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304 and "public" in answer["Cache-Control"]
    assert "99.99%" in text_of(client.get(page)) and "29999" in text_of(client.get(page))
    assert client.get(page, {"before": "x"}).status_code == 400
    assert "还没有对过账" in text_of(client.get(page, {"before": str(YESTERDAY)}))
    day.matched_count = 30_000
    day.save()
    changed = client.get("/api/v1/match-rates", headers={"If-None-Match": answer["ETag"]})
    assert changed.json()["results"][0]["percent"] == "100.00"


def test_lists_cost_the_same_however_long(city_chief: User) -> None:
    chief = Caller(city_chief)

    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            chief.saw(path)
        return len(asked)

    paths = ("/bank-files", "/reconciliation-cases", "/suspense-items", "/daily-equations", "/match-rates")
    told("SB-0", 1, number="nobody", on=YESTERDAY)
    before = []
    for turn in range(2):
        for n in range(1 + 3 * turn, 4 + 3 * turn):
            BankFile.objects.create(sha256=f"{n:064}", name="x.csv", path="x", size=1)
            day = _day(on=YESTERDAY.replace(day=n)).on
            ReconciliationCase.objects.create(kind="BALANCE", on=day, difference_fen=1)
            SuspenseItem.objects.create(bank_ref=f"lost-{n}", amount_fen=100, reason="没有这个订单")
        # The throttle counts anew each minute: the cheaper of two.
        before.append([min(cost(path), cost(path)) for path in paths])
    assert before[0] == before[1]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_pages_look_right(
    city_chief: User,
    page_at: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    shot: Callable[[Page, str], Any],
) -> None:
    _day(line_count=30_000, matched_count=29_999)
    run = ListImport.objects.create(
        title="失信被执行人.xlsx", kind="DISHONEST", source="执行信息公开网", as_of=YESTERDAY, status="READING",
        imported_by=city_chief, rows=9_000, done=4_000, added=3_990, known=4, refused=6,
        errors=[[line, "身份证号不完整或有误，无法比对"] for line in range(2, 8)],
    )  # fmt: skip
    pages = (("/transparency/match-rates", "match-rates"), (f"/admin/prepaid/listimport/{run.pk}/change/", "list-run"))
    for width, theme in ((360, "light"), (1280, "dark")):
        page = page_at(width, theme=theme, user=city_chief)
        for url, name in pages:
            page.goto(url)
            assert axe(page) == []
            shot(page, f"{name}-{width}")

"""A spreadsheet of orders: every row is filed once or named with its reason, however the file was made."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import Workbook

from complaints import actions as complaints
from complaints.actions import imports
from complaints.models import Clock, Complaint, Consultation, Intake, OrderImport, Receipt, Reporter, ViolationReport
from core.actors import SYSTEM
from core.errors import Invalid, NotFound
from core.models import AuditEvent, OutboxEvent, Role, User
from core.spreadsheets import Limits
from merchants.models import Merchant
from prepaid.bank_files.shelf import full_path, shelve
from tests.cast import DISTRICT, OTHER_STREET, STREET, officer
from tests.pages.admin_desk import text_of
from tests.prepaid.scenes import forbidden, refused, verbs, who

pytestmark = pytest.mark.django_db
HEAD = "工单编号,类型,诉求内容,姓名,联系电话,被投诉单位,管辖地,登记时间,答复期限,诉求金额"
SHOP = "快剪理发店"


@pytest.fixture(autouse=True)
def shelf(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")


@pytest.fixture
def desk(db: None) -> User:
    return officer("13900000031", "孙丽", Role.DISPATCHER, DISTRICT)


def row(no: str, kind: str = "投诉", **more: str) -> str:
    given = {
        "text": "办卡后关门，不退余额", "name": "王芳", "phone": "13700000009", "shop": SHOP, "region": STREET,
        "received": "2026-10-08 09:30", "due": "2026-10-15", "yuan": "1200.50",
    } | more  # fmt: skip
    return ",".join([no, kind, *given.values()])


def file_of(tmp_path: Path, *rows: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "orders.csv"
    path.write_bytes("\n".join([HEAD, *rows]).encode(encoding))
    return path


def brought(path: Path, by: User, channel: str = "HOTLINE_12345", region: str = DISTRICT) -> OrderImport:
    shelved = shelve(lambda into: into.write(path.read_bytes()))
    return complaints.receive_orders(shelved, path.name, channel, region, by=who(by))


def read(path: Path, by: User, **more: str) -> OrderImport:
    return complaints.read_orders(brought(path, by, **more).pk, by=SYSTEM)


def counts(run: OrderImport) -> tuple[str, int, int, int, int]:
    return run.status, run.done, run.added, run.known, run.refused


def test_a_mixed_file_becomes_matters_with_numbers_and_clocks(
    tmp_path: Path, desk: User, django_capture_on_commit_callbacks: Any
) -> None:
    path = file_of(
        tmp_path,
        row("H1"),
        row("H2", "举报", name="", phone=""),
        row("H3", "投诉举报"),
        row("H4", "咨询", shop=""),
        row("H5", "信访", shop=""),
        row("H6", "夸奖"),
        row("", "投诉"),
        row("H8", phone="12"),
        row("H9", received="昨天"),
        row("H10", region="月球区"),
        row("H11", yuan="很多"),
    )
    with django_capture_on_commit_callbacks(execute=True):
        run = read(path, desk)
    assert counts(run) == ("DONE", 11, 5, 0, 6)
    assert [(line, number) for line, number, _ in run.errors] == [
        (7, "H6"), (8, ""), (9, "H8"), (10, "H9"), (11, "H10"), (12, "H11"),
    ]  # fmt: skip
    assert (Complaint.objects.count(), ViolationReport.objects.count(), Consultation.objects.count()) == (2, 2, 2)
    one = Complaint.objects.get(receipts__intake__source_no="H1")
    assert (one.channel, one.region_id, one.claim_fen, one.respondent_name) == (
        "HOTLINE_12345", STREET, 120_050, SHOP,
    )  # fmt: skip
    due = one.receipts.get().reply_due_at
    assert due is not None and due.isoformat() == "2026-10-15T15:59:59+00:00"
    assert one.received_at.isoformat() == "2026-10-08T01:30:00+00:00"
    assert Clock.objects.of(one).count() == 3
    assert Intake.objects.get(source_no="H1").entered_by == desk
    assert Reporter.objects.count() == 1, "a report without name and phone has nobody"
    assert verbs(run) == ["order_import.receive", "order_import.finish"]
    assert not full_path(run.path).exists(), "names and phones are not kept"
    assert "13700000009" not in str(run.errors) + str(list(AuditEvent.objects.values_list("facts", flat=True)))


def test_the_same_file_and_the_same_rows_twice_change_nothing(tmp_path: Path, desk: User) -> None:
    path = file_of(tmp_path, row("H1"), row("H2", "举报"), row("H1"))
    run = read(path, desk)
    assert counts(run) == ("DONE", 3, 2, 1, 0)
    assert read(path, desk).pk == run.pk
    longer = file_of(tmp_path, row("H1"), row("H2", "举报"), row("H3"), row("H2", text="另一件事情的内容"))
    again = read(longer, desk)
    assert counts(again) == ("DONE", 4, 1, 2, 1)
    assert "内容不同" in again.errors[0][2]
    assert (Intake.objects.count(), Receipt.objects.count()) == (3, 3)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_every_usual_encoding_reads_the_same(encoding: str, tmp_path: Path, desk: User) -> None:
    assert counts(read(file_of(tmp_path, row("H1"), encoding=encoding), desk)) == ("DONE", 1, 1, 0, 0)
    assert Complaint.objects.get().respondent_name == SHOP


def test_a_wrong_byte_is_said_for_its_row_alone(tmp_path: Path, desk: User) -> None:
    path = file_of(tmp_path, row("H1"), row("H2"))
    path.write_bytes(path.read_bytes().replace("H2,投诉,办".encode(), b"H2,\xe6\x8a\x95\xe8\xaf\x89,\xe5\x8a"))
    run = read(path, desk)
    assert counts(run) == ("DONE", 2, 1, 0, 1)
    assert "编码" in run.errors[0][2]


def book(tmp_path: Path, fill: Any) -> Path:
    made = Workbook()
    fill(made.active)
    path = tmp_path / "orders.xlsx"
    made.save(path)
    return path


def test_a_formula_is_text_and_never_runs(tmp_path: Path, desk: User) -> None:
    def fill(sheet: Any) -> None:
        sheet.append(HEAD.split(","))
        cells = row("H1").split(",")
        cells[2], cells[5] = '=HYPERLINK("http://x","办卡不退")', "=1+1"
        sheet.append(cells)

    assert counts(read(book(tmp_path, fill), desk))[1:] == (1, 1, 0, 0)
    made = Complaint.objects.get()
    assert made.respondent_name == "=1+1"
    assert made.facts.startswith("=HYPERLINK")


def test_merged_heads_bombs_and_things_that_are_no_table_are_refused_as_a_whole(
    tmp_path: Path, desk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["12345 工单", "", ""])
        sheet.merge_cells("A1:C1")
        sheet.append(HEAD.split(","))
        sheet.append(row("H1").split(","))

    run = read(book(tmp_path, fill), desk)
    assert (run.status, run.done) == ("REFUSED", 0)
    assert "合并" in run.error
    path = tmp_path / "orders.csv"
    for broken in (b"PK\x03\x04broken", b"", "没有表头\n甲".encode(), b"\xd0\xcf\x11\xe0old", HEAD.encode()):
        path.write_bytes(broken)
        run = read(path, desk)
        assert (run.status, run.done, bool(run.error)) == ("REFUSED", 0, True)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"\0" * (36 << 20))
    path.write_bytes(bomb.getvalue())
    assert "20 MB" in read(path, desk).error
    monkeypatch.setattr("complaints.orders.LIMITS", Limits(rows=1))
    assert "最多 1 行" in read(file_of(tmp_path, row("H1"), row("H2")), desk).error
    assert not Intake.objects.exists()


def test_killed_halfway_it_goes_on_and_files_nothing_twice(
    tmp_path: Path, desk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "CHUNK", 3)
    run = brought(file_of(tmp_path, *(row(f"H{n}") for n in range(7)), row("H8", "夸奖")), desk)
    kept, spans = imports._keep, []

    def killed(*args: Any) -> int:
        spans.append(args[2])
        if len(spans) == 2:
            raise KeyboardInterrupt
        return kept(*args)

    monkeypatch.setattr(imports, "_keep", killed)
    with pytest.raises(KeyboardInterrupt):
        complaints.read_orders(run.pk, by=SYSTEM)
    run.refresh_from_db()
    assert counts(run) == ("READING", 3, 3, 0, 0)
    run = complaints.read_orders(run.pk, by=SYSTEM)
    assert spans == [0, 3, 3, 6]
    assert counts(run) == ("DONE", 8, 7, 0, 1)
    assert complaints.read_orders(run.pk, by=SYSTEM).added == 7


def test_the_shop_is_known_by_licence_or_full_name(tmp_path: Path, desk: User, merchant_a: Merchant) -> None:
    head = HEAD + ",统一社会信用代码"
    path = tmp_path / "orders.csv"
    rows = [row("H1") + f",{merchant_a.uscc.lower()}", row("H2", shop=merchant_a.legal_name) + ",", row("H3") + ","]
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    read(path, desk)
    found = dict(Complaint.objects.values_list("receipts__intake__source_no", "merchant"))
    assert found == {"H1": merchant_a.pk, "H2": merchant_a.pk, "H3": None}


def test_only_officers_of_the_place_import(tmp_path: Path, desk: User, owner_a: User, other_officer: User) -> None:
    path = file_of(tmp_path, row("H1"), row("H2", region=OTHER_STREET))
    forbidden(lambda: brought(path, owner_a))
    refused(NotFound, lambda: brought(path, other_officer))
    refused(Invalid, lambda: brought(path, desk, channel="WEB"))
    run = brought(path, desk)
    forbidden(lambda: complaints.read_orders(run.pk, by=who(desk)))
    assert OutboxEvent.objects.get(topic="complaints.read_orders").payload == {"import": run.pk}
    imports.read_from_outbox({"import": run.pk})
    run.refresh_from_db()
    assert counts(run) == ("DONE", 2, 1, 0, 1), "no row for a place outside the import"


def test_the_pages_bring_it_in_show_how_far_it_is_and_what_to_mend(
    tmp_path: Path, desk: User, other_officer: User, signed_in: Any, django_assert_max_num_queries: Any
) -> None:
    client, path = signed_in(desk), file_of(tmp_path, row("H1"), row("=H2", "夸奖"))
    address = reverse("admin:complaints_orderimport_new")
    assert "导入工单" in text_of(client.get(address))

    def upload() -> str:
        with path.open("rb") as file:
            answer = client.post(address, {"channel": "HOTLINE_12345", "region": DISTRICT, "file": file})
        assert answer.status_code == 302, text_of(answer)
        return str(answer["Location"])

    page = upload()
    assert upload() == page
    assert "排队等待导入" in text_of(client.get(page))
    complaints.read_orders(OrderImport.objects.get().pk, by=SYSTEM)
    text = text_of(client.get(page))
    assert "没有通过的行" in text and "第 3 行" in text
    errors = b"".join(client.get(page.replace("change/", "errors.csv")).streaming_content).decode()  # type: ignore[attr-defined]
    assert "'=H2" in errors, "no cell of an export runs"
    with django_assert_max_num_queries(14):
        assert "orders.csv" in text_of(client.get(reverse("admin:complaints_orderimport_changelist")))
    assert signed_in(other_officer).get(page).status_code == 404
    assert client.post(address, {"channel": "HOTLINE_12345", "region": DISTRICT}).status_code == 400


def test_a_thousand_rows_are_in_within_seconds(tmp_path: Path, desk: User) -> None:
    kinds = ("投诉", "举报", "投诉举报", "咨询")
    rows = [row(f"H{n}", kinds[n % 4], phone=f"1370{n:07d}") for n in range(1_000)]
    path = file_of(tmp_path, *rows)
    began = time.process_time()
    assert counts(read(path, desk)) == ("DONE", 1_000, 1_000, 0, 0)
    took = time.process_time() - began
    assert took < 4, f"{took:.1f} s"

"""The custodian's daily files."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.actors import Actor
from core.case_admin import Act, CaseAdmin
from core.case_lists import column
from core.case_panels import Panel, facts, table
from core.templatetags.portal_ui import cn_date, cn_datetime, money, state_of
from prepaid import actions as prepaid
from prepaid.admin.reconciliation import SHOWN, signed
from prepaid.models import BankFile
from prepaid.models.reconciliation import BANK_FILE_LIFECYCLE

HEADS = ("银行流水号", "金额", "性质", "核对", "行号")


@admin.register(BankFile)
class BankFileAdmin(CaseAdmin):
    """One daily file: what it said, what became of it."""

    lifecycle = BANK_FILE_LIFECYCLE
    view_permission = "prepaid.view_reconciliation"
    list_help = "存管银行的日终文件，同一文件只入一次；不能通过的整份退回，写明行号和原因。手工上传：/custodian/files/"
    list_display = ("file", "status_", "day", "lines", "closing", "received")
    list_filter = ("status", "on")
    ordering = ("-id",)
    empty_text = "还没有日终文件。每天 03:00 自动取，也可以在 /custodian/files/ 手工上传。"
    acts = {
        "retry": Act(
            lambda pk, data, by: prepaid.retry_bank_file(pk, by=by),
            lambda case: "重新读这个文件，已经入库的流水不会重复入。",
            icon="back",
            done="正在重新导入",
        )
    }

    @column("文件", order="id")
    def file(self, row: BankFile) -> str:
        """Its name."""
        return row.name

    def second_line(self, row: BankFile) -> str:
        """Why not."""
        return row.error

    @column("状态", order="status")
    def status_(self, row: BankFile) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("记账日", order="on")
    def day(self, row: BankFile) -> str:
        """Which day."""
        return cn_date(row.on) if row.on else "—"

    @column("笔数", order="line_count", num=True)
    def lines(self, row: BankFile) -> str:
        """How many entries."""
        return f"{row.line_count:,}"

    @column("期末余额", order="closing_fen", num=True)
    def closing(self, row: BankFile) -> SafeString | str:
        """The closing balance."""
        return signed(row.closing_fen)

    @column("收到", order="created_at")
    def received(self, row: BankFile) -> str:
        """When."""
        return cn_datetime(row.created_at)

    def panels(self, case: BankFile, by: Actor) -> list[Panel]:
        """What it said, and the entries that wait."""
        open_lines = case.waiting_lines()[:SHOWN]
        rows = [
            (row.bank_ref, money(row.amount_fen), row.get_nature_display(), row.get_state_display(), f"{row.line_no}")
            for row in open_lines
        ]
        return [
            facts("文件", [
                ("没有通过的原因", case.error),
                ("记账日", cn_date(case.on) if case.on else ""),
                ("期初余额", signed(case.opening_fen)),
                ("期末余额", signed(case.closing_fen)),
                ("笔数", f"{case.line_count:,}", f"其中先前已导入 {case.repeated_count:,}"),
                ("摘要 SHA-256", case.sha256),
                ("上传人", case.uploaded_by.name if case.uploaded_by else "系统自动取回"),
                ("完成", cn_datetime(case.finished_at) if case.finished_at else ""),
            ]),
            table("待核对的流水", HEADS, rows, numeric=(1, 4), empty="全部对上了"),
        ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        """With who brought it."""
        return super().get_queryset(request).select_related("uploaded_by")

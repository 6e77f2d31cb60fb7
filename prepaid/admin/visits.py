"""Visits: what was consumed, and who decides when the two sides do not agree."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.actors import Actor
from core.case_admin import Act, CaseAdmin, ReasonForm
from core.case_lists import column
from core.case_panels import CaseClock, Panel, facts, link, stopped_clock, workday_clock
from core.csv_export import plain_yuan
from core.money import yuan
from core.templatetags.portal_ui import cn_date, cn_datetime, moment, money, state_of
from prepaid import actions as prepaid
from prepaid.admin import rows
from prepaid.models import Visit
from prepaid.models.visits import VISIT_LIFECYCLE


@admin.register(Visit)
class VisitAdmin(CaseAdmin):
    """One use of a card; the officer decides disputed ones."""

    lifecycle = VISIT_LIFECYCLE
    list_display = ("code_", "merchant", "holder_", "status_", "face", "hold", "amount", "requested")
    list_filter = ("status", "started_by", ("merchant__industry", admin.RelatedOnlyFieldListFilter), "requested_at")
    list_select_related = ("merchant", "contract__holder")
    search_fields = ("merchant__brand_name__icontains",)
    search_help_text = "编号（可只输前几位）、店招；完整手机号要有办案权限"
    code_fields = ("code", "contract__code")
    phone_fields = ("contract__holder__phone_idx",)
    export_columns = (
        ("编号", lambda row: row.code),
        ("商家", lambda row: row.merchant.brand_name),
        ("持卡人", lambda row: str(row.contract.holder)),
        ("项目", lambda row: row.item),
        ("状态", lambda row: row.get_status_display()),
        ("面值（元）", lambda row: plain_yuan(row.face_fen)),
        ("次数", lambda row: row.times),
        ("暂留（元）", lambda row: plain_yuan(row.hold_fen)),
        ("付商家（元）", lambda row: plain_yuan(row.amount_fen)),
        ("时间", lambda row: row.requested_at),
    )
    acts = {
        "uphold": Act(
            lambda pk, data, by: prepaid.uphold_visit(pk, data["reason"], by=by),
            lambda case: (
                f"暂留的 ¥{yuan(case.hold_fen)} 付给{case.merchant.brand_name}，"
                f"合同锁定从 ¥{yuan(case.contract.locked_fen)} 变成 ¥{yuan(case.contract.locked_fen - case.hold_fen)}。"
                "双方都会看到您写的理由。"
            ),
            form=ReasonForm,
            icon="scale",
            done="已认定消费属实，暂留的钱已付给商家",
        ),
        "reject": Act(
            lambda pk, data, by: prepaid.reject_visit(pk, data["reason"], by=by),
            lambda case: (
                f"暂留的 ¥{yuan(case.hold_fen)} 还给消费者，可用从 ¥{yuan(case.contract.available_fen)} "
                f"变成 ¥{yuan(case.contract.available_fen + case.hold_fen)}；商家这一笔收不到钱。双方都能看到理由。"
            ),
            form=ReasonForm,
            icon="x",
            done="已认定没有消费，暂留的钱已还给消费者",
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Visit]:
        """With the contract and its money."""
        return super().get_queryset(request).select_related(
            "merchant", "merchant__region", "store", "staff",
            "contract__account", "contract__holder", "contract__plan", "contract__merchant__region",
        )  # fmt: skip

    @column("消费", order="id")
    def code_(self, row: Visit) -> str:
        """What was done."""
        return row.item

    def second_line(self, row: Visit) -> str:
        """The code."""
        return row.code

    @column("持卡人")
    def holder_(self, row: Visit) -> str:
        """Masked."""
        return str(row.contract.holder)

    @column("状态", order="status")
    def status_(self, row: Visit) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("面值", order="face_fen", num=True)
    def face(self, row: Visit) -> Any:
        """Face value or times."""
        return money(row.face_fen) if row.face_fen else f"{row.times} 次"

    @column("暂留", order="hold_fen", num=True)
    def hold(self, row: Visit) -> SafeString:
        """What it holds while it waits."""
        return money(row.hold_fen if row.status in ("REQUESTED", "DISPUTED") else 0)

    @column("付商家", order="amount_fen", num=True)
    def amount(self, row: Visit) -> SafeString:
        """What was paid."""
        return money(row.amount_fen)

    @column("时间", order="requested_at")
    def requested(self, row: Visit) -> SafeString:
        """When it was asked for."""
        return moment(row.requested_at)

    def heading(self, case: Visit) -> str:
        """Shop and item."""
        return f"{case.merchant.brand_name} {case.item}"

    def lead(self, case: Visit) -> str:
        """Code and where."""
        return f"消费 {case.code} · {case.store.name} · 持卡人 {case.contract.holder}"

    def clocks(self, case: Visit) -> list[CaseClock]:
        """The 15 working days of silence; a dispute stops them for good."""
        if case.status == Visit.Status.DISPUTED:
            return [stopped_clock("自动确认", "有异议，不再自动确认，等双方或您处理")]
        if case.status == Visit.Status.REQUESTED:
            return [workday_clock("自动确认", case.confirm_due_on, case.confirm_clock)]
        return []

    def audited(self, case: Visit) -> list[tuple[str, Any]]:
        """The visit's own lines."""
        return [("prepaid.Visit", case.pk)]

    def panels(self, case: Visit, by: Actor) -> list[Panel]:
        """What was used, and the card it came from."""
        pairs = [
            ("面值", money(case.face_fen) if case.face_fen else ""),
            ("次数", case.times or ""),
            ("暂留", money(case.hold_fen)),
            ("付商家", money(case.amount_fen)),
            ("已冲回", money(case.corrected_fen) if case.corrected_fen else ""),
            ("发起", case.get_started_by_display(), cn_datetime(case.requested_at)),
            ("店员", str(case.staff) if case.staff else ""),
            ("确认日", cn_date(case.settled_on)),
            ("预计到账", cn_date(case.pay_expected_on)),
            ("说明", case.reason),
        ]
        return [
            facts("这次消费", pairs),
            rows.money_panel(case.contract, url=rows.case_url(case.contract), link=str(case.contract)),
        ]

    def side(self, case: Visit, by: Actor) -> list[Panel]:
        """Where else to look."""
        links = [
            ("合同", link(rows.case_url(case.contract), str(case.contract))),
            ("商家", link(rows.case_url(case.merchant), "一企一档")),
            ("同店有异议", case.merchant.visits.filter(status=Visit.Status.DISPUTED).count()),
        ]
        return [facts("相关", links, as_list=True)]

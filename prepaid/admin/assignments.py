"""Cards that changed hands, as the regulator reads them: who, when, and when the notice reached the shop."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.actors import Actor
from core.case_lists import ReadOnlyAdmin, column
from core.case_panels import link
from core.templatetags.portal_ui import moment, state_of
from prepaid.admin import rows
from prepaid.models import Assignment


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    """转让和换绑: each leads to its contract."""

    opens_case = False
    list_display = ("code_", "contract_", "merchant_", "status_", "from_", "to_", "asked", "notice")
    list_filter = ("kind", "status", "asked_at")
    list_select_related = ("contract__merchant", "contract__plan", "from_user", "to_user")
    search_fields = ("contract__merchant__brand_name__icontains",)
    search_help_text = "编号、合同编号（可只输前几位）、店招；完整手机号要有办案权限"
    code_fields = ("code", "contract__code")
    phone_fields = ("from_user__phone_idx", "to_user__phone_idx")
    export_columns = (
        ("编号", lambda row: row.code),
        ("类型", lambda row: row.get_kind_display()),
        ("合同", lambda row: str(row.contract)),
        ("商家", lambda row: row.contract.merchant.brand_name),
        ("状态", lambda row: row.get_status_display()),
        ("原持卡人", lambda row: row.from_user.masked_phone),
        ("新持卡人", lambda row: row.to_user.masked_phone),
        ("提出时间", lambda row: row.asked_at),
        ("通知到达商家", lambda row: row.notice_received_at),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Newest first."""
        return Assignment.objects.visible_to(Actor.of(request)).order_by("-id")

    @column("转让", order="id")
    def code_(self, row: Assignment) -> str:
        """Its code."""
        return row.code

    def second_line(self, row: Assignment) -> str:
        """The kind."""
        return row.get_kind_display()

    @column("合同")
    def contract_(self, row: Assignment) -> SafeString:
        """The case page of the contract."""
        return link(rows.case_url(row.contract), str(row.contract), row.contract.plan.name)

    @column("商家")
    def merchant_(self, row: Assignment) -> SafeString:
        """The dossier."""
        return link(rows.case_url(row.contract.merchant), row.contract.merchant.brand_name)

    @column("状态", order="status")
    def status_(self, row: Assignment) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("原持卡人")
    def from_(self, row: Assignment) -> str:
        """Masked."""
        return row.from_user.masked_phone

    @column("新持卡人")
    def to_(self, row: Assignment) -> str:
        """Masked."""
        return row.to_user.masked_phone

    @column("提出", order="asked_at")
    def asked(self, row: Assignment) -> SafeString:
        """When."""
        return moment(row.asked_at)

    @column("通知到达", order="notice_received_at")
    def notice(self, row: Assignment) -> SafeString | str:
        """From when the shop is bound."""
        return moment(row.notice_received_at) if row.notice_received_at else "—"

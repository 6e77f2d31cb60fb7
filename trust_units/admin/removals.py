"""Removals and appeals for regulators, and the draws."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.actors import Actor
from core.case_admin import Act, CaseAdmin, CaseForm, ReasonForm
from core.case_lists import column
from core.case_panels import CaseClock, Panel, day_clock, facts, link, table, workday_clock
from core.templatetags.portal_ui import cn_date, cn_datetime, state_of
from prepaid.admin.rows import case_url
from trust_units import actions as trust
from trust_units.actions.removals import ground_label
from trust_units.models import REMOVAL_LIFECYCLE, Draw, Removal

UNIT = ("unit__merchant__region", "unit__store", "unit__mall", "unit__region")


class DecisionForm(CaseForm):
    """Why."""

    decision = forms.CharField(
        label="决定的理由", max_length=500, min_length=5, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "写明决定的理由", "min_length": "至少写 5 个字"},
    )  # fmt: skip


@admin.register(Removal)
class RemovalAdmin(CaseAdmin):
    """Proposed, heard, removed, appealed."""

    lifecycle = REMOVAL_LIFECYCLE
    list_help = "硬性事由由系统当日移除；其他事由先听取陈述，期满或陈述后决定。申诉由没有参与移除的人决定。"
    list_display = ("unit_", "status_", "ground_", "hearing_due_on", "removed_at", "appeal_due_on")
    list_filter = ("status", "ground", "hearing_due_on", "removed_at")
    list_select_related = UNIT
    search_fields = ("unit__merchant__brand_name__icontains", "unit__mall__name__icontains")
    code_fields = ("unit__code",)
    ordering = ("-id",)
    empty_text = "没有移除。"
    export_columns = (
        ("单位编号", lambda row: row.unit.code),
        ("单位", lambda row: row.unit.sign_name),
        ("状态", lambda row: row.get_status_display()),
        ("事由", lambda row: ground_label(row.ground)),
        ("理由", lambda row: row.reason),
        ("移除时间", lambda row: row.removed_at),
    )
    acts = {
        "confirm": Act(
            lambda pk, data, by: trust.confirm_removal(pk, by=by),
            lambda case: f"移除后标识立即作废，理由「{case.reason}」公开，商家可以申诉。", icon="shield-off",
            done="已移除",
        ),
        "drop": Act(
            lambda pk, data, by: trust.drop_removal(pk, data["reason"], by=by),
            lambda case: "单位留在预警库，问题解决后解除预警。", form=ReasonForm, icon="back", done="已决定不移除",
        ),
        "uphold": Act(
            lambda pk, data, by: trust.decide_appeal(pk, data["decision"], revoke=False, by=by),
            lambda case: "维持移除，短信告诉商家。", form=DecisionForm, icon="doc", done="已维持",
        ),
        "revoke": Act(
            lambda pk, data, by: trust.decide_appeal(pk, data["decision"], revoke=True, by=by),
            lambda case: "恢复到移除前的库，标识立即有效；不实的监管信息一并消除。", form=DecisionForm, icon="check",
            done="已恢复资格",
        ),
    }  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Removal]:
        """With units and people."""
        return super().get_queryset(request).select_related(*UNIT, "proposed_by", "removed_by", "decided_by")

    @column("单位", order="id")
    def unit_(self, row: Removal) -> str:
        """Which."""
        return row.unit.sign_name

    @column("状态", order="status")
    def status_(self, row: Removal) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("事由", order="ground")
    def ground_(self, row: Removal) -> str:
        """Why."""
        return ground_label(row.ground)

    def heading(self, case: Removal) -> str:
        """Which unit."""
        return f"移除 {case.unit.sign_name}"

    def clocks(self, case: Removal) -> list[CaseClock]:
        """Until when the shop may speak."""
        if case.status == Removal.Status.PROPOSED and case.hearing_due_on:
            return [workday_clock("陈述期限", case.hearing_due_on)]
        if case.status == Removal.Status.REMOVED and case.appeal_due_on:
            return [day_clock("申诉期限", case.appeal_due_on)]
        return []

    def panels(self, case: Removal, by: Actor) -> list[Panel]:
        """Why, what the shop says, what was decided."""
        file = link(reverse("admin:stored_file", args=[case.appeal_file_id]), "打开") if case.appeal_file_id else ""
        pairs = [
            ("事由", ground_label(case.ground)),
            ("公开的理由", case.reason),
            ("提出", case.proposed_by.name if case.proposed_by else "系统", cn_datetime(case.proposed_at)),
            ("商家陈述", case.statement, cn_datetime(case.stated_at) if case.stated_at else ""),
            ("移除", cn_datetime(case.removed_at) if case.removed_at else "", str(case.removed_by or "系统")),
            ("申诉理由", case.appeal_text, cn_datetime(case.appealed_at) if case.appealed_at else ""),
            ("申诉材料", file),
            ("决定", case.decision, case.decided_by.name if case.decided_by else ""),
        ]  # fmt: skip
        rows = [
            (
                one.get_kind_display(), one.text, cn_date(one.happened_on),
                cn_date(one.cleared_on) if one.cleared_on else "",
            )
            for one in case.unit.facts.all()[:20]
        ]  # fmt: skip
        return [facts("移除", pairs), table("监管信息", ("事实", "说明", "发生", "消除"), rows)]

    def side(self, case: Removal, by: Actor) -> list[Panel]:
        """Where else to look."""
        shop = link(case_url(case.unit.merchant), case.unit.merchant.brand_name) if case.unit.merchant else ""
        mark = link(reverse("trust_units:mark", args=[case.unit.code]), "扫码看到的")
        return [facts("相关", [("商家", shop), ("标识", mark)], as_list=True)]


@admin.register(Draw)
class DrawAdmin(CaseAdmin):
    """The draws; everything about them is public."""

    list_help = "前一天 23:00 公布名单，当天 04:30 封账后 05:30 抽取；文件在公开页，任何人能重抽。"
    list_display = ("day", "candidates_", "drawn", "sha", "drawn_at")
    list_filter = ("day",)
    ordering = ("-day",)
    empty_text = "还没有抽签。"
    export_columns = (
        ("日期", lambda row: row.day),
        ("候选", lambda row: row.candidates),
        ("抽中", lambda row: len(row.sample)),
        ("名单摘要", lambda row: row.list_sha256),
        ("种子", lambda row: row.seed),
    )

    @column("候选", order="candidates", num=True)
    def candidates_(self, row: Draw) -> str:
        """How many might have been drawn."""
        return f"{row.candidates:,}"

    @column("抽中", num=True)
    def drawn(self, row: Draw) -> str:
        """How many were."""
        return f"{len(row.sample):,}"

    @column("名单摘要")
    def sha(self, row: Draw) -> SafeString:
        """The hash."""
        return format_html('<span class="text-break small">{}</span>', row.list_sha256)

    def panels(self, case: Draw, by: Actor) -> list[Panel]:
        """What was published when."""
        page = link(reverse("trust_units:draw", args=[case.day.isoformat()]), "公开页和文件")
        blind = "先公布名单，后有种子" if case.is_blind else "名单晚于封账公布，或还没有封账"
        pairs = [
            ("公开", page),
            ("名单公布", cn_datetime(case.published_at)),
            ("封账", cn_datetime(case.sealed_at) if case.sealed_at else ""),
            ("抽取", cn_datetime(case.drawn_at) if case.drawn_at else "", blind),
            ("种子", case.seed),
            ("随机数", case.nonce),
        ]
        return [facts("抽签", pairs)]

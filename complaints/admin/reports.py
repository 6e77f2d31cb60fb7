"""Reports and enforcement cases for regulators. Who reported stands on no page: only behind 「查看举报人」, once."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from complaints import actions as complaints
from complaints.admin.complaint_panels import clock_panel, head_clocks, whose_matter
from complaints.admin.complaints import ComplaintAdmin
from complaints.admin.documents import document_panel
from complaints.admin.report_acts import ACTS, ClueForm
from complaints.admin.report_panels import clues_table, extensions_table, penalty_facts, twins_table
from complaints.models import EnforcementCase, ViolationReport
from complaints.models.enforcement import CASE_LIFECYCLE
from complaints.models.reports import REPORT_LIFECYCLE
from complaints.sealing import without_identity
from core.actors import Actor
from core.case_admin import Act, CaseAdmin
from core.case_lists import column
from core.case_panels import CaseClock, Panel, facts, link
from core.csv_export import plain_yuan
from core.templatetags.portal_ui import cn_datetime, moment, state_of
from prepaid.admin.rows import case_url


@admin.register(ViolationReport)
class ViolationReportAdmin(CaseAdmin):
    """Clues of violations, from registration to publication."""

    lifecycle = REPORT_LIFECYCLE
    acts = ACTS
    list_help = "举报人身份依法保密，不在列表、导出和办理记录中出现。"
    list_display = ("code_", "status_", "what", "cause", "handler_", "due", "received")
    list_filter = ("status", "cause", "channel", ("region", admin.RelatedOnlyFieldListFilter), "received_at")
    list_select_related = ("merchant", "region", "handler")
    search_fields = ("merchant__brand_name__icontains", "respondent_name__icontains")
    code_fields = ("code",)
    ordering = ("next_due_at", "-id")
    empty_text = "没有举报。网上、电话和其他部门移送来的举报会在这里。"
    export_columns = (
        ("编号", lambda row: row.code),
        ("状态", lambda row: row.get_status_display()),
        ("被举报人", lambda row: row.respondent),
        ("事由", lambda row: row.get_cause_display()),
        ("来源", lambda row: row.get_channel_display()),
        ("管辖地", lambda row: row.region.name),
        ("收到时间", lambda row: row.received_at),
        ("最近的期限", lambda row: row.next_due_at),
        ("承办人", lambda row: row.handler.name if row.handler else ""),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ViolationReport]:
        """An officer's own report is not among their cases: neither read nor exported here."""
        rows = ViolationReport.objects.on_duty(Actor.of(request)).order_by(*self.ordering)
        more = ("region", "merchant", "store", "handler", "routed_from", "reporter", "found_in", "merged_into")
        return rows.select_related(*more)

    @column("编号", order="id")
    def code_(self, row: ViolationReport) -> str:
        """The code in groups."""
        return row.code_grouped

    def second_line(self, row: ViolationReport) -> str:
        """How it came in."""
        return f"{row.get_channel_display()}{'' if row.reporter_id else '，匿名'}"

    @column("状态", order="status")
    def status_(self, row: ViolationReport) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("被举报人")
    def what(self, row: ViolationReport) -> str:
        """The respondent."""
        return row.respondent

    @column("承办人")
    def handler_(self, row: ViolationReport) -> str:
        """Who works on it."""
        return row.handler.name if row.handler else ""

    @column("最近的期限", order="next_due_at")
    def due(self, row: ViolationReport) -> SafeString:
        """The nearest clock."""
        return moment(row.next_due_at)

    @column("收到", order="received_at")
    def received(self, row: ViolationReport) -> SafeString:
        """When."""
        return moment(row.received_at)

    def heading(self, case: ViolationReport) -> str:
        """The respondent."""
        return f"举报 {case.respondent}"

    def lead(self, case: ViolationReport) -> str:
        """Code, cause, channel."""
        return f"{case.code_grouped} · {case.get_cause_display()} · {case.get_channel_display()} · {case.region.name}"

    def clocks(self, case: ViolationReport) -> list[CaseClock]:
        """Those that run."""
        return head_clocks(case)

    def panels(self, case: ViolationReport, by: Actor) -> list[Panel]:
        """The clue, the limits, the case, twins, extensions, forms."""
        who = "有，身份已封存（须填理由才能查看）" if case.reporter else "没有（匿名或办案中发现）"
        pairs = [
            ("举报人", who),
            ("事实", without_identity(case, case.facts)),
            ("发生地", without_identity(case, case.happened_at)),
            ("来自投诉", case.found_in.code_grouped if case.found_in else ""),
            ("分送单位", case.routed_from.name if case.routed_from else ""),
            ("并入", link(case_url(case.merged_into), case.merged_into.code_grouped) if case.merged_into else ""),
            ("说明", case.reason),
            ("移送到", case.transferred_to),
            ("告知举报人", case.reply, f"{cn_datetime(case.told_at)} {case.told_basis}"),
        ]
        found = [facts("举报", pairs), clock_panel(case)]
        enforcement = EnforcementCase.objects.filter(report=case).select_related("filed_by", "decided_by").first()
        if enforcement is not None:
            found.append(penalty_facts(enforcement))
        return [*found, extensions_table(case), twins_table(case, by), document_panel(case, by)]

    def side(self, case: ViolationReport, by: Actor) -> list[Panel]:
        """Where else to look."""
        shop = link(case_url(case.merchant), case.merchant.brand_name) if case.merchant else ""
        return [
            facts(
                "相关",
                [
                    ("商家", shop),
                    ("承办人", case.handler.name if case.handler else "未定"),
                    ("两人规则", "承办人核查，另一位负责人签批立案、处理决定和移送；申请延期的人不能自己批准。"),
                ],
                as_list=True,
            ),
            *whose_matter(case),
        ]


@admin.register(EnforcementCase)
class EnforcementCaseAdmin(CaseAdmin):
    """Cases from clue to published penalty; the steps are taken on the report's page."""

    lifecycle = CASE_LIFECYCLE
    list_help = "立案、延期、处理决定和公示在举报页办理。"
    list_display = ("name", "status_", "what", "penalty_", "filed_on", "decided_on", "published_on")
    list_filter = ("status", "penalty", "filed_on", "decided_on")
    list_select_related = ("report__merchant", "report__region")
    search_fields = ("case_no__icontains", "decision_no__icontains", "report__merchant__brand_name__icontains")
    code_fields = ("report__code",)
    ordering = ("-id",)
    empty_text = "还没有案件。举报开始核查，或者投诉转案件后，会列在这里。"
    export_columns = (
        ("立案号", lambda row: row.case_no),
        ("状态", lambda row: row.get_status_display()),
        ("被举报人", lambda row: row.report.respondent),
        ("处理", lambda row: row.get_penalty_display()),
        ("罚款（元）", lambda row: plain_yuan(row.fine_fen)),
        ("没收（元）", lambda row: plain_yuan(row.confiscated_fen)),
        ("决定书文号", lambda row: row.decision_no),
        ("立案日", lambda row: row.filed_on),
        ("决定日", lambda row: row.decided_on),
        ("公示日", lambda row: row.published_on),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[EnforcementCase]:
        """With report and people."""
        more = ("report__merchant", "report__region", "report__found_in", "filed_by", "decided_by")
        return super().get_queryset(request).select_related(*more)

    @column("案件", order="id")
    def name(self, row: EnforcementCase) -> str:
        """Its number."""
        return str(row)

    def second_line(self, row: EnforcementCase) -> str:
        """Whether it was found in a complaint."""
        return "诉转案" if row.report.found_in_id else "举报"

    @column("状态", order="status")
    def status_(self, row: EnforcementCase) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("被举报人")
    def what(self, row: EnforcementCase) -> str:
        """The respondent."""
        return row.report.respondent

    @column("处理", order="penalty")
    def penalty_(self, row: EnforcementCase) -> str:
        """The penalty."""
        return row.get_penalty_display()

    def heading(self, case: EnforcementCase) -> str:
        """Respondent and number."""
        return f"{case.report.respondent} {case}"

    def clocks(self, case: EnforcementCase) -> list[CaseClock]:
        """Those that run."""
        return head_clocks(case.report)

    def panels(self, case: EnforcementCase, by: Actor) -> list[Panel]:
        """The case and its limits."""
        return [penalty_facts(case), clock_panel(case.report), extensions_table(case.report)]

    def side(self, case: EnforcementCase, by: Actor) -> list[Panel]:
        """Where the steps are taken."""
        return [facts("办理", [("举报", link(case_url(case.report), case.report.code_grouped))], as_list=True)]

    def audited(self, case: EnforcementCase) -> list[tuple[str, Any]]:
        """The records of the report."""
        return [("complaints.ViolationReport", case.report_id)]


ComplaintAdmin.acts["open_clue"] = Act(
    lambda pk, data, by: complaints.open_clue_from_complaint(pk, data["facts"], by=by),
    lambda case: "转成案件线索，由您承办，15 个工作日内核查完（第27条）；投诉照常办理。",
    form=ClueForm,
    icon="search",
    label="诉转案",
    permission="complaints.handle_complaint",
    done="已转成案件线索，在「举报」里核查",
)
ComplaintAdmin.more_panels.append(clues_table)

"""Filings and quarterly reports on the regulators' site: the queue, the case, and who is late."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.actors import Actor
from core.case_admin import Act, CaseAdmin, ReasonForm
from core.case_lists import column
from core.case_panels import FACT_WORDS, VERB_WORDS, CaseClock, Panel, day_clock, facts, link, table
from core.csv_export import plain_yuan
from core.pack_admin import tag_state
from core.templatetags.portal_ui import cn_date, money, state, state_of
from prepaid import actions as prepaid
from prepaid.admin import rows
from prepaid.filing_facts import known_of
from prepaid.models import Filing, FilingReport
from prepaid.models.filings import FILING_LIFECYCLE, FILING_REPORT_LIFECYCLE

VERB_WORDS |= {
    "filing.decide": "核定备案",
    "filing.lapse": "备案逾期",
    "filing.save": "填写备案表",
    "filing.add_document": "上传备案材料",
    "filing.drop_document": "删去备案材料",
    "filing.file": "提交备案",
    "filing.change": "申报变更",
    "filing.accept": "予以备案",
    "filing.send_back": "退回补正",
    "filing.refuse_change": "退回变更",
    "filing.cancel": "注销备案",
    "filing_report.open": "季度报告到期",
    "filing_report.lapse": "季度报告逾期",
    "filing_report.submit": "报送季度报告",
}
FACT_WORDS |= {"what": "材料", "number": "编号", "due": "期限"}
FIELD_WORDS = {
    "issuer_class": "发卡企业类别",
    "started_on": "开始卖卡的日期",
    "revenue_fen": "上年度主营业务收入",
    "capital_fen": "注册资本",
    "group_name": "集团或品牌名称",
    "custody_bank": "资金存管银行",
    "statement": "发卡业务说明",
}


def said_of(case: Filing, name: str, value: Any) -> Any:
    """One declared value in words."""
    if value in (None, ""):
        return ""
    if name.endswith("_fen"):
        return money(int(value))
    if name == "issuer_class":
        return dict(case._meta.get_field("issuer_class").choices or []).get(value, value)
    return value


def _accept_effect(case: Filing) -> str:
    if case.status == Filing.Status.CHANGED:
        words = "、".join(FIELD_WORDS.get(name, name) for name in case.pending)
        return f"{case.merchant.brand_name} 变更 {words}，受理后按新内容公示。"
    return f"{case.merchant.brand_name} 取得备案编号，公示页马上显示「已备案」，商家会收到短信。"


@admin.register(Filing)
class FilingAdmin(CaseAdmin):
    """One issuer's filing, with the reasons why it must file."""

    lifecycle = FILING_LIFECYCLE
    list_help = "要不要备案由规则包每天核定；商家提交后在这里受理。"
    list_display = ("shop", "status_", "issuer_class", "due", "filed_on", "number", "region_")
    list_filter = ("status", "issuer_class", ("merchant__industry", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("merchant", "merchant__region")
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact", "number__iexact")
    code_fields = ("merchant__public_code",)
    ordering = ("-id",)
    export_columns = (
        ("商家", lambda row: row.merchant.brand_name),
        ("统一社会信用代码", lambda row: row.merchant.uscc),
        ("状态", lambda row: row.get_status_display()),
        ("类别", lambda row: row.get_issuer_class_display()),
        ("期限", lambda row: row.due_on),
        ("提交日", lambda row: row.filed_on),
        ("备案编号", lambda row: row.number or ""),
        ("受理日", lambda row: row.accepted_on),
        ("辖区", lambda row: row.merchant.region.name),
    )
    acts = {
        "accept": Act(
            lambda pk, data, by: prepaid.accept_filing(pk, by=by), _accept_effect, icon="check", done="已受理"
        ),
        "send_back": Act(
            lambda pk, data, by: prepaid.return_filing(pk, data["reason"], by=by),
            lambda case: f"{case.merchant.brand_name} 补正后可以再提交；备案期限 {case.due_on or '没有'} 不变。",
            form=ReasonForm,
            icon="back",
            done="已退回补正",
        ),
        "refuse_change": Act(
            lambda pk, data, by: prepaid.return_filing(pk, data["reason"], by=by),
            lambda case: "变更不生效，仍按原来的内容公示。",
            form=ReasonForm,
            icon="back",
            done="已退回变更",
        ),
        "cancel": Act(
            lambda pk, data, by: prepaid.cancel_filing(pk, data["reason"], by=by),
            lambda case: _cancel_effect(case),
            form=ReasonForm,
            icon="x",
            done="已注销",
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Filing]:
        """With the shop and its place."""
        wanted = ("merchant__region", "merchant__industry", "merchant__licence_file", "filed_by", "accepted_by")
        return super().get_queryset(request).select_related(*wanted)

    @column("商家", order="merchant__brand_name")
    def shop(self, row: Filing) -> str:
        """The sign."""
        return row.merchant.brand_name

    @column("状态", order="status")
    def status_(self, row: Filing) -> SafeString:
        """Icon and word."""
        return state_of(row, "officer")

    @column("期限", order="due_on")
    def due(self, row: Filing) -> str:
        """The last day."""
        return cn_date(row.due_on) if row.due_on else "—"

    @column("辖区")
    def region_(self, row: Filing) -> str:
        """Where."""
        return row.merchant.region.name

    def heading(self, case: Filing) -> str:
        """The shop."""
        return f"{case.merchant.brand_name} 备案"

    def lead(self, case: Filing) -> str:
        """Number, class, place."""
        parts = (case.number or "", case.get_issuer_class_display(), case.merchant.region.name)
        return " · ".join(part for part in parts if part)

    def clocks(self, case: Filing) -> list[CaseClock]:
        """The day by which it must be filed."""
        waits = case.status in (Filing.Status.REQUIRED, Filing.Status.OVERDUE)
        return [day_clock("备案期限", case.due_on, case.due_clock)] if case.due_on and waits else []

    def panels(self, case: Filing, by: Actor) -> list[Panel]:
        """What changes, what was declared, why, and the evidence."""
        found = []
        if case.pending:
            lines = [
                (FIELD_WORDS[name], said_of(case, name, getattr(case, name)), said_of(case, name, value))
                for name, value in case.pending.items()
            ]
            found.append(table("要变更的内容", ("项目", "现在", "变更为"), lines))
        declared = [(word, said_of(case, name, getattr(case, name))) for name, word in FIELD_WORDS.items()]
        why = [
            (reason["text"], _met(reason["met"]), reason["basis"] or "—",
             tag_state(reason["tag"]) if reason["tag"] else "—")
            for reason in case.need
        ]  # fmt: skip
        documents = [
            (
                link(reverse("admin:stored_file", args=[row.file_id]), row.get_kind_display()),
                cn_date(row.added_at.date()),
            )
            for row in case.documents.select_related("file")
        ]
        licence = case.merchant.licence_file
        if licence is not None:
            documents.insert(0, (link(reverse("admin:stored_file", args=[licence.pk]), "营业执照"), "入驻时上传"))
        return [
            *found,
            facts("申报内容", declared),
            table("为什么要（不要）备案", ("条件", "是否", "依据", "确定程度"), why, empty="每天核定后写在这里"),
            table("材料", ("材料", "上传"), documents, empty="没有上传材料"),
        ]

    def side(self, case: Filing, by: Actor) -> list[Panel]:
        """The ledger's figures, who signed, and where else to look."""
        known = known_of(case.merchant_id)
        pairs: list[Any] = []
        if known is not None:
            pairs = [
                ("预收资金余额", money(known.facts.balance_fen)),
                ("其中没有存管", money(known.facts.unlocked_fen)),
                ("一共收过", money(known.facts.receipts_fen)),
                ("卖过的卡", f"{known.facts.cards} 张"),
            ]
        signed: list[Any] = [
            ("提交", str(case.filed_by or ""), cn_date(case.filed_on) if case.filed_on else ""),
            ("受理", case.accepted_by.name if case.accepted_by else "", cn_date(case.accepted_on or case.filed_on)),
            ("退回原因", case.return_reason),
            ("商家", link(rows.case_url(case.merchant), "一企一档")),
        ]
        return [facts("账本里的数字", pairs, as_list=True), facts("办理", signed, as_list=True)]


def _met(met: bool | None) -> Any:
    if met is None:
        return format_html('<span class="faint">{}</span>', "—")
    return state("ok", "check", "符合") if met else state("released", "x", "不符合")


def _cancel_effect(case: Filing) -> str:
    known = known_of(case.merchant_id)
    owed = plain_yuan(known.facts.balance_fen) if known else 0
    return f"{case.merchant.brand_name} 还有 {owed} 元没消费完（不是 0 不能注销）。注销后公示页不再显示「已备案」。"


@admin.register(FilingReport)
class FilingReportAdmin(CaseAdmin):
    """Quarterly reports: who sent, who is late."""

    lifecycle = FILING_REPORT_LIFECYCLE
    list_help = "数据由账本填好，商家确认后报送；逾期的排在「逾期未报」。"
    list_display = ("shop", "quarter", "status_", "due_on", "submitted_on", "closing")
    list_filter = ("status", "quarter_end")
    list_select_related = ("merchant",)
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact")
    ordering = ("-id",)
    export_columns = (
        ("商家", lambda row: row.merchant.brand_name),
        ("季度", lambda row: row.quarter_name),
        ("状态", lambda row: row.get_status_display()),
        ("期限", lambda row: row.due_on),
        ("报送日", lambda row: row.submitted_on),
        ("收到（元）", lambda row: plain_yuan(row.figures.get("received_fen"))),
        ("季末余额（元）", lambda row: plain_yuan(row.figures.get("closing_fen"))),
        ("说明", lambda row: row.remark),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[FilingReport]:
        """With the shop."""
        return super().get_queryset(request).select_related("merchant__region", "submitted_by")

    @column("商家", order="merchant__brand_name")
    def shop(self, row: FilingReport) -> str:
        """The sign."""
        return row.merchant.brand_name

    @column("季度", order="quarter_end")
    def quarter(self, row: FilingReport) -> str:
        """In words."""
        return row.quarter_name

    @column("状态", order="status")
    def status_(self, row: FilingReport) -> SafeString:
        """Icon and word."""
        return state_of(row, "officer")

    @column("季末余额", num=True)
    def closing(self, row: FilingReport) -> SafeString:
        """From the ledger."""
        return money(row.figures.get("closing_fen", 0))

    def panels(self, case: FilingReport, by: Actor) -> list[Panel]:
        """The figures."""
        figures = case.figures
        pairs = [
            ("季初余额", money(figures.get("opening_fen", 0))),
            ("本季收到", money(figures.get("received_fen", 0))),
            ("本季付给商家", money(figures.get("released_fen", 0))),
            ("本季退款", money(figures.get("refunded_fen", 0))),
            ("季末余额", money(figures.get("closing_fen", 0))),
            ("本季卖卡", f"{figures.get('cards', 0)} 张"),
            ("期限", cn_date(case.due_on), case.basis),
            ("报送日", cn_date(case.submitted_on) if case.submitted_on else "还没有报送"),
            ("说明", case.remark),
        ]
        return [facts(case.quarter_name, pairs)]

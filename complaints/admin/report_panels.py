"""Boxes that cases of complaints share: the penalty, the extensions, other reports."""

from __future__ import annotations

from django.db.models import Q

from complaints.actions.reports import same_person
from complaints.models import Complaint, EnforcementCase, ViolationReport
from core.actors import Actor
from core.case_panels import Panel, facts, link, table
from core.templatetags.portal_ui import cn_date, cn_datetime, money, state_of
from prepaid.admin.rows import case_url

TWINS = 10


def penalty_facts(case: EnforcementCase) -> Panel:
    """The case in figures."""
    pairs = [
        ("状态", state_of(case, "officer")),
        ("立案号", case.case_no),
        ("签批人", case.filed_by.name if case.filed_by else "", cn_date(case.filed_on)),
        ("处理", case.get_penalty_display()),
        ("罚款", money(case.fine_fen) if case.fine_fen else ""),
        ("没收", money(case.confiscated_fen) if case.confiscated_fen else ""),
        ("依据", case.law),
        ("决定书", case.decision_no),
        ("决定内容", case.decision),
        ("决定签批", case.decided_by.name if case.decided_by else "", cn_date(case.decided_on)),
        ("公示", f"{cn_date(case.published_on)} 至 {cn_date(case.public_until)}" if case.published_on else ""),
    ]
    return facts("案件", pairs)


def extensions_table(case: ViolationReport) -> Panel:
    """Who asked for more time, who approved."""
    cells = [
        (
            row.get_code_display(),
            state_of(row, "officer"),
            row.reason,
            f"{row.asked_by.name} {cn_datetime(row.asked_at)}",
            f"{row.decided_by.name} {cn_datetime(row.decided_at)}" if row.decided_by else "等另一位负责人",
        )
        for row in case.extension_requests.select_related("asked_by", "decided_by")
    ]
    return table("延期", ("期限", "状态", "理由", "申请人", "批准人"), cells, empty="没有申请过延期")


def twins_table(case: ViolationReport, by: Actor) -> Panel:
    """Other reports about the same respondent; whether they are of one person is said without saying who."""
    same = Q(merchant=case.merchant) if case.merchant_id else Q(respondent_name=case.respondent_name, merchant=None)
    rows = (
        ViolationReport.objects.visible_to(by).filter(same).exclude(pk=case.pk).select_related("reporter", "merchant")
    )
    cells = [
        (
            link(case_url(row), row.code_grouped),
            state_of(row, "officer"),
            row.get_cause_display(),
            cn_date(row.received_at),
            "同一举报人" if same_person(case.reporter, row.reporter) else "",
        )
        for row in rows.order_by("-id")[:TWINS]
    ]
    heads = ("举报", "状态", "事由", "收到", "举报人")
    return table("同一商家的举报", heads, cells, empty="没有别的举报")


def clues_table(case: Complaint, by: Actor) -> list[Panel]:
    """The clues that were found while a complaint was handled; nothing where there are none."""
    cells = [
        (link(case_url(row), row.code_grouped), state_of(row, "officer"), cn_date(row.received_at))
        for row in case.clues.all()
    ]
    return [table("转成的案件线索", ("线索", "状态", "发现"), cells)] if cells else []

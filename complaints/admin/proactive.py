"""Proactive tasks for officers: which complaints, against which usual, and what was done about it."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from complaints import actions as complaints
from complaints.forms import incidents as forms
from complaints.models import ProactiveTask
from complaints.models.proactive import PROACTIVE_LIFECYCLE
from core.actors import Actor
from core.case_admin import Act, CaseAdmin, ReasonForm
from core.case_lists import column
from core.case_panels import Panel, facts, link, table
from core.templatetags.portal_ui import cn_date, cn_datetime, state_of
from prepaid.admin.rows import case_url

SHOWN = 50


def _usual(row: ProactiveTask) -> str:
    return f"{row.usual / 100:g}"


@admin.register(ProactiveTask)
class ProactiveTaskAdmin(CaseAdmin):
    """Found every morning; taken by an officer, closed with what was done, or raised to an incident."""

    lifecycle = PROACTIVE_LIFECYCLE
    list_help = "每天早上按商家、事由和区县归并近期投诉，达到规则包里的人数就提出一件。"
    list_display = ("what", "status_", "people", "usual_", "officer_", "proposed_on")
    list_filter = ("status", "cause", "proposed_on")
    list_select_related = ("merchant", "region", "officer")
    search_fields = ("merchant__brand_name__icontains", "region__name__icontains")
    code_fields = ("code",)
    ordering = ("-id",)
    empty_text = "没有未诉先办的事项。"
    export_columns = (
        ("对象", lambda row: row.where),
        ("辖区", lambda row: row.region.name),
        ("事由", lambda row: row.get_cause_display()),
        ("状态", lambda row: row.get_status_display()),
        ("投诉人数", lambda row: row.people),
        ("往期均值", lambda row: _usual(row)),
        ("提出日", lambda row: row.proposed_on),
        ("承办人", lambda row: row.officer.name if row.officer else ""),
        ("办理情况", lambda row: row.done),
    )
    acts = {
        "take": Act(
            lambda pk, data, by: complaints.take_task(pk, by=by),
            lambda case: f"由您核实：{case.people} 人投诉 {case}。", icon="user", done="已认领",
        ),
        "close": Act(
            lambda pk, data, by: complaints.close_task(pk, data["text"], by=by),
            lambda case: "写明做了什么、结果怎样。", form=forms.DoneForm, icon="doc", done="已办结",
        ),
        "note": Act(
            lambda pk, data, by: complaints.note_task(pk, data["text"], by=by),
            lambda case: "写进办理记录，事项继续办。", form=forms.DoneForm, icon="chat", label="记录进展",
            permission="complaints.work_proactive", when=lambda case: case.status == "TAKEN", done="已记录",
        ),
        "raise": Act(
            lambda pk, data, by: complaints.raise_task(pk, int(data["leader"]), data["summary"], by=by),
            lambda case: f"{case.where} 没有办结的投诉统一办理，马上有一张公开进度页。", form=forms.RaiseForm,
            icon="up", done="已转群体事件",
        ),
        "dismiss": Act(
            lambda pk, data, by: complaints.dismiss_task(pk, data["reason"], by=by),
            lambda case: "已计入的投诉不再重复提出。", form=ReasonForm, icon="x", done="已记录",
        ),
    }  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProactiveTask]:
        """With shop, place and officer."""
        return super().get_queryset(request).select_related("merchant", "region", "officer", "incident")

    @column("未诉先办", order="id")
    def what(self, row: ProactiveTask) -> str:
        """Shop or county, and cause."""
        return str(row)

    def second_line(self, row: ProactiveTask) -> str:
        """Where."""
        return row.region.name

    @column("状态", order="status")
    def status_(self, row: ProactiveTask) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("往期均值", order="usual", num=True)
    def usual_(self, row: ProactiveTask) -> str:
        """People in a span before, on average."""
        return _usual(row)

    @column("承办人")
    def officer_(self, row: ProactiveTask) -> str:
        """Who took it."""
        return row.officer.name if row.officer else "—"

    def heading(self, case: ProactiveTask) -> str:
        """Shop or county, and cause."""
        return str(case)

    def lead(self, case: ProactiveTask) -> str:
        """Why it was proposed."""
        span = f"{cn_date(case.since)} 至 {cn_date(case.proposed_on)}"
        return f"{span} {case.people} 人投诉，往期均值 {_usual(case)} 人，{case.threshold} 人起提出"

    def panels(self, case: ProactiveTask, by: Actor) -> list[Panel]:
        """The reasons, each complaint, and what was done."""
        rows = case.members.select_related("complaint__merchant").order_by("-complaint_id")[:SHOWN]
        cells = [
            (
                link(case_url(row.complaint), row.complaint.code_grouped, row.complaint.claim[:30]),
                row.complaint.respondent, state_of(row.complaint, "officer"), cn_date(row.complaint.received_at),
            )
            for row in rows
        ]  # fmt: skip
        reasons = [
            ("对象", link(case_url(case.merchant), case.where) if case.merchant else case.where),
            ("事由", case.get_cause_display()),
            ("投诉人数", f"{case.people} 人", "同一手机号算一人；并件、撤回、认定恶意的不算"),
            ("往期均值", f"{_usual(case)} 人"),
            ("依据", case.basis, case.rule_pack),
            ("承办人", case.officer.name if case.officer else "", cn_datetime(case.taken_at) if case.taken_at else ""),
            ("办理情况", case.done, cn_datetime(case.ended_at) if case.ended_at else ""),
            ("群体事件", link(case_url(case.incident), case.incident.code) if case.incident else ""),
        ]
        return [facts("为什么提出", reasons), table("计入的投诉", ("投诉", "被投诉人", "状态", "收到"), cells)]

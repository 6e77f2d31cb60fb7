"""吹哨报到 for officers and departments: the whistle, the part of each department, and the button on a complaint."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from complaints import actions as complaints
from complaints.admin.complaints import ComplaintAdmin
from complaints.admin.queue import case_address, clock_face
from complaints.forms import ways as forms
from complaints.models import Complaint, Whistle, WhistleCall
from complaints.models.complaints import OPEN
from complaints.models.whistles import WHISTLE_CALL_LIFECYCLE, WHISTLE_LIFECYCLE
from core.actors import Actor
from core.case_admin import Act, CaseAdmin, ReasonForm
from core.case_lists import column
from core.case_panels import FACT_WORDS, VERB_WORDS, CaseClock, Panel, facts, link, table
from core.templatetags.portal_ui import cn_datetime, moment, state_of
from prepaid.admin.rows import case_url

VERB_WORDS.update(
    {
        "complaint.whistle": "吹哨",
        "whistle.call": "吹哨",
        "whistle.resolve": "各部门办完",
        "whistle.withdraw": "撤销吹哨",
        "whistle_call.accept": "报到",
        "whistle_call.refuse": "说不归本部门",
        "whistle_call.report": "报告办理情况",
        "whistle_call.insist": "再次请部门报到",
    }
)
FACT_WORDS.update({"departments": "部门", "department": "部门"})


def may_whistle(case: Complaint) -> bool:
    """Open, and nobody is called already."""
    return case.closed_at is None and case.status in OPEN and not Whistle.objects.open().filter(complaint=case).exists()


ComplaintAdmin.acts["whistle"] = Act(
    lambda pk, data, by: complaints.call_whistle(pk, data["departments"], data["need"], by=by),
    lambda case: "各部门要在 1 个工作日内报到，办完要写明做了什么；逾期没有报到的逐级督办。",
    form=forms.WhistleForm, icon="alert", label="吹哨（请部门报到）", permission="complaints.call_whistle",
    when=may_whistle, done="已吹哨，已短信通知各部门",
)  # fmt: skip


def on_complaint(case: Complaint, by: Actor) -> list[Panel]:
    """The departments that were called, on the complaint's page."""
    cells = [
        (
            link(case_url(row.whistle), row.department, cn_datetime(row.whistle.called_at)),
            state_of(row, "officer"),
            row.report or row.reason or "—",
        )
        for row in WhistleCall.objects.filter(whistle__complaint=case).select_related("whistle").order_by("-pk")
    ]
    return [table("吹哨报到", ("部门", "状态", "办理情况"), cells)] if cells else []


ComplaintAdmin.more_panels.append(on_complaint)


def _was_refused(case: Whistle) -> bool:
    return case.status in ("CALLED", "ON_SITE") and any(one.status == "REFUSED" for one in case.calls.all())


def head_clock(row: Whistle) -> list[CaseClock]:
    """The working day to report in."""
    clock = row.clock
    if clock.stopped_at is not None:
        return []
    return [CaseClock(clock.get_code_display(), clock_face(clock, timezone.now()), clock.basis)]


def case_facts(case: Complaint, need: str) -> Panel:
    """What a department has to know: shop, place and what is wanted; nothing of who complained."""
    place = case.store.address if case.store else case.respondent_address
    return facts(
        "要办的事",
        [("要做什么", need), ("商家", case.respondent), ("地点", place or case.region.name),
         ("事由", case.get_cause_display()), ("辖区", case.region.name)],
    )  # fmt: skip


@admin.register(Whistle)
class WhistleAdmin(CaseAdmin):
    """One call of a station, with what each department made of it."""

    lifecycle = WHISTLE_LIFECYCLE
    list_help = "在投诉页面吹哨。部门在 1 个工作日内报到，都办完就自动解决；逾期没报到的由系统逐级督办。"
    list_display = ("name", "status_", "departments_", "called", "officer_")
    list_filter = ("status", "called_at")
    search_fields = ("complaint__merchant__brand_name__icontains", "calls__department__icontains")
    code_fields = ("code", "complaint__code")
    ordering = ("-id",)
    empty_text = "没有吹哨。"
    export_columns = (
        ("编号", lambda row: row.code),
        ("投诉", lambda row: row.complaint.code),
        ("状态", lambda row: row.get_status_display()),
        ("部门", lambda row: "、".join(one.department for one in row.calls.all())),
        ("吹哨时间", lambda row: row.called_at),
        ("办结时间", lambda row: row.ended_at),
    )
    acts = {
        "insist": Act(
            lambda pk, data, by: complaints.insist_on_whistle(int(data["call"]), data["reason"], by=by),
            lambda case: "该部门要在 1 个工作日内重新报到。", form=forms.InsistForm, icon="alert",
            label="再次请部门报到", permission="complaints.keep_whistle",
            when=_was_refused,
            done="已再次通知",
        ),
        "resolve": Act(
            lambda pk, data, by: complaints.resolve_whistle(pk, data["reason"], by=by),
            lambda case: "还有部门没有办完的，不能解决。", form=ReasonForm, label="写明结果，解决", done="已解决",
        ),
        "withdraw": Act(
            lambda pk, data, by: complaints.withdraw_whistle(pk, data["reason"], by=by),
            lambda case: "撤销后部门不用再办，报到期限停止。", form=ReasonForm, icon="x", done="已撤销",
        ),
    }  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Whistle]:
        """With the case and the departments."""
        more = ("complaint__merchant", "complaint__store", "complaint__region", "called_by", "clock")
        return super().get_queryset(request).select_related(*more).prefetch_related("calls")

    @column("吹哨", order="id")
    def name(self, row: Whistle) -> str:
        """Its number."""
        return row.code_grouped

    def second_line(self, row: Whistle) -> str:
        """Against whom."""
        return f"{row.complaint.respondent} · {row.complaint.region.name}"

    @column("状态", order="status")
    def status_(self, row: Whistle) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("部门")
    def departments_(self, row: Whistle) -> str:
        """Who was called, and how far each is."""
        return "、".join(f"{one.department}（{one.get_status_display()}）" for one in row.calls.all())

    @column("吹哨时间", order="called_at")
    def called(self, row: Whistle) -> SafeString:
        """When."""
        return moment(row.called_at)

    @column("吹哨人")
    def officer_(self, row: Whistle) -> str:
        """Who called."""
        return row.called_by.name

    def heading(self, case: Whistle) -> str:
        """The shop."""
        return f"吹哨 {case.complaint.respondent}"

    def clocks(self, case: Whistle) -> list[CaseClock]:
        """The working day to report in."""
        return head_clock(case)

    def panels(self, case: Whistle, by: Actor) -> list[Panel]:
        """What is wanted, and what each department did."""
        cells = [
            (one.department, state_of(one, "officer"), one.report or one.reason or "—",
             cn_datetime(one.reported_at or one.answered_at) if one.answered_at else "")
            for one in case.calls.all()
        ]  # fmt: skip
        return [
            case_facts(case.complaint, case.need),
            table("各部门", ("部门", "状态", "办理情况", "时间"), cells),
            *([facts("结果", [("结果", case.outcome, cn_datetime(case.ended_at))])] if case.outcome else []),
        ]

    def side(self, case: Whistle, by: Actor) -> list[Panel]:
        """The case, for those who may open it."""
        seen = Complaint.objects.visible_to(by).filter(pk=case.complaint_id).exists()
        url = link(case_address(case.complaint), case.complaint.code_grouped) if seen else case.complaint.code_grouped
        return [facts("相关", [("投诉", url), ("吹哨人", case.called_by.name)], as_list=True)]

    def audited(self, case: Whistle) -> list[tuple[str, Any]]:
        """With the lines of the departments."""
        return [(case._meta.label, case.pk), *(("complaints.WhistleCall", one.pk) for one in case.calls.all())]


@admin.register(WhistleCall)
class WhistleCallAdmin(CaseAdmin):
    """What one department is asked; its officers report in and report here."""

    lifecycle = WHISTLE_CALL_LIFECYCLE
    list_help = "1 个工作日内报到，办完写明做了什么。"
    list_display = ("name", "status_", "department", "called")
    list_filter = ("status",)
    search_fields = ("whistle__complaint__merchant__brand_name__icontains", "department__icontains")
    code_fields = ("code", "whistle__code")
    ordering = ("-id",)
    empty_text = "没有请本部门报到的事。"
    acts = {
        "accept": Act(
            lambda pk, data, by: complaints.accept_whistle(pk, by=by),
            lambda case: f"报到后由{case.department}办理，办完在这里写明做了什么。", icon="check", done="已报到",
        ),
        "report": Act(
            lambda pk, data, by: complaints.report_whistle(pk, data["text"], by=by),
            lambda case: "各部门都报告以后，这次吹哨自动解决；承办的监管人员会收到短信。",
            form=forms.ReportForm, icon="doc", done="已报告",
        ),
        "refuse": Act(
            lambda pk, data, by: complaints.refuse_whistle(pk, data["reason"], by=by),
            lambda case: "写明为什么；监管人员可以写明理由再次请您报到。", form=ReasonForm, icon="x", done="已答复",
        ),
    }  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[WhistleCall]:
        """With the case."""
        more = [f"whistle__{one}" for one in ("clock", "called_by", "complaint__merchant", "complaint__store")]
        return super().get_queryset(request).select_related(
            *more, "whistle__complaint__region", "answered_by", "reported_by"
        )  # fmt: skip

    @column("吹哨", order="id")
    def name(self, row: WhistleCall) -> str:
        """The shop."""
        return row.whistle.complaint.respondent

    def second_line(self, row: WhistleCall) -> str:
        """What is wanted."""
        return row.whistle.need[:40]

    @column("状态", order="status")
    def status_(self, row: WhistleCall) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("吹哨时间")
    def called(self, row: WhistleCall) -> SafeString:
        """When."""
        return moment(row.whistle.called_at)

    def heading(self, case: WhistleCall) -> str:
        """The shop and the department."""
        return f"{case.whistle.complaint.respondent}：请{case.department}报到"

    def clocks(self, case: WhistleCall) -> list[CaseClock]:
        """The working day to report in, while this department has not."""
        return head_clock(case.whistle) if case.status == WhistleCall.Status.INVITED else []

    def panels(self, case: WhistleCall, by: Actor) -> list[Panel]:
        """What is wanted, and what was done."""
        pairs = [
            ("报到", str(case.answered_by.name) if case.answered_by else "", cn_datetime(case.answered_at)),
            ("说明", case.reason),
            ("办理情况", case.report, cn_datetime(case.reported_at)),
        ]
        return [case_facts(case.whistle.complaint, case.whistle.need), facts("本部门", pairs)]

    def side(self, case: WhistleCall, by: Actor) -> list[Panel]:
        """Who called."""
        called = case.whistle
        return [
            facts("吹哨", [("吹哨人", called.called_by.name), ("时间", cn_datetime(called.called_at))], as_list=True)
        ]

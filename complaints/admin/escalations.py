"""督办 for regulators: who answers for a matter that was taken upwards, with plan, weekly notes and outcome."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from complaints import actions as complaints
from complaints.admin.queue import case_address, clock_face
from complaints.models import Escalation, Level
from complaints.models.escalations import ESCALATION_LIFECYCLE
from core.actors import Actor
from core.case_admin import Act, CaseAdmin, CaseForm, ReasonForm
from core.case_lists import column
from core.case_panels import CaseClock, Panel, facts, link, table
from core.templatetags.portal_ui import cn_date, cn_datetime, state_of


class PlanForm(CaseForm):
    """The plan; a leader's case needs one."""

    plan = forms.CharField(
        label="办理方案",
        help_text="领导包案必须写明方案；其他层级可以不写",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class NoteForm(CaseForm):
    """What was done this week."""

    text = forms.CharField(
        label="本周进展",
        help_text="同一周再写会替换前面写的",
        min_length=5,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "写明本周进展", "min_length": "至少写 5 个字"},
    )


class OutcomeForm(CaseForm):
    """How it was solved."""

    outcome = forms.CharField(
        label="解决的结果",
        min_length=5,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "写明结果", "min_length": "至少写 5 个字"},
    )


@admin.register(Escalation)
class EscalationAdmin(CaseAdmin):
    """One matter taken to a higher level; its owner answers for it until somebody else releases it."""

    lifecycle = ESCALATION_LIFECYCLE
    list_help = "逾期的由系统提级，每一级都有负责人；领导包案要有方案和每周进展，解决后由另一人销号。"
    list_display = ("matter_", "level", "status_", "owner_", "opened_on")
    list_filter = ("status", "level", "opened_on")
    list_select_related = ("owner",)
    ordering = ("-id",)
    empty_text = "没有提级督办的事项。"
    export_columns = (
        ("编号", lambda row: row.subject.code),
        ("层级", lambda row: row.get_level_display()),
        ("状态", lambda row: row.get_status_display()),
        ("负责人", lambda row: row.owner.name),
        ("原因", lambda row: row.reason),
        ("提出日", lambda row: row.opened_on),
    )
    acts = {
        "take": Act(
            lambda pk, data, by: complaints.take_escalation(pk, data["plan"], by=by),
            lambda case: f"{case.subject.code_grouped} 由您负责到解决；每周写一次进展。",
            form=PlanForm,
            icon="users",
            done="已接办",
        ),
        "note": Act(
            lambda pk, data, by: complaints.note_week(pk, data["text"], by=by),
            lambda case: "写进督办记录。",
            form=NoteForm,
            icon="doc",
            label="写本周进展",
            permission="complaints.own_escalation",
            when=lambda case: case.status == Escalation.Status.OWNED,
            done="已记下本周进展",
        ),
        "solve": Act(
            lambda pk, data, by: complaints.solve_escalation(pk, data["outcome"], by=by),
            lambda case: "写明结果后等另一人核对销号。",
            form=OutcomeForm,
            done="已写明结果，等销号",
        ),
        "release": Act(
            lambda pk, data, by: complaints.release_escalation(pk, by=by),
            lambda case: f"负责人 {case.owner.name} 写的结果：{case.outcome}",
            done="已销号",
        ),
        "return": Act(
            lambda pk, data, by: complaints.return_escalation(pk, data["reason"], by=by),
            lambda case: f"退回 {case.owner.name} 继续办理。",
            form=ReasonForm,
            icon="back",
            done="已退回",
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Escalation]:
        """With the matter, its region and the owner."""
        more = [f"{kind}__{one}" for kind in ("complaint", "report", "consultation") for one in ("region", "merchant")]
        return super().get_queryset(request).select_related("owner", "clock", "opened_by", "released_by", *more)

    @column("编号")
    def matter_(self, row: Escalation) -> str:
        """The number of the matter."""
        return row.subject.code_grouped

    def second_line(self, row: Escalation) -> str:
        """Against whom, and where."""
        return f"{row.subject.respondent or '—'} · {row.subject.region.name}"

    @column("状态", order="status")
    def status_(self, row: Escalation) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("负责人")
    def owner_(self, row: Escalation) -> str:
        """In full: an owner is never a secret."""
        return row.owner.name

    def heading(self, case: Escalation) -> str:
        """Level and number."""
        word = "领导包案" if case.level == Level.LEADER else f"{case.get_level_display()}督办"
        return f"{word} {case.subject.code_grouped}"

    def lead(self, case: Escalation) -> str:
        """Who answers for it since when."""
        return f"负责人 {case.owner.name} · {cn_date(case.opened_on)} 提出 · {case.reason}"

    def clocks(self, case: Escalation) -> list[CaseClock]:
        """The clock that ran out."""
        if case.clock is None or case.clock.stopped_at is not None:
            return []
        return [CaseClock(case.clock.get_code_display(), clock_face(case.clock, timezone.now()), case.clock.basis)]

    def panels(self, case: Escalation, by: Actor) -> list[Panel]:
        """The plan, the weekly notes, the reminders."""
        notes = [(cn_date(row.week), row.text, row.written_by.name) for row in case.notes.select_related("written_by")]
        pairs = [
            ("事项", link(case_address(case.subject), case.subject.code_grouped, case.subject.get_status_display())),
            ("对方", case.subject.respondent),
            ("辖区", case.subject.region.name),
            ("方案", case.plan),
            ("接办", cn_datetime(case.owned_at) if case.owned_at else ""),
            ("结果", case.outcome),
            ("销号", f"{case.released_by.name} {cn_datetime(case.released_at)}" if case.released_by else ""),
        ]
        return [
            facts("办理", pairs),
            table("每周进展", ("周一", "进展", "记录人"), notes, empty="还没有写进展"),
        ]

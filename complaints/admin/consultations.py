"""Questions and petitions for officers: answered from templates, or pointed to the right door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from complaints import actions as complaints
from complaints.admin import complaint_panels as boxes
from complaints.admin.complaints import Due, Place, Scope
from complaints.admin.new_pages import NewCaseAdmin
from complaints.models import CONSULTATION_LIFECYCLE, Consultation, ReplyTemplate
from core.actors import Actor
from core.case_admin import Act, CaseAdmin, CaseForm
from core.case_lists import column
from core.case_panels import VERB_WORDS, CaseClock, Panel, facts
from core.templatetags.portal_ui import cn_date, cn_datetime, moment, state_of

VERB_WORDS.update(
    {
        "consultation.answer": "答复",
        "consultation.point": "指引其他渠道",
        "reply_template.keep": "保存答复模板",
    }
)


class AnswerForm(CaseForm):
    """A template, own words, or a template with own words after it."""

    template = forms.ModelChoiceField(
        label="答复模板", queryset=ReplyTemplate.objects.filter(is_active=True), required=False, empty_label="不用模板"
    )
    reply = forms.CharField(
        label="答复", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="选了模板就接在模板后面，可以不写",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """The whole text."""
        data = super().clean() or {}
        start = data["template"].text if data.get("template") else ""
        data["text"] = "\n".join(part for part in (start, data.get("reply", "").strip()) if part)
        if not data["text"]:
            self.add_error("reply", "选一个模板，或写明答复")
        elif len(data["text"]) > 2000:
            self.add_error("reply", "连模板一起最多 2000 个字")
        return data


@admin.register(Consultation)
class ConsultationAdmin(CaseAdmin):
    """One question, or one petition that is not ours to decide."""

    lifecycle = CONSULTATION_LIFECYCLE
    more_panels: ClassVar[list[Callable[[Consultation, Actor], list[Panel]]]] = []
    acts: ClassVar[dict[str, Act]] = {
        "answer": Act(
            lambda pk, data, by: complaints.answer_consultation(pk, data["text"], by=by),
            lambda case: "答复写进案件，期限停止；咨询人收到一条消息，凭查询码能问到内容。答复了不能改。",
            form=AnswerForm,
            icon="chat",
            done="已答复",
        ),
        "point": Act(
            lambda pk, data, by: complaints.point_consultation(pk, data["text"], by=by),
            lambda case: "信访、仲裁、诉讼或别的部门的事：写明该找谁、怎么找。期限停止，咨询人收到一条消息。",
            form=AnswerForm,
            icon="out",
            done="已指引",
        ),
    }
    list_help = "咨询写明答复；信访指到有权处理的部门，不在这里办理。"
    list_display = ("code_", "kind", "status_", "channel", "region", "handler_", "received")
    list_filter = (Scope, Due, "kind", "status", "channel", Place)
    list_select_related = ("handler", "region")
    code_fields = ("code",)
    phone_fields = ("person__phone_idx",)
    search_fields = ("receipts__intake__source_no__iexact",)
    search_help_text = "查询码（可只输前几位）、来源编号；完整手机号要有办案权限"
    ordering = ("next_due_at", "id")
    empty_text = "这个范围里没有咨询。换一个范围，或清空筛选。"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the person and the shop."""
        return super().get_queryset(request).select_related("person", "merchant", "region", "handler")

    @column("咨询", order="id")
    def code_(self, row: Consultation) -> str:
        """The code."""
        return row.code_grouped

    def second_line(self, row: Consultation) -> str:
        """What is asked."""
        return row.facts[:30]

    @column("状态", order="status")
    def status_(self, row: Consultation) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("承办人")
    def handler_(self, row: Consultation) -> str:
        """The officer."""
        return row.handler.name if row.handler else "待分派"

    @column("收到", order="received_at")
    def received(self, row: Consultation) -> SafeString:
        """When."""
        return moment(row.received_at)

    def heading(self, case: Consultation) -> str:
        """What kind, which code."""
        return f"{case.get_kind_display()} {case.code_grouped}"

    def lead(self, case: Consultation) -> str:
        """From where and when."""
        return f"{case.get_channel_display()} · {case.region.name} · {cn_date(case.received_at)} 收到"

    def clocks(self, case: Consultation) -> list[CaseClock]:
        """The limit to answer, and those of the sources."""
        return boxes.head_clocks(case)

    def panels(self, case: Consultation, by: Actor) -> list[Panel]:
        """What is asked and answered, by whom, how the limit was counted."""
        words = facts(
            "咨询和答复",
            [
                ("内容", case.facts),
                ("咨询人", f"{case.person} {case.person.masked_phone}" if case.person else "没有留下姓名电话"),
                ("商家", case.respondent),
                ("答复", case.reply),
                ("答复时间", cn_datetime(case.closed_at) if case.closed_at else ""),
            ],
        )
        more = (panel for found in self.more_panels for panel in found(case, by))
        return [words, boxes.receipts_table(case), boxes.clock_panel(case), *more]  # type: ignore[arg-type]


class TemplateForm(CaseForm):
    """Words for many answers."""

    title = forms.CharField(label="标题", max_length=60, error_messages={"required": "写明标题"})
    text = forms.CharField(
        label="正文", max_length=2000, min_length=5, widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "写明正文", "min_length": "正文至少写 5 个字"},
    )  # fmt: skip
    is_active = forms.BooleanField(label="启用", required=False, initial=True)


@admin.register(ReplyTemplate)
class ReplyTemplateAdmin(NewCaseAdmin):
    """What replies begin with; heads of the bureau keep them."""

    view_permission = "complaints.read_templates"
    opens_case = False
    new_label = "保存模板"
    new_effect = "标题相同的模板会被换成新的正文；已经发出的答复不变。"
    new_form = TemplateForm
    list_display = ("title", "text", "is_active")
    list_help = "答复从模板开始，可以改写。标题相同再保存一次就是修改；不启用就不再出现。"
    empty_text = "还没有模板。点「保存模板」写第一个。"

    @staticmethod
    def new_run(data: dict[str, Any], by: Actor) -> ReplyTemplate:
        """Keep it."""
        return complaints.keep_template(data["title"], data["text"], is_active=data["is_active"], by=by)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The same for every officer."""
        return ReplyTemplate.objects.order_by("title")

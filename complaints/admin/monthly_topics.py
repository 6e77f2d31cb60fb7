"""每月一题 for officers: the candidates, the root, the ledger of measures, and the figure before and after."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from complaints import actions as complaints
from complaints.admin.new_pages import NewCaseAdmin
from complaints.forms import ways as forms
from complaints.models import MonthlyTopic, TopicMeasure
from complaints.models.monthly_topics import MONTHLY_TOPIC_LIFECYCLE
from core.actors import Actor
from core.case_admin import Act
from core.case_lists import column
from core.case_panels import VERB_WORDS, CaseClock, Panel, day_clock, facts, table
from core.templatetags.portal_ui import cn_date, cn_datetime, state, state_of

VERB_WORDS.update(
    {
        "monthly_topic.nominate": "提名",
        "monthly_topic.choose": "选为本月一题",
        "monthly_topic.drop": "不选",
        "monthly_topic.add_measure": "列措施",
        "monthly_topic.finish_measure": "完成措施",
        "monthly_topic.execute": "开始实施",
        "monthly_topic.assess": "评估",
    }
)


def _execute(pk: int, data: dict[str, Any], by: Actor) -> Any:
    return complaints.execute_topic(pk, data["after_from"], data["days"], by=by)


def _measure(pk: int, data: dict[str, Any], by: Actor) -> Any:
    return complaints.add_measure(pk, data["text"], data["department"], int(data["owner"]), data["due_on"], by=by)


@admin.register(MonthlyTopic)
class MonthlyTopicAdmin(NewCaseAdmin):
    """One cause taken apart for a month."""

    lifecycle = MONTHLY_TOPIC_LIFECYCLE
    new_label = "提名一个题目"
    new_effect = "按近 30 天同一口径统计件数；选定后写根子、定负责人和目标降幅。"
    new_form = forms.TopicForm
    new_run = staticmethod(lambda data, by: complaints.propose_topic(data["region"], data["cause"], by=by))
    list_help = "每月 1 日按上月投诉提名；选一个解剖根子、列措施台账，用同一个口径比较前后件数。"
    list_display = ("name", "status_", "region", "nominated_count", "target_", "change_")
    list_filter = ("status", "month", ("region", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("region", "industry", "leader")
    ordering = ("-month", "-id")
    empty_text = "还没有题目。"
    export_columns = (
        ("月份", lambda row: f"{row.month:%Y-%m}"),
        ("题目", lambda row: row.title),
        ("地区", lambda row: row.region.name),
        ("状态", lambda row: row.get_status_display()),
        ("提名时件数", lambda row: row.nominated_count),
        ("目标降幅（%）", lambda row: row.target),
        ("之前件数", lambda row: row.before_count),
        ("之后件数", lambda row: row.after_count),
    )
    acts = {
        "choose": Act(
            lambda pk, data, by: complaints.choose_topic(pk, data["root"], int(data["leader"]), data["target"], by=by),
            lambda case: f"提名时 {case.nominated_count} 件。选定后列措施台账。", form=forms.ChooseForm, done="已选定",
        ),
        "measure": Act(
            _measure, lambda case: f"台账里已有 {case.measures.count()} 条。", form=forms.MeasureForm, icon="plus",
            label="列一条措施", permission="complaints.keep_topic", done="已列入台账",
            when=lambda case: case.status in ("CHOSEN", "EXECUTING"),
        ),
        "finish": Act(
            lambda pk, data, by: complaints.finish_measure(int(data["row"]), data["note"], by=by),
            lambda case: "写明完成情况，留在台账里。", form=forms.FinishMeasureForm, icon="check", label="完成一条措施",
            permission="complaints.keep_topic", done="已完成",
            when=lambda case: case.measures.filter(done_at=None).exists(),
        ),
        "execute": Act(
            _execute, lambda case: "从写明的那天起算「之后」，往前同样长的时期是「之前」。", form=forms.ExecuteForm,
            icon="right", done="已开始实施",
        ),
        "assess": Act(
            lambda pk, data, by: complaints.assess_topic(pk, data["comment"], by=by),
            lambda case: f"两个时期各 {case.days} 天，同一口径重新统计；目标降 {case.target}%。",
            form=forms.CommentForm, icon="chart", done="已评估",
        ),
        "drop": Act(
            lambda pk, data, by: complaints.drop_topic(pk, by=by), lambda case: "留在记录里，不再办理。", icon="x",
            done="没有选",
        ),
    }  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[MonthlyTopic]:
        """With the people."""
        return super().get_queryset(request).select_related("region", "industry", "leader", "assessed_by")

    @column("题目", order="month")
    def name(self, row: MonthlyTopic) -> str:
        """Trade and cause."""
        return row.title

    def second_line(self, row: MonthlyTopic) -> str:
        """Its month."""
        return f"{row.month:%Y年%m月}"

    @column("状态", order="status")
    def status_(self, row: MonthlyTopic) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("目标", order="target", num=True)
    def target_(self, row: MonthlyTopic) -> str:
        """By how many per cent."""
        return f"降 {row.target}%" if row.target else "—"

    @column("前后件数", num=True)
    def change_(self, row: MonthlyTopic) -> str:
        """Before and after."""
        return row.change or "—"

    def heading(self, case: MonthlyTopic) -> str:
        """Month and title."""
        return f"每月一题 {case.title}"

    def lead(self, case: MonthlyTopic) -> str:
        """Month, place, leader."""
        leader = f" · 负责人 {case.leader.name}" if case.leader else ""
        return f"{case.month:%Y年%m月} · {case.region.name}{leader}"

    def clocks(self, case: MonthlyTopic) -> list[CaseClock]:
        """When it can be assessed."""
        if case.status != MonthlyTopic.Status.EXECUTING or case.after_from is None:
            return []
        return [day_clock("实施到", case.after_from + timedelta(days=case.days - 1), "次日起可以评估")]

    def panels(self, case: MonthlyTopic, by: Actor) -> list[Panel]:
        """The root, both periods, the ledger."""
        spans = [_span(first, case.days) for first in (case.before_from, case.after_from)]
        pairs = [
            ("提名时件数", f"{case.nominated_count} 件"),
            ("根子", case.root),
            ("目标", f"降 {case.target}%" if case.target else ""),
            ("之前", f"{case.before_count} 件" if case.before_count is not None else "", spans[0]),
            ("之后", f"{case.after_count} 件" if case.after_count is not None else "", spans[1]),
            ("前后比", case.change),
            ("评估", case.comment, case.assessed_by.name if case.assessed_by else ""),
        ]
        cells = [
            (row.text, row.department, row.owner.name, cn_date(row.due_on), _done(row))
            for row in case.measures.select_related("owner")
        ]
        heads = ("措施", "牵头部门", "负责人", "期限", "完成情况")
        return [facts("题目", pairs), table("措施台账", heads, cells, empty="还没有列措施")]


def _span(first: Any, days: int) -> str:
    return f"{cn_date(first)} 至 {cn_date(first + timedelta(days=days - 1))}" if first else ""


def _done(row: TopicMeasure) -> Any:
    return f"{cn_datetime(row.done_at)} {row.note}" if row.done_at else state("hold", "hold", "未完成")

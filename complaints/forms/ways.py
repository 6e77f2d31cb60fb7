"""What the buttons of whistles, mall tickets, ODR enrolments, agenda packs and monthly topics ask for."""

from __future__ import annotations

from typing import Any

from django import forms

from complaints.actions.agenda_packs import owners_over
from complaints.departments import departments_over
from complaints.models import Cause
from core.case_admin import CaseForm
from prepaid.admin.custody import day_field


def words(label: str, help_text: str = "", *, longest: int = 1000, rows: int = 4) -> forms.CharField:
    """A text of at least five letters."""
    return forms.CharField(
        label=label, help_text=help_text, min_length=5, max_length=longest, widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": f"写明{label}", "min_length": f"{label}至少写 5 个字"},
    )  # fmt: skip


def choice(label: str, **more: Any) -> forms.ChoiceField:
    """One of a list that the form fills in."""
    return forms.ChoiceField(label=label, error_messages={"required": f"选{label}"}, **more)


def number(label: str, low: int, high: int, help_text: str = "", initial: int | None = None) -> forms.IntegerField:
    """A whole number in a range."""
    return forms.IntegerField(
        label=label, min_value=low, max_value=high, help_text=help_text, initial=initial,
        error_messages={"required": f"填{label}", "invalid": "填整数"},
    )  # fmt: skip


class WhistleForm(CaseForm):
    """Which departments, and what is needed of them."""

    departments = forms.MultipleChoiceField(
        label="请哪些部门报到", widget=forms.CheckboxSelectMultiple, error_messages={"required": "选部门"}
    )
    need = words("要各部门做什么", "部门人员只看到这段话、商家和地点，看不到投诉人")

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        field: Any = self.fields["departments"]
        field.choices = [(name, name) for name in departments_over(case.region)] if case is not None else []


class InsistForm(CaseForm):
    """Which department that refused, and why it is its business."""

    call = choice("部门")
    reason = words("为什么归该部门", longest=300, rows=3)

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        field: Any = self.fields["call"]
        rows = case.calls.filter(status="REFUSED") if case is not None else []
        field.choices = [(str(row.pk), f"{row.department}：{row.reason[:40]}") for row in rows]


class ReportForm(CaseForm):
    """What the department did."""

    text = words("办了什么")


class AnswerForm(CaseForm):
    """What became of a routed case."""

    answer = words("办理结果", "投诉人会收到")


class TicketForm(CaseForm):
    """What the mall shall do."""

    text = words("要商场做什么", "商场看得到这段话，不要写投诉人的姓名电话")


class MinutesForm(CaseForm):
    """What was said and decided."""

    minutes = words("会议纪要", longest=4000, rows=8)


class OwnedForm(CaseForm):
    """A form that names an officer of the bureau."""

    owner = choice("负责人")
    due_on = day_field("期限")

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        field: Any = self.fields["owner"]
        field.choices = [("", "请选择"), *(owners_over(case.region) if case is not None else [])]


class ActionForm(OwnedForm):
    """One thing decided."""

    text = words("交办什么", longest=300, rows=3)
    field_order = ("text", "owner", "due_on")


class FinishForm(CaseForm):
    """Which of the things that are open, and what came of it."""

    row = choice("哪一件")
    note = words("办理情况", longest=500, rows=3)
    # The related name on the case.
    of = "actions"

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        field: Any = self.fields["row"]
        rows = getattr(case, self.of).filter(done_at=None).select_related("owner") if case is not None else []
        field.choices = [(str(row.pk), f"{row.text[:40]}（{row.owner.name}，{row.due_on}）") for row in rows]


class FinishMeasureForm(FinishForm):
    """Which line of the ledger."""

    of = "measures"


class TopicForm(CaseForm):
    """A cause to be taken apart."""

    region = choice("地区")
    cause = forms.ChoiceField(label="事由", choices=Cause.choices, error_messages={"required": "选事由"})


class ChooseForm(CaseForm):
    """The root, who leads, the target."""

    root = words("根子在哪里")
    leader = choice("负责人")
    target = number("目标降幅（%）", 1, 100, "件数要降百分之几", 20)

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        field: Any = self.fields["leader"]
        field.choices = [("", "请选择"), *(owners_over(case.region) if case is not None else [])]


class MeasureForm(OwnedForm):
    """One line of the ledger."""

    text = words("措施", longest=300, rows=3)
    department = forms.CharField(label="牵头部门", max_length=20, error_messages={"required": "写明牵头部门"})
    field_order = ("text", "department", "owner", "due_on")


class ExecuteForm(CaseForm):
    """From when, and how long both periods are."""

    after_from = day_field("从哪天起算「之后」")
    days = number("天数", 7, 366, "前后两个时期一样长，用同一个口径统计", 30)


class CommentForm(CaseForm):
    """What came of it."""

    comment = words("评估意见")

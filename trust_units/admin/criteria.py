"""Versions of the criteria for regulators."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.safestring import SafeString

from complaints.admin.new_pages import NewCaseAdmin
from core.actors import Actor
from core.case_admin import Act, CaseForm, ReasonForm
from core.case_lists import column
from core.case_panels import Panel, table
from core.templatetags.portal_ui import state_of
from prepaid.admin.custody import day_field
from trust_units import actions as trust
from trust_units.criteria import shipped
from trust_units.models import CRITERIA_LIFECYCLE, CriteriaSet


class CriteriaForm(CaseForm):
    """A new version, beginning from the one shipped."""

    note = forms.CharField(label="改了什么", max_length=300, min_length=5, error_messages={"required": "写明改了什么"})
    effective_from = day_field("施行日")
    content = forms.CharField(
        label="标准", widget=forms.Textarea(attrs={"rows": 24}),
        help_text="common 是通用的，by_type 按单位类型，by_industry 按行业编号；HAVE 是「有」，MUST_NOT 是「无」",
        initial=lambda: json.dumps(
            {name: shipped()[name] for name in ("common", "by_type", "by_industry")}, ensure_ascii=False, indent=1
        ),
    )  # fmt: skip

    def clean_content(self) -> Any:
        """JSON, or a clear word."""
        try:
            return json.loads(self.cleaned_data["content"])
        except ValueError as error:
            raise forms.ValidationError("格式不对：少了引号、逗号或括号，请对照原来的样子改") from error


def _decide(publish: bool) -> Callable[[Any, dict[str, Any], Actor], Any]:
    return lambda pk, data, by: trust.decide_criteria(pk, data["reason"], by=by, publish=publish)


def _effect(case: CriteriaSet) -> str:
    return f"{case.effective_from} 起施行；已经开始的申报按原来的标准。"


@admin.register(CriteriaSet)
class CriteriaSetAdmin(NewCaseAdmin):
    """Versions of the criteria; until one is published the shipped example holds."""

    lifecycle = CRITERIA_LIFECYCLE
    new_label = "起草新版标准"
    new_effect = "起草后由另一人复核发布；已经开始的申报按原来的标准。"
    new_form = CriteriaForm
    new_run = staticmethod(
        lambda data, by: trust.draft_criteria(data["content"], data["note"], data["effective_from"], by=by)
    )
    list_display = ("name", "status_", "effective_from", "drafter")
    list_filter = ("status",)
    list_select_related = ("drafted_by",)
    ordering = ("-id",)
    empty_text = "还没有本地的标准，正在用随系统提供的示例口径。"
    acts = {
        "publish": Act(_decide(True), _effect, form=ReasonForm, done="已发布"),
        "reject": Act(_decide(False), _effect, form=ReasonForm, icon="back", done="已退回"),
    }

    @column("版本", order="id")
    def name(self, row: CriteriaSet) -> str:
        """Number and note."""
        return str(row)

    @column("状态", order="status")
    def status_(self, row: CriteriaSet) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("起草人")
    def drafter(self, row: CriteriaSet) -> str:
        """Who."""
        return row.drafted_by.name

    def panels(self, case: CriteriaSet, by: Actor) -> list[Panel]:
        """Every line."""
        found = []
        for title, rows in (
            ("通用", case.content["common"]),
            *((f"类型 {name}", rows) for name, rows in case.content["by_type"].items()),
            *((f"行业 {name}", rows) for name, rows in case.content["by_industry"].items()),
        ):
            cells = [
                (one["text"], "有" if one["kind"] == "HAVE" else "无", "要" if one["evidence"] else "") for one in rows
            ]
            found.append(table(title, ("标准", "类别", "证据"), cells))
        return found

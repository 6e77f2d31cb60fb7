"""Objections of the public for regulators; the shop never learns who wrote."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from core.actors import Actor
from core.case_admin import Act, CaseAdmin, ReasonForm
from core.case_lists import column
from core.case_panels import Panel, facts, link
from core.templatetags.portal_ui import cn_datetime, moment
from trust_units import actions as trust
from trust_units.models import Objection


class FindingForm(ReasonForm):
    """Whether it holds."""

    uphold = forms.BooleanField(label="异议成立", required=False, help_text="成立的，这次申报不予通过")


@admin.register(Objection)
class ObjectionAdmin(CaseAdmin):
    """What people say during publicity. The shop never learns who wrote."""

    list_display = ("what", "unit_", "is_upheld", "written")
    list_filter = ("is_upheld",)
    list_select_related = ("declaration__unit__merchant", "declaration__unit__store", "declaration__unit__mall")
    ordering = ("-id",)
    empty_text = "没有公示异议。"
    export_columns = (
        ("单位", lambda row: row.declaration.unit.sign_name),
        ("异议", lambda row: row.text),
        ("结果", lambda row: {True: "成立", False: "不成立", None: "待答复"}[row.is_upheld]),
        ("提出时间", lambda row: row.written_at),
    )
    acts = {
        "answer": Act(
            lambda pk, data, by: trust.answer_objection(pk, data["reason"], by=by, uphold=data["uphold"]),
            lambda case: "核实后答复，短信告诉提出人。", form=FindingForm, label="答复异议",
            permission="trust_units.answer_objection", done="已答复", when=lambda case: case.is_upheld is None,
        ),
    }  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Objection]:
        """With the unit."""
        return super().get_queryset(request).select_related("declaration__unit__region", "decided_by")

    @column("异议", order="id")
    def what(self, row: Objection) -> str:
        """Its beginning."""
        return row.text[:40]

    @column("单位")
    def unit_(self, row: Objection) -> str:
        """Against whom."""
        return row.declaration.unit.sign_name

    @column("提出", order="written_at")
    def written(self, row: Objection) -> SafeString:
        """When."""
        return moment(row.written_at)

    def heading(self, case: Objection) -> str:
        """Against whom."""
        return f"对{case.declaration.unit.sign_name}的异议"

    def panels(self, case: Objection, by: Actor) -> list[Panel]:
        """What it says, and the answer."""
        proof = link(reverse("admin:stored_file", args=[case.evidence_id]), "打开") if case.evidence_id else ""
        pairs = [
            ("异议", case.text), ("材料", proof), ("提出人", str(case.written_by), "不告诉商家"),
            ("答复", case.finding),
            ("答复人", case.decided_by.name if case.decided_by else "", cn_datetime(case.decided_at)),
            ("申报", link(reverse("admin:trust_units_declaration_change", args=[case.declaration_id]), "打开")),
        ]  # fmt: skip
        return [facts("异议", pairs)]

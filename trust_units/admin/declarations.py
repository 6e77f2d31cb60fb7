"""Declarations for regulators: the queue, the case with its doubts, the visit, the reviews; objections; criteria."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from complaints.forms.officer import officers_over
from core import uploads
from core.actors import Actor
from core.case_admin import Act, CaseAdmin, CaseForm, ReasonForm
from core.case_lists import column
from core.case_panels import CaseClock, Panel, day_clock, facts, link, table
from core.models import User
from core.models.people import OFFICERS
from core.templatetags.portal_ui import cn_date, cn_datetime, moment, state_of
from prepaid.admin.rows import case_url
from trust_units import actions as trust
from trust_units.forms.fields import FilesField
from trust_units.models import DECLARATION_LIFECYCLE, Declaration

LIMITED = ("MANUAL_QUEUE", "SITE_CHECK", "BUSINESS_REVIEW", "GENERAL_REVIEW", "PUBLICITY")


class OpinionForm(CaseForm):
    """What an association says."""

    approves = forms.BooleanField(label="建议通过", required=False)
    reason = forms.CharField(
        label="意见", max_length=500, min_length=5, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "写明意见，至少 5 个字", "min_length": "意见至少写 5 个字"},
    )  # fmt: skip


class VisitForm(CaseForm):
    """Made on a phone at the shop: what is as declared, pictures, where one stands."""

    second_officer = forms.ChoiceField(label="共同核查人", error_messages={"required": "选另一名监管人员"})
    seen = forms.MultipleChoiceField(
        label="与申报一致的",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="没有勾的就是不一致",
    )
    note = forms.CharField(
        label="核查意见", max_length=500, min_length=5, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "写明核查意见，至少 5 个字", "min_length": "核查意见至少写 5 个字"},
    )  # fmt: skip
    photos = FilesField(label="现场照片", help_text="至少一张，JPG、PNG、WebP，每张 10 MB 以内")
    lng = forms.FloatField(label="经度", required=False, help_text="手机可以自动定位", min_value=-180, max_value=180)
    lat = forms.FloatField(label="纬度", required=False, min_value=-90, max_value=90)

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        people: Any = self.fields["second_officer"]
        seen: Any = self.fields["seen"]
        if case is not None:
            people.choices = officers_over(case.unit.region, *OFFICERS)
            seen.choices = [(answer.criterion, answer.text) for answer in case.answers.all()]


def _visit(pk: int, data: dict[str, Any], by: Actor) -> Declaration:
    asked = Declaration.objects.get(pk=pk).answers.values_list("criterion", flat=True)
    photos = [uploads.store(file, title="现场照片", by=by) for file in data["photos"]]
    second = User.objects.get(pk=int(data["second_officer"]))
    place = (data["lng"], data["lat"]) if data["lng"] is not None and data["lat"] is not None else None
    checklist = {code: code in data["seen"] for code in asked}
    return trust.record_visit(pk, second, data["note"], photos, by=by, checklist=checklist, position=place)


@admin.register(Declaration)
class DeclarationAdmin(CaseAdmin):
    """One declaration from the pre-screen to publicity; a doubt is shown, never decided by rules."""

    lifecycle = DECLARATION_LIFECYCLE
    list_display = ("unit_", "status_", "kind", "due_on", "declared")
    list_filter = ("status", "unit__unit_type", "due_on")
    list_select_related = ("unit__merchant", "unit__store", "unit__mall", "unit__region")
    search_fields = (
        "unit__merchant__brand_name__icontains",
        "unit__merchant__uscc__iexact",
        "unit__mall__name__icontains",
    )
    code_fields = ("code",)
    ordering = ("due_on", "-id")
    list_help = "初审只提示疑点；现场核查两个人，业务审核、综合审核两个人，公示 7 天。"
    empty_text = "没有放心消费申报。"
    export_columns = (
        ("编号", lambda row: row.code),
        ("单位", lambda row: row.unit.sign_name),
        ("类型", lambda row: row.unit.get_unit_type_display()),
        ("状态", lambda row: row.get_status_display()),
        ("申报时间", lambda row: row.declared_at),
        ("本环节期限", lambda row: row.due_on),
    )
    acts = {
        "admit": Act(
            lambda pk, data, by: trust.admit_declaration(pk, data["reason"], by=by),
            lambda case: f"有 {len(case.doubts)} 条疑点。转监管所现场核查。", form=ReasonForm, done="已转现场核查",
        ),
        "record_visit": Act(
            _visit, lambda case: "两人到店，逐条核对。记录后转业务审核。", form=VisitForm, icon="store", done="已记录"
        ),
        "association": Act(
            lambda pk, data, by: trust.give_association_opinion(pk, data["reason"], by=by, approves=data["approves"]),
            lambda case: "协会意见供审核人参考。", form=OpinionForm, icon="users", label="协会意见",
            permission="trust_units.give_association_opinion", done="已记录",
            when=lambda case: case.status == Declaration.Status.BUSINESS_REVIEW,
        ),
        "review_business": Act(
            lambda pk, data, by: trust.review_business(pk, data["reason"], by=by),
            lambda case: "同意后由另一人综合审核。", form=ReasonForm, done="已同意，转综合审核",
        ),
        "review_general": Act(
            lambda pk, data, by: trust.review_general(pk, data["reason"], by=by),
            lambda case: "同意后公示 7 天，期满没有成立的异议就入培育库。", form=ReasonForm, icon="users",
            done="已公示",
        ),
        "return": Act(
            lambda pk, data, by: trust.return_declaration(pk, data["reason"], by=by),
            lambda case: "退回后商家补正再报，也可以要求人工审核。", form=ReasonForm, icon="back", done="已退回",
        ),
        "refuse": Act(
            lambda pk, data, by: trust.refuse_declaration(pk, data["reason"], by=by),
            lambda case: "不予通过后这次申报办结，商家看到理由，可以重新申报。", form=ReasonForm, icon="x",
            done="已办结",
        ),
    }  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Declaration]:
        """With the unit and the reviewers."""
        more = ("unit__merchant", "unit__store", "unit__mall", "unit__region", "started_by", "assisted_by")
        return super().get_queryset(request).select_related(*more, "business_reviewer", "general_reviewer")

    @column("单位", order="id")
    def unit_(self, row: Declaration) -> str:
        """Its sign."""
        return row.unit.sign_name

    @column("类型")
    def kind(self, row: Declaration) -> str:
        """Commitment, return, demonstration, district."""
        return row.unit.get_unit_type_display()

    @column("状态", order="status")
    def status_(self, row: Declaration) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("申报", order="declared_at")
    def declared(self, row: Declaration) -> SafeString:
        """When."""
        return moment(row.declared_at)

    def heading(self, case: Declaration) -> str:
        """Unit and type."""
        return f"{case.unit.sign_name} {case.unit.get_unit_type_display()}"

    def lead(self, case: Declaration) -> str:
        """Where, and by which criteria."""
        return f"{case.unit.address} · {case.criteria_version}"

    def clocks(self, case: Declaration) -> list[CaseClock]:
        """The limit of the present step."""
        return [day_clock(case.get_status_display(), case.due_on)] if case.due_on and case.status in LIMITED else []

    def panels(self, case: Declaration, by: Actor) -> list[Panel]:
        """Doubts first, then the answers, the visits, the opinions, the objections."""
        notices = {"lines": case.doubts, "clean": "初审没有疑点" if case.screened_at else "等待初审"}
        doubts = Panel("系统初审", "admin/panels/notices.html", notices, note="初审只提示，由人决定")
        visits = [
            (cn_datetime(one.made_at), f"{one.officer.name}、{one.second_officer.name}",
             "与申报一致" if one.passed else f"{sum(not ok for ok in one.checklist.values())} 条不一致", one.note,
             f"{one.lng:.5f}, {one.lat:.5f}" if one.lng is not None and one.lat is not None else "没有定位")
            for one in case.visits.select_related("officer", "second_officer")
        ]  # fmt: skip
        opinions = [
            (one.get_stage_display(), "同意" if one.approves else "不同意", one.text, one.given_by.name,
             cn_datetime(one.given_at))
            for one in case.opinions.select_related("given_by")
        ]  # fmt: skip
        return [
            doubts,
            _answers(case),
            table("现场核查", ("时间", "核查人", "结果", "意见", "位置"), visits, empty="还没有核查"),
            table("审核意见", ("环节", "意见", "说明", "谁", "时间"), opinions, empty="还没有审核意见"),
            _objections(case),
        ]

    def side(self, case: Declaration, by: Actor) -> list[Panel]:
        """Where else to look."""
        shop = link(case_url(case.unit.merchant), case.unit.merchant.brand_name) if case.unit.merchant else ""
        pairs = [
            ("商家", shop),
            ("申报人", str(case.started_by)),
            ("指导人员", case.assisted_by.name if case.assisted_by else ""),
            ("要求人工", cn_datetime(case.human_asked_at) if case.human_asked_at else ""),
            ("公示至", cn_date(case.public_until) if case.public_until else ""),
            ("承诺", case.promise),
            ("理由", case.reason),
            ("两人规则", "业务审核和综合审核由两个人做。"),
        ]
        return [facts("相关", pairs, as_list=True)]


def _answers(case: Declaration) -> Panel:
    cells = [
        (
            row.text,
            {True: "做到", False: "没有做到", None: "没有答"}[row.met],
            row.statement,
            link(reverse("admin:stored_file", args=[row.evidence_id]), "打开") if row.evidence_id else "",
        )
        for row in case.answers.all()
    ]
    return table("八有八无", ("标准", "自评", "说明", "证据"), cells)


def _objections(case: Declaration) -> Panel:
    cells = [
        (
            link(reverse("admin:trust_units_objection_change", args=[one.pk]), one.text[:60]),
            {True: "成立", False: "不成立", None: "待答复"}[one.is_upheld],
            one.finding,
        )
        for one in case.objections.all()
    ]
    return table("公示异议", ("异议", "结果", "答复"), cells, empty="没有异议")

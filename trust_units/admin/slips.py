"""Feedback slips for regulators: sign for, extend, verify on the spot, close."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from core.actors import Actor
from core.case_admin import Act, CaseAdmin, CaseForm, ReasonForm
from core.case_lists import column
from core.case_panels import CaseClock, Panel, facts, link, table, workday_clock
from core.templatetags.portal_ui import cn_date, cn_datetime, state_of
from prepaid.admin.rows import case_url
from trust_units import actions as trust
from trust_units.admin.checks import place_link
from trust_units.forms.fields import FilesField
from trust_units.models import SLIP_LIFECYCLE, FeedbackSlip

CHECK = (
    "spot_check__unit__merchant",
    "spot_check__unit__store",
    "spot_check__unit__mall",
    "spot_check__merchant__region",
)
WORDS = {"ISSUED": "签收期限", "ACKNOWLEDGED": "整改期限", "EVIDENCE": "复核期限"}


class EvidenceForm(CaseForm):
    """What the station saw put right, for a shop that has no telephone."""

    text = forms.CharField(
        label="整改情况", max_length=1000, min_length=5, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "写明怎么整改的", "min_length": "至少写 5 个字"},
    )  # fmt: skip
    photos = FilesField(label="整改照片", help_text="1 到 6 张，JPG、PNG、WebP，每张 10 MB 以内")


class VerifyForm(CaseForm):
    """What one saw there, with pictures and position."""

    verdict = forms.CharField(
        label="复核意见", max_length=500, min_length=5, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "写明复核看到的情况", "min_length": "至少写 5 个字"},
    )  # fmt: skip
    photos = FilesField(label="现场照片", help_text="1 到 6 张，JPG、PNG、WebP，每张 10 MB 以内")
    lng = forms.FloatField(label="经度", help_text="手机可以自动定位", min_value=-180, max_value=180)
    lat = forms.FloatField(label="纬度", min_value=-90, max_value=90)


def _verify(pk: int, data: dict[str, Any], by: Actor, *, good: bool) -> FeedbackSlip:
    return trust.verify_slip(pk, data["verdict"], data["photos"], good=good, lng=data["lng"], lat=data["lat"], by=by)


@admin.register(FeedbackSlip)
class FeedbackSlipAdmin(CaseAdmin):
    """One problem from its slip to its verified end."""

    lifecycle = SLIP_LIFECYCLE
    list_help = "没有整改证据和另一人的实地复核，不能销号；商家两次逾期，系统提出移除。"
    list_display = ("place", "status_", "text_", "due_on", "lapses", "issued_on")
    list_filter = ("status", "due_on", "lapses")
    list_select_related = (*CHECK, "spot_check__store")
    search_fields = ("spot_check__merchant__brand_name__icontains",)
    code_fields = ("code", "spot_check__unit__code")
    ordering = ("due_on", "-id")
    empty_text = "没有问题反馈单。"
    export_columns = (
        ("编号", lambda row: row.code),
        ("单位", lambda row: row.spot_check.place_name),
        ("状态", lambda row: row.get_status_display()),
        ("问题", lambda row: row.text),
        ("期限", lambda row: row.due_on),
        ("逾期次数", lambda row: row.lapses),
    )
    acts = {
        "acknowledge": Act(
            lambda pk, data, by: trust.acknowledge_slip(pk, by=by),
            lambda case: "签收后商家有 10 个工作日整改。签收的人不能复核。", done="已签收",
        ),
        "extend": Act(
            lambda pk, data, by: trust.extend_slip(pk, data["reason"], by=by),
            lambda case: f"从 {cn_date(case.due_on)} 再延长 5 个工作日，只能延长一次。", form=ReasonForm, icon="clock",
            done="已延长",
        ),
        "submit": Act(
            lambda pk, data, by: trust.submit_evidence(pk, data["text"], data["photos"], by=by),
            lambda case: "代商家提交整改。提交的人不能复核。", form=EvidenceForm, icon="out", done="已提交，等实地复核",
        ),
        "verify": Act(
            lambda pk, data, by: _verify(pk, data, by, good=True),
            lambda case: "到店看过、拍照、定位；之后由县局另一人销号。", form=VerifyForm, icon="pin", done="复核通过",
        ),
        "send_back": Act(
            lambda pk, data, by: _verify(pk, data, by, good=False),
            lambda case: "退回后商家再整改 5 个工作日。", form=VerifyForm, icon="back", done="已退回",
        ),
        "close": Act(
            lambda pk, data, by: trust.close_slip(pk, by=by),
            lambda case: "销号后不能再改；没有别的问题的，单位解除预警。", icon="doc", done="已销号",
        ),
    }  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[FeedbackSlip]:
        """With places and people."""
        more = (*CHECK, "spot_check__store", "spot_check__region", "acknowledged_by", "evidence_by", "verified_by")
        return super().get_queryset(request).select_related(*more, "closed_by", "spot_check__checked_by")

    @column("单位", order="id")
    def place(self, row: FeedbackSlip) -> str:
        """Where."""
        return row.spot_check.place_name

    @column("状态", order="status")
    def status_(self, row: FeedbackSlip) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("问题")
    def text_(self, row: FeedbackSlip) -> str:
        """What is wrong."""
        return row.text[:40]

    def heading(self, case: FeedbackSlip) -> str:
        """Where."""
        return f"问题反馈单 {case.spot_check.place_name}"

    def clocks(self, case: FeedbackSlip) -> list[CaseClock]:
        """The limit of the present step."""
        return [workday_clock(WORDS[case.status], case.due_on)] if case.due_on and case.status in WORDS else []

    def panels(self, case: FeedbackSlip, by: Actor) -> list[Panel]:
        """What was found, what was done, what was seen."""
        signed = cn_datetime(case.acknowledged_at) if case.acknowledged_at else ""
        pairs = [
            ("问题", case.text),
            ("下发", cn_date(case.issued_on)),
            ("签收", str(case.acknowledged_by or ""), signed),
            ("整改情况", case.evidence_text, cn_datetime(case.evidence_at) if case.evidence_at else ""),
            ("提交人", str(case.evidence_by or "")),
            ("复核意见", case.verdict, cn_datetime(case.verified_at) if case.verified_at else ""),
            ("复核人", case.verified_by.name if case.verified_by else ""),
            ("复核位置", f"{case.lng:.5f}, {case.lat:.5f}" if case.lng is not None and case.lat is not None else ""),
            ("销号", case.closed_by.name if case.closed_by else ""),
        ]  # fmt: skip
        cells = [
            (
                link(reverse("admin:stored_file", args=[one.file_id]), "打开"),
                "复核" if one.is_of_officer else "整改",
                cn_datetime(one.added_at),
            )
            for one in case.photos.all()
        ]
        return [facts("问题反馈单", pairs), table("照片", ("照片", "哪一步", "时间"), cells, empty="还没有照片")]

    def side(self, case: FeedbackSlip, by: Actor) -> list[Panel]:
        """Where else to look."""
        pairs = [
            ("单位", place_link(case.spot_check)),
            ("抽查", link(case_url(case.spot_check), case.spot_check.get_mode_display())),
            ("两人规则", "检查、签收、提交的人不能复核，复核的人不能销号。"),
        ]
        return [facts("相关", pairs, as_list=True)]

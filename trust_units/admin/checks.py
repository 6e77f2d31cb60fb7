"""Spot-checks and campaigns for regulators: what is to be checked, what was found, sweeps and sent inspectors."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from complaints.admin.new_pages import NewCaseAdmin, industry_field, region_field
from core.actors import Actor
from core.case_admin import Act, CaseAdmin, CaseForm
from core.case_lists import column
from core.case_panels import CaseClock, Panel, day_clock, facts, link, table
from core.models import Membership
from core.permissions import may
from core.templatetags.portal_ui import cn_date, cn_datetime, moment, state_of
from prepaid.admin.custody import day_field
from prepaid.admin.rows import case_url
from trust_units import actions as trust
from trust_units.actions.checks import INSPECTORS
from trust_units.models import CHECK_LIFECYCLE, Campaign, Cause, Mode, SpotCheck

SHOWN = 50
PLACE = ("unit__merchant", "unit__store", "unit__mall", "merchant__region", "store", "region")


class NoteForm(CaseForm):
    """What one saw."""

    note = forms.CharField(
        label="检查记录", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="商家能看到",
    )  # fmt: skip


class FindingForm(NoteForm):
    """What is wrong, one line each."""

    findings = forms.CharField(
        label="发现的问题", help_text="一行一个", max_length=1000, min_length=5,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "写明发现的问题，一行一个", "min_length": "问题至少写 5 个字"},
    )  # fmt: skip
    field_order = ("findings", "note")


class InspectorForm(CaseForm):
    """Whom to send."""

    inspector = forms.ChoiceField(
        label="检查人", error_messages={"required": "选检查人"}, help_text="交叉检查只能选外地的"
    )

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        field: Any = self.fields["inspector"]
        field.choices = inspectors() if case is not None else []


class SweepForm(CaseForm):
    """By when the like places are looked at."""

    due_on = day_field("检查期限")


class CampaignForm(CaseForm):
    """Which round of checks."""

    mode = forms.ChoiceField(
        label="检查方式", widget=forms.RadioSelect, initial=Mode.CAMPAIGN,
        choices=[(mode.value, mode.label) for mode in (Mode.CAMPAIGN, Mode.CROSS, Mode.MYSTERY)],
    )  # fmt: skip
    title = forms.CharField(label="名称", max_length=60, min_length=5, error_messages={"required": "写明名称"})
    region = region_field()
    industry = industry_field()
    cause = forms.ChoiceField(label="对象", choices=Cause.choices, initial=Cause.ANY)
    units_only = forms.BooleanField(label="只查放心消费单位", required=False)
    due_on = day_field("检查期限")


def inspectors() -> list[tuple[str, str]]:
    """People who may be sent, with their place."""
    rows = Membership.objects.filter(role__in=INSPECTORS, region__isnull=False, user__is_active=True)
    people: dict[int, str] = {}
    for row in rows.select_related("user", "region").order_by("region__path", "user_id"):
        people[row.user_id] = f"{row.user.name} · {row.region.name if row.region else ''} {row.get_role_display()}"
    return [(str(pk), label) for pk, label in people.items()]


def _found(text: str) -> list[dict[str, str]]:
    return [{"code": "SITE", "text": line.strip()} for line in text.splitlines() if line.strip()]


def place_link(check: SpotCheck) -> Any:
    """The place, with the way to the merchant's dossier."""
    return link(case_url(check.merchant), check.place_name) if check.merchant else check.place_name


@admin.register(SpotCheck)
class SpotCheckAdmin(CaseAdmin):
    """Every check, drawn or ordered; what is found becomes a feedback slip."""

    lifecycle = CHECK_LIFECYCLE
    list_help = "每日抽查由系统抽签、线上核查；专项、交叉、暗访由监管人员到店。发现问题自动下发问题反馈单。"
    list_display = ("place", "status_", "mode", "day", "found", "region")
    list_filter = ("status", "mode", "day")
    list_select_related = PLACE
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact")
    code_fields = ("code", "unit__code")
    ordering = ("-id",)
    empty_text = "没有抽查。"
    export_columns = (
        ("编号", lambda row: row.code),
        ("单位", lambda row: row.place_name),
        ("方式", lambda row: row.get_mode_display()),
        ("状态", lambda row: row.get_status_display()),
        ("日期", lambda row: row.day),
        ("问题", lambda row: row.finding_text),
        ("街道", lambda row: row.region.name),
    )
    acts = {
        "pass": Act(
            lambda pk, data, by: trust.record_check(pk, "pass", note=data["note"], by=by),
            lambda case: f"{case.place_name} 记为未发现问题。", form=NoteForm, done="已记录",
        ),
        "find": Act(
            lambda pk, data, by: trust.record_check(
                pk, "find", findings=_found(data["findings"]), note=data["note"], by=by
            ),
            lambda case: "下发问题反馈单，短信通知商家；在库单位转入预警库，整改并由另一人复核后恢复。"
            if case.mode != Mode.MYSTERY else "暗访结果一天后自动公开，也可以提前公开；公开后下发问题反馈单。",
            form=FindingForm, icon="alert", done="已记录",
        ),
        "refuse": Act(
            lambda pk, data, by: trust.record_check(pk, "refuse", note=data["note"], by=by),
            lambda case: "拒绝检查的在库单位当日移除，理由公开。", form=NoteForm, icon="stop", done="已记为拒绝检查",
        ),
        "assign": Act(
            lambda pk, data, by: trust.assign_check(pk, int(data["inspector"]), by=by),
            lambda case: "检查人能打开这一项并记录结果，外地的也行。", form=InspectorForm, icon="user",
            label="指派检查人", permission="trust_units.assign_check", done="已指派",
            when=lambda case: case.status == "DRAWN",
        ),
        "publish": Act(
            lambda pk, data, by: trust.publish_check(pk, by=by),
            lambda case: "公开后商家能看到；发现问题的下发问题反馈单。", icon="eye", label="公开暗访结果",
            permission="trust_units.publish_check", done="已公开",
            when=lambda case: case.mode == Mode.MYSTERY and case.checked_at is not None and case.published_at is None,
        ),
        "sweep": Act(
            lambda pk, data, by: trust.sweep_check(pk, data["due_on"], by=by),
            lambda case: "给同县、同行业、最久没有查过的单位各开一项检查，最多 10 家。", form=SweepForm, icon="search",
            label="举一反三", permission="trust_units.sweep_check", done="已开出检查",
            when=lambda case: case.status == "FINDING" and case.unit_id is not None,
        ),
    }  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[SpotCheck]:
        """With places and people."""
        return super().get_queryset(request).select_related(*PLACE, "draw", "campaign", "inspector", "checked_by")

    @column("单位", order="id")
    def place(self, row: SpotCheck) -> str:
        """Where."""
        return row.place_name

    @column("状态", order="status")
    def status_(self, row: SpotCheck) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("问题")
    def found(self, row: SpotCheck) -> str:
        """What was found."""
        return row.finding_text[:40] or "—"

    def panels(self, case: SpotCheck, by: Actor) -> list[Panel]:
        """How it came, what came of it."""
        # Who went covertly is known to those who sent them, until it is published.
        covert = case.mode == Mode.MYSTERY and case.published_at is None
        secret = covert and not may(by, "trust_units.assign_check", case)
        pairs = [
            ("地址", case.address()),
            ("方式", case.get_mode_display()),
            ("发现的问题", case.finding_text),
            ("检查记录", case.note),
            ("检查人", "公开前保密" if secret else case.inspector.name if case.inspector else ""),
            ("记录人", "公开前保密" if secret else case.checked_by.name if case.checked_by else ""),
            ("检查时间", cn_datetime(case.checked_at) if case.checked_at else ""),
            ("公开时间", cn_datetime(case.published_at) if case.published_at else ""),
        ]
        return [facts("抽查", pairs)]

    def side(self, case: SpotCheck, by: Actor) -> list[Panel]:
        """Where else to look."""
        slip = getattr(case, "slip", None)
        pairs = [
            ("单位", place_link(case)),
            ("抽签", link(case_url(case.draw), str(case.draw)) if case.draw else ""),
            ("专项", link(case_url(case.campaign), case.campaign.title) if case.campaign else ""),
            ("反馈单", link(case_url(slip), slip.get_status_display()) if slip else ""),
        ]
        return [facts("相关", pairs, as_list=True)]


@admin.register(Campaign)
class CampaignAdmin(NewCaseAdmin):
    """Rounds of checks that officers ordered."""

    new_label = "发起检查"
    new_effect = "给范围内每家营业中的门店开一项检查，不限于放心消费单位。暗访公开前商家看不到。"
    new_form = CampaignForm
    new_run = staticmethod(lambda data, by: trust.start_campaign(data, by=by))
    list_help = "按地区、行业、事由发起；举一反三由抽查页发起。"
    list_display = ("title", "mode", "region", "industry", "size_", "due_on", "started")
    list_filter = ("mode", "cause", "due_on")
    list_select_related = ("region", "industry", "started_by")
    search_fields = ("title__icontains",)
    code_fields = ("code",)
    ordering = ("-id",)
    empty_text = "没有专项检查。"
    export_columns = (
        ("编号", lambda row: row.code),
        ("名称", lambda row: row.title),
        ("方式", lambda row: row.get_mode_display()),
        ("地区", lambda row: row.region.name),
        ("行业", lambda row: row.industry.name if row.industry else ""),
        ("检查数", lambda row: row.size),
        ("期限", lambda row: row.due_on),
    )

    @column("检查数", order="size", num=True)
    def size_(self, row: Campaign) -> str:
        """How many checks."""
        return f"{row.size:,}"

    @column("发起", order="started_at")
    def started(self, row: Campaign) -> SafeString:
        """When."""
        return moment(row.started_at)

    def clocks(self, case: Campaign) -> list[CaseClock]:
        """By when everything is looked at."""
        return [day_clock("检查期限", case.due_on)]

    def panels(self, case: Campaign, by: Actor) -> list[Panel]:
        """What it is about, and how far it is."""
        checks = SpotCheck.objects.visible_to(by).filter(campaign=case)
        left = checks.filter(status="DRAWN").count()
        pairs = [
            ("方式", case.get_mode_display()),
            ("地区", case.region.name),
            ("行业", case.industry.name if case.industry else "全部"),
            ("对象", case.get_cause_display()),
            ("范围", "放心消费单位" if case.units_only else "全部商家"),
            ("发起人", case.started_by.name),
            ("进度", f"{case.size - left:,} / {case.size:,}"),
        ]
        rows = [
            (link(case_url(one), one.place_name), state_of(one, "officer"), one.finding_text[:40], cn_date(one.day))
            for one in checks.select_related(*PLACE).order_by("status", "-pk")[:SHOWN]
        ]
        heads = ("单位", "状态", "问题", "日期")
        return [facts("专项检查", pairs), table(f"检查（最多列 {SHOWN} 家）", heads, rows)]

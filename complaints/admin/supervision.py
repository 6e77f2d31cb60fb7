"""Supervision notices and interviews for regulators."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from complaints import actions as complaints
from complaints.admin.new_pages import NewCaseAdmin, file_field, kept, region_field
from complaints.forms.officer import officers_over
from complaints.models import RegulatoryInterview, SupervisionNotice
from complaints.models.supervision import INTERVIEW_LIFECYCLE, NOTICE_LIFECYCLE
from complaints.supervision_rules import ISSUERS
from core.actors import Actor
from core.case_admin import Act, CaseAdmin, CaseForm, ReasonForm
from core.case_lists import column
from core.case_panels import FACT_WORDS, VERB_WORDS, CaseClock, Panel, day_clock, done_clock, facts, link, table
from core.models.people import OFFICERS
from core.templatetags.portal_ui import cn_date, cn_datetime, moment, state_of
from merchants.admin import MerchantAdmin
from merchants.models import LISTED
from prepaid.admin.custody import day_field
from prepaid.admin.rows import case_url

VERB_WORDS.update(
    {
        "notice.issue": "下发监督提示单",
        "notice.acknowledge": "签收",
        "notice.fix": "填报整改情况",
        "notice.report": "报告整改结果",
        "notice.return": "退回继续整改",
        "notice.verify": "核验通过",
        "notice.close": "销号",
        "notice.lapse": "逾期未报",
        "notice.escalate": "提级督办",
        "interview.call": "通知约谈",
        "interview.hold": "记录约谈",
        "interview.commit": "记录承诺",
        "interview.check": "核查承诺",
    }
)
FACT_WORDS.update({"target": "对象", "items": "整改事项", "title": "文号"})


def _text(label: str, **more: Any) -> forms.CharField:
    given: dict[str, Any] = {
        "max_length": 2000, "min_length": 5, "widget": forms.Textarea(attrs={"rows": 4}),
        "error_messages": {"required": f"写明{label}", "min_length": f"{label}至少写 5 个字"},
    }  # fmt: skip
    return forms.CharField(label=label, **(given | more))


class NoticeForm(CaseForm):
    """What to put right by when."""

    facts = _text("事实")
    basis = forms.CharField(label="依据", max_length=200, error_messages={"required": "写明依据"})
    items = _text("整改事项", help_text="一行一项，最多 20 项")
    due_on = day_field("整改期限")
    evidence = file_field("证据")


class DepartmentNoticeForm(NoticeForm):
    """The same, to a department."""

    region = region_field()
    department = forms.CharField(label="部门", max_length=20, error_messages={"required": "写明哪个部门"})
    field_order = ("region", "department")


class AnswerForm(CaseForm):
    """The report of a department."""

    text = _text("整改结果")


class FixForm(CaseForm):
    """What a department did about one item."""

    item = forms.ChoiceField(label="整改事项", error_messages={"required": "选整改事项"})
    note = _text("整改情况", max_length=500)
    proof = file_field("整改证据")

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        field: Any = self.fields["item"]
        field.choices = [(str(item.pk), item.text) for item in case.items.all()] if case is not None else []


class ReturnForm(ReasonForm):
    """Which items are not put right."""

    items = forms.MultipleChoiceField(
        label="没有改好的事项", required=False, widget=forms.CheckboxSelectMultiple, help_text="不选就是全部"
    )
    field_order = ("items", "reason")

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        field: Any = self.fields["items"]
        field.choices = [(str(item.pk), item.text) for item in case.items.all()] if case is not None else []


class OwnerForm(ReasonForm):
    """Who takes it over."""

    owner = forms.ChoiceField(label="督办负责人", error_messages={"required": "选督办负责人"})
    field_order = ("owner", "reason")

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        field: Any = self.fields["owner"]
        field.choices = officers_over(case.region, *ISSUERS) if case is not None else []


class InterviewForm(CaseForm):
    """When, where, about what, and the second officer."""

    topics = _text("约谈事项", max_length=1000)
    meets_at = forms.DateTimeField(
        label="时间", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"required": "填时间", "invalid": "填时间，如 2026-11-20 14:30"},
    )  # fmt: skip
    place = forms.CharField(label="地点", max_length=100, error_messages={"required": "写明地点"})
    second_officer = forms.ChoiceField(label="参加人", error_messages={"required": "选另一名监管人员"})

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        field: Any = self.fields["second_officer"]
        field.choices = officers_over(case.region, *OFFICERS) if case is not None else []


class MinutesForm(CaseForm):
    """What was said."""

    minutes = _text("约谈记录", max_length=4000)


class CommitForm(CaseForm):
    """What was promised."""

    commitments = _text("商家承诺", max_length=1000)
    due_on = day_field("承诺期限")


class CheckForm(CaseForm):
    """Whether it was kept."""

    finding = _text("核查结果", max_length=1000)
    kept = forms.BooleanField(label="已兑现承诺", required=False)


def _issue(data: dict[str, Any], by: Actor, **to: Any) -> SupervisionNotice:
    given = {name: data[name] for name in ("facts", "basis", "due_on")} | to
    return complaints.issue_notice(given, data["items"].splitlines(), by=by, evidence=kept(data, "证据", by))


def _fix(pk: int, data: dict[str, Any], by: Actor) -> Any:
    return complaints.fix_item(int(data["item"]), data["note"], by=by, proof=kept(data, "整改证据", by, "proof"))


@admin.register(SupervisionNotice)
class SupervisionNoticeAdmin(NewCaseAdmin):
    """Slips with a limit; departments answer here, merchants in their console."""

    lifecycle = NOTICE_LIFECYCLE
    new_label = "给部门下发提示单"
    new_effect = "下发后编文号，部门人员在这里签收、填报。给商家的在「一企一档」下发。"
    new_form = DepartmentNoticeForm
    new_run = staticmethod(lambda data, by: _issue(data, by, region=data["region"], department=data["department"]))
    list_display = ("name", "status_", "target_", "due_on", "issuer", "issued")
    list_filter = ("status", ("region", admin.RelatedOnlyFieldListFilter), "due_on")
    list_select_related = ("merchant", "issued_by", "region")
    search_fields = ("title__icontains", "merchant__brand_name__icontains", "department__icontains")
    code_fields = ("code",)
    ordering = ("-id",)
    empty_text = "没有监督提示单。"
    export_columns = (
        ("文号", lambda row: row.title),
        ("状态", lambda row: row.get_status_display()),
        ("对象", lambda row: row.target),
        ("地区", lambda row: row.region.name),
        ("整改期限", lambda row: row.due_on),
        ("签发人", lambda row: row.issued_by.name),
        ("签发时间", lambda row: row.issued_at),
    )
    acts = {
        "acknowledge": Act(
            lambda pk, data, by: complaints.acknowledge_notice(pk, by=by),
            lambda case: f"签收后在 {case.due_on} 前整改并报告。", done="已签收",
        ),
        "fix": Act(
            _fix, lambda case: f"还有 {case.items_open} 项没有填。", form=FixForm, icon="doc", label="填整改情况",
            permission="complaints.answer_notice", done="已填报",
            when=lambda case: case.status in ("ISSUED", "ACKNOWLEDGED", "RECTIFYING", "OVERDUE", "ESCALATED"),
        ),
        "report": Act(
            lambda pk, data, by: complaints.report_rectified(pk, data["text"], by=by),
            lambda case: "报告后由另一人核验。", form=AnswerForm, icon="out", done="已报告，等核验",
        ),
        "verify": Act(
            lambda pk, data, by: complaints.verify_notice(pk, data["reason"], by=by),
            lambda case: "核验人不能是整改或报告的人。", form=ReasonForm, done="核验通过",
        ),
        "return": Act(
            lambda pk, data, by: complaints.return_notice(pk, data["reason"], [int(n) for n in data["items"]], by=by),
            lambda case: "退回后要重新整改、重新报告。", form=ReturnForm, icon="back", done="已退回",
        ),
        "close": Act(
            lambda pk, data, by: complaints.close_notice(pk, by=by), lambda case: "销号后不能再改。", icon="doc",
            done="已销号",
        ),
        "escalate": Act(
            lambda pk, data, by: complaints.escalate_notice(pk, int(data["owner"]), data["reason"], by=by),
            lambda case: "提级后由您选的负责人督办，短信告诉本人。", form=OwnerForm, icon="alert", done="已提级督办",
        ),
    }  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[SupervisionNotice]:
        """With target and people."""
        more = ("merchant__region", "region", "issued_by", "reported_by", "verified_by", "escalated_to", "evidence")
        return super().get_queryset(request).select_related(*more)

    @column("提示单", order="id")
    def name(self, row: SupervisionNotice) -> str:
        """Its number."""
        return row.title

    @column("状态", order="status")
    def status_(self, row: SupervisionNotice) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("对象")
    def target_(self, row: SupervisionNotice) -> str:
        """Merchant or department."""
        return row.target

    @column("签发人")
    def issuer(self, row: SupervisionNotice) -> str:
        """Who issued it."""
        return row.issued_by.name

    @column("签发", order="issued_at")
    def issued(self, row: SupervisionNotice) -> SafeString:
        """When."""
        return moment(row.issued_at)

    def heading(self, case: SupervisionNotice) -> str:
        """Number and target."""
        return f"{case.title} {case.target}"

    def clocks(self, case: SupervisionNotice) -> list[CaseClock]:
        """The limit to put it right."""
        if case.reported_at:
            return [done_clock("整改期限", f"{cn_date(case.reported_at)} 已报告", cn_date(case.due_on))]
        return [day_clock("整改期限", case.due_on)]

    def panels(self, case: SupervisionNotice, by: Actor) -> list[Panel]:
        """What, why, and how far each item is."""
        pairs = [
            ("事实", case.facts),
            ("依据", case.basis),
            ("证据", link(reverse("admin:stored_file", args=[case.evidence_id]), "打开") if case.evidence_id else ""),
            ("签收", cn_datetime(case.acknowledged_at) if case.acknowledged_at else ""),
            ("整改报告", case.report_text, cn_datetime(case.reported_at)),
            ("报告人", str(case.reported_by) if case.reported_by else ""),
            ("核验人", case.verified_by.name if case.verified_by else "", cn_datetime(case.verified_at)),
            ("意见", case.opinion),
            ("督办负责人", case.escalated_to.name if case.escalated_to else ""),
        ]
        cells = [
            (
                item.text,
                item.note or "还没有填",
                link(reverse("admin:stored_file", args=[item.proof_id]), "打开") if item.proof_id else "",
                cn_datetime(item.fixed_at) if item.fixed_at else "",
            )
            for item in case.items.all()
        ]
        return [facts("监督提示单", pairs), table("整改事项", ("事项", "整改情况", "证据", "时间"), cells)]

    def side(self, case: SupervisionNotice, by: Actor) -> list[Panel]:
        """Where else to look."""
        shop = link(case_url(case.merchant), case.merchant.brand_name) if case.merchant else ""
        rule = "整改、报告的人不能核验。"
        return [facts("相关", [("商家", shop), ("签发人", case.issued_by.name), ("两人规则", rule)], as_list=True)]


@admin.register(RegulatoryInterview)
class RegulatoryInterviewAdmin(CaseAdmin):
    """Interviews of two officers with a merchant; called on the merchant's dossier."""

    lifecycle = INTERVIEW_LIFECYCLE
    list_help = "在「一企一档」里通知约谈，两名监管人员参加。"
    list_display = ("shop", "status_", "meets_at", "officer_", "second", "due_on", "kept")
    list_filter = ("status", "kept", "meets_at")
    list_select_related = ("merchant", "officer", "second_officer")
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact")
    code_fields = ("code",)
    ordering = ("-id",)
    empty_text = "没有约谈。"
    export_columns = (
        ("商家", lambda row: row.merchant.brand_name),
        ("状态", lambda row: row.get_status_display()),
        ("约谈时间", lambda row: row.meets_at),
        ("主谈人", lambda row: row.officer.name),
        ("参加人", lambda row: row.second_officer.name),
        ("承诺期限", lambda row: row.due_on),
    )
    acts = {
        "hold": Act(
            lambda pk, data, by: complaints.hold_interview(pk, data["minutes"], by=by),
            lambda case: f"{case.officer.name}、{case.second_officer.name} 约谈 {case.merchant.brand_name}。",
            form=MinutesForm, icon="users", done="已记录",
        ),
        "commit": Act(
            lambda pk, data, by: complaints.commit_interview(pk, data["commitments"], data["due_on"], by=by),
            lambda case: "到期要核查有没有兑现。", form=CommitForm, icon="doc", done="已记录承诺",
        ),
        "check": Act(
            lambda pk, data, by: complaints.check_interview(pk, data["finding"], data["kept"], by=by),
            lambda case: "没有兑现的，可以再下发监督提示单。", form=CheckForm, done="已记录核查结果",
        ),
    }  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[RegulatoryInterview]:
        """With the people."""
        more = ("merchant__region", "officer", "second_officer", "checked_by")
        return super().get_queryset(request).select_related(*more)

    @column("商家", order="id")
    def shop(self, row: RegulatoryInterview) -> str:
        """With whom."""
        return row.merchant.brand_name

    @column("状态", order="status")
    def status_(self, row: RegulatoryInterview) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("主谈人")
    def officer_(self, row: RegulatoryInterview) -> str:
        """The first officer."""
        return row.officer.name

    @column("参加人")
    def second(self, row: RegulatoryInterview) -> str:
        """The second officer."""
        return row.second_officer.name

    def heading(self, case: RegulatoryInterview) -> str:
        """The shop."""
        return f"约谈 {case.merchant.brand_name}"

    def clocks(self, case: RegulatoryInterview) -> list[CaseClock]:
        """The promise's limit."""
        return [day_clock("承诺期限", case.due_on)] if case.due_on and case.kept is None else []

    def panels(self, case: RegulatoryInterview, by: Actor) -> list[Panel]:
        """Topics, minutes, promise."""
        done = "" if case.kept is None else "已兑现" if case.kept else "没有兑现"
        pairs = [
            ("事项", case.topics),
            ("时间地点", f"{cn_datetime(case.meets_at)} {case.place}"),
            ("监管人员", f"{case.officer.name}、{case.second_officer.name}"),
            ("约谈记录", case.minutes, cn_datetime(case.held_at) if case.held_at else ""),
            ("承诺", case.commitments, f"{cn_date(case.due_on)} 前" if case.due_on else ""),
            ("核查", case.finding, done),
            ("核查人", case.checked_by.name if case.checked_by else ""),
        ]
        return [facts("约谈", pairs)]

    def side(self, case: RegulatoryInterview, by: Actor) -> list[Panel]:
        """The dossier."""
        shop = link(case_url(case.merchant), case.merchant.brand_name)
        return [facts("相关", [("商家", shop)], as_list=True)]


MerchantAdmin.acts["issue_notice"] = Act(
    lambda pk, data, by: _issue(data, by, merchant_id=pk),
    lambda case: f"下发后编文号，{case.brand_name} 在商家后台签收、填报整改情况，到期未报记为逾期。",
    form=NoticeForm, icon="doc", label="下发监督提示单", permission="complaints.issue_notice_to_merchant",
    when=lambda case: case.status in LISTED, done="已下发，已短信通知商家",
)  # fmt: skip
MerchantAdmin.acts["call_interview"] = Act(
    lambda pk, data, by: complaints.call_interview(
        pk, data | {"second_officer": int(data["second_officer"])}, by=by
    ),
    lambda case: f"短信通知 {case.brand_name}；由您和另一名监管人员约谈。",
    form=InterviewForm, icon="users", label="通知约谈", permission="complaints.call_interview",
    when=lambda case: case.status in LISTED, done="已通知约谈",
)  # fmt: skip

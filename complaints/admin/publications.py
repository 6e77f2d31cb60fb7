"""Consumer warnings and typical cases for regulators: drafted by one, approved by another, published."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from complaints import actions as complaints
from complaints.admin.complaints import ComplaintAdmin
from complaints.admin.new_pages import NewCaseAdmin, industry_field, region_field
from complaints.admin.reports import ViolationReportAdmin
from complaints.models import ConsumerWarning, TypicalCase
from complaints.models.publications import TYPICAL_CASE_LIFECYCLE, WARNING_LIFECYCLE
from core.actors import Actor
from core.case_admin import Act, CaseForm, ReasonForm
from core.case_lists import column
from core.case_panels import VERB_WORDS, Panel, facts, link
from core.templatetags.portal_ui import cn_datetime, moment, state_of
from merchants.admin import MerchantAdmin
from merchants.models import LISTED
from prepaid.admin.rows import case_url

VERB_WORDS.update(
    {
        f"{kind}.{step}": f"{said}{label}"
        for kind, label in (("warning", "消费警示"), ("typical_case", "典型案例"))
        for step, said in (
            ("draft", "起草"), ("approve", "审批通过"), ("return", "退回修改"), ("revise", "修改"),
            ("publish", "发布"), ("withdraw", "撤回"), ("reply", "商家回应"),
        )
    }
)  # fmt: skip


class TextForm(CaseForm):
    """Title and text."""

    title = forms.CharField(label="标题", max_length=80, error_messages={"required": "写标题"})
    text = forms.CharField(
        label="正文", max_length=4000, widget=forms.Textarea(attrs={"rows": 8}),
        help_text="写核实过的事实。电话和身份证号会自动遮去", error_messages={"required": "写明事实"},
    )  # fmt: skip

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        for name in ("title", "text", "advice"):
            if isinstance(case, (ConsumerWarning, TypicalCase)) and name in self.fields:
                self.fields[name].initial = getattr(case, name, "")


class WarningForm(TextForm):
    """And what to do."""

    advice = forms.CharField(
        label="提示消费者怎么做", max_length=500, error_messages={"required": "告诉消费者该怎么做"}
    )


class IndustryWarningForm(WarningForm):
    """About a trade in a region."""

    region = region_field()
    industry = industry_field()
    field_order = ("region", "industry")


class CaseTextForm(TextForm):
    """A case of a region."""

    region = region_field()
    field_order = ("region",)


def _acts(model: Any) -> dict[str, Act]:
    def on(action: Any) -> Any:
        return lambda pk, data, by: action(model(pk=pk), by=by)

    def why(action: Any) -> Any:
        return lambda pk, data, by: action(model(pk=pk), data["reason"], by=by)

    return {
        "approve": Act(
            on(complaints.approve_publication),
            lambda case: (
                f"审批后，{case.merchant.brand_name} 能看到全文并回应。" if getattr(case, "merchant", None)
                else "审批后可以发布。起草人不能自己审批。"
            ),
            done="审批通过",
        ),
        "return": Act(
            why(complaints.return_publication), lambda case: "退回起草人修改。", form=ReasonForm, icon="back",
            done="已退回",
        ),
        "publish": Act(
            on(complaints.publish_publication), lambda case: "发布后所有人都能看到。", icon="eye", done="已发布"
        ),
        "withdraw": Act(
            why(complaints.withdraw_publication), lambda case: "撤回后公众只看到理由。", form=ReasonForm, icon="x",
            done="已撤回",
        ),
    }  # fmt: skip


class PublicationAdmin(NewCaseAdmin):
    """What both have in common."""

    list_display = ("title_", "status_", "region", "drafter", "approver", "published")
    list_filter = ("status", ("region", admin.RelatedOnlyFieldListFilter), "published_at")
    list_select_related = ("region", "industry", "drafted_by", "approved_by")
    search_fields = ("title__icontains",)
    code_fields = ("code",)
    ordering = ("-id",)
    export_columns = (
        ("标题", lambda row: row.title),
        ("状态", lambda row: row.get_status_display()),
        ("地区", lambda row: row.region.name),
        ("起草人", lambda row: row.drafted_by.name),
        ("审批人", lambda row: row.approved_by.name if row.approved_by else ""),
        ("发布时间", lambda row: row.published_at),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the people."""
        return super().get_queryset(request).select_related("region", "industry", "drafted_by", "approved_by")

    @column("标题", order="id")
    def title_(self, row: Any) -> str:
        """The headline."""
        return str(row.title)

    @column("状态", order="status")
    def status_(self, row: Any) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("起草人")
    def drafter(self, row: Any) -> str:
        """The first."""
        return str(row.drafted_by.name)

    @column("审批人")
    def approver(self, row: Any) -> str:
        """The second."""
        return row.approved_by.name if row.approved_by else ""

    @column("发布", order="published_at")
    def published(self, row: Any) -> SafeString:
        """When."""
        return moment(row.published_at)

    def panels(self, case: Any, by: Actor) -> list[Panel]:
        """The text and who answers for it."""
        pairs = [
            ("正文", case.text),
            ("地区", case.region.name),
            ("行业", case.industry.name if case.industry else ""),
            ("起草人", case.drafted_by.name, cn_datetime(case.drafted_at)),
            ("审批人", case.approved_by.name if case.approved_by else "等另一人审批", cn_datetime(case.approved_at)),
            ("发布", cn_datetime(case.published_at) if case.published_at else ""),
            ("退回或撤回", case.reason),
        ]
        return [facts("内容", pairs)]


@admin.register(ConsumerWarning)
class ConsumerWarningAdmin(PublicationAdmin):
    """Warnings, with what the shop says."""

    lifecycle = WARNING_LIFECYCLE
    new_label = "起草行业警示"
    new_effect = "起草后由另一位负责人审批，再发布。针对某家店的，在它的「一企一档」里起草。"
    new_form = IndustryWarningForm
    new_run = staticmethod(
        lambda data, by: complaints.draft_warning(
            data | {"industry": data["industry"].pk if data["industry"] else None}, by=by
        )
    )
    list_help = "起草和审批不得是同一人。涉及商家的，审批后商家能看到并回应，回应和警示一起公布。"
    empty_text = "没有消费警示。"
    acts = {
        "revise": Act(
            lambda pk, data, by: complaints.revise_publication(ConsumerWarning(pk=pk), data, by=by),
            lambda case: "只能修改草稿。", form=WarningForm, icon="doc", label="修改草稿",
            permission="complaints.draft_publication", when=lambda case: case.status == "DRAFT", done="已修改",
        ),
        **_acts(ConsumerWarning),
    }  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[ConsumerWarning]:
        """With the shop."""
        return super().get_queryset(request).select_related("merchant__region")

    def second_line(self, row: ConsumerWarning) -> str:
        """About whom."""
        return row.merchant.brand_name if row.merchant else (row.industry.name if row.industry else "")

    def panels(self, case: ConsumerWarning, by: Actor) -> list[Panel]:
        """And the shop's reply."""
        shop = link(case_url(case.merchant), case.merchant.brand_name) if case.merchant else ""
        seen = link(reverse("complaints:warning", args=[case.code]), "看公开页") if case.status == "PUBLISHED" else ""
        reply = case.reply or ("还没有回应" if case.merchant else "")
        said = facts(
            "提示与回应",
            [
                ("提示", case.advice),
                ("商家", shop),
                ("商家回应", reply, cn_datetime(case.replied_at)),
                ("公开页", seen),
            ],
        )
        return [*super().panels(case, by), said]


@admin.register(TypicalCase)
class TypicalCaseAdmin(PublicationAdmin):
    """Cases to learn from."""

    lifecycle = TYPICAL_CASE_LIFECYCLE
    new_label = "起草典型案例"
    new_effect = "起草后由另一位负责人审批，再发布。当事人姓名、电话会遮去，发布前请再核对一遍。"
    new_form = CaseTextForm
    new_run = staticmethod(lambda data, by: complaints.draft_typical_case(data, by=by))
    list_help = "起草和审批不得是同一人。当事人姓名、电话自动遮去。"
    empty_text = "没有典型案例。"
    acts = {
        "revise": Act(
            lambda pk, data, by: complaints.revise_publication(TypicalCase(pk=pk), data, by=by),
            lambda case: "只能修改草稿。", form=TextForm, icon="doc", label="修改草稿",
            permission="complaints.draft_publication", when=lambda case: case.status == "DRAFT", done="已修改",
        ),
        **_acts(TypicalCase),
    }  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[TypicalCase]:
        """With the case it is told from."""
        return super().get_queryset(request).select_related("complaint", "report")


MerchantAdmin.acts["draft_warning"] = Act(
    lambda pk, data, by: complaints.draft_warning(data | {"merchant_id": pk}, by=by),
    lambda case: f"起草后由另一位负责人审批；审批后 {case.brand_name} 能看到并回应，再发布到它的公示页。",
    form=WarningForm, icon="alert", label="起草消费警示", permission="complaints.call_interview",
    when=lambda case: case.status in LISTED, done="已起草，等另一位负责人审批",
)  # fmt: skip


def _tell(field: str) -> Act:
    """Draft a case to learn from, out of a complaint or a report."""
    return Act(
        lambda pk, data, by: complaints.draft_typical_case(data, by=by, **{field: pk}),
        lambda case: "当事人姓名、电话自动遮去；由另一位负责人审批后发布。",
        form=TextForm,
        icon="doc",
        label="起草典型案例",
        permission="complaints.draft_publication",
        when=lambda case: case.closed_at is not None,
        done="已起草，等另一位负责人审批",
    )


ComplaintAdmin.acts["draft_typical_case"] = _tell("complaint_id")
ViolationReportAdmin.acts["draft_typical_case"] = _tell("report_id")

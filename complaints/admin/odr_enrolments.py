"""ODR企业 for officers: candidates, confirmation, the share kept in time."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from complaints import actions as complaints
from complaints.models import OdrEnrolment
from complaints.models.odr_enrolments import ODR_ENROLMENT_LIFECYCLE
from core.actors import Actor
from core.case_admin import Act, CaseAdmin, ReasonForm
from core.case_lists import column
from core.case_panels import VERB_WORDS, Panel, facts, link
from core.templatetags.portal_ui import cn_date, cn_datetime, state_of
from prepaid.admin.rows import case_url

VERB_WORDS.update(
    {
        "odr_enrolment.propose": "提名 ODR 候选",
        "odr_enrolment.enrol": "商家愿意参加",
        "odr_enrolment.decline": "商家不参加",
        "odr_enrolment.confirm": "确认为 ODR 企业",
        "odr_enrolment.send_back": "退回",
        "odr_enrolment.suspend": "暂停",
        "odr_enrolment.restore": "恢复",
    }
)


@admin.register(OdrEnrolment)
class OdrEnrolmentAdmin(CaseAdmin):
    """One shop on its way to settling with its customers first."""

    lifecycle = ODR_ENROLMENT_LIFECYCLE
    list_help = "投诉多的商家每周一由系统提名；商家在后台答复，监管人员确认后，愿意先协商的投诉先转商家。"
    list_display = ("shop", "status_", "complaints_", "rate_", "proposed_on", "confirmed")
    list_filter = ("status", "proposed_on")
    list_select_related = ("merchant__region", "confirmed_by")
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact")
    ordering = ("-id",)
    empty_text = "没有 ODR 企业和候选。"
    export_columns = (
        ("商家", lambda row: row.merchant.brand_name),
        ("状态", lambda row: row.get_status_display()),
        ("提名日", lambda row: row.proposed_on),
        ("统计期投诉", lambda row: row.complaints),
        ("到期", lambda row: row.due),
        ("按时", lambda row: row.on_time),
    )
    acts = {
        "confirm": Act(
            lambda pk, data, by: complaints.confirm_odr_enrolment(pk, by=by),
            lambda case: f"确认后，愿意先协商的投诉先转 {case.merchant.brand_name}，10 个工作日内办结。",
            done="已确认，已短信告知商家",
        ),
        "send_back": Act(
            lambda pk, data, by: complaints.send_back_odr_enrolment(pk, data["reason"], by=by),
            lambda case: "退回后商家看到理由，可以再申请。", form=ReasonForm, icon="back", done="已退回",
        ),
        "suspend": Act(
            lambda pk, data, by: complaints.suspend_odr_enrolment(pk, data["reason"], by=by),
            lambda case: "暂停后新投诉不再先转商家，已转的照常办完。", form=ReasonForm, icon="stop", done="已暂停",
        ),
        "restore": Act(
            lambda pk, data, by: complaints.restore_odr_enrolment(pk, by=by),
            lambda case: f"按时办结率 {case.rate}。", done="已恢复",
        ),
    }  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[OdrEnrolment]:
        """With the shop and the people."""
        more = ("merchant__region", "answered_by", "confirmed_by")
        return super().get_queryset(request).select_related(*more)

    @column("商家", order="id")
    def shop(self, row: OdrEnrolment) -> str:
        """Which shop."""
        return row.merchant.brand_name

    def second_line(self, row: OdrEnrolment) -> str:
        """Where."""
        return row.merchant.region.name

    @column("状态", order="status")
    def status_(self, row: OdrEnrolment) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("提名时投诉", order="complaints", num=True)
    def complaints_(self, row: OdrEnrolment) -> str:
        """How many in how many days."""
        return f"{row.complaints} 件 / {row.days} 天" if row.days else "自愿申请"

    @column("按时办结率", num=True)
    def rate_(self, row: OdrEnrolment) -> str:
        """Share, numerator and denominator."""
        return row.rate

    @column("确认人")
    def confirmed(self, row: OdrEnrolment) -> str:
        """Who confirmed it."""
        return row.confirmed_by.name if row.confirmed_by else ""

    def heading(self, case: OdrEnrolment) -> str:
        """The shop."""
        return f"{case.merchant.brand_name} ODR"

    def panels(self, case: OdrEnrolment, by: Actor) -> list[Panel]:
        """Why it was proposed, what it answered, how well it does."""
        proposed = f"{case.days} 天内投诉 {case.complaints} 件" if case.days else case.basis
        pairs = [
            ("提名", proposed, cn_date(case.proposed_on)),
            ("依据", case.basis),
            ("商家答复", cn_datetime(case.answered_at) if case.answered_at else ""),
            ("说明", case.reason),
            ("确认", case.confirmed_by.name if case.confirmed_by else "", cn_datetime(case.confirmed_at)),
            ("按时办结率", case.rate, f"近 90 天，{cn_date(case.counted_on)} 统计" if case.counted_on else ""),
        ]
        return [facts("ODR 企业", pairs)]

    def side(self, case: OdrEnrolment, by: Actor) -> list[Panel]:
        """The dossier."""
        shop = link(case_url(case.merchant), case.merchant.brand_name)
        return [facts("相关", [("商家", shop), ("算法", "到期的协商期限中，商家在期满前办完的")], as_list=True)]

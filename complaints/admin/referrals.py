"""Routed cases and the department's inbox: whistles, cases to confirm, supervision notices, and nothing else."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from complaints import actions as complaints
from complaints.admin.queue import clock_face
from complaints.departments import posts_of
from complaints.forms import ways as forms
from complaints.models import Referral, SupervisionNotice, WhistleCall
from complaints.models.referrals import REFERRAL_LIFECYCLE
from core.actors import Actor
from core.case_admin import Act, CaseAdmin, PurposeForm
from core.case_lists import column
from core.case_panels import VERB_WORDS, Panel, day_clock, facts
from core.clocks import Face
from core.errors import NotAllowed
from core.templatetags.portal_ui import cn_date, cn_datetime, moment, state_of
from prepaid.admin.rows import case_url

VERB_WORDS.update(
    {
        "referral.send": "分送部门",
        "referral.confirm": "签收",
        "referral.answer": "反馈办理结果",
        "referral.unmask": "查看投诉人信息",
    }
)
SHOWN = 100


@admin.register(Referral)
class ReferralAdmin(CaseAdmin):
    """One complaint routed to one department: it confirms, answers the person, and says what became of it."""

    lifecycle = REFERRAL_LIFECYCLE
    list_help = "分送到在平台上有人员的部门的投诉；部门签收、办理、反馈，结果发给投诉人。"
    list_display = ("name", "status_", "department", "sent")
    list_filter = ("status", "department")
    list_select_related = ("complaint__merchant", "complaint__region")
    search_fields = ("complaint__merchant__brand_name__icontains", "complaint__respondent_name__icontains")
    code_fields = ("complaint__code",)
    ordering = ("-id",)
    empty_text = "没有分送来的投诉。"
    acts = {
        "confirm": Act(
            lambda pk, data, by: complaints.confirm_referral(pk, by=by),
            lambda case: f"签收后由{case.department}办理和答复投诉人。", done="已签收",
        ),
        "answer": Act(
            lambda pk, data, by: complaints.answer_referral(pk, data["answer"], by=by),
            lambda case: "结果会发短信给投诉人。", form=forms.AnswerForm, icon="out", done="已反馈，已告知投诉人",
        ),
        "unmask": Act(
            lambda pk, data, by: list(complaints.unmask_referral(pk, data["purpose"], by=by).items()),
            lambda case: "只显示一次，写明用途并留痕；一小时最多 30 次。", form=PurposeForm, icon="eye",
            label="查看投诉人联系方式", permission="complaints.unmask_referral", shows=True,
            when=lambda case: case.status != Referral.Status.ANSWERED,
        ),
    }  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Referral]:
        """With the case."""
        more = ("complaint__merchant", "complaint__store", "complaint__region", "sent_by", "confirmed_by")
        return super().get_queryset(request).select_related(*more)

    @column("投诉", order="id")
    def name(self, row: Referral) -> str:
        """Its number."""
        return row.complaint.code_grouped

    def second_line(self, row: Referral) -> str:
        """Against whom."""
        return f"{row.complaint.respondent} · {row.complaint.region.name}"

    @column("状态", order="status")
    def status_(self, row: Referral) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("分送", order="sent_at")
    def sent(self, row: Referral) -> SafeString:
        """When."""
        return moment(row.sent_at)

    def heading(self, case: Referral) -> str:
        """The shop and the number."""
        return f"{case.complaint.respondent} {case.complaint.code_grouped}"

    def panels(self, case: Referral, by: Actor) -> list[Panel]:
        """The case as the department needs it; the person is masked."""
        one = case.complaint
        pairs = [
            ("事实", one.facts),
            ("诉求", one.claim),
            ("被投诉人", one.respondent),
            ("地点", one.store.address if one.store else one.respondent_address),
            ("收到", cn_datetime(one.received_at)),
            ("分送理由", one.reason, case.sent_by.name),
        ]
        done = [
            ("签收", case.confirmed_by.name if case.confirmed_by else "", cn_datetime(case.confirmed_at)),
            ("办理结果", case.answer, cn_datetime(case.answered_at)),
        ]
        return [facts("投诉", pairs), facts("本部门", done)]


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """部门收件箱: what is asked of one's department, the most urgent first. Raises NotAllowed for everybody else."""
    by, now = Actor.of(request), timezone.now()
    if not posts_of(by):
        raise NotAllowed
    calls = WhistleCall.objects.visible_to(by).waiting().select_related(
        "whistle__clock", "whistle__complaint__merchant", "whistle__complaint__region"
    )  # fmt: skip
    cases = Referral.objects.visible_to(by).waiting().select_related("complaint__merchant", "complaint__region")
    notices = SupervisionNotice.objects.visible_to(by).waiting().exclude(department="").order_by("due_on", "pk")
    boxes = [
        ("吹哨", "请部门报到、办理的事", [_call(row, now) for row in calls.order_by("whistle__clock__due_at")[:SHOWN]]),
        ("分送件", "有权处理的投诉，先签收，办完反馈", [_case(row) for row in cases.order_by("status", "pk")[:SHOWN]]),
        ("监督提示单", "要签收、整改、报告的", [_notice(row) for row in notices[:SHOWN]]),
    ]
    context = {
        **admin.site.each_context(request),
        "title": "部门收件箱",
        "boxes": boxes,
        "departments": sorted({name for _, name in posts_of(by)}),
        "total": sum(len(rows) for _, _, rows in boxes),
    }
    return TemplateResponse(request, "admin/complaints/department_inbox.html", context)


def waiting_for(by: Actor) -> int:
    """How many things wait for the departments of ``by``."""
    calls = WhistleCall.objects.visible_to(by).waiting().count()
    notices = SupervisionNotice.objects.visible_to(by).waiting().exclude(department="").count()
    return calls + notices + Referral.objects.visible_to(by).waiting().count()


def _line(row: Any, title: str, note: str, face: Face | None) -> dict[str, Any]:
    return {"url": case_url(row), "title": title, "note": note, "state": state_of(row, "officer"), "face": face}


def _call(row: WhistleCall, now: Any) -> dict[str, Any]:
    case = row.whistle.complaint
    face = clock_face(row.whistle.clock, now) if row.status == WhistleCall.Status.INVITED else None
    return _line(row, case.respondent, f"{case.region.name} · {row.whistle.need[:60]}", face)


def _case(row: Referral) -> dict[str, Any]:
    case = row.complaint
    return _line(
        row, f"{case.respondent} {case.code_grouped}", f"{case.get_cause_display()} · {cn_date(row.sent_at)}", None
    )


def _notice(row: SupervisionNotice) -> dict[str, Any]:
    return _line(row, row.title, row.facts[:60], day_clock("", row.due_on).face)

"""Complaints as the shop reads and answers them: its own ODR cases first, by their clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from complaints import actions as complaints
from complaints.actions import clocks
from complaints.forms import shop as forms
from complaints.models import COMPLAINT_LIFECYCLE, Clock, Complaint, Disclosure, MediationAssignment
from complaints.models.complaints import OPEN
from core.actors import Actor
from core.calendar import business_date
from core.errors import NotFound, PortalError
from core.looks import look_up
from core.permissions import may
from merchants.views.desk import Desk, for_shop, once_by_form, own, page_of, put_errors, shop_page
from prepaid.views.posting import fresh_key

Status = Complaint.Status
Work = Callable[[Complaint, dict[str, Any], Actor], Any]


def _own(desk: Desk) -> QuerySet[Complaint]:
    return Complaint.objects.visible_to(desk.by).filter(merchant=desk.merchant, merchant_told_at__isnull=False)


def waiting_for_shop(desk: Desk) -> QuerySet[Complaint]:
    """Those in which it is the shop's turn: to settle first, to answer for the first time, to say yes to a mediator."""
    rows = _own(desk).filter(status__in=OPEN).exclude(status__in=["AGREED", "TERMINATED", "CALLBACK"])
    asked = MediationAssignment.objects.filter(status="PROPOSED", merchant_agreed_at=None).values("complaint")
    turn = Q(status=Status.ODR_PENDING) | Q(merchant_reply="") | Q(pk__in=asked)
    return rows.filter(turn).order_by("next_due_at", "pk")


@for_shop()
@require_GET
def complaints_inbox(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Those to answer first by their clock, then all."""
    rows = _own(desk)
    counts = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    chosen = request.GET.get("status", "")
    listed = rows.filter(status=chosen) if chosen in Status.values else rows
    shown, before = page_of(listed.select_related("complainant"), request)
    first = not chosen and not request.GET.get("before")
    context = {
        "asked": list(waiting_for_shop(desk).select_related("complainant")[:100]) if first else [],
        "rows": shown,
        "before": before,
        "chosen": chosen,
        "filters": [("", "全部", sum(counts.values()))]
        + [(one, look_up("complaint", one).words("merchant"), counts[one]) for one in Status.values if one in counts],
    }
    return shop_page(request, desk, "complaints/console_complaints.html", context)


def _one(desk: Desk, code: str) -> Complaint:
    more = ("complainant", "contract__account", "contract__plan", "region", "settlement__refund", "disclosure")
    return own(_own(desk).select_related(*more), code=code)


@dataclass(frozen=True)
class Step:
    """One page of the shop's: what it says first, what it asks, what it does."""

    title: str
    effect: str
    button: str
    done: str
    work: Work
    when: Callable[[Complaint, Actor], bool]
    form: type[Form] = Form
    icon: str = "check"
    caution: bool = False


def _live(row: Complaint) -> MediationAssignment | None:
    return MediationAssignment.objects.live().filter(complaint=row, status="PROPOSED").first()


def _answer_delegation(agrees: bool) -> Work:
    def work(row: Complaint, data: dict[str, Any], by: Actor) -> Any:
        assignment = _live(row)
        if assignment is None:
            raise NotFound
        return complaints.consent_to_delegation(assignment.pk, agrees=agrees, by=by)

    return work


def _may_answer(row: Complaint, by: Actor) -> bool:
    return row.status in OPEN and may(by, "complaints.answer_complaint", row)


def _wants_mediation(row: Complaint, by: Actor) -> bool:
    consents = getattr(row, "mediation", None)
    asked = row.status in (Status.ACCEPTED, Status.MEDIATING) and may(by, "complaints.consent_to_mediation", row)
    return asked and (consents is None or consents.merchant_agreed_at is None)


def _asked_to_delegate(row: Complaint, by: Actor) -> bool:
    assignment = _live(row)
    asked = assignment is not None and assignment.merchant_agreed_at is None
    return asked and may(by, "complaints.consent_mediation", assignment)


def _may_flag(row: Complaint, by: Actor) -> bool:
    return may(by, "complaints.flag_malice", row) and not row.malice_flags.exclude(status="REJECTED").exists()


def _record_of(row: Complaint) -> Disclosure | None:
    return getattr(row, "disclosure", None)


def _may_object(row: Complaint, by: Actor) -> bool:
    record = _record_of(row)
    if record is None or record.reason or record.status not in ("DRAFT", "PUBLISHED"):
        return False
    in_time = record.status == "PUBLISHED" or record.objection_until >= business_date()
    return in_time and may(by, "complaints.object_disclosure", record)


def _may_explain(row: Complaint, by: Actor) -> bool:
    record = _record_of(row)
    return bool(record and record.status != "WITHDRAWN" and may(by, "complaints.reply_to_disclosure", record))


def _is_step(name: str) -> Callable[[Complaint, Actor], bool]:
    return lambda row, by: name in COMPLAINT_LIFECYCLE.allowed(row, by)


STEPS: dict[str, Step] = {
    "answer": Step(
        "答复投诉", "顾客和市场监管人员会看到您的答复；可以再改，以最后一次为准。", "提交答复", "已答复。",
        lambda row, data, by: complaints.answer_complaint(row.pk, data["reply"], by=by), _may_answer,
        forms.ReplyForm, "chat",
    ),
    "settled": Step(
        "已经和顾客协商解决", "顾客会收到短信。顾客说没有解决的，马上转市场监管所办理。", "确认已解决",
        "已记下，等顾客评价。",
        lambda row, data, by: complaints.settle_odr(
            row.pk, data["reply"], amount_fen=data["amount_fen"] or 0, by=by
        ), _is_step("settle_odr"), forms.SettledForm,
    ),
    "leave": Step(
        "协商不成，转监管部门", "从今天起由市场监管所办理，7 个工作日内决定是否受理。", "转监管部门", "已转监管部门。",
        lambda row, data, by: complaints.leave_odr(row.pk, by=by, reason="商家表示协商不成"), _is_step("fail_odr"),
        icon="out", caution=True,
    ),
    "mediate": Step(
        "同意调解", "双方都同意，市场监管所才能组织调解（第18条）。", "同意调解", "已记下您同意调解。",
        lambda row, data, by: complaints.consent_to_mediation(row.pk, by=by), _wants_mediation, icon="scale",
    ),
    "delegate": Step(
        "同意人民调解", "双方都同意后，由人民调解员调解，不收费。", "同意", "已记下您的答复。",
        _answer_delegation(True), _asked_to_delegate, icon="users",
    ),
    "no-delegate": Step(
        "不同意人民调解", "由市场监管所继续办理。", "不同意", "已记下您的答复。",
        _answer_delegation(False), _asked_to_delegate, icon="x", caution=True,
    ),
    "malice": Step(
        "提出恶意投诉", "由监管人员认定。认定以前不公开、不计分，这件投诉照常办理。", "提交",
        "已提交，等监管人员认定。",
        lambda row, data, by: complaints.flag_malice(row.pk, data["reason"], data["file"], by=by), _may_flag,
        forms.MaliceForm, "alert", True,
    ),
    "explain": Step(
        "写公示说明", "公示办理结果时，您的说明放在旁边，公众能看到。", "保存说明", "已保存。",
        lambda row, data, by: complaints.reply_to_disclosure(row.disclosure.pk, data["text"], by=by), _may_explain,
        forms.NoteForm, "edit",
    ),
    "object": Step(
        "对公示提出异议", "提出后先不公开，由监管人员核实处理。", "提出异议", "已提出异议。",
        lambda row, data, by: complaints.object_to_disclosure(row.disclosure.pk, data["text"], by=by), _may_object,
        forms.NoteForm, "alert", True,
    ),
}  # fmt: skip


@for_shop()
@require_GET
def complaint(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """One complaint: what the customer says, the clocks, and what the shop can do; the person is masked."""
    row = _one(desk, code)
    today = business_date()
    running = Clock.objects.of(row).filter(state__in=["RUNNING", "PAUSED"], code__in=["ODR", "ACCEPT", "MEDIATE"])
    context = {
        "complaint": row,
        "clocks": [(clock, clocks.days_left(clock, today), clock.why()) for clock in running],
        "steps": [(name, step) for name, step in STEPS.items() if step.when(row, desk.by)],
        "meetings": list(row.meetings.select_related("mediator")),
        "settlement": getattr(row, "settlement", None),
        "disclosure": getattr(row, "disclosure", None),
        "flag": row.malice_flags.order_by("-pk").first(),
        "delegation": row.mediation_assignments.select_related("mediator").order_by("-pk").first(),
        "odr": row.status == Status.ODR_PENDING,
    }
    return shop_page(request, desk, "complaints/console_complaint.html", context)


@for_shop()
@require_http_methods(["GET", "POST"])
def complaint_step(request: HttpRequest, desk: Desk, code: str, step: str) -> HttpResponse:
    """Say what a step does, ask for what it needs, then take it once."""
    row, wanted = _one(desk, code), STEPS.get(step)
    if wanted is None:
        raise NotFound
    posted = request.method == "POST"
    form = wanted.form(request.POST if posted else None, request.FILES if posted else None)
    if posted and form.is_valid():
        data = form.cleaned_data

        def work() -> str:
            wanted.work(row, data, desk.by)
            return row.code

        try:
            once_by_form(request, desk.by, work)
        except PortalError as error:
            if error.status in (403, 404):
                raise
            put_errors(form, error)
        else:
            messages.success(request, wanted.done)
            return redirect("complaints:shop_complaint", row.code)
    elif not posted and not wanted.when(row, desk.by):
        return redirect("complaints:shop_complaint", row.code)
    context = {"complaint": row, "step": wanted, "form": form, "key": request.POST.get("key") or fresh_key()}
    return shop_page(request, desk, "complaints/console_complaint_step.html", context)

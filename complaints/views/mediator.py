"""The desk of a people's mediator: what both sides gave to them, and what came of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from complaints import actions as complaints
from complaints.forms.shop import ReportForm
from complaints.models import ASSIGNMENT_LIFECYCLE, Clock, MediationAssignment
from complaints.models.complaints import GIVEN_TO_MEDIATORS
from core.actors import Actor
from core.calendar import business_date
from core.errors import Invalid, NotAllowed
from core.models import Role
from merchants.views.desk import own, page_of
from prepaid.views.posting import fresh_key, opened_status, try_once

TITLES = {"begin": "开始调解", "agree": "达成协议", "fail": "没有谈成"}
EFFECTS = {
    "begin": "双方都已同意。调解期限照常计算；您不能再转给别人（第19条）。",
    "agree": "交给承办人写成协议，从锁定的钱里退给投诉人。这里填写不会动钱。",
    "fail": "退回承办人继续调解或终止。",
}


def _own(request: HttpRequest) -> QuerySet[MediationAssignment]:
    by = Actor.of(request)
    if by.user is None or not by.user.access.has(Role.MEDIATOR):
        raise NotAllowed("这一页是人民调解员的")
    rows = MediationAssignment.objects.filter(mediator=by.user, status__in=GIVEN_TO_MEDIATORS)
    return rows.select_related("complaint__merchant", "complaint__region", "complaint__complainant", "proposed_by")


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Those under way first, by the limit to mediate, then all."""
    rows = _own(request)
    open_ones = rows.filter(status__in=["CONSENTED", "IN_PROGRESS"]).order_by("complaint__next_due_at", "pk")
    shown, before = page_of(rows.exclude(status__in=["CONSENTED", "IN_PROGRESS"]), request)
    context = {"open": list(open_ones[:100]), "rows": shown, "before": before, "nav_current": "complaints:mediator"}
    return render(request, "complaints/mediator_desk.html", context)


def _one(request: HttpRequest, pk: int) -> MediationAssignment:
    return own(_own(request), pk=pk)


@require_GET
def assignment(request: HttpRequest, pk: int) -> HttpResponse:
    """One delegation: both sides masked, the claim, the money, the limit."""
    row = _one(request, pk)
    clock = Clock.objects.of(row.complaint).filter(code=Clock.Code.MEDIATE).order_by("-pk").first()
    context = {
        "assignment": row,
        "complaint": row.complaint,
        "clock": clock,
        "why": clock.why() if clock else None,
        "late": bool(clock and clock.due_on < business_date()),
        "steps": [
            (name, TITLES[name]) for name in ASSIGNMENT_LIFECYCLE.allowed(row, Actor.of(request)) if name in TITLES
        ],
        "attachments": list(row.complaint.attachments.select_related("file")),
    }
    return render(request, "complaints/mediator_assignment.html", context)


@require_http_methods(["GET", "POST"])
def assignment_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Begin, or report how it ended."""
    row = _one(request, pk)
    if step not in TITLES:
        return redirect("complaints:mediator_assignment", row.pk)
    form: Form = (Form if step == "begin" else ReportForm)(request.POST or None)
    if step == "fail":
        del form.fields["agreed_fen"]
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data

        def work(by: Actor) -> int:
            return _do(row, step, data, by)

        if try_once(request, form, work):
            messages.success(request, f"已记录：{TITLES[step]}")
            return redirect("complaints:mediator_assignment", row.pk)
    context = {
        "assignment": row, "complaint": row.complaint, "form": form, "title": TITLES[step], "effect": EFFECTS[step],
        "caution": step == "fail", "key": request.POST.get("key") or fresh_key(),
    }  # fmt: skip
    return render(request, "complaints/mediator_step.html", context, status=opened_status(form))


def _do(row: MediationAssignment, step: str, data: dict[str, Any], by: Actor) -> int:
    if step == "begin":
        return complaints.begin_delegation(row.pk, by=by).pk
    if step == "agree" and data["agreed_fen"] is None:
        raise Invalid(fields={"agreed_fen": "写明协议金额，没有钱的写 0"})
    return complaints.end_delegation(row.pk, data["outcome"], agreed_fen=data.get("agreed_fen"), by=by).pk

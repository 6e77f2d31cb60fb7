"""How one's matters go: by code and phone, as a list, and each on a page of its own."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from complaints.actions import clocks as limits
from complaints.forms.intake import TrackForm
from complaints.models import (
    Clock,
    Complaint,
    Consultation,
    Disclosure,
    JointComplainant,
    MediationAssignment,
    Receipt,
    ViolationReport,
)
from complaints.models.clocks import Subject
from complaints.models.matters import Matter
from complaints.tracking import NOW, key_of, timeline
from core import actions as core
from core.actors import Actor
from core.calendar import business_date
from core.errors import NotFound, PortalError
from core.identifiers import clean_public_code
from core.lifecycle import REGISTRY
from core.models import AuditEvent
from core.permissions import may
from core.views import PENDING_PHONE
from prepaid.views.consumer import person
from prepaid.views.posting import opened_status, page_number, show_on

NAV = {"nav_current": "complaints:start"}
ROWS_A_PAGE, LINES = 20, 200
THEN = {
    Clock.Code.ACCEPT: "答复是否受理", Clock.Code.MEDIATE: "调解结束", Clock.Code.ODR: "商家协商结束",
    Clock.Code.ID_PROOF: "提供身份证明", Clock.Code.TERMINATE_NOTICE: "告知结果", Clock.Code.CALLBACK: "回访",
    Clock.Code.VERIFY: "核查完", Clock.Code.CASE: "办完案件", Clock.Code.ANSWER: "答复您",
}  # fmt: skip
UNITS = {"working_day": "workday", "natural_day": "day"}


@login_not_required
@require_http_methods(["GET", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """By code and phone: the code that comes to the phone opens the page. Nothing is said before that."""
    form = TrackForm(request.POST or None, initial={"code": request.GET.get("code", "")[:40]})
    if request.method == "POST" and form.is_valid():
        code, phone = clean_public_code(form.cleaned_data["code"]), form.cleaned_data["phone"].strip()
        if not phone:
            if _anonymous(code) is not None:
                return redirect("complaints:anonymous_report", code)
            form.add_error("phone", "填登记时留的手机号；只有匿名举报不用填")
        else:
            try:
                sent = core.send_phone_code(phone, "sign_in")
            except PortalError as error:
                show_on(form, error)
            else:
                request.session[PENDING_PHONE] = phone
                if settings.SMS_BACKEND == "console":
                    request.session["demo_code"] = sent
                target = reverse("complaints:matter", args=[code]) if code else reverse("complaints:mine")
                return redirect(f"{resolve_url('core:sign_in_code')}?{urlencode({'next': target})}")
    return render(request, "complaints/consumer_track.html", {**NAV, "form": form}, status=opened_status(form))


def _anonymous(code: str) -> ViolationReport | None:
    """A report that nobody is kept with: its code alone, which nobody can guess, tells how it goes."""
    found = ViolationReport.objects.filter(code=code, reporter=None, found_in=None)
    return found.filter(receipts__isnull=False).first()


@login_not_required
@require_GET
def anonymous_report(request: HttpRequest, code: str) -> HttpResponse:
    """The state of a report without a name; not what it says."""
    report = _anonymous(clean_public_code(code))
    if report is None:
        raise NotFound
    return render(request, "complaints/consumer_report.html", {**NAV, **_told(report), "anonymous": True})


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """「我的投诉」: everything the reader filed, the newest first."""
    user, before = person(request), page_number(request.GET.get("before"))
    joined = JointComplainant.objects.filter(complainant__user=user).values("complaint")
    own = Receipt.objects.filter(
        Q(complaint__complainant__user=user)
        | Q(complaint__in=joined)
        | Q(report__reporter__user=user)
        | Q(consultation__person__user=user)
    ).select_related("complaint__merchant", "report__merchant", "consultation__merchant")
    rows = list((own.filter(pk__lt=before) if before else own).order_by("-pk")[: ROWS_A_PAGE + 1])
    shown: dict[Matter, None] = {}
    for row in rows[:ROWS_A_PAGE]:
        shown.setdefault(row.matter)
    older = rows[ROWS_A_PAGE - 1].pk if len(rows) > ROWS_A_PAGE else None
    context = {**NAV, "matters": [(row, row._meta.verbose_name) for row in shown], "next": older}
    return render(request, "complaints/consumer_mine.html", context)


def my_matter(request: HttpRequest, code: str) -> Subject:
    """The matter with this code, if the reader filed it or is joined to it. Raises NotFound."""
    user, code = person(request), clean_public_code(code)
    joined = JointComplainant.objects.filter(complainant__user=user).values("complaint")
    complaint = Complaint.objects.filter(Q(complainant__user=user) | Q(pk__in=joined), code=code)
    found: Subject | None = (
        complaint.select_related(
            "merchant", "complainant", "contract", "region", "handler", "merged_into", "disclosure"
        ).first()
        or ViolationReport.objects.filter(code=code, reporter__user=user).select_related("merchant", "region").first()
        or Consultation.objects.filter(code=code, person__user=user).select_related("merchant", "region").first()
    )
    if found is None:
        raise NotFound("没有找到这个查询码，或者它不是用这个手机号登记的。请核对，或者拨 12315 报查询码")
    return found


@require_GET
def matter(request: HttpRequest, code: str) -> HttpResponse:
    """One matter: what happens now, until when, what has happened, what one can do."""
    row = my_matter(request, code)
    context = {**NAV, **_told(row)}
    if not isinstance(row, Consultation):
        context["files"] = list(row.attachments.all())
    if isinstance(row, Complaint):
        context |= _of_complaint(row, request)
        return render(request, "complaints/consumer_matter.html", context)
    return render(request, "complaints/consumer_report.html", context)


def delegation_of(row: Complaint) -> MediationAssignment | None:
    """The newest delegation to people's mediation."""
    return row.mediation_assignments.select_related("mediator").order_by("-pk").first()


def disclosure_of(row: Complaint) -> Disclosure | None:
    """The public record, once it is drafted."""
    found: Disclosure | None = getattr(row, "disclosure", None)
    return found


def _answers(row: Complaint, by: Actor) -> dict[str, Any]:
    """What is asked of the reader: people's mediation, and the words the public would read."""
    asked, record = delegation_of(row), disclosure_of(row)
    open_to = asked is not None and asked.status == "PROPOSED" and asked.complainant_agreed_at is None
    in_time = record is not None and record.status == "DRAFT" and record.objection_until >= business_date()
    return {
        "delegation": asked,
        "may_delegate": open_to and may(by, "complaints.consent_mediation", asked),
        "disclosure": record,
        "may_object": in_time and may(by, "complaints.object_disclosure", record),
    }


def _of_complaint(row: Complaint, request: HttpRequest) -> dict[str, Any]:
    by = Actor.of(request)
    allowed = set(REGISTRY["complaints.Complaint"].allowed(row, by))
    joint = list(row.joint_complainants.select_related("complainant"))
    own = next((one for one in joint if one.complainant.user_id == request.user.pk), None)
    return {
        "allowed": allowed,
        "joint": joint,
        "may_consent": own is not None and not own.is_representative and own.consented_at is None,
        "may_reopen": "reopen" in allowed and row.decided_at is None,
        **_answers(row, by),
    }


def _told(row: Subject) -> dict[str, Any]:
    """What a page tells of any matter."""
    key = key_of(str(row._meta.model_name), row.status)
    lines = AuditEvent.objects.filter(object_type=row._meta.label, object_id=str(row.pk)).order_by("id")
    now, todo = NOW.get(key, ("", ""))
    running = Clock.objects.of(row).running().filter(code__in=THEN).order_by("due_at")
    return {
        "matter": row,
        "now": now,
        "todo": todo,
        "clocks": [_face(clock, business_date()) for clock in running],
        "events": timeline(key, lines.values_list("verb", "at", "facts")[:LINES]),
        "is_open": row.status in type(row).objects.all().OPEN,
    }


def _face(clock: Clock, today: date) -> dict[str, Any]:
    """A clock as the tag draws it: the last day of days, the instant of hours."""
    days = clock.unit != "hour"
    left = limits.days_left(clock, today)
    return {
        "due": clock.due_on if days else clock.due_at,
        "unit": UNITS.get(clock.unit, "hour"),
        "left": left if left is not None or not days else (clock.due_on - today).days,
        "why": clock.why(),
        "then": THEN[Clock.Code(clock.code)],
        "provisional": clock.provisional,
    }

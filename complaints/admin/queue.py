"""The officers' desk of the 12315: queues, assignment with a preview, handing over. Written only by actions."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_POST

from complaints import actions as complaints
from complaints import queues
from complaints.models import Cause, Channel, Clock
from complaints.rules import DISPATCHERS
from core.actors import Actor
from core.api.once import principal_of
from core.calendar import working_days_between
from core.case_admin import put_on_form
from core.case_panels import FACT_WORDS, VERB_WORDS
from core.clocks import Face, face, local, stopped
from core.errors import Invalid, NotAllowed, NotFound, PortalError
from core.idempotency import fingerprint, once
from core.models import Membership
from core.models.people import OFFICERS, in_regions
from core.permissions import may
from core.templatetags.portal_ui import state_of

VERB_WORDS.update(
    {
        "complaint.assign": "分派",
        "report.assign": "分派",
        "consultation.assign": "分派",
        "complaint.route": "分送有权部门",
        "complaint.send_back": "退回分派",
        "complaint.dispute": "提出管辖争议",
        "complaint.settle_jurisdiction": "指定管辖",
        "complaint.remind": "催办",
        "report.remind": "催办",
        "consultation.remind": "催办",
        "complaint.escalate": "提级督办",
        "report.escalate": "提级督办",
        "consultation.escalate": "提级督办",
        "escalation.open": "督办立项",
        "escalation.raise": "逾期提级",
        "escalation.take": "接办",
        "escalation.note": "每周进展",
        "escalation.solve": "写明结果，解决",
        "escalation.release": "销号",
        "escalation.return": "退回继续包案",
        "calendar_feed.make": "生成日历订阅地址",
        "calendar_feed.revoke": "停用日历订阅地址",
    }
)
FACT_WORDS.update({"region": "辖区", "sender": "催办人", "level": "层级"})


@dataclass(frozen=True)
class Line:
    """One matter as the queue shows it."""

    matter: Any
    url: str
    # Cause and source; not by get_…_display, which hashes all choices at each call.
    about: str
    state: SafeString
    clock: str
    face: Face | None


def clock_face(clock: Clock, now: datetime) -> Face:
    """A clock as it is read: working days, calendar days or hours left, or standing still."""
    if clock.state == Clock.State.PAUSED:
        return stopped("中止，时间不计")
    if clock.unit == "hour":
        return face(clock.due_at, now, unit="hour")
    if clock.unit == "working_day":
        left = working_days_between(local(now).date(), clock.due_on)
        return face(clock.due_at, now, unit="workday", left=left)
    return face(clock.due_at, now)


def case_address(matter: Any) -> str:
    """The case page of a matter."""
    return f"{reverse('admin:index')}complaints/{matter._meta.model_name}/{matter.pk}/change/"


def _frame(request: HttpRequest, title: str) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": title}


def _serves(by: Actor) -> bool:
    return bool(by.user and by.user.access.has(*OFFICERS, *DISPATCHERS))


def _dispatches(by: Actor) -> bool:
    return bool(by.user and by.user.access.has(*DISPATCHERS))


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """A box of the queue: own matters, those nobody has yet, those that are late, all; of one kind and one clock."""
    by, now = Actor.of(request), timezone.now()
    if not _serves(by):
        raise NotAllowed
    kind = _one_of(request.GET.get("kind"), queues.KINDS)
    box = _one_of(request.GET.get("box"), queues.BOXES)
    code = request.GET.get("clock", "")
    code = code if code in Clock.Code.values else ""
    page = queues.queue_page(kind, box, by=by, code=code, after=request.GET.get("cursor", ""))
    lines = []
    for row in page.rows:
        clock = page.clocks.get(row.pk)
        lines.append(
            Line(
                row,
                case_address(row),
                f"{Cause(row.cause).label} · {Channel(row.channel).label}",
                state_of(row, "officer"),
                str(Clock.Code(clock.code).label) if clock else "",
                clock_face(clock, now) if clock else None,
            )
        )
    context = {
        **_frame(request, "投诉举报队列"),
        "kinds": queues.KINDS.items(),
        "boxes": queues.BOXES.items(),
        "codes": Clock.Code.choices,
        "kind": kind,
        "box": box,
        "code": code,
        "lines": lines,
        "next_cursor": page.next_cursor,
        "dispatches": _dispatches(by),
        "officers": officers_of(by) if _dispatches(by) else [],
    }
    return TemplateResponse(request, "admin/complaints_queue.html", context)


def _one_of(text: str | None, known: Any) -> str:
    return text if text is not None and text in known else str(next(iter(known)))


def officers_of(by: Actor, *, gone: bool = False) -> list[tuple[int, str]]:
    """The officers of one's regions, with their posts; with ``gone`` also those who left them."""
    assert by.user is not None
    rows = Membership.objects.all() if gone else Membership.objects.in_force(timezone.localdate())
    if not gone:
        rows = rows.filter(user__is_active=True)
    rows = rows.filter(in_regions("region__path", by.user.access.region_paths(*DISPATCHERS)), role__in=OFFICERS)
    rows = rows.select_related("user", "region").order_by("region__path", "user_id")
    found: dict[int, str] = {}
    for row in rows[:500]:
        found.setdefault(row.user_id, f"{row.user.name} · {row.region.name} {row.get_role_display()}")
    return list(found.items())


def _chosen(request: HttpRequest) -> tuple[str, list[int], int | None]:
    """Kind, matters and officer of a form. Raises Invalid."""
    kind = request.POST.get("kind", "")
    if kind not in queues.KINDS:
        raise NotFound
    try:
        pks = [int(one) for one in request.POST.getlist("matter")]
        officer = int(request.POST["officer"]) if request.POST.get("officer") else None
    except ValueError:
        raise Invalid("页面不完整，请回到队列重新选择") from None
    return kind, pks, officer


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """What assigning the chosen matters would change, before anything is."""
    by = Actor.of(request)
    if not _dispatches(by):
        raise NotAllowed
    kind, pks, officer = _chosen(request)
    try:
        plan = complaints.propose_assignments(kind, pks, by=by, officer_id=officer)
    except Invalid as error:
        messages.warning(request, error.message)
        return redirect(f"{reverse('admin:complaints_queue')}?kind={kind}&box=unassigned")
    return _preview_page(request, kind, plan)


def _preview_page(
    request: HttpRequest, kind: str, plan: Sequence[complaints.Proposal], *, problem: str = "", status: int = 200
) -> HttpResponse:
    ready = [one for one in plan if one.to is not None]
    context = {
        **_frame(request, "分派预览"),
        "kind": kind,
        "kind_word": queues.KINDS[kind],
        "plan": [(one, case_address(one.matter), state_of(one.matter, "officer")) for one in plan],
        "ready": ready,
        "left_out": len(plan) - len(ready),
        "over": sum(one.over_cap for one in ready),
        "overrides": any(may(Actor.of(request), "complaints.override_workload", one.matter) for one in ready),
        "takers": _tally(ready),
        "problem": problem,
        "back_url": f"{reverse('admin:complaints_queue')}?kind={kind}&box=unassigned",
        "key": uuid.uuid4(),
    }
    return TemplateResponse(request, "admin/complaints_assign.html", context, status=status)


def _tally(ready: Sequence[complaints.Proposal]) -> list[tuple[str, int]]:
    """How many each officer would get."""
    counts: dict[str, int] = {}
    for one in ready:
        assert one.to is not None
        counts[one.to.name] = counts.get(one.to.name, 0) + 1
    return sorted(counts.items(), key=lambda pair: -pair[1])


@require_POST
def assign(request: HttpRequest) -> HttpResponse:
    """Do what the preview showed, in one transaction; what changed since is named, and then nothing is done."""
    by = Actor.of(request)
    if not _dispatches(by):
        raise NotAllowed
    kind, _, _ = _chosen(request)
    try:
        rows = [one.split("|", 2) for one in request.POST.getlist("row")]
        wanted = [(int(pk), int(to), stood) for pk, to, stood in rows]
    except ValueError:
        raise Invalid("页面不完整，请回到队列重新选择") from None
    key = request.POST.get("key", "")
    if len(key) < 8:
        raise Invalid("页面不完整，请刷新后再办")
    override = request.POST.get("override", "")
    body = {"kind": kind, "rows": sorted(request.POST.getlist("row")), "override": override}
    back = f"{reverse('admin:complaints_queue')}?kind={kind}&box=unassigned"
    try:
        outcome = once(
            principal_of(by),
            key[:128],
            fingerprint("POST", request.path, body),
            lambda: (200, complaints.assign_many(kind, wanted, by=by, override=override)),
        )
    except NotFound:
        raise
    except PortalError as error:
        plan = complaints.propose_assignments(kind, [pk for pk, _, _ in wanted], by=by)
        return _preview_page(request, kind, plan, problem=error.message, status=error.status)
    messages.success(request, f"已分派 {outcome.reference} 件。")
    return redirect(back)


class HandOverForm(forms.Form):
    """From whom, to whom, why."""

    from_user = forms.TypedChoiceField(label="交出", coerce=int, error_messages={"required": "选交出的人员"})
    to_user = forms.TypedChoiceField(label="接收", coerce=int, error_messages={"required": "选接收的人员"})
    note = forms.CharField(
        label="原因",
        help_text="写进每个期限的备注，如「调离本所」",
        min_length=5,
        max_length=200,
        error_messages={"required": "写明原因，至少 5 个字", "min_length": "原因至少写 5 个字"},
    )

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("from_user", "to_user"):
            choice: Any = self.fields[name]
            choice.choices = [("", "请选择"), *people]

    def clean(self) -> dict[str, Any]:
        """Two different people."""
        data = super().clean() or {}
        if data.get("from_user") and data.get("from_user") == data.get("to_user"):
            self.add_error("to_user", "交出和接收不能是同一人")
        return data


def hand_over(request: HttpRequest) -> HttpResponse:
    """交接: every open matter of an officer who leaves or moves, listed first, then moved in one transaction."""
    by = Actor.of(request)
    if not _dispatches(by):
        raise NotAllowed
    people = officers_of(by, gone=True)
    form = HandOverForm(request.POST or None, people=people)
    listed, status = [], 200
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        listed = open_matters(data["from_user"], by)
        # Confirmed is what was listed: after another choice it is listed again.
        if request.POST.get("confirm") == f"{data['from_user']}:{data['to_user']}":
            key = request.POST.get("key", "")
            if len(key) < 8:
                raise Invalid("页面不完整，请刷新后再办")
            body = {name: str(data[name]) for name in sorted(data)}
            try:
                outcome = once(
                    principal_of(by),
                    key[:128],
                    fingerprint("POST", request.path, body),
                    lambda: (200, complaints.hand_over(data["from_user"], data["to_user"], data["note"], by=by)),
                )
            except PortalError as error:
                put_on_form(form, error)
                status = error.status
            else:
                messages.success(request, f"已交接 {sum(outcome.reference.values())} 件，期限上都写了备注。")
                return redirect("admin:complaints_queue")
    elif request.method == "POST":
        status = 400
    context = {
        **_frame(request, "工作交接"),
        "form": form,
        "listed": [(row, case_address(row), state_of(row, "officer")) for row in listed],
        "asked": f"{form.data['from_user']}:{form.data['to_user']}" if form.is_bound and form.is_valid() else "",
        "key": request.POST.get("key") or uuid.uuid4(),
    }
    return TemplateResponse(request, "admin/complaints_hand_over.html", context, status=status)


def open_matters(user_id: int, by: Actor) -> list[Any]:
    """What an officer has open among what ``by`` sees, by due date."""
    found: list[Any] = []
    for model in queues.MODELS.values():
        rows = model._default_manager.visible_to(by).handled_by(user_id)
        found += rows.select_related("merchant", "region")[:500]
    return found

"""The telephone desk for officers: who calls, three fields saved while they talk, and what becomes of the call."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from complaints.actions import calls
from complaints.admin.new_pages import narrow
from complaints.admin.queue import case_address
from complaints.callers import caller_of
from complaints.forms import desk as forms
from complaints.models import CallDraft, Complaint, Consultation, ViolationReport
from complaints.models.clocks import Subject
from core.actors import Actor
from core.api.once import principal_of
from core.case_admin import put_on_form
from core.case_panels import FACT_WORDS, VERB_WORDS
from core.clocks import local
from core.errors import Invalid, NotFound, PortalError
from core.idempotency import fingerprint, once
from core.identifiers import clean_public_code
from core.permissions import require
from core.templatetags.portal_ui import state_of
from core.transactions import durably
from prepaid.views.posting import page_number

VERB_WORDS.update(
    {
        "call.start": "接听来电",
        "call.number": "更正来电号码",
        "call.file": "来电已登记",
        "call.discard": "来电作废",
        "complaint.call_in": "来电",
        "report.call_in": "来电",
        "consultation.call_in": "来电",
        "contact.mark_abuse": "标记辱骂、威胁",
        "contact.clear_abuse": "取消辱骂、威胁标记",
    }
)
FACT_WORDS.update({"abusive": "辱骂、威胁"})
ROWS = 30
JSON = "application/json"


def _frame(request: HttpRequest, title: str) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": title}


def _desk(request: HttpRequest) -> Actor:
    by = Actor.of(request)
    require(by, "complaints.answer_calls")
    return by


def _one(pk: int, by: Actor, *, ended: bool = False) -> CallDraft:
    """A call of the officer's desk. Raises NotFound."""
    rows = CallDraft.objects.visible_to(by)
    draft = (rows if ended else rows.open()).select_related("officer", "region").filter(pk=pk).first()
    if draft is None:
        raise NotFound("没有这份来电，或者已经登记、作废")
    return draft


def _once(request: HttpRequest, by: Actor, work: Callable[[], Any]) -> Any:
    key = request.POST.get("key", "")
    if len(key) < 8:
        raise Invalid("页面不完整，请刷新后再办")
    body = {name: value for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
    print_ = fingerprint("POST", request.path, body)
    return once(principal_of(by), key[:128], print_, lambda: (200, work())).reference


@require_http_methods(["GET", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """Calls that are neither filed nor discarded, one's own first; a number typed here begins a call."""
    by = _desk(request)
    form = forms.CallForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            pk = _once(request, by, lambda: calls.start_call(form.cleaned_data["phone"], by=by).pk)
            return redirect("admin:complaints_call", pk)
        except Invalid as error:
            put_on_form(form, error)
    assert by.user is not None
    before = page_number(request.GET.get("before"))
    found = CallDraft.objects.visible_to(by).open().select_related("officer", "region").order_by("-id")
    rows = list((found.filter(pk__lt=before) if before else found)[: ROWS + 1])
    shown = rows[:ROWS]
    context = {
        **_frame(request, "电话接听台"),
        "form": form,
        "key": uuid.uuid4(),
        "rows": [*(row for row in shown if row.officer == by.user), *(row for row in shown if row.officer != by.user)],
        "older": shown[-1].pk if len(rows) > ROWS else None,
        "me": by.user,
    }
    return TemplateResponse(request, "admin/complaints/desk.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """One call: the three fields, and beside them what is known by the number. A POST saves, with or without script."""
    by = _desk(request)
    draft = _one(pk, by, ended=request.method == "POST")
    start = {name: getattr(draft, name) for name in ("name", "shop", "story", "version")}
    start["phone"] = draft.phone.removeprefix("+86")
    form = forms.TalkForm(request.POST or None, initial=start)
    if request.method == "POST":
        return _save(request, draft, form, by)
    return _call_page(request, draft, form, by)


def _save(request: HttpRequest, draft: CallDraft, form: Form, by: Actor) -> HttpResponse:
    silently = request.headers.get("Accept") == JSON
    status = 400
    if form.is_valid():
        data = form.cleaned_data
        typed = calls.Typed(**{name: data[name] for name in ("name", "phone", "shop", "story")})
        try:
            saved = durably(lambda: calls.save_call(draft.pk, typed, version=data["version"], by=by))
        except PortalError as error:
            put_on_form(form, error)
            status = error.status
        else:
            if silently:
                seen = saved.phone_idx == draft.phone_idx
                at = f"{local(saved.saved_at):%H:%M:%S}"
                return JsonResponse({"version": saved.version, "saved": f"{at} 已保存", "other_number": not seen})
            onward = request.POST.get("then", "")
            if onward in ("file", "join", "discard"):
                return redirect(f"admin:complaints_call_{onward}", draft.pk)
            messages.success(request, "已保存。")
            return redirect("admin:complaints_call", draft.pk)
    if silently:
        said = "；".join(str(text) for texts in form.errors.values() for text in texts)
        return JsonResponse({"message": said or "没有存上"}, status=status)
    return _call_page(request, draft, form, by, status=status)


def _call_page(request: HttpRequest, draft: CallDraft, form: Form, by: Actor, *, status: int = 200) -> HttpResponse:
    caller = caller_of(draft, by=by)
    context = {
        **_frame(request, "来电"),
        "draft": draft,
        "form": form,
        "caller": caller,
        "matters": [
            (row, row.respondent or row._meta.verbose_name, case_address(row), state_of(row, "officer"))
            for row in caller.matters
        ],
    }
    return TemplateResponse(request, "admin/complaints/desk_call.html", context, status=status)


def _step(
    request: HttpRequest, draft: CallDraft, form: Any, by: Actor, work: Callable[[], Any], done: str, **page: Any
) -> HttpResponse:
    """Ask once more with the effect; then do it once, and go where it leads."""
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                address = _once(request, by, work)
            except PortalError as error:
                if error.status in (401, 403, 404):
                    raise
                put_on_form(form, error)
                status = error.status
            else:
                messages.success(request, done)
                return redirect(address)
    context = {
        **_frame(request, page["title"]), **page, "draft": draft, "form": form,
        "back": reverse("admin:complaints_call", args=[draft.pk]), "key": request.POST.get("key") or uuid.uuid4(),
    }  # fmt: skip
    return TemplateResponse(request, "admin/complaints/desk_step.html", context, status=status)


@require_http_methods(["GET", "POST"])
def call_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a complaint, report, question or petition of the call."""
    by = _desk(request)
    draft = _one(pk, by)
    form = forms.FilingForm(request.POST or None, case=draft)
    narrow(form.fields["region"], by)

    def work() -> str:
        data = form.cleaned_data
        filing = calls.Filing(
            kind=calls.CallKind(data["kind"]), merchant_id=int(data["merchant"]) if data["merchant"] else None,
            region_code=data["region"], respondent_address=data["respondent_address"], cause=data["cause"],
            claim=data["claim"], claim_fen=data["claim_fen"], reply=data["text"], abuse=data["abuse"],
        )  # fmt: skip
        intake = calls.file_call(draft.pk, filing, by=by)
        return case_address(intake.receipts.order_by("pk")[0].matter)

    return _step(
        request, draft, form, by, work, "已登记，期限从来电时间起算。", title="登记来电", button="登记", icon="check",
        effect="按来电时间登记，各起期限；这次通话算首次联系。来电人收到查询码。登记后这份来电清空，内容在案件里。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def call_join(request: HttpRequest, pk: int) -> HttpResponse:
    """The call was about a matter that is there."""
    by = _desk(request)
    draft = _one(pk, by)
    start = {"code": request.GET.get("code", "")[:24]}
    form = forms.JoinForm(request.POST or None, case=draft, initial=start)

    def work() -> str:
        matter = _matter(form.cleaned_data["code"], by)
        return case_address(calls.note_call(draft.pk, matter, by=by, abuse=form.cleaned_data["abuse"]))

    return _step(
        request, draft, form, by, work, "已记到案件。", title="记到已有的案件", button="记一次来电", icon="doc",
        effect="「什么事」里写的记成这件案件的一次来电联系，这份来电清空。",
    )  # fmt: skip


def _matter(typed: str, by: Actor) -> Subject:
    """The matter with this code that the officer sees. Raises Invalid."""
    code = clean_public_code(typed)
    models: tuple[Any, ...] = (Complaint, ViolationReport, Consultation)
    for model in models:
        found: Subject | None = model.objects.visible_to(by).filter(code=code).first()
        if found is not None:
            return found
    raise Invalid(fields={"code": "没有这个查询码，或者不在您的辖区"})


@require_http_methods(["GET", "POST"])
def call_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing comes of the call, and why."""
    by = _desk(request)
    draft = _one(pk, by)
    form = forms.DiscardForm(request.POST or None, case=draft)

    def work() -> str:
        data = form.cleaned_data
        calls.discard_call(draft.pk, data["reason"], abusive=data["abusive"], by=by)
        return reverse("admin:complaints_desk")

    return _step(
        request, draft, form, by, work, "已作废，理由已留痕。", title="作废来电", button="作废", icon="x", caution=True,
        effect="不登记成案件。写的内容和理由留着备查；标了辱骂、威胁的，这个号码下次来电会提示。",
    )  # fmt: skip

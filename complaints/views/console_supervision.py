"""The shop's side of supervision: notices to acknowledge and answer, interviews, warnings to reply to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from complaints import actions as complaints
from complaints.forms.supervision import AnswerForm, FixForm, ReplyForm
from complaints.models import ConsumerWarning, RegulatoryInterview, SupervisionNotice
from complaints.models.supervision import NOTICE_LIFECYCLE, UNANSWERED
from core.calendar import business_date
from core.errors import NotFound, PortalError
from core.identifiers import clean_public_code
from core.uploads import store as keep_file
from merchants.views.desk import Desk, for_shop, once_by_form, own, page_of, put_errors, shop_page
from prepaid.views.posting import fresh_key

SHOWN = 20


@for_shop()
@require_GET
def supervision(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Everything the bureau wants of the shop, the newest first."""
    notices, following = page_of(SupervisionNotice.objects.visible_to(desk.by).filter(merchant=desk.merchant), request)
    context = {
        "notices": notices,
        "next": following,
        "interviews": RegulatoryInterview.objects.filter(merchant=desk.merchant)[:SHOWN],
        "warnings": ConsumerWarning.objects.visible_to(desk.by).filter(merchant=desk.merchant)[:SHOWN],
        "today": business_date(),
    }
    return shop_page(request, desk, "complaints/console/supervision.html", context)


def _notice(desk: Desk, code: str) -> SupervisionNotice:
    rows = SupervisionNotice.objects.visible_to(desk.by).select_related("merchant__region", "region")
    return own(rows, merchant=desk.merchant, code=clean_public_code(code))


def _fix_form(notice: SupervisionNotice, *posted: Any) -> FixForm:
    return FixForm(*posted, items=[(item.pk, item.text) for item in notice.items.all()])


@for_shop()
@require_GET
def notice(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """One notice: why, what to put right, how far it is."""
    row = _notice(desk, code)
    return _notice_page(request, desk, row, _fix_form(row), AnswerForm())


def _notice_page(
    request: HttpRequest, desk: Desk, row: SupervisionNotice, fix: FixForm, answer: AnswerForm
) -> HttpResponse:
    allowed = NOTICE_LIFECYCLE.allowed(row, desk.by)
    context = {
        "notice": row,
        "items": row.items.select_related("proof"),
        "fix": fix,
        "answer": answer,
        "may_acknowledge": "acknowledge" in allowed,
        "may_fix": desk.is_owner and row.status in UNANSWERED,
        "may_report": "report" in allowed and not row.items_open,
        "key": fresh_key(),
        "today": business_date(),
    }
    failed = fix.errors or answer.errors
    return shop_page(request, desk, "complaints/console/notice.html", context, status=400 if failed else 0)


@for_shop()
@require_http_methods(["POST"])
def notice_step(request: HttpRequest, desk: Desk, code: str, step: str) -> HttpResponse:
    """Acknowledge, say what was put right, or report; what is refused stands on the form."""
    row = _notice(desk, code)
    fix = _fix_form(row, request.POST, request.FILES) if step == "fix" else _fix_form(row)
    answer = AnswerForm(request.POST) if step == "report" else AnswerForm()
    form: forms.Form | None = {"fix": fix, "report": answer}.get(step)
    if step not in ("acknowledge", "fix", "report"):
        raise NotFound
    if form is not None and not form.is_valid():
        return _notice_page(request, desk, row, fix, answer)
    try:
        once_by_form(request, desk.by, lambda: _take(desk, row, step, form))
    except PortalError as error:
        if form is None or error.status in (401, 403, 404):
            raise
        put_errors(form, error)
        return _notice_page(request, desk, row, fix, answer)
    messages.success(request, {"acknowledge": "已签收", "fix": "已记下整改情况"}.get(step, "已报告，等核验"))
    return redirect("complaints:merchant_notice", row.code)


def _take(desk: Desk, row: SupervisionNotice, step: str, form: forms.Form | None) -> int:
    data = form.cleaned_data if form is not None else {}
    if step == "acknowledge":
        return int(complaints.acknowledge_notice(row.pk, by=desk.by).pk)
    if step == "fix":
        proof = keep_file(data["proof"], title="整改证据", by=desk.by) if data["proof"] else None
        return int(complaints.fix_item(int(data["item"]), data["note"], by=desk.by, proof=proof).pk)
    return int(complaints.report_rectified(row.pk, data["text"], by=desk.by).pk)


@for_shop()
@require_http_methods(["GET", "POST"])
def warning(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """A warning that names the shop, and the shop's right of reply."""
    rows = ConsumerWarning.objects.visible_to(desk.by).select_related("region")
    row = own(rows, merchant=desk.merchant, code=clean_public_code(code))
    form = ReplyForm(request.POST or None, initial={"text": row.reply})
    if request.method == "POST" and form.is_valid():
        try:
            once_by_form(
                request, desk.by,
                lambda: complaints.reply_to_warning(row.pk, form.cleaned_data["text"], by=desk.by).pk,
            )  # fmt: skip
        except PortalError as error:
            if error.status in (401, 403, 404):
                raise
            put_errors(form, error)
        else:
            messages.success(request, "已记下，和警示一起公布")
            return redirect("complaints:merchant_warning", row.code)
    context = {
        "warning": row,
        "form": form,
        "key": fresh_key(),
        "may_reply": desk.is_owner and row.status != "WITHDRAWN",
    }
    return shop_page(request, desk, "complaints/console/warning.html", context)

"""The custodian's staff and officers bring a daily file by hand, and see how far its import is."""

from __future__ import annotations

from typing import Any, BinaryIO

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST, require_safe

from core.actors import Actor
from core.errors import NotFound, PortalError
from core.permissions import may, require
from core.transactions import durably
from prepaid import actions as prepaid
from prepaid.bank_files.shelf import shelve
from prepaid.models import BankFile, DailyEquation, ReconciliationCase
from prepaid.models.reconciliation import BANK_FILE_LIFECYCLE
from prepaid.views.posting import fresh_key, opened_status, page_number, show_on, try_once

ROWS = 20
DAYS = 7
OPEN_LINES = 50


class UploadForm(forms.Form):
    """One file; its form is told by its content."""

    file = forms.FileField(
        label="日终文件",
        help_text="存管银行的原始文件：CSV（UTF-8 或 GBK）、XLSX 或 camt.053 XML，不要压缩，最大 1 GB",
        error_messages={"required": "选一个日终文件", "empty": "文件是空的，请重新下载"},
    )


@require_safe
def bank_files(request: HttpRequest) -> HttpResponse:
    """The files so far, the last days, and the form."""
    return _page(request, UploadForm())


def _page(request: HttpRequest, form: UploadForm) -> HttpResponse:
    by = Actor.of(request)
    require(by, "prepaid.view_reconciliation")
    rows = BankFile.objects.visible_to(by).order_by("-id")
    before = page_number(request.GET.get("before"))
    page = list((rows.filter(pk__lt=before) if before else rows)[: ROWS + 1])
    context = {
        "form": form,
        "may_upload": may(by, "prepaid.upload_bank_file"),
        "rows": page[:ROWS],
        "older": page[ROWS - 1].pk if len(page) > ROWS else None,
        "days": DailyEquation.objects.visible_to(by)[:DAYS],
        "waiting": ReconciliationCase.objects.visible_to(by).open().count(),
    }
    return render(request, "prepaid/custodian/files.html", context, status=opened_status(form))


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Keep the file and promise its import; the same file again leads to the same page."""
    by = Actor.of(request)
    require(by, "prepaid.upload_bank_file")
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form)
    sent: UploadedFile = form.cleaned_data["file"]

    def copy(into: BinaryIO) -> None:
        for chunk in sent.chunks():
            into.write(chunk)

    try:
        shelved = shelve(copy)
        file = durably(lambda: prepaid.receive_bank_file(shelved, sent.name or "", by=by))
    except PortalError as error:
        if error.status in (403, 404):
            raise
        show_on(form, error)
        return _page(request, form)
    return redirect("prepaid:bank_file", pk=file.pk)


@require_GET
def bank_file(request: HttpRequest, pk: int) -> HttpResponse:
    """How far one file is, what it said, and what of it waits."""
    return _file_page(request, _found(request, pk), None)


def _file_page(request: HttpRequest, file: BankFile, form: forms.Form | None) -> HttpResponse:
    by = Actor.of(request)
    lines = file.waiting_lines()
    context: dict[str, Any] = {
        "file": file,
        "form": form,
        "share": file.done_count * 100 // file.line_count if file.line_count else 0,
        "lines": lines[:OPEN_LINES],
        "day": DailyEquation.objects.visible_to(by).filter(on=file.on).first() if file.on else None,
        "key": fresh_key(),
        "may_retry": "retry" in BANK_FILE_LIFECYCLE.allowed(file, by),
    }
    return render(request, "prepaid/custodian/file.html", context, status=opened_status(form))


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Import once more."""
    file, form = _found(request, pk), forms.Form(request.POST)
    form.is_valid()
    if try_once(request, form, lambda by: prepaid.retry_bank_file(file.pk, by=by).pk) is None:
        return _file_page(request, file, form)
    return redirect("prepaid:bank_file", pk=file.pk)


def _found(request: HttpRequest, pk: int) -> BankFile:
    file = BankFile.objects.visible_to(Actor.of(request)).filter(pk=pk).first()
    if file is None:
        raise NotFound
    return file

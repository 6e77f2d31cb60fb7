"""The shop's filing (备案): must I, by when and why; the form with its evidence; the quarterly reports."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.calendar import business_date
from core.errors import NotAllowed, NotFound, PortalError
from core.transactions import durably
from core.uploads import store as keep_file
from merchants.views.desk import Desk, for_shop, own, put_errors, shop_page
from prepaid import actions as prepaid
from prepaid.filing_facts import known_of, need_in, need_of, quarter_figures, quarter_start
from prepaid.filing_need import Facts
from prepaid.forms.filings import CancelForm, DocumentForm, FilingForm, ReportForm, WhatIfForm
from prepaid.models import Filing, FilingDocument, FilingReport
from prepaid.models.filings import FILING_LIFECYCLE

FIELDS = ("issuer_class", "started_on", "statement", "group_name", "revenue_fen", "capital_fen", "custody_bank")
REPORTS = 8
FIGURE_WORDS = {
    "opening_fen": "季初余额",
    "received_fen": "本季收到",
    "released_fen": "本季消费后付给您",
    "refunded_fen": "本季退款",
    "closing_fen": "季末余额",
}


def _filing(desk: Desk) -> Filing:
    """The shop's filing, or an empty one that is not saved."""
    return Filing.objects.filter(merchant=desk.merchant).first() or Filing(merchant=desk.merchant)


def _owner_only(desk: Desk) -> None:
    if not desk.is_owner:
        raise NotAllowed("只有负责人能办备案")


def _shown(filing: Filing) -> dict[str, Any]:
    """The form's values: what waits for acceptance before what was accepted."""
    return {name: filing.pending.get(name, getattr(filing, name)) for name in FIELDS}


@for_shop()
@require_http_methods(["GET", "POST"])
def filing(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Where the filing stands and why; saving the form, or declaring a change of one that was accepted."""
    row = _filing(desk)
    form = FilingForm(desk.merchant, request.POST or None, initial=_shown(row))
    if request.method == "POST":
        _owner_only(desk)
        if form.is_valid():
            try:
                saved = durably(lambda: prepaid.save_filing(desk.merchant.pk, form.cleaned_data, by=desk.by))
            except PortalError as error:
                put_errors(form, error)
            else:
                changed = saved.status == Filing.Status.CHANGED
                messages.success(request, "变更已提交，受理前按原来的公示" if changed else "已保存，传好材料再提交")
                return redirect("prepaid:merchant_filing")
    return _page(request, desk, row, form)


def _page(request: HttpRequest, desk: Desk, row: Filing, form: FilingForm, upload: Any = None) -> HttpResponse:
    today = business_date()
    known = known_of(desk.merchant.pk)
    reports = FilingReport.objects.visible_to(desk.by).filter(merchant=desk.merchant)
    context = {
        "filing": row,
        "form": form,
        "upload": upload or DocumentForm(),
        "documents": list(row.documents.select_related("file")) if row.pk else [],
        "need": need_of(known, today) if known else None,
        "facts": known.facts if known else None,
        "may": {name: name in FILING_LIFECYCLE.allowed(row, desk.by) for name in ("file", "change", "cancel")},
        "reports": list(reports.order_by("-quarter_end")[:REPORTS]),
        "today": today,
    }
    status = 400 if form.errors or (upload is not None and upload.errors) else 0
    return shop_page(request, desk, "prepaid/console/filing.html", context, status=status)


@for_shop()
@require_POST
def filing_submit(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Hand it in; what is missing comes back on the form."""
    row = _filing(desk)
    try:
        durably(lambda: prepaid.submit_filing(desk.merchant.pk, by=desk.by))
    except PortalError as error:
        if error.status in (403, 404):
            raise
        form = FilingForm(desk.merchant, _shown(row) | {"issuer_class": row.issuer_class}, initial=_shown(row))
        form.is_valid()
        put_errors(form, error)
        return _page(request, desk, row, form)
    messages.success(request, "备案已提交，受理后公示页会显示编号")
    return redirect("prepaid:merchant_filing")


@for_shop()
@require_POST
def filing_document(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Keep one piece of evidence, checked by its content."""
    _owner_only(desk)
    row, upload = _filing(desk), DocumentForm(request.POST, request.FILES)
    if upload.is_valid():
        kind = upload.cleaned_data["kind"]
        try:
            file = keep_file(upload.cleaned_data["file"], title=FilingDocument.Kind(kind).label, by=desk.by)
            durably(lambda: prepaid.add_document(desk.merchant.pk, kind, file, by=desk.by))
        except PortalError as error:
            put_errors(upload, error)
        else:
            messages.success(request, f"已上传{FilingDocument.Kind(kind).label}")
            return redirect("prepaid:merchant_filing")
    return _page(request, desk, row, FilingForm(desk.merchant, initial=_shown(row)), upload)


@for_shop()
@require_POST
def filing_document_drop(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """Take one back before it is handed in."""
    durably(lambda: prepaid.drop_document(desk.merchant.pk, pk, by=desk.by))
    messages.success(request, "已删去这份材料")
    return redirect("prepaid:merchant_filing")


@for_shop()
@require_http_methods(["GET", "POST"])
def filing_cancel(request: HttpRequest, desk: Desk) -> HttpResponse:
    """End the filing once nothing is owed on any card."""
    row = own(Filing.objects.visible_to(desk.by), merchant=desk.merchant)
    _owner_only(desk)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            durably(lambda: prepaid.cancel_filing(row.pk, form.cleaned_data["reason"], by=desk.by))
        except PortalError as error:
            put_errors(form, error)
        else:
            messages.success(request, "备案已注销")
            return redirect("prepaid:merchant_filing")
    known = known_of(desk.merchant.pk)
    context = {"filing": row, "form": form, "facts": known.facts if known else None}
    return shop_page(request, desk, "prepaid/console/filing_cancel.html", context)


@for_shop()
@require_GET
def filing_what_if(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Other numbers, other answer: the same pure function, nothing written."""
    known, today = known_of(desk.merchant.pk), business_date()
    facts = known.facts if known else Facts(desk.merchant.industry.sector, desk.merchant.kind)
    start = {**asdict(facts), "region": desk.merchant.region_id, "sector": facts.sector or "-"}
    form = WhatIfForm(desk.merchant.region, request.GET or None, initial=start)
    need = None
    if form.is_valid():
        given = form.cleaned_data
        tried = Facts(
            sector="" if given["sector"] == "-" else given["sector"],
            entity=given["entity"],
            first_sale_on=given["first_sale_on"],
            balance_fen=given["balance_fen"] or 0,
            receipts_fen=given["receipts_fen"] or 0,
            cards=given["cards"] or 0,
            unlocked_fen=given["unlocked_fen"] or 0,
            issuer_class=facts.issuer_class,
        )
        need = need_in(given["region"], tried, today)
    return shop_page(request, desk, "prepaid/console/filing_what_if.html", {"form": form, "need": need, "today": today})


@for_shop()
@require_http_methods(["GET", "POST"])
def filing_report(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """One quarter: the ledger's figures, confirmed by the shop."""
    row = FilingReport.objects.visible_to(desk.by).filter(merchant=desk.merchant, pk=pk).first()
    if row is None:
        raise NotFound
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            durably(lambda: prepaid.submit_report(row.pk, remark=form.cleaned_data["remark"], by=desk.by))
        except PortalError as error:
            if error.status in (403, 404):
                raise
            put_errors(form, error)
        else:
            messages.success(request, f"{row.quarter_name}的报告已报送")
            return redirect("prepaid:merchant_filing")
    done = row.status == FilingReport.Status.SUBMITTED
    figures = row.figures if done else quarter_figures(desk.merchant.pk, row.quarter_end)
    context = {
        "report": row,
        "form": form,
        "done": done,
        "start": quarter_start(row.quarter_end),
        "figures": [(word, figures[name]) for name, word in FIGURE_WORDS.items()],
        "cards": figures["cards"],
        "today": business_date(),
    }
    return shop_page(request, desk, "prepaid/console/filing_report.html", context)

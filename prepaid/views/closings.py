"""Closing shops in public, and the holder's page: told, and choose right there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from core.actors import Actor
from core.calendar import business_date
from core.errors import NotFound
from core.identifiers import clean_public_code
from core.money import yuan
from prepaid import actions as prepaid
from prepaid.claims import LIVE
from prepaid.closing_reports import further, progress, run_off_progress
from prepaid.forms.closings import ChoiceForm
from prepaid.models import ClosingNotice, Contract, HolderNotice, RunOffClaim
from prepaid.views.consumer import card_of, my_contract, person
from prepaid.views.consumer_refunds import quote
from prepaid.views.posting import fresh_key, opened_status, page_number, try_once

A_PAGE = 20
Choice = HolderNotice.Choice


@login_not_required
@require_GET
def closings(request: HttpRequest) -> HttpResponse:
    """Every shop that closes or is gone, the newest first."""
    rows = ClosingNotice.objects.public().select_related("merchant__region", "merchant__industry", "store")
    before = page_number(request.GET.get("before"))
    found = list((rows.filter(pk__lt=before) if before else rows).order_by("-pk")[: A_PAGE + 1])
    context = {
        "nav_current": "portal:shops",
        "rows": found[:A_PAGE],
        "next": found[A_PAGE - 1].pk if len(found) > A_PAGE else None,
    }
    return render(request, "prepaid/closings/list.html", context)


@login_not_required
@require_GET
def closing(request: HttpRequest, code: str) -> HttpResponse:
    """One notice with how far it has come, in sums: no names, no phones, no cards."""
    rows = ClosingNotice.objects.public().select_related("merchant__region", "store", "successor", "verified_by")
    notice = rows.filter(code=clean_public_code(code)).first()
    if notice is None:
        raise NotFound
    run_off = notice.run_offs.exclude(status="REJECTED").order_by("-pk").first()
    mine: list[HolderNotice] = []
    if request.user.is_authenticated:
        own = Contract.objects.held_by(person(request)).values("pk")
        mine = list(HolderNotice.objects.filter(notice=notice, contract__in=own).select_related("contract__plan"))
    context = {
        "nav_current": "portal:shops",
        "notice": notice,
        "done": progress(notice),
        "run_off": run_off,
        "sums": run_off_progress(run_off) if run_off else None,
        "mine": mine,
        "further": further(notice.merchant_id),
        "today": business_date(),
    }
    return render(request, "prepaid/closings/notice.html", context)


@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest, code: str) -> HttpResponse:
    """What the notice says, what the law gives back to the fen, and three ways; one tap decides."""
    contract = my_contract(request, code)
    rows = HolderNotice.objects.filter(contract=contract).select_related("notice__merchant", "notice__store")
    row = rows.select_related("notice__successor", "refund").order_by("-pk").first()
    if row is None:
        raise NotFound
    is_holder = contract.holder_id == person(request).pk
    form = ChoiceForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        choice = form.cleaned_data["choice"]
        if try_once(request, form, lambda by: prepaid.choose_settlement(row.pk, choice, by=by).pk):
            row.refresh_from_db()
            messages.success(request, _said(row))
            return redirect("prepaid:closing_choice", contract.code)
    elif request.method == "GET" and is_holder and row.read_at is None:
        prepaid.read_notice(row.pk, by=Actor.of(request))
    today = business_date()
    context: dict[str, Any] = {
        "nav_current": "prepaid:my_prepaid",
        "contract": contract,
        "card": card_of(contract, person(request)),
        "row": row,
        "notice": row.notice,
        "form": form,
        "may_choose": is_holder and row.notice.is_choosing and row.settled_at is None and contract.status in LIVE,
        "claim": RunOffClaim.objects.filter(contract=contract).select_related("refund", "run_off").last(),
        "today": today,
        "key": fresh_key(),
    }
    if context["may_choose"]:
        context["quote"] = quote(contract, "MERCHANT", today)
    return render(request, "prepaid/closings/choose.html", context, status=opened_status(form))


def _said(row: HolderNotice) -> str:
    if row.choice == Choice.REFUND and row.refund:
        return f"已同意退款 ¥{yuan(row.refund.amount_fen)}，银行打回付款账户，不用商家同意。"
    if row.choice == Choice.TRANSFER:
        return "卡已转到接手的店。" if row.settled_at else "已记下，接手的店同意后就转过去；没转成的到期自动退款。"
    return f"已记下。请在 {row.notice.closes_on:%m月%d日} 前用完，没用完的自动退款。"

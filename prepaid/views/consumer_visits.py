"""The consumer's word on a visit: it was me, it was not, I was there."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from core.actors import Actor
from core.calendar import business_date
from core.errors import Frozen
from core.money import yuan
from prepaid import actions as prepaid
from prepaid.forms.consumer import DisputeForm, VisitForm
from prepaid.models import Contract, Visit
from prepaid.views.consumer import card_of, my_contract, my_visit, person
from prepaid.views.consumer_cards import asks
from prepaid.views.device import on_known_device
from prepaid.views.posting import act_once, fresh_key, opened_status, try_once

NOT_ME = "我没消费"


@require_http_methods(["GET", "POST"])
@on_known_device
def confirm(request: HttpRequest, code: str) -> HttpResponse:
    """「是我消费的」: what was held goes to the merchant."""
    visit = my_visit(request, code)
    if request.method == "POST":
        try:
            pk = act_once(request, lambda by: prepaid.confirm_visit(visit.pk, by=by).pk)
        except Frozen:
            messages.warning(request, "这家店的收款已冻结，现在确认不了。这笔钱先暂留，解冻以后再确认。")
            return redirect("prepaid:my_prepaid")
        paid = Visit.objects.get(pk=pk).amount_fen
        money = f"，付给商家 ¥{yuan(paid)}" if paid else ""
        messages.success(request, f"已确认「{visit.item}」{money}。")
        return redirect("prepaid:my_prepaid")
    return _page(request, visit, "prepaid/consumer/visit_confirm.html")


@require_http_methods(["GET", "POST"])
@on_known_device
def dispute(request: HttpRequest, code: str) -> HttpResponse:
    """「不对，我没消费」: the money stays held until it is settled; a reason may be given."""
    visit = my_visit(request, code)
    form = DisputeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"].strip() or NOT_ME
        if try_once(request, form, lambda by: prepaid.dispute_visit(visit.pk, reason, by=by).pk):
            held = f"暂留 ¥{yuan(visit.hold_fen)}，" if visit.hold_fen else ""
            messages.success(request, f"已记下您的异议。{held}先不付给商家，弄清楚之前谁也拿不走。")
            return redirect("prepaid:my_prepaid")
    return _page(request, visit, "prepaid/consumer/visit_dispute.html", form)


def _page(request: HttpRequest, visit: Visit, template: str, form: DisputeForm | None = None) -> HttpResponse:
    context = {
        "nav_current": "prepaid:my_prepaid",
        "visit": visit,
        "ask": asks([visit], business_date())[0],
        "form": form,
        "key": fresh_key(),
    }
    return render(request, template, context, status=opened_status(form))


@require_http_methods(["GET", "POST"])
@on_known_device
def report(request: HttpRequest, code: str) -> HttpResponse:
    """The consumer says they were there; it counts as confirmed at once."""
    contract = my_contract(request, code)
    form = VisitForm(contract, request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data

        def work(by: Actor) -> int:
            visit = prepaid.report_visit(
                contract.pk,
                data["store"].pk,
                data["item"],
                by=by,
                face_fen=data["face_fen"],
                times=data["times"],
            )
            return visit.pk

        pk = try_once(request, form, work)
        if pk:
            visit = Visit.objects.get(pk=pk)
            messages.success(request, f"已记下「{visit.item}」，付给商家 ¥{yuan(visit.amount_fen)}。")
            return redirect("prepaid:contract", contract.code)
    context = {
        "nav_current": "prepaid:my_prepaid",
        "contract": contract,
        "card": card_of(contract, person(request)),
        "form": form,
        "key": request.POST.get("key") or fresh_key(),
        "usable": contract.status == Contract.Status.ACTIVE,
    }
    return render(request, "prepaid/consumer/visit_report.html", context, status=opened_status(form))

"""From the offer to the card in use: sign, pay, top up, show, rest, share, stop the automatic payment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import segno
from django.contrib import messages
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_http_methods, require_POST

from core.actors import Actor
from core.calendar import business_date
from core.errors import PortalError
from prepaid import actions as prepaid
from prepaid.forms.consumer import PauseForm, TopUpForm, UserForm
from prepaid.models import Contract, Guardianship, Instalment, PaymentOrder, Plan, ShownCode, Visit
from prepaid.views.consumer import card_of, my_contract, person
from prepaid.views.device import on_known_device, proof_of
from prepaid.views.posting import act_once, fresh_key, opened_status, try_once

COUNTER_PLANS = (Plan.Kind.STORED_VALUE, Plan.Kind.COUNT)


def _show(request: HttpRequest, page: str, contract: Contract, form: Any = None, **extra: Any) -> HttpResponse:
    context = {
        "nav_current": "prepaid:my_prepaid",
        "contract": contract,
        "form": form,
        "key": request.POST.get("key") or fresh_key(),
        **extra,
    }
    return render(request, f"prepaid/consumer/{page}.html", context, status=opened_status(form))


@require_http_methods(["GET", "POST"])
@on_known_device
def sign(request: HttpRequest, code: str) -> HttpResponse:
    """All terms to read, then the signature: over exactly the text on the screen, by its hash."""
    contract = my_contract(request, code)
    if request.method == "POST":
        seen = request.POST.get("terms_hash", "")
        act_once(request, lambda by: prepaid.sign(contract.pk, by=by, terms_hash=seen, method=proof_of(request)).pk)
        return redirect("prepaid:contract_pay", contract.code)
    if contract.status == Contract.Status.SIGNED:
        return redirect("prepaid:contract_pay", contract.code)
    if contract.status != Contract.Status.OFFERED:
        return redirect("prepaid:contract", contract.code)
    may_sign = contract.holder_id == person(request).pk
    guarded = Guardianship.objects.filter(contract=contract).first()
    return _show(request, "sign", contract, may_sign=may_sign, guardianship=guarded)


@require_http_methods(["GET", "POST"])
def decline(request: HttpRequest, code: str) -> HttpResponse:
    """「不办了」: drop an offer, or a contract that was not paid."""
    contract = my_contract(request, code)
    if request.method == "POST":
        act_once(request, lambda by: prepaid.decline(contract.pk, by=by).pk)
        messages.success(request, f"已告诉{contract.merchant.brand_name}：不办了。没有付款。")
        return redirect("prepaid:my_prepaid")
    return _show(request, "decline", contract)


@require_http_methods(["GET", "POST"])
def pay(request: HttpRequest, code: str) -> HttpResponse:
    """The order at the custodian, then a plain link to its page: a form may only lead to ourselves."""
    contract = my_contract(request, code)
    order = PaymentOrder.objects.filter(contract=contract, status=PaymentOrder.Status.PENDING).first()
    legacy = (order.terms if order else contract.terms).get("legacy")
    if legacy and (order or contract.status == Contract.Status.SIGNED):
        messages.info(request, "这是您老卡里的钱，由店里存进银行，您不用付。")
        return redirect("prepaid:legacy_card", legacy)
    if request.method == "POST":
        # A top-up that the bank did not hear of is asked again; everything else is the first payment.
        again = order.pk if order and contract.status == Contract.Status.ACTIVE else None
        order_id = again or act_once(request, lambda by: prepaid.order_payment(contract.pk, by=by).pk)
        return _to_bank(request, contract, order_id)
    typed = contract.payment_kind != Contract.PaymentKind.PREPAID
    if order is None and (typed or contract.status != Contract.Status.SIGNED):
        return redirect("prepaid:contract", contract.code)
    return _show(request, "pay", contract, order=order)


def _to_bank(request: HttpRequest, contract: Contract, order_id: int) -> HttpResponse:
    """Ask the bank for its page; a bank that does not answer leaves the order as it is."""
    try:
        prepaid.pay_link(order_id)
    except PortalError as error:
        messages.error(request, error.message)
    return redirect("prepaid:contract_pay", contract.code)


@require_http_methods(["GET", "POST"])
def top_up(request: HttpRequest, code: str) -> HttpResponse:
    """Choose one of the shop's plans of the same kind; it becomes a lot with seven days of its own."""
    contract = my_contract(request, code)
    plans = Plan.objects.on_sale().filter(
        merchant=contract.merchant_id, kind=contract.kind, payment_kind=Contract.PaymentKind.PREPAID
    )
    plans = plans.order_by("price_fen")
    fits = contract.kind in COUNTER_PLANS and contract.status == Contract.Status.ACTIVE
    form = TopUpForm(plans if fits else [], request.POST or None)
    if request.method == "POST" and form.is_valid():
        plan = int(form.cleaned_data["plan"])
        order_id = try_once(request, form, lambda by: prepaid.order_top_up(contract.pk, plan, by=by).pk)
        if order_id:
            return _to_bank(request, contract, order_id)
    return _show(request, "top_up", contract, form, plans=plans if fits else [])


@require_http_methods(["GET", "POST"])
@on_known_device
def show_code(request: HttpRequest, code: str) -> HttpResponse:
    """Eight digits and their QR for the counter: for three minutes they are the confirmation, once."""
    contract = my_contract(request, code)
    user = person(request)
    if request.method == "POST":
        act_once(request, lambda by: prepaid.show_code(contract.pk, by=by).pk)
        return redirect("prepaid:contract_code", contract.code)
    shown = ShownCode.objects.filter(contract=contract, user=user).order_by("-pk").first()
    now = timezone.now()
    alive = shown is not None and shown.used_at is None and shown.expires_at > now
    used = shown is not None and shown.used_at is not None and (now - shown.used_at).total_seconds() < 600
    visit = None
    if used:
        by_code = Visit.objects.filter(contract=contract, started_by=Visit.StartedBy.SHOWN_CODE)
        visit = by_code.select_related("store").order_by("-pk").first()
    page = "code_live" if request.headers.get("HX-Request") else "code"
    return _show(
        request,
        page,
        contract,
        shown=shown if alive else None,
        picture=_qr(shown.code) if shown is not None and alive else "",
        visit=visit,
        usable=contract.status == Contract.Status.ACTIVE,
    )


def _qr(digits: str) -> SafeString:
    """The digits as a picture in the page, black on white in both themes."""
    picture = segno.make(digits, error="m", micro=False)
    # Digits only, drawn by the library: nothing that a person typed is in it.
    return mark_safe(picture.svg_inline(scale=8, border=3, light="#fff", dark="#000"))  # noqa: S308


@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, code: str) -> HttpResponse:
    """「停止自动付款」, with what it means in figures."""
    return _instalments(
        request,
        code,
        "stop",
        prepaid.stop_instalments,
        "已停止自动付款。剩下的钱不再付给商家，您可以申请退款，也可以再打开。",
    )


@require_http_methods(["GET", "POST"])
def restart(request: HttpRequest, code: str) -> HttpResponse:
    """The way back: let the periods still to come be paid again."""
    return _instalments(request, code, "restart", prepaid.restart_instalments, "已恢复自动付款。")


def _instalments(request: HttpRequest, code: str, page: str, action: Callable[..., Any], done: str) -> HttpResponse:
    contract = my_contract(request, code)
    if request.method == "POST":

        def work(by: Actor) -> int:
            action(contract.pk, by=by)
            return contract.pk

        act_once(request, work)
        messages.success(request, done)
        return redirect("prepaid:contract", contract.code)
    card, today = card_of(contract, person(request)), business_date()
    # A restart reaches the periods from today on; the days that passed while it was stopped stay unpaid.
    coming = [i for i in card.instalments if i.due_on >= today and i.state != Instalment.State.RELEASED]
    return _show(request, page, contract, card=card, coming=coming, coming_fen=sum(row.amount_fen for row in coming))


@require_http_methods(["GET", "POST"])
def pause(request: HttpRequest, code: str) -> HttpResponse:
    """Let the card rest: the term moves, instalments wait."""
    contract = my_contract(request, code)
    form = PauseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if try_once(request, form, lambda by: prepaid.pause(contract.pk, reason, by=by).pk):
            messages.success(request, "已停卡，从今天起时间不扣。")
            return redirect("prepaid:contract", contract.code)
    rested = contract.pauses.aggregate(sum=Sum("days"))["sum"] or 0
    return _show(request, "pause", contract, form, card=card_of(contract, person(request)), rested=rested)


@require_http_methods(["GET", "POST"])
def resume(request: HttpRequest, code: str) -> HttpResponse:
    """Go on after a pause."""
    contract = my_contract(request, code)
    if request.method == "POST":
        act_once(request, lambda by: prepaid.resume(contract.pk, by=by).pk)
        messages.success(request, "卡已恢复使用，停卡的天数已顺延。")
        return redirect("prepaid:contract", contract.code)
    card = card_of(contract, person(request))
    days = (business_date() - card.pause.starts_on).days if card.pause else 0
    counted = min(days, int(contract.terms["pause_days_max"]))
    return _show(request, "resume", contract, card=card, days=days, counted=counted)


@require_POST
def add_user(request: HttpRequest, code: str) -> HttpResponse:
    """Let somebody of the family use the card."""
    contract = my_contract(request, code)
    form = UserForm(request.POST)
    if form.is_valid():
        phone = form.cleaned_data["phone"]
        if try_once(request, form, lambda by: prepaid.add_user(contract.pk, phone, by=by).pk):
            messages.success(request, f"尾号 {phone.strip()[-4:]} 可以用这张卡了。")
            return redirect("prepaid:contract", contract.code)
    return _show(request, "users", contract, form)

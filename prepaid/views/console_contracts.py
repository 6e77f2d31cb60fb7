"""The shop's cards: found, looked at, sold, rested."""

from __future__ import annotations

from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import actions as core
from core.calendar import business_date
from core.crypto import blind_index
from core.errors import Invalid, NotFound, PortalError
from core.identifiers import clean_public_code
from core.looks import look_up
from core.money import yuan
from merchants.models import Merchant
from merchants.views.desk import Desk, for_shop, once_by_form, own, page_of, put_errors, shop_page
from prepaid import actions as prepaid
from prepaid.forms.cards import ChildForm, RebindForm
from prepaid.forms.console import SellForm, ShopPauseForm
from prepaid.models import Assignment, Contract, Guardianship, Instalment, Plan, Refund
from prepaid.models.contracts import CONTRACT_LIFECYCLE, ContractQuerySet
from prepaid.signing import paper_of
from prepaid.views.console_counter import expected
from prepaid.views.posting import fresh_key

Status = Contract.Status


def _own_cards(desk: Desk) -> ContractQuerySet:
    return Contract.objects.visible_to(desk.by).filter(merchant=desk.merchant)


@for_shop()
@require_GET
def contracts(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All cards, newest first: by state, kind, a phone's tail or the contract's number."""
    rows = _own_cards(desk)
    counts = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    status, kind, words = (request.GET.get(name, "") for name in ("status", "kind", "q"))
    if status in Status.values:
        rows = rows.filter(status=status)
    if kind in Plan.Kind.values:
        rows = rows.filter(kind=kind)
    digits = "".join(words.split())
    if digits.isascii() and digits.isdigit() and len(digits) in (4, 11):
        core.note_phone_search(digits, "console.contracts", by=desk.by)
    if words.strip():
        rows = rows.filter(about(words.strip()[:40]))
    found, before = page_of(rows.with_money().select_related("holder"), request)
    context = {
        "rows": found,
        "before": before,
        "filters": [("", "全部", sum(counts.values()))]
        + [(one, look_up("contract", one).words("merchant"), counts[one]) for one in Status.values if one in counts],
        "status": status,
        "kinds": Plan.Kind.choices,
        "kind": kind,
        "q": words,
    }
    return shop_page(request, desk, "prepaid/console/contracts.html", context)


def about(words: str) -> Q:
    """Four digits are a phone's tail, eleven a whole phone, anything else a contract's number."""
    digits = "".join(words.split())
    if digits.isascii() and digits.isdigit():
        if len(digits) == 4:
            return Q(holder__phone_last4=digits)
        if len(digits) == 11:
            return Q(holder__phone_idx=blind_index("phone", f"+86{digits}"))
    return Q(code__startswith=clean_public_code(words) or "-")


@for_shop()
@require_GET
def contract(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """One card: its money as one bar, its payments, visits, periods and refunds."""
    row = own(_own_cards(desk).with_money().select_related("holder", "payer", "sold_by"), code=code)
    visits = list(row.visits.select_related("staff").order_by("-pk")[:10])
    refunds = Refund.objects.filter(contract=row)
    periods: list[Instalment] = []
    if row.is_periodic and row.account_id:
        periods = list(Instalment.objects.of_account(row.account_id)[:60])
    context = {
        "contract": row,
        "lots": list(row.lots.all()),
        "visits": [(visit, expected(visit)) for visit in visits],
        "refunds": list(refunds),
        "periods": [(p, Instalment.State(p.state).name) for p in periods],
        "steps": CONTRACT_LIFECYCLE.allowed(row, desk.by),
        "form": None,
        "pause_form": ShopPauseForm(),
        "key": fresh_key(),
        "today": business_date(),
        "guardianship": Guardianship.objects.filter(contract=row, ended_at=None).first(),
        "handover": Assignment.objects.filter(contract=row).select_related("to_user").first(),
        "no_shows": row.visits.filter(is_no_show=True).count(),
    }
    return shop_page(request, desk, "prepaid/console/contract.html", context)


@for_shop()
@require_GET
def print_contract(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """The contract on paper for the shop's own files, both signatures checked anew; the customer is masked."""
    row = own(_own_cards(desk).with_money().select_related("holder", "payer", "sold_by"), code=code)
    context = {"contract": row, "paper": paper_of(row)}
    return shop_page(request, desk, "prepaid/console/print.html", context)


@for_shop()
@require_http_methods(["GET", "POST"])
def rebind(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """The customer stands here with an identity card and a new number: three days, and the old number is told."""
    row = own(_own_cards(desk).with_money().select_related("holder"), code=code)
    form = RebindForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name, phone = form.cleaned_data["name"], form.cleaned_data["phone"]
        try:
            once_by_form(request, desk.by, lambda: prepaid.rebind_number(row.pk, phone, name, by=desk.by).code)
        except PortalError as error:
            put_errors(form, error)
        else:
            messages.success(request, "已登记。原号码已收到提醒，没有异议的 3 天后换到新号码。")
            return redirect("prepaid:merchant_contract", row.code)
    return shop_page(request, desk, "prepaid/console/rebind.html", {"contract": row, "form": form, "key": fresh_key()})


@for_shop()
@require_http_methods(["GET", "POST"])
def no_show(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """「约了没来」: one visit as the signed terms allow, after asking once more; the customer may dispute it."""
    row = own(_own_cards(desk).with_money().select_related("holder"), code=code)
    if desk.store is None:
        raise Invalid("还没有营业中的门店，请先到「店铺」添加")
    store, prices = desk.store, row.terms.get("prices", [])
    if request.method == "POST":
        chosen = request.POST.get("item", "")
        price = prices[int(chosen)] if chosen.isdecimal() and int(chosen) < len(prices) else None
        face = int(price["price_fen"]) if price and row.kind == Plan.Kind.STORED_VALUE else 0
        times = 1 if row.kind == Plan.Kind.COUNT else 0
        what = price["name"] if price else row.terms["plan"]

        def work() -> str:
            return prepaid.count_no_show(row.pk, store.pk, what, by=desk.by, face_fen=face, times=times).code

        once_by_form(request, desk.by, work)
        messages.success(request, "已记一次爽约，等顾客确认；顾客说不对就先不付")
        return redirect("prepaid:merchant_contract", row.code)
    counted = row.visits.filter(is_no_show=True).count()
    context = {"contract": row, "prices": list(enumerate(prices)), "counted": counted, "key": fresh_key()}
    return shop_page(request, desk, "prepaid/console/no_show.html", context)


@for_shop()
@require_POST
def contract_step(request: HttpRequest, desk: Desk, code: str, step: str) -> HttpResponse:
    """Rest a card, let it go on, report it lost, end a trial or deposit, or drop an offer nobody paid."""
    row = own(_own_cards(desk), code=code)

    def work() -> str:
        match step:
            case "pause":
                return prepaid.pause(row.pk, request.POST.get("reason", ""), by=desk.by).code
            case "resume":
                return prepaid.resume(row.pk, by=desk.by).code
            case "decline":
                return prepaid.decline(row.pk, by=desk.by).code
            case "conclude":
                return prepaid.conclude(row.pk, by=desk.by).code
            case "loss":
                return prepaid.report_loss(row.pk, by=desk.by).code
        raise NotFound

    once_by_form(request, desk.by, work)
    said = {
        "pause": "已停卡，时间不扣",
        "resume": "已恢复使用，到期日顺延",
        "decline": "已取消，没有付款",
        "conclude": "已办结",
        "loss": "已挂失，谁也不能再刷；顾客本人在手机上补办",
    }
    messages.success(request, said[step])
    return redirect("prepaid:merchant_contract", row.code)


@for_shop()
@require_GET
def sell(request: HttpRequest, desk: Desk) -> HttpResponse:
    """First tap: which plan."""
    plans = list(Plan.objects.filter(merchant=desk.merchant, status=Plan.Status.ON_SALE).order_by("kind", "price_fen"))
    restricted = desk.merchant.status == Merchant.Status.RESTRICTED
    return shop_page(request, desk, "prepaid/console/sell.html", {"plans": plans, "restricted": restricted})


@for_shop()
@require_http_methods(["GET", "POST"])
def sell_plan(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """Second and third: whose phone, and done. A card of the kind that is there already is topped up instead."""
    plan = own(Plan.objects.filter(merchant=desk.merchant, status=Plan.Status.ON_SALE), pk=pk)
    form = SellForm(request.POST or None)
    for_child = bool(request.POST.get("for_child"))
    child_form = ChildForm(request.POST if for_child else None)
    existing: list[Contract] = []
    if request.method == "POST" and form.is_valid() and (not for_child or child_form.is_valid()):
        typed = plan.payment_kind != Contract.PaymentKind.PREPAID
        anew = request.POST.get("anew") or for_child or typed
        existing = [] if anew else _same_kind(desk, plan, form.cleaned_data["phone"])
        if not existing:
            try:
                child = child_form.child if for_child else None
                return redirect("prepaid:sell_done", _offer(request, desk, plan, form.cleaned_data, child))
            except PortalError as error:
                put_errors(form, error)
    context = {"plan": plan, "form": form, "existing": existing, "key": fresh_key()}
    context |= {"child_form": child_form, "for_child": for_child}
    return shop_page(request, desk, "prepaid/console/sell_plan.html", context)


def _same_kind(desk: Desk, plan: Plan, phone: str) -> list[Contract]:
    """Cards in use of this customer that this plan can top up."""
    if plan.kind not in (Plan.Kind.STORED_VALUE, Plan.Kind.COUNT):
        return []
    idx = blind_index("phone", phone)
    rows = _own_cards(desk).filter(holder__phone_idx=idx, status=Status.ACTIVE, kind=plan.kind)
    return list(rows.with_money().select_related("holder")[:5])


def _offer(request: HttpRequest, desk: Desk, plan: Plan, given: dict[str, Any], child: prepaid.Child | None) -> str:
    if desk.store is None:
        raise Invalid("还没有营业中的门店，请先到「店铺」添加")
    store = desk.store
    outcome = once_by_form(
        request,
        desk.by,
        lambda: (
            prepaid.offer(
                plan.pk,
                store.pk,
                given["phone"],
                by=desk.by,
                name=given["name"],
                payer_phone=given["payer_phone"],
                child=child,
            ).code
        ),
    )
    return str(outcome.reference)


@for_shop()
@require_GET
def sell_done(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Done: a code the customer scans to read, sign and pay on the own phone; or to top up (``?plan=``)."""
    row = own(_own_cards(desk).with_money().select_related("holder"), code=code)
    plan = None
    wanted = request.GET.get("plan", "")
    if row.status == Status.ACTIVE and wanted.isdigit() and len(wanted) < 19:
        plan = own(
            Plan.objects.filter(merchant=desk.merchant, status=Plan.Status.ON_SALE, kind=row.kind),
            pk=int(wanted),
        )
    path = reverse("prepaid:contract_sign", args=[row.code])
    if plan is not None:
        path = f"{reverse('prepaid:contract_top_up', args=[row.code])}?{urlencode({'plan': plan.pk})}"
    link = f"{settings.PUBLIC_URL.rstrip('/')}{path}"
    context = {
        "contract": row,
        "plan": plan,
        "link": link,
        "qr": segno.make(link, error="m").svg_data_uri(scale=6, border=4, light="white"),
        "effect": f"{yuan(plan.price_fen if plan else row.terms['price_fen'])} 元",
        "again": f"{resolve_url('prepaid:sell_done', row.code)}{'?plan=' + str(plan.pk) if plan else ''}",
    }
    return shop_page(request, desk, "prepaid/console/sell_done.html", context)

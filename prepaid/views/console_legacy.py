"""The shop's cards from before it joined: stated one by one or by a list, used, settled, paid into the bank."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.calendar import business_date
from core.csv_export import export_table
from core.errors import Invalid, NotAllowed, NotFound, PortalError
from core.looks import look_up
from core.transactions import durably
from merchants.views.desk import Desk, for_shop, once_by_form, own, page_of, put_errors, shop_page
from prepaid import actions as prepaid
from prepaid.actions.legacy_cards import rest_of
from prepaid.bank_files.shelf import shelve
from prepaid.card_import import HEADERS, SAMPLE
from prepaid.custody import badge
from prepaid.forms.legacy_cards import CardFileForm, LegacyCardForm, MoveForm, UseForm
from prepaid.models import CardImport, LegacyCard, LegacyUse, PaymentOrder
from prepaid.models.legacy_cards import LEGACY_CARD_LIFECYCLE, OWED
from prepaid.views.console_contracts import about
from prepaid.views.posting import fresh_key

Status = LegacyCard.Status


def _cards(desk: Desk) -> Any:
    rows = LegacyCard.objects.visible_to(desk.by).filter(merchant=desk.merchant)
    return rows.select_related("holder", "merchant__region", "contract")


def _owner_only(desk: Desk) -> None:
    if not desk.is_owner:
        raise NotAllowed("只有负责人能登记老卡")


@for_shop()
@require_GET
def legacy_cards(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All old cards, what is owed on them, and how much of all prepaid money is locked."""
    rows = _cards(desk)
    counts = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    sums = rows.aggregate(owed=Sum("left_fen", filter=Q(status__in=OWED), default=0))
    status, words = request.GET.get("status", ""), request.GET.get("q", "").strip()[:40]
    if status in Status.values:
        rows = rows.filter(status=status)
    if words:
        rows = rows.filter(about(words))
    found, before = page_of(rows, request)
    locked = badge(desk.merchant.pk, business_date()).locked_fen
    whole = locked + sums["owed"]
    context = {
        "rows": [(row, rest_of(row)) for row in found],
        "before": before,
        "filters": [("", "全部", sum(counts.values()))]
        + [(one, look_up("legacycard", one).words("merchant"), counts[one]) for one in Status.values if one in counts],
        "status": status,
        "q": words,
        "owed_fen": sums["owed"],
        "locked_fen": locked,
        "share": locked * 100 // whole if whole else None,
        "imports": list(CardImport.objects.filter(merchant=desk.merchant)[:5]),
    }
    return shop_page(request, desk, "prepaid/legacy/console_cards.html", context)


@for_shop()
@require_http_methods(["GET", "POST"])
def legacy_new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One card by hand."""
    _owner_only(desk)
    form = LegacyCardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            entry = form.entry(business_date())
            card = durably(lambda: prepaid.add_legacy_card(desk.merchant.pk, entry, by=desk.by))
        except PortalError as error:
            put_errors(form, error)
        else:
            messages.success(request, f"已登记，尾号 {card.holder.phone_last4} 的顾客会收到短信，请本人核对。")
            return redirect("prepaid:legacy_console_card", card.code)
    return shop_page(request, desk, "prepaid/legacy/console_new.html", {"form": form})


@for_shop()
@require_http_methods(["GET", "POST"])
def legacy_import(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A whole list; the same file again leads to the same page."""
    _owner_only(desk)
    form = CardFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]

        def copy(into: BinaryIO) -> None:
            for chunk in sent.chunks():
                into.write(chunk)

        try:
            shelved = shelve(copy)
            run = durably(lambda: prepaid.receive_card_import(desk.merchant.pk, shelved, sent.name or "", by=desk.by))
        except PortalError as error:
            put_errors(form, error)
        else:
            return redirect("prepaid:legacy_import_run", run.pk)
    columns = [names[0] for names in HEADERS.values()]
    samples = [list(zip(columns, row, strict=True)) for row in SAMPLE]
    context = {"form": form, "columns": columns, "samples": samples}
    return shop_page(request, desk, "prepaid/legacy/console_import.html", context)


@for_shop()  # type: ignore[arg-type]
@require_GET
def legacy_template(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """A list to fill in."""
    return export_table(request, "laoka-moban", [names[0] for names in HEADERS.values()], SAMPLE)


def _run(desk: Desk, pk: int) -> CardImport:
    return own(CardImport.objects.visible_to(desk.by).filter(merchant=desk.merchant), pk=pk)


@for_shop()
@require_GET
def legacy_import_run(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """How far a list is, what came in, and what is wrong with which line."""
    run = _run(desk, pk)
    share = run.done_count * 100 // run.row_count if run.row_count else 0
    context = {"run": run, "share": share, "errors": run.errors[:100]}
    return shop_page(request, desk, "prepaid/legacy/console_run.html", context)


@for_shop()  # type: ignore[arg-type]
@require_GET
def legacy_import_errors(request: HttpRequest, desk: Desk, pk: int) -> HttpResponseBase:
    """The lines that did not come in, with the reasons."""
    return export_table(request, f"laoka-{pk}", ["行号", "原因"], _run(desk, pk).errors)


@for_shop()
@require_http_methods(["GET", "POST"])
def legacy_card(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """One old card; a POST asks the customer about a visit on it."""
    card = own(_cards(desk), code=code)
    form = UseForm(card, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            store = desk.store
            if store is None:
                raise Invalid("还没有营业中的门店，请先到「店铺」添加")
            facts = {"fen": given.get("amount") or 0, "times": given.get("times") or 0}
            once_by_form(
                request,
                desk.by,
                lambda: prepaid.ask_legacy_use(card.pk, store.pk, given["item"], by=desk.by, **facts).code,
            )
        except PortalError as error:
            put_errors(form, error)
        else:
            messages.success(request, "已发给顾客，顾客确认才扣。")
            return redirect("prepaid:legacy_console_card", card.code)
    return _card_page(request, desk, card, form)


def _card_page(
    request: HttpRequest, desk: Desk, card: LegacyCard, form: Any = None, move: Any = None, status: int = 0
) -> HttpResponse:
    uses = list(LegacyUse.objects.filter(card=card).select_related("store")[:30])
    order = None
    if card.status == Status.MOVING:
        pending = PaymentOrder.objects.filter(contract=card.contract, status=PaymentOrder.Status.PENDING)
        order = next((row for row in pending if row.terms.get("legacy") == card.code), None)
    context = {
        "card": card,
        "rest": rest_of(card),
        "uses": uses,
        "waiting": any(use.status == LegacyUse.Status.REQUESTED for use in uses),
        "form": form or UseForm(card),
        "move": move or MoveForm(card),
        "order": order,
        "steps": LEGACY_CARD_LIFECYCLE.allowed(card, desk.by),
        "key": fresh_key(),
    }
    return shop_page(request, desk, "prepaid/legacy/console_card.html", context, status=status)


@for_shop()
@require_POST
def legacy_step(request: HttpRequest, desk: Desk, code: str, step: str) -> HttpResponse:
    """Agree with the customer, withdraw a visit, put the rest into the bank or leave it."""
    card = own(_cards(desk), code=code)
    match step:
        case "move":
            return _move(request, desk, card)
        case "pay":
            return _pay(request, desk, card)
        case "accept":
            _do(request, desk, lambda: prepaid.accept_legacy_claim(card.pk, by=desk.by).code, "已按顾客说的改")
        case "stop":
            _do(request, desk, lambda: prepaid.stop_legacy_move(card.pk, by=desk.by).code, "已停止，老卡照用")
        case "withdraw":
            use = own(LegacyUse.objects.filter(card=card, status=LegacyUse.Status.REQUESTED))
            _do(request, desk, lambda: prepaid.withdraw_legacy_use(use.pk, by=desk.by).code, "已撤回，没有扣")
        case _:
            raise NotFound
    return redirect("prepaid:legacy_console_card", card.code)


def _do(request: HttpRequest, desk: Desk, work: Callable[[], Any], done: str) -> None:
    once_by_form(request, desk.by, work)
    messages.success(request, done)


def _move(request: HttpRequest, desk: Desk, card: LegacyCard) -> HttpResponse:
    form = MoveForm(card, request.POST)
    store = desk.store
    if form.is_valid() and store is not None:
        plan = int(form.cleaned_data["plan"])
        try:
            once_by_form(request, desk.by, lambda: prepaid.offer_legacy_move(card.pk, plan, store.pk, by=desk.by).code)
        except PortalError as error:
            if error.status in (403, 404):
                raise
            put_errors(form, error)
        else:
            messages.success(request, "已准备好。顾客签约后（已有同类卡的不用签）您就可以付款存进银行。")
            return redirect("prepaid:legacy_console_card", card.code)
    return _card_page(request, desk, card, move=form, status=400)


def _pay(request: HttpRequest, desk: Desk, card: LegacyCard) -> HttpResponse:
    """The order at the bank, then a plain link to its page: a form may only lead to ourselves."""
    try:
        order = durably(lambda: prepaid.pay_in_legacy(card.pk, by=desk.by))
        prepaid.pay_link(order.pk)
    except PortalError as error:
        if error.status in (403, 404):
            raise
        messages.error(request, error.message)
    return redirect("prepaid:legacy_console_card", card.code)

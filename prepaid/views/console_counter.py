"""The till: find the customer, choose what was done, charge. Every step is a plain page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import actions as core
from core.calendar import business_date
from core.errors import Invalid, NotFound, PortalError
from core.money import parse_yuan, yuan
from merchants.actions import staff_by_pin
from merchants.models import Merchant
from merchants.views.desk import STAFF, STORE, Desk, for_shop, once_by_form, put_errors, shop_page
from prepaid import actions as prepaid
from prepaid.forms.console import FindForm, PinOnlyForm
from prepaid.models import Contract, Lot, Plan, ShownCode, Visit
from prepaid.models.contracts import ContractQuerySet
from prepaid.schedule import hold_for_count, hold_for_face
from prepaid.settlements import pay_day

SHOWN = "counter_shown"
TRIES = "counter_pin_tries"
PIN_TRIES, PIN_PAUSE = 5, timedelta(minutes=15)
RECENT = 6
MOST_TIMES = 4


@dataclass(frozen=True)
class Item:
    """One thing that can be charged: its number in the address, its name, fen of face or times."""

    key: str
    name: str
    face_fen: int = 0
    times: int = 0


@dataclass(frozen=True)
class Charge:
    """What one charge does, in figures; ``problem`` says why it cannot be."""

    item: Item
    worth_fen: int
    left: str
    problem: str = ""


def cards(desk: Desk) -> QuerySet[Contract]:
    """The shop's cards in use, with their money, holder and lots."""
    return _in_use(Contract.objects.visible_to(desk.by).filter(merchant=desk.merchant))


def _in_use(rows: ContractQuerySet) -> QuerySet[Contract]:
    active = rows.filter(status=Contract.Status.ACTIVE)
    return active.with_money().select_related("holder").prefetch_related("lots")


def _card(request: HttpRequest, desk: Desk, code: str) -> Contract:
    """A card of the shop, or of its chain or mall while its customer shows the code of it. Raises NotFound."""
    shown = (request.session.get(SHOWN) or {}).get("card")
    issuers = Merchant.objects.taken_at(desk.merchant.pk)
    card = cards(desk).filter(code=code).first() or (
        _in_use(Contract.objects.filter(pk=shown, merchant__in=issuers)).filter(code=code).first() if shown else None
    )
    if card is None:
        raise NotFound("这张卡现在不能用，请重新查找")
    return card


@for_shop()
@require_GET
def counter(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The till. ``?card=`` is the chosen card, ``?item=`` what was done, ``?tail=`` several cards of one number."""
    return _page(request, desk, request.GET)


def _page(
    request: HttpRequest, desk: Desk, asked: QueryDict, form: FindForm | None = None, problem: str = ""
) -> HttpResponse:
    today = business_date()
    context: dict[str, Any] = {"form": form or FindForm(), "problem": problem, "done": None}
    if asked.get("card"):
        card = _card(request, desk, str(asked["card"])[:16])
        context |= _chosen(request, card, asked)
    elif asked.get("tail"):
        context["found"] = _by_tail(desk, str(asked["tail"]))
    if asked.get("done"):
        rows = Visit.objects.visible_to(desk.by).filter(merchant=desk.merchant)
        context["done"] = rows.select_related("contract__holder").filter(code=asked["done"][:16]).first()
    context |= _side(desk, today)
    return shop_page(request, desk, "prepaid/console/counter.html", context, status=400 if problem else 0)


def _chosen(request: HttpRequest, card: Contract, asked: QueryDict) -> dict[str, Any]:
    items = items_of(card)
    problem, other = "", None
    if asked.get("amount"):
        try:
            other = _other(asked)
        except Invalid as error:
            problem = error.fields.get("amount", error.message)
    wanted = next((item for item in items if item.key == asked.get("item")), None)
    item = other or (None if problem else wanted or (items[0] if items else None))
    shown = request.session.get(SHOWN) or {}
    return {
        "card": card,
        "items": items,
        "charge": preview(card, item) if item else None,
        "amount_problem": problem,
        "amount": asked.get("amount", ""),
        "shown": shown.get("card") == card.pk,
        "key": uuid4().hex,
        "pay_on": pay_day(business_date()),
    }


def _other(asked: QueryDict) -> Item:
    """An amount that is not on the price list. Raises Invalid."""
    return Item(
        "other", asked.get("name", "").strip()[:30] or "其他", face_fen=parse_yuan(str(asked.get("amount", "")))
    )


def items_of(card: Contract) -> list[Item]:
    """What can be charged to a card: the price list it was signed with, a number of times, or a check-in."""
    if card.is_periodic:
        return [Item("in", "到店")]
    if card.kind == Plan.Kind.COUNT:
        left = sum(lot.times_left for lot in card.lots.all())
        name = str(card.terms["plan"])[:30]
        return [Item(str(times), name, times=times) for times in range(1, min(left, MOST_TIMES) + 1)]
    return [
        Item(str(number), str(price["name"])[:30], face_fen=int(price["price_fen"]))
        for number, price in enumerate(card.terms.get("prices", []))
    ]


def preview(card: Contract, item: Item) -> Charge:
    """What a charge takes and what the shop gets of it, the oldest lot first; nothing is written."""
    if card.is_periodic:
        return Charge(item, 0, "")
    by_face = card.kind == Plan.Kind.STORED_VALUE
    wanted, worth = item.face_fen if by_face else item.times, 0
    lots = sorted(card.lots.all(), key=lambda lot: lot.no)
    whole = sum(lot.face_left_fen if by_face else lot.times_left for lot in lots)
    for lot in lots:
        take = min(wanted, lot.face_left_fen if by_face else lot.times_left)
        if take > 0:
            worth += _worth(lot, take, by_face=by_face)
            wanted -= take
    said = f"¥{yuan(whole)}" if by_face else f"{whole} 次"
    if wanted > 0:
        return Charge(item, 0, said, f"卡里只剩 {said}，不够扣")
    left = whole - (item.face_fen if by_face else item.times)
    return Charge(item, min(worth, card.available_fen), f"¥{yuan(left)}" if by_face else f"{left} 次")


def _worth(lot: Lot, take: int, *, by_face: bool) -> int:
    share = (
        hold_for_face(lot.paid_fen, lot.bonus_fen, take)
        if by_face
        else hold_for_count(lot.paid_fen, lot.times_paid, lot.times_bonus, take)
    )
    return min(share, lot.paid_fen - lot.released_fen - lot.refunded_fen)


def _by_tail(desk: Desk, tail: str) -> list[Contract]:
    """Cards whose holder, or somebody who may use them, has a phone ending in these digits."""
    if not (tail.isascii() and tail.isdigit() and len(tail) == 4):
        return []
    rows = cards(desk).filter(Q(holder__phone_last4=tail) | Q(users__user__phone_last4=tail))
    return list(rows.distinct().order_by("-pk")[:20])


def _side(desk: Desk, today: date) -> dict[str, Any]:
    """The right-hand side: figures and the last visits, each with the day its money comes."""
    visits = Visit.objects.filter(merchant=desk.merchant)
    next_day = pay_day(today)
    figures = visits.order_by().aggregate(
        paid=Sum("amount_fen", filter=Q(pay_expected_on=next_day)),
        back=Sum("corrected_fen", filter=Q(pay_expected_on=next_day)),
        waiting=Count("pk", filter=Q(status=Visit.Status.REQUESTED)),
        disputed=Count("pk", filter=Q(status=Visit.Status.DISPUTED)),
    )
    recent = visits.select_related("contract__holder", "contract__plan", "staff").order_by("-pk")[:RECENT]
    rows = [(visit, expected(visit)) for visit in recent]
    last = next((v for v, _ in rows if v.status not in (Visit.Status.CANCELLED, Visit.Status.CORRECTED)), None)
    return {
        "coming_fen": (figures["paid"] or 0) - (figures["back"] or 0),
        "coming_on": next_day,
        "coming_tomorrow": next_day == today + timedelta(days=1),
        "waiting": figures["waiting"],
        "disputed": figures["disputed"],
        "recent": rows,
        "last": last,
        "today": today,
    }


def expected(visit: Visit) -> date | None:
    """When a visit's money comes: known once confirmed, at the latest while the customer is silent."""
    if visit.status == Visit.Status.REQUESTED:
        return pay_day(visit.confirm_due_on + timedelta(days=1))
    return visit.pay_expected_on


@for_shop()
@require_POST
def find(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One field: eight digits are a shown code, four a phone's tail."""
    form = FindForm(request.POST)
    request.session.pop(SHOWN, None)
    if form.is_valid():
        typed = form.cleaned_data["q"]
        here = resolve_url("prepaid:counter")
        if len(typed) == 8:
            live = ShownCode.objects.filter(
                code=typed,
                contract__merchant__in=Merchant.objects.taken_at(desk.merchant.pk),
                used_at=None,
                expires_at__gt=timezone.now(),
            )
            shown = live.select_related("contract").first()
            if shown is not None:
                request.session[SHOWN] = {"card": shown.contract_id, "code": typed}
                return redirect(f"{here}?{urlencode({'card': shown.contract.code})}")
            form.add_error("q", "付款码不对或已过期，请顾客刷新后再出示")
        else:
            found = _by_tail(desk, typed)
            core.note_phone_search(typed, "console.counter", by=desk.by)
            if found:
                asked = {"card": found[0].code} if len(found) == 1 else {"tail": typed}
                return redirect(f"{here}?{urlencode(asked)}")
            form.add_error("q", f"没有尾号 {typed} 的卡。请核对号码，或先给顾客开卡")
    return _page(request, desk, QueryDict(), form=form)


@for_shop()
@require_POST
def charge(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Charge once, however often the button is pressed; a shown code makes it confirmed at once."""
    asked = request.POST
    shown = request.session.get(SHOWN) or {}
    code = shown.get("code", "") if asked.get("shown") else ""

    def work() -> str:
        card = _card(request, desk, asked.get("card", "")[:16])
        if desk.store is None:
            raise Invalid("还没有营业中的门店，请先到「店铺」添加")
        if asked.get("shown") and shown.get("card") != card.pk:
            raise Invalid("付款码已过期，请顾客重新出示")
        item = _asked_item(card, asked)
        what: dict[str, Any] = {"face_fen": item.face_fen, "times": item.times}
        if asked.get("shown"):
            visit = prepaid.redeem_shown_code(desk.merchant.pk, desk.store.pk, code, item.name, by=desk.by, **what)
        else:
            visit = prepaid.request_visit(card.pk, desk.store.pk, item.name, by=desk.by, **what)
        return visit.code

    try:
        outcome = once_by_form(request, desk.by, work)
    except PortalError as error:
        if error.status == 404:
            raise
        if "code" in error.fields:
            request.session.pop(SHOWN, None)
        return _page(request, desk, asked, problem=next(iter(error.fields.values()), error.message))
    request.session.pop(SHOWN, None)
    return redirect(f"{resolve_url('prepaid:counter')}?{urlencode({'done': outcome.reference})}")


def _asked_item(card: Contract, asked: QueryDict) -> Item:
    """What the form charges, read again from the card: a price is never taken from the page."""
    if asked.get("item") == "other" and card.kind == Plan.Kind.STORED_VALUE:
        return _other(asked)
    item = next((one for one in items_of(card) if one.key == asked.get("item")), None)
    if item is None:
        raise Invalid("选一个项目")
    return item


@for_shop()
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "POST"])
def switch(request: HttpRequest, desk: Desk) -> HttpResponse:
    """「换人」: the next person types a PIN and serves from now on; five wrong ones pause the till's changes."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = resolve_url("prepaid:counter")
    form = PinOnlyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _check_tries(request)
            staff = staff_by_pin(desk.merchant.pk, form.cleaned_data["pin"])
        except PortalError as error:
            put_errors(form, error)
        else:
            request.session[STAFF] = staff.pk
            for key in (TRIES, SHOWN):
                request.session.pop(key, None)
            messages.success(request, f"现在是 {staff.user.name or staff.user.masked_phone} 在服务")
            return redirect(target)
    return shop_page(request, desk, "prepaid/console/switch.html", {"form": form, "next": target})


def _check_tries(request: HttpRequest) -> None:
    """Count a try before it is judged. The count lives in the session, which only signing in again renews."""
    now = timezone.now().timestamp()
    tries = [at for at in request.session.get(TRIES, []) if at > now - PIN_PAUSE.total_seconds()]
    if len(tries) >= PIN_TRIES:
        raise Invalid(fields={"pin": "口令连续错了 5 次，请等 15 分钟，或退出后重新登录"})
    request.session[TRIES] = [*tries, now]


@for_shop()
@require_POST
def choose_store(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Which of the shop's stores this till stands in."""
    store = next((one for one in desk.stores if str(one.pk) == request.POST.get("store")), None)
    if store is None:
        raise NotFound
    request.session[STORE] = store.pk
    messages.success(request, f"这台收银台现在在 {store.name}")
    return redirect("prepaid:counter")

"""``/join/``: a shop registers itself in five short steps, saved one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.actors import Actor
from core.errors import Invalid, PortalError
from core.models import Role
from core.transactions import durably
from core.uploads import store as keep_file
from merchants import actions
from merchants.forms import LicenceForm, LookUpForm, PersonForm, PhotoForm, StoreForm, SubmitForm, uscc_problem
from merchants.models import Merchant, RegisterEntry, Store
from merchants.views.desk import own, put_errors
from merchants.views.places import browse, full_name, region_of_licence, street

STEPS = (
    ("join_licence", "执照", ("legal_name", "brand_name", "licensed_on")),
    ("join_person", "负责人", ("legal_rep", "contact_phone")),
    ("join_stores", "门店", ("stores", "lease_end")),
    ("join_photo", "执照照片", ("licence_file",)),
    ("join_submit", "验证提交", ()),
)
# Officers write reasons freely; these words tell which step a reason is about.
WORDS = {
    "join_photo": ("照片", "扫描", "影印", "上传", "不清", "模糊"),
    "join_stores": ("门店", "地址", "租约", "租赁", "场地"),
    "join_person": ("法定代表人", "经营者", "负责人", "姓名", "手机", "电话"),
}
PART_OF = {"join_new": "join_licence", "join_store": "join_stores"}
EDITABLE = (Merchant.Status.DRAFT, Merchant.Status.RETURNED)
PENDING_CODE = "register_code"


@dataclass(frozen=True)
class StepLine:
    """One step as the bar on top shows it."""

    url: str
    title: str
    done: bool
    current: bool


def draft_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A step of one's own registration; one that is handed in shows its status instead."""

    @wraps(view)
    def page(request: HttpRequest, pk: int, *args: Any, **kwargs: Any) -> HttpResponse:
        merchant = _mine(request, pk)
        if merchant.status not in EDITABLE:
            return redirect("merchants:join_status", pk)
        return view(request, merchant, *args, **kwargs)

    return page


def _mine(request: HttpRequest, pk: int) -> Merchant:
    owned = request.user.access.merchants(Role.MERCHANT_OWNER)  # type: ignore[union-attr]
    return own(Merchant.objects.filter(pk__in=owned).select_related("region", "industry", "licence_file"), pk=pk)


def _step_page(request: HttpRequest, merchant: Merchant | None, current: str, context: dict[str, Any]) -> HttpResponse:
    """A step with the bar of steps, and on a returned registration what is to be mended."""
    lacks = actions.missing(merchant) if merchant else {}
    lines = [
        StepLine(
            reverse(f"merchants:{name}", args=[merchant.pk]) if merchant else "",
            title,
            bool(merchant and fields and not any(field in lacks for field in fields)),
            name == PART_OF.get(current, current),
        )
        for name, title, fields in STEPS
    ]
    given = {"merchant": merchant, "steps": lines, "reasons": _reasons(merchant) if merchant else [], **context}
    form = given.get("form")
    bad = form is not None and form.errors
    return render(request, f"merchants/{current}.html", given, status=400 if bad else 200)


def _reasons(merchant: Merchant) -> list[tuple[str, str]]:
    """Why a registration came back: (address of the step it is about, text)."""
    found = []
    for text in merchant.return_reasons:
        name = next((n for n, words in WORDS.items() if any(word in text for word in words)), "join_licence")
        found.append((reverse(f"merchants:{name}", args=[merchant.pk]), text))
    return found


@login_not_required
@require_GET
def join(request: HttpRequest) -> HttpResponse:
    """What joining takes and brings; who has begun goes on from here."""
    mine: list[Merchant] = []
    if request.user.is_authenticated:
        owned = request.user.access.merchants(Role.MERCHANT_OWNER)
        mine = list(Merchant.objects.filter(pk__in=owned).order_by("-pk"))
    return render(request, "merchants/join.html", {"mine": mine})


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Step one: the licence is looked up by its code, the rest comes filled in from the register."""
    asked = LookUpForm(request.GET if "uscc" in request.GET else None, auto_id="id_%s")
    if not asked.is_bound or not asked.is_valid():
        return _step_page(request, None, "join_new", {"form": asked})
    code = asked.cleaned_data["uscc"]
    mine = Merchant.objects.filter(uscc=code, registered_by=request.user).first()  # type: ignore[misc]
    if mine is not None:
        return redirect("merchants:join_licence" if mine.status in EDITABLE else "merchants:join_status", mine.pk)
    entry = register_entry(code, request.GET.get("name", ""))
    form = LicenceForm(request.POST or None, initial=_from_register(entry, code))
    if request.method == "POST" and form.is_valid():
        region = region_of_licence(code, entry.region_code if entry else "")
        try:
            if region is None:
                raise Invalid("认不出执照的登记地，请核对第 3 到 8 位")
            data = form.data_for_action() | {"region_id": region.pk}
            merchant = durably(lambda: actions.register(code, data, by=Actor.of(request)))
        except PortalError as error:
            put_errors(form, error)
        else:
            return redirect("merchants:join_person", merchant.pk)
    return _step_page(request, None, "join_licence", {"form": form, "uscc": code, "entry": entry})


def register_entry(uscc: str, name: str = "") -> RegisterEntry | None:
    """What the register knows of a licence: by its code, else by the exact name."""
    found = RegisterEntry.objects.filter(uscc=uscc).exclude(uscc="").first()
    if found is None and name.strip():
        found = RegisterEntry.objects.filter(legal_name=name.strip()[:200], uscc="").first()
    return found


def _from_register(entry: RegisterEntry | None, uscc: str) -> dict[str, Any]:
    """The licence's fields as the register has them; 92… is the code of a sole trader."""
    kind = Merchant.Kind.INDIVIDUAL if uscc.startswith("92") else Merchant.Kind.ENTERPRISE
    if entry is None:
        return {"kind": kind}
    return {
        "kind": kind,
        "legal_name": entry.legal_name,
        "brand_name": entry.brand_name,
        "industry": entry.industry_code,
    }


@require_GET
def check_uscc(request: HttpRequest) -> HttpResponse:
    """What is wrong with a code, or whose it is: the answer while typing."""
    text = request.GET.get("uscc", "")[:40]
    problem = uscc_problem(text)
    entry = None if problem else register_entry("".join(text.split()).upper())
    return render(request, "merchants/uscc_said.html", {"problem": problem, "entry": entry})


@draft_page
@require_http_methods(["GET", "POST"])
def licence(request: HttpRequest, merchant: Merchant) -> HttpResponse:
    """Step one again: what the licence says."""
    names = ("legal_name", "brand_name", "kind", "licensed_on")
    initial = {name: getattr(merchant, name) for name in names} | {"industry": merchant.industry_id}
    form = LicenceForm(request.POST or None, initial=initial)
    if _save(request, merchant, form, lambda: form.data_for_action()):
        return redirect("merchants:join_person", merchant.pk)
    return _step_page(request, merchant, "join_licence", {"form": form, "uscc": merchant.uscc})


@draft_page
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, merchant: Merchant) -> HttpResponse:
    """Step two: who answers for the shop."""
    phone = merchant.contact_phone or request.user.phone  # type: ignore[union-attr]
    initial = {"legal_rep": merchant.legal_rep, "contact_phone": phone.removeprefix("+86")}
    form = PersonForm(request.POST or None, initial=initial)
    if _save(request, merchant, form, lambda: form.cleaned_data):
        return redirect("merchants:join_stores", merchant.pk)
    return _step_page(request, merchant, "join_person", {"form": form})


def _save(request: HttpRequest, merchant: Merchant, form: forms.Form, data: Callable[[], dict[str, Any]]) -> bool:
    """Save one step; what the action refuses stands on the form."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        durably(lambda: actions.change(merchant.pk, data(), by=Actor.of(request)))
    except PortalError as error:
        put_errors(form, error)
        return False
    return True


@draft_page
@require_GET
def stores(request: HttpRequest, merchant: Merchant) -> HttpResponse:
    """Step three: the stores so far; with none yet, the first one's street is asked at once."""
    rows = list(merchant.stores.select_related("region"))
    if not rows:
        return redirect("merchants:join_store_new", merchant.pk)
    return _step_page(request, merchant, "join_stores", {"stores": rows})


@draft_page
@require_http_methods(["GET", "POST"])
def store_step(request: HttpRequest, merchant: Merchant, store_id: int | None = None) -> HttpResponse:
    """One store: its street first, then the rest on one page."""
    found = own(Store.objects.filter(merchant=merchant).select_related("region"), pk=store_id) if store_id else None
    context = store_form(request, merchant, found, by=Actor.of(request))
    if context is None:
        return redirect("merchants:join_stores", merchant.pk)
    return _step_page(request, merchant, "join_store", context)


def store_form(request: HttpRequest, merchant: Merchant, found: Store | None, *, by: Actor) -> dict[str, Any] | None:
    """What the page of one store shows; None once it is saved.

    The first store says where the shop lies, which decides the bureau that reviews it.
    """
    place = street(request.GET.get("street", "")) or (found.region if found else None)
    if place is None or "in" in request.GET or "words" in request.GET:
        inside = request.GET.get("in", merchant.region_id)
        return {"store": found, "place": None, **browse(inside, request.GET.get("words", ""))}
    names = ("name", "address", "lease_end", "actual_operator", "is_open")
    initial = (
        {name: getattr(found, name) for name in names} if found else {"name": merchant.brand_name, "is_open": True}
    )
    form = StoreForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            durably(lambda: _save_store(merchant, found, form.cleaned_data | {"region_id": place.pk}, by))
        except PortalError as error:
            put_errors(form, error)
        else:
            return None
    return {"store": found, "place": place, "place_name": full_name(place), "form": form}


def _save_store(merchant: Merchant, found: Store | None, data: dict[str, Any], by: Actor) -> None:
    others = merchant.stores.exclude(pk=found.pk) if found else merchant.stores.all()
    first = not others.exists()
    actions.save_store(merchant.pk, data, by=by, store_id=found.pk if found else None)
    if first and merchant.status in EDITABLE and merchant.region_id != data["region_id"]:
        actions.change(merchant.pk, {"region_id": data["region_id"]}, by=by)


@draft_page
@require_http_methods(["GET", "POST"])
def photo(request: HttpRequest, merchant: Merchant) -> HttpResponse:
    """Step four: the licence as a picture, checked and drawn anew."""
    form = PhotoForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        by = Actor.of(request)
        try:
            file = keep_file(form.cleaned_data["file"], title="营业执照", by=by)
            durably(lambda: actions.attach_licence(merchant.pk, file, by=by))
        except PortalError as error:
            put_errors(form, error)
        else:
            return redirect("merchants:join_submit", merchant.pk)
    return _step_page(request, merchant, "join_photo", {"form": form})


@draft_page
@require_POST
def send_code(request: HttpRequest, merchant: Merchant) -> HttpResponse:
    """Send the code of the last step to the contact phone."""
    code = actions.send_register_code(merchant.pk, by=Actor.of(request))
    # No message leaves the demo: the next page shows what it would have said.
    request.session[PENDING_CODE] = {str(merchant.pk): code if settings.SMS_BACKEND == "console" else ""}
    return redirect("merchants:join_submit", merchant.pk)


@draft_page
@require_http_methods(["GET", "POST"])
def submit(request: HttpRequest, merchant: Merchant) -> HttpResponse:
    """Step five: everything once more, the code, and off to the bureau."""
    form = SubmitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        try:
            # No transaction around it: a wrong code must stay counted.
            actions.submit(merchant.pk, by=Actor.of(request), phone_code=code)
        except PortalError as error:
            put_errors(form, error)
        else:
            request.session.pop(PENDING_CODE, None)
            return redirect("merchants:join_status", merchant.pk)
    sent = request.session.get(PENDING_CODE, {}).get(str(merchant.pk))
    lacks = actions.missing(merchant)
    context = {
        "form": form,
        "stores": list(merchant.stores.select_related("region")),
        "lacks": [(_step_of(field, merchant), text) for field, text in lacks.items()],
        "sent": sent is not None,
        "demo_code": sent,
    }
    return _step_page(request, merchant, "join_submit", context)


def _step_of(field: str, merchant: Merchant) -> str:
    name = next(name for name, _, fields in STEPS if field in fields)
    return resolve_url(f"merchants:{name}", merchant.pk)


@require_GET
def status(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the registration stands: the half-working-day clock, or why it came back."""
    merchant = _mine(request, pk)
    context = {"merchant": merchant, "reasons": _reasons(merchant), "editable": merchant.status in EDITABLE}
    return render(request, "merchants/join_status.html", context)

"""「我要投诉」: one thing per page, kept as one goes, filed at the end with its code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from complaints import actions as complaints
from complaints import odr
from complaints.actions import Kind, NewIntake
from complaints.actions.intake_checks import MAX_FILES
from complaints.forms import intake as forms
from complaints.models import Cause, Complaint, Intake, Receipt
from complaints.views.intake_draft import Draft
from core.actors import SYSTEM, Actor
from core.errors import NotFound, PortalError
from core.identifiers import clean_public_code
from core.money import yuan
from core.transactions import durably
from core.uploads import store as keep_file
from merchants.models import Merchant
from prepaid.views.consumer import my_contract, my_refund, person
from prepaid.views.posting import act_once, fresh_key, opened_status, show_on

NAV = {"nav_current": "complaints:start"}
FILED = "complaint_filed"
SHOPS_SHOWN = 8
TITLES = {
    "what": "投诉还是举报", "shop": "哪家店", "facts": "发生了什么", "report": "商家哪里违法", "claim": "您的要求",
    "who": "您是谁", "agent": "您代表谁", "joint": "还有谁", "evidence": "材料", "odr": "先和商家谈吗",
    "review": "核对",
}  # fmt: skip
APPLIES: dict[str, Callable[[Draft], bool]] = {
    "report": lambda draft: draft.kinds == {"COMPLAINT", "REPORT"},
    "claim": lambda draft: "COMPLAINT" in draft.kinds,
    "agent": lambda draft: draft.data.get("for_whom") == "AGENT",
    "joint": lambda draft: draft.data.get("for_whom") == "JOINT",
    "odr": lambda draft: "COMPLAINT" in draft.kinds and odr.is_enrolled(draft.data.get("merchant")),
}
# From here on the phone must be proved: whoever complains is known by it (第10条).
SIGNED_IN = ("who", "agent", "joint", "evidence", "odr", "review")
OWN_LOOK = ("what", "shop", "agent", "evidence", "review")
# Where a refusal of the action is put right.
MENDED_AT = {
    "text": "facts", "happened_on": "facts", "report_text": "report", "happened_at": "report", "claim": "claim",
    "claim_fen": "claim", "name": "who", "address": "who", "phone": "agent", "proof": "agent", "joint": "joint",
    "region": "shop", "respondent_name": "shop", "respondent_address": "shop", "files": "evidence",
    "kinds": "what", "anonymous": "who",
}  # fmt: skip


def path_of(draft: Draft) -> list[str]:
    """The pages this draft goes through."""
    return [name for name in TITLES if APPLIES.get(name, lambda _: True)(draft)]


def next_of(draft: Draft, name: str = "") -> str:
    """The first page after ``name`` that is not answered; the last one when all are."""
    path, done = path_of(draft), draft.data.get("done", [])
    begin = path.index(name) + 1 if name in path else 0
    return next((one for one in [*path[begin:], *path[:begin]] if one not in done), path[-1])


@login_not_required
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """What one can do here: complain or report, see how it goes, ask something else."""
    draft = Draft(request)
    resume = next_of(draft) if draft else ""
    context = {**NAV, "resume": resume, "shop": draft.shop_name if draft else ""}
    return render(request, "complaints/consumer_start.html", context)


@login_not_required
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """Begin about a shop, a card or a refused refund: what is known already is filled in."""
    draft, asked = Draft(request), request.GET
    if (asked.get("contract") or asked.get("refund")) and not request.user.is_authenticated:
        return _sign_in(request, request.get_full_path())
    known: dict[str, Any] = {}
    if asked.get("refund"):
        refund = my_refund(request, asked["refund"])
        running = Complaint.objects.filter(refund=refund, complainant__user=person(request)).first()
        if running is not None:
            return redirect("complaints:matter", running.code)
        said = f"：「{refund.answer}」" if refund.answer else ""
        known = {
            "contract": refund.contract_id, "merchant": refund.merchant_id, "cause": Cause.REFUND,
            "text": f"我申请退款 {yuan(refund.total_fen)} 元，商家不同意{said}。", "claim_fen": refund.total_fen,
            "claim": f"退还 {yuan(refund.total_fen)} 元", "kinds": "COMPLAINT",
        }  # fmt: skip
    elif asked.get("contract"):
        contract = my_contract(request, asked["contract"])
        known = {"contract": contract.pk, "merchant": contract.merchant_id}
    elif asked.get("shop"):
        shop = Merchant.objects.public().filter(public_code=clean_public_code(asked["shop"])).first()
        if shop is None:
            raise NotFound
        known = {"contract": None, "merchant": shop.pk}
    if known:
        done = [one for one in draft.data.get("done", []) if one not in ("facts", "claim", "odr")]
        draft.put(**known, respondent_name="", respondent_address="", region_code="", done=[*done, "shop"])
    return redirect("complaints:step", next_of(draft) if draft else "what")


@login_not_required
@require_POST
def discard(request: HttpRequest) -> HttpResponse:
    """Start afresh."""
    Draft(request).clear()
    return redirect("complaints:start")


@login_not_required
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, name: str) -> HttpResponse:
    """One page of the wizard. One that comes too early leads back to the first that is not answered."""
    draft = Draft(request)
    path = path_of(draft)
    if name not in path:
        raise NotFound
    if name == "review" and not draft and FILED in request.session:
        return redirect("complaints:done")
    missing = [one for one in path[: path.index(name)] if one not in draft.data.get("done", [])]
    if missing:
        return redirect("complaints:step", missing[0])
    if name in SIGNED_IN and not request.user.is_authenticated:
        return _sign_in(request, reverse("complaints:step", args=[name]))
    return _PAGES.get(name, _plain)(request, draft, name)


def _sign_in(request: HttpRequest, target: str) -> HttpResponse:
    return redirect(f"{resolve_url('core:sign_in_phone')}?{urlencode({'next': target})}")


def _page(request: HttpRequest, draft: Draft, name: str, form: Form | None, **more: Any) -> HttpResponse:
    path = path_of(draft)
    at = path.index(name)
    context = {
        **NAV, "form": form, "name": name, "title": TITLES[name], "number": at + 1, "total": len(path),
        "back": path[at - 1] if at else "", "draft": draft, "shop": draft.shop_name, **more,
    }  # fmt: skip
    template = f"complaints/consumer_{name}.html" if name in OWN_LOOK else "complaints/consumer_step.html"
    return render(request, template, context, status=opened_status(form))


def _answered(draft: Draft, name: str, /, **values: Any) -> HttpResponse:
    """Remember the answers of a page and go on."""
    draft.put(**values, done=[*(one for one in draft.data.get("done", []) if one != name), name])
    return redirect("complaints:step", next_of(draft, name))


def _form(name: str, draft: Draft, data: Any) -> Form:
    made: dict[str, Callable[..., Form]] = {
        "what": forms.WhatForm, "facts": forms.FactsForm, "report": forms.ReportForm, "claim": forms.ClaimForm,
        "joint": forms.JointForm, "odr": forms.OdrForm, "who": lambda *a, **k: forms.WhoForm(draft.kinds, *a, **k),
    }  # fmt: skip
    return made[name](data, initial=draft.data)


def _plain(request: HttpRequest, draft: Draft, name: str) -> HttpResponse:
    """A page that is a form and nothing else."""
    form = _form(name, draft, request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _answered(draft, name, **form.cleaned_data)
    return _page(request, draft, name, form)


def _joint(request: HttpRequest, draft: Draft, name: str) -> HttpResponse:
    """The others; shown again as they were typed."""
    form = forms.JointForm(request.POST or None, initial={"people": draft.data.get("typed", "")})
    if request.method == "POST" and form.is_valid():
        return _answered(draft, name, people=form.cleaned_data["people"], typed=request.POST["people"][:1000])
    return _page(request, draft, name, form)


def _shop(request: HttpRequest, draft: Draft, name: str) -> HttpResponse:
    """A shop of the portal, found by its name; or one that is typed."""
    sought = request.GET.get("q", "").strip()[:60]
    form: Form = forms.ShopForm(initial=draft.data)
    if request.method == "POST" and "merchant" in request.POST:
        form = forms.PickForm(request.POST)
        if form.is_valid():
            kept = draft.data.get("contract") if draft.data.get("merchant") == form.cleaned_data["merchant"] else None
            gone = {"respondent_name": "", "respondent_address": "", "region_code": ""}
            return _answered(draft, name, merchant=form.cleaned_data["merchant"], contract=kept, **gone)
    elif request.method == "POST":
        form = forms.ShopForm(request.POST)
        if form.is_valid():
            return _answered(draft, name, merchant=None, contract=None, **form.cleaned_data)
    found = []
    if sought:
        by_name = Q(brand_name__icontains=sought) | Q(legal_name__icontains=sought)
        shops = Merchant.objects.public().filter(by_name).select_related("region")
        found = list(shops.prefetch_related("stores")[:SHOPS_SHOWN])
    return _page(
        request, draft, name, form, sought=sought, found=found, merchant=draft.merchant(), typing="typed" in request.GET
    )


def _agent(request: HttpRequest, draft: Draft, name: str) -> HttpResponse:
    """Whom one speaks for; the power of attorney is kept once it was taken."""
    form = forms.AgentForm(request.POST or None, request.FILES or None, initial=draft.data)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        proof = _kept(form, "proof", data.pop("proof"), "授权委托书")
        if proof is None and not form.errors and not draft.data.get("proof"):
            form.add_error("proof", "请上传本人签字的授权委托书")
        if not form.errors:
            return _answered(draft, name, **data, proof=proof or draft.data.get("proof"))
        # What was typed beside a refused file stays.
        draft.put(**data)
    return _page(request, draft, name, form, has_proof=bool(draft.data.get("proof")))


def _kept(form: Form, field: str, upload: UploadedFile | None, title: str) -> int | None:
    """The id of the file, kept without saying who brought it; a refusal stands on the form."""
    if upload is None:
        return None
    try:
        return keep_file(upload, title=title, by=SYSTEM).pk
    except PortalError as error:
        error.fields = {field: error.message}
        show_on(form, error)
        return None


def _evidence(request: HttpRequest, draft: Draft, name: str) -> HttpResponse:
    """Photos and papers, one after another; going on needs none."""
    form, files = forms.EvidenceForm(), draft.data.get("files", [])
    if request.method == "POST" and "drop" in request.POST:
        draft.put(files=[pk for pk in files if str(pk) != request.POST["drop"]])
        return redirect("complaints:step", name)
    if request.method == "POST" and ("add" in request.POST or request.FILES):
        form = forms.EvidenceForm(request.POST, request.FILES)
        if form.is_valid() and len(files) >= MAX_FILES:
            form.add_error("file", f"最多 {MAX_FILES} 个文件，先移去一个")
        if form.is_valid() and (pk := _kept(form, "file", form.cleaned_data["file"], f"材料 {len(files) + 1}")):
            draft.put(files=[*files, pk])
            if "add" in request.POST:
                return redirect("complaints:step", name)
    if request.method == "POST" and "add" not in request.POST and not form.errors:
        return _answered(draft, name)
    return _page(request, draft, name, form, files=draft.files, most=MAX_FILES)


def _review(request: HttpRequest, draft: Draft, name: str) -> HttpResponse:
    """Everything on one page, then filed once."""
    form, wrong = Form(request.POST or None), []
    if request.method == "POST" and request.POST.get("key") == draft.key:
        try:
            return _filed(request, draft, draft.as_intake(Actor.of(request)))
        except PortalError as error:
            if error.status in (401, 403):
                raise
            fields = error.fields or {"": error.message}
            wrong = [(text, MENDED_AT.get(field, "")) for field, text in fields.items()]
    response = _page(
        request, draft, name, form, wrong=wrong, key=draft.key, files=draft.files,
        path=[(one, TITLES[one]) for one in path_of(draft) if one != name],
        cause=Cause(draft.data.get("cause", Cause.OTHER)),
    )  # fmt: skip
    response.status_code = 400 if wrong else response.status_code
    return response


def _filed(request: HttpRequest, draft: Draft, data: NewIntake) -> HttpResponse:
    """File it and show the codes; they stay in the session, for nobody is kept with an anonymous report."""
    if data.anonymous:
        # No key of the form is kept: it would lead from the report back to its sender.
        pk = durably(lambda: complaints.file_intake(data, by=Actor.of(request))).pk
    else:
        pk = act_once(request, lambda by: complaints.file_intake(data, by=by).pk)
    draft.clear()
    request.session[FILED] = pk
    return redirect("complaints:done")


@login_not_required
@require_GET
def done(request: HttpRequest) -> HttpResponse:
    """What was filed, in parts, each with its code and what happens next."""
    intake = Intake.objects.filter(pk=request.session.get(FILED) or 0).first()
    if intake is None:
        return redirect("complaints:start")
    matters = ("complaint__merchant", "report__merchant", "consultation__merchant")
    parts = list(Receipt.objects.filter(intake=intake).select_related(*matters))
    return render(request, "complaints/consumer_done.html", {**NAV, "intake": intake, "parts": parts})


@login_not_required
@require_http_methods(["GET", "POST"])
def other(request: HttpRequest) -> HttpResponse:
    """What is neither complaint nor report has doors of its own (第44条); a question may be left here."""
    draft = Draft(request)
    form = forms.QuestionForm(request.POST or None, initial=draft.data.get("question"))
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if not request.user.is_authenticated:
            draft.put(question=asked)
            return _sign_in(request, request.path)
        kind = Kind.PETITION if asked["petition"] else Kind.QUESTION
        data = NewIntake(kinds=frozenset({kind}), text=asked["text"], region_code=asked["region_code"])
        try:
            request.session[FILED] = act_once(request, lambda by: complaints.file_intake(data, by=by).pk)
        except PortalError as error:
            show_on(form, error)
        else:
            draft.put(question=None)
            return redirect("complaints:done")
    context = {**NAV, "form": form, "key": request.POST.get("key") or fresh_key()}
    return render(request, "complaints/consumer_other.html", context, status=opened_status(form))


_PAGES: dict[str, Callable[[HttpRequest, Draft, str], HttpResponse]] = {
    "shop": _shop, "agent": _agent, "joint": _joint, "evidence": _evidence, "review": _review,
}  # fmt: skip

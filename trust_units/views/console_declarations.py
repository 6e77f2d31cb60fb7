"""「放心消费」 in the console: what each store holds, and its declaration from the first answer to the pool."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.calendar import business_date
from core.errors import NotAllowed, NotFound, PortalError
from core.identifiers import clean_public_code
from core.uploads import store as keep_file
from merchants.views.desk import Desk, for_shop, once_by_form, own, put_errors, shop_page
from prepaid.views.posting import fresh_key
from trust_units import actions as trust
from trust_units.forms.declarations import AnswerForm, PromiseForm, StartForm
from trust_units.models import DECLARATION_LIFECYCLE, Declaration, NoDisturbEntry, PostEvaluation, TrustUnit

_EVALUATED = Prefetch("evaluations", PostEvaluation.objects.order_by("-year"), to_attr="evaluated")
STEPS: dict[str, tuple[Callable[..., Any], str]] = {
    "declare": (trust.declare, "已申报，一分钟内有初审结果"),
    "ask_human": (trust.ask_for_person, "已转人工审核"),
    "withdraw": (trust.withdraw_declaration, "已撤回"),
}


@for_shop()
@require_http_methods(["GET", "POST"])
def units(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What the shop's stores hold, what is under way, and where to begin."""
    if request.method == "POST" and not desk.is_owner:
        raise NotAllowed("只有负责人能申报")
    form = StartForm(request.POST or None, stores=desk.stores)
    if request.method == "POST" and form.is_valid():
        store = own(desk.merchant.stores.all(), pk=int(form.cleaned_data["store"]))
        kind = form.cleaned_data["unit_type"]
        try:
            done = once_by_form(request, desk.by, lambda: trust.start_declaration(store, kind, by=desk.by).code)
        except PortalError as error:
            if error.status in (401, 403, 404):
                raise
            put_errors(form, error)
        else:
            return redirect("trust_units:shop_declaration", done.reference)
    held = TrustUnit.objects.filter(merchant=desk.merchant).exclude(status=TrustUnit.Status.SELECTION)
    context = {
        "units": held.select_related("store", "merchant", "mall").prefetch_related(_EVALUATED)[:50],
        "declarations": Declaration.objects.filter(unit__merchant=desk.merchant).select_related(
            "unit__store", "unit__merchant", "unit__mall"
        )[:20],
        "form": form,
        "no_disturb": NoDisturbEntry.objects.filter(merchant=desk.merchant).first(),
        "key": fresh_key(),
        "today": business_date(),
    }
    status = 400 if form.errors else 0
    return shop_page(request, desk, "trust_units/console/units.html", context, status=status)


def _declaration(desk: Desk, code: str) -> Declaration:
    rows = Declaration.objects.visible_to(desk.by).select_related("unit__store", "unit__merchant", "unit__mall")
    return own(rows, unit__merchant=desk.merchant, code=clean_public_code(code))


@for_shop()
@require_GET
def declaration(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """One declaration: each criterion with its answer, what is missing, where it stands."""
    row = _declaration(desk, code)
    return _page(request, desk, row, PromiseForm(initial={"promise": row.promise}))


def _page(
    request: HttpRequest, desk: Desk, row: Declaration, promise: PromiseForm, bad: AnswerForm | None = None
) -> HttpResponse:
    answers = list(row.answers.select_related("evidence"))
    forms = [bad if bad and bad.answer.pk == one.pk else AnswerForm(answer=one) for one in answers]
    missing = [one for one in answers if one.met is None or (one.met and one.needs_evidence and not one.evidence_id)]
    context = {
        "row": row,
        "forms": forms,
        "answered": len(answers) - len(missing),
        "promise": promise,
        "allowed": DECLARATION_LIFECYCLE.allowed(row, desk.by),
        "may_fill": row.is_with_shop and desk.is_owner,
        "key": fresh_key(),
        "today": business_date(),
    }
    failed = promise.errors or (bad and bad.errors)
    return shop_page(request, desk, "trust_units/console/declaration.html", context, status=400 if failed else 0)


@for_shop()
@require_POST
def declaration_answer(request: HttpRequest, desk: Desk, code: str, criterion: str) -> HttpResponse:
    """Keep one answer with its evidence; a file that is refused leaves what was written on the form."""
    row = _declaration(desk, code)
    answer = own(row.answers.all(), criterion=criterion)
    form = AnswerForm(request.POST, request.FILES, answer=answer)
    if not form.is_valid():
        return _page(request, desk, row, PromiseForm(initial={"promise": row.promise}), form)
    given = form.cleaned_data

    def keep() -> int:
        proof = keep_file(given["evidence"], title=answer.text, by=desk.by) if given["evidence"] else None
        return trust.answer_criterion(
            row.pk, criterion, met=given["met"], statement=given["statement"], evidence=proof, by=desk.by
        ).pk

    try:
        keep()
    except PortalError as error:
        if error.status in (401, 403, 404):
            raise
        put_errors(form, error)
        return _page(request, desk, row, PromiseForm(initial={"promise": row.promise}), form)
    messages.success(request, f"已记下：{answer.text[:20]}")
    return redirect(f"{request.path.rsplit('/answers/', 1)[0]}/#{criterion}")


@for_shop()
@require_POST
def declaration_step(request: HttpRequest, desk: Desk, code: str, step: str) -> HttpResponse:
    """The promise, handing in, asking for a person, withdrawing."""
    row = _declaration(desk, code)
    promise = PromiseForm(request.POST if step == "promise" else None, initial={"promise": row.promise})
    if step == "promise":
        if not promise.is_valid():
            return _page(request, desk, row, promise)
        trust.promise(row.pk, promise.cleaned_data["promise"], by=desk.by)
        messages.success(request, "已记下承诺")
    elif step in STEPS:
        run, said = STEPS[step]
        try:
            once_by_form(request, desk.by, lambda: run(row.pk, by=desk.by).pk)
        except PortalError as error:
            if error.status in (401, 403, 404):
                raise
            messages.error(request, "；".join(error.fields.values()) or error.message)
        else:
            messages.success(request, said)
    else:
        raise NotFound
    return redirect("trust_units:shop_declaration", row.code)

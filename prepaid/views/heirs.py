"""「继承办理」: from the heir's own phone, without the phone of who has died."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.actors import Actor
from core.errors import NotFound, PortalError
from core.identifiers import clean_public_code
from core.transactions import durably
from core.uploads import store as keep_file
from merchants.models import Merchant
from merchants.views.desk import own
from prepaid import actions as prepaid
from prepaid.forms.heirs import HeirForm, PaperForm
from prepaid.models import HeirClaim, HeirDocument
from prepaid.views.posting import opened_status, show_on

PAPERS = {
    "death": HeirDocument.Kind.DEATH,
    "kinship": HeirDocument.Kind.KINSHIP,
    "identity": HeirDocument.Kind.IDENTITY,
}
NAV = {"nav_current": "prepaid:my_prepaid"}


@require_GET
def heir_claims(request: HttpRequest) -> HttpResponse:
    """One's own requests."""
    rows = HeirClaim.objects.filter(heir=request.user).select_related("merchant").order_by("-pk")[:50]  # type: ignore[misc]
    return render(request, "prepaid/consumer/heir_claims.html", {**NAV, "rows": rows})


@require_http_methods(["GET", "POST"])
def claim(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for the cards somebody held in a shop, with the papers, in one form."""
    shop = Merchant.objects.public().filter(public_code=clean_public_code(code)).first()
    if shop is None:
        raise NotFound
    form = HeirForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        made = _attempt(form, lambda: _begin(request, shop, dict(form.cleaned_data)))
        if made:
            messages.success(request, "已提交，辖区市场监管所核对后由第二人复核，结果短信告诉您。")
            return redirect("prepaid:heir_claim", made)
    context = {**NAV, "shop": shop, "form": form}
    return render(request, "prepaid/consumer/heir_new.html", context, status=opened_status(form))


def _begin(request: HttpRequest, shop: Merchant, data: dict[str, Any]) -> str:
    """Keep the papers, then write the request, its papers and the submission together."""
    by = Actor.of(request)
    files = {kind: keep_file(data.pop(name), title=kind.label, by=by) for name, kind in PAPERS.items()}

    def work() -> str:
        row = prepaid.claim_as_heir(shop.pk, data, by=by)
        for kind, file in files.items():
            prepaid.add_heir_document(row.pk, kind, file, by=by)
        return prepaid.submit_heir_claim(row.pk, by=by).code

    return durably(work)


def _attempt(form: Any, work: Callable[[], str]) -> str:
    """The answer of ``work``, or nothing when the refusal now stands on the form."""
    try:
        return work()
    except PortalError as error:
        if error.status in (401, 403, 404):
            raise
        show_on(form, error)
        return ""


@require_http_methods(["GET", "POST"])
def heir_claim(request: HttpRequest, code: str) -> HttpResponse:
    """How a request stands; while it is with the heir, one more paper."""
    row = own(HeirClaim.objects.filter(heir=request.user).select_related("merchant", "holder"), code=code)  # type: ignore[misc]
    form = PaperForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        by, given = Actor.of(request), form.cleaned_data

        def work() -> str:
            title = HeirDocument.Kind(given["kind"]).label
            file = keep_file(given["file"], title=title, by=by)
            return str(durably(lambda: prepaid.add_heir_document(row.pk, given["kind"], file, by=by)).pk)

        if _attempt(form, work):
            messages.success(request, "已上传")
            return redirect("prepaid:heir_claim", row.code)
    context = {
        **NAV, "row": row, "form": form, "documents": list(row.documents.all()),
        "can_change": row.status in ("DRAFT", "RETURNED"),
        "cards": list(row.cards.select_related("contract__plan", "refund", "legacy_card")),
    }  # fmt: skip
    return render(request, "prepaid/consumer/heir_claim.html", context, status=opened_status(form))


@require_POST
def heir_step(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """Hand in again, or take back."""
    row = own(HeirClaim.objects.filter(heir=request.user), code=code)  # type: ignore[misc]
    acts = {"submit": prepaid.submit_heir_claim, "withdraw": prepaid.withdraw_heir_claim}
    if step not in acts:
        raise NotFound
    try:
        durably(lambda: acts[step](row.pk, by=Actor.of(request)))
    except PortalError as error:
        if error.status in (401, 403, 404):
            raise
        messages.warning(request, "；".join(error.fields.values()) or error.message)
    else:
        messages.success(request, "已提交" if step == "submit" else "已撤回")
    return redirect("prepaid:heir_claim", row.code)

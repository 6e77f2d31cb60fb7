"""The consumer's pages about whose card it is: handed on, lost, taken over, for a child; and the clause check."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from core.actors import Actor
from core.errors import NotFound
from core.identifiers import clean_public_code
from prepaid import actions as prepaid
from prepaid.actions.contracts import canonical
from prepaid.clauses import check, pieces
from prepaid.forms.cards import AssignForm, ClauseForm, GuardianForm
from prepaid.models import Assignment, Contract
from prepaid.signing import paper_of
from prepaid.views.consumer import card_of, my_contract, person
from prepaid.views.device import on_known_device, proof_of
from prepaid.views.posting import act_once, fresh_key, opened_status, try_once


def _page(request: HttpRequest, name: str, form: Any = None, **context: Any) -> HttpResponse:
    given = {"nav_current": "prepaid:my_prepaid", "form": form, "key": request.POST.get("key") or fresh_key()}
    return render(request, f"prepaid/consumer/{name}.html", given | context, status=opened_status(form))


@require_http_methods(["GET", "POST"])
@on_known_device
def assign(request: HttpRequest, code: str) -> HttpResponse:
    """「转给别人用」: whom, and what goes over in figures; nothing moves before that person agrees."""
    contract = my_contract(request, code)
    running = Assignment.objects.running().filter(contract=contract).select_related("to_user").first()
    form = AssignForm(request.POST or None)
    if request.method == "POST" and running is None and form.is_valid():
        phone = form.cleaned_data["phone"]
        if try_once(request, form, lambda by: prepaid.assign(contract.pk, phone, by=by).pk):
            messages.success(request, f"已告诉尾号 {phone.strip()[-4:]}。对方同意以后才生效，之前您可以撤回。")
            return redirect("prepaid:contract", contract.code)
    card = card_of(contract, person(request))
    return _page(request, "assign", form, contract=contract, card=card, running=running)


def my_assignment(request: HttpRequest, code: str) -> Assignment:
    """The assignment with this code that the reader gives or takes. Raises NotFound."""
    user = person(request)
    rows = Assignment.objects.visible_to(Actor.of(request)).select_related(
        "contract__merchant", "contract__plan", "contract__account", "contract__store", "from_user", "to_user"
    )
    row = rows.filter(code=clean_public_code(code)).first()
    if row is None or user.pk not in (row.from_user_id, row.to_user_id):
        raise NotFound
    return row


@require_http_methods(["GET", "POST"])
@on_known_device
def assignment(request: HttpRequest, code: str) -> HttpResponse:
    """What is handed over, with all its terms; the new holder agrees or not, the old one may take it back."""
    row = my_assignment(request, code)
    user, contract = person(request), row.contract
    if request.method == "POST":
        step, seen = request.POST.get("step", ""), request.POST.get("terms_hash", "")

        def work(by: Actor) -> int:
            match step:
                case "accept":
                    return prepaid.accept_assignment(row.pk, by=by, terms_hash=seen, method=proof_of(request)).pk
                case "decline":
                    return prepaid.decline_assignment(row.pk, by=by).pk
                case "withdraw":
                    return prepaid.withdraw_assignment(row.pk, by=by).pk
            raise NotFound

        act_once(request, work)
        said = {
            "accept": "卡已经是您的了，商家已收到通知。",
            "decline": "已回绝，卡没有变。",
            "withdraw": "已撤回，卡没有变。",
        }
        messages.success(request, said[step])
        return redirect("prepaid:my_prepaid")
    taking = user.pk == row.to_user_id
    card = card_of(contract, user)
    return _page(request, "assignment", row=row, contract=contract, card=card, taking=taking)


@require_http_methods(["GET", "POST"])
def report_loss(request: HttpRequest, code: str) -> HttpResponse:
    """「挂失」: from any phone at once, no code asked: it only takes away."""
    contract = my_contract(request, code)
    if request.method == "POST":
        act_once(request, lambda by: prepaid.report_loss(contract.pk, by=by).pk)
        messages.success(request, "已挂失。余额不变，谁也不能再刷；补办以后接着用。")
        return redirect("prepaid:contract", contract.code)
    return _page(request, "loss", contract=contract)


@require_http_methods(["GET", "POST"])
@on_known_device
def reissue(request: HttpRequest, code: str) -> HttpResponse:
    """「补办」: on a phone that was proved again."""
    contract = my_contract(request, code)
    if request.method == "POST":
        act_once(request, lambda by: prepaid.reissue_card(contract.pk, by=by).pk)
        messages.success(request, "已补办，不收费，可以接着用。")
        return redirect("prepaid:contract", contract.code)
    return _page(request, "reissue", contract=contract)


@require_http_methods(["GET", "POST"])
def activate(request: HttpRequest, code: str) -> HttpResponse:
    """「激活」 a term card that ended with money left."""
    contract = my_contract(request, code)
    if request.method == "POST":
        act_once(request, lambda by: prepaid.activate_residual(contract.pk, by=by).pk)
        messages.success(request, "已激活，没付的各期从今天起接着用。")
        return redirect("prepaid:contract", contract.code)
    return _page(request, "activate", contract=contract, card=card_of(contract, person(request)))


@require_http_methods(["GET", "POST"])
def guardian(request: HttpRequest, code: str) -> HttpResponse:
    """「我未满18岁」: name who signs instead (法释〔2025〕4号第10条)."""
    contract = my_contract(request, code)
    form = GuardianForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        phone, child = form.cleaned_data["guardian_phone"], form.child
        if try_once(request, form, lambda by: prepaid.name_guardian(contract.pk, phone, child, by=by).pk):
            messages.success(request, "已告诉监护人。监护人看过条款、签约、付款以后，您就可以用了。")
            return redirect("prepaid:my_prepaid")
    if request.method == "GET" and contract.status != Contract.Status.OFFERED:
        return redirect("prepaid:contract", contract.code)
    return _page(request, "guardian", form, contract=contract)


@require_GET
def terms(request: HttpRequest, code: str) -> HttpResponse:
    """The contract as it was signed, on paper, with both signatures checked anew."""
    contract = my_contract(request, code)
    return render(request, "prepaid/consumer/terms.html", {"contract": contract, "paper": paper_of(contract)})


@require_GET
def terms_file(request: HttpRequest, code: str) -> HttpResponse:
    """The very bytes that were hashed and signed, so that anybody can compute the hash."""
    contract = my_contract(request, code)
    return HttpResponse(
        canonical(contract.terms),
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="contract-{contract.code}.json"'},
    )


@login_not_required
@require_http_methods(["GET", "POST"])
def clauses(request: HttpRequest) -> HttpResponse:
    """For everybody: which words of a contract are void, why, and what to write instead; nothing is kept."""
    form = ClauseForm(request.POST or None)
    found = None
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        marks = check(text)
        found = {"marks": marks, "pieces": pieces(text, marks)}
    return render(request, "prepaid/clauses.html", {"form": form, "found": found}, status=opened_status(form))

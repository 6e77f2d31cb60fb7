"""Incidents for everybody: how far one is, in figures; and the claims of those who lost by it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from complaints import actions as complaints
from complaints.forms.incidents import OwnClaimForm
from complaints.incident_reports import figures_of, run_off_of
from complaints.models import Incident, IncidentClaim, IncidentRepresentative, RepresentativeConsent
from core.actors import Actor
from core.errors import NotFound
from core.identifiers import clean_public_code
from core.money import yuan
from core.permissions import may, require
from core.uploads import store as keep_file
from merchants.views.desk import page_of
from prepaid.claims import LIVE
from prepaid.models import Contract, LegacyCard
from prepaid.views.consumer import person
from prepaid.views.posting import fresh_key, opened_status, try_once

NAV = {"nav_current": "portal:shops"}
ENTRIES = 50
STEPS = {
    "withdraw": ("撤回登记", "撤回后这笔债权不再统一办理；登记没有截止的，可以重新登记。", "确认撤回", "已撤回。"),
    "stand": (
        "愿意担任债权人代表",
        "代表人替大家和监管部门、清退方沟通，最多两名，要过半债权人同意。您自己的债权不受影响。",
        "我愿意", "已记下，等其他债权人同意。",
    ),
    "choose": (
        "同意由这个人代表",
        "代表人可以替您了解进展、参加协商；放弃债权、减少金额仍要您本人同意。",
        "我同意", "已记下您的同意。",
    ),
}  # fmt: skip


@login_not_required
@require_GET
def incidents(request: HttpRequest) -> HttpResponse:
    """Every incident, the newest first."""
    found, following = page_of(Incident.objects.select_related("merchant__region", "leader"), request)
    return render(request, "complaints/incidents/list.html", {**NAV, "rows": found, "next": following})


def _incident(code: str) -> Incident:
    rows = Incident.objects.select_related("merchant__region", "leader").filter(code=clean_public_code(code))
    row = rows.first()
    if row is None:
        raise NotFound
    return row


@login_not_required
@require_GET
def incident(request: HttpRequest, code: str) -> HttpResponse:
    """One incident with how far it has come, in sums: no names but the leader's, no phones, no cards."""
    row = _incident(code)
    found = run_off_of(row)
    mine: list[IncidentClaim] = []
    may_claim = row.status == Incident.Status.OPEN
    if request.user.is_authenticated:
        mine = list(row.claims.filter(claimant__user=person(request)).order_by("-pk"))
        may_claim = may_claim and may(Actor.of(request), "complaints.file_claim", row)
    context = {
        **NAV,
        "incident": row,
        "figures": figures_of(row),
        "run_off": found[0] if found else None,
        "sums": found[1] if found else None,
        "entries": row.entries.public()[:ENTRIES],
        "acting": row.representatives.filter(status="ACTING").count(),
        "mine": mine,
        "may_claim": may_claim,
    }
    return render(request, "complaints/incidents/incident.html", context)


@require_http_methods(["GET", "POST"])
def claim_new(request: HttpRequest, code: str) -> HttpResponse:
    """A consumer registers what the shop owes on one card."""
    row, user = _incident(code), person(request)
    require(Actor.of(request), "complaints.file_claim", row)
    cards = _own_cards(row, user)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = OwnClaimForm(*posted, cards=cards)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data

        def work(by: Actor) -> int:
            sent = data["evidence"]
            proof = keep_file(sent, title="债权凭证", by=by) if sent else None
            own = {"card_code": data["card_code"], "card_name": data["card_name"], "note": data["note"]}
            return complaints.file_claim(row.pk, claimed_fen=data["amount_fen"], evidence=proof, by=by, **own).pk

        made = try_once(request, form, work)
        if made:
            messages.success(request, "已登记。监管人员核对后，这里能看到结果。")
            return redirect("complaints:my_claim", IncidentClaim.objects.get(pk=made).code)
    context = {**NAV, "incident": row, "form": form, "cards": cards, "key": request.POST.get("key") or fresh_key()}
    return render(request, "complaints/incidents/claim_new.html", context, status=opened_status(form))


def _own_cards(row: Incident, user: Any) -> list[tuple[str, str]]:
    """The reader's cards at the shop that have no claim yet, with what is on them."""
    claimed = row.claims.exclude(status="WITHDRAWN").filter(claimant__user=user)
    keys = set(claimed.values_list("card_key", flat=True))
    shop = {"merchant": row.merchant_id, "holder": user}
    cards = Contract.objects.filter(**shop, status__in=LIVE).select_related("plan").with_money()
    found = [
        (one.code, f"{one.plan.name}，锁定 ¥{yuan(one.locked_fen)}")
        for one in cards
        if f"contract:{one.pk}" not in keys
    ]
    old = LegacyCard.objects.owed().filter(**shop)
    found += [
        (one.code, f"{one.name}（老卡），余额 ¥{yuan(one.left_fen)}，没有锁定")
        for one in old
        if f"legacy:{one.pk}" not in keys
    ]
    return found


def _own_claim(request: HttpRequest, code: str) -> IncidentClaim:
    rows = IncidentClaim.objects.filter(claimant__user=person(request), code=clean_public_code(code))
    row = rows.select_related("incident__merchant__region", "claimant", "evidence").first()
    if row is None:
        raise NotFound
    return row


@require_GET
def my_claim(request: HttpRequest, code: str) -> HttpResponse:
    """One's own claim: where it stands, and who may speak for everybody."""
    row = _own_claim(request, code)
    named = row.incident.representatives.exclude(status="ENDED").select_related("claim__claimant")
    chosen = set(
        RepresentativeConsent.objects.filter(representative__in=named, person_idx=row.person_idx).values_list(
            "representative", flat=True
        )
    )
    stands = row.status in ("OPEN", "ACCEPTED") and row.incident.status != "CLOSED"
    context = {
        **NAV,
        "claim": row,
        "named": [(one, one.pk in chosen, one.claim.person_idx == row.person_idx) for one in named],
        "may_withdraw": row.status == "OPEN" and row.incident.status != "CLOSED",
        "may_stand": stands and not any(one.willing_at and one.claim.person_idx == row.person_idx for one in named),
        "may_choose": stands,
    }
    return render(request, "complaints/incidents/claim.html", context)


@require_http_methods(["GET", "POST"])
def claim_step(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """Say what a step does, then take it: take back, offer to speak for the others, choose who does."""
    row, words = _own_claim(request, code), STEPS.get(step)
    if words is None:
        raise NotFound
    chosen = _named(row, request) if step == "choose" else None
    form = Form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():

        def work(by: Actor) -> int:
            if step == "withdraw":
                return complaints.withdraw_claim(row.pk, by=by).pk
            if chosen is None:
                return complaints.stand_for_claimants(row.pk, by=by).pk
            return complaints.choose_representative(chosen.pk, row.pk, by=by).pk

        if try_once(request, form, work):
            messages.success(request, words[3])
            return redirect("complaints:my_claim", row.code)
    context = {
        **NAV, "claim": row, "title": words[0], "effect": words[1], "button": words[2], "form": form,
        "chosen": chosen, "caution": step == "withdraw", "key": request.POST.get("key") or fresh_key(),
    }  # fmt: skip
    return render(request, "complaints/incidents/claim_step.html", context, status=opened_status(form))


def _named(row: IncidentClaim, request: HttpRequest) -> IncidentRepresentative:
    """The person of the address. Raises NotFound."""
    asked = request.GET.get("representative", "")
    rows = row.incident.representatives.exclude(status="ENDED").select_related("claim__claimant")
    found = rows.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 19 else None
    if found is None:
        raise NotFound
    return found

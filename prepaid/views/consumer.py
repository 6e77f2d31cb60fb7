"""我的预付: all cards of a person, and one of them in full."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.actors import Actor
from core.calendar import business_date
from core.errors import NotFound
from core.identifiers import clean_public_code
from core.models import User
from prepaid.forms.consumer import UserForm
from prepaid.models import Assignment, Contract, LegacyCard, Plan, Refund, Succession, Visit
from prepaid.statements import statement
from prepaid.views.consumer_cards import Card, asks, by_stage, cards_of, waiting_visits
from prepaid.views.posting import fresh_key, page_number

CARDS_SHOWN = 100
VISITS_A_PAGE = STATEMENT_LINES = 20


def person(request: HttpRequest) -> User:
    """Who is signed in; the pages of this audience are never open to others."""
    assert isinstance(request.user, User)
    return request.user


def my_contract(request: HttpRequest, code: str) -> Contract:
    """The contract with this code among the reader's own. Raises NotFound."""
    by = Actor.of(request)
    own = Contract.objects.visible_to(by).held_by(person(request)).with_money()
    found = own.select_related("holder", "payer", "account", "merchant__region", "plan", "store").filter(
        code=clean_public_code(code)
    )
    contract: Contract | None = found.first()
    if contract is None:
        raise NotFound
    return contract


def my_visit(request: HttpRequest, code: str) -> Visit:
    """The visit with this code on one of the reader's own cards. Raises NotFound."""
    visits = Visit.objects.visible_to(Actor.of(request)).select_related("contract", "merchant", "store")
    own = Contract.objects.held_by(person(request)).values("pk")
    visit: Visit | None = visits.filter(code=clean_public_code(code), contract__in=own).first()
    if visit is None:
        raise NotFound
    return visit


def my_refund(request: HttpRequest, code: str) -> Refund:
    """The refund with this code on one of the reader's own cards. Raises NotFound."""
    refunds = Refund.objects.visible_to(Actor.of(request)).select_related(
        "contract__account", "contract__holder", "contract__payer", "contract__plan", "merchant"
    )
    own = Contract.objects.held_by(person(request)).values("pk")
    refund: Refund | None = refunds.filter(code=clean_public_code(code), contract__in=own).first()
    if refund is None:
        raise NotFound
    return refund


def card_of(contract: Contract, user: User) -> Card:
    """One contract as its panel shows it."""
    return cards_of([contract], user, business_date())[0]


@require_GET
def my_prepaid(request: HttpRequest) -> HttpResponse:
    """Every card: what is locked, what waits for my word, what is paid next, where a refund is."""
    user, today = person(request), business_date()
    contracts = list(Contract.objects.held_by(user).with_money().order_by("-id")[:CARDS_SHOWN])
    cards = cards_of(contracts, user, today)
    groups = by_stage(cards)
    mine = [card for card in cards if card.is_holder or card.is_payer]
    return render(
        request,
        "prepaid/consumer/my_prepaid.html",
        {
            "asks": asks(waiting_visits(contracts), today),
            "handovers": Assignment.objects.running()
            .filter(Q(to_user=user) | Q(from_user=user))
            .select_related("contract__merchant", "to_user", "from_user"),
            "unsigned": groups["unsigned"],
            "live": groups["live"],
            "ended": groups["ended"],
            "successions": Succession.objects.concerning(user),
            "legacy": LegacyCard.objects.listed_for(user),
            "locked_fen": sum(card.contract.locked_fen for card in mine),
            "locked_cards": sum(card.contract.locked_fen > 0 for card in mine),
            "today": today,
            "key": fresh_key(),
        },
    )


@require_GET
def contract(request: HttpRequest, code: str) -> HttpResponse:
    """One card in full: money, visits, every movement with its date, top-ups, periods, family."""
    row = my_contract(request, code)
    user, today = person(request), business_date()
    card = cards_of([row], user, today)[0]
    visits = Visit.objects.filter(contract=row).select_related("store").order_by("-id")
    older = page_number(request.GET.get("visits_before"))
    shown = list((visits.filter(pk__lt=older) if older else visits)[: VISITS_A_PAGE + 1])
    before = page_number(request.GET.get("before"))
    lines = statement(row, before=before, limit=STATEMENT_LINES + 1)
    context: dict[str, Any] = {
        "nav_current": "prepaid:my_prepaid",
        "card": card,
        "contract": row,
        "asks": asks(waiting_visits([row]), today),
        "visits": shown[:VISITS_A_PAGE],
        "visits_next": shown[VISITS_A_PAGE - 1].pk if len(shown) > VISITS_A_PAGE else None,
        "lines": lines[:STATEMENT_LINES],
        "lines_next": lines[STATEMENT_LINES - 1].transfer_id if len(lines) > STATEMENT_LINES else None,
        "lots": row.lots.all(),
        "users": row.users.select_related("user"),
        "user_form": UserForm(),
        "by_face": row.kind == Plan.Kind.STORED_VALUE,
        "today": today,
        "key": fresh_key(),
    }
    return render(request, "prepaid/consumer/contract.html", context)

"""Looking for a trustworthy shop: one box, some filters, what is near."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.models import Industry
from trust_units.models import TrustUnit
from trust_units.search import facets, finder
from trust_units.search.asking import PARAMETERS, query_text, question_of
from trust_units.search.conditions import CUSTODY, NO_REASON
from trust_units.search.finder import Answer, Item, Question
from trust_units.search.normalise import MOST_CHARACTERS
from trust_units.search.places import gazetteer
from trust_units.search.planner import ADDRESS

PLACES_SECONDS = 300
NEAR_METRES = 3_000
_places: tuple[float, list[tuple[str, str, int]]] | None = None

Parts = list[tuple[str, bool]]


@dataclass(frozen=True)
class Line:
    """One unit on the page: its texts cut where the words stand."""

    item: Item
    unit: TrustUnit | None
    title: Parts
    name: Parts
    address: Parts
    no_reason: bool
    custody: bool
    away: str


@login_not_required
@require_GET
def units(request: HttpRequest) -> HttpResponse:
    """Trust units by words, filters and place; branches of a chain are one line until one asks for the chain."""
    given = _known(request.GET)
    question = question_of(given.lists())
    question = replace(question, grouped=question.filters.chain_id is None)
    with connection.cursor() as cursor:
        answer = finder.answer(question, cursor)
        places = _choices(cursor)
    context = {
        "nav_current": "portal:shops",
        "chosen": {name: given.get(name, "") for name in PARAMETERS},
        "answer": answer,
        "lines": _lines(answer),
        "narrowed": any(given.get(name) for name in PARAMETERS if name not in ("q", "sort", "cursor")),
        "places": places,
        "trades": Industry.objects.order_by("code"),
        "near_metres": NEAR_METRES,
        "most": MOST_CHARACTERS,
        "in_address": bool(answer.items) and answer.items[0].tier == ADDRESS,
        "headline": _headline(question, answer),
    }
    return render(request, "trust_units/units.html", context)


@login_not_required
@require_GET
def suggest(request: HttpRequest) -> HttpResponse:
    """The names that begin with what is being typed, to go below the box."""
    try:
        text = query_text(request.GET.get("q", ""))
    except ValueError:
        text = ""
    with connection.cursor() as cursor:
        rows = finder.suggestions(text, cursor)
    return render(request, "trust_units/suggestions.html", {"rows": rows})


def _known(given: QueryDict) -> QueryDict:
    """Without what others hang on to an address (utm_source, from): a page is no interface."""
    kept = QueryDict(mutable=True)
    for name in PARAMETERS:
        if name in given and name not in ("limit", "format", "group"):
            kept[name] = str(given[name])
    return kept


def _headline(question: Question, answer: Answer) -> str:
    """What was found, in one sentence."""
    about = f"“{question.q}”" if question.q else ""
    where = "附近" if question.near else ""
    if answer.total is None:
        return f"{about}{where}的放心消费单位"
    count = f"{answer.total}+" if answer.at_least else f"{answer.total:,}"
    return f"{about}{where}{'找到' if about or where else '共'} {count} 家"


def _lines(answer: Answer) -> list[Line]:
    """The items with what the truth about them says; one read for all."""
    known = TrustUnit.objects.filter(pk__in=[item.row.unit_id for item in answer.items])
    units = {unit.pk: unit for unit in known.only("pk", "code", "status", "stars", "last_checked_on", "valid_until")}
    lines = []
    for item in answer.items:
        row, marked = item.row, item.marked
        title = "sign_name" if row.sign_name else "name"
        lines.append(
            Line(
                item,
                units.get(row.unit_id),
                _parts(row.sign_name or row.name, marked.get(title, [])),
                _parts(row.name, marked.get("name", [])) if row.sign_name and row.sign_name != row.name else [],
                _parts(row.address, marked.get("address", [])),
                bool(row.flags & NO_REASON),
                bool(row.flags & CUSTODY),
                _away(item.distance_m),
            )
        )
    return lines


def _away(metres: int | None) -> str:
    """A distance as one says it."""
    if metres is None:
        return ""
    return f"{metres} 米" if metres < 1000 else f"{metres / 1000:.1f} 公里"


def _parts(text: str, ranges: list[tuple[int, int]]) -> Parts:
    """``text`` cut into pieces, each with whether it was asked for."""
    parts, at = [], 0
    for first, end in ranges:
        parts += [(text[at:first], False), (text[first:end], True)]
        at = end
    parts.append((text[at:], False))
    return [part for part in parts if part[0]]


def _choices(cursor: Any) -> list[tuple[str, str, int]]:
    """Places to choose from: code, name, how many; asked anew every five minutes."""
    global _places
    if _places is None or time.monotonic() - _places[0] > PLACES_SECONDS:
        names = gazetteer().place_names
        found = []
        for scope, n in facets.places_below(cursor):
            code = int(str(scope).ljust(9, "0"))
            found.append((str(scope), names.get(code, str(scope)), n))
        _places = time.monotonic(), found
    return _places[1]

"""A question as a reader puts it, and its answer: what pages, the API and the suggestions share."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz

from trust_units.search import cursor as cursors
from trust_units.search import facets as counts
from trust_units.search.conditions import NOTHING_CHOSEN, Commonness, Filters
from trust_units.search.cursor import Place
from trust_units.search.facets import Facets
from trust_units.search.geo import RADII_M, Point, box_around
from trust_units.search.normalise import fragments, normalise
from trust_units.search.pinyin import initials, readings
from trust_units.search.places import gazetteer
from trust_units.search.planner import SPOKEN, plan
from trust_units.search.ranking import distance_of, marks, placed
from trust_units.search.retrieval import CAP, Found, Search, Shown

COMMONNESS_SECONDS = 300
SUGGESTIONS = 8
_common: tuple[float, Commonness] | None = None


@dataclass(frozen=True)
class Question:
    """What is asked. ``text`` is the whole question as one line; a cursor belongs to it."""

    q: str = ""
    filters: Filters = NOTHING_CHOSEN
    near: Point | None = None
    radius_m: int | None = None
    sort: str = "relevance"
    limit: int = 20
    grouped: bool = False
    after: str = ""
    text: str = ""


@dataclass(frozen=True)
class Item:
    """One unit found. ``tier`` says how it fits, ``marked`` where in sign, name and address the words stand."""

    row: Shown
    tier: int | None
    distance_m: int | None
    marked: dict[str, list[tuple[int, int]]]
    branches: int = 1


@dataclass
class Answer:
    """A page of units. ``total`` is exact unless ``at_least``; ``did_you_mean`` is set where nothing fits literally."""

    items: list[Item] = field(default_factory=list)
    next: str = ""
    total: int | None = None
    at_least: bool = False
    facets: Facets | None = None
    did_you_mean: str = ""


def answer(question: Question, cursor: Any) -> Answer:
    """The page that answers ``question``. Raises Invalid for a cursor made up or of another question."""
    after = cursors.read(question.after, question.text) if question.after else None
    search = Search(cursor, commonness(cursor))
    words = fragments(question.q)
    if question.q.strip() and not words:
        return Answer(total=0, facets=Facets())
    if not words and question.near is None:
        return _browse(question, search, after)
    if words:
        rows, capped = _found(question, search)
    else:
        rows, capped = _nearby(question, search)
    return _page(question, search, rows, capped, after, words)


def suggestions(text: str, cursor: Any) -> list[Shown]:
    """At most eight shops whose name or its initials begin with ``text``, each name once, the most trusted first."""
    norm = normalise(text)
    if not norm:
        return []
    letters = norm.isascii() and norm.isalpha()
    found: dict[str, Shown] = {}
    for row in Search(cursor, Commonness({})).suggest(norm, letters, SUGGESTIONS):
        found.setdefault(row.sign_name or row.name, row)
    return list(found.values())[:SUGGESTIONS]


def commonness(cursor: Any) -> Commonness:
    """The counts of common pieces, kept some minutes in this process."""
    global _common
    if _common is None or time.monotonic() - _common[0] > COMMONNESS_SECONDS:
        _common = time.monotonic(), Commonness.read(cursor)
    return _common[1]


def _found(question: Question, search: Search) -> tuple[list[Found], bool]:
    meant = plan(question.q, gazetteer())
    near, radius = question.near, question.radius_m
    if near is None:
        return search.find(meant, question.filters, question.limit)
    rows, capped = search.find(meant, question.filters, question.limit, box_around(near, radius or RADII_M[-1]))
    if rows or radius:
        return rows, capped
    return search.find(meant, question.filters, question.limit)


def _nearby(question: Question, search: Search) -> tuple[list[Found], bool]:
    """All around, in circles that grow until one holds a page, unless the reader drew one."""
    assert question.near is not None
    rows: list[Found] = []
    for radius in (question.radius_m,) if question.radius_m else RADII_M:
        rows = search.near(question.filters, box_around(question.near, radius), question.near)
        within = [row for row in rows if (distance_of(row.lng, row.lat, question.near) or 0) <= radius]
        if len(within) >= question.limit:
            break
    return within, len(rows) >= CAP


def _browse(question: Question, search: Search, after: Place | None) -> Answer:
    start = (after.key, after.unit_id) if after else None
    rows = search.browse(question.filters, start, question.limit + 1)
    facets = counts.of_places(search.cursor, question.filters)
    page = rows[: question.limit]
    made = Answer(total=facets.total if facets else None, facets=facets)
    made.items = [Item(row, None, None, {}) for row in search.shown([row.unit_id for row in page])]
    if len(rows) > question.limit:
        made.next = cursors.write(Place(0, 0, page[-1].rank_no, page[-1].unit_id), question.text)
    return made


def _page(
    question: Question, search: Search, rows: list[Found], capped: bool, after: Place | None, words: list[str]
) -> Answer:
    ranked = placed(rows, question.sort, question.near)
    branches: dict[int, int] = {}
    if question.grouped:
        ranked, branches = _grouped(ranked)
    left = [pair for pair in ranked if after is None or pair[0] > after]
    page = left[: question.limit]
    made = Answer(total=len(ranked), at_least=capped, facets=counts.of_rows(rows, question.filters))
    found = {row.unit_id: row for _, row in page}
    for row in search.shown(list(found)):
        tier = found[row.unit_id].tier if words else None
        marked = {} if tier is None else _marked(row, words)
        away = distance_of(row.lng, row.lat, question.near)
        made.items.append(Item(row, tier, away, marked, branches.get(row.unit_id, 1)))
    if len(left) > question.limit:
        made.next = cursors.write(page[-1][0], question.text)
    if words and made.items and (made.items[0].tier or 0) >= SPOKEN:
        made.did_you_mean = _meant(made.items[0].row, "".join(words))
    return made


def _grouped(ranked: list[tuple[Place, Found]]) -> tuple[list[tuple[Place, Found]], dict[int, int]]:
    """The best row of each chain, and how many of the chain were found."""
    first: dict[int, int] = {}
    sizes: dict[int, int] = {}
    kept = []
    for place, row in ranked:
        if row.chain_id is not None and row.chain_id in first:
            sizes[first[row.chain_id]] += 1
            continue
        if row.chain_id is not None:
            first[row.chain_id] = row.unit_id
        sizes[row.unit_id] = 1
        kept.append((place, row))
    return kept, sizes


def _meant(row: Shown, asked: str) -> str:
    """The sign or the name, whichever sounds more like what was asked for."""
    sound = "".join(readings(asked)[0])

    def likeness(text: str) -> float:
        spoken = readings(normalise(text))
        heard = [*("".join(reading) for reading in spoken), *(initials(reading) for reading in spoken)]
        return max(
            fuzz.partial_ratio(sound, one) if len(one) >= len(sound) else fuzz.ratio(sound, one) for one in heard
        )

    return max(filter(None, (row.sign_name, row.name)), key=likeness)


def _marked(row: Shown, words: list[str]) -> dict[str, list[tuple[int, int]]]:
    told = {"sign_name": row.sign_name, "name": row.name, "address": row.address}
    return {name: found for name, text in told.items() if (found := marks(text, words))}

"""What a query may mean, in the order in which it is tried. Pure: no database, so that each meaning has a test.

A plan is a list of steps; a step is a condition (``Both``, ``Either`` over leaves) and says how good its rows are.
Homophones, spellings and likeness come only after what is literally there: 张云 never brings 张芸 above itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from typing import NamedTuple, Protocol

from trust_units.search.normalise import core, fragments, is_han
from trust_units.search.pinyin import Reading, Spelling, initials, readings, spellings

EXACT, PREFIX, CONTIGUOUS, ALL_GRAMS, ADDRESS, SPOKEN, LIKENESS = range(7)
MOST_SPOKEN = 6
LEAST_ALIKE = 3
# From so many characters on a query may as well be part of an address; fewer mean a name if there is one.
LEAST_ADDRESS = 4
_RUNS = re.compile("[a-z]+|[^a-z]+")


class Codes(NamedTuple):
    """A place as a range of nine-digit codes, the end not included."""

    first: int
    end: int


@dataclass(frozen=True)
class Words:
    """All pairs of each fragment stand in the name or on the sign."""

    fragments: tuple[str, ...]


@dataclass(frozen=True)
class Where:
    """All pairs of each fragment stand in the address."""

    fragments: tuple[str, ...]


@dataclass(frozen=True)
class Sounds:
    """These syllables follow each other in the reading; ``rest`` begins the next."""

    syllables: Reading
    rest: str = ""


@dataclass(frozen=True)
class Initials:
    """These letters follow each other in the initials."""

    letters: str


@dataclass(frozen=True)
class InPlace:
    """The unit lies in one of these places."""

    places: tuple[Codes, ...]


@dataclass(frozen=True)
class InTrade:
    """The unit is of one of these industries."""

    industries: tuple[int, ...]


@dataclass(frozen=True)
class Both:
    """Every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Either:
    """One part holds; each is asked by itself."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Alike:
    """Looks like the text; the last resort."""

    text: str


Condition = Words | Where | Sounds | Initials | InPlace | InTrade | Both | Either | Alike


@dataclass(frozen=True)
class Step:
    """One attempt: rows where ``condition`` holds. Literal steps (``tier`` below ADDRESS) grade each row themselves,
    against ``exact``. With ``more`` the next step runs as well while the page is not full."""

    condition: Condition
    tier: int
    exact: str = ""
    more: bool = False


@dataclass(frozen=True)
class Plan:
    """How a query is answered."""

    fragments: tuple[str, ...] = ()
    steps: tuple[Step, ...] = field(default=())


class Gazetteer(Protocol):
    """What the planner knows of places and trades."""

    @property
    def places(self) -> Mapping[str, tuple[Codes, ...]]:
        """Places by name."""

    @property
    def place_initials(self) -> Mapping[str, tuple[Codes, ...]]:
        """Provinces and cities by initials."""

    @property
    def trade_initials(self) -> Mapping[str, tuple[int, ...]]:
        """Trades by the initials of the words for them."""


def plan(query: str, known: Gazetteer) -> Plan:
    """The steps that answer ``query``; none for a query without letters and characters."""
    words = tuple(dict.fromkeys(fragments(query)))
    if not words:
        return Plan()
    joined = "".join(fragments(query))
    if any(_has_letters(word) for word in words):
        return Plan(words, tuple(_latin(words, joined, known)))
    return Plan(words, tuple(_chinese(words, joined, known)))


def _chinese(words: tuple[str, ...], joined: str, known: Gazetteer) -> Iterator[Step]:
    literal: Condition = Words(words)
    if place := _in_place(words, known):
        literal = Either((literal, place))
    may_be_address = len(joined) >= LEAST_ADDRESS
    yield Step(literal, CONTIGUOUS, joined, more=may_be_address)
    if may_be_address:
        yield Step(Where(words), ADDRESS)
    if len(words) > 1:
        yield Step(Words((joined,)), CONTIGUOUS, joined)
    if (bare := core(joined)) != joined:
        yield Step(Words((bare,)), CONTIGUOUS, bare)
    if split := _split_place(joined, known):
        yield Step(split, CONTIGUOUS, joined)
    if not may_be_address:
        yield Step(Where(words), ADDRESS)
    if len(words) > 1:
        yield Step(Both(tuple(Either((Words((word,)), Where((word,)))) for word in words)), ADDRESS)
    spoken = tuple(Sounds(reading) for reading in readings(joined) if len(reading) > 1)
    if spoken and all(map(is_han, joined)):
        yield Step(Either(spoken), SPOKEN)
    if len(joined) >= LEAST_ALIKE:
        yield Step(Alike(joined), LIKENESS)


def _latin(words: tuple[str, ...], joined: str, known: Gazetteer) -> Iterator[Step]:
    """Letters may be letters (KTV), syllables (qinghe), initials (qh), or a place and a trade (hzmf)."""
    yield Step(Words(words), CONTIGUOUS, joined, more=True)
    # 12号a座: letters of an address are no pinyin.
    numbered = any(map(str.isdigit, joined)) or all(len(run) == 1 for run in _RUNS.findall(joined) if _has_letters(run))
    if numbered:
        yield Step(Where(words), ADDRESS)
    spoken = _spoken(words, joined)
    if spoken:
        yield Step(Either(spoken), SPOKEN, more=True)
    if joined.isascii() and joined.isalpha() and (short := _abbreviated(joined, known)):
        yield Step(Either(short), SPOKEN)
    if not numbered:
        yield Step(Where(words), ADDRESS)
    if len(joined) > LEAST_ALIKE:
        yield Step(Alike(joined), LIKENESS)


def _spoken(words: Sequence[str], joined: str) -> tuple[Condition, ...]:
    """The ways to say the query: as one, and if that is written apart, word by word."""
    found: list[Condition] = list(_as_one(joined))
    if len(words) > 1:
        each = [
            Either(tuple(_as_one(word))) if _has_letters(word) else Words((word,))
            for word in words
            if not _has_letters(word) or any(_as_one(word))
        ]
        if len(each) == len(words):
            found.append(Both(tuple(each)))
    return tuple(found)


def _as_one(text: str) -> Iterator[Condition]:
    """``text``, letters and characters mixed, as syllables in a row, and as initials in a row."""
    runs = _RUNS.findall(text)
    ways: list[list[Spelling]] = []
    for number, run in enumerate(runs):
        last = number == len(runs) - 1
        if not _has_letters(run):
            ways.append([Spelling(reading, "") for reading in readings(run)])
        else:
            ways.append([_open(way) if last else way for way in spellings(run) if last or not way.rest])
    for way in islice(product(*ways), MOST_SPOKEN):
        syllables = tuple(syllable for spelling in way for syllable in spelling.syllables)
        yield Sounds(syllables, way[-1].rest)
    if len(text) > 1 and not any(char.isdigit() for char in text):
        letters = "".join(run if _has_letters(run) else initials(readings(run)[0]) for run in runs)
        literal = tuple(Words((run,)) for run in runs if not _has_letters(run) and len(run) > 1)
        yield Both((Initials(letters), *literal)) if literal else Initials(letters)


def _open(way: Spelling) -> Spelling:
    """``way`` while it is being typed: its last syllable may go on (xin, xing)."""
    return way if way.rest else Spelling(way.syllables[:-1], way.syllables[-1])


def _in_place(words: tuple[str, ...], known: Gazetteer) -> Condition | None:
    """杭州 青禾: what is left, in the place that one word names."""
    for word in words:
        rest = tuple(other for other in words if other != word)
        if rest and word in known.places:
            return Both((Words(rest), InPlace(known.places[word])))
    return None


def _split_place(joined: str, known: Gazetteer) -> Condition | None:
    """杭州青禾: the longest place at the beginning, if at least two characters are left."""
    for length in range(min(len(joined) - 2, 12), 1, -1):
        if places := known.places.get(joined[:length]):
            return Both((Words((joined[length:],)), InPlace(places)))
    return None


def _abbreviated(letters: str, known: Gazetteer) -> tuple[Condition, ...]:
    """hzmf: a place whose initials come first and a trade whose initials end it."""
    found: list[Condition] = []
    for at in range(2, len(letters) - 1):
        places, trades = known.place_initials.get(letters[:at]), known.trade_initials.get(letters[at:])
        if places and trades:
            found.append(Both((InPlace(places), InTrade(trades))))
    return tuple(found)


def _has_letters(text: str) -> bool:
    return any("a" <= char <= "z" for char in text)

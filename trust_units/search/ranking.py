"""What comes first, and what of a row the query meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trust_units.search.cursor import Place
from trust_units.search.geo import Point, metres
from trust_units.search.normalise import normalise
from trust_units.search.retrieval import Found

SORTS = ("relevance", "distance", "stars")
_OLD_DAYS = 300
_MOST_UPHELD = 8


def rank_of(
    stars: int, *, no_reason: bool, custody: bool, warned: bool, days_since_check: int | None, upheld: int
) -> int:
    """The standing of a unit, small is good: no warning, stars, promises, a fresh check, few upheld complaints."""
    days = _OLD_DAYS if days_since_check is None else min(max(days_since_check, 0), _OLD_DAYS)
    rank = 10_000 * warned + 1_000 * (5 - stars) + 250 * (not no_reason) + 250 * (not custody)
    return rank + days // 3 + 50 * min(upheld, _MOST_UPHELD)


def placed(rows: Iterable[Found], sort: str, near: Point | None) -> list[tuple[Place, Found]]:
    """``rows`` in their order, each with its place: by fit, then by distance if one stands somewhere, then by rank."""
    return sorted(((_place(row, sort, near), row) for row in rows), key=lambda pair: pair[0])


def _place(row: Found, sort: str, near: Point | None) -> Place:
    away = distance_of(row.lng, row.lat, near)
    if sort == "stars":
        return Place(0, 0, row.rank_no, row.unit_id)
    if sort == "distance":
        return Place(0, 0, away if away is not None else 1 << 40, row.unit_id)
    return Place(row.tier, row.sub, row.rank_no if away is None else away, row.unit_id)


def distance_of(lng: float | None, lat: float | None, near: Point | None) -> int | None:
    """Whole metres from ``near``; None where one of them is unknown."""
    if near is None or lng is None or lat is None:
        return None
    return round(metres(Point(lng, lat), near))


def marks(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where the normalised ``words`` stand in ``text`` as it is written: half-open ranges that do not meet."""
    norm, origin = [], []
    for at, char in enumerate(text):
        for part in normalise(char):
            norm.append(part)
            origin.append(at)
    whole, found = "".join(norm), []
    for word in words:
        at = whole.find(word)
        if at >= 0 and word:
            found.append((origin[at], origin[at + len(word) - 1] + 1))
    joined: list[tuple[int, int]] = []
    for first, end in sorted(found):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((first, end))
    return joined

"""How many units there are of each trade, each star and each promise: summed at writing, never counted at reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from trust_units.search.conditions import CUSTODY, MALL, NO_REASON, Filters
from trust_units.search.planner import Codes

_ROLLUP = """
SELECT industry, stars, flags, sum(n)::bigint FROM facet_rollup WHERE scope = ANY(%s)
 GROUP BY industry, stars, flags HAVING sum(n) > 0
"""
_CHILDREN = """
SELECT scope, sum(n)::bigint FROM facet_rollup WHERE scope BETWEEN %s AND %s
 GROUP BY scope HAVING sum(n) > 0 ORDER BY scope
"""
_COUNTRY = 0
_LAST_PROVINCE, _FIRST_COUNTY = 99, 100_000
FLAGS = {"no_reason": NO_REASON, "custody": CUSTODY, "mall": MALL}


@dataclass
class Facets:
    """Counts by dimension; each dimension is counted under the filters of the others."""

    total: int = 0
    industry: Counter[int] = field(default_factory=Counter)
    stars: Counter[int] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)

    def add(self, industry: int, stars: int, flags: int, n: int, chosen: Filters) -> None:
        """Count ``n`` units that are alike."""
        in_trade = not chosen.industries or industry in chosen.industries
        in_stars = stars >= chosen.stars_min
        has_flags = flags & chosen.flags == chosen.flags
        if in_stars and has_flags:
            self.industry[industry] += n
        if in_trade and has_flags:
            self.stars[stars] += n
        if not (in_trade and in_stars):
            return
        if has_flags:
            self.total += n
        for name, bit in FLAGS.items():
            if flags & bit and flags & (chosen.flags & ~bit) == chosen.flags & ~bit:
                self.flags[name] += n


def of_rows(rows: Iterable[Any], chosen: Filters) -> Facets:
    """Counts over the rows found."""
    facets = Facets()
    for (industry, stars, flags), n in Counter((row.industry, row.stars, row.flags) for row in rows).items():
        facets.add(industry, stars, flags, n, chosen)
    return facets


def of_places(cursor: Any, chosen: Filters) -> Facets | None:
    """Counts of whole places from the rollup; None below a county or within a chain, where none is kept."""
    scopes = [_scope(place) for place in chosen.places] or [_COUNTRY]
    if None in scopes or chosen.chain_id is not None:
        return None
    cursor.execute(_ROLLUP, [scopes])
    facets = Facets()
    for industry, stars, flags, n in cursor.fetchall():
        facets.add(industry, stars, flags, n, chosen)
    return facets


def _scope(place: Codes) -> int | None:
    """The scope of the rollup that a range of codes is."""
    for width in (10_000_000, 100_000, 1_000):
        if place.end - place.first == width:
            return place.first // width
    return None


def places_below(cursor: Any, scope: int = _COUNTRY) -> list[tuple[int, int]]:
    """The divisions in ``scope`` that have units, with how many. One alone is no choice: then those below it."""
    first, last = (scope * 100, scope * 100 + 99) if scope else (1, _LAST_PROVINCE)
    cursor.execute(_CHILDREN, [first, last])
    found = cursor.fetchall()
    if len(found) == 1 and found[0][0] < _FIRST_COUNTY:
        return places_below(cursor, found[0][0])
    return [(code, n) for code, n in found]

"""The only place where the search asks the database: the steps of a plan one after the other, capped.

A step costs one round trip. Rows come in the order of the table, which the nightly rebuild keeps in the order of
rank, so that a limit without a sort takes the best; what was written since is asked for beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from trust_units.search import grams
from trust_units.search.conditions import (
    Commonness,
    Filters,
    Sql,
    both,
    branches,
    escaped,
    exactly,
    grade,
    grades,
    in_box,
    where,
)
from trust_units.search.geo import Box, Point
from trust_units.search.likeness import likeness, one_away
from trust_units.search.planner import Alike, Plan, Step

CAP = 300
_RAREST = 4
# Fuzzy: rows of a rare pair, of two rare characters, of a text one letter away; rows looked at closely.
_PAIR_ROWS, _TWO_ROWS, _CLOSE_ROWS, _LOOKED_AT = 500, 100, 60, 80
_TWO_MOST = 20_000

_SHOWN = (
    "unit_id, code, name, sign_name, address, region_code, industry, stars, flags, unit_type, status, chain_id,"
    " lng, lat, rank_no"
)
_SHORT = "unit_id, rank_no, region_code, industry, stars, flags, lng, lat, chain_id"


class Found(NamedTuple):
    """One row found, as far as sorting, counting and grouping need it. Smaller is better in ``tier`` and ``sub``."""

    unit_id: int
    rank_no: int
    region_code: int
    industry: int
    stars: int
    flags: int
    lng: float | None
    lat: float | None
    chain_id: int | None
    tier: int
    sub: int


class Shown(NamedTuple):
    """One row as it is shown."""

    unit_id: int
    code: str
    name: str
    sign_name: str
    address: str
    region_code: int
    industry: int
    stars: int
    flags: int
    unit_type: str
    status: str
    chain_id: int | None
    lng: float | None
    lat: float | None
    rank_no: int


class Search:
    """Questions to one connection, in one request."""

    def __init__(self, cursor: Any, common: Commonness) -> None:
        self.cursor = cursor
        self.common = common

    def find(self, plan: Plan, filters: Filters, wanted: int, box: Box | None = None) -> tuple[list[Found], bool]:
        """The rows that answer ``plan``, unsorted, each once at its best; whether there may be more than these."""
        best: dict[int, Found] = {}
        capped = False
        narrowed = both(filters.sql(), in_box(box))
        for step in plan.steps:
            rows = self._alike(step, narrowed) if isinstance(step.condition, Alike) else self._step(step, narrowed)
            capped = capped or len(rows) >= CAP
            for row in rows:
                known = best.get(row.unit_id)
                if known is None or row[-2:] < known[-2:]:
                    best[row.unit_id] = row
            if best and (not step.more or len(best) >= wanted):
                break
        return list(best.values()), capped

    def browse(self, filters: Filters, after: tuple[int, int] | None, limit: int) -> list[Found]:
        """The rows after ``after`` (rank, number) in the order of rank."""
        chosen = filters.sql()
        where, values = chosen.text, chosen.values
        if after:
            where, values = f"{where} AND (rank_no, unit_id) > (%s, %s)", (*values, *after)
        return self._rows(
            f"SELECT {_SHORT}, 0, 0 FROM unit_search WHERE true{where} ORDER BY rank_no, unit_id LIMIT %s",
            (*values, limit),
        )

    def near(self, filters: Filters, box: Box, centre: Point) -> list[Found]:
        """The rows in ``box``, those nearest to ``centre``, at most CAP."""
        narrowed = both(filters.sql(), in_box(box))
        return self._rows(
            f"SELECT {_SHORT}, 0, 0 FROM unit_search WHERE true{narrowed.text}"
            " ORDER BY point(lng, lat) <-> point(%s, %s) LIMIT %s",
            (*narrowed.values, centre.lng, centre.lat, CAP),
        )

    def shown(self, unit_ids: Sequence[int]) -> list[Shown]:
        """The rows of these units in this order; one that was unpublished meanwhile is left out."""
        self.cursor.execute(f"SELECT {_SHOWN} FROM unit_search WHERE unit_id = ANY(%s)", [list(unit_ids)])
        rows = {row[0]: Shown(*row) for row in self.cursor.fetchall()}
        return [rows[unit_id] for unit_id in unit_ids if unit_id in rows]

    def suggest(self, norm: str, letters: bool, limit: int) -> list[Shown]:
        """Rows whose sign or name, or their reading, begins like that; the best few."""
        like = escaped(norm) + "%"
        columns = ["sign_norm", "core_norm", "name_norm"]
        if letters:
            columns.append("initials")
        branches = " UNION ALL ".join(
            f"(SELECT {_SHOWN} FROM unit_search WHERE {column} LIKE %s LIMIT {limit * 5})" for column in columns
        )
        self.cursor.execute(
            f"SELECT DISTINCT ON (rank_no, unit_id) * FROM ({branches}) f ORDER BY rank_no, unit_id LIMIT %s",
            [*[like] * len(columns), limit * 5],
        )
        return [Shown(*row) for row in self.cursor.fetchall()]

    def _step(self, step: Step, narrowed: Sql) -> list[Found]:
        graded, parts = grades(step), list(branches(step.condition))
        heads = [both(where(part, self.common), narrowed) for part in parts]
        asked = [(grade(step, part, graded), head) for part, head in zip(parts, heads, strict=True)]
        rows = self._union(asked)
        if len(rows) < CAP:
            return rows
        # The head was cut: what fits exactly and what was written since the rebuild must not be missed.
        extra = [(graded, both(exactly(step), narrowed))] if step.exact else []
        extra += [(how, Sql(f"fresh AND {head.text}", head.values)) for how, head in asked]
        return rows + self._union(extra)

    def _union(self, parts: Iterable[tuple[Sql, Sql]]) -> list[Found]:
        texts, values = [], []
        for graded, condition in parts:
            texts.append(f"(SELECT {_SHORT}, {graded.text} FROM unit_search WHERE {condition.text} LIMIT {CAP})")
            values += [*graded.values, *condition.values]
        return self._rows(" UNION ALL ".join(texts), values)

    def _rows(self, statement: str, values: Sequence[Any]) -> list[Found]:
        self.cursor.execute(statement, values)
        return [Found(*row) for row in self.cursor.fetchall()]

    def _alike(self, step: Step, narrowed: Sql) -> list[Found]:
        """Rows that are a letter away from the text, or else share rare pieces with it; graded by likeness."""
        assert isinstance(step.condition, Alike)
        text = step.condition.text
        close = [(codes, _CLOSE_ROWS) for codes in one_away(text)]
        return self._graded(text, step.tier, close, narrowed) or self._graded(
            text, step.tier, self._rare(text), narrowed
        )

    def _graded(self, text: str, tier: int, parts: list[tuple[list[int], int]], narrowed: Sql) -> list[Found]:
        """The rows that most of ``parts`` (pieces, how many rows) bring, as far as they are alike."""
        if not parts:
            return []
        branches = " UNION ALL ".join(
            f"(SELECT unit_id FROM unit_search WHERE grams @> %s::int[]{narrowed.text} LIMIT {limit})"
            for _, limit in parts
        )
        self.cursor.execute(
            f"WITH hit AS ({branches}), best AS (SELECT unit_id, count(*) n FROM hit GROUP BY unit_id"
            f" ORDER BY n DESC, unit_id LIMIT {_LOOKED_AT})"
            f" SELECT {_SHORT}, name_norm, core_norm, sign_norm FROM best JOIN unit_search USING (unit_id)",
            [value for codes, _ in parts for value in (codes, *narrowed.values)],
        )
        graded = [(row[:9], likeness(text, row[9:])) for row in self.cursor.fetchall()]
        return [Found._make((*row, tier, 100 - score)) for row, score in graded if score]

    def _rare(self, text: str) -> list[tuple[list[int], int]]:
        """The rarest known pairs of ``text``, and two of its rarest characters at a time."""
        known = self._counted({*grams.pairs(text), *map(grams.single, text)})
        pairs = sorted(set(grams.pairs(text)), key=lambda code: known.get(code, CAP))
        found = [([code], _PAIR_ROWS) for code in pairs if known.get(code, 0) <= _PAIR_ROWS][: 2 * _RAREST]
        chars = sorted(set(map(grams.single, text)), key=lambda code: known.get(code, 0))[:_RAREST]
        for at, one in enumerate(chars):
            if known.get(one, 0) <= _TWO_MOST:
                found += [([one, other], _TWO_ROWS) for other in chars[at + 1 :]]
        return found

    def _counted(self, codes: Iterable[int]) -> dict[int, int]:
        self.cursor.execute("SELECT gram, n FROM gram_df WHERE kind = 0 AND gram = ANY(%s)", [list(codes)])
        return dict(self.cursor.fetchall())

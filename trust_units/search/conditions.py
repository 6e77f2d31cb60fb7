"""Conditions of the planner as SQL, each so that an index answers it, and how good the rows of each are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from trust_units.search import grams
from trust_units.search.geo import Box
from trust_units.search.pinyin import numbers, starts, syllable_numbers
from trust_units.search.planner import (
    Both,
    Codes,
    Condition,
    Either,
    Initials,
    InPlace,
    InTrade,
    Sounds,
    Step,
    Where,
    Words,
)

NO_REASON, CUSTODY, MALL = 1, 2, 4
NAME, ADDRESS, SOUND = range(3)
_RAREST = 4
_COMMON = 2_000


class Sql(NamedTuple):
    """A piece of SQL with its values."""

    text: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Filters:
    """What the reader chose; everything must hold."""

    places: tuple[Codes, ...] = ()
    industries: tuple[int, ...] = ()
    stars_min: int = 0
    flags: int = 0
    chain_id: int | None = None

    def sql(self) -> Sql:
        """As further conditions, each with AND before it."""
        parts: list[str] = [""]
        values: list[Any] = []
        if self.places:
            parts.append(_in_places(self.places).text)
            values += _in_places(self.places).values
        if self.industries:
            parts.append("industry = ANY(%s)")
            values.append(list(self.industries))
        if self.stars_min:
            parts.append("stars >= %s")
            values.append(self.stars_min)
        if self.flags:
            parts.append("flags & %s = %s")
            values += [self.flags, self.flags]
        if self.chain_id is not None:
            parts.append("chain_id = %s")
            values.append(self.chain_id)
        return Sql(" AND ".join(parts), tuple(values))


NOTHING_CHOSEN = Filters()


class Commonness:
    """In how many rows a piece of text stands, as far as it is common; what is not known is rare."""

    _SQL = "SELECT kind, gram, n FROM gram_df WHERE n >= %s"

    def __init__(self, counts: dict[tuple[int, int], int]) -> None:
        self.counts = counts

    @classmethod
    def read(cls, cursor: Any) -> Commonness:
        """As the last rebuild counted."""
        cursor.execute(cls._SQL, [_COMMON])
        return cls({(kind, gram): n for kind, gram, n in cursor.fetchall()})

    def rarest(self, kind: int, codes: Sequence[int], most: int) -> list[int]:
        """The rarest of ``codes``, at most so many."""
        unique = list(dict.fromkeys(codes))
        if len(unique) <= most:
            return unique
        return sorted(unique, key=lambda code: self.counts.get((kind, code), 0))[:most]


def where(condition: Condition, common: Commonness) -> Sql:
    """``condition`` as SQL that the indexes answer."""
    match condition:
        case Words(fragments):
            return _of_text("grams", NAME, fragments, common)
        case Where(fragments):
            return _of_text("addr_grams", ADDRESS, fragments, common)
        case Sounds():
            return _of_sounds(condition, common)
        case Initials(letters):
            return _of_initials(letters, common)
        case InPlace(places):
            return _in_places(places)
        case InTrade(industries):
            return Sql("industry = ANY(%s)", (list(industries),))
        case Both(parts):
            return _joined(" AND ", (where(part, common) for part in parts))
        case Either(parts):
            return _joined(" OR ", (where(part, common) for part in parts))
    raise TypeError(condition)


def _of_text(column: str, kind: int, fragments: Sequence[str], common: Commonness) -> Sql:
    """All pairs, the rarest by index; a lone character by its own code, as ``text`` makes it plain."""
    codes = [code for word in fragments for code in grams.pairs(word)]
    singles = [grams.single(word) for word in fragments if len(word) == 1]
    if not codes:
        return Sql(f"{column} @> %s::int[]", (singles,))
    asked = common.rarest(kind, codes, _RAREST)
    found = Sql(f"{column} @> %s::int[]", (asked,))
    left = [code for code in {*codes, *singles} if code not in asked]
    if left:
        # || hides the column from the index: these are only looked at in the rows that the rare ones bring.
        found = both(found, Sql(f" AND {column} || '{{}}'::int[] @> %s::int[]", (left,)))
    return found


def _of_sounds(sounds: Sounds, common: Commonness) -> Sql:
    spoken = " ".join([*sounds.syllables, sounds.rest]) if sounds.rest else f"{' '.join(sounds.syllables)} "
    known = syllable_numbers(sounds.syllables)
    codes = list(grams.of_syllables(known))
    if codes:
        asked = common.rarest(SOUND, codes, _RAREST)
        return Sql("(py_grams @> %s::int[] AND py LIKE %s)", (asked, f"% {escaped(spoken)}%"))
    if sounds.syllables and sounds.rest and known[-1]:
        ends = [grams.syllable_pair(known[-1], numbers()[word]) for word in starts(sounds.rest)]
        return Sql("(py_grams && %s::int[] AND py LIKE %s)", (ends, f"% {escaped(spoken)}%"))
    return Sql("py LIKE %s", (f" {escaped(spoken)}%",))


def _of_initials(letters: str, common: Commonness) -> Sql:
    codes = list(grams.threes(letters))
    if not codes:
        return Sql("initials LIKE %s", (f"{escaped(letters)}%",))
    asked = common.rarest(SOUND, codes, _RAREST)
    return Sql("(py_grams @> %s::int[] AND initials LIKE %s)", (asked, f"%{escaped(letters)}%"))


def branches(condition: Condition) -> Iterator[Condition]:
    """Alternatives are asked one by one: each has its own index."""
    if isinstance(condition, Either):
        for part in condition.parts:
            yield from branches(part)
    else:
        yield condition


def grades(step: Step) -> Sql:
    """Tier and sub-tier of a literal row against ``step.exact``; the step's own tier otherwise."""
    if not step.exact:
        return Sql(f"{step.tier:d}, 0")
    return _against(step.exact, (step.exact,))


def _against(exact: str, fragments: Sequence[str]) -> Sql:
    like = escaped(exact) + "%"
    there, values = [], []
    for word in fragments:
        there.append("(strpos(sign_norm, %s) > 0 OR strpos(name_norm, %s) > 0 OR strpos(core_norm, %s) > 0)")
        values += [word] * 3
    return Sql(
        "CASE WHEN %s IN (sign_norm, core_norm, name_norm) THEN 0"
        " WHEN sign_norm LIKE %s OR core_norm LIKE %s OR name_norm LIKE %s THEN 1"
        f" WHEN {' AND '.join(there)} THEN 2 ELSE 3 END, 0",
        (exact, like, like, like, *values),
    )


def grade(step: Step, branch: Condition, otherwise: Sql) -> Sql:
    """How good the rows of one branch are."""
    match branch:
        case Words(fragments) if step.exact:
            return _against(step.exact, fragments)
        case Both((Words(fragments), InPlace())) if step.exact:
            return _against("".join(fragments), fragments)
        case Where(fragments):
            whole = " AND ".join("strpos(addr_norm, %s) > 0" for _ in fragments)
            return Sql(f"{step.tier:d}, CASE WHEN {whole} THEN 0 ELSE 1 END", fragments)
        case Sounds(syllables, rest):
            spoken = escaped(" ".join((*syllables, rest)).strip())
            return _by_place("py", f" {spoken}", step.tier)
        case Initials(letters) | Both((Initials(letters), *_)):
            return _by_place("initials", escaped(letters), step.tier)
    return otherwise if not step.exact or step.tier == 2 else Sql(f"{step.tier:d}, 0")


def _by_place(column: str, text: str, tier: int) -> Sql:
    """0 where one of the readings is just that, 1 where one begins so, 2 elsewhere, 3 where the last syllable goes
    on."""
    goes_on = f" WHEN {column} NOT LIKE %s THEN 3" if column == "py" else ""
    end = " " if goes_on else ""
    return Sql(
        f"{tier:d}, CASE WHEN '|' || {column} || '|' LIKE %s THEN 0 WHEN '|' || {column} LIKE %s THEN 1"
        f"{goes_on} ELSE 2 END",
        (f"%|{text}{end}|%", f"%|{text}%", *([f"%{text} %"] if goes_on else [])),
    )


def exactly(step: Step) -> Sql:
    return Sql("(sign_norm = %s OR core_norm = %s OR name_norm = %s)", (step.exact,) * 3)


def _in_places(places: Sequence[Codes]) -> Sql:
    return _joined(" OR ", (Sql("region_code >= %s AND region_code < %s", tuple(place)) for place in places))


def in_box(box: Box | None) -> Sql:
    if box is None:
        return Sql("")
    return Sql(" AND point(lng, lat) <@ box(point(%s, %s), point(%s, %s))", tuple(box))


def both(one: Sql, other: Sql) -> Sql:
    return Sql(one.text + other.text, one.values + other.values)


def _joined(word: str, parts: Iterable[Sql]) -> Sql:
    made = list(parts)
    return Sql(f"({word.join(part.text for part in made)})", tuple(value for part in made for value in part.values))


def escaped(text: str) -> str:
    """``text`` for LIKE."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

"""What the search keeps of a unit, and what of it finds it. Pure: many processes make rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trust_units.search.grams import of_texts
from trust_units.search.normalise import NORM_VERSION, core, normalise
from trust_units.search.pinyin import sound_of

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True)
class Entry:
    """What the search is told of a unit."""

    unit_id: int
    rank_no: int
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


@dataclass(frozen=True)
class Row(Entry):
    """An entry with what finds it; the columns of unit_search in their order."""

    name_norm: str
    core_norm: str
    sign_norm: str
    addr_norm: str
    py: str
    initials: str
    grams: list[int]
    addr_grams: list[int]
    py_grams: list[int]
    norm_version: int


def region_number(code: str) -> int:
    """A division's code as nine digits: all below a place is a range."""
    return int(code[:9].ljust(9, "0"))


def row_of(entry: Entry, *, bulk: bool = False) -> Row:
    """The row that finds ``entry``; pure."""
    name, sign, address = normalise(entry.name), normalise(entry.sign_name), normalise(entry.address)
    bare = core(name)
    sound = sound_of([sign, name, bare], bulk=bulk)
    return Row(
        **vars(entry),
        name_norm=name,
        core_norm=bare,
        sign_norm=sign,
        addr_norm=address,
        py=sound.text,
        initials=sound.initials,
        grams=of_texts([name, bare, sign]),
        addr_grams=of_texts([address]),
        py_grams=sound.grams,
        norm_version=NORM_VERSION,
    )


def copy_lines(entries: Sequence[Entry]) -> str:
    """``entries`` as COPY reads them."""
    lines = []
    for entry in entries:
        values = [_copy_value(value) for value in vars(row_of(entry, bulk=True)).values()]
        lines.append("\t".join([*values, "f"]))
    return "\n".join(lines) + "\n"


def _copy_value(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, list):
        return "{" + str(value)[1:-1] + "}"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    return str(value)

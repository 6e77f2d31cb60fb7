"""Names of places and trades as readers write them: 杭州市, 杭州, hz."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from core.models import Industry, Region
from trust_units.search.normalise import normalise
from trust_units.search.pinyin import initials, readings
from trust_units.search.planner import Codes

COUNTY = 3
_SUFFIXES = (
    "自治州",
    "自治县",
    "自治区",
    "特别行政区",
    "新区",
    "地区",
    "林区",
    "矿区",
    "省",
    "市",
    "区",
    "县",
    "盟",
    "旗",
)
# Letters for a trade as the last part of an abbreviation.
_MOST_PLACES = 40


@dataclass(frozen=True)
class Gazetteer:
    """Places down to counties, and trades by the words for them."""

    places: dict[str, tuple[Codes, ...]]
    place_initials: dict[str, tuple[Codes, ...]]
    trade_initials: dict[str, tuple[int, ...]]
    place_names: dict[int, str]
    trade_names: dict[int, str]

    @classmethod
    def of(cls, regions: Iterable[tuple[str, str]], trades: Iterable[tuple[int, str, list[str]]]) -> Gazetteer:
        """From (code, name) of regions and (code, name, words) of trades."""
        places: dict[str, list[Codes]] = {}
        letters: dict[str, list[Codes]] = {}
        names: dict[int, str] = {}
        for code, name in regions:
            codes = codes_of(code)
            names[codes.first] = name
            for word in {normalise(name), _short(normalise(name))}:
                places.setdefault(word, []).append(codes)
            if len(code) <= 4:
                for reading in readings(_short(normalise(name))):
                    letters.setdefault(initials(reading), []).append(codes)
        trade_letters: dict[str, set[int]] = {}
        trade_names: dict[int, str] = {}
        for number, name, words in trades:
            trade_names[number] = name
            for word in {name, *words}:
                trade_letters.setdefault(initials(readings(normalise(word))[0]), set()).add(number)
        return cls(
            {word: tuple(found) for word, found in places.items() if word and len(found) <= _MOST_PLACES},
            {word: tuple(dict.fromkeys(found)) for word, found in letters.items()},
            {word: tuple(sorted(found)) for word, found in trade_letters.items()},
            names,
            trade_names,
        )


@cache
def gazetteer() -> Gazetteer:
    """That of this database, read once a process: divisions change by publication."""
    regions = Region.objects.filter(level__lte=COUNTY).order_by("code").values_list("code", "name")
    trades = Industry.objects.order_by("code").values_list("code", "name", "keywords")
    return Gazetteer.of(regions, trades)


def codes_of(code: str) -> Codes:
    """A division's code, of two to nine digits, as the range of all that lies in it."""
    digits = code[:9]
    first = int(digits.ljust(9, "0"))
    return Codes(first, first + 10 ** (9 - len(digits)))


def _short(name: str) -> str:
    """A place without what kind of place it is; two characters stay at least."""
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name[: -len(suffix)]
    return name

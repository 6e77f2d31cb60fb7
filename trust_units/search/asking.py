"""The parameters of a search as they come in an address: each is checked, none that we do not know is passed over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from core.errors import Invalid
from trust_units.search.conditions import CUSTODY, MALL, NO_REASON, Filters
from trust_units.search.finder import Question
from trust_units.search.geo import DATUMS, MOST_RADIUS_M, to_wgs84
from trust_units.search.normalise import MOST_CHARACTERS
from trust_units.search.places import codes_of
from trust_units.search.ranking import SORTS

MOST_A_PAGE = 50
_MOST_CODES = 20
_REGION = re.compile(r"[0-9]{2}(?:[0-9]{2}){0,2}(?:[0-9]{3})?")
_NUMBER = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,15})?")
_CHAIN = re.compile(r"-?[0-9]{1,18}")


def question_of(given: Iterable[tuple[str, list[str]]]) -> Question:
    """The question in the parameters of an address. Raises Invalid, naming each parameter that is wrong."""
    found: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, values in given:
        if name not in PARAMETERS:
            wrong[name[:40]] = "没有这个参数"
        elif len(values) > 1:
            wrong[name] = "只能写一次"
        elif values[0]:
            try:
                found[name] = PARAMETERS[name](values[0])
            except ValueError as error:
                wrong[name] = str(error)
    if found.get("sort") == "distance" and "near" not in found and "near" not in wrong:
        wrong["sort"] = "按距离排序要有位置 near"
    if wrong:
        raise Invalid(fields=wrong)
    near = None
    if "near" in found:
        lng, lat = found["near"]
        near = to_wgs84(lng, lat, found.get("datum", DATUMS[0]))
    flags = NO_REASON * found.get("no_reason", 0) | CUSTODY * found.get("custody", 0) | MALL * found.get("mall", 0)
    text = "&".join(f"{name}={found[name]!r}" for name in sorted(found) if name not in ("cursor", "limit", "format"))
    return Question(
        q=found.get("q", ""),
        filters=Filters(
            found.get("region", ()), found.get("industry", ()), found.get("stars_min", 0), flags, found.get("chain")
        ),
        near=near,
        radius_m=found.get("radius"),
        sort=found.get("sort", SORTS[0]),
        limit=found.get("limit", 20),
        grouped=bool(found.get("group")),
        after=found.get("cursor", ""),
        text=text,
    )


def query_text(text: str) -> str:
    """A query of at most 64 characters. Raises ValueError."""
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"最多 {MOST_CHARACTERS} 个字")
    return text.strip()


def _regions(text: str) -> tuple[Any, ...]:
    codes = text.split(",")
    if len(codes) > _MOST_CODES or not all(map(_REGION.fullmatch, codes)):
        raise ValueError("填行政区划代码，2、4、6 或 9 位，多个用逗号隔开")
    return tuple(dict.fromkeys(map(codes_of, codes)))


def _industries(text: str) -> tuple[int, ...]:
    codes = text.split(",")
    if len(codes) > _MOST_CODES or not all(code.isascii() and code.isdecimal() and len(code) < 4 for code in codes):
        raise ValueError("填行业代码，多个用逗号隔开")
    return tuple(sorted({int(code) for code in codes}))


def _near(text: str) -> tuple[float, float]:
    parts = text.split(",")
    if len(parts) != 2 or not all(map(_NUMBER.fullmatch, parts)):
        raise ValueError("填“经度,纬度”，如 120.15,30.28")
    lng, lat = map(float, parts)
    if not (-180 <= lng <= 180 and -85 <= lat <= 85):
        raise ValueError("经度在 -180 到 180，纬度在 -85 到 85 之间")
    return lng, lat


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) < 7 and least <= int(text) <= most):
            raise ValueError(f"填 {least} 到 {most} 的整数")
        return int(text)

    return read


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"只能是 {'、'.join(words)}")
        return text

    return read


def _chain(text: str) -> int:
    if not _CHAIN.fullmatch(text):
        raise ValueError("连锁编号不对")
    return int(text)


_TICK = _whole(0, 1)
PARAMETERS: dict[str, Callable[[str], Any]] = {
    "q": query_text,
    "region": _regions,
    "industry": _industries,
    "stars_min": _whole(0, 5),
    "no_reason": _TICK,
    "custody": _TICK,
    "mall": _TICK,
    "chain": _chain,
    "near": _near,
    "datum": _one_of(*DATUMS),
    "radius": _whole(1, MOST_RADIUS_M),
    "sort": _one_of(*SORTS),
    "group": _TICK,
    "limit": _whole(1, MOST_A_PAGE),
    "cursor": str,
    "format": _one_of("json", "geojson"),
}

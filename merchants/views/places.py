"""Choosing a street without a script: down from the province, or by a few characters of its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.models import Region

COUNTY, STREET = 3, 4
FOUND = 20


@dataclass(frozen=True)
class Choice:
    """One place to go on from, with the places above it; a street can be taken."""

    region: Region
    above: str
    is_street: bool


def region_of_licence(uscc: str, register_code: str = "") -> Region | None:
    """Where a licence was issued: digits 3 to 8 of its code, or what the register says; the nearest place known."""
    for code in (uscc[2:8], register_code):
        wanted = [code, code[:6], code[:4], code[:2]] if code else []
        known = Region.objects.in_bulk(wanted)
        for candidate in wanted:
            if candidate in known:
                return known[candidate]
    return None


def street(code: str) -> Region | None:
    """The street with this code; nothing for anything larger."""
    found = Region.objects.filter(pk=code).first() if code.isascii() and code.isdigit() else None
    return found if found and found.level == STREET else None


def ancestors(region: Region) -> list[Region]:
    """The places above one, the province first, itself last."""
    codes = [code for code in region.path.split("/") if code]
    known = Region.objects.in_bulk(codes)
    return [known[code] for code in codes if code in known]


def full_name(region: Region) -> str:
    """``浙江省杭州市滨江区浦沿街道``."""
    return "".join(one.name for one in ancestors(region))


def browse(inside: str, words: str) -> dict[str, Any]:
    """What a page shows to choose from: ``choices``, and ``trail`` from the province down."""
    words = words.strip()[:20]
    if words:
        found = list(
            Region.objects.filter(name__contains=words, level__gte=COUNTY).order_by("-is_demo", "code")[:FOUND]
        )
        return {"choices": _with_above(found), "trail": [], "words": words, "full": len(found) == FOUND}
    here = Region.objects.filter(pk=inside).first() if inside else None
    if here is None:
        rows = Region.objects.filter(level=1)
    elif here.level >= STREET:
        rows = Region.objects.none()
    else:
        rows = Region.objects.filter(path__startswith=here.path, level=here.level + 1)
    choices = [Choice(region, "", region.level == STREET) for region in rows.order_by("code")]
    return {"choices": choices, "trail": ancestors(here) if here else [], "words": "", "full": False}


def _with_above(regions: list[Region]) -> list[Choice]:
    codes = {code for region in regions for code in region.path.split("/") if code}
    names = dict(Region.objects.filter(pk__in=codes).values_list("pk", "name"))
    return [
        Choice(
            region,
            " ".join(names.get(code, "") for code in region.path.split("/")[:-2]),
            region.level == STREET,
        )
        for region in regions
    ]

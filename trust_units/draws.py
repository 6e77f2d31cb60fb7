"""The draw as pure arithmetic: the list byte for byte, the seed, the keys, the sample. No database.

Weighted sampling without replacement (Efraimidis and Spirakis 2006): each unit has a number u between 0 and 1 made
of the seed and its code; of a county the units with the smallest -log2(u) / weight are drawn. The logarithm is cut
off after forty binary places by the rule in ``minus_log2``, so every machine gets the same integers.
docs/verify/replay_draw.py does the same in a file of its own; docs/adr/0012-verifiable-draw.md says why.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from heapq import nsmallest
from io import BytesIO
from itertools import chain

FORMAT = "trust-draw-v1"
PLACES = 40
NO_ROOT = bytes(32)
# Far more than a rounded logarithm and one cut off after forty places can differ by.
SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Candidate:
    """One unit on the list."""

    code: str
    county: str
    weight: int


def written(day: date, nonce: str, quotas: Mapping[str, int], units: str) -> bytes:
    """The list as it is published: a head, the quotas by county, one line a unit in order of its code.

    ``units`` are the lines of the units, ``unit⇥code⇥county⇥weight`` each, without a newline at the end.
    """
    head = [f"{FORMAT}\t{day}\t{nonce}", *(f"quota\t{county}\t{n}" for county, n in sorted(quotas.items()))]
    return "\n".join([*head, *([units] if units else []), ""]).encode()


def read(published: bytes) -> tuple[dict[str, int], Iterator[Candidate]]:
    """Quotas and units of a published list; the units one at a time, as there may be half a million."""
    lines = (line.decode().rstrip("\n").split("\t") for line in BytesIO(published))
    next(lines)
    quotas: dict[str, int] = {}
    for kind, *cells in lines:
        if kind != "quota":
            first = [kind, *cells]
            return quotas, (Candidate(code, county, int(weight)) for _, code, county, weight in chain([first], lines))
        quotas[cells[0]] = int(cells[1])
    return quotas, iter(())


def day_of(text: str) -> date | None:
    """The day as an address writes it."""
    try:
        return date.fromisoformat(text) if len(text) == len("2026-01-01") else None
    except ValueError:
        return None


def seed_of(root: bytes, nonce: bytes) -> bytes:
    """SHA-256 of the day's Merkle root ⊕ the announced nonce."""
    return hashlib.sha256(bytes(a ^ b for a, b in zip(root, nonce, strict=True))).digest()


def minus_log2(number: int) -> int:
    """-log2((number + 1) / 2**256) for a 256-bit number, in units of 2**-40.

    The first 64 bits of the mantissa are squared forty times; each time the square reaches two there is a one.
    """
    number += 1
    length = number.bit_length()
    mantissa = number >> (length - 64) if length > 64 else number << (64 - length)
    places = 0
    for _ in range(PLACES):
        mantissa = mantissa * mantissa >> 63
        if mantissa >> 64:
            mantissa >>= 1
            places += places + 1
        else:
            places += places
    return ((257 - length) << PLACES) - places


def key_of(seed: bytes, code: str, weight: int) -> int:
    """What a unit is drawn by; the smallest keys win."""
    return (minus_log2(_number(seed, code)) << PLACES) // weight


def _number(seed: bytes, code: str) -> int:
    return int.from_bytes(hmac.digest(seed, code.encode(), "sha256"), "big")


def sample(seed: bytes, quotas: Mapping[str, int], units: Iterable[Candidate]) -> list[str]:
    """The codes drawn, county by county in order of their code, the smallest key first."""
    near: dict[str, list[tuple[float, float, Candidate]]] = {county: [] for county in quotas}
    for unit in units:
        if unit.county in near:
            log = 256 - math.log2(_number(seed, unit.code) + 1)
            near[unit.county].append(((log + SLACK) / unit.weight, (log - SLACK) / unit.weight, unit))
    return [code for county in sorted(quotas) for code in _smallest(seed, quotas[county], near[county])]


def _smallest(seed: bytes, quota: int, near: list[tuple[float, float, Candidate]]) -> list[str]:
    """The units with the smallest keys. Rounded logarithms only leave out those that can certainly not be drawn."""
    most = nsmallest(quota, (upper for upper, _, _ in near))[-1:]
    left = [unit for _, lower, unit in near if lower <= most[0]]
    return [code for _, code in nsmallest(quota, ((key_of(seed, u.code, u.weight), u.code) for u in left))]


def spread(total: int, days: int, turn: int) -> list[int]:
    """A county's checks of a week over its days, as even as can be; ``turn`` lets counties begin on other days."""
    each, rest = divmod(total, days)
    return [each + ((day - turn) % days < rest) for day in range(days)]

"""The run-off waterfall: who gets what when a shop's people are gone. Whole fen; nothing here reads a database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Claim:
    """One consumer's claim. ``source`` names it once and for ever (``contract:12``, ``legacy:7``).

    ``entitled_fen`` is what the law gives back (法释〔2025〕4号第13至22条), line by line in ``lines``; ``free_fen`` is
    locked for this claim alone and can be paid now, ``held_fen`` is locked too but waits for a disputed visit.
    A card sold before joining has neither: nothing of it was ever locked.
    """

    source: str
    entitled_fen: int
    free_fen: int = 0
    held_fen: int = 0
    lines: tuple[dict[str, Any], ...] = ()
    contract_id: int | None = None
    holder_id: int | None = None


@dataclass(frozen=True)
class Share:
    """What becomes of a claim: paid now, waiting for a disputed visit, missing. They add up to the claim."""

    claim: Claim
    pays_fen: int
    waits_fen: int
    shortfall_fen: int


@dataclass(frozen=True)
class Totals:
    """The sums of a run-off, in fen, and how many claims there are."""

    claims: int = 0
    entitled_fen: int = 0
    pays_fen: int = 0
    waits_fen: int = 0
    shortfall_fen: int = 0
    surplus_fen: int = 0


def waterfall(claims: Iterable[Claim]) -> list[Share]:
    """Each claim is paid in full out of its own locked money as far as that reaches; nobody's lock pays another's.

    What waits for a disputed visit is kept for its owner; the rest is shown as missing and stays a claim on the
    merchant. Raises ValueError for negative figures.
    """
    return [_share(claim) for claim in claims]


def _share(claim: Claim) -> Share:
    if min(claim.entitled_fen, claim.free_fen, claim.held_fen) < 0:
        raise ValueError("figures of a claim are never negative")
    pays = min(claim.entitled_fen, claim.free_fen)
    waits = min(claim.entitled_fen - pays, claim.held_fen)
    return Share(claim, pays, waits, claim.entitled_fen - pays - waits)


def totals(shares: Iterable[Share]) -> Totals:
    """The sums; ``surplus_fen`` is what stays locked after every claim on it is met, and is never paid out here."""
    rows = list(shares)
    return Totals(
        len(rows),
        sum(row.claim.entitled_fen for row in rows),
        sum(row.pays_fen for row in rows),
        sum(row.waits_fen for row in rows),
        sum(row.shortfall_fen for row in rows),
        sum(row.claim.free_fen + row.claim.held_fen - row.pays_fen - row.waits_fen for row in rows),
    )


def digest_of(heading: dict[str, Any], rows: Iterable[dict[str, Any]]) -> str:
    """The hash by which two officers sign one plan: change a fen, a name or a line, and it is another plan."""
    sha = hashlib.sha256(_canonical(heading))
    for row in rows:
        sha.update(b"\n" + _canonical(row))
    return sha.hexdigest()


def _canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str).encode()

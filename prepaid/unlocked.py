"""Prepaid money that was never locked, source by source: what merchants owe on it, in sums and claim by claim.

An area registers itself once and so counts everywhere: custody, filing, limits and risk add the sums up, run-offs and
closings go through the claims.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from merchants.models import Merchant
from prepaid.run_off import Claim


@dataclass(frozen=True)
class Unlocked:
    """One source: ``sums`` is a query (merchant_id, fen) over all merchants, ``claims`` the claims against one."""

    sums: str
    claims: Callable[[Merchant, date], Iterable[Claim]]


SOURCES: list[Unlocked] = []
_NOTHING = "SELECT NULL::bigint AS merchant_id, 0::bigint AS fen WHERE false"


def unlocked_sums() -> str:
    """The query (merchant_id, fen) over every source, to be put in brackets; a merchant may have several rows."""
    return " UNION ALL ".join([_NOTHING, *(source.sums for source in SOURCES)])


def unlocked_claims(merchant: Merchant, on: date) -> Iterator[Claim]:
    """The claims against a merchant for which nothing was ever locked."""
    for source in SOURCES:
        yield from source.claims(merchant, on)

"""Names a letter or two away from what was typed: which pieces they still share, and how alike they are."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz

from trust_units.search import grams

LEAST_LIKENESS = 55
_SHORTEST, _SHORT_TEXT = 4, 6


def likeness(text: str, names: Iterable[str]) -> int:
    """0 to 100: how alike ``text`` is to the part of a name that fits best; 0 is not alike."""
    best = 0.0
    for name in names:
        if not name:
            continue
        # A name shorter than the query must not win by being a part of it.
        best = max(best, fuzz.partial_ratio(text, name) if len(name) >= len(text) else fuzz.ratio(text, name))
    return int(best) if best >= LEAST_LIKENESS else 0


def one_away(text: str) -> list[list[int]]:
    """The pieces that a name shares with ``text`` if one character of it is missing there (all pairs but one), wrong
    or too many (all but two), or exchanged with the next (all characters)."""
    codes = grams.pairs(text)
    found = [list(dict.fromkeys(map(grams.single, text)))]
    for gap in (1, 2) if len(text) <= _SHORT_TEXT else (2,):
        for at in range(1 - gap, len(codes)):
            left = codes[: max(at, 0)] + codes[at + gap :]
            if len(left) > 1 or (left and len(text) <= _SHORTEST):
                found.append(list(dict.fromkeys(left)))
    return found

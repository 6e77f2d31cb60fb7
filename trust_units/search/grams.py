"""Pieces of text as 32-bit numbers, so that PostgreSQL's plain GIN index over ``int[]`` finds any two characters.

A pair of characters is ``first << 16 | second``, a single one ``0 << 16 | it``. Syllables and initials lie where the
first character would be a control character (1 to 6), which no text has: the ranges never meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

SYLLABLES_MOST = 511
_SYLLABLES = 0x10000
_INITIALS = 0x60000
_LETTERS = 26


def _signed(code: int) -> int:
    """``code`` as PostgreSQL's int holds it."""
    return code - 0x1_0000_0000 if code & 0x8000_0000 else code


def pair(first: str, second: str) -> int:
    """The code of two neighbours. Rare characters beyond 16 bits are folded; whoever asks looks at the text again."""
    return _signed((ord(first) & 0xFFFF) << 16 | (ord(second) & 0xFFFF))


def single(char: str) -> int:
    """The code of one character."""
    return ord(char) & 0xFFFF


def pairs(text: str) -> list[int]:
    """The codes of all neighbours of ``text``, in their order."""
    codes = [ord(char) & 0xFFFF for char in text]
    return [_signed(a << 16 | b) for a, b in pairwise(codes)]


def of_texts(texts: Iterable[str]) -> list[int]:
    """What is stored of a row: all pairs and all single characters, each once."""
    found: set[int] = set()
    for text in texts:
        codes = [ord(char) & 0xFFFF for char in text]
        found.update(codes)
        found.update(_signed(a << 16 | b) for a, b in pairwise(codes))
    return sorted(found)


def syllable_pair(first: int, second: int) -> int:
    """The code of two neighbouring syllables, by their numbers (1 to 511)."""
    return _SYLLABLES + first * (SYLLABLES_MOST + 1) + second


def threes(initials: str) -> list[int]:
    """The codes of all three neighbouring letters a to z; digits and the like break the row."""
    numbers = [ord(char) - 97 for char in initials]
    return [
        _INITIALS + (a * _LETTERS + b) * _LETTERS + c
        for a, b, c in zip(numbers, numbers[1:], numbers[2:], strict=False)
        if 0 <= a < _LETTERS and 0 <= b < _LETTERS and 0 <= c < _LETTERS
    ]


def of_syllables(numbers: Sequence[int]) -> list[int]:
    """The codes of neighbouring syllables; 0 is no syllable and breaks the row."""
    width = SYLLABLES_MOST + 1
    return [_SYLLABLES + a * width + b for a, b in pairwise(numbers) if a and b]

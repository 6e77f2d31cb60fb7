"""How names are read: syllables without tones, their initials, and Latin letters cut into syllables.

A name may have two readings (乐清 yue qing, le qing); both are found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from operator import add
from pathlib import Path
from typing import NamedTuple

from trust_units.search.grams import of_syllables, threes
from trust_units.search.normalise import is_han

MOST_SEGMENTATIONS = 6
_DATA = Path(__file__).parent / "data"
_RUNS = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]+|[^\u3400-\u9fff\U00020000-\U0003ffff]+")
_LONGEST = 6
# What keyboards without ü produce.
_ALIASES = {"lue": "lve", "nue": "nve", "lü": "lv", "nü": "nv"}

Reading = tuple[str, ...]


class Sound(NamedTuple):
    """What the index keeps of how a row is read."""

    text: str
    initials: str
    grams: list[int]


@cache
def numbers() -> dict[str, int]:
    """Each syllable with its number, from 1."""
    words = (_DATA / "syllables.txt").read_text("ascii").split()
    return {word: number for number, word in enumerate(words, 1)}


@cache
def _overrides() -> dict[str, Reading]:
    lines = (line.split() for line in (_DATA / "readings.txt").read_text("utf-8").splitlines())
    return {words[0]: tuple(words[1:]) for words in lines if words and words[0] != "#"}


def plain(marked: str) -> str:
    """A syllable without its tone mark: ``qīng`` is ``qing``, ``lǜ`` is ``lv``."""
    apart = unicodedata.normalize("NFD", marked).replace("u\u0308", "v")
    return "".join(char for char in apart if not unicodedata.combining(char))


@cache
def _usual(char: str) -> str:
    """How a character is mostly read; itself if the dictionary does not know it."""
    from pypinyin.constants import PINYIN_DICT  # half a second of dictionaries: not at every start

    known = PINYIN_DICT.get(ord(char), "").split(",")[0]
    return plain(known) if known else char


@cache
def _ambiguous() -> frozenset[str]:
    """Neighbours whose reading depends on the word they stand in."""
    from pypinyin.constants import PHRASES_DICT  # as above

    found = set()
    for phrase, readings in PHRASES_DICT.items():
        told = [plain(reading[0]) for reading in readings]
        if len(told) != len(phrase):
            continue
        differs = [syllable != _usual(char) for char, syllable in zip(phrase, told, strict=True)]
        for at, (one, other) in enumerate(pairwise(differs)):
            if one or other:
                found.add(phrase[at : at + 2])
    return frozenset(found)


def _by_character(run: str) -> Reading:
    return tuple(_usual(char) for char in run)


def _by_word(run: str) -> Reading:
    from pypinyin import lazy_pinyin  # as above

    return tuple(lazy_pinyin(run))


def _corrected(run: str, reading: Reading, *, first: bool) -> Reading:
    """``reading`` with the words of readings.txt put right."""
    ours = _overrides()
    mended = list(reading)
    for at in range(len(run) - 1):
        if override := ours.get(run[at : at + 2]) or ours.get(run[at : at + 3]):
            mended[at : at + len(override)] = override
    if first and (surname := ours.get(run[0])) and run[:2] not in ours:
        mended[0] = surname[0]
    return tuple(mended)


def readings(norm: str, *, bulk: bool = False) -> list[Reading]:
    """The readings of a normalised text: by words, by single characters, by our list; each once, at most three.

    What is not Chinese stays as it is. ``bulk`` spares the dictionary of words where no word decides.
    """
    by_word: list[str] = []
    by_character: list[str] = []
    corrected: list[str] = []
    for number, run in enumerate(_RUNS.findall(norm)):
        if not is_han(run[0]):
            for reading in (by_word, by_character, corrected):
                reading.append(run)
            continue
        single = _by_character(run)
        decided = not bulk or not _ambiguous().isdisjoint(map(add, run, run[1:]))
        word = _by_word(run) if decided else single
        if len(word) != len(single):
            word = single
        by_word += word
        by_character += single
        corrected += _corrected(run, word, first=number == 0)
    return list(dict.fromkeys([tuple(corrected), tuple(by_word), tuple(by_character)]))


def initials(reading: Reading) -> str:
    """The first letters; what is not Chinese is taken whole."""
    known = numbers()
    return "".join(syllable[0] if syllable in known else syllable for syllable in reading)


def syllable_numbers(reading: Reading) -> list[int]:
    """The numbers of the syllables; 0 for what is none."""
    known = numbers()
    return [known.get(syllable, 0) for syllable in reading]


def sound_of(texts: list[str], *, bulk: bool = False) -> Sound:
    """What the index keeps of normalised texts, the most telling first: for ``LIKE``, for prefixes, for the grams."""
    spoken = list(dict.fromkeys(reading for text in texts if text for reading in readings(text, bulk=bulk)))
    codes: set[int] = set()
    letters = list(dict.fromkeys(initials(reading) for reading in spoken))
    for reading in spoken:
        codes.update(of_syllables(syllable_numbers(reading)))
    for word in letters:
        codes.update(threes(word))
    return Sound("|".join(f" {' '.join(reading)} " for reading in spoken), "|".join(letters), sorted(codes))


class Spelling(NamedTuple):
    """Latin letters as syllables; ``rest`` begins one more."""

    syllables: Reading
    rest: str


def spellings(letters: str) -> list[Spelling]:
    """The ways to cut ``letters`` into syllables, those without a rest first; at most six (xian: xian, xi an)."""
    found = list(_cut(letters.replace("ü", "v"), {}))
    found.sort(key=lambda spelling: (bool(spelling.rest), len(spelling.syllables)))
    return found[:MOST_SEGMENTATIONS]


def _cut(letters: str, dead: dict[str, bool]) -> Iterator[Spelling]:
    """Depth first, the longest syllable first; what led nowhere once is not tried again."""
    if not letters:
        yield Spelling((), "")
        return
    if dead.get(letters):
        return
    came, known = False, numbers()
    for length in range(min(_LONGEST, len(letters)), 0, -1):
        head = _ALIASES.get(letters[:length], letters[:length])
        if head not in known:
            continue
        for number, tail in enumerate(_cut(letters[length:], dead)):
            came = True
            yield Spelling((head, *tail.syllables), tail.rest)
            if number >= MOST_SEGMENTATIONS:
                break
    if starts(letters) and letters not in known:
        came = True
        yield Spelling((), letters)
    dead[letters] = not came


@cache
def starts(letters: str) -> tuple[str, ...]:
    """The syllables that begin with ``letters``."""
    return tuple(word for word in numbers() if word.startswith(letters)) if len(letters) <= _LONGEST else ()

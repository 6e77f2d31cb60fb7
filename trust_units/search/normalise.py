"""One form for names as they are written and as they are asked for: the same function at both ends.

``NORM_VERSION`` stands in each row and in each cursor; whoever changes what this module gives counts it up and lets
the nightly rebuild write all rows again.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

NORM_VERSION = 1
MOST_CHARACTERS = 64

_TRADITIONAL = Path(__file__).parent / "data" / "traditional.txt"
# Pinyin over a word, which some texts carry in brackets: 消費(fèi)者.
_RUBY = re.compile(r"\([a-zü-ǜà-ÿāēīōūǎěǐǒǔ]+\)")
_NOISE = re.compile(r"[\W_]+")
# What a licence adds to a name and nobody says; the longest first.
_LEGAL = re.compile(
    "股份有限责任公司|有限责任公司|股份有限公司|集团有限公司|特殊普通合伙|有限公司|集团公司|普通合伙|有限合伙|个体工商户|分公司|公司|集团"
)


@cache
def simplified() -> dict[int, int]:
    """Traditional characters to simplified ones (OpenCC), as ``str.translate`` takes them."""
    pairs = _TRADITIONAL.read_text("utf-8").splitlines()
    return {ord(pair[0]): ord(pair[1]) for pair in pairs}


def _unified(text: str) -> str:
    """Full-width, ligatures, capitals and traditional characters told alike."""
    plain = unicodedata.normalize("NFKC", text)
    if "(" in plain:
        plain = _RUBY.sub("", plain)
    return plain.casefold().translate(simplified())


def normalise(text: str) -> str:
    """``text`` without case, width, script variant, spaces and signs; never raises."""
    return _NOISE.sub("", _unified(text))


def fragments(text: str) -> list[str]:
    """The normalised words of a query; what stands between spaces belongs together."""
    return [word for word in (_NOISE.sub("", part) for part in _unified(text).split()) if word]


def core(norm: str) -> str:
    """A normalised name without the words of its legal form; the name itself if nothing else is left."""
    rest = _LEGAL.sub("", norm)
    return rest if len(rest) > 1 else norm


def is_han(char: str) -> bool:
    """Whether ``char`` is a Chinese character."""
    return "\u3400" <= char <= "\u9fff" or "\U00020000" <= char <= "\U0003ffff"

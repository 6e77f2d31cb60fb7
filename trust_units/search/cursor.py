"""Where a page ended, signed: nobody makes one up, and one of other filters is refused."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from django.core import signing

from core.errors import Invalid
from trust_units.search.normalise import NORM_VERSION

_SALT = "trust_units.cursor"
_MOST = 400


class Place(NamedTuple):
    """The last row shown: how well it fits, its place within that, its number."""

    tier: int
    sub: int
    key: int
    unit_id: int


def fingerprint(question: str) -> str:
    """A short hash of all that a cursor belongs to."""
    return hashlib.sha256(question.encode()).hexdigest()[:12]


def write(place: Place, question: str) -> str:
    """The cursor after ``place`` of this ``question``."""
    return signing.dumps([*place, NORM_VERSION, fingerprint(question)], salt=_SALT, compress=False)


def read(text: str, question: str) -> Place:
    """The place a cursor of this ``question`` stands for. Raises Invalid for one made up, of another question or
    from before the names were written anew."""
    try:
        if len(text) > _MOST:
            raise signing.BadSignature
        tier, sub, key, unit_id, version, belongs_to = signing.loads(text, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Invalid(fields={"cursor": "游标无效，请从第一页重新取"}) from error
    if version != NORM_VERSION or belongs_to != fingerprint(question):
        raise Invalid(fields={"cursor": "游标是另一次查询的，请从第一页重新取"})
    return Place(tier, sub, key, unit_id)

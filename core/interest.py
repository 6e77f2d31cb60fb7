"""The table of interest rates: what held on a day, a new rate, a correction."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from django.db import transaction

from core.actors import Actor
from core.audit import record
from core.errors import Invalid, WrongState
from core.models import InterestRate
from core.permissions import require

TAGS = ("T", "P", "R", "S", "D")
MOST_PERCENT = 36
_PERCENT = re.compile(r"^\d{1,2}(\.\d{1,4})?$")


def rate_on(base: str, on: date) -> int | None:
    """The rate a year in millionths that held on a day; None where nobody has entered one."""
    found = InterestRate.objects.filter(base=base, effective_from__lte=on).order_by("-effective_from").first()
    return found.ppm if found else None


def parse_percent(text: str, *, field: str = "percent") -> int:
    """``3.45`` (percent a year) in millionths. Raises Invalid for anything else, and above 36 %."""
    cleaned = text.strip().rstrip("%％").strip()
    if not _PERCENT.match(cleaned) or Decimal(cleaned) > MOST_PERCENT:
        raise Invalid(fields={field: f"填年利率百分数，如 3.45，不超过 {MOST_PERCENT}"})
    return int(Decimal(cleaned) * 10_000)


@transaction.atomic
def add_rate(base: str, effective_from: date, ppm: int, source: str, tag: str, *, by: Actor) -> InterestRate:
    """A rate from a day on; refunds of contracts made since then are counted with it.

    Raises Invalid without a source, WrongState when that day has one already.
    """
    require(by, "core.set_interestrate")
    if base not in InterestRate.Base.values:
        raise Invalid(fields={"base": "选一种利率"})
    fresh = {"ppm": ppm, "source": _sourced(source), "tag": _tagged(tag)}
    row, made = InterestRate.objects.get_or_create(base=base, effective_from=effective_from, defaults=fresh)
    if not made:
        raise WrongState("这一天已经登记过，请改用「更正」")
    record("rate.add", row, by=by, base=base, start=effective_from, ppm=ppm, source=row.source)
    return row


@transaction.atomic
def correct_rate(rate_id: int, ppm: int, source: str, tag: str, reason: str, *, by: Actor) -> InterestRate:
    """Put a rate right; refunds already counted keep theirs. Raises Invalid without a source or a reason."""
    row = InterestRate.objects.locked(rate_id)
    require(by, "core.set_interestrate")
    if not reason.strip():
        raise Invalid(fields={"reason": "写明为什么更正"})
    changes = {"年利率": [row.ppm, ppm], "来源": [row.source, source]}
    row.ppm, row.source, row.tag = ppm, _sourced(source), _tagged(tag)
    row.save(update_fields=["ppm", "source", "tag"])
    record("rate.correct", row, by=by, changes=changes, reason=reason.strip()[:300])
    return row


def _sourced(source: str) -> str:
    if not source.strip():
        raise Invalid(fields={"source": "写明出处，如公告的名称和日期"})
    return source.strip()[:200]


def _tagged(tag: str) -> str:
    if tag not in TAGS:
        raise Invalid(fields={"tag": "选确定程度"})
    return tag

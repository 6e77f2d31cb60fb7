"""Invented names, licences and addresses, the same at every seeding."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from stdnum.cn import uscc

from core.calendar import SHANGHAI, calendar

DISTRICT = "330199"
_ORG_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


@cache
def words() -> dict[str, Any]:
    """The parts that names are made of, and the trades with what they sell."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "words.json").read_text("utf-8"))
    return found


def people(random: Random) -> Iterator[str]:
    """Names of invented people, none twice."""
    surnames, given = words()["surnames"], words()["given"]
    seen: set[str] = set()
    while True:
        name = random.choice(surnames) + "".join(random.sample(given, random.choice((1, 2, 2, 2))))
        if name not in seen:
            seen.add(name)
            yield name


def brands(random: Random) -> Iterator[str]:
    """Two-character shop names, none twice."""
    pairs = [head + tail for head in words()["brand_heads"] for tail in words()["brand_tails"] if head != tail]
    yield from random.sample(pairs, len(pairs))


def addresses(random: Random) -> Iterator[tuple[str, str]]:
    """(street code, address), each house number once."""
    for number in count(1):
        street = random.choice(words()["streets"])
        yield street["code"], f"{random.choice(street['roads'])}{number}号"


def phones(first: int) -> Iterator[str]:
    """Mobile numbers in E.164, counted up from ``139000xxxxx``."""
    return (f"+86139000{number:05d}" for number in count(first))


def licence(number: int, *, company: bool) -> str:
    """A unified social credit code of the demo district with both check characters right (GB 32100, GB 11714)."""
    body = f"MA{number:06d}"
    rest = -sum(w * _ORG_ALPHABET.index(c) for w, c in zip(_ORG_WEIGHTS, body, strict=True)) % 11
    code = f"{91 if company else 92}{DISTRICT}{body}{'0123456789X'[rest]}"
    return code + str(uscc.calc_check_digit(code))


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A time of day in Shanghai."""
    return datetime.combine(day, time(hour, minute), SHANGHAI)


def working_days_before(day: date, days: int) -> date:
    """The working day from which ``days`` working days have passed on ``day``: clocks are set by it."""
    known = calendar()
    while days:
        days -= known.is_working(day)
        day -= timedelta(days=1)
    while not known.is_working(day):
        day -= timedelta(days=1)
    return day

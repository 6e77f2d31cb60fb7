"""Which figure of law applies at a place on a day: the rule packs, read once for each place and day."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.errors import NotFound
from core.models import Rule, RulePack

NATION = "CN"
SHIPPED_PACKS = Path(__file__).parent / "data" / "rulepacks.json"
_STEPS = (2, 4, 6, 9, 12)
_FRESH_SECONDS = 300


@dataclass(frozen=True)
class RuleValue:
    """One figure of law, where it stands (``basis``) and how sure it is (``tag``: core/data/README.md)."""

    value: Any
    unit: str
    base: str
    basis: str
    tag: str
    pack_id: str
    conditions: Any


@dataclass(frozen=True)
class Pack:
    """The rules one authority set for one region, in force from one day to another, both included."""

    id: str
    region_code: str
    inherits: str
    effective_from: date
    effective_to: date | None
    rules: Mapping[str, RuleValue]
    family: str = ""

    def applies(self, on: date) -> bool:
        """Is the pack in force on this day?"""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


def rule(key: str, region_code: str, on: date) -> RuleValue:
    """The figure ``key`` for an event on day ``on`` in a region: street up to province, or ``CN``.

    The nearest region wins, then the newest pack, then what a pack inherits. Raises NotFound when no pack in
    force says anything, so that a missing rule is seen and never guessed.
    """
    found = rules(region_code, on).get(key)
    if found is None:
        raise NotFound(f"{region_code} 在 {on} 没有规则 {key}，请在规则包中补充", code="no_rule")
    return found


def rules(region_code: str, on: date) -> Mapping[str, RuleValue]:
    """All figures for a region and a day. Every process sees a change in the tables within five minutes."""
    return _rules(region_code, on, _freshness())


def every_rule(key: str, region_code: str, on: date) -> tuple[RuleValue, ...]:
    """What each pack in force says on ``key``, the nearest first: an exemption stands beside a nearer one."""
    return tuple(pack.rules[key] for pack in _packs(region_code, on, _freshness()) if key in pack.rules)


def packs_in_force(region_code: str, on: date) -> tuple[Pack, ...]:
    """The packs that speak for a region on a day, the nearest first."""
    return _packs(region_code, on, _freshness())


def forget_rules() -> None:
    """Read the packs again at the next question."""
    _rules.cache_clear()
    _packs.cache_clear()
    _published.cache_clear()


def _freshness() -> int:
    return int(time.monotonic()) // _FRESH_SECONDS


@lru_cache(maxsize=512)
def _rules(region_code: str, on: date, freshness: int) -> Mapping[str, RuleValue]:
    return _nearest(_packs(region_code, on, freshness))


@lru_cache(maxsize=512)
def _packs(region_code: str, on: date, freshness: int) -> tuple[Pack, ...]:
    return tuple(_in_order(_published(freshness), region_code, on))


@lru_cache(maxsize=1)
def _published(_freshness: int) -> list[Pack]:
    """Every published pack, read once: a region and a day more costs no question to the database."""
    by_pack: dict[RulePack, dict[str, RuleValue]] = {}
    for row in Rule.objects.filter(pack__status=RulePack.Status.PUBLISHED).select_related("pack"):
        by_pack.setdefault(row.pack, {})[row.key] = value_of(row)
    return [_pack(row, figures) for row, figures in by_pack.items()]


def value_of(row: Rule) -> RuleValue:
    """A row of the table, for the pure functions."""
    return RuleValue(row.value, row.unit, row.base, row.basis, row.tag, row.pack_id, row.conditions)


def _pack(row: RulePack, figures: Mapping[str, RuleValue]) -> Pack:
    return Pack(row.pk, row.region_code, row.inherits, row.effective_from, row.effective_to, figures, row.family)


def resolve(packs: Iterable[Pack], region_code: str, on: date) -> Mapping[str, RuleValue]:
    """The figures in force for a region and a day, out of all packs; the nearest pack with a key gives it."""
    return _nearest(_in_order(list(packs), region_code, on))


def _nearest(packs: Iterable[Pack]) -> Mapping[str, RuleValue]:
    found: dict[str, RuleValue] = {}
    for pack in packs:
        for key, value in pack.rules.items():
            found.setdefault(key, value)
    return found


def shipped_packs() -> list[Pack]:
    """The packs of the file shipped with the program, for checks without a database."""
    return [
        Pack(
            pack["id"],
            pack["region_code"],
            pack["inherits"],
            date.fromisoformat(pack["effective_from"]),
            date.fromisoformat(pack["effective_to"]) if pack["effective_to"] else None,
            {
                row["key"]: RuleValue(pack_id=pack["id"], **{k: v for k, v in row.items() if k != "key"})
                for row in pack["rules"]
            },
            pack["family"],
        )
        for pack in json.loads(SHIPPED_PACKS.read_text("utf-8"))["packs"]
    ]


def _in_order(packs: list[Pack], region_code: str, on: date) -> Iterator[Pack]:
    """The packs in force for a region, the nearest first, each once.

    ``inherits`` names one version; the version of its family that is in force on the day stands for it.
    """
    family_of = {pack.id: pack.family or pack.id for pack in packs}
    newest_first = sorted(
        (pack for pack in packs if pack.applies(on)), key=lambda pack: pack.effective_from, reverse=True
    )
    by_family = {pack.family or pack.id: pack for pack in newest_first}
    seen: set[str] = set()
    for code in _upwards(region_code):
        own = [pack for pack in newest_first if pack.region_code == code]
        chain = [*own]
        for pack in own:
            met = {pack.id}
            while (parent := by_family.get(family_of.get(pack.inherits, ""))) and parent.id not in met:
                met.add(parent.id)
                chain.append(parent)
                pack = parent
        for pack in chain:
            if pack.id not in seen:
                seen.add(pack.id)
                yield pack


def _upwards(region_code: str) -> Iterator[str]:
    """330108001, 330108, 3301, 33, CN."""
    if region_code != NATION:
        yield from (region_code[:step] for step in reversed(_STEPS) if step <= len(region_code))
    yield NATION

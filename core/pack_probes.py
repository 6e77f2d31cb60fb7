"""Back-testing a rule pack: for a figure, who would break it on the data of today. Apps above register the probes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.actors import Actor
from core.models import Region, RulePack
from core.pack_schema import spec_of
from core.rule_packs import NATION, RuleValue, packs_in_force, value_of


@dataclass(frozen=True)
class Finding:
    """One merchant that would break a figure: what it has, what is allowed, in the unit of the rule."""

    merchant_id: int
    merchant: str
    code: str
    figure: int
    limit: int
    what: str

    @property
    def excess(self) -> int:
        """By how much."""
        return abs(self.figure - self.limit)


Probe = Callable[[RuleValue, str, date, Actor], list[Finding]]
PROBES: dict[str, Probe] = {}


def probe(*keys: str) -> Callable[[Probe], Probe]:
    """Register ``find(rule, region path prefix, on, by)`` for keys; ``*`` as in the schema."""

    def register(find: Probe) -> Probe:
        for key in keys:
            PROBES[key] = find
        return find

    return register


def probe_of(key: str) -> Probe | None:
    """The probe that can test a key."""
    spec = spec_of(key)
    return PROBES.get(key) or (PROBES.get(spec.key) if spec else None)


@dataclass(frozen=True)
class Tested:
    """One figure of a draft: the rule now and then, who breaks it then, and how many break it now."""

    key: str
    now: RuleValue | None
    then: RuleValue
    findings: list[Finding]
    now_breaking: int
    testable: bool


def changes(pack: RulePack, on: date) -> Iterator[tuple[str, RuleValue | None, RuleValue]]:
    """The figures of a draft that differ from what holds in its region today: key, now, then."""
    held: dict[str, RuleValue] = {}
    for other in packs_in_force(pack.region_code, on):
        for key, value in other.rules.items():
            held.setdefault(key, value)
    for row in pack.rules.order_by("key"):
        key, then = row.key, value_of(row)
        now = held.get(key)
        if now is None or (now.value, now.unit, now.base) != (then.value, then.unit, then.base):
            yield key, now, then


def dropped(pack: RulePack, on: date) -> Mapping[str, RuleValue]:
    """The figures that the version before has and this draft does not: what is inherited holds then."""
    own = set(pack.rules.values_list("key", flat=True))
    return {
        key: value
        for other in packs_in_force(pack.region_code, on)
        if other.family == pack.family
        for key, value in other.rules.items()
        if key not in own
    }


def back_test(pack: RulePack, on: date, *, by: Actor) -> list[Tested]:
    """Run a draft on the data there is, as far as ``by`` may see it: who would break each changed figure."""
    path = region_prefix(pack.region_code)
    tested = []
    for key, now, then in changes(pack, on):
        find = probe_of(key)
        found = find(then, path, on, by) if find else []
        before = find(now, path, on, by) if find and now else []
        tested.append(Tested(key, now, then, found, len(before), find is not None))
    return tested


def region_prefix(region_code: str) -> str:
    """The path prefix of all regions a pack speaks for; empty for the nation."""
    if region_code == NATION:
        return ""
    found: Any = Region.objects.filter(pk=region_code).values_list("path", flat=True).first()
    return str(found or "no such region")

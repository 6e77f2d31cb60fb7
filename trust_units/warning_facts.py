"""When soft facts put a unit into the warning pool: so many of a kind as the rule pack says."""

from __future__ import annotations

from datetime import date

from django.db.models import Count

from core.rule_packs import rules
from trust_units.models import SupervisionFact, TrustUnit

PREFIX = "trust.warn_facts."


def thresholds(on: date) -> dict[str, int]:
    """How many standing facts of each soft kind are too many."""
    figures = rules("CN", on)
    return {key.removeprefix(PREFIX): int(found.value) for key, found in figures.items() if key.startswith(PREFIX)}


def to_warn(on: date) -> list[tuple[int, str]]:
    """The trusted units with too many standing soft facts of a kind, and that kind."""
    found: dict[int, str] = {}
    for kind, least in sorted(thresholds(on).items()):
        rows = SupervisionFact.objects.standing().filter(kind=kind, unit__status__in=["INCUBATION", "STAR"])
        many = rows.values("unit").annotate(n=Count("pk")).filter(n__gte=least).values_list("unit", flat=True)
        for unit in many:
            found.setdefault(unit, kind)
    return sorted(found.items())


def is_over_threshold(unit: TrustUnit, on: date) -> bool:
    """Whether its standing soft facts alone keep it in the warning pool."""
    least = thresholds(on)
    rows = unit.facts.standing().filter(kind__in=list(least)).values("kind").annotate(n=Count("pk"))
    return any(row["n"] >= least[row["kind"]] for row in rows)

"""What a unit must have and must not have (八有八无): an example is shipped, officers replace it by versions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from trust_units.models import CriteriaSet, UnitType

SHIPPED = Path(__file__).parent / "data" / "criteria.json"


@dataclass(frozen=True)
class Criterion:
    """One of them."""

    code: str
    kind: str
    text: str
    evidence: bool

    @property
    def is_must(self) -> bool:
        """Something to have, as against something not to do."""
        return self.kind == "HAVE"


@dataclass(frozen=True)
class Criteria:
    """Those for one kind of unit in one industry, and the version they come from."""

    version: str
    items: tuple[Criterion, ...]


@lru_cache(maxsize=1)
def shipped() -> dict[str, Any]:
    """The example that comes with the program."""
    content: dict[str, Any] = json.loads(SHIPPED.read_text("utf-8"))
    return content


def criteria_for(unit_type: str, industry: int | None, on: date) -> Criteria:
    """The criteria in force on a day: the officers' newest published version, or the shipped example."""
    newest = CriteriaSet.objects.in_force(on).first()
    content = newest.content if newest else shipped()
    rows = [
        *content["common"],
        *content["by_type"].get(UnitType(unit_type).value, []),
        *content["by_industry"].get(str(industry), []),
    ]
    version = f"第 {newest.pk} 版" if newest else str(content["version"])
    return Criteria(version, tuple(Criterion(**row) for row in rows))

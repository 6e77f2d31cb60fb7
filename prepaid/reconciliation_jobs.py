"""The daily job of reconciliation. The actions decide."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.actors import SYSTEM
from core.jobs import job
from prepaid import actions as prepaid


@job("prepaid.reconcile", "存管日终对账", at="03:00")
def reconcile(on: date, shard: int) -> dict[str, Any]:
    """Fetch and import the bank's file of the day before, book what waited long enough, check the equations."""
    return prepaid.reconcile_day(on, by=SYSTEM)

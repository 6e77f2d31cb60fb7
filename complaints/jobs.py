"""The daily jobs of the 12315 desk that belong to no one kind of matter. The actions decide."""

from __future__ import annotations

from datetime import date
from typing import Any

from complaints import actions as complaints
from core.actors import SYSTEM
from core.jobs import job


@job("complaints.deadline_sweep", "投诉举报期限巡查", at="06:30")
def deadline_sweep(on: date, shard: int) -> dict[str, Any]:
    """Warn before due dates, remind and take upwards after them, tell each officer what the day brings."""
    return complaints.sweep_clocks(on, by=SYSTEM)

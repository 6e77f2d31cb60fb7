"""The morning look for similar complaints. The action decides."""

from __future__ import annotations

from datetime import date
from typing import Any

from complaints import actions as complaints
from core.actors import SYSTEM
from core.jobs import job


@job("complaints.find_clusters", "相似投诉聚类（未诉先办）", at="06:40")
def find_clusters(on: date, shard: int) -> dict[str, Any]:
    """Propose proactive tasks out of the complaints up to the day before."""
    return complaints.find_clusters(on, by=SYSTEM)

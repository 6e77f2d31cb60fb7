"""The nightly work of the search."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.jobs import job
from trust_units.search import index


@job("trust_units.search", "公众检索整理", at="03:40")
def tidy_search(on: date, shard: int) -> dict[str, Any]:
    """Bring every row up to what is known today, then write the table anew in the order of trust."""
    return {"looked_at": index.refresh(on), "rows": index.rebuild()}

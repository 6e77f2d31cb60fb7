"""The daily jobs of merchants and malls: which rows, when. The actions decide."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.actors import SYSTEM
from core.jobs import job
from core.transactions import durably
from merchants import actions as merchants
from merchants.malls import MallMeasureCheck


@job("merchants.lapse_measures", "商圈举措到期失效", at="03:10")
def lapse_measures(on: date, shard: int) -> dict[str, Any]:
    """Let the measures lapse whose check is too old."""
    pks = list(MallMeasureCheck.objects.lapsing(on).order_by("pk").values_list("pk", flat=True))
    for pk in pks:
        durably(lambda pk=pk: merchants.lapse_measure(pk, "核查满一年，到期失效", by=SYSTEM))  # type: ignore[misc]
    return {"lapsed": len(pks)}

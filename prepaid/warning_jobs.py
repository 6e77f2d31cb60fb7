"""The daily jobs of early warning: scores, the watch list, suspected links, lists of others. The actions decide."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.actors import SYSTEM
from core.jobs import job
from prepaid import actions as prepaid
from prepaid.actions.listings import to_apply
from prepaid.actions.risk_scores import to_follow
from prepaid.jobs import each


@job("prepaid.lists", "名单比对", at="01:40")
def lists(on: date, shard: int) -> dict[str, Any]:
    """Restrict the merchants that others put on a list, free those taken off (domain: listed means no new sales)."""
    prepaid.match_lists(by=SYSTEM)
    return each(list(to_apply(on).values_list("pk", flat=True)), lambda pk: prepaid.apply_list(pk, by=SYSTEM, on=on))


@job("prepaid.merchant_links", "关联商家比对", at="01:50")
def merchant_links(on: date, shard: int) -> dict[str, Any]:
    """Look for merchants that share people, phone or address with one that closed, vanished or was restricted."""
    return {"found": prepaid.find_links(by=SYSTEM, on=on)}


@job("prepaid.risk_scores", "风险评分", at="02:30")
def risk_scores(on: date, shard: int) -> dict[str, Any]:
    """Score every merchant, then put the watch list right."""
    result = prepaid.score_merchants(on, by=SYSTEM)
    pks = list(to_follow().order_by("pk").values_list("pk", flat=True))
    return {**result, "followed": each(pks, lambda pk: prepaid.follow_score(pk, by=SYSTEM, on=on))["done"]}

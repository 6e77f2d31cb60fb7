"""The daily jobs of prepaid money: which rows, when. The actions decide."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from typing import Any

from core.actors import SYSTEM
from core.errors import PortalError
from core.jobs import job
from core.transactions import durably
from prepaid import actions as prepaid
from prepaid.models import Refund, Visit

log = logging.getLogger(__name__)
RELEASE_SHARDS = 2


@job("prepaid.auto_confirm", "逾期消费自动确认", at="00:05")
def auto_confirm(on: date, shard: int) -> dict[str, Any]:
    """Confirm the visits whose 15 working days passed in silence."""
    pks = list(Visit.objects.silent(on).values_list("pk", flat=True))
    return each(pks, lambda pk: prepaid.auto_confirm_visit(pk, by=SYSTEM, on=on))


@job("prepaid.auto_agree", "逾期退款自动同意", at="00:05")
def auto_agree(on: date, shard: int) -> dict[str, Any]:
    """Agree to the refunds whose merchants said nothing in time."""
    pks = list(Refund.objects.unanswered(on).values_list("pk", flat=True))
    return each(pks, lambda pk: prepaid.auto_agree_refund(pk, by=SYSTEM, on=on))


@job("prepaid.period_release", "按期划付", at="00:10", shards=RELEASE_SHARDS)
def period_release(on: date, shard: int) -> dict[str, Any]:
    """Pay the instalments due by ``on``."""
    return prepaid.release_due(on, shard, RELEASE_SHARDS)


@job("prepaid.seal", "每日封账", at="04:30")
def seal(on: date, shard: int) -> dict[str, Any]:
    """Seal every day before ``on``; by now its late movements have been posted."""
    return {"sealed": [day.isoformat() for day in prepaid.seal_days(on, by=SYSTEM)]}


@job("prepaid.ledger_upkeep", "账本分区与余额归并", at="03:40")
def ledger_upkeep(on: date, shard: int) -> dict[str, Any]:
    """Make the months to come and fold the hot accounts."""
    return prepaid.keep_ledger()


def each(pks: list[int], act: Callable[[int], object]) -> dict[str, Any]:
    """Do ``act`` for each row in a transaction of its own; one that is refused does not stop the others."""
    done, refused = 0, []
    for pk in pks:
        try:
            durably(lambda pk=pk: act(pk))  # type: ignore[misc]
            done += 1
        except PortalError as error:
            log.warning("row %s refused: %s", pk, error.code)
            refused.append({"id": pk, "code": error.code})
    return {"done": done, "refused": refused}

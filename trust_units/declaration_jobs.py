"""What follows a declaration by itself: the pre-screen within a minute, the pool when the publicity is over."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from core import outbox
from core.actors import SYSTEM
from core.jobs import job
from core.transactions import durably
from trust_units import actions as trust
from trust_units.models import Declaration


@outbox.handler("trust_units.screen")
def screen(payload: dict[str, Any]) -> None:
    """Apply the rules of the pre-screen to what was handed in."""
    trust.screen_declaration(payload["declaration"], by=SYSTEM)


@job("trust_units.grant", "公示期满入库", at="05:20")
def grant(on: date, shard: int) -> dict[str, Any]:
    """Take into the pool every unit whose publicity is over and whose objections are all answered."""
    due = Declaration.objects.filter(status=Declaration.Status.PUBLICITY, public_until__lt=on)
    granted = waiting = 0
    for pk in due.order_by("pk").values_list("pk", flat=True):
        if durably(partial(trust.grant_after_publicity, pk, by=SYSTEM, on=on)):
            granted += 1
        else:
            waiting += 1
    return {"granted": granted, "waiting_for_objections": waiting}

"""What happens here when something happens below: the facts of one merchant's units are brought up at once."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from complaints.signals import record_published
from core import outbox
from core.actors import SYSTEM
from core.calendar import business_date
from merchants.signals import merchant_restricted
from trust_units import check_jobs
from trust_units.actions import feed
from trust_units.models import HARD_FACTS, PUBLIC, SupervisionFact

__all__ = ["check_jobs"]


@receiver(merchant_restricted, dispatch_uid="trust_units.feed_restricted")
def feed_restricted(sender: Any, merchant_id: int, **_: Any) -> None:
    """A merchant was stopped, put on a list, or is closing or gone."""
    _follow(merchant_id)


@receiver(record_published, dispatch_uid="trust_units.feed_published")
def feed_published(sender: Any, merchant_id: int, **_: Any) -> None:
    """A penalty or the outcome of a complaint is on public view."""
    _follow(merchant_id)


def _follow(merchant_id: int) -> None:
    """Note the facts with the cause, in its transaction; removal follows in one of its own."""
    today = business_date()
    if not feed.follow_merchant(merchant_id, by=SYSTEM, on=today):
        return
    hard = SupervisionFact.objects.standing().filter(
        kind__in=HARD_FACTS, unit__merchant=merchant_id, unit__status__in=PUBLIC
    )
    for pk, unit in hard.order_by("unit_id", "pk").distinct("unit_id").values_list("pk", "unit_id"):
        outbox.enqueue("trust_units.remove_unit", f"fact:{pk}:{today}", {"unit_id": unit})

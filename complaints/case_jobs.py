"""Daily jobs along the life of a complaint: which rows, when. The actions decide."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from complaints import actions as complaints
from complaints.models import Clock, Complaint, Disclosure
from core.actors import SYSTEM
from core.calendar import end_of_day
from core.jobs import job
from prepaid.jobs import each


def _midnight(on: date) -> datetime:
    """The instant the day begins: what was due the day before has run out."""
    return end_of_day(on - timedelta(days=1))


def _run_out(code: str, statuses: tuple[str, ...], on: date) -> list[int]:
    clocks = Clock.objects.running().filter(code=code, due_at__lte=_midnight(on), complaint__status__in=statuses)
    return list(clocks.order_by("complaint").values_list("complaint", flat=True))


@job("complaints.odr_overdue", "商家协商逾期转回", at="00:15")
def odr_overdue(on: date, shard: int) -> dict[str, Any]:
    """Bring back what shops did not settle within the ten working days."""
    pks = _run_out(Clock.Code.ODR, (Complaint.Status.ODR_PENDING,), on)
    return each(pks, lambda pk: complaints.leave_odr(pk, by=SYSTEM, reason="商家逾期没有解决", at=_midnight(on)))


@job("complaints.mediation_overdue", "调解期满自动终止", at="00:20")
def mediation_overdue(on: date, shard: int) -> dict[str, Any]:
    """End the mediations whose days are over (第23条第5项)."""
    open_ones = (Complaint.Status.ACCEPTED, Complaint.Status.MEDIATING)
    pks = _run_out(Clock.Code.MEDIATE, open_ones, on)
    return each(pks, lambda pk: complaints.end_in_time(pk, by=SYSTEM, at=_midnight(on)))


@job("complaints.publish_disclosures", "投诉信息公示", at="06:10")
def publish_disclosures(on: date, shard: int) -> dict[str, Any]:
    """Publish the records whose window for objections is over."""
    pks = list(Disclosure.objects.ripe(on).values_list("pk", flat=True))
    return each(pks, lambda pk: complaints.publish_disclosure(pk, by=SYSTEM, on=on))

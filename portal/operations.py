"""The machinery at a glance: daily jobs, the outbox, and running a job by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Min, Q
from django.utils import timezone

from core.actors import Actor
from core.audit import record
from core.clocks import local
from core.jobs import JOBS, overdue, run_day
from core.models import JobRun, OutboxEvent
from core.permissions import require

DEAD_ROWS = 50


@dataclass(frozen=True)
class JobLine:
    """One job and its last run, all shards together."""

    name: str
    label: str
    at: str
    shards: int
    day: date | None
    state: str
    took: timedelta | None
    result: str
    error: str


def job_lines() -> list[JobLine]:
    """Each registered job with the newest day on which it was to run. One query."""
    newest = JobRun.objects.filter(job__in=JOBS).order_by("job", "-business_date").distinct("job")
    days = {run.job: run.business_date for run in newest}
    wanted = Q(pk__in=[])
    for name, day in days.items():
        wanted |= Q(job=name, business_date=day)
    runs: dict[str, list[JobRun]] = {}
    for run in JobRun.objects.filter(wanted).order_by("shard"):
        runs.setdefault(run.job, []).append(run)
    return [_line(name, runs.get(name, [])) for name in sorted(JOBS)]


def _line(name: str, shards: list[JobRun]) -> JobLine:
    entry = JOBS[name]
    states = {run.state for run in shards}
    worst = next((s for s in ("FAILED", "RUNNING", "NEW", "DONE") if s in states), "")
    done = [run for run in shards if run.started_at and run.finished_at]
    took = max((run.finished_at - run.started_at for run in done), default=None)  # type: ignore[operator]
    result: dict[str, Any] = {}
    for run in shards:
        for key, value in run.result.items():
            result[key] = result.get(key, 0) + value if isinstance(value, int) else value
    return JobLine(
        name,
        entry.label,
        f"{entry.at:%H:%M}",
        entry.shards,
        shards[0].business_date if shards else None,
        worst,
        took,
        "，".join(f"{key} {len(value) if isinstance(value, list) else value}" for key, value in result.items()),
        next((run.error for run in shards if run.error), ""),
    )


@dataclass(frozen=True)
class Overdue:
    """A job that is stuck: since which business date, for how many days, and why."""

    label: str
    name: str
    since: date
    days: int
    error: str


def overdue_jobs() -> list[Overdue]:
    """Every job with runs not done when their day was over, the longest stuck first."""
    stuck: dict[str, list[JobRun]] = {}
    for run in overdue(local(timezone.now()).date()).order_by("business_date", "shard"):
        stuck.setdefault(run.job, []).append(run)
    return [
        Overdue(
            JOBS[name].label,
            name,
            runs[0].business_date,
            len({run.business_date for run in runs}),
            next((run.error for run in runs if run.error), ""),
        )
        for name, runs in stuck.items()
    ]


@dataclass(frozen=True)
class OutboxState:
    """How many rows stand where, and how long the oldest due one has waited."""

    new: int
    done: int
    dead: int
    lag: timedelta
    dead_rows: list[OutboxEvent]


def outbox_state() -> OutboxState:
    """Counts, lag and what died. Rows put off for later do not count as lag."""
    now = timezone.now()
    found = OutboxEvent.objects.aggregate(
        new=Count("pk", filter=Q(state=OutboxEvent.State.NEW)),
        done=Count("pk", filter=Q(state=OutboxEvent.State.DONE)),
        dead=Count("pk", filter=Q(state=OutboxEvent.State.DEAD)),
        oldest=Min("next_at", filter=Q(state=OutboxEvent.State.NEW, next_at__lte=now)),
    )
    lag = now - found["oldest"] if found["oldest"] else timedelta()
    dead = list(OutboxEvent.objects.filter(state=OutboxEvent.State.DEAD).order_by("-created_at")[:DEAD_ROWS])
    return OutboxState(found["new"], found["done"], found["dead"], lag, dead)


def run_by_hand(name: str, on: date, *, by: Actor, allow_future: bool = False) -> list[dict[str, Any]]:
    """Run every shard of a job for one day; what is done already is not done again.

    The job opens its own transactions. Raises NotAllowed, NotFound, WrongState.
    """
    require(by, "core.run_job")
    results = run_day(name, on, allow_future=allow_future)
    with transaction.atomic():
        for run in JobRun.objects.filter(job=name, business_date=on):
            record("job.run_by_hand", run, by=by, on=on)
    return results

"""Daily jobs: one row per (job, business date, shard), made as often as anybody likes, run once.

Beat only calls ``tick``; missed days are caught up oldest first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Now

from core import outbox
from core.calendar import business_date
from core.errors import NotFound, WrongState
from core.models import JobRun

log = logging.getLogger(__name__)
SHANGHAI = ZoneInfo("Asia/Shanghai")
CATCH_UP_DAYS = 31
TAKE_OVER_AFTER = timedelta(seconds=60)
_TICK_LOCK = 0x7C1C


@dataclass(frozen=True)
class Job:
    """A registered job: what runs, from which time of day on, in how many shards."""

    name: str
    label: str
    run: Callable[[date, int], dict[str, Any]]
    at: time
    shards: int


JOBS: dict[str, Job] = {}


def job(name: str, label: str, *, at: str, shards: int = 1) -> Callable[[Any], Any]:
    """Register ``run(on, shard) -> result``; it opens its own durable transactions and is safe to repeat."""

    def register(run: Callable[[date, int], dict[str, Any]]) -> Callable[[date, int], dict[str, Any]]:
        JOBS[name] = Job(name, label, run, time.fromisoformat(at), shards)
        return run

    return register


def tick(now: datetime | None = None) -> int:
    """Make the rows that should exist by now, with their outbox events; how many were new."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s), now()", [_TICK_LOCK])
        free, database_now = cursor.fetchone()
        if not free:
            return 0
        local = (now or database_now).astimezone(SHANGHAI)
        made = 0
        for entry in JOBS.values():
            made += sum(_schedule(entry, day) for day in _due_days(entry, local))
        return made


def _due_days(entry: Job, local: datetime) -> list[date]:
    """The business dates that ``entry`` still owes, oldest first."""
    last = JobRun.objects.filter(job=entry.name).aggregate(last=Max("business_date"))["last"]
    newest = local.date() if local.time() >= entry.at else local.date() - timedelta(days=1)
    first = newest if last is None else max(last, newest - timedelta(days=CATCH_UP_DAYS)) + timedelta(days=1)
    return [first + timedelta(days=n) for n in range((newest - first).days + 1)]


def _schedule(entry: Job, on: date) -> int:
    """Make the shard rows of one day and promise to run them."""
    rows = [JobRun(job=entry.name, business_date=on, shard=shard) for shard in range(entry.shards)]
    JobRun.objects.bulk_create(rows, ignore_conflicts=True)
    for shard in range(entry.shards):
        outbox.enqueue(
            "core.job",
            f"{entry.name}:{on}:{shard}",
            {"job": entry.name, "on": on.isoformat(), "shard": shard},
        )
    return entry.shards


@outbox.handler("core.job", queue="bulk", own_transaction=True)
def run_from_outbox(payload: dict[str, Any]) -> None:
    """Run one shard of one day, after the earlier days that this shard still owes, oldest first."""
    owed = (
        JobRun.objects.filter(job=payload["job"], shard=payload["shard"], business_date__lte=payload["on"])
        .exclude(state=JobRun.State.DONE)
        .order_by("business_date")
    )
    for on in owed.values_list("business_date", flat=True):
        run_shard(payload["job"], on, payload["shard"])


def run_shard(name: str, on: date, shard: int) -> dict[str, Any]:
    """Run one shard of one day unless it is done; what it did. Raises WrongState while another process runs it."""
    entry = JOBS[name]
    JobRun.objects.bulk_create([JobRun(job=name, business_date=on, shard=shard)], ignore_conflicts=True)
    row = JobRun.objects.filter(job=name, business_date=on, shard=shard)
    # A run whose process was killed never says so; after a while it is taken over, and nothing is done twice.
    free = ~Q(state__in=[JobRun.State.RUNNING, JobRun.State.DONE]) | Q(
        state=JobRun.State.RUNNING, started_at__lt=Now() - TAKE_OVER_AFTER
    )
    if not row.filter(free).update(state=JobRun.State.RUNNING, started_at=Now(), error=""):
        if row.filter(state=JobRun.State.DONE).exists():
            return dict(row.get().result)
        raise WrongState("这个任务正在另一个进程里运行")
    try:
        result = entry.run(on, shard)
    except Exception as error:
        row.update(state=JobRun.State.FAILED, finished_at=Now(), error=f"{type(error).__name__}: {error}"[:500])
        raise
    row.update(state=JobRun.State.DONE, finished_at=Now(), result=result)
    return result


def overdue(today: date) -> QuerySet[JobRun]:
    """The runs of earlier days that are not done: jobs begin early in the day, and the outbox has given them up."""
    return JobRun.objects.filter(business_date__lt=today, job__in=list(JOBS)).exclude(state=JobRun.State.DONE)


def run_day(name: str, on: date, *, allow_future: bool = False) -> list[dict[str, Any]]:
    """Run every shard of one day by hand. Raises NotFound for an unknown job, WrongState for a future day."""
    if name not in JOBS:
        raise NotFound(f"没有任务 {name}；现有：{'、'.join(sorted(JOBS))}")
    if on > business_date() and not allow_future:
        raise WrongState(f"{on} 还没有到，生产环境不能提前运行")
    return [run_shard(name, on, shard) for shard in range(JOBS[name].shards)]

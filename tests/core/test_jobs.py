"""Daily jobs: once per day and shard however often ticked, missed days in order, failures retried."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from core import jobs, outbox
from core.errors import NotFound, WrongState
from core.models import JobRun, OutboxEvent

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 10, 12, tzinfo=SHANGHAI)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[date, int]]]:
    """The only job there is, and where it notes its runs."""
    monkeypatch.setattr(jobs, "JOBS", {})
    monkeypatch.setattr(outbox, "bell", lambda event_id, queue: None)
    notes: list[tuple[date, int]] = []

    @jobs.job("test.job", "试", at="05:00", shards=2)
    def run(on: date, shard: int) -> dict[str, Any]:
        notes.append((on, shard))
        return {"n": len(notes)}

    yield notes


def drain() -> None:
    """Run everything that is due now, as the dispatcher does without a broker."""
    while outbox.dispatch(run_here=True):
        pass


def test_ticking_often_makes_each_shard_once(ran: list[tuple[date, int]]) -> None:
    assert jobs.tick(NOON) == 2
    assert jobs.tick(NOON + timedelta(minutes=1)) == 0
    drain()
    drain()
    assert sorted(ran) == [(date(2026, 3, 10), 0), (date(2026, 3, 10), 1)]
    assert set(JobRun.objects.values_list("state", flat=True)) == {JobRun.State.DONE}


def test_before_its_hour_a_job_still_owes_yesterday(ran: list[tuple[date, int]]) -> None:
    jobs.tick(NOON.replace(hour=4))
    assert set(JobRun.objects.values_list("business_date", flat=True)) == {date(2026, 3, 9)}


def test_five_missed_days_are_caught_up_oldest_first(ran: list[tuple[date, int]]) -> None:
    jobs.tick(NOON)
    drain()
    ran.clear()
    jobs.tick(NOON + timedelta(days=5))
    drain()
    days = [on for on, shard in ran if shard == 0]
    assert days == [date(2026, 3, 10) + timedelta(days=n) for n in range(1, 6)]


def test_a_later_day_runs_the_earlier_ones_first(ran: list[tuple[date, int]]) -> None:
    jobs.tick(NOON)
    jobs.tick(NOON + timedelta(days=1))
    later = OutboxEvent.objects.get(key="test.job:2026-03-11:0")
    assert outbox.process(str(later.pk))
    assert ran == [(date(2026, 3, 10), 0), (date(2026, 3, 11), 0)]


def test_a_shard_that_runs_elsewhere_is_left_alone_until_its_process_is_dead(ran: list[tuple[date, int]]) -> None:
    on = date(2026, 3, 10)
    JobRun.objects.create(job="test.job", business_date=on, state=JobRun.State.RUNNING, started_at=timezone.now())
    with pytest.raises(WrongState):
        jobs.run_shard("test.job", on, 0)
    JobRun.objects.update(started_at=timezone.now() - jobs.TAKE_OVER_AFTER - timedelta(seconds=1))
    assert jobs.run_shard("test.job", on, 0) == {"n": 1}


def test_running_a_done_day_again_does_nothing(ran: list[tuple[date, int]]) -> None:
    first = jobs.run_day("test.job", date(2026, 3, 10))
    assert jobs.run_day("test.job", date(2026, 3, 10)) == first
    assert len(ran) == 2


def test_the_future_and_unknown_jobs_are_refused(ran: list[tuple[date, int]]) -> None:
    with pytest.raises(WrongState):
        jobs.run_day("test.job", date.today() + timedelta(days=3))
    with pytest.raises(NotFound, match=r"test\.job"):
        jobs.run_day("no.such", date(2026, 3, 10))


def test_a_failure_is_kept_and_the_next_try_mends_it(
    ran: list[tuple[date, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = jobs.Job("test.job", "试", lambda on, shard: 1 / 0, jobs.JOBS["test.job"].at, 1)  # type: ignore[arg-type]
    monkeypatch.setitem(jobs.JOBS, "test.job", broken)
    with pytest.raises(ZeroDivisionError):
        jobs.run_day("test.job", date(2026, 3, 10))
    assert JobRun.objects.get().state == JobRun.State.FAILED
    mended = jobs.Job("test.job", "试", lambda on, shard: {"ok": True}, broken.at, 1)
    monkeypatch.setitem(jobs.JOBS, "test.job", mended)
    assert jobs.run_day("test.job", date(2026, 3, 10)) == [{"ok": True}]

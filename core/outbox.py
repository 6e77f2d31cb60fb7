"""The transactional outbox: an effect is a row written with its cause; Celery is only the doorbell.

Wiping the broker loses nothing: the dispatcher finds every row that is due, and runs it itself if nobody answers.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from core.models import OutboxEvent

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
RESEND_AFTER = timedelta(seconds=5)
# Remote calls and job shards hold no row lock while they run: give them time before somebody else may try.
LEASE = timedelta(seconds=60)
BACKOFF_CAP = timedelta(hours=1)
PATIENCE = 12
_unanswered: Counter[tuple[str, int]] = Counter()


@dataclass(frozen=True)
class Topic:
    """What happens to rows of one topic, on which queue, and whether inside our transaction."""

    run: Callable[[dict[str, Any]], None]
    queue: str
    own_transaction: bool


TOPICS: dict[str, Topic] = {}


def _silent(event_id: str, queue: str) -> None:
    """No bell registered: the dispatcher will find the row."""


bell: Callable[[str, str], None] = _silent


def handler(topic: str, *, queue: str = "default", own_transaction: bool = False) -> Callable[[Any], Any]:
    """Register the function that does the effect of ``topic``; it must be safe to repeat.

    With ``own_transaction`` it is called outside any transaction (remote calls, job shards); otherwise its
    effect and the mark "done" commit together.
    """

    def register(run: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
        TOPICS[topic] = Topic(run, queue, own_transaction)
        return run

    return register


def enqueue(topic: str, key: str, payload: dict[str, Any] | None = None, *, delay: timedelta | None = None) -> None:
    """Promise an effect, once per (topic, key), in the caller's transaction."""
    event = OutboxEvent(topic=topic, key=key, payload=payload or {}, next_at=timezone.now() + (delay or timedelta()))
    OutboxEvent.objects.bulk_create([event], ignore_conflicts=True)
    if not delay:
        transaction.on_commit(lambda: ring(str(event.pk), topic), robust=True)


def ring(event_id: str, topic: str) -> None:
    """Ring the bell for one row; a deaf broker is no error, the dispatcher comes round."""
    try:
        bell(event_id, TOPICS[topic].queue)
    except Exception as error:
        log.warning("broker unreachable, the dispatcher will run %s: %s", topic, type(error).__name__)


def process(event_id: str) -> bool:
    """Run one row. False if somebody else has it, it is done, or it is not due again yet."""
    event = OutboxEvent.objects.filter(pk=event_id, state=OutboxEvent.State.NEW).first()
    if event is None:
        return False
    pause = LEASE if TOPICS[event.topic].own_transaction else RESEND_AFTER
    # Counted in a statement of its own: a crash must not roll the counter back, or poison would never die.
    # The pause is for the dispatcher, so that it does not pick the row while we work on it. Comparing the old
    # count lets one of two who heard the same bell go on.
    counted = OutboxEvent.objects.filter(
        pk=event_id, state=OutboxEvent.State.NEW, attempts=event.attempts, attempts__lt=MAX_ATTEMPTS
    ).update(attempts=F("attempts") + 1, next_at=Now() + pause)
    if not counted:
        _bury(event_id)
        return False
    try:
        return _run(event_id)
    except Exception as error:
        _put_off(event_id, error)
        return False


def _run(event_id: str) -> bool:
    """Do the effect under the row's lock and mark it done."""
    with transaction.atomic():
        event = (
            OutboxEvent.objects.select_for_update(skip_locked=True)
            .filter(pk=event_id, state=OutboxEvent.State.NEW)
            .first()
        )
        if event is None:
            return False
        topic = TOPICS[event.topic]
        if not topic.own_transaction:
            topic.run(event.payload)
            _done(event_id)
            return True
    topic.run(event.payload)
    _done(event_id)
    return True


def _done(event_id: str) -> None:
    OutboxEvent.objects.filter(pk=event_id).update(state=OutboxEvent.State.DONE, done_at=Now(), error="")


def _put_off(event_id: str, error: Exception) -> None:
    """Try again later, twice as late each time."""
    event = OutboxEvent.objects.get(pk=event_id)
    pause = min(RESEND_AFTER * 2**event.attempts, BACKOFF_CAP)
    dead = event.attempts >= MAX_ATTEMPTS
    level = logging.ERROR if dead else logging.WARNING
    log.log(level, "outbox %s failed (%s): %s", event.topic, event.attempts, type(error).__name__)
    OutboxEvent.objects.filter(pk=event_id, state=OutboxEvent.State.NEW).update(
        state=OutboxEvent.State.DEAD if dead else OutboxEvent.State.NEW,
        next_at=timezone.now() + pause,
        error=f"{type(error).__name__}: {error}"[:500],
    )


def _bury(event_id: str) -> None:
    """A row that killed its process each time has no error to show; it dies all the same."""
    OutboxEvent.objects.filter(pk=event_id, state=OutboxEvent.State.NEW, attempts__gte=MAX_ATTEMPTS).update(
        state=OutboxEvent.State.DEAD, error="办理进程每次都中断"
    )


def replay(event_id: str) -> None:
    """Give a dead row new life; called by an action that has asked permission."""
    OutboxEvent.objects.filter(pk=event_id, state=OutboxEvent.State.DEAD).update(
        state=OutboxEvent.State.NEW, attempts=0, next_at=Now(), error=""
    )


_CLAIM = """
UPDATE core_outboxevent SET next_at = now() + interval '5 seconds'
 WHERE id IN (SELECT id FROM core_outboxevent WHERE state = 'NEW' AND next_at <= now()
               ORDER BY next_at LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING id, topic, attempts
"""


def dispatch(limit: int = 500, *, run_here: bool) -> int:
    """Ring for every row that is due; how many there were.

    Rows are run here while the broker is down, and when nobody answered their bell for a minute: a worker may be
    connected and yet silent.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [limit])
        due = cursor.fetchall()
    for event_id, topic, attempts in due:
        bells = (str(event_id), attempts)
        _unanswered[bells] += 1
        if run_here or attempts >= MAX_ATTEMPTS or _unanswered[bells] > PATIENCE:
            process(str(event_id))
            del _unanswered[bells]
        else:
            ring(str(event_id), topic)
    if len(_unanswered) > 20 * limit:
        _unanswered.clear()
    return len(due)

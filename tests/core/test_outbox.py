"""The outbox: written with its cause, run once, tried again, and dead at eight; the broker may vanish."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from core import outbox
from core.actions import replay_outbox_event
from core.actors import Actor
from core.errors import NotAllowed, WrongState
from core.models import OutboxEvent, User

State = OutboxEvent.State


@pytest.fixture
def seen() -> Iterator[list[dict[str, Any]]]:
    """A topic that notes what it was given."""
    calls: list[dict[str, Any]] = []
    outbox.handler("test.note")(calls.append)
    yield calls
    del outbox.TOPICS["test.note"]


@pytest.fixture
def poison() -> Iterator[None]:
    def fail(payload: dict[str, Any]) -> None:
        OutboxEvent.objects.filter(pk=payload.get("undo")).delete()
        raise ValueError("no")

    outbox.handler("test.poison")(fail)
    yield
    del outbox.TOPICS["test.poison"]


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    bells: list[str] = []
    monkeypatch.setattr(outbox, "bell", lambda event_id, queue: bells.append(event_id))
    return bells


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_cause_leaves_no_effect(seen: list[dict[str, Any]], rung: list[str]) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        outbox.enqueue("test.note", "1")
        raise RuntimeError
    assert not OutboxEvent.objects.exists() and not rung


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_after_commit_and_the_effect_happens_once(seen: list[dict[str, Any]], rung: list[str]) -> None:
    with transaction.atomic():
        outbox.enqueue("test.note", "1", {"a": 1})
        outbox.enqueue("test.note", "1", {"a": 2})
        assert not rung
    event = OutboxEvent.objects.get()
    assert rung[0] == str(event.pk)
    assert outbox.process(str(event.pk)) and not outbox.process(str(event.pk))
    assert seen == [{"a": 1}]
    event.refresh_from_db()
    assert event.state == State.DONE


@pytest.mark.django_db(transaction=True)
def test_a_dead_broker_is_no_error_and_the_dispatcher_runs_the_row(
    seen: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def deaf(event_id: str, queue: str) -> None:
        raise ConnectionError

    monkeypatch.setattr(outbox, "bell", deaf)
    with transaction.atomic():
        outbox.enqueue("test.note", "1", {"a": 1})
    assert outbox.dispatch(run_here=True) == 1
    assert seen == [{"a": 1}]


@pytest.mark.django_db(transaction=True)
def test_the_dispatcher_rings_again_but_not_at_once(seen: list[dict[str, Any]], rung: list[str]) -> None:
    with transaction.atomic():
        outbox.enqueue("test.note", "1")
    rung.clear()
    assert outbox.dispatch(run_here=False) == 1 and len(rung) == 1
    assert outbox.dispatch(run_here=False) == 0
    OutboxEvent.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    assert outbox.dispatch(run_here=False) == 1


@pytest.mark.django_db(transaction=True)
def test_poison_dies_at_eight_and_an_admin_may_replay_it(poison: None, sysadmin: User, consumer: User) -> None:
    outbox.enqueue("test.poison", "1")
    event = OutboxEvent.objects.get(topic="test.poison")
    for tried in range(1, outbox.MAX_ATTEMPTS + 1):
        assert outbox.process(str(event.pk)) is False
        event.refresh_from_db()
        assert event.attempts == tried
    assert event.state == State.DEAD and "ValueError" in event.error
    with pytest.raises(NotAllowed):
        replay_outbox_event(str(event.pk), by=Actor.of_user(consumer))
    revived = replay_outbox_event(str(event.pk), by=Actor.of_user(sysadmin))
    assert (revived.state, revived.attempts) == (State.NEW, 0)
    with pytest.raises(WrongState):
        replay_outbox_event(str(event.pk), by=Actor.of_user(sysadmin))


@pytest.mark.django_db(transaction=True)
def test_what_a_failing_handler_wrote_is_rolled_back(poison: None) -> None:
    outbox.enqueue("test.poison", "other")
    outbox.enqueue("test.poison", "1", {"undo": str(OutboxEvent.objects.get().pk)})
    outbox.process(str(OutboxEvent.objects.get(key="1").pk))
    assert OutboxEvent.objects.filter(key="other").exists()


@pytest.mark.django_db(transaction=True)
def test_a_row_that_kills_its_process_each_time_dies_too(poison: None) -> None:
    outbox.enqueue("test.poison", "1")
    OutboxEvent.objects.update(attempts=outbox.MAX_ATTEMPTS)
    assert outbox.dispatch(run_here=False) == 1
    assert OutboxEvent.objects.get().state == State.DEAD


@pytest.mark.django_db(transaction=True)
def test_when_nobody_answers_the_bell_for_a_minute_the_dispatcher_runs_the_row(
    seen: list[dict[str, Any]], rung: list[str]
) -> None:
    outbox.enqueue("test.note", "1", {"a": 1})
    for _ in range(outbox.PATIENCE):
        assert outbox.dispatch(run_here=False) == 1 and not seen
        OutboxEvent.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    outbox.dispatch(run_here=False)
    assert seen == [{"a": 1}]

"""Which outbox rows, when. No business here."""

from celery import shared_task

from core import jobs, outbox


@shared_task(name="core.tasks.run_outbox_event")
def run_outbox_event(event_id: str) -> None:
    """Answer the bell for one outbox row."""
    outbox.process(event_id)


@shared_task(name="core.tasks.tick")
def tick() -> None:
    """Called by beat each minute: make the job rows that should exist by now."""
    jobs.tick()

"""Celery: the doorbell of the outbox and the clock of the daily jobs. Nothing is stored in the broker."""

import os
from urllib.parse import parse_qs, urlsplit

from celery import Celery
from celery.signals import worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def broker_url(redis_url: str) -> str:
    """Turn a redis-py URL into kombu's form: unix:///path?db=1 becomes redis+socket:///path?virtual_host=1."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={database}"


app = Celery("config")
app.config_from_object("config.celery_settings")
app.autodiscover_tasks(["core", "merchants", "prepaid", "complaints", "trust_units", "portal"])


def ring(event_id: str, queue: str) -> None:
    """The outbox's bell: one message, no retry, no result."""
    app.send_task("core.tasks.run_outbox_event", args=[event_id], queue=queue, retry=False, ignore_result=True)


@worker_process_init.connect
def _fresh_connections(**_: object) -> None:
    """A forked child must not share its parent's database sockets."""
    from django.db import connections  # the worker imports Celery before Django is set up

    connections.close_all()

"""Short messages: written as rows, sent by the outbox, never with a link when they are about money."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from core import outbox
from core.models import OutboxEvent, SmsMessage, User

log = logging.getLogger(__name__)


def text_user(user: User, text: str, *, key: str) -> None:
    """Promise one message to ``user``; the same key again sends nothing more."""
    send(user.phone, text, key=key, user=user)


def send(phone: str, text: str, *, key: str, user: User | None = None) -> None:
    """Promise one message to a phone (E.164)."""
    message = SmsMessage(user=user)
    message.phone, message.text = phone, text
    message.save()
    outbox.enqueue("core.sms", key, {"message": message.pk})


def text_many(texts: Iterable[tuple[User, str, str]]) -> list[SmsMessage]:
    """Promise many messages at once, each ``(user, text, key)``; returns their rows in the same order."""
    return send_many(((user.phone, user), text, key) for user, text, key in texts)


def send_many(texts: Iterable[tuple[tuple[str, User | None], str, str]]) -> list[SmsMessage]:
    """Promise many messages at once, each ``((phone, user), text, key)``; returns their rows in the same order.

    No bell is rung: the dispatcher finds them. A caller that may be repeated marks what it has told.
    """
    given = list(texts)
    rows = []
    for (phone, user), text, _ in given:
        message = SmsMessage(user=user)
        message.phone, message.text = phone, text
        rows.append(message)
    SmsMessage.objects.bulk_create(rows)
    now = timezone.now()
    OutboxEvent.objects.bulk_create(
        [
            OutboxEvent(topic="core.sms", key=key, payload={"message": row.pk}, next_at=now)
            for row, (_, _, key) in zip(rows, given, strict=True)
        ],
        ignore_conflicts=True,
    )
    return rows


@outbox.handler("core.sms", own_transaction=True)
def deliver(payload: dict[str, Any]) -> None:
    """Hand one message to the gateway."""
    message = SmsMessage.objects.get(pk=payload["message"])
    if message.sent_at is None:
        BACKENDS[settings.SMS_BACKEND](message)
        SmsMessage.objects.filter(pk=message.pk).update(sent_at=Now())


def to_console(message: SmsMessage) -> None:
    """The back end of the demo: one line in the log; the text is read at the demo's message page."""
    log.info("SMS %s ready (phone ending %s)", message.pk, message.phone[-4:])


# A real gateway registers itself here under the name that SMS_BACKEND carries.
BACKENDS: dict[str, Callable[[SmsMessage], None]] = {"console": to_console}

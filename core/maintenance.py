"""The housekeeping job: partitions ahead of time, old keys and codes out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from core.idempotency import KEEP_DAYS
from core.jobs import job
from core.models import IdempotencyKey, OutboxEvent, PhoneCode, TrustedDevice

DONE_OUTBOX_DAYS = 30


@job("core.housekeeping", "分区与清理", at="03:30")
def keep_house(on: date, shard: int) -> dict[str, Any]:
    """Make audit partitions a year ahead; drop expired keys, codes, devices and finished outbox rows."""
    now = timezone.now()
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SELECT audit_ensure_partitions(%s, 13)", [on])
        made = cursor.fetchone()[0]
        old = now - timedelta(days=KEEP_DAYS)
        keys, _ = IdempotencyKey.objects.filter(created_at__lt=old).delete()
        codes, _ = PhoneCode.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()
        TrustedDevice.objects.filter(expires_at__lt=now).delete()
        finished = OutboxEvent.objects.filter(
            state=OutboxEvent.State.DONE, done_at__lt=now - timedelta(days=DONE_OUTBOX_DAYS)
        )
        rows, _ = finished.delete()
    return {"partitions": made, "keys": keys, "codes": codes, "outbox": rows}

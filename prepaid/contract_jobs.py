"""The daily job of cards that wait for their new number."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from core.actors import SYSTEM
from core.jobs import job
from prepaid import actions as prepaid
from prepaid.jobs import each
from prepaid.models import Assignment


@job("prepaid.end_waits", "换绑等待期满生效", at="00:20")
def end_waits(on: date, shard: int) -> dict[str, Any]:
    """Give the cards to the new numbers whose waiting days are over and whose old number said nothing."""
    waiting = Assignment.objects.filter(status=Assignment.Status.WAITING, due_at__lte=timezone.now())
    return each(list(waiting.values_list("pk", flat=True)), lambda pk: prepaid.end_wait(pk, by=SYSTEM))

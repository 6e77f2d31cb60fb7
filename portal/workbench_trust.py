"""What checks, feedback slips and removals bring to the workbench: counts."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from core.actors import Actor
from trust_units.models import Declaration, FeedbackSlip, Mode, Removal, SpotCheck


def waiting(by: Actor, today: date) -> dict[str, QuerySet[Any]]:
    """What to count for the doors on the left: an officer's turn, or a limit that has passed."""
    turn = Q(status__in=["ISSUED", "EVIDENCE", "VERIFIED"]) | Q(status="ACKNOWLEDGED", due_on__lt=today)
    heard = Q(status="PROPOSED") & (Q(hearing_due_on__lt=today) | Q(stated_at__isnull=False))
    queue = ("MANUAL_QUEUE", "SITE_CHECK", "BUSINESS_REVIEW", "GENERAL_REVIEW")
    return {
        "declarations": Declaration.objects.visible_to(by).filter(status__in=queue),
        "spot_checks": SpotCheck.objects.visible_to(by).open().exclude(mode=Mode.DRAW),
        "slips": FeedbackSlip.objects.visible_to(by).filter(turn),
        "removals": Removal.objects.visible_to(by).filter(heard | Q(status="APPEALED")),
    }

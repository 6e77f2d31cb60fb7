"""What happens here when something happens below."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from complaints import actions as complaints
from complaints import case_jobs
from complaints.models import Complainant, Reporter
from core.actors import SYSTEM
from core.models import User
from prepaid.signals import refund_disputed

__all__ = ["case_jobs"]


@receiver(user_logged_in)
def follow_own_matters(sender: Any, user: User, **_: Any) -> None:
    """Who signs in has proved the phone: what was filed by telephone or counter under it is theirs to follow."""
    if user.phone_idx:
        for model in (Complainant, Reporter):
            model.objects.filter(phone_idx=user.phone_idx, user=None).update(user=user)


@receiver(refund_disputed, dispatch_uid="complaints.open_refund_complaint")
def open_refund_complaint(sender: Any, refund_id: int, **_: Any) -> None:
    """「商家不同意，已转投诉」: the consumer need not file it again."""
    complaints.open_refund_complaint(refund_id, by=SYSTEM)

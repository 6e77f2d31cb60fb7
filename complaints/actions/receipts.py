"""Receipts that are answered the moment the person is told; those of other sources wait for their file."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from complaints.models import Channel, Clock, Receipt
from complaints.models.clocks import Subject

# Sources that wait for an answer outside the portal; who files on the web reads it there.
SOURCES = (
    Channel.HOTLINE_12345, Channel.PLATFORM_12315, Channel.HOTLINE_12315, Channel.MALL, Channel.MEDIA, Channel.MAIL,
    Channel.TRANSFER,
)  # fmt: skip
_BY_FILE = Q(intake__channel__in=SOURCES) & ~Q(intake__source_no="")


def answered(matter: Subject, *, at: datetime) -> int:
    """The reply went to the person: what came by page, counter or our own telephone is answered; how many.

    Called inside the action that tells, which holds the lock of the matter.
    """
    waiting = Receipt.objects.filter(**{Clock.field_of(matter): matter}, replied_at=None)
    return waiting.exclude(_BY_FILE).update(replied_at=at)

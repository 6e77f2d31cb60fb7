"""Contacts with either side: the first one answers the 24-hour clock."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from complaints.models.complaints import Complaint
from complaints.models.consultations import Consultation
from complaints.models.reports import ViolationReport
from core.locking import LockingQuerySet
from core.models import User


class Contact(models.Model):
    """One call or visit: with whom, what was said, by which officer."""

    class Direction(models.TextChoices):
        OUT = "OUT", "去电"
        IN = "IN", "来电"

    class Side(models.TextChoices):
        COMPLAINANT = "COMPLAINANT", "投诉举报人"
        MERCHANT = "MERCHANT", "被投诉举报人"
        OTHER = "OTHER", "其他"

    complaint = models.ForeignKey(Complaint, models.PROTECT, null=True, related_name="contacts", verbose_name="投诉")
    report = models.ForeignKey(ViolationReport, models.PROTECT, null=True, related_name="contacts", verbose_name="举报")
    consultation = models.ForeignKey(
        Consultation, models.PROTECT, null=True, related_name="contacts", verbose_name="咨询"
    )
    direction = models.CharField("方向", max_length=3, choices=Direction.choices, default=Direction.OUT)
    side = models.CharField("对方", max_length=11, choices=Side.choices)
    reached = models.BooleanField("接通", default=True)
    # Insults or threats: who makes them goes round among the officers.
    abusive = models.BooleanField("辱骂、威胁", default=False)
    # What was said; only officers ever read it.
    abuse_reason = models.CharField("辱骂、威胁的情况", max_length=300, blank=True)
    note = models.CharField("内容", max_length=500)
    officer = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="联系人员")
    at = models.DateTimeField("时间")

    objects = LockingQuerySet["Contact"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "联系记录"
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="contact_of_one",
                condition=(
                    Q(complaint__isnull=False, report=None, consultation=None)
                    | Q(complaint=None, report__isnull=False, consultation=None)
                    | Q(complaint=None, report=None, consultation__isnull=False)
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()} {self.at:%Y-%m-%d %H:%M}"

"""Calls at the telephone desk: what is written down while somebody talks, until it is filed or discarded."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from complaints.models.matters import Intake
from core.crypto import PersonalText
from core.identifiers import masked_name, masked_phone
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import Region, Role, User
from core.models.people import OFFICERS, in_regions

if TYPE_CHECKING:
    from core.actors import Actor

SHOP_LENGTH, STORY_LENGTH = 100, 3500


class CallDraftQuerySet(LockingQuerySet["CallDraft"]):
    """Calls as one asks for them."""

    def visible_to(self, by: Actor) -> CallDraftQuerySet:
        """Those of the desks of an officer's regions: what one has put down a colleague takes up."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        paths = by.user.access.region_paths(Role.DISPATCHER, *OFFICERS)
        return self.filter(in_regions("region__path", paths))

    def open(self) -> CallDraftQuerySet:
        """Those neither filed nor discarded."""
        return self.filter(status=CallDraft.Status.TALKING)


class CallDraft(models.Model):
    """One call: who, which shop, what. Emptied once it is filed: its words are then those of a matter.

    Of a report nothing leads from here to it, nor back: neither number nor coming-in is kept (第37条).
    """

    class Status(models.TextChoices):
        TALKING = "TALKING", "待登记"
        FILED = "FILED", "已登记"
        DISCARDED = "DISCARDED", "已作废"

    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.TALKING)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="接听地")
    officer = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="接听人")
    started_at = models.DateTimeField("来电时间")
    pii_key = models.UUIDField(default=uuid.uuid4, editable=False)
    name_ct = models.TextField(default="", blank=True)
    phone_ct = models.TextField(default="", blank=True)
    name = PersonalText()
    phone = PersonalText()
    phone_idx = models.CharField(max_length=32, blank=True)
    shop = models.CharField("商家", max_length=SHOP_LENGTH, blank=True)
    story = models.TextField("什么事", max_length=STORY_LENGTH, blank=True)
    # Which saving this is: two who write in one draft do not overwrite each other.
    version = models.PositiveIntegerField("版本", default=0)
    saved_at = models.DateTimeField("保存时间")
    intake = models.ForeignKey(Intake, models.PROTECT, null=True, related_name="calls", verbose_name="来件")
    abusive = models.BooleanField("辱骂、威胁", default=False)
    # Why it was discarded, and what the caller said where it was abuse.
    reason = models.CharField("理由", max_length=300, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="办结人")
    ended_at = models.DateTimeField("办结时间", null=True)

    objects = CallDraftQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "来电"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="call_status_legal", condition=Q(status__in=["TALKING", "FILED", "DISCARDED"])),
            models.CheckConstraint(
                name="call_ended_by_whom",
                condition=Q(status="TALKING") | Q(ended_by__isnull=False, ended_at__isnull=False),
            ),
            models.CheckConstraint(name="call_discarded_why", condition=~Q(status="DISCARDED") | ~Q(reason="")),
            models.CheckConstraint(
                name="call_filed_is_empty",
                condition=~Q(status="FILED") | Q(name_ct="", phone_ct="", story="", shop="", abusive=False),
            ),
        ]
        indexes = [
            models.Index(fields=["region", "-id"], condition=Q(status="TALKING"), name="calls_on_the_desk"),
            models.Index(fields=["phone_idx", "-id"], name="calls_of_phone"),
        ]

    def __str__(self) -> str:
        return self.masked_name or self.masked_phone or "没有号码"

    @property
    def masked_name(self) -> str:
        """``王**``."""
        return masked_name(self.name)

    @property
    def masked_phone(self) -> str:
        """``138****1234``."""
        return masked_phone(self.phone) if self.phone else ""


CALL_LIFECYCLE = Lifecycle(
    "complaints.CallDraft",
    "status",
    {
        "file": Step(("TALKING",), "FILED", "complaints.handle_call", "登记"),
        "discard": Step(("TALKING",), "DISCARDED", "complaints.handle_call", "作废", caution=True),
    },
)

"""What the public reads of a complaint that is over: masked, after a window for objections (第38条)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from complaints.models.complaints import Complaint
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import User

if TYPE_CHECKING:
    from core.actors import Actor


class DisclosureQuerySet(LockingQuerySet["Disclosure"]):
    """Public records as one asks for them."""

    def visible_to(self, by: Actor) -> DisclosureQuerySet:
        """Those of the complaints ``by`` may see; what is published everybody reads by ``published``."""
        return self.filter(complaint__in=Complaint.objects.visible_to(by))

    def published(self) -> DisclosureQuerySet:
        """Those that stand in public."""
        return self.filter(status=Disclosure.Status.PUBLISHED)

    def ripe(self, on: date) -> DisclosureQuerySet:
        """Drafts whose window for objections is over."""
        return self.filter(status=Disclosure.Status.DRAFT, objection_until__lt=on)


class Disclosure(models.Model):
    """One public record: the outcome without names, and the merchant's reply beside it."""

    class Status(models.TextChoices):
        DRAFT = "DRAFT", "异议期内"
        PUBLISHED = "PUBLISHED", "已公示"
        OBJECTED = "OBJECTED", "有异议"
        WITHDRAWN = "WITHDRAWN", "不公示"

    complaint = models.OneToOneField(Complaint, models.PROTECT, related_name="disclosure", verbose_name="投诉")
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.DRAFT)
    text = models.CharField("公示内容", max_length=500)
    merchant_reply = models.CharField("商家说明", max_length=500, blank=True)
    drafted_on = models.DateField("拟公示日")
    objection_until = models.DateField("异议期至")
    objection = models.CharField("异议", max_length=500, blank=True)
    objected_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="异议人")
    published_on = models.DateField("公示日", null=True)
    reason = models.CharField("处理意见", max_length=300, blank=True)

    objects = DisclosureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "投诉公示"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="disclosure_status_legal",
                condition=Q(status__in=["DRAFT", "PUBLISHED", "OBJECTED", "WITHDRAWN"]),
            ),
            models.CheckConstraint(
                name="disclosure_published_when", condition=~Q(status="PUBLISHED") | Q(published_on__isnull=False)
            ),
            models.CheckConstraint(name="disclosure_objected_why", condition=~Q(status="OBJECTED") | ~Q(objection="")),
        ]
        indexes = [
            models.Index(fields=["objection_until"], condition=Q(status="DRAFT"), name="disclosure_ripe"),
        ]

    def __str__(self) -> str:
        return str(self.complaint)


DISCLOSURE_LIFECYCLE = Lifecycle(
    "complaints.Disclosure",
    "status",
    {
        "publish": Step(("DRAFT",), "PUBLISHED", "complaints.publish_disclosure", "公示"),
        "object": Step(("DRAFT", "PUBLISHED"), "OBJECTED", "complaints.object_disclosure", "提出异议", caution=True),
        "keep": Step(("OBJECTED",), "PUBLISHED", "complaints.judge_disclosure", "异议不成立，公示"),
        "withdraw": Step(
            ("DRAFT", "OBJECTED", "PUBLISHED"), "WITHDRAWN", "complaints.judge_disclosure", "不公示", caution=True
        ),
    },
)

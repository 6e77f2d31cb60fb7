"""Cases routed to a department that has people at the portal: it confirms them and says what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from complaints.departments import asked_of
from complaints.models.complaints import Complaint
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import Region, User
from core.models.people import WATCHERS, in_regions

if TYPE_CHECKING:
    from core.actors import Actor


class ReferralQuerySet(LockingQuerySet["Referral"]):
    """Routed cases as one asks for them."""

    def visible_to(self, by: Actor) -> ReferralQuerySet:
        """Those of an officer's regions, and those routed to the own department."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        own = in_regions("complaint__region__path", by.user.access.region_paths(*WATCHERS))
        return self.filter(own | asked_of(by, "complaint__region__path"))

    def waiting(self) -> Self:
        """Those the department has not answered."""
        return self.filter(status__in=["SENT", "CONFIRMED"])


class Referral(models.Model):
    """One complaint routed to one department (第41条)."""

    class Status(models.TextChoices):
        SENT = "SENT", "待签收"
        CONFIRMED = "CONFIRMED", "已签收"
        ANSWERED = "ANSWERED", "已反馈"

    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.SENT)
    complaint = models.OneToOneField(Complaint, models.PROTECT, related_name="referral", verbose_name="投诉")
    department = models.CharField("部门", max_length=20)
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="分送人")
    sent_at = models.DateTimeField("分送时间")
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="签收人")
    confirmed_at = models.DateTimeField("签收时间", null=True)
    answer = models.CharField("办理结果", max_length=1000, blank=True)
    answered_at = models.DateTimeField("反馈时间", null=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "分送件"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="referral_status_legal", condition=Q(status__in=["SENT", "CONFIRMED", "ANSWERED"])
            ),
            models.CheckConstraint(name="referral_answer_said", condition=~Q(status="ANSWERED") | ~Q(answer="")),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.complaint.code_grouped}"

    @property
    def region(self) -> Region:
        """Where the case is."""
        return self.complaint.region


REFERRAL_LIFECYCLE = Lifecycle(
    "complaints.Referral",
    "status",
    {
        "confirm": Step(("SENT",), "CONFIRMED", "complaints.answer_referral", "签收"),
        "answer": Step(("CONFIRMED",), "ANSWERED", "complaints.answer_referral", "反馈办理结果"),
    },
)

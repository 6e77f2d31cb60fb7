"""A merchant's word that a complaint is malicious, with evidence; only officers and that shop ever read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from complaints.models.complaints import Complaint
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import StoredFile, User

if TYPE_CHECKING:
    from core.actors import Actor


class MaliceFlagQuerySet(LockingQuerySet["MaliceFlag"]):
    """Flags as one asks for them."""

    def visible_to(self, by: Actor) -> MaliceFlagQuerySet:
        """The shop's own, and those of complaints in an officer's regions; never the complainant's."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        shops = Q(complaint__merchant__in=by.user.access.merchants())
        return self.filter(shops | Q(complaint__in=Complaint.objects.in_own_regions(by)))


class MaliceFlag(models.Model):
    """Raised by the shop, upheld or not by an officer; nothing is published or scored before."""

    class Status(models.TextChoices):
        RAISED = "RAISED", "待核实"
        UPHELD = "UPHELD", "认定恶意投诉"
        REJECTED = "REJECTED", "不予认定"

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="malice_flags", verbose_name="投诉")
    status = models.CharField("状态", max_length=8, choices=Status.choices, default=Status.RAISED)
    reason = models.CharField("商家说明", max_length=1000)
    evidence = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="证据")
    raised_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    raised_at = models.DateTimeField("提出时间", auto_now_add=True)
    finding = models.CharField("认定意见", max_length=500, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="认定人")
    decided_at = models.DateTimeField("认定时间", null=True)

    objects = MaliceFlagQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "恶意投诉标记"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["complaint"], condition=~Q(status="REJECTED"), name="one_malice_flag"),
            models.CheckConstraint(
                name="malice_flag_status_legal", condition=Q(status__in=["RAISED", "UPHELD", "REJECTED"])
            ),
            models.CheckConstraint(
                name="malice_flag_decided_by", condition=Q(status="RAISED") | Q(decided_by__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return str(self.complaint)


MALICE_LIFECYCLE = Lifecycle(
    "complaints.MaliceFlag",
    "status",
    {
        "uphold": Step(("RAISED",), "UPHELD", "complaints.judge_malice", "认定恶意投诉", caution=True),
        "reject": Step(("RAISED",), "REJECTED", "complaints.judge_malice", "不予认定"),
    },
)

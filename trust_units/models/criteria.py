"""Versions of the criteria: drafted by one officer, published by another."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import User

if TYPE_CHECKING:
    from core.actors import Actor


class CriteriaSetQuerySet(LockingQuerySet["CriteriaSet"]):
    """Versions as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """What is published is public; drafts are for the regulators."""
        if by.is_system or (by.user and by.user.is_authenticated and by.user.access.is_regulator):
            return self
        return self.filter(status=CriteriaSet.Status.PUBLISHED)

    def in_force(self, on: date) -> Self:
        """The newest first."""
        return self.filter(status=CriteriaSet.Status.PUBLISHED, effective_from__lte=on).order_by(
            "-effective_from", "-pk"
        )


class CriteriaSet(models.Model):
    """One version: ``content`` has the form of trust_units/data/criteria.json."""

    class Status(models.TextChoices):
        DRAFT = "DRAFT", "起草中"
        PUBLISHED = "PUBLISHED", "已发布"
        REJECTED = "REJECTED", "复核退回"

    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.DRAFT)
    content = models.JSONField("内容")
    note = models.CharField("改了什么", max_length=300)
    effective_from = models.DateField("施行日")
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="起草人")
    drafted_at = models.DateTimeField("起草时间", auto_now_add=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="复核人")
    decided_at = models.DateTimeField("复核时间", null=True)
    decision = models.CharField("复核意见", max_length=300, blank=True)

    objects = CriteriaSetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "放心消费评价标准"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="criteria_status_legal", condition=Q(status__in=["DRAFT", "PUBLISHED", "REJECTED"])
            ),
            models.CheckConstraint(
                name="criteria_published_by_another", condition=Q(decided_by=None) | ~Q(decided_by=F("drafted_by"))
            ),
        ]

    def __str__(self) -> str:
        return f"第 {self.pk} 版：{self.note}"


CRITERIA_LIFECYCLE = Lifecycle(
    "trust_units.CriteriaSet",
    "status",
    {
        "publish": Step(("DRAFT",), "PUBLISHED", "trust_units.publish_criteria", "发布"),
        "reject": Step(("DRAFT",), "REJECTED", "trust_units.publish_criteria", "退回", caution=True),
    },
)

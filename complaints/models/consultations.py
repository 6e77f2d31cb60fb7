"""Questions and petitions: things people ask at the telephone desk that are neither complaint nor report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from complaints.models.matters import Matter, MatterQuerySet
from complaints.models.people import Complainant
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet

if TYPE_CHECKING:
    from core.actors import Actor


class ConsultationQuerySet(MatterQuerySet["Consultation"]):
    """Questions as one asks for them."""

    OPEN = ("OPEN",)

    def visible_to(self, by: Actor) -> ConsultationQuerySet:
        """Own ones and those of own regions."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        return self.filter(Q(person__user=by.user) | self.in_regions_of(by))


class Consultation(Matter):
    """One question answered, or pointed to the right door (总局令第121号第44条)."""

    class Kind(models.TextChoices):
        QUESTION = "QUESTION", "咨询"
        PETITION = "PETITION", "信访"

    class Status(models.TextChoices):
        OPEN = "OPEN", "待答复"
        ANSWERED = "ANSWERED", "已答复"
        ROUTED = "ROUTED", "已指引其他渠道"

    kind = models.CharField("类别", max_length=8, choices=Kind.choices, default=Kind.QUESTION)
    status = models.CharField("状态", max_length=8, choices=Status.choices, default=Status.OPEN)
    person = models.ForeignKey(
        Complainant, models.PROTECT, null=True, related_name="consultations", verbose_name="咨询人"
    )
    reply = models.CharField("答复", max_length=2000, blank=True)

    objects = ConsultationQuerySet.as_manager()

    class Meta(Matter.Meta):
        verbose_name = verbose_name_plural = "咨询"
        constraints = [
            models.CheckConstraint(
                name="consultation_answer_said", condition=~Q(status__in=["ANSWERED", "ROUTED"]) | ~Q(reply="")
            ),
            models.CheckConstraint(
                name="consultation_status_legal", condition=Q(status__in=["OPEN", "ANSWERED", "ROUTED"])
            ),
        ]
        indexes = [
            models.Index(fields=["handler", "next_due_at", "id"], condition=Q(closed_at=None), name="question_queue"),
            models.Index(fields=["region", "next_due_at", "id"], condition=Q(closed_at=None), name="question_due"),
        ]


CONSULTATION_LIFECYCLE = Lifecycle(
    "complaints.Consultation",
    "status",
    {
        "answer": Step(("OPEN",), "ANSWERED", "complaints.answer_consultation", "答复"),
        "point": Step(("OPEN",), "ROUTED", "complaints.answer_consultation", "指引其他渠道"),
    },
)


class ReplyTemplate(models.Model):
    """Words an officer starts a reply from."""

    title = models.CharField("标题", max_length=60, unique=True)
    text = models.CharField("正文", max_length=2000)
    is_active = models.BooleanField("启用", default=True)

    objects = LockingQuerySet["ReplyTemplate"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "答复模板"
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

"""What happens to a matter that waits: reminders (催办), supervision with a named owner (督办, 领导包案)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from complaints.models.clocks import Clock, Subject
from complaints.models.complaints import Complaint
from complaints.models.consultations import Consultation
from complaints.models.matters import Level, stands_for
from complaints.models.reports import ViolationReport
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet, Row
from core.models import User

if TYPE_CHECKING:
    from core.actors import Actor


class OfMatterQuerySet(LockingQuerySet[Row]):
    """Rows that belong to one complaint, report or question."""

    def visible_to(self, by: Actor) -> Self:
        """Those of the matters ``by`` may see."""
        return self.filter(
            Q(complaint__in=Complaint.objects.visible_to(by))
            | Q(report__in=ViolationReport.objects.visible_to(by))
            | Q(consultation__in=Consultation.objects.visible_to(by))
        )

    def of(self, subject: Subject) -> Self:
        """Those of one matter."""
        return self.filter(**{Clock.field_of(subject): subject})


class OfMatter(models.Model):
    """A row that belongs to exactly one matter."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, null=True, related_name="%(class)ss", verbose_name="投诉")
    report = models.ForeignKey(
        ViolationReport, models.PROTECT, null=True, related_name="%(class)ss", verbose_name="举报"
    )
    consultation = models.ForeignKey(
        Consultation, models.PROTECT, null=True, related_name="%(class)ss", verbose_name="咨询"
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_of_one",
                condition=(
                    Q(complaint__isnull=False, report=None, consultation=None)
                    | Q(complaint=None, report__isnull=False, consultation=None)
                    | Q(complaint=None, report=None, consultation__isnull=False)
                ),
            ),
        ]

    @property
    def subject(self) -> Subject:
        """The matter."""
        found = self.complaint or self.report or self.consultation
        assert found is not None
        return found


class Reminder(OfMatter):
    """Somebody asks the officer to get on with it: the person concerned, a dispatcher, or the daily sweep."""

    class Sender(models.TextChoices):
        PERSON = "PERSON", "当事人"
        DISPATCHER = "DISPATCHER", "分派员"
        SYSTEM = "SYSTEM", "系统"

    sender = models.CharField("催办人", max_length=10, choices=Sender.choices)
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="催办人")
    # Who is to get on with it; nobody has it yet while it is not assigned.
    to = models.ForeignKey(User, models.PROTECT, null=True, related_name="reminders", verbose_name="承办人")
    clock = models.ForeignKey(Clock, models.PROTECT, null=True, related_name="reminders", verbose_name="期限")
    text = models.CharField("内容", max_length=300)
    sent_at = models.DateTimeField("时间", default=timezone.now)
    on = models.DateField("业务日")

    objects = OfMatterQuerySet["Reminder"].as_manager()

    class Meta(OfMatter.Meta):
        verbose_name = verbose_name_plural = "催办"
        ordering = ["-id"]
        constraints = [
            *OfMatter.Meta.constraints,
            # The sweep reminds once of one clock, however often it runs.
            models.UniqueConstraint(fields=["clock"], condition=Q(sender="SYSTEM"), name="one_reminder_of_clock"),
        ]
        indexes = [models.Index(fields=["to", "-id"], name="reminders_of_officer")]

    def __str__(self) -> str:
        return f"{self.get_sender_display()}催办 {self.on}"


class EscalationQuerySet(OfMatterQuerySet["Escalation"]):
    """Escalations as one asks for them."""

    def open(self) -> Self:
        """Those not solved yet."""
        return self.filter(status__in=["PROPOSED", "OWNED"])

    def owned_by(self, by: Actor) -> Self:
        """Those of one person, or of somebody for whom they stand in."""
        return self.filter(owner__in=stands_for(by))


class Escalation(OfMatter):
    """One matter taken to a higher level, with the person who answers for it until it is solved."""

    class Status(models.TextChoices):
        PROPOSED = "PROPOSED", "待接办"
        OWNED = "OWNED", "包案中"
        SOLVED = "SOLVED", "已解决"
        RELEASED = "RELEASED", "已销号"

    status = models.CharField("状态", max_length=8, choices=Status.choices, default=Status.PROPOSED)
    level = models.CharField("层级", max_length=7, choices=Level.choices)
    owner = models.ForeignKey(User, models.PROTECT, related_name="escalations", verbose_name="负责人")
    clock = models.ForeignKey(Clock, models.PROTECT, null=True, related_name="escalations", verbose_name="期限")
    reason = models.CharField("原因", max_length=300)
    opened_on = models.DateField("提出日")
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="提出人")
    owned_at = models.DateTimeField("接办时间", null=True)
    plan = models.CharField("方案", max_length=1000, blank=True)
    solved_at = models.DateTimeField("解决时间", null=True)
    outcome = models.CharField("结果", max_length=1000, blank=True)
    released_at = models.DateTimeField("销号时间", null=True)
    released_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="销号人")

    objects = EscalationQuerySet.as_manager()

    class Meta(OfMatter.Meta):
        verbose_name = verbose_name_plural = "督办"
        ordering = ["-id"]
        constraints = [
            *OfMatter.Meta.constraints,
            models.CheckConstraint(
                name="escalation_status_legal", condition=Q(status__in=["PROPOSED", "OWNED", "SOLVED", "RELEASED"])
            ),
            # A leader's case has a plan from the day it is taken on.
            models.CheckConstraint(
                name="escalation_plan_of_leader", condition=~Q(status="OWNED", level="LEADER") | ~Q(plan="")
            ),
            models.CheckConstraint(
                name="escalation_outcome_said", condition=~Q(status__in=["SOLVED", "RELEASED"]) | ~Q(outcome="")
            ),
            *(
                models.UniqueConstraint(
                    fields=[kind], condition=Q(status__in=["PROPOSED", "OWNED"]), name=f"one_escalation_of_{kind}"
                )
                for kind in ("complaint", "report", "consultation")
            ),
        ]
        indexes = [
            models.Index(
                fields=["owner", "id"], condition=Q(status__in=["PROPOSED", "OWNED"]), name="escalations_of_owner"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()}督办 {self.subject.code}"


ESCALATION_LIFECYCLE = Lifecycle(
    "complaints.Escalation",
    "status",
    {
        "take": Step(("PROPOSED",), "OWNED", "complaints.own_escalation", "接办"),
        "solve": Step(("OWNED",), "SOLVED", "complaints.own_escalation", "写明结果，解决"),
        "release": Step(("SOLVED",), "RELEASED", "complaints.release_escalation", "销号"),
        "return": Step(("SOLVED",), "OWNED", "complaints.release_escalation", "退回继续包案", caution=True),
    },
)


class EscalationNoteQuerySet(LockingQuerySet["EscalationNote"]):
    """Notes as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """Those of the escalations ``by`` may see."""
        return self.filter(escalation__in=Escalation.objects.visible_to(by))


class EscalationNote(models.Model):
    """What the owner did in a week, and what comes next."""

    escalation = models.ForeignKey(Escalation, models.PROTECT, related_name="notes", verbose_name="督办")
    week = models.DateField("周一")
    text = models.CharField("进展", max_length=500)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="记录人")
    written_at = models.DateTimeField("时间", default=timezone.now)

    objects = EscalationNoteQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "每周进展"
        ordering = ["-week", "-id"]
        constraints = [models.UniqueConstraint(fields=["escalation", "week"], name="one_note_a_week")]

    def __str__(self) -> str:
        return f"{self.week} {self.text[:20]}"

"""Clocks: each limit of law that runs, ran or stands still on a matter, with all that explains it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from complaints.deadlines import Limit, count
from complaints.models.complaints import Complaint
from complaints.models.consultations import Consultation
from complaints.models.matters import Level
from complaints.models.people import Person
from complaints.models.reports import ViolationReport
from core.calendar import Pause, calendar
from core.clocks import Why, local, why
from core.locking import LockingQuerySet
from core.models import Region

if TYPE_CHECKING:
    from core.actors import Actor

Subject = Complaint | ViolationReport | Consultation


def person_of(subject: Subject) -> Person | None:
    """Who turned to the bureau; nobody for a report without a name or a clue of our own."""
    for name in ("complainant", "reporter", "person"):
        if hasattr(subject, f"{name}_id"):
            person: Person | None = getattr(subject, name)
            return person
    return None


class ClockQuerySet(LockingQuerySet["Clock"]):
    """Clocks as one asks for them."""

    def visible_to(self, by: Actor) -> ClockQuerySet:
        """Those of the matters ``by`` may see."""
        return self.filter(
            Q(complaint__in=Complaint.objects.visible_to(by))
            | Q(report__in=ViolationReport.objects.visible_to(by))
            | Q(consultation__in=Consultation.objects.visible_to(by))
        )

    def of(self, subject: Subject) -> Self:
        """The clocks of one matter."""
        return self.filter(**{Clock.field_of(subject): subject})

    def running(self) -> Self:
        """Those that run now."""
        return self.filter(state=Clock.State.RUNNING)

    def overdue(self, now: datetime) -> Self:
        """Those that ran out and were not answered."""
        return self.running().filter(due_at__lt=now)


class Clock(models.Model):
    """One limit on one matter. ``due_at`` is stored; how it was counted can be told again from the rest."""

    class Code(models.TextChoices):
        ASSIGN = "ASSIGN", "分派"
        FIRST_CONTACT = "FIRST_CONTACT", "首次联系"
        ODR = "ODR", "商家协商"
        ID_PROOF = "ID_PROOF", "提供身份证明"
        ACCEPT = "ACCEPT", "受理决定"
        MEDIATE = "MEDIATE", "调解"
        TERMINATE_NOTICE = "TERMINATE_NOTICE", "告知双方"
        CALLBACK = "CALLBACK", "回访"
        VERIFY = "VERIFY", "线索核查"
        FILING_NOTICE = "FILING_NOTICE", "告知是否立案"
        CASE = "CASE", "案件办理"
        PUBLISH = "PUBLISH", "公示处罚"
        JURISDICTION = "JURISDICTION", "管辖争议协商"
        ANSWER = "ANSWER", "答复咨询"
        WHISTLE = "WHISTLE", "部门报到"

    class State(models.TextChoices):
        RUNNING = "RUNNING", "计时中"
        PAUSED = "PAUSED", "中止"
        STOPPED = "STOPPED", "已完成"
        DROPPED = "DROPPED", "不再适用"

    complaint = models.ForeignKey(Complaint, models.PROTECT, null=True, related_name="clocks", verbose_name="投诉")
    report = models.ForeignKey(ViolationReport, models.PROTECT, null=True, related_name="clocks", verbose_name="举报")
    consultation = models.ForeignKey(
        Consultation, models.PROTECT, null=True, related_name="clocks", verbose_name="咨询"
    )
    # The bureau that answers for it when it is late: its lateness is public by county.
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="管辖地")
    code = models.CharField("期限", max_length=16, choices=Code.choices)
    state = models.CharField("状态", max_length=7, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField("起算时间")
    started_on = models.DateField("起算日")
    amount = models.PositiveSmallIntegerField("长度")
    unit = models.CharField("单位", max_length=11)
    roll = models.CharField("末日顺延", max_length=17, default="none")
    extension = models.PositiveSmallIntegerField("可延长", default=0)
    extended = models.BooleanField("已延长", default=False)
    # [[from, to), …] as ISO days: testing and recusal do not count (第21、22条).
    pauses = models.JSONField("中止", default=list)
    paused_on = models.DateField("中止日", null=True)
    due_at = models.DateTimeField("到期时间")
    provisional = models.BooleanField("放假安排未公布", default=False)
    stopped_at = models.DateTimeField("完成时间", null=True)
    basis = models.CharField("依据", max_length=120)
    pack_id = models.CharField("规则版本", max_length=40)
    # Why somebody else works on it: leave, another post.
    note = models.CharField("备注", max_length=200, blank=True)
    # How far the sweep has come with it: warned so many working days before, and up to which level it was taken.
    warned_at = models.DateTimeField("已预警", null=True)
    warned_days = models.PositiveSmallIntegerField("提前预警的工作日", null=True)
    escalated_to = models.CharField("已提级到", max_length=7, choices=Level.choices, blank=True)

    objects = ClockQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "期限"
        ordering = ["due_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="clock_of_one",
                condition=(
                    Q(complaint__isnull=False, report=None, consultation=None)
                    | Q(complaint=None, report__isnull=False, consultation=None)
                    | Q(complaint=None, report=None, consultation__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="clock_state_legal", condition=Q(state__in=["RUNNING", "PAUSED", "STOPPED", "DROPPED"])
            ),
            models.CheckConstraint(name="clock_paused_since", condition=Q(paused_on=None) | Q(state="PAUSED")),
            models.CheckConstraint(
                name="clock_stopped_when", condition=~Q(state="STOPPED") | Q(stopped_at__isnull=False)
            ),
            models.CheckConstraint(name="clock_forwards", condition=Q(due_at__gte=F("started_at"))),
            models.UniqueConstraint(
                fields=["complaint", "code"],
                condition=Q(state__in=["RUNNING", "PAUSED"]),
                name="one_clock_of_complaint",
            ),
            models.UniqueConstraint(
                fields=["report", "code"], condition=Q(state__in=["RUNNING", "PAUSED"]), name="one_clock_of_report"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="RUNNING"), name="clock_due"),
            models.Index(fields=["id"], condition=Q(state="RUNNING", provisional=True), name="clock_provisional"),
            models.Index(fields=["region", "code", "due_at"], name="clock_of_region"),
        ]

    def __str__(self) -> str:
        return f"{self.get_code_display()} {self.due_at:%Y-%m-%d}"

    @staticmethod
    def field_of(subject: Subject) -> str:
        """The column that names this kind of matter."""
        return {"complaint": "complaint", "violationreport": "report", "consultation": "consultation"}[
            subject._meta.model_name or ""
        ]

    @property
    def limit(self) -> Limit:
        """The limit it was counted by."""
        return Limit(self.amount, self.unit, self.basis, self.pack_id, self.extension, self.roll)  # type: ignore[arg-type]

    @property
    def paused_days(self) -> list[Pause]:
        """The pauses, [from, to)."""
        return [(date.fromisoformat(begin), date.fromisoformat(end)) for begin, end in self.pauses]

    @property
    def due_on(self) -> date:
        """The last day, as read in China: 24:00 belongs to the day that ends."""
        return local(self.due_at - timedelta(microseconds=1)).date()

    @property
    def is_late(self) -> bool:
        """Whether it was answered too late."""
        return self.stopped_at is not None and self.stopped_at > self.due_at

    def why(self) -> Why | None:
        """How the due date was counted, to be drawn; None for a clock of hours, which needs no telling."""
        if self.unit == "hour":
            return None
        deadline = count(self.limit, self.started_on, calendar(), pauses=self.paused_days, extended=self.extended)
        return why(deadline, self.basis, self.pack_id, "起算")

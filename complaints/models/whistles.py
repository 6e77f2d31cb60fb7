"""Whistle and report in (吹哨报到): a station calls departments to a case; each comes, acts and reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from complaints.departments import asked_of
from complaints.models.clocks import Clock
from complaints.models.complaints import Complaint
from core.identifiers import grouped, public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import Region, User
from core.models.people import WATCHERS, in_regions

if TYPE_CHECKING:
    from core.actors import Actor


class WhistleQuerySet(LockingQuerySet["Whistle"]):
    """Whistles as one asks for them."""

    def visible_to(self, by: Actor) -> WhistleQuerySet:
        """Those of an officer's regions, and those that call the own department. Never the parties'."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        mine = WhistleCall.objects.filter(asked_of(by, "whistle__complaint__region__path"))
        own = in_regions("complaint__region__path", by.user.access.region_paths(*WATCHERS))
        return self.filter(own | Q(pk__in=mine.values("whistle")))

    def open(self) -> Self:
        """Those not at an end yet."""
        return self.filter(status__in=["CALLED", "ON_SITE"])


class Whistle(models.Model):
    """One call to other departments about one complaint, with what is needed of them."""

    class Status(models.TextChoices):
        CALLED = "CALLED", "等部门报到"
        ON_SITE = "ON_SITE", "部门已报到"
        RESOLVED = "RESOLVED", "已解决"
        WITHDRAWN = "WITHDRAWN", "已撤销"

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.CALLED)
    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="whistles", verbose_name="投诉")
    clock = models.ForeignKey(Clock, models.PROTECT, related_name="+", verbose_name="报到期限")
    need = models.CharField("要部门做什么", max_length=1000)
    called_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="吹哨人")
    called_at = models.DateTimeField("吹哨时间")
    ended_at = models.DateTimeField("办结时间", null=True)
    outcome = models.CharField("结果", max_length=1000, blank=True)

    objects = WhistleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "吹哨"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="whistle_status_legal", condition=Q(status__in=["CALLED", "ON_SITE", "RESOLVED", "WITHDRAWN"])
            ),
            models.CheckConstraint(
                name="whistle_outcome_said",
                condition=~Q(status__in=["RESOLVED", "WITHDRAWN"]) | (~Q(outcome="") & Q(ended_at__isnull=False)),
            ),
            models.UniqueConstraint(
                fields=["complaint"], condition=Q(status__in=["CALLED", "ON_SITE"]), name="one_whistle_of_complaint"
            ),
        ]

    def __str__(self) -> str:
        return f"吹哨 {self.code_grouped}"

    @property
    def code_grouped(self) -> str:
        """The code as people read it."""
        return grouped(self.code)

    @property
    def region(self) -> Region:
        """Where the case is."""
        return self.complaint.region

    @property
    def department_names(self) -> list[str]:
        """Who was called."""
        return [one.department for one in self.calls.all()]


WHISTLE_LIFECYCLE = Lifecycle(
    "complaints.Whistle",
    "status",
    {
        "gather": Step(("CALLED",), "ON_SITE", "complaints.gather_whistle", "各部门已报到"),
        "resolve": Step(("CALLED", "ON_SITE"), "RESOLVED", "complaints.keep_whistle", "各部门已办完，解决"),
        "withdraw": Step(("CALLED", "ON_SITE"), "WITHDRAWN", "complaints.keep_whistle", "撤销吹哨", caution=True),
    },
)


class WhistleCallQuerySet(LockingQuerySet["WhistleCall"]):
    """Calls as one asks for them."""

    def visible_to(self, by: Actor) -> WhistleCallQuerySet:
        """Those of the whistles an officer of the place sees, and those to the own department."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        own = in_regions("whistle__complaint__region__path", by.user.access.region_paths(*WATCHERS))
        return self.filter(own | asked_of(by, "whistle__complaint__region__path"))

    def waiting(self) -> Self:
        """Those that wait for their department."""
        return self.filter(status__in=["INVITED", "ACCEPTED"], whistle__status__in=["CALLED", "ON_SITE"])


class WhistleCall(models.Model):
    """What one department makes of a whistle: it reports in within a working day, acts, and says what it did."""

    class Status(models.TextChoices):
        INVITED = "INVITED", "待报到"
        ACCEPTED = "ACCEPTED", "已报到"
        REPORTED = "REPORTED", "已办完"
        REFUSED = "REFUSED", "不归本部门"

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    status = models.CharField("状态", max_length=8, choices=Status.choices, default=Status.INVITED)
    whistle = models.ForeignKey(Whistle, models.PROTECT, related_name="calls", verbose_name="吹哨")
    department = models.CharField("部门", max_length=20)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="报到人")
    answered_at = models.DateTimeField("报到时间", null=True)
    reason = models.CharField("说明", max_length=300, blank=True)
    report = models.CharField("办理情况", max_length=1000, blank=True)
    reported_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="报告人")
    reported_at = models.DateTimeField("报告时间", null=True)

    objects = WhistleCallQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "部门报到"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["whistle", "department"], name="department_once_a_whistle"),
            models.CheckConstraint(
                name="whistle_call_status_legal",
                condition=Q(status__in=["INVITED", "ACCEPTED", "REPORTED", "REFUSED"]),
            ),
            models.CheckConstraint(
                name="whistle_call_report_said", condition=~Q(status="REPORTED") | ~Q(report="")
            ),
            models.CheckConstraint(name="whistle_call_refusal_said", condition=~Q(status="REFUSED") | ~Q(reason="")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.department} {self.get_status_display()}"

    @property
    def region(self) -> Region:
        """Where the case is."""
        return self.whistle.region


WHISTLE_CALL_LIFECYCLE = Lifecycle(
    "complaints.WhistleCall",
    "status",
    {
        "accept": Step(("INVITED",), "ACCEPTED", "complaints.answer_whistle", "报到"),
        "refuse": Step(("INVITED",), "REFUSED", "complaints.answer_whistle", "不归本部门", caution=True),
        "report": Step(("ACCEPTED",), "REPORTED", "complaints.answer_whistle", "报告办理情况"),
        "insist": Step(("REFUSED",), "INVITED", "complaints.keep_whistle", "再次请部门报到"),
    },
)

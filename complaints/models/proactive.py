"""Proactive tasks (未诉先办): similar complaints of late, looked into before more people have to complain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from complaints.models.complaints import Complaint
from complaints.models.incidents import Incident
from complaints.models.matters import Cause
from core.identifiers import public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import Region, User
from core.models.people import WATCHERS, in_regions
from merchants.models import Merchant

if TYPE_CHECKING:
    from core.actors import Actor

OPEN = ("PROPOSED", "TAKEN")


class ProactiveTaskQuerySet(LockingQuerySet["ProactiveTask"]):
    """Tasks as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """Those of an officer's regions; nobody else's."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        return self.filter(in_regions("region__path", by.user.access.region_paths(*WATCHERS)))

    def open(self) -> Self:
        """Those not at an end."""
        return self.filter(status__in=OPEN)


class ProactiveTask(models.Model):
    """Why somebody should look: so many people within so many days about one shop, or one cause in one county.

    ``people`` is counted over its ``members`` of ``since`` to ``proposed_on``; ``usual`` is the mean of the spans
    before, in hundredths; ``threshold`` is the rule that was met, with its basis.
    """

    class Status(models.TextChoices):
        PROPOSED = "PROPOSED", "待认领"
        TAKEN = "TAKEN", "办理中"
        DONE = "DONE", "已办结"
        DISMISSED = "DISMISSED", "不需要办"
        RAISED = "RAISED", "转群体事件"

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.PROPOSED)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="辖区")
    # None: one cause in one county, whoever the shops are.
    merchant = models.ForeignKey(
        Merchant, models.PROTECT, null=True, related_name="proactive_tasks", verbose_name="商家"
    )
    cause = models.CharField("事由", max_length=15, choices=Cause.choices)
    proposed_on = models.DateField("提出日")
    since = models.DateField("统计起日")
    people = models.PositiveIntegerField("投诉人数")
    usual = models.PositiveIntegerField("往期均值（百分之一人）", default=0)
    threshold = models.PositiveIntegerField("触发人数")
    basis = models.CharField("依据", max_length=200)
    rule_pack = models.CharField("规则版本", max_length=40)
    officer = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="承办人")
    taken_at = models.DateTimeField("认领时间", null=True)
    done = models.CharField("办理情况", max_length=1000, blank=True)
    ended_at = models.DateTimeField("办结时间", null=True)
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, related_name="+", verbose_name="转成的群体事件")

    objects = ProactiveTaskQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "未诉先办"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="proactive_status_legal",
                condition=Q(status__in=["PROPOSED", "TAKEN", "DONE", "DISMISSED", "RAISED"]),
            ),
            models.CheckConstraint(
                name="proactive_end_said", condition=~Q(status__in=["DONE", "DISMISSED"]) | ~Q(done="")
            ),
            models.CheckConstraint(
                name="proactive_raised_into_one", condition=~Q(status="RAISED") | Q(incident__isnull=False)
            ),
            # The same cluster waits once; a NULL merchant is a value like others here.
            models.UniqueConstraint(
                fields=["region", "merchant", "cause"],
                condition=Q(status__in=["PROPOSED", "TAKEN"]),
                nulls_distinct=False,
                name="one_open_proactive_task",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.where} {self.get_cause_display()}"

    @property
    def where(self) -> str:
        """The shop, or the county."""
        return self.merchant.brand_name if self.merchant else self.region.name


PROACTIVE_LIFECYCLE = Lifecycle(
    "complaints.ProactiveTask",
    "status",
    {
        "take": Step(("PROPOSED",), "TAKEN", "complaints.work_proactive", "认领"),
        "close": Step(("TAKEN",), "DONE", "complaints.work_proactive", "办结"),
        "dismiss": Step(("PROPOSED", "TAKEN"), "DISMISSED", "complaints.work_proactive", "不需要办", caution=True),
        "raise": Step(("PROPOSED", "TAKEN"), "RAISED", "complaints.raise_proactive", "转群体事件", caution=True),
    },
)


class ClusteredComplaint(models.Model):
    """One complaint counted in a task."""

    task = models.ForeignKey(ProactiveTask, models.PROTECT, related_name="members", verbose_name="未诉先办")
    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="+", verbose_name="投诉")

    class Meta:
        verbose_name = verbose_name_plural = "未诉先办的投诉"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["task", "complaint"], name="clustered_once")]

    def __str__(self) -> str:
        return f"{self.task_id}/{self.complaint_id}"

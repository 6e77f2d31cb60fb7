"""What becomes of a clue: the enforcement case with its penalty, and the extensions two people sign."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, Q

from complaints.models.people import Reporter
from complaints.models.reports import ViolationReport
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet, Row
from core.models import Region, User
from core.models.people import WATCHERS, in_regions

if TYPE_CHECKING:
    from core.actors import Actor


class OfReportQuerySet(LockingQuerySet[Row]):
    """Rows of a report that only officers of its region see: never the shop, never who reported."""

    def visible_to(self, by: Actor) -> Self:
        """Those of an officer's regions."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        return self.filter(in_regions("report__region__path", by.user.access.region_paths(*WATCHERS)))


class OfReport(models.Model):
    """Hangs on a report and lies where it lies."""

    class Meta:
        abstract = True

    report: Any

    @property
    def region(self) -> Region:
        """The jurisdiction."""
        region: Region = self.report.region
        return region

    @property
    def merchant_id(self) -> int | None:
        """The respondent."""
        merchant: int | None = self.report.merchant_id
        return merchant

    @property
    def merchant(self) -> Any:
        """The respondent, if it is a merchant of the portal."""
        return self.report.merchant

    @property
    def reporter(self) -> Reporter | None:
        """Who told, for the question whether somebody decides in a matter of their own."""
        reporter: Reporter | None = self.report.reporter
        return reporter

    @property
    def handler_id(self) -> int | None:
        """Who works on it."""
        handler: int | None = self.report.handler_id
        return handler


class EnforcementCaseQuerySet(OfReportQuerySet["EnforcementCase"]):
    """Cases as one asks for them."""

    def public(self, on: date) -> Self:
        """Penalties on public view that day."""
        return self.filter(status=EnforcementCase.Status.PUBLISHED, public_until__gte=on)


class EnforcementCase(OfReport):
    """One clue on its way through the penalty procedure (诉转案); reports that are merged hang on its report."""

    class Status(models.TextChoices):
        CLUE = "CLUE", "线索"
        VERIFYING = "VERIFYING", "核查中"
        FILED = "FILED", "已立案"
        NOT_FILED = "NOT_FILED", "不予立案"
        DECIDED = "DECIDED", "已作出决定"
        PUBLISHED = "PUBLISHED", "处罚已公示"
        DROPPED = "DROPPED", "已移送或并案"

    class Penalty(models.TextChoices):
        NONE = "NONE", "不予处罚"
        WARNING = "WARNING", "警告"
        CRITICISM = "CRITICISM", "通报批评"
        FINE = "FINE", "罚款"
        CONFISCATION = "CONFISCATION", "没收违法所得、非法财物"
        FINE_AND_CONFISCATION = "FINE_AND_CONFISCATION", "没收并处罚款"
        CLOSURE = "CLOSURE", "责令停产停业"
        REVOCATION = "REVOCATION", "吊销许可证件"

    report = models.OneToOneField(ViolationReport, models.PROTECT, related_name="case", verbose_name="举报")
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.CLUE)
    case_no = models.CharField("立案号", max_length=60, blank=True)
    filed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="签批人")
    filed_on = models.DateField("立案日", null=True)
    penalty = models.CharField("处理", max_length=21, choices=Penalty.choices, blank=True)
    fine_fen = models.BigIntegerField("罚款", default=0)
    confiscated_fen = models.BigIntegerField("没收", default=0)
    law = models.CharField("处罚依据", max_length=200, blank=True)
    decision_no = models.CharField("决定书文号", max_length=60, blank=True)
    decision = models.CharField("决定内容", max_length=1000, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="决定签批人")
    decided_on = models.DateField("决定日", null=True)
    published_on = models.DateField("公示日", null=True)
    public_until = models.DateField("公示到", null=True)

    objects = EnforcementCaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "案件"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="case_status_legal",
                condition=Q(status__in=["CLUE", "VERIFYING", "FILED", "NOT_FILED", "DECIDED", "PUBLISHED", "DROPPED"]),
            ),
            models.CheckConstraint(name="case_sums", condition=Q(fine_fen__gte=0, confiscated_fen__gte=0)),
            models.CheckConstraint(
                name="case_decision_said",
                condition=~Q(status__in=["DECIDED", "PUBLISHED"]) | (~Q(penalty="") & Q(decided_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="case_published_until",
                condition=~Q(status="PUBLISHED") | (Q(public_until__gt=F("published_on")) & ~Q(penalty="NONE")),
            ),
        ]
        indexes = [
            models.Index(fields=["-published_on"], condition=Q(status="PUBLISHED"), name="cases_published"),
        ]

    def __str__(self) -> str:
        return self.case_no or f"{self.report.code} 线索"


CASE_LIFECYCLE = Lifecycle(
    "complaints.EnforcementCase",
    "status",
    {
        "verify": Step(("CLUE",), "VERIFYING", "complaints.handle_report", "开始核查"),
        "file": Step(("VERIFYING",), "FILED", "complaints.file_report", "立案"),
        "not_file": Step(("VERIFYING",), "NOT_FILED", "complaints.file_report", "不予立案", caution=True),
        "decide": Step(("FILED",), "DECIDED", "complaints.file_report", "作出处理决定", caution=True),
        "publish": Step(("DECIDED",), "PUBLISHED", "complaints.handle_report", "公示处罚"),
        "drop": Step(("CLUE", "VERIFYING", "FILED"), "DROPPED", "complaints.handle_report", "移送或并案", caution=True),
    },
)


class ExtensionRequest(OfReport):
    """A longer limit that one officer asks for and a head of the bureau, somebody else, approves (第27条)."""

    class Code(models.TextChoices):
        VERIFY = "VERIFY", "线索核查"
        CASE = "CASE", "案件办理"

    class Status(models.TextChoices):
        ASKED = "ASKED", "待负责人批准"
        APPROVED = "APPROVED", "已批准"
        REFUSED = "REFUSED", "未批准"

    report = models.ForeignKey(ViolationReport, models.PROTECT, related_name="extension_requests", verbose_name="举报")
    code = models.CharField("期限", max_length=6, choices=Code.choices)
    status = models.CharField("状态", max_length=8, choices=Status.choices, default=Status.ASKED)
    reason = models.CharField("延长理由", max_length=300)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="批准人")
    decided_at = models.DateTimeField("批准时间", null=True)
    opinion = models.CharField("批准意见", max_length=300, blank=True)

    objects = OfReportQuerySet["ExtensionRequest"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "延期申请"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="extension_by_two", condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by"))
            ),
            models.CheckConstraint(
                name="extension_status_legal", condition=Q(status__in=["ASKED", "APPROVED", "REFUSED"])
            ),
            models.UniqueConstraint(
                fields=["report", "code"], condition=Q(status="ASKED"), name="one_open_extension_request"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_code_display()}延期"


EXTENSION_LIFECYCLE = Lifecycle(
    "complaints.ExtensionRequest",
    "status",
    {
        "approve": Step(("ASKED",), "APPROVED", "complaints.approve_extension", "批准延期"),
        "refuse": Step(("ASKED",), "REFUSED", "complaints.approve_extension", "不批准延期", caution=True),
    },
)

"""Reports: a clue of a violation, verified, filed as a case or not, decided and published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from complaints.models.complaints import Complaint
from complaints.models.matters import Matter, MatterQuerySet
from complaints.models.people import Reporter
from core.lifecycle import Lifecycle, Step
from core.models import Region

if TYPE_CHECKING:
    from core.actors import Actor


class ViolationReportQuerySet(MatterQuerySet["ViolationReport"]):
    """Reports as one asks for them."""

    OPEN = ("REGISTERED", "ROUTED", "VERIFYING", "FILED", "INVESTIGATING", "DECIDED", "PUBLISHED")

    def visible_to(self, by: Actor) -> ViolationReportQuerySet:
        """Own ones and those of own regions; never the shop's (第37条)."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        return self.filter(Q(reporter__user=by.user) | self.in_regions_of(by))

    def own(self, by: Actor) -> ViolationReportQuerySet:
        """Those that ``by`` told of."""
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        return self.filter(reporter__user=by.user)

    def on_duty(self, by: Actor) -> ViolationReportQuerySet:
        """Those an officer reads as an officer; one's own are not among them."""
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        return self.filter(self.in_regions_of(by)).exclude(reporter__user=by.user)


class ViolationReport(Matter):
    """One clue that a law was broken: told by somebody, or found while a complaint was mediated (诉转案)."""

    class Status(models.TextChoices):
        REGISTERED = "REGISTERED", "已登记"
        ROUTED = "ROUTED", "分送"
        VERIFYING = "VERIFYING", "线索核查中"
        FILED = "FILED", "立案"
        NOT_FILED = "NOT_FILED", "不予立案"
        INVESTIGATING = "INVESTIGATING", "调查中"
        DECIDED = "DECIDED", "已作出处理决定"
        PUBLISHED = "PUBLISHED", "已公示"
        CLOSED = "CLOSED", "已办结"
        DUPLICATE = "DUPLICATE", "重复举报"
        MERGED = "MERGED", "并件"
        TRANSFERRED = "TRANSFERRED", "移送"

    status = models.CharField("状态", max_length=13, choices=Status.choices, default=Status.REGISTERED)
    # Nobody: reported without a name, or a clue the bureau found itself.
    reporter = models.ForeignKey(Reporter, models.PROTECT, null=True, related_name="reports", verbose_name="举报人")
    wants_result = models.BooleanField("要求告知结果", default=True)
    found_in = models.ForeignKey(Complaint, models.PROTECT, null=True, related_name="clues", verbose_name="来自投诉")
    happened_at = models.CharField("发生地", max_length=200, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged", verbose_name="并入")
    reason = models.CharField("说明", max_length=1000, blank=True)
    # What the reporter was told of the result, when, and by which article it had to be told (第36条).
    reply = models.CharField("答复", max_length=2000, blank=True)
    told_at = models.DateTimeField("告知时间", null=True)
    told_basis = models.CharField("告知依据", max_length=200, blank=True)
    # The unit it came from, to which alone it may be sent back (第41条).
    routed_from = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+", verbose_name="分送单位")
    transferred_to = models.CharField("移送机关", max_length=100, blank=True)
    to_police = models.BooleanField("移送公安机关", default=False)

    objects = ViolationReportQuerySet.as_manager()

    class Meta(Matter.Meta):
        verbose_name = verbose_name_plural = "举报"
        constraints = [
            models.CheckConstraint(
                name="report_respondent", condition=Q(merchant__isnull=False) | ~Q(respondent_name="")
            ),
            models.CheckConstraint(
                name="report_transferred_somewhere", condition=~Q(status="TRANSFERRED") | ~Q(transferred_to="")
            ),
            models.CheckConstraint(
                name="report_merged_into_one",
                condition=~Q(status__in=["MERGED", "DUPLICATE"]) | Q(merged_into__isnull=False),
            ),
            models.CheckConstraint(
                name="report_status_legal",
                condition=Q(
                    status__in=[
                        "REGISTERED", "ROUTED", "VERIFYING", "FILED", "NOT_FILED", "INVESTIGATING", "DECIDED",
                        "PUBLISHED", "CLOSED", "DUPLICATE", "MERGED", "TRANSFERRED",
                    ]
                ),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["handler", "next_due_at", "id"], condition=Q(closed_at=None), name="report_queue"),
            models.Index(fields=["region", "next_due_at", "id"], condition=Q(closed_at=None), name="report_due"),
            models.Index(fields=["merchant", "-id"], name="report_of_merchant"),
        ]

    @property
    def is_named(self) -> bool:
        """Whether somebody stands by it with name and phone, who can be told something."""
        return bool(self.reporter and self.reporter.name_ct and self.reporter.phone_ct)

    @property
    def progress(self) -> str:
        """What its reporter reads of it: how it ends is told only where a law says so (第36条)."""
        if self.status in ("DUPLICATE", "MERGED", "TRANSFERRED"):
            return self.get_status_display()
        if self.status in ("NOT_FILED", "CLOSED"):
            return "已办结"
        return "已收到" if self.status == "REGISTERED" else "办理中"


REPORT_LIFECYCLE = Lifecycle(
    "complaints.ViolationReport",
    "status",
    {
        "route": Step(("REGISTERED", "ROUTED"), "ROUTED", "complaints.assign_report", "分送承办单位"),
        "send_back": Step(("ROUTED",), "REGISTERED", "complaints.handle_report", "退回分送", caution=True),
        "verify": Step(("REGISTERED", "ROUTED"), "VERIFYING", "complaints.handle_report", "开始核查"),
        "file": Step(("VERIFYING",), "FILED", "complaints.file_report", "立案"),
        "not_file": Step(("VERIFYING",), "NOT_FILED", "complaints.file_report", "不予立案", caution=True),
        "investigate": Step(("FILED",), "INVESTIGATING", "complaints.handle_report", "开始调查"),
        "decide": Step(("INVESTIGATING",), "DECIDED", "complaints.file_report", "作出处理决定", caution=True),
        "publish": Step(("DECIDED",), "PUBLISHED", "complaints.handle_report", "公示处罚"),
        "close": Step(("PUBLISHED", "NOT_FILED", "DECIDED"), "CLOSED", "complaints.handle_report", "办结"),
        # 第35条: the same person, fact and respondent is not handled twice; new facts may be merged.
        "mark_duplicate": Step(
            ("REGISTERED", "ROUTED"), "DUPLICATE", "complaints.handle_report", "重复举报", caution=True
        ),
        "merge": Step(
            ("REGISTERED", "ROUTED", "VERIFYING"), "MERGED", "complaints.handle_report", "并件", caution=True
        ),
        # 第34、42条: to whoever has the power, or to the police.
        "transfer": Step(
            ("REGISTERED", "ROUTED", "VERIFYING", "INVESTIGATING"),
            "TRANSFERRED",
            "complaints.file_report",
            "移送",
            caution=True,
        ),
    },
)

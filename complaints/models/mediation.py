"""Mediation: the consent of both sides, its meetings, and its delegation to people's mediation (第18—23条)."""

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


class Party(models.TextChoices):
    """The two sides of a complaint."""

    COMPLAINANT = "COMPLAINANT", "投诉人"
    MERCHANT = "MERCHANT", "被投诉人"


class Mediation(models.Model):
    """Who has consented to be mediated, and why the clock stands still."""

    class Pause(models.TextChoices):
        TESTING = "TESTING", "检测鉴定"
        RECUSAL = "RECUSAL", "调解人员回避"

    complaint = models.OneToOneField(Complaint, models.PROTECT, related_name="mediation", verbose_name="投诉")
    complainant_agreed_at = models.DateTimeField("投诉人同意调解", null=True)
    merchant_agreed_at = models.DateTimeField("被投诉人同意调解", null=True)
    pause = models.CharField("中止原因", max_length=7, choices=Pause.choices, blank=True)
    pause_note = models.CharField("检测机构或回避说明", max_length=300, blank=True)

    objects = LockingQuerySet["Mediation"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "调解"

    def __str__(self) -> str:
        return str(self.complaint)

    @property
    def agreed_by_both(self) -> bool:
        """Whether both sides want it; without that nobody is mediated (第18条)."""
        return self.complainant_agreed_at is not None and self.merchant_agreed_at is not None


class MediationMeeting(models.Model):
    """One meeting: both sides are told in time when, where and with whom (第20、21条)."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="meetings", verbose_name="投诉")
    at = models.DateTimeField("时间")
    place = models.CharField("地点或远程方式", max_length=200)
    is_remote = models.BooleanField("远程", default=False)
    mediator = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="调解人员")
    told_at = models.DateTimeField("通知时间")
    record = models.CharField("调解记录", max_length=1000, blank=True)
    recorded_at = models.DateTimeField("记录时间", null=True)

    objects = LockingQuerySet["MediationMeeting"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "调解会"
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.complaint} {self.at:%Y-%m-%d}"

    @property
    def where(self) -> str:
        """The place, or by which way from afar."""
        return f"远程：{self.place}" if self.is_remote else self.place


class AssignmentQuerySet(LockingQuerySet["MediationAssignment"]):
    """Delegations as one asks for them."""

    def visible_to(self, by: Actor) -> AssignmentQuerySet:
        """A mediator's own, and those of complaints one may see."""
        if by.user is None or not by.user.is_authenticated:
            return self if by.is_system else self.none()
        return self.filter(Q(mediator=by.user) | Q(complaint__in=Complaint.objects.visible_to(by)))

    def live(self) -> AssignmentQuerySet:
        """Those that are not over."""
        return self.filter(status__in=LIVE)


LIVE = ("PROPOSED", "CONSENTED", "IN_PROGRESS")


class MediationAssignment(models.Model):
    """A complaint given to a people's mediation committee, once both sides agree; it gives it to nobody else."""

    class Status(models.TextChoices):
        PROPOSED = "PROPOSED", "征求双方同意"
        CONSENTED = "CONSENTED", "双方同意"
        IN_PROGRESS = "IN_PROGRESS", "人民调解中"
        AGREED = "AGREED", "人民调解成功"
        FAILED = "FAILED", "人民调解不成"
        DECLINED = "DECLINED", "一方不同意"
        JUDICIAL_CONFIRMED = "JUDICIAL_CONFIRMED", "已司法确认"

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="mediation_assignments", verbose_name="投诉")
    status = models.CharField("状态", max_length=18, choices=Status.choices, default=Status.PROPOSED)
    committee = models.CharField("调解组织", max_length=100)
    mediator = models.ForeignKey(User, models.PROTECT, related_name="mediations", verbose_name="人民调解员")
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="委托人员")
    proposed_at = models.DateTimeField("提出委托", auto_now_add=True)
    complainant_agreed_at = models.DateTimeField("投诉人同意委托", null=True)
    merchant_agreed_at = models.DateTimeField("被投诉人同意委托", null=True)
    started_at = models.DateTimeField("开始调解", null=True)
    ended_at = models.DateTimeField("结束时间", null=True)
    outcome = models.TextField("结果", max_length=2000, blank=True)
    agreed_fen = models.BigIntegerField("协议金额", null=True)
    judicial_no = models.CharField("司法确认文号", max_length=60, blank=True)
    judicial_on = models.DateField("司法确认日期", null=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "委托人民调解"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["complaint"], condition=Q(status__in=LIVE), name="one_live_mediation_assignment"
            ),
            models.CheckConstraint(
                name="mediation_assignment_status_legal",
                condition=Q(
                    status__in=[*LIVE, "AGREED", "FAILED", "DECLINED", "JUDICIAL_CONFIRMED"],
                ),
            ),
            models.CheckConstraint(
                name="mediation_assignment_consented",
                condition=Q(status__in=["PROPOSED", "DECLINED"])
                | Q(complainant_agreed_at__isnull=False, merchant_agreed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="mediation_assignment_amount", condition=Q(agreed_fen=None) | Q(agreed_fen__gte=0)
            ),
        ]
        indexes = [models.Index(fields=["mediator", "-id"], name="assignments_of_mediator")]

    def __str__(self) -> str:
        return f"{self.complaint} {self.committee}"


ASSIGNMENT_LIFECYCLE = Lifecycle(
    "complaints.MediationAssignment",
    "status",
    {
        "consent": Step(("PROPOSED",), "CONSENTED", "complaints.consent_mediation", "同意委托"),
        "decline": Step(("PROPOSED",), "DECLINED", "complaints.consent_mediation", "不同意委托", caution=True),
        "begin": Step(("CONSENTED",), "IN_PROGRESS", "complaints.mediate_assignment", "开始调解"),
        "agree": Step(("IN_PROGRESS",), "AGREED", "complaints.mediate_assignment", "达成协议"),
        "fail": Step(("CONSENTED", "IN_PROGRESS"), "FAILED", "complaints.mediate_assignment", "调解不成", caution=True),
        "confirm": Step(("AGREED",), "JUDICIAL_CONFIRMED", "complaints.confirm_assignment", "登记司法确认"),
    },
)


class Settlement(models.Model):
    """What both sides agreed on, and the money that goes with it; document 9 unless both waive it (第24条)."""

    complaint = models.OneToOneField(Complaint, models.PROTECT, related_name="settlement", verbose_name="投诉")
    terms = models.TextField("协议内容", max_length=2000)
    amount_fen = models.BigIntegerField("协议金额")
    escrow_fen = models.BigIntegerField("从锁定资金退")
    direct_fen = models.BigIntegerField("商家直接付")
    refund = models.OneToOneField(
        "prepaid.Refund", models.PROTECT, null=True, related_name="mediated_settlement", verbose_name="退款"
    )
    at_once = models.BooleanField("即时履行", default=False)
    perform_by = models.DateField("履行期限", null=True)
    waived = models.BooleanField("双方同意不制作调解书", default=False)
    proof = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="付款凭证")
    proved_at = models.DateTimeField("核实付款", null=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    made_at = models.DateTimeField("达成时间")

    objects = LockingQuerySet["Settlement"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "调解协议"
        constraints = [
            models.CheckConstraint(
                name="settlement_sum_adds_up",
                condition=Q(amount_fen=models.F("escrow_fen") + models.F("direct_fen"))
                & Q(escrow_fen__gte=0, direct_fen__gte=0),
            ),
            models.CheckConstraint(name="escrow_part_is_a_refund", condition=Q(escrow_fen=0) | Q(refund__isnull=False)),
            models.CheckConstraint(
                name="settlement_performed_when", condition=Q(at_once=True) | Q(perform_by__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return str(self.complaint)

    @property
    def needs_document(self) -> bool:
        """Whether the mediation agreement is written (document 9)."""
        return not (self.at_once or self.waived)

    @property
    def unpaid(self) -> str:
        """What of the money has not been shown to have arrived; empty when all has."""
        missing = []
        if self.refund is not None and self.refund.status != "PAID":
            missing.append(f"从锁定资金退的钱还没有到账（{self.refund.get_status_display()}）")
        if self.direct_fen and self.proved_at is None:
            missing.append("商家直接付的钱还没有付款凭证")
        return "；".join(missing)

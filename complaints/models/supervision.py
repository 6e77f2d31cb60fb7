"""Supervision notices (监督提示单) with what has to be put right, and regulatory interviews (约谈)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from core.identifiers import grouped, public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import Region, StoredFile, User
from core.models.people import WATCHERS, Role, in_regions
from merchants.models import Merchant

if TYPE_CHECKING:
    from core.actors import Actor


class SupervisionNoticeQuerySet(LockingQuerySet["SupervisionNotice"]):
    """Notices as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """Those of an officer's regions, those to the own shop and those to the own department."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        access = by.user.access
        seen = in_regions("region__path", access.region_paths(*WATCHERS)) | Q(merchant__in=access.merchants())
        own = in_regions("region__path", access.region_paths(Role.DEPARTMENT_OFFICER))
        return self.filter(seen | own & Q(department__in=access.departments))

    def waiting(self) -> Self:
        """Those that the target has not answered."""
        return self.filter(status__in=UNANSWERED)


UNANSWERED = ("ISSUED", "ACKNOWLEDGED", "RECTIFYING", "OVERDUE", "ESCALATED")


class SupervisionNotice(models.Model):
    """A numbered slip that tells a merchant or a department what to put right by when."""

    class Status(models.TextChoices):
        ISSUED = "ISSUED", "已下发"
        ACKNOWLEDGED = "ACKNOWLEDGED", "已签收"
        RECTIFYING = "RECTIFYING", "整改中"
        REPORTED = "REPORTED", "已报告，待核验"
        VERIFIED = "VERIFIED", "核验通过"
        CLOSED = "CLOSED", "已销号"
        OVERDUE = "OVERDUE", "逾期未报"
        ESCALATED = "ESCALATED", "提级督办"

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    title = models.CharField("文号", max_length=60, unique=True)
    status = models.CharField("状态", max_length=12, choices=Status.choices, default=Status.ISSUED)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="地区")
    merchant = models.ForeignKey(
        Merchant, models.PROTECT, null=True, related_name="supervision_notices", verbose_name="商家"
    )
    department = models.CharField("部门", max_length=20, blank=True)
    facts = models.TextField("事实", max_length=2000)
    basis = models.CharField("依据", max_length=200)
    due_on = models.DateField("整改期限")
    evidence = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="证据")
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="签发人")
    issued_at = models.DateTimeField("签发时间")
    acknowledged_at = models.DateTimeField("签收时间", null=True)
    report_text = models.CharField("整改报告", max_length=2000, blank=True)
    reported_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="报告人")
    reported_at = models.DateTimeField("报告时间", null=True)
    verified_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="核验人")
    verified_at = models.DateTimeField("核验时间", null=True)
    opinion = models.CharField("核验意见", max_length=300, blank=True)
    escalated_to = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="督办负责人")

    objects = SupervisionNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "监督提示单"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="notice_to_one",
                condition=Q(merchant__isnull=False, department="") | Q(merchant=None) & ~Q(department=""),
            ),
            models.CheckConstraint(
                name="notice_verified_by_another", condition=Q(verified_by=None) | ~Q(verified_by=F("reported_by"))
            ),
            models.CheckConstraint(
                name="notice_escalated_to_somebody",
                condition=~Q(status="ESCALATED") | Q(escalated_to__isnull=False),
            ),
            models.CheckConstraint(
                name="notice_status_legal",
                condition=Q(
                    status__in=[
                        "ISSUED", "ACKNOWLEDGED", "RECTIFYING", "REPORTED", "VERIFIED", "CLOSED", "OVERDUE",
                        "ESCALATED",
                    ]
                ),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["due_on"],
                condition=Q(status__in=["ISSUED", "ACKNOWLEDGED", "RECTIFYING"]),
                name="notice_due",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def code_grouped(self) -> str:
        """The code as people read it."""
        return grouped(self.code)

    @property
    def target(self) -> str:
        """To whom it is."""
        return self.merchant.brand_name if self.merchant else self.department

    @property
    def items_open(self) -> int:
        """How many items are not put right yet."""
        return sum(item.fixed_at is None for item in self.items.all())


NOTICE_LIFECYCLE = Lifecycle(
    "complaints.SupervisionNotice",
    "status",
    {
        "acknowledge": Step(("ISSUED",), "ACKNOWLEDGED", "complaints.answer_notice", "签收"),
        "rectify": Step(("ACKNOWLEDGED",), "RECTIFYING", "complaints.answer_notice", "开始整改"),
        "report": Step(("RECTIFYING", "OVERDUE", "ESCALATED"), "REPORTED", "complaints.answer_notice", "报告整改结果"),
        "return": Step(("REPORTED",), "RECTIFYING", "complaints.verify_notice", "退回继续整改", caution=True),
        "verify": Step(("REPORTED",), "VERIFIED", "complaints.verify_notice", "核验通过"),
        "close": Step(("VERIFIED",), "CLOSED", "complaints.issue_notice", "销号"),
        "lapse": Step(("ISSUED", "ACKNOWLEDGED", "RECTIFYING"), "OVERDUE", "complaints.sweep_notices", "逾期未报"),
        "escalate": Step(("OVERDUE",), "ESCALATED", "complaints.issue_notice", "提级督办", caution=True),
    },
)


class RectificationItemQuerySet(LockingQuerySet["RectificationItem"]):
    """Items as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """Those of the notices ``by`` may see."""
        return self.filter(notice__in=SupervisionNotice.objects.visible_to(by))


class RectificationItem(models.Model):
    """One thing to put right, with what was done and the proof."""

    notice = models.ForeignKey(SupervisionNotice, models.PROTECT, related_name="items", verbose_name="提示单")
    text = models.CharField("整改事项", max_length=300)
    fixed_at = models.DateTimeField("整改时间", null=True)
    fixed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="整改人")
    note = models.CharField("整改情况", max_length=500, blank=True)
    proof = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="整改证据")

    objects = RectificationItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "整改事项"
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="item_fix_said", condition=Q(fixed_at=None) | ~Q(note=""))]

    def __str__(self) -> str:
        return self.text


class RegulatoryInterviewQuerySet(LockingQuerySet["RegulatoryInterview"]):
    """Interviews as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """Those of an officer's regions, and those with the own shop."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        access = by.user.access
        return self.filter(
            in_regions("merchant__region__path", access.region_paths(*WATCHERS)) | Q(merchant__in=access.merchants())
        )


class RegulatoryInterview(models.Model):
    """Two officers talk to a merchant: noticed, held, promised, checked."""

    class Status(models.TextChoices):
        NOTICED = "NOTICED", "已通知"
        HELD = "HELD", "已约谈"
        COMMITTED = "COMMITTED", "已承诺整改"
        CHECKED = "CHECKED", "已核查承诺"

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.NOTICED)
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="interviews", verbose_name="商家")
    topics = models.CharField("约谈事项", max_length=1000)
    meets_at = models.DateTimeField("约谈时间")
    place = models.CharField("地点", max_length=100)
    officer = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="主谈人")
    second_officer = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="参加人")
    held_at = models.DateTimeField("实际约谈时间", null=True)
    minutes = models.TextField("约谈记录", max_length=4000, blank=True)
    commitments = models.CharField("商家承诺", max_length=1000, blank=True)
    due_on = models.DateField("承诺期限", null=True)
    finding = models.CharField("核查结果", max_length=1000, blank=True)
    kept = models.BooleanField("已兑现", null=True)
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="核查人")

    objects = RegulatoryInterviewQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "约谈"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="interview_by_two", condition=~Q(officer=F("second_officer"))),
            models.CheckConstraint(
                name="interview_status_legal", condition=Q(status__in=["NOTICED", "HELD", "COMMITTED", "CHECKED"])
            ),
            models.CheckConstraint(
                name="interview_promise_dated",
                condition=~Q(status__in=["COMMITTED", "CHECKED"]) | (~Q(commitments="") & Q(due_on__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merchant} 约谈"

    @property
    def region(self) -> Region:
        """Where the merchant is."""
        return self.merchant.region


INTERVIEW_LIFECYCLE = Lifecycle(
    "complaints.RegulatoryInterview",
    "status",
    {
        "hold": Step(("NOTICED",), "HELD", "complaints.hold_interview", "记录约谈"),
        "commit": Step(("HELD",), "COMMITTED", "complaints.hold_interview", "记录承诺"),
        "check": Step(("COMMITTED",), "CHECKED", "complaints.hold_interview", "核查承诺"),
    },
)

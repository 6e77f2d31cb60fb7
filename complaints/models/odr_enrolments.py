"""ODR enterprises: shops with many complaints are asked to settle with their customers first, and are measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import Region, User
from core.models.people import WATCHERS, in_regions
from merchants.models import Merchant

if TYPE_CHECKING:
    from core.actors import Actor


class OdrEnrolmentQuerySet(LockingQuerySet["OdrEnrolment"]):
    """Enrolments as one asks for them."""

    def visible_to(self, by: Actor) -> OdrEnrolmentQuerySet:
        """The own shop's, and those of an officer's regions."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        access = by.user.access
        return self.filter(
            Q(merchant__in=access.merchants())
            | in_regions("merchant__region__path", access.region_paths(*WATCHERS))
        )  # fmt: skip

    def live(self) -> Self:
        """Those not declined."""
        return self.exclude(status=OdrEnrolment.Status.DECLINED)


class OdrEnrolment(models.Model):
    """One shop's way to being an ODR enterprise, and how well it keeps the ten working days."""

    class Status(models.TextChoices):
        CANDIDATE = "CANDIDATE", "候选，待商家答复"
        ENROLLED = "ENROLLED", "商家愿意，待确认"
        ACTIVE = "ACTIVE", "ODR企业"
        SUSPENDED = "SUSPENDED", "已暂停"
        DECLINED = "DECLINED", "商家不参加"

    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.CANDIDATE)
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="odr_enrolments", verbose_name="商家")
    proposed_on = models.DateField("提名日")
    complaints = models.PositiveIntegerField("统计期内投诉", default=0)
    days = models.PositiveSmallIntegerField("统计期", default=0)
    basis = models.CharField("依据", max_length=120, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="答复人")
    answered_at = models.DateTimeField("答复时间", null=True)
    reason = models.CharField("说明", max_length=300, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="确认人")
    confirmed_at = models.DateTimeField("确认时间", null=True)
    # Written by the weekly job: of the shop's ODR limits that were due in the period, how many it kept.
    due = models.PositiveIntegerField("到期", default=0)
    on_time = models.PositiveIntegerField("按时", default=0)
    counted_on = models.DateField("统计日", null=True)

    objects = OdrEnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "ODR企业"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="odr_enrolment_status_legal",
                condition=Q(status__in=["CANDIDATE", "ENROLLED", "ACTIVE", "SUSPENDED", "DECLINED"]),
            ),
            models.CheckConstraint(
                name="odr_enrolment_confirmed",
                condition=~Q(status__in=["ACTIVE", "SUSPENDED"]) | Q(confirmed_at__isnull=False),
            ),
            models.CheckConstraint(name="odr_enrolment_kept", condition=Q(on_time__lte=F("due"))),
            models.UniqueConstraint(
                fields=["merchant"], condition=~Q(status="DECLINED"), name="one_odr_enrolment_of_merchant"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merchant} {self.get_status_display()}"

    @property
    def region(self) -> Region:
        """Where the shop is."""
        return self.merchant.region

    @property
    def rate(self) -> str:
        """The share kept in time, in words: the figure and what it is made of."""
        if not self.due:
            return "还没有到期的"
        return f"{self.on_time * 100 / self.due:.1f}%（{self.on_time}/{self.due}）"


ODR_ENROLMENT_LIFECYCLE = Lifecycle(
    "complaints.OdrEnrolment",
    "status",
    {
        "enrol": Step(("CANDIDATE",), "ENROLLED", "complaints.answer_odr_enrolment", "参加"),
        "decline": Step(("CANDIDATE",), "DECLINED", "complaints.answer_odr_enrolment", "不参加", caution=True),
        "confirm": Step(("ENROLLED",), "ACTIVE", "complaints.confirm_odr_enrolment", "确认为ODR企业"),
        "send_back": Step(("ENROLLED",), "CANDIDATE", "complaints.confirm_odr_enrolment", "退回", caution=True),
        "suspend": Step(("ACTIVE",), "SUSPENDED", "complaints.suspend_odr_enrolment", "暂停", caution=True),
        "restore": Step(("SUSPENDED",), "ACTIVE", "complaints.confirm_odr_enrolment", "恢复"),
    },
)

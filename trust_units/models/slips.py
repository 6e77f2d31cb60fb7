"""The problem feedback slip (问题反馈单): from a finding to its verified end, or to the proposal to remove."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from core.identifiers import grouped, public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import Region, StoredFile, User
from core.models.people import WATCHERS, in_regions
from merchants.models import Merchant
from trust_units.models.checks import SpotCheck
from trust_units.models.units import TrustUnit

if TYPE_CHECKING:
    from core.actors import Actor


class FeedbackSlipQuerySet(LockingQuerySet["FeedbackSlip"]):
    """Slips as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """The shop's own, those of the officer's regions, and those one has to verify."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        access = by.user.access
        own = Q(spot_check__merchant__in=access.merchants()) | Q(spot_check__unit__mall__in=access.malls())
        return self.filter(own | in_regions("spot_check__region__path", access.region_paths(*WATCHERS)))

    def open(self) -> Self:
        """Those not closed."""
        return self.exclude(status__in=["CLOSED", "PROPOSED"])

    def late(self, on: object) -> Self:
        """Those whose present limit is over."""
        return self.filter(status__in=["ISSUED", "ACKNOWLEDGED", "EVIDENCE"], due_on__lt=on)


class FeedbackSlip(models.Model):
    """What was found wrong and what became of it. No slip closes without evidence and another officer's look."""

    class Status(models.TextChoices):
        ISSUED = "ISSUED", "待签收"
        ACKNOWLEDGED = "ACKNOWLEDGED", "整改中"
        EVIDENCE = "EVIDENCE", "待实地复核"
        VERIFIED = "VERIFIED", "复核通过，待销号"
        CLOSED = "CLOSED", "已闭环"
        PROPOSED = "PROPOSED", "逾期未改，拟移除"

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    spot_check = models.OneToOneField(SpotCheck, models.PROTECT, related_name="slip", verbose_name="抽查")
    status = models.CharField("状态", max_length=12, choices=Status.choices, default=Status.ISSUED)
    text = models.CharField("问题", max_length=1000)
    issued_on = models.DateField("下发日")
    # The limit of the present state, and how often it has passed.
    due_on = models.DateField("期限", null=True)
    lapses = models.PositiveSmallIntegerField("逾期次数", default=0)
    extended = models.BooleanField("已延期", default=False)
    acknowledged_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="签收人")
    acknowledged_at = models.DateTimeField("签收时间", null=True)
    evidence_text = models.CharField("整改情况", max_length=1000, blank=True)
    evidence_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="提交人")
    evidence_at = models.DateTimeField("提交时间", null=True)
    verified_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="复核人")
    verified_at = models.DateTimeField("复核时间", null=True)
    verdict = models.CharField("复核意见", max_length=500, blank=True)
    # WGS 84, where the officer stood.
    lng = models.FloatField("经度", null=True)
    lat = models.FloatField("纬度", null=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="销号人")
    closed_at = models.DateTimeField("销号时间", null=True)

    objects = FeedbackSlipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "问题反馈单"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="slip_status_legal",
                condition=Q(status__in=["ISSUED", "ACKNOWLEDGED", "EVIDENCE", "VERIFIED", "CLOSED", "PROPOSED"]),
            ),
            models.CheckConstraint(
                name="slip_closes_on_evidence",
                condition=~Q(status="CLOSED")
                | Q(evidence_at__isnull=False, verified_by__isnull=False, closed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="slip_verified_by_another",
                condition=Q(verified_by=None)
                | ((Q(acknowledged_by=None) | ~Q(acknowledged_by=F("verified_by"))) & ~Q(evidence_by=F("verified_by"))),
            ),
            models.CheckConstraint(
                name="slip_closed_by_another", condition=Q(closed_by=None) | ~Q(closed_by=F("verified_by"))
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on"], condition=Q(status__in=["ISSUED", "ACKNOWLEDGED", "EVIDENCE"]), name="slips_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.spot_check.place_name}：{self.text[:30]}"

    @property
    def code_grouped(self) -> str:
        """The code as people read it."""
        return grouped(self.code)

    @property
    def unit(self) -> TrustUnit | None:
        """The unit, if the place is one."""
        return self.spot_check.unit

    @property
    def region(self) -> Region:
        """The jurisdiction."""
        return self.spot_check.region

    @property
    def merchant(self) -> Merchant | None:
        """Whose shop it is."""
        return self.spot_check.merchant

    @property
    def merchant_id(self) -> int | None:
        """Whose shop it is, by key."""
        return self.spot_check.merchant_id

    @property
    def mall_id(self) -> int | None:
        """Which mall it is."""
        return self.spot_check.mall_id


class SlipPhoto(models.Model):
    """One picture: of what was put right, or of what the verifying officer saw."""

    slip = models.ForeignKey(FeedbackSlip, models.PROTECT, related_name="photos", verbose_name="反馈单")
    is_of_officer = models.BooleanField("复核照片", default=False)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="照片")
    added_at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "反馈单照片"
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.file)


SLIP_LIFECYCLE = Lifecycle(
    "trust_units.FeedbackSlip",
    "status",
    {
        "acknowledge": Step(("ISSUED",), "ACKNOWLEDGED", "trust_units.answer_slip", "签收"),
        "extend": Step(("ACKNOWLEDGED",), "ACKNOWLEDGED", "trust_units.handle_slip", "延长整改期限"),
        "submit": Step(("ACKNOWLEDGED",), "EVIDENCE", "trust_units.answer_slip", "提交整改"),
        "verify": Step(("EVIDENCE",), "VERIFIED", "trust_units.verify_slip", "复核通过"),
        "send_back": Step(("EVIDENCE",), "ACKNOWLEDGED", "trust_units.verify_slip", "没有改好，退回", caution=True),
        "close": Step(("VERIFIED",), "CLOSED", "trust_units.close_slip", "销号"),
        "propose": Step(("ISSUED", "ACKNOWLEDGED"), "PROPOSED", "trust_units.lapse_slip", "提出移除", caution=True),
    },
)

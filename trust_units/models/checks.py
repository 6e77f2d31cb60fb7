"""Spot-checks of every kind (drawn, swept, of a campaign, crossed, covert) and the campaigns they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from core.identifiers import grouped, public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import Industry, Region, User
from core.models.people import WATCHERS, in_regions
from merchants.models import Merchant, Store
from trust_units.models.draws import Draw
from trust_units.models.units import TrustUnit

if TYPE_CHECKING:
    from core.actors import Actor


class Mode(models.TextChoices):
    """How a place came to be checked."""

    DRAW = "DRAW", "每日抽查"
    SWEEP = "SWEEP", "举一反三"
    CAMPAIGN = "CAMPAIGN", "专项检查"
    CROSS = "CROSS", "交叉检查"
    MYSTERY = "MYSTERY", "实地暗访"


class Cause(models.TextChoices):
    """What a campaign looks at the merchants of a place for."""

    ANY = "ANY", "全部商家"
    PREPAID = "PREPAID", "办有预付卡"
    COMPLAINTS = "COMPLAINTS", "三个月内有受理的投诉"
    RISK = "RISK", "在观察名单上"
    CUSTODY = "CUSTODY", "存管不足"
    LISTED = "LISTED", "列入异常或失信名单"


class CampaignQuerySet(LockingQuerySet["Campaign"]):
    """Campaigns as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """Those of the officer's regions."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        return self.filter(in_regions("region__path", by.user.access.region_paths(*WATCHERS)))


class Campaign(models.Model):
    """One round of checks that an officer ordered, over all merchants of a place or over its units only."""

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    mode = models.CharField("方式", max_length=8, choices=Mode.choices)
    title = models.CharField("名称", max_length=60)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="地区")
    industry = models.ForeignKey(Industry, models.PROTECT, null=True, related_name="+", verbose_name="行业")
    cause = models.CharField("对象", max_length=10, choices=Cause.choices, default=Cause.ANY)
    units_only = models.BooleanField("只查放心消费单位", default=False)
    due_on = models.DateField("检查期限")
    started_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="发起人")
    started_at = models.DateTimeField("发起时间", auto_now_add=True)
    size = models.PositiveIntegerField("检查数", default=0)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "专项检查"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title


class SpotCheckQuerySet(LockingQuerySet["SpotCheck"]):
    """Checks as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """An officer's region and those given to oneself; the shop's own once they have an outcome it is told."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        access = by.user.access
        told = Q(published_at__isnull=False) & (Q(merchant__in=access.merchants()) | Q(unit__mall__in=access.malls()))
        region = in_regions("region__path", access.region_paths(*WATCHERS))
        return self.filter(told | Q(inspector=by.user) | region)

    def open(self) -> Self:
        """Those still to be made."""
        return self.filter(status=SpotCheck.Status.DRAWN)


class SpotCheck(models.Model):
    """One place to be checked once: a unit, or in a campaign a store that may be none."""

    class Status(models.TextChoices):
        DRAWN = "DRAWN", "待检查"
        PASS = "PASS", "未发现问题"
        FINDING = "FINDING", "发现问题"
        REFUSED = "REFUSED", "拒绝检查"

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    mode = models.CharField("方式", max_length=8, choices=Mode.choices)
    status = models.CharField("状态", max_length=8, choices=Status.choices, default=Status.DRAWN)
    day = models.DateField("日期")
    draw = models.ForeignKey(Draw, models.PROTECT, null=True, related_name="checks", verbose_name="抽签")
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, related_name="checks", verbose_name="专项")
    # The finding whose like is looked for.
    because_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="sweeps", verbose_name="起因")
    unit = models.ForeignKey(TrustUnit, models.PROTECT, null=True, related_name="checks", verbose_name="单位")
    merchant = models.ForeignKey(Merchant, models.PROTECT, null=True, related_name="spot_checks", verbose_name="商家")
    store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="+", verbose_name="门店")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在街道")
    inspector = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="检查人")
    # ``{"code": "LICENCE", "text": "…"}``
    findings = models.JSONField("发现的问题", default=list)
    note = models.CharField("检查记录", max_length=1000, blank=True)
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="记录人")
    checked_at = models.DateTimeField("检查时间", null=True)
    # A covert check is told to nobody outside until this.
    published_at = models.DateTimeField("公开时间", null=True)

    objects = SpotCheckQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "抽查"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["draw", "unit"], name="one_check_a_draw_and_unit"),
            models.UniqueConstraint(fields=["campaign", "store"], name="one_check_a_campaign_and_store"),
            models.CheckConstraint(
                name="check_status_legal", condition=Q(status__in=["DRAWN", "PASS", "FINDING", "REFUSED"])
            ),
            models.CheckConstraint(
                name="check_is_of_something", condition=Q(unit__isnull=False) | Q(store__isnull=False)
            ),
            models.CheckConstraint(name="check_is_dated", condition=Q(status="DRAWN") | Q(checked_at__isnull=False)),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["region", "status"], condition=Q(status="DRAWN"), name="checks_to_make"),
            models.Index(fields=["day"], name="checks_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.place_name}（{self.get_mode_display()}）"

    @property
    def code_grouped(self) -> str:
        """The code as people read it."""
        return grouped(self.code)

    @property
    def place_name(self) -> str:
        """What stands over the door."""
        if self.unit is not None:
            return self.unit.sign_name
        assert self.store is not None and self.merchant is not None
        same = self.store.name == self.merchant.brand_name
        return self.merchant.brand_name if same else f"{self.merchant.brand_name}·{self.store.name}"

    @property
    def mall_id(self) -> int | None:
        """The mall, where the unit is a trusted district."""
        return self.unit.mall_id if self.unit is not None else None

    @property
    def finding_text(self) -> str:
        """What was found, in one line."""
        return "；".join(one["text"] for one in self.findings)

    def address(self) -> str:
        """Where it is."""
        place: Any = self.unit or self.store
        return str(place.address)


CHECK_LIFECYCLE = Lifecycle(
    "trust_units.SpotCheck",
    "status",
    {
        "pass": Step(("DRAWN",), "PASS", "trust_units.record_check", "未发现问题"),
        "find": Step(("DRAWN",), "FINDING", "trust_units.record_check", "发现问题", caution=True),
        "refuse": Step(("DRAWN",), "REFUSED", "trust_units.record_check", "拒绝检查", caution=True),
    },
)

"""Trust units: which place holds which kind of trust, in which pool it stands, and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from core.identifiers import grouped, public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import Region, User
from core.models.people import WATCHERS, in_regions
from merchants.models import Mall, Merchant, Store

if TYPE_CHECKING:
    from core.actors import Actor

# The pools whose units the public may rely on; WARNING is shown with its warning, REMOVED with its reason.
TRUSTED = ("INCUBATION", "STAR")
PUBLIC = (*TRUSTED, "WARNING")


class UnitType(models.TextChoices):
    """Kinds of trust units."""

    COMMITMENT = "COMMITMENT", "放心消费承诺单位"
    NO_REASON_RETURN = "NO_REASON_RETURN", "线下无理由退货承诺单位"
    DEMONSTRATION = "DEMONSTRATION", "放心消费示范单位"
    DISTRICT = "DISTRICT", "放心商圈"


class TrustUnitQuerySet(LockingQuerySet["TrustUnit"]):
    """Units as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """Those of the own shops and malls, and those of the officer's regions, in any pool."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        access = by.user.access
        own = Q(merchant__in=access.merchants()) | Q(mall__in=access.malls())
        return self.filter(own | in_regions("region__path", access.region_paths(*WATCHERS)))

    def public(self) -> Self:
        """Those that anybody finds."""
        return self.filter(status__in=PUBLIC)


class TrustUnit(models.Model):
    """One place (a store, or a mall as a trusted district) that holds, held or may hold one kind of trust."""

    class Status(models.TextChoices):
        SELECTION = "SELECTION", "选育池"
        INCUBATION = "INCUBATION", "培育库"
        STAR = "STAR", "星级库"
        WARNING = "WARNING", "预警库"
        REMOVED = "REMOVED", "已移除"

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    unit_type = models.CharField("类型", max_length=16, choices=UnitType.choices)
    status = models.CharField("所在库", max_length=10, choices=Status.choices, default=Status.SELECTION)
    merchant = models.ForeignKey(Merchant, models.PROTECT, null=True, related_name="trust_units", verbose_name="商家")
    store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="trust_units", verbose_name="门店")
    mall = models.ForeignKey(Mall, models.PROTECT, null=True, related_name="trust_units", verbose_name="商场")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在街道")
    stars = models.PositiveSmallIntegerField("星级", default=0)
    granted_on = models.DateField("认定日期", null=True)
    valid_until = models.DateField("有效期至", null=True)
    # Where WARNING returns to when the cause is put right.
    pool_before_warning = models.CharField(max_length=10, blank=True, editable=False)
    # WGS 84, as the officers' site inspection measured it.
    lng = models.FloatField("经度", null=True)
    lat = models.FloatField("纬度", null=True)
    last_checked_on = models.DateField("最近一次检查", null=True)
    # Counts up with each change of what the mark says: a page or a copy of the mark knows that it is old.
    mark_version = models.PositiveIntegerField(default=1, editable=False)
    cool_down_until = models.DateField("冷却期至", null=True)
    promise = models.CharField("自我承诺", max_length=500, blank=True)

    objects = TrustUnitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "放心消费单位"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["store", "unit_type"], name="one_unit_of_a_type_a_store"),
            models.UniqueConstraint(fields=["mall"], name="one_trusted_district_a_mall"),
            models.CheckConstraint(
                name="unit_is_store_or_mall",
                condition=Q(unit_type="DISTRICT", mall__isnull=False, store=None)
                | (~Q(unit_type="DISTRICT") & Q(mall=None, store__isnull=False, merchant__isnull=False)),
            ),
            models.CheckConstraint(
                name="unit_status_legal",
                condition=Q(status__in=["SELECTION", "INCUBATION", "STAR", "WARNING", "REMOVED"]),
            ),
            models.CheckConstraint(
                name="unit_stars_legal", condition=Q(stars__lte=5) & (~Q(status="STAR") | Q(stars__gte=1))
            ),
            models.CheckConstraint(
                name="trusted_unit_is_dated",
                condition=~Q(status__in=["INCUBATION", "STAR", "WARNING"])
                | Q(granted_on__isnull=False, valid_until__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["status", "region"], name="unit_by_pool_and_region")]

    def __str__(self) -> str:
        return f"{self.sign_name}（{self.get_unit_type_display()}）"

    @property
    def code_grouped(self) -> str:
        """The code as people read it."""
        return grouped(self.code)

    @property
    def is_trusted(self) -> bool:
        """Whether the mark is good now."""
        return self.status in TRUSTED

    @property
    def sign_name(self) -> str:
        """What stands over the door."""
        if self.mall is not None:
            return self.mall.name
        assert self.store is not None and self.merchant is not None
        same = self.store.name == self.merchant.brand_name
        return self.merchant.brand_name if same else f"{self.merchant.brand_name}·{self.store.name}"

    @property
    def address(self) -> str:
        """Where it is."""
        place = self.mall or self.store
        assert place is not None
        return place.address


UNIT_LIFECYCLE = Lifecycle(
    "trust_units.TrustUnit",
    "status",
    {
        "grant": Step(("SELECTION",), "INCUBATION", "trust_units.grant_unit", "入培育库"),
        "star": Step(("INCUBATION", "STAR"), "STAR", "trust_units.star_unit", "评定星级"),
        "warn": Step(("INCUBATION", "STAR"), "WARNING", "trust_units.warn_unit", "转入预警库", caution=True),
        "restore_incubation": Step(("WARNING",), "INCUBATION", "trust_units.restore_unit", "解除预警"),
        "restore_star": Step(("WARNING",), "STAR", "trust_units.restore_unit", "解除预警"),
        "remove": Step(("INCUBATION", "STAR", "WARNING"), "REMOVED", "trust_units.remove_unit", "移除", caution=True),
        "reinstate_incubation": Step(("REMOVED",), "INCUBATION", "trust_units.decide_appeal", "恢复资格"),
        "reinstate_star": Step(("REMOVED",), "STAR", "trust_units.decide_appeal", "恢复资格"),
        "repair": Step(("REMOVED",), "SELECTION", "trust_units.repair_unit", "信用修复，重回选育池"),
    },
)


class PoolStay(models.Model):
    """One stay of a unit in a pool, so that the pools of any past day can be told."""

    unit = models.ForeignKey(TrustUnit, models.PROTECT, related_name="stays", verbose_name="单位")
    pool = models.CharField("库", max_length=10, choices=TrustUnit.Status.choices)
    entered_on = models.DateField("进入")
    left_on = models.DateField("离开", null=True)
    reason = models.CharField("原因", max_length=200, blank=True)
    moved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办人")

    class Meta:
        verbose_name = verbose_name_plural = "出入库记录"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["unit"], condition=Q(left_on=None), name="in_one_pool_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.get_pool_display()} {self.entered_on}"

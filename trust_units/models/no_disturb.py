"""The no-disturb list (无事不扰): compliant businesses that are drawn less often, until something happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import Region, User
from core.models.people import WATCHERS, in_regions
from merchants.models import Merchant

if TYPE_CHECKING:
    from core.actors import Actor


class NoDisturbEntryQuerySet(LockingQuerySet["NoDisturbEntry"]):
    """Entries as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """One's own, and those of the officer's regions."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        access = by.user.access
        regions = in_regions("merchant__region__path", access.region_paths(*WATCHERS))
        return self.filter(Q(merchant__in=access.merchants()) | regions)

    def open(self) -> Self:
        """Those not at an end."""
        return self.exclude(status=NoDisturbEntry.Status.REMOVED)


class NoDisturbEntry(models.Model):
    """One business on the list, or on its way there or off it. A complaint or a penalty suspends it."""

    class Status(models.TextChoices):
        APPLIED = "APPLIED", "已申请"
        LISTED = "LISTED", "在名单上"
        SUSPENDED = "SUSPENDED", "暂停"
        REMOVED = "REMOVED", "已移出"

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="no_disturb", verbose_name="商家")
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.APPLIED)
    applied_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    applied_at = models.DateTimeField("申请时间", auto_now_add=True)
    listed_on = models.DateField("列入日", null=True)
    valid_until = models.DateField("有效期至", null=True)
    # News up to here was weighed when it was listed or resumed; what comes after suspends.
    clean_since = models.DateTimeField("无事起算", null=True)
    reason = models.CharField("理由", max_length=300, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="决定人")
    ended_on = models.DateField("移出日", null=True)

    objects = NoDisturbEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "无事不扰名单"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant"], condition=~Q(status="REMOVED"), name="one_no_disturb_entry"),
            models.CheckConstraint(
                name="no_disturb_status_legal", condition=Q(status__in=["APPLIED", "LISTED", "SUSPENDED", "REMOVED"])
            ),
            models.CheckConstraint(
                name="no_disturb_is_dated",
                condition=~Q(status__in=["LISTED", "SUSPENDED"])
                | Q(listed_on__isnull=False, valid_until__isnull=False, clean_since__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.merchant.brand_name

    @property
    def region(self) -> Region:
        """The jurisdiction."""
        return self.merchant.region


NO_DISTURB_LIFECYCLE = Lifecycle(
    "trust_units.NoDisturbEntry",
    "status",
    {
        "list": Step(("APPLIED",), "LISTED", "trust_units.decide_no_disturb", "列入名单"),
        "refuse": Step(("APPLIED",), "REMOVED", "trust_units.decide_no_disturb", "不予列入", caution=True),
        "suspend": Step(("LISTED",), "SUSPENDED", "trust_units.decide_no_disturb", "暂停", caution=True),
        "resume": Step(("SUSPENDED",), "LISTED", "trust_units.decide_no_disturb", "恢复"),
        "remove": Step(("LISTED", "SUSPENDED"), "REMOVED", "trust_units.decide_no_disturb", "移出名单", caution=True),
    },
)

"""What supervision knows about a unit day by day (监管信息自动归集): penalties, lists, upheld complaints, custody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from core.locking import LockingQuerySet
from core.models import User
from trust_units.models.units import TrustUnit

if TYPE_CHECKING:
    from core.actors import Actor


class FactKind(models.TextChoices):
    """What happened. A hard fact removes on the day; a soft one warns, and removes only after a hearing."""

    DEREGISTERED = "DEREGISTERED", "执照注销或吊销"
    SERIOUS_LIST = "SERIOUS_LIST", "列入严重违法失信名单"
    ABNORMAL_LIST = "ABNORMAL_LIST", "列入经营异常名录"
    REFUSED_CHECK = "REFUSED_CHECK", "拒绝检查"
    CLOSED = "CLOSED", "停业或失联"
    PENALTY = "PENALTY", "行政处罚"
    UPHELD_COMPLAINT = "UPHELD_COMPLAINT", "投诉查实"
    REFUSED_RETURN = "REFUSED_RETURN", "拒绝无理由退货"
    CUSTODY_SHORTFALL = "CUSTODY_SHORTFALL", "存管不足"
    RISK = "RISK", "经营风险预警"
    LICENCE_EXPIRING = "LICENCE_EXPIRING", "证照将到期"
    OBSERVER_REPORT = "OBSERVER_REPORT", "体察员反映"


HARD_FACTS = ("DEREGISTERED", "SERIOUS_LIST", "ABNORMAL_LIST", "REFUSED_CHECK", "CLOSED")


class SupervisionFactQuerySet(LockingQuerySet["SupervisionFact"]):
    """Facts as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """Those of the units one sees."""
        return self.filter(unit__in=TrustUnit.objects.visible_to(by))

    def standing(self) -> Self:
        """Those not cleared."""
        return self.filter(cleared_on=None)


class SupervisionFact(models.Model):
    """One fact about one unit, as its source reported it; the same report twice is one fact."""

    unit = models.ForeignKey(TrustUnit, models.PROTECT, related_name="facts", verbose_name="单位")
    kind = models.CharField("事实", max_length=17, choices=FactKind.choices)
    # What it rests on: ``complaint:17``, ``listed:3``, ``custody:9``.
    source = models.CharField("依据", max_length=60)
    text = models.CharField("说明", max_length=300)
    happened_on = models.DateField("发生日")
    noted_at = models.DateTimeField("归集时间", auto_now_add=True)
    cleared_on = models.DateField("消除日", null=True)
    # What an officer cleared stays cleared, also while its source still says the same; the daily feed clears as nobody.
    cleared_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="消除人")

    objects = SupervisionFactQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "监管信息"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "kind", "source"], name="one_fact_a_source"),
            models.CheckConstraint(name="fact_kind_legal", condition=Q(kind__in=FactKind.values)),
        ]
        indexes = [
            models.Index(fields=["kind", "unit"], condition=Q(cleared_on=None), name="fact_standing"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.text}"

    @property
    def is_hard(self) -> bool:
        """Whether it removes the unit on the day."""
        return self.kind in HARD_FACTS

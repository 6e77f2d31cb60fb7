"""Being paid on days off too: where the rules of the place allow it, and for whom. Reads only.

What is paid is always money that was released; nothing locked is touched (docs/adr/0010-early-release.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.rule_packs import RuleValue, rules
from merchants.models import Merchant
from prepaid.models import ClosingNotice, CustodyWarning, Filing, RiskWarning
from prepaid.models.closings import PUBLIC

EARLY_RULE = "settle.every_day"
MONTH_DAYS = 30
FILED = ("ACCEPTED", "CHANGED", "EXEMPT_ESCROW", "NOT_REQUIRED")
WATCHED = ("OPEN", "WATCHED", "VISIT", "INTERVIEW", "STOP_PROPOSED", "STOPPED")


@dataclass(frozen=True)
class Early:
    """Whether a shop is paid on days off too; ``why`` says what stands in the way, in words the shop may read."""

    rule: RuleValue | None
    why: tuple[str, ...] = ()

    @property
    def is_offered(self) -> bool:
        """Whether the rules of the place allow it at all."""
        return self.rule is not None

    @property
    def is_on(self) -> bool:
        """Whether this shop has it."""
        return self.rule is not None and not self.why


def rule_of(region_id: str, on: date) -> RuleValue | None:
    """The rule of a place, if it allows it."""
    found = rules(region_id, on).get(EARLY_RULE)
    return found if found is not None and found.value is True else None


def early_for(merchant: Merchant, on: date) -> Early:
    """The rule and the conditions it sets: months on the portal, filing, custody, no risk and no closing.

    A place on the watch list is said without its reasons: those stay with the officers.
    """
    found = rule_of(merchant.region_id, on)
    if found is None:
        return Early(None)
    why = []
    months = int((found.conditions or {}).get("least_months", 0))
    joined = merchant.reviewed_at.date() if merchant.reviewed_at else on
    if (on - joined).days < months * MONTH_DAYS:
        why.append(f"入驻满 {months} 个月以后才有")
    closing = ClosingNotice.objects.filter(merchant=merchant, status__in=PUBLIC).exclude(status="CLOSED")
    if merchant.status != Merchant.Status.ACTIVE or closing.exists():
        why.append("正在限制新发卡、停业或应急处置")
    if not Filing.objects.filter(merchant=merchant, status__in=FILED).exists():
        why.append("备案还没有办完")
    if CustodyWarning.objects.filter(merchant=merchant).exclude(status="MET").exists():
        why.append("存管资金有缺口，还没有补足")
    if RiskWarning.objects.filter(merchant=merchant, status__in=WATCHED).exists():
        why.append("监管部门核查期间不适用")
    return Early(found, tuple(why))


def regions_with_it(on: date) -> list[str]:
    """The places of merchants whose rules allow it."""
    places = Merchant.objects.public().order_by().values_list("region_id", flat=True).distinct()
    return [place for place in places if rule_of(place, on) is not None]

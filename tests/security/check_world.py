"""Checks, feedback slips and removals of the shops of the security tests."""

from datetime import timedelta

from core.actors import SYSTEM
from core.calendar import business_date
from core.models import User
from merchants.models import Store
from trust_units import actions as trust
from trust_units.models import Campaign, PlanShard, SpotCheck, UnitType, WeeklyPlan


def check_rows(store: Store, officer: User) -> None:
    """A unit whose finding became a slip, and one whose removal is being heard; a campaign and a draw."""
    today = business_date()
    one = trust.enter_selection(store, UnitType.COMMITMENT, "街道推荐", by=SYSTEM, on=today)
    trust.grant_unit(one.pk, "公示期满", by=SYSTEM, on=today)
    check = SpotCheck.objects.create(
        mode="SWEEP", day=today, unit=one, merchant=store.merchant, store=store, region=store.region
    )
    trust.record_check(check.pk, "find", findings=[{"code": "SITE", "text": "没有明码标价"}], by=SYSTEM)
    other = trust.enter_selection(store, UnitType.NO_REASON_RETURN, "街道推荐", by=SYSTEM, on=today)
    trust.grant_unit(other.pk, "公示期满", by=SYSTEM, on=today)
    trust.propose_removal(other.pk, "拒绝退货", "三次拒绝无理由退货", by=SYSTEM, on=today)
    Campaign.objects.get_or_create(
        title="节前检查", defaults={"mode": "CAMPAIGN", "region_id": "330199", "due_on": today, "started_by": officer}
    )
    # The plan is made for today alone, so that there is a list whatever day of the week it is.
    plan, _ = WeeklyPlan.objects.get_or_create(
        monday=today - timedelta(days=today.weekday()), defaults={"units": 1, "target": 1, "counties": 1, "basis": ""}
    )
    PlanShard.objects.get_or_create(day=today, county_id="330199", defaults={"plan": plan, "quota": 1})
    trust.publish_list(today, by=SYSTEM)

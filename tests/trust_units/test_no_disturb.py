"""The no-disturb list: asked for, decided by the county, weighed in the draw, suspended by what happens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from core.actors import SYSTEM, Actor
from core.calendar import business_date
from core.errors import NotAllowed, WrongState
from core.jobs import run_shard
from core.models import User
from merchants.models import Merchant
from tests.trust_units.scenes import granted
from trust_units import actions as trust
from trust_units.actions.draws import list_of
from trust_units.draws import read
from trust_units.models import NoDisturbEntry, PlanShard, SupervisionFact

pytestmark = pytest.mark.django_db


def status(entry: NoDisturbEntry) -> str:
    return str(NoDisturbEntry.objects.get(pk=entry.pk).status)


def test_the_draw_spares_who_is_listed_and_a_penalty_suspends(
    merchant_a: Merchant, merchant_b: Merchant, owner_a: User, owner_b: User, district_officer: User
) -> None:
    """Same units, same day: 30 against 100 in weight; a penalty noted later that day suspends in the evening."""
    today, by = business_date(), Actor.of_user(district_officer)
    calm, other = granted(merchant_a), granted(merchant_b)
    entry = trust.apply_no_disturb(merchant_a.pk, by=Actor.of_user(User.objects.get(pk=owner_a.pk)))
    with pytest.raises(WrongState):
        trust.apply_no_disturb(merchant_a.pk, by=Actor.of_user(User.objects.get(pk=owner_a.pk)))
    with pytest.raises(NotAllowed):
        trust.decide_no_disturb(entry.pk, "list", "我自己同意", by=Actor.of_user(User.objects.get(pk=owner_a.pk)))
    entry = trust.decide_no_disturb(entry.pk, "list", "全年没有投诉", by=by)
    assert entry.valid_until == today + timedelta(days=365)
    plan = trust.plan_week(today, by=SYSTEM)
    county = calm.region.path.split("/")[2]
    PlanShard.objects.get_or_create(day=today, county_id=county, defaults={"plan": plan, "quota": 1})
    draw = trust.publish_list(today, by=SYSTEM)
    assert draw is not None
    weights = {unit.code: unit.weight for unit in read(list_of(draw))[1]}
    assert weights[calm.code] * 10 == weights[other.code] * 3
    assert trust.suspend_disturbed(by=SYSTEM, on=today) == {"suspended": 0, "ended": 0}
    SupervisionFact.objects.create(unit=calm, kind="PENALTY", source="case:1", text="罚款", happened_on=today)
    assert run_shard("trust_units.no_disturb", today, 0) == {"suspended": 1, "ended": 0}
    assert status(entry) == "SUSPENDED"
    trust.decide_no_disturb(entry.pk, "resume", "罚款已经缴清", by=by)
    assert trust.suspend_disturbed(by=SYSTEM, on=today)["suspended"] == 0
    NoDisturbEntry.objects.update(listed_on=today - timedelta(days=300), valid_until=today - timedelta(days=1))
    # 300 days × 48 ‰ a week × 0.7
    assert trust.visits_saved(today) == 1
    assert trust.suspend_disturbed(by=SYSTEM, on=today) == {"suspended": 0, "ended": 1}
    assert status(entry) == "REMOVED"


def test_a_shop_asks_and_the_county_lists(
    merchant_a: Merchant, owner_a: User, district_officer: User, signed_in: Callable[[User], Client]
) -> None:
    boss, officer = signed_in(owner_a), signed_in(district_officer)
    page = "/console/trust/no-disturb/"
    assert "放心消费资格" in boss.post(page, {"key": "a" * 12}, follow=True).content.decode()
    granted(merchant_a)
    assert "申请列入" in boss.get("/console/trust/").content.decode()
    assert "已申请" in boss.post(page, {"key": "b" * 12}, follow=True).content.decode()
    assert "已经申请过" in boss.post(page, {"key": "c" * 12}, follow=True).content.decode()
    entry = NoDisturbEntry.objects.get()
    base = "/admin/trust_units/nodisturbentry/"
    assert "A造型" in officer.get(base).content.decode()
    act = f"{base}{entry.pk}/act/list/"
    assert officer.post(act, {"key": "d" * 12, "reason": "短"}).status_code == 400
    assert officer.post(act, {"key": "d" * 12, "reason": "全年没有投诉和处罚"}).status_code == 302
    assert status(entry) == "LISTED"
    trust.count_coverage(by=SYSTEM, on=business_date())
    assert "<dd>1 家</dd>" in officer.get("/admin/trust/board/").content.decode()

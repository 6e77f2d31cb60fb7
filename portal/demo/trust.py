"""Scene 5: trust units of the district, one removed this morning, a finding to sign for, a draw that was made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.utils import timezone

from core.actors import SYSTEM, Actor
from merchants.models import RegisterEntry
from portal.demo.batch import Line, record_all
from portal.demo.names import at
from portal.demo.people import Cast
from portal.demo.scenes import ago
from portal.demo.shops import Builder, Shop
from trust_units import actions
from trust_units.actions import checks, draws, evaluations
from trust_units.models import PlanShard, PoolStay, Removal, SpotCheck, SupervisionFact, TrustUnit, UnitType
from trust_units.search import index

UNITS, EVERY, A_DAY = 60, 7, 3
PROMISE = "明码标价，七天内没有使用可以退，有问题当场处理。"
FINDING = {"code": "SITE", "text": "价目表没有更新，与收银价格不一致"}


def trust(build: Builder, cast: Cast, noodles: Shop, shops: Sequence[Shop]) -> None:
    """Play it with the noodle house and some ordinary shops."""
    chosen = [noodles, *shops[::EVERY][: UNITS - 1]]
    units = _units(build, chosen)
    index.refresh(build.today)
    _draw(build.today)
    _find(build, cast, units[1])
    _remove(build, noodles, units[0])
    _year(build, cast, chosen[3:5])


def _units(build: Builder, shops: Sequence[Shop]) -> list[TrustUnit]:
    """Granted over the last two years, some with stars; the noodle house has three."""
    granted = [ago(build.today, 120 + 11 * number) for number in range(len(shops))]
    units = TrustUnit.objects.bulk_create(
        TrustUnit(
            merchant=shop.merchant, store=shop.store, region_id=shop.street, promise=PROMISE,
            unit_type=UnitType.NO_REASON_RETURN if number % 5 == 4 else UnitType.COMMITMENT,
            status="STAR" if number % 3 == 0 else "INCUBATION", stars=3 + number % 2 if number % 3 == 0 else 0,
            granted_on=on, valid_until=date(build.today.year, 12, 31),
        )
        for number, (shop, on) in enumerate(zip(shops, granted, strict=True))
    )  # fmt: skip
    PoolStay.objects.bulk_create(
        PoolStay(unit=unit, pool=unit.status, entered_on=on, reason="公示期满没有异议")
        for unit, on in zip(units, granted, strict=True)
    )
    record_all(Line("unit.grant", unit, SYSTEM, {"reason": "公示期满没有异议"}) for unit in units)
    return units


def _draw(today: date) -> None:
    """The plan of the week, a few a day, and yesterday's draw with its online checks; the jobs go on from here."""
    for day in (today - timedelta(days=1), today):
        plan = actions.plan_week(day, by=SYSTEM)
        days = [plan.monday + timedelta(days=n) for n in range(7)]
        county = plan.shards.first()
        assert county is not None
        plan.shards.all().delete()
        PlanShard.objects.bulk_create(
            PlanShard(plan=plan, day=one, county_id=county.county_id, quota=A_DAY) for one in days
        )
        plan.target = A_DAY * len(days)
        plan.save()
    yesterday = today - timedelta(days=1)
    actions.publish_list(yesterday, by=SYSTEM)
    draw = actions.draw_day(yesterday, by=SYSTEM)
    draws.open_checks(draw, draw.sample, by=SYSTEM)
    found = checks.look_online(draw.pk, on=yesterday)
    checks.pass_checks([pk for pk, wrong in found.items() if not wrong], by=SYSTEM, on=yesterday)


def _find(build: Builder, cast: Cast, unit: TrustUnit) -> None:
    """An officer found something; the station has to sign for the slip."""
    check = SpotCheck.objects.create(
        mode="SWEEP", day=build.today, unit=unit, merchant_id=unit.merchant_id, store_id=unit.store_id,
        region_id=unit.region_id, inspector=cast.user("chen"),
    )  # fmt: skip
    actions.record_check(
        check.pk, "find", findings=[FINDING], note="抽看三样，两样价格不一致", by=cast.by("chen"), on=build.today
    )


def _remove(build: Builder, shop: Shop, unit: TrustUnit) -> None:
    """The licence was cancelled yesterday; the mark died this morning at five; the owner appeals."""
    yesterday = ago(build.today, 1)
    RegisterEntry.objects.create(
        uscc=shop.merchant.uscc, legal_name=shop.merchant.legal_name, brand_name=shop.brand, state="CANCELLED",
        address=shop.address, digest="demo-noodle-house",
    )  # fmt: skip
    actions.refresh_facts(by=SYSTEM, on=yesterday, merchant_id=shop.merchant.pk)
    fact = SupervisionFact.objects.get(unit=unit, kind="DEREGISTERED")
    removal = actions.remove_for_fact(unit.pk, fact.kind, fact.text, by=SYSTEM, on=build.today)
    assert removal is not None
    Removal.objects.filter(pk=removal.pk).update(removed_at=min(at(build.today, 5), timezone.now()))
    reason = "注销的是隔壁同名旧店的执照，我店执照仍在有效期，附登记机关证明"
    actions.appeal_removal(removal.pk, reason, by=Actor.of_user(shop.owner), on=build.today)


def _year(build: Builder, cast: Cast, calm: Sequence[Shop]) -> None:
    """The year's points wait for confirmation; two shops asked not to be disturbed, one is on the list; the board."""
    evaluations.evaluate_span(build.today.year, 0, SYSTEM, build.today)
    entries = [actions.apply_no_disturb(shop.merchant.pk, by=Actor.of_user(shop.owner)) for shop in calm]
    reason = "两年没有投诉和处罚"
    actions.decide_no_disturb(entries[0].pk, "list", reason, by=cast.by("chen"), on=build.today)
    actions.count_coverage(by=SYSTEM, on=build.today)

"""The weekly plan, the candidate list that is published first, and the draw once the seed is known."""

from __future__ import annotations

import gzip
import hashlib
import hmac
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from core.actors import Actor
from core.audit import record
from core.calendar import calendar
from core.errors import NotFound, WrongState
from core.permissions import require
from core.rule_packs import rule
from core.transactions import unhurried
from prepaid.models import Seal
from trust_units import draws
from trust_units.models import PUBLIC, Draw, DrawList, Mode, PlanShard, SpotCheck, TrustUnit, WeeklyPlan

CHUNK = 1_000
COUNTY = "coalesce(nullif(split_part(r.path, '/', 3), ''), r.code)"
_COUNTIES = f"""
SELECT {COUNTY}, count(*) FROM trust_units_trustunit u JOIN core_region r ON r.code = u.region_id
WHERE u.status = ANY(%s) GROUP BY 1 ORDER BY 1
"""
# Base 1 (a thousand thousandths); ×3 under warning; ×2 with prepaid cards; ×(1 + complaints of a year, at most 9);
# × up to 4 by the days since the last check; ×0.3 on the no-disturb list, never below a tenth.
_UNITS = f"""
WITH complaints AS MATERIALIZED (
    SELECT c.merchant_id, least(count(*), 9) AS n FROM complaints_complaint c
    WHERE c.merchant_id IS NOT NULL AND c.decided_at IS NOT NULL AND c.refusal IS NULL AND c.status <> 'MERGED'
      AND c.received_at > %(on)s::date - 365
      AND NOT EXISTS (SELECT FROM complaints_maliceflag f WHERE f.complaint_id = c.id AND f.status = 'UPHELD')
    GROUP BY c.merchant_id
), cards AS MATERIALIZED (
    SELECT DISTINCT merchant_id FROM prepaid_plan
), calm AS MATERIALIZED (
    {{calm}}
), unit AS (
    SELECT u.code, {COUNTY} AS county, greatest(100,
        1000 * CASE WHEN u.status = 'WARNING' THEN 3 ELSE 1 END * CASE WHEN p.merchant_id IS NULL THEN 1 ELSE 2 END
        * (1 + coalesce(c.n, 0)) * CASE WHEN q.merchant_id IS NULL THEN 10 ELSE 3 END
        * (365 + least(greatest(%(on)s::date - coalesce(u.last_checked_on, u.granted_on), 0), 1095))::bigint / 3650
    ) AS weight
    FROM trust_units_trustunit u JOIN core_region r ON r.code = u.region_id
    LEFT JOIN complaints c ON c.merchant_id = u.merchant_id
    LEFT JOIN cards p ON p.merchant_id = u.merchant_id
    LEFT JOIN calm q ON q.merchant_id = u.merchant_id
    WHERE u.status = ANY(%(pools)s) AND (u.last_checked_on IS NULL OR u.last_checked_on < %(monday)s)
)
SELECT count(*), coalesce(string_agg(E'unit\\t' || code || E'\\t' || county || E'\\t' || weight, E'\\n'
                                     ORDER BY code COLLATE "C"), '')
FROM unit WHERE county = ANY(%(counties)s)
"""
# Merchants on the no-disturb list that day.
CALM = """SELECT merchant_id FROM trust_units_nodisturbentry WHERE status = 'LISTED' AND valid_until >= %(on)s"""


@transaction.atomic
def plan_week(on: date, *, by: Actor) -> WeeklyPlan:
    """The plan of the week of ``on``: a share of the units of each county, at least one, cut into working days.

    Made once; asked for again it is the same. Raises NotAllowed.
    """
    require(by, "trust_units.make_plan")
    monday = on - timedelta(days=on.weekday())
    _one_at_a_time(monday)
    existing = WeeklyPlan.objects.filter(monday=monday).first()
    if existing is not None:
        return existing
    share = rule("trust.weekly_share.per_mille", "CN", monday)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTIES, [list(PUBLIC)])
        counties = cursor.fetchall()
    week = [monday + timedelta(days=n) for n in range(7)]
    days = [day for day in week if calendar().is_working(day)] or week
    quotas = {county: max(1, units * int(share.value) // 1_000) for county, units in counties}
    plan = WeeklyPlan.objects.create(
        monday=monday, units=sum(units for _, units in counties), target=sum(quotas.values()),
        counties=len(quotas), basis=share.basis,
    )  # fmt: skip
    PlanShard.objects.bulk_create(
        PlanShard(plan=plan, day=day, county_id=county, quota=n)
        for turn, county in enumerate(sorted(quotas))
        for day, n in zip(days, draws.spread(quotas[county], len(days), turn % len(days)), strict=True)
        if n
    )
    record("plan.make", plan, by=by, units=plan.units, target=plan.target, counties=plan.counties)
    return plan


@transaction.atomic
def publish_list(day: date, *, by: Actor) -> Draw | None:
    """Publish who may be drawn that day and by which weight, before the seed is known; None on a day without checks.

    Published once; asked for again it is the same, so nobody can try lists until one pleases.
    """
    plan = plan_week(day, by=by)
    existing = Draw.objects.filter(day=day).first()
    if existing is not None:
        return existing
    quotas = dict(PlanShard.objects.filter(day=day).values_list("county", "quota"))
    if not quotas:
        return None
    # Not chosen: it follows from the day, so that no officer tries nonces either.
    nonce = hmac.digest(settings.SECRET_KEY.encode(), f"{draws.FORMAT}:nonce:{day}".encode(), "sha256").hex()
    given: dict[str, Any] = {"on": day, "monday": plan.monday, "pools": list(PUBLIC), "counties": list(quotas)}
    with unhurried(), connection.cursor() as cursor:
        cursor.execute(_UNITS.format(calm=CALM), given)
        count, units = cursor.fetchone()
    published = draws.written(day, nonce, quotas, units)
    draw = Draw.objects.create(
        day=day, plan=plan, candidates=count, quota=sum(quotas.values()), nonce=nonce,
        list_sha256=hashlib.sha256(published).hexdigest(), published_at=timezone.now(),
    )  # fmt: skip
    DrawList.objects.create(draw=draw, packed=gzip.compress(published, 6, mtime=0))
    record("draw.publish", draw, by=by, list_sha256=draw.list_sha256, candidates=count)
    return draw


@transaction.atomic
def draw_day(day: date, *, by: Actor) -> Draw:
    """Draw the day's shard with the root of the day before. Drawn once; asked for again it is the same.

    Raises NotFound before the list is published, WrongState while the day before is not sealed.
    """
    require(by, "trust_units.make_plan")
    draw = Draw.objects.select_for_update().filter(day=day).first()
    if draw is None:
        raise NotFound("这一天还没有公布名单")
    if draw.drawn_at is not None:
        return draw
    seal = Seal.objects.filter(biz_date=day - timedelta(days=1)).first()
    if seal is None and Seal.objects.exists():
        raise WrongState(f"{day - timedelta(days=1)} 还没有封账，没有种子")
    root = draws.NO_ROOT
    if seal is not None:
        root, draw.seed_day, draw.sealed_at = bytes(seal.merkle_root), seal.biz_date, seal.sealed_at
    seed = draws.seed_of(root, bytes.fromhex(draw.nonce))
    quotas, units = draws.read(list_of(draw))
    draw.merkle_root, draw.seed, draw.drawn_at = root.hex(), seed.hex(), timezone.now()
    draw.sample = draws.sample(seed, quotas, units)
    draw.save()
    record("draw.draw", draw, by=by, seed=draw.seed, drawn=len(draw.sample))
    return draw


def list_of(draw: Draw) -> bytes:
    """The list as it was published. Raises WrongState when it is not what its hash says."""
    published = gzip.decompress(bytes(DrawList.objects.get(draw=draw).packed))
    if hashlib.sha256(published).hexdigest() != draw.list_sha256:
        raise WrongState("名单和公布时的摘要不一致")
    return published


@transaction.atomic
def open_checks(draw: Draw, codes: list[str], *, by: Actor) -> int:
    """Open the checks of drawn units that still hold their trust; again it opens none twice."""
    require(by, "trust_units.make_plan")
    units = TrustUnit.objects.filter(code__in=codes, status__in=PUBLIC).order_by("pk")
    made = SpotCheck.objects.bulk_create(
        (
            SpotCheck(
                mode=Mode.DRAW, day=draw.day, draw=draw, unit_id=pk, merchant_id=merchant, store_id=store,
                region_id=region,
            )
            for pk, merchant, store, region in units.values_list("pk", "merchant", "store", "region")
        ),
        ignore_conflicts=True,
    )  # fmt: skip
    return len(made)


def _one_at_a_time(monday: date) -> None:
    """Two workers that make the same week's plan wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [0x7B1A, monday.toordinal()])

"""The draw: against a reference written here by hand, replayed by the offline script, made once however often run."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from unittest.mock import patch

import pytest
from django.conf import settings
from django.test import Client

from core import jobs
from core.actors import SYSTEM
from core.calendar import business_date
from core.errors import WrongState
from core.models import JobRun, Region, User
from merchants.models import Merchant
from prepaid.models import Plan, Seal
from tests.cast import STREET, make_plan, shop
from tests.trust_units.scenes import granted
from trust_units import actions as trust
from trust_units import draws
from trust_units.actions import daily
from trust_units.models import Draw, PlanShard, SpotCheck, TrustUnit, WeeklyPlan

REPLAY = Path(settings.BASE_DIR) / "docs" / "verify" / "replay_draw.py"
MONDAY = date(2026, 11, 16)


def by_hand(seed: bytes, code: str, weight: int) -> int:
    """The key again, out of the words of the ADR, with exact fractions instead of shifts."""
    x = Fraction(int.from_bytes(hmac.new(seed, code.encode(), hashlib.sha256).digest(), "big") + 1, 2**256)
    whole = 0
    while x < 1:
        x, whole = x * 2, whole + 1
    # x lies in [1, 2]; 64 bits of it are kept.
    if x == 2:
        x, whole = Fraction(1), whole - 1
    y, log = x * 2**63 // 1, 0
    for _ in range(40):
        y = y * y // 2**63
        log *= 2
        if y >= 2**64:
            y, log = y // 2, log + 1
    return (whole * 2**40 - log) * 2**40 // weight


def test_the_keys_are_those_of_the_reference() -> None:
    """Also at the ends, where u is the least or the greatest it can be."""
    seed = hashlib.sha256(b"seed").digest()
    for n in range(300):
        assert draws.key_of(seed, f"CODE{n}", 100 + 7 * n) == by_hand(seed, f"CODE{n}", 100 + 7 * n)
    assert draws.minus_log2(2**256 - 1) == 0 and draws.minus_log2(0) == 256 << 40
    assert draws.minus_log2(2**255 - 1) == 1 << 40 and draws.minus_log2(1) == 255 << 40


def test_a_weight_counts_as_much_as_it_says() -> None:
    """Of one drawn at a time, each comes as often as its share of the weights."""
    units = [draws.Candidate("A", "1", 1000), draws.Candidate("B", "1", 3000), draws.Candidate("C", "1", 6000)]
    seeds = [hashlib.sha256(bytes([n % 256, n // 256])).digest() for n in range(6000)]
    came = Counter(draws.sample(seed, {"1": 1}, units)[0] for seed in seeds)
    assert abs(came["A"] - 600) < 90 and abs(came["B"] - 1800) < 130 and abs(came["C"] - 3600) < 140
    both = draws.sample(seeds[0], {"1": 3, "2": 1}, [*units, draws.Candidate("Z", "2", 1)])
    assert sorted(both[:3]) == ["A", "B", "C"] and both[3] == "Z"


def test_a_week_is_spread_over_its_days() -> None:
    assert draws.spread(7, 5, 0) == [2, 2, 1, 1, 1] and draws.spread(1, 5, 3) == [0, 0, 0, 1, 0]
    assert all(sum(draws.spread(n, 5, turn)) == n for n in range(20) for turn in range(5))


@pytest.fixture
def units(merchant_a: Merchant, owner_a: User) -> list[TrustUnit]:
    """Twelve units in two counties; one sells cards, one is warned."""
    Region.objects.get_or_create(
        code="330203001", defaults={"name": "别处街道", "level": 4, "path": "33/3302/330203/330203001/"}
    )
    shops = [merchant_a, *(shop(f"{n:03d}", owner_a, STREET if n < 8 else "330203001") for n in range(11))]
    found = [granted(one, on=MONDAY - timedelta(days=100)) for one in shops]
    make_plan(merchant_a, Plan.Kind.COUNT)
    trust.warn_unit(found[1].pk, "抽查发现问题", by=SYSTEM)
    return found


def sealed(day: date, root: bytes, at: str) -> Seal:
    return Seal(biz_date=day, merkle_root=root, sealed_at=at, n=0, amount_sum_fen=0)


@pytest.mark.django_db
def test_list_before_seed_and_anybody_replays_it(units: list[TrustUnit], tmp_path: Path) -> None:
    """Plan, list with its hash, then the draw; the offline script gets the same from the published files alone."""
    day = MONDAY + timedelta(days=1)
    plan = trust.plan_week(day, by=SYSTEM)
    assert plan.monday == MONDAY and plan.counties == 2
    assert set(PlanShard.objects.values_list("county", flat=True)) == {"330199", "330203"}
    PlanShard.objects.all().delete()
    PlanShard.objects.create(plan=plan, day=day, county_id="330199", quota=3)
    PlanShard.objects.create(plan=plan, day=day, county_id="330203", quota=2)

    draw = trust.publish_list(day, by=SYSTEM)
    assert draw is not None and draw.candidates == 12 and draw.seed == "" and draw.sample == []
    answer = Client().get(f"/transparency/draws/{day}.txt")
    assert answer.status_code == 200, answer.content[:300]
    listed = answer.content
    assert hashlib.sha256(listed).hexdigest() == draw.list_sha256
    weights = {line.split("\t")[1]: int(line.split("\t")[3]) for line in listed.decode().splitlines()[3:]}
    age = 365 + 101
    assert weights[units[2].code] == 1000 * age * 10 // 3650
    assert weights[units[0].code] == 2000 * age * 10 // 3650 and weights[units[1].code] == 3000 * age * 10 // 3650

    later = (draw.published_at + timedelta(hours=5)).isoformat()
    with patch.object(Seal.objects, "filter") as found:
        found.return_value.first.return_value = sealed(day - timedelta(days=1), bytes(range(32)), later)
        done = trust.draw_day(day, by=SYSTEM)
    assert len(done.sample) == 5 and trust.draw_day(day, by=SYSTEM).sample == done.sample
    by_reference: list[str] = []
    for county, quota in (("330199", 3), ("330203", 2)):
        cells = [line.split("\t") for line in listed.decode().splitlines() if line.startswith("unit\t")]
        mine = [(by_hand(bytes.fromhex(done.seed), c, int(w)), c) for _, c, k, w in cells if k == county]
        by_reference += [code for _, code in sorted(mine)[:quota]]
    assert done.sample == by_reference

    answer = Client().get(f"/transparency/draws/{day}.json")
    (tmp_path / "list.txt").write_bytes(listed)
    (tmp_path / "draw.json").write_bytes(answer.content)
    assert answer.json()["sample"] == done.sample and answer.json()["list_published_before_seed"] is True
    assert replay(tmp_path) == 0
    changed = {**answer.json(), "sample": answer.json()["sample"][::-1]}
    (tmp_path / "draw.json").write_text(json.dumps(changed))
    assert replay(tmp_path) == 1
    (tmp_path / "draw.json").write_bytes(answer.content)
    (tmp_path / "list.txt").write_bytes(listed.replace(b"unit", b"Unit", 1))
    assert replay(tmp_path) == 1


def replay(folder: Path) -> int:
    """What the offline script says, run in an empty environment."""
    given = [sys.executable, "-I", str(REPLAY), str(folder / "list.txt"), str(folder / "draw.json")]
    return subprocess.run(given, capture_output=True, check=False, env={"PYTHONIOENCODING": "utf-8"}).returncode


@pytest.mark.django_db
def test_no_draw_before_the_day_is_sealed(units: list[TrustUnit]) -> None:
    trust.publish_list(MONDAY, by=SYSTEM)
    with patch.object(Seal.objects, "exists", return_value=True), pytest.raises(WrongState, match="封账"):
        trust.draw_day(MONDAY, by=SYSTEM)
    assert Draw.objects.get().drawn_at is None


@pytest.mark.django_db(transaction=True)
def test_days_away_and_three_beats(units: list[TrustUnit]) -> None:
    """Missed days are drawn in their order, each once, however many beats and workers there are."""
    today = business_date()
    for ago in range(8, 0, -1):
        jobs.run_day("trust_units.daily_spotcheck", today - timedelta(days=ago))
    before = list(Draw.objects.order_by("day").values_list("day", "list_sha256", "sample"))
    checks = SpotCheck.objects.count()
    assert [day for day, _, _ in before] == sorted(day for day, _, _ in before)
    for _ in range(3):
        daily.draw_and_look(by=SYSTEM, on=today - timedelta(days=1))
    assert list(Draw.objects.order_by("day").values_list("day", "list_sha256", "sample")) == before
    assert SpotCheck.objects.count() == checks > 0
    assert not SpotCheck.objects.filter(status="DRAWN").exists()
    for _ in range(3):
        jobs.tick()
    mine = JobRun.objects.filter(job="trust_units.daily_spotcheck")
    assert len(mine) == len(set(mine.values_list("business_date", "shard")))
    for plan in WeeklyPlan.objects.all():
        shards = plan.shards.values_list("county", flat=True)
        assert set(shards) == {"330199", "330203"}, "every county has a check in the week"

"""The morning of 240,000 trust units, and of twice as many: facts, removals, warnings, the list, the draw, its checks.

``python -m portal.bench.spotcheck`` is the process that is measured: "template" on standard input makes the one row
of each kind that the others are copied from, "morning" runs the jobs of the next working day and answers seconds,
peak MB, how many were removed, warned and drawn, "replay" replays the draw offline and answers 1 if it is the same.
``BENCH_UNITS`` measures fewer units on a small machine; the goals are those of 240,000.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg2

from portal.bench.metrics import Metric, at_least, at_most
from portal.bench.prepaid_custody import COLUMNS, copy_rows
from portal.bench.workers import Workers
from portal.bench.world import World
from portal.embedded import roles
from portal.embedded.environment import ROOT
from portal.embedded.testrun import Bench

UNITS = int(os.environ.get("BENCH_UNITS", "240000"))
# Of so many units the licence of one has ended, and of so many the lease of one is about to.
ENDED, LEASES = 2_000, 1_000
STAYS = "trust_units_poolstay_id_seq"
STREETS = "SELECT array_agg(code ORDER BY code) FROM core_region WHERE path LIKE '33/%%/%%/%%/'"
SEARCH = """
INSERT INTO unit_search ({listed}) OVERRIDING SYSTEM VALUE
SELECT {values} FROM generate_series(%s, %s) AS n, (SELECT * FROM unit_search WHERE unit_id < 1000 LIMIT 1) t
"""


def measure(data: Path) -> Iterator[tuple[str, Metric]]:
    """Seconds, memory, growth and the replay, on a cluster of its own."""
    bench = Bench.open(data)
    bench.sweep()
    cluster = bench.fresh(f"run-{os.getpid()}")
    try:
        made = World(bench, cluster)
        worker = Workers(made.environment(), [()], module=__name__)
        worker.go("template")
        _fill(made, 0, UNITS, often=1)
        took, peak, removed, warned, drawn = worker.go("morning")[0]
        same = worker.go("replay")[0][0]
        again = worker.go("morning")[0]
        # Twice the units have twice the news.
        _fill(made, UNITS, 2 * UNITS, often=2)
        double = worker.go("morning")[0][0]
        worker.stop()
    finally:
        bench.remove(cluster)
    if removed < UNITS // ENDED or again[2]:
        raise RuntimeError(f"{removed:.0f} units were removed, {again[2]:.0f} of them twice")
    told = f"{UNITS} 家单位：移除 {removed:.0f}，预警 {warned:.0f}，抽中 {drawn:.0f}；没有新情况的次日 {again[0]:.1f} s"
    yield "spotcheck.daily_240k_s", at_most(took, 60, "s", told)
    yield "spotcheck.rss_mb", at_most(peak, 300, "MB", "办这些任务的进程的内存峰值")
    yield "spotcheck.growth_2x", at_most(double / took, 2.2, "×", f"{2 * UNITS} 家 {double:.1f} s")
    yield "spotcheck.draw_replay", at_least(same, 1, "", "离线程序按公布的文件重抽，结果相同")


def _fill(made: World, first: int, last: int, *, often: int) -> None:
    """Merchants with a store and a granted unit each, found in the search; ended licences and leases among the new."""
    with psycopg2.connect(made.url(roles.SUPER)) as connection, connection.cursor() as cursor:
        cursor.execute(STREETS.replace("%%", "%"))
        streets = cursor.fetchone()[0]
    named = ",".join(f"'{code}'" for code in streets)
    street = f"(ARRAY[{named}])[1 + n %% {len(streets)}]"
    today = "(now() AT TIME ZONE 'Asia/Shanghai')::date"
    rows: dict[str, dict[str, str]] = {
        "merchants_merchant": {
            "pii_key": "gen_random_uuid()", "public_code": "'M' || lpad(n::text, 15, '0')",
            "uscc": "'X' || lpad(n::text, 17, '0')", "region_id": street, "industry_id": "1 + n %% 37",
        },
        "merchants_store": {
            "merchant_id": "1000 + n", "region_id": street,
            "lease_end": f"{today} + CASE WHEN n %% {LEASES // often} = 1 THEN 20 ELSE 900 END",
        },
        "trust_units_trustunit": {
            "code": "'U' || lpad(n::text, 15, '0')", "merchant_id": "1000 + n", "store_id": "1000 + n",
            "region_id": street, "granted_on": f"{today} - 30 - (n %% 300)::int",
        },
        "trust_units_poolstay": {"unit_id": "1000 + n"},
    }  # fmt: skip
    for table, changed in rows.items():
        copy_rows(made, table, {"id": "1000 + n", **changed}, first, last - 1)
    ended = {
        "id": "1000 + n", "uscc": f"'X' || lpad((n * {ENDED // often})::text, 17, '0')", "digest": "md5(n::text)",
        "state": "'CANCELLED'",
    }  # fmt: skip
    copy_rows(made, "merchants_registerentry", ended, first * often // ENDED, last * often // ENDED - 1)
    _search(made, first, last)
    # The stays that the jobs add come behind those that were copied with keys of their own.
    made.ask(f"SELECT setval('{STAYS}', greatest(100000000, nextval('{STAYS}')))", role=roles.SUPER)
    made.ask("VACUUM ANALYZE", role=roles.SUPER)


def _search(made: World, first: int, last: int) -> None:
    """The rows that find the units; all alike, as only their removal is measured."""
    with psycopg2.connect(made.url(roles.SUPER)) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(COLUMNS, ["unit_search"])
        names = [name for (name,) in cursor.fetchall()]
        changed = {"unit_id": "1000 + n", "rank_no": "1000 + n", "code": "'U' || lpad(n::text, 15, '0')"}
        values = ", ".join(changed.get(name, f't."{name}"') for name in names)
        listed = ", ".join(f'"{name}"' for name in names)
        cursor.execute(SEARCH.format(listed=listed, values=values), [first, last - 1])


def _template() -> None:
    """One merchant with one store, which is a granted unit, made by the models and actions themselves."""
    from core.actors import SYSTEM
    from core.models import Region, User
    from merchants.models import Merchant, RegisterEntry, Store
    from trust_units import actions as trust
    from trust_units.models import UnitType

    boss = User.objects.enrol("13900000000", "示范")
    street = Region.objects.get(pk="330199001")
    shop = Merchant.objects.create(
        uscc="X", legal_name="示范", brand_name="示范小吃", industry_id=5, region=street, registered_by=boss,
        licensed_on=date(2015, 1, 1), status=Merchant.Status.ACTIVE,
    )  # fmt: skip
    store = Store.objects.create(
        merchant=shop, name="示范小吃", region=street, address="示范路1号", lease_end=date(2099, 1, 1)
    )
    unit = trust.enter_selection(store, UnitType.COMMITMENT, "推荐", by=SYSTEM)
    trust.grant_unit(unit.pk, "公示期满", by=SYSTEM)
    RegisterEntry.objects.create(uscc="Y", legal_name="示范", digest="template")


class Mornings:
    """The jobs of one working day after another."""

    def __init__(self) -> None:
        from core.calendar import business_date, calendar

        self.day, self.is_working = business_date() - timedelta(days=1), calendar().is_working

    def run(self) -> list[float]:
        """Facts, removals, warnings, the list, the draw and its online checks of the next working day."""
        from trust_units import check_jobs

        self.day += timedelta(days=1)
        while not self.is_working(self.day):
            self.day += timedelta(days=1)
        began = time.monotonic()
        found = check_jobs.daily_removal(self.day, 0)
        checked = check_jobs.daily_spotcheck(self.day, 0)
        took, peak = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return [took, peak, found["removed"], found["warned"], checked["drawn"]]

    def replay(self) -> int:
        """1 if the offline script draws the same from the published files."""
        from trust_units.actions.draws import list_of
        from trust_units.models import Draw
        from trust_units.views.draws import published

        draw = Draw.objects.get(day=self.day)
        with TemporaryDirectory() as folder:
            listed, drawn = Path(folder) / "list.txt", Path(folder) / "draw.json"
            listed.write_bytes(list_of(draw))
            drawn.write_text(json.dumps(published(draw)))
            script = ROOT / "docs" / "verify" / "replay_draw.py"
            done = subprocess.run(
                [sys.executable, "-I", str(script), str(listed), str(drawn)], capture_output=True, check=False
            )
        return int(done.returncode == 0)


def _serve(lines: Sequence[str] | Iterator[str]) -> None:
    """Make the template rows or run the jobs, as each line says."""
    import django

    django.setup()  # settings come from the environment the bench made
    from core import outbox

    outbox.bell = lambda event_id, queue: None  # no broker on this stage: the rows are what an action writes
    mornings = Mornings()
    print("ready", flush=True)
    for line in lines:
        if line.strip() == "template":
            _template()
            print(0, flush=True)
        elif line.strip() == "replay":
            print(mornings.replay(), flush=True)
        else:
            print(*mornings.run(), flush=True)


if __name__ == "__main__":
    _serve(iter(sys.stdin.readline, ""))

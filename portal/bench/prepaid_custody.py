"""The daily check of custody over 100,000 merchants and a million contracts, and over half as many.

``python -m portal.bench.prepaid_custody`` is the process that is measured: "template" on standard input makes the
one row of each kind that the others are copied from, any other line runs the job and answers seconds and peak MB.
"""

import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg2

from portal.bench.metrics import Metric, at_most
from portal.bench.workers import Workers
from portal.bench.world import World
from portal.embedded import roles
from portal.embedded.testrun import Bench

MERCHANTS, CONTRACTS_EACH = 100_000, 10
STREETS = ("330199001", "330199002", "330199003", "330199004", "110101001", "310101002")
# Every hundredth merchant, where 40 % of everything must be covered, still owes on cards sold before joining.
OLD_CARDS = "SELECT id AS merchant_id, 30000000::bigint AS fen FROM merchants_merchant WHERE id %% 600 = 3"
COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'"
BALANCE = 50_000


def measure(data: Path) -> Iterator[tuple[str, Metric]]:
    """Seconds, memory and growth, on a cluster of its own."""
    bench = Bench.open(data)
    bench.sweep()
    cluster = bench.fresh(f"run-{os.getpid()}")
    try:
        made = World(bench, cluster)
        worker = Workers(made.environment(), [()], module=__name__)
        worker.go("template")
        fill(made, 0, MERCHANTS // 2)
        half = _first_time(made, worker)
        fill(made, MERCHANTS // 2, MERCHANTS)
        took, peak, checked, warned = _first_time(made, worker)
        again = worker.go("check")[0][0]
        worker.stop()
    finally:
        bench.remove(cluster)
    if checked < MERCHANTS:
        raise RuntimeError(f"{checked} of {MERCHANTS} merchants were checked")
    told = f"{checked:.0f} 家、{MERCHANTS * CONTRACTS_EACH} 份合同，{warned:.0f} 家预警；当天再算一次 {again:.1f} s"
    yield "prepaid.custody_100k_s", at_most(took, 60, "s", told)
    yield "prepaid.custody_rss_mb", at_most(peak, 300, "MB", "核算进程的内存峰值")
    yield "prepaid.custody_growth", at_most(took / half[0], 2.2, "×", f"一半数据 {half[0]:.1f} s")


def _first_time(made: World, worker: Workers) -> list[float]:
    """The quicker of two runs that find nothing counted yet: other work on the machine slows one, seldom both."""
    runs = []
    for _ in range(2):
        made.ask("TRUNCATE prepaid_custodywarning, prepaid_custodycheck, prepaid_prepaidbalance", role=roles.SUPER)
        runs.append(worker.go("check")[0])
    return min(runs)


def fill(made: World, first: int, last: int, balance_fen: int = BALANCE) -> None:
    """Merchants ``first`` … ``last`` with ten paid contracts each, copied from the template rows."""
    streets = ",".join(f"'{code}'" for code in STREETS)
    merchant = {
        "id": "1000 + n",
        "pii_key": "gen_random_uuid()",
        "public_code": "'M' || lpad(n::text, 15, '0')",
        "uscc": "'X' || lpad(n::text, 17, '0')",
        "region_id": f"(ARRAY[{streets}])[1 + n %% {len(STREETS)}]",
        "industry_id": "1 + n %% 37",
        "kind": "CASE WHEN n %% 3 = 0 THEN 'ENTERPRISE' ELSE 'INDIVIDUAL' END",
    }
    contract = {
        "id": "1000000 + n",
        "code": "'C' || lpad(n::text, 15, '0')",
        "merchant_id": f"1000 + n / {CONTRACTS_EACH}",
        "seller_id": f"1000 + n / {CONTRACTS_EACH}",
        "account_id": "10000000 + n",
        "status": "'ACTIVE'",
    }
    account = """
        INSERT INTO ledger_account (id, kind, owner_id, hot, min_balance, balance, seq, last_at)
        OVERRIDING SYSTEM VALUE
        SELECT 10000000 + n, 20, 1000000 + n, false, 0, %s, 1, now() - interval '200 days'
        FROM generate_series(%s, %s) AS n
    """
    cards = (first * CONTRACTS_EACH, last * CONTRACTS_EACH - 1)
    copy_rows(made, "merchants_merchant", merchant, first, last - 1)
    made.ask(account, (balance_fen, *cards), role=roles.SUPER)
    copy_rows(made, "prepaid_contract", contract, *cards)
    made.ask("VACUUM ANALYZE", role=roles.SUPER)


def copy_rows(made: World, table: str, changed: dict[str, str], first: int, last: int) -> None:
    """Rows like the template row of ``table``, with some columns computed from their number ``n``."""
    connection = psycopg2.connect(made.url(roles.SUPER))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # foreign keys are right by construction
        cursor.execute(COLUMNS, [table])
        names = [name for (name,) in cursor.fetchall()]
        values = ", ".join(changed.get(name, f't."{name}"') for name in names)
        listed = ", ".join(f'"{name}"' for name in names)
        template = f"(SELECT * FROM {table} WHERE id < 1000 LIMIT 1) t"
        series = "generate_series(%s, %s) AS n"
        cursor.execute(
            f"INSERT INTO {table} ({listed}) OVERRIDING SYSTEM VALUE SELECT {values} FROM {series}, {template}",
            [first, last],
        )
    connection.close()


def make_template() -> None:
    """One merchant with one contract, made by the models themselves, so that new columns need nothing here."""
    from datetime import date

    from core.models import Region, User
    from merchants.models import Merchant, Store
    from prepaid.models import Contract, Plan

    boss = User.objects.enrol("13900000000", "示范")
    street = Region.objects.get(pk=STREETS[0])
    shop = Merchant.objects.create(
        uscc="X", legal_name="示范", brand_name="示范", industry_id=1, region=street, registered_by=boss,
        licensed_on=date(2015, 1, 1), status=Merchant.Status.ACTIVE,
    )  # fmt: skip
    store = Store.objects.create(merchant=shop, name="示范", region=street, address="示范")
    plan = Plan.objects.create(merchant=shop, kind=Plan.Kind.STORED_VALUE, name="示范", price_fen=BALANCE)
    Contract.objects.create(
        merchant=shop, seller=shop, store=store, plan=plan, kind=plan.kind, holder=boss, payer=boss, terms={},
        terms_hash="", paid_fen=BALANCE,
    )  # fmt: skip


def _serve(lines: Sequence[str] | Iterator[str]) -> None:
    """Make the template rows or run the job, as each line says."""
    import django

    django.setup()  # settings come from the environment the bench made
    from core.calendar import business_date
    from prepaid import custody_jobs, unlocked

    unlocked.SOURCES.append(unlocked.Unlocked(OLD_CARDS, lambda merchant, on: []))
    print("ready", flush=True)
    for line in lines:
        if line.strip() == "template":
            make_template()
            print(0, flush=True)
            continue
        began = time.monotonic()
        result = custody_jobs.custody_check(business_date(), 0)
        took, peak = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(took, peak, result["checked"], result["warned"], flush=True)


if __name__ == "__main__":
    _serve(iter(sys.stdin.readline, ""))

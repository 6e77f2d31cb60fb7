"""The daily risk scores of 100,000 merchants and a million contracts, and of half as many.

``python -m portal.bench.prepaid_risk`` is the process that is measured: "template" on standard input makes the
one row of each kind that the others are copied from, any other line runs the job and answers seconds and peak MB.
"""

import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from portal.bench.metrics import Metric, at_most
from portal.bench.prepaid_custody import CONTRACTS_EACH, MERCHANTS, copy_rows, fill, make_template
from portal.bench.workers import Workers
from portal.bench.world import World
from portal.embedded import roles
from portal.embedded.testrun import Bench

BALANCE = 250_000
# Every hundredth merchant serves nobody and was restricted twice: 20 and 10 points put it on the watch list.
IDLE = 7
REDEEM = f"""
INSERT INTO ledger_transfer (id, posted_at, kind, debit, credit, amount, card_seq, ref_type, ref_id, actor_kind,
                             biz_date, hash)
SELECT nextval('ledger_transfer_id_seq'), now(), 2, 10000000 + n, 1, 80000, 2, 2, n, 1,
       (now() AT TIME ZONE 'Asia/Shanghai')::date - (n %% 80)::int, '\\x00'
FROM generate_series(%s, %s) AS n WHERE (n / {CONTRACTS_EACH}) %% 100 <> {IDLE}
"""


def measure(data: Path) -> Iterator[tuple[str, Metric]]:
    """Seconds, memory and growth, on a cluster of its own."""
    bench = Bench.open(data)
    bench.sweep()
    cluster = bench.fresh(f"run-{os.getpid()}")
    try:
        made = World(bench, cluster)
        worker = Workers(made.environment(), [()], module=__name__)
        worker.go("template")
        _fill(made, 0, MERCHANTS // 2)
        half = _first_time(made, worker)
        _fill(made, MERCHANTS // 2, MERCHANTS)
        took, peak, scored, listed = _first_time(made, worker)
        again = worker.go("score")[0][0]
        worker.stop()
    finally:
        bench.remove(cluster)
    if scored < MERCHANTS or listed < MERCHANTS // 100:
        raise RuntimeError(f"{scored} of {MERCHANTS} merchants were scored, {listed} came on the list")
    told = f"{scored:.0f} 家、{MERCHANTS * CONTRACTS_EACH} 份合同，{listed:.0f} 家上名单；当天再算一次 {again:.1f} s"
    yield "prepaid.risk_100k_s", at_most(took, 60, "s", told)
    yield "prepaid.risk_rss_mb", at_most(peak, 300, "MB", "评分进程的内存峰值")
    yield "prepaid.risk_growth", at_most(took / half[0], 2.2, "×", f"一半数据 {half[0]:.1f} s")


def _first_time(made: World, worker: Workers) -> list[float]:
    """The quicker of two runs that find nothing scored yet: other work on the machine slows one, seldom both."""
    runs = []
    for _ in range(2):
        made.ask("TRUNCATE prepaid_riskwarning, prepaid_riskscore", role=roles.SUPER)
        runs.append(worker.go("score")[0])
    return min(runs)


def _fill(made: World, first: int, last: int) -> None:
    """Merchants with their contracts, a payment and a visit for each card, and restrictions of a few."""
    fill(made, first, last, BALANCE)
    cards = (first * CONTRACTS_EACH, last * CONTRACTS_EACH - 1)
    lot = {
        "id": "1000000 + n",
        "contract_id": "1000000 + n",
        "paid_on": "(now() AT TIME ZONE 'Asia/Shanghai')::date - 100 - (n %% 200)::int",
    }
    limit = {"id": "1000 + n", "merchant_id": f"1000 + 100 * (n / 2) + {IDLE}"}
    copy_rows(made, "prepaid_lot", lot, *cards)
    copy_rows(made, "merchants_restriction", limit, first * 2 // 100, last * 2 // 100 - 1)
    made.ask(REDEEM, cards, role=roles.SUPER)
    made.ask("VACUUM ANALYZE", role=roles.SUPER)


def _template() -> None:
    """The rows of the custody bench, with a payment and a restriction beside them."""
    make_template()
    from datetime import date

    from merchants.models import Merchant, Restriction
    from prepaid.models import Contract, Lot

    contract = Contract.objects.get()
    Lot.objects.create(
        contract=contract, no=1, paid_fen=BALANCE + 80_000, paid_on=date(2020, 1, 1), cooling_off_until=date(2020, 1, 8)
    )
    Restriction.objects.create(merchant=Merchant.objects.get(), source="监管人员", reason="核查")


def _serve(lines: Sequence[str] | Iterator[str]) -> None:
    """Make the template rows or run the job, as each line says."""
    import django

    django.setup()  # settings come from the environment the bench made
    from core.calendar import business_date
    from prepaid import warning_jobs

    print("ready", flush=True)
    for line in lines:
        if line.strip() == "template":
            _template()
            print(0, flush=True)
            continue
        began = time.monotonic()
        result = warning_jobs.risk_scores(business_date(), 0)
        took, peak = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(took, peak, result["scored"], result["amber"] + result["red"], flush=True)


if __name__ == "__main__":
    _serve(iter(sys.stdin.readline, ""))

"""Sealing a day of a million movements, and serving a proof against reading a row by its key.

``python -m portal.bench.prepaid_proofs FIRST LAST`` is the process that is measured: it answers one line of numbers.
"""

import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from portal.bench.metrics import Metric, at_most
from portal.bench.world import FILL, World
from portal.embedded import roles
from portal.embedded.testrun import ROOT, Bench

CARDS = 500_000
ROUNDS, READS = 9, 200
YESTERDAY = FILL.replace("clock_timestamp() AS at", "clock_timestamp() - interval '1 day' AS at")
# One visit for each card, chained as the ledger itself would.
VISITS = """
WITH hashed AS MATERIALIZED (
    SELECT v.*, ledger_hash(head, id, at, 2, card, %(merchant)s, 100, 2, 999900, 2, card, NULL,
                            1, 7, %(on)s::date) AS hash
    FROM (SELECT id AS card, head, last_at AS at, nextval('ledger_transfer_id_seq') AS id
          FROM ledger_account WHERE kind = 20 ORDER BY id) v
), cards AS (
    UPDATE ledger_account a SET balance = 999900, seq = 2, head = h.hash FROM hashed h WHERE a.id = h.card
), keys AS (
    INSERT INTO ledger_idempotency (client_id, key, fingerprint, transfer_id, created_at)
    SELECT 0, 'visit:' || card, ledger_fingerprint(1, 2, card, %(merchant)s, 100, 2, card), id, at FROM hashed
), owed AS (
    INSERT INTO ledger_delta (account_id, amount, transfer_id)
    SELECT %(merchant)s, 100 * count(*), max(id) FROM hashed
)
INSERT INTO ledger_transfer (id, posted_at, kind, debit, credit, amount, card_seq, card_balance, ref_type, ref_id,
                             actor_kind, actor_id, biz_date, hash)
SELECT id, at, 2, card, %(merchant)s, 100, 2, 999900, 2, card, 1, 7, %(on)s, hash FROM hashed
"""


def measure(data: Path) -> Iterator[tuple[str, Metric]]:
    """Seconds, memory and the ratio, on a cluster of its own."""
    bench = Bench.open(data)
    bench.sweep()
    cluster = bench.fresh(f"run-{os.getpid()}")
    try:
        world = World(bench, cluster)
        first, last = _fill(world)
        command = [sys.executable, "-m", "portal.bench.prepaid_proofs", str(first), str(last)]
        done = subprocess.run(
            command, env=world.environment(), cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=600
        )
        n, took, peak, proof, read = (float(word) for word in done.stdout.split()[-5:])
    finally:
        bench.remove(cluster)
    yield "prepaid.seal_1m_s", at_most(took * 1_000_000 / n, 5, "s", f"{n:.0f} 笔，读、算、签、存，折合每百万笔")
    yield "prepaid.seal_rss_mb", at_most(peak, 300, "MB", "封账进程的内存峰值")
    text = f"凭证 {proof * 1e6:.0f} µs，按主键读一笔流水 {read * 1e6:.0f} µs，同一连接轮流"
    yield "prepaid.proof_vs_pk", at_most(proof / read, 3, "×", text)


def _fill(world: World) -> tuple[int, int]:
    """Yesterday's million movements; the numbers of the first and the last visit."""
    world.ask("ALTER SYSTEM SET max_wal_size = '4GB'", role=roles.SUPER)
    world.ask("SELECT pg_reload_conf()", role=roles.SUPER)
    on = world.ask("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date - 1")
    merchant = world.ask("INSERT INTO ledger_account (kind, owner_id, hot) VALUES (30, 1, true) RETURNING id")
    world.ask(YESTERDAY, {"n": CARDS, "on": on})
    world.ask(VISITS, {"merchant": merchant, "on": on})
    world.ask("VACUUM ANALYZE", role=roles.SUPER)
    first = world.ask("SELECT min(id) FROM ledger_transfer WHERE kind = 2")
    return first, world.ask("SELECT max(id) FROM ledger_transfer")


def work(first: int, last: int) -> None:
    """Seal, then read rows and proofs in turn."""
    import django

    django.setup()  # settings come from the environment the bench made
    from core.actors import SYSTEM
    from core.calendar import business_date
    from prepaid import actions as prepaid
    from prepaid.models import Seal, Transfer
    from prepaid.receipts import receipts

    began = time.monotonic()
    prepaid.seal_days(business_date(), by=SYSTEM)
    took = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if not all(receipt.is_true for receipt in receipts([first, last])):
        raise RuntimeError("a receipt is not true")

    def seconds(read: Callable[[int], object]) -> float:
        ids = [random.randint(first, last) for _ in range(READS)]
        start = time.monotonic()
        for number in ids:
            read(number)
        return (time.monotonic() - start) / READS

    rows, proofs = [], []
    for _ in range(ROUNDS):
        rows.append(seconds(lambda number: Transfer.objects.get(pk=number)))
        proofs.append(seconds(lambda number: receipts([number])[0].text))
    print(sum(Seal.objects.values_list("n", flat=True)), took, peak, median(proofs), median(rows))


if __name__ == "__main__":
    work(int(sys.argv[1]), int(sys.argv[2]))

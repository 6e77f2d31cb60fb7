"""A day of a million entries on the custody account: the bank's file read, checked, kept and matched.

``python -m portal.bench.prepaid_reconcile FILE`` imports one file and answers its seconds, its peak MB and its lines.
"""

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from portal.bench.metrics import Metric, at_most, reported
from portal.bench.world import World
from portal.embedded import roles
from portal.embedded.testrun import Bench
from portal.sandbox.statement import FORMS, Day

LINES, OTHERS = 1_000_000, 100_000
# Of a thousand entries one has another reference than we were told, and one nobody told us of.
NOTICES = """
INSERT INTO prepaid_custodiannotice (kind, bank_ref, number, amount_fen, received_at, outcome, booked_fen,
                                     booked_on, tail)
SELECT CASE WHEN n % 3 = 0 THEN 'payout.paid' ELSE 'order.paid' END,
       %(prefix)s || CASE WHEN n % 1000 = 1 THEN 'channel-' ELSE '' END || n, 'N' || n, n, now(), '',
       CASE WHEN n % 3 = 0 THEN -n ELSE n END, %(on)s, lpad((n % 10000)::text, 4, '0')
FROM generate_series(1, %(n)s) AS n WHERE n % 1000 <> 2
""".replace(" % ", " %% ")


def measure(data: Path) -> Iterator[tuple[str, Metric]]:
    """The CSV of a million lines, then each form at a hundred thousand."""
    bench = Bench.open(data)
    bench.sweep()
    cluster = bench.fresh(f"reconcile-{os.getpid()}")
    place = data / f"bank-files-{os.getpid()}"
    try:
        place.mkdir(parents=True)
        made = World(bench, cluster)
        today = made.ask("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date")
        took, peak = _import(made, place, "csv", LINES, today - timedelta(days=9))
        yield "prepaid.reconcile_1m_s", at_most(took, 60, "s", "1,000,000 笔 CSV：读入、校验、入库、三轮核对、当日等式")
        yield "prepaid.reconcile_rss_mb", at_most(peak, 300, "MB", "导入进程的内存峰值")
        for back, form in enumerate(("csv", "gbk", "camt")):
            took, peak = _import(made, place, form, OTHERS, today - timedelta(days=8 - back))
            yield f"prepaid.reconcile_100k_{form}_s", reported(took, "s", f"100,000 笔 {form}，内存 {peak:.0f} MB")
    finally:
        bench.remove(cluster)
        shutil.rmtree(place, ignore_errors=True)


def _import(made: World, place: Path, form: str, lines: int, on: date) -> tuple[float, float]:
    """Make the notices and the file of a day, import it in a process of its own, and see that it matched."""
    prefix = f"{form}{on:%m%d}-"
    made.ask(NOTICES, {"prefix": prefix, "on": on, "n": lines})
    made.ask("VACUUM ANALYZE prepaid_custodiannotice", role=roles.SUPER)
    path = place / f"{on}.{form}"
    write, _ = FORMS[form]
    total = sum(-n if n % 3 == 0 else n for n in range(1, lines + 1))
    with path.open("wb") as file:
        for part in write(Day(on, 0, total, lines, _entries(prefix, on, lines))):
            file.write(part)
    command = [sys.executable, "-m", "portal.bench.prepaid_reconcile", str(path)]
    environment = {**made.environment(), "MEDIA_ROOT": str(place)}
    answer = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    path.unlink()
    left = made.ask("SELECT count(*) FROM prepaid_bankline WHERE booked_on = %s AND state = 'OPEN'", (on,))
    if (int(answer[2]), left) != (lines, lines // 1000):
        raise RuntimeError(f"{answer[2]} lines, {left} not matched")
    return float(answer[0]), float(answer[1])


def _entries(prefix: str, on: date, lines: int) -> Iterator[dict[str, Any]]:
    for n in range(1, lines + 1):
        yield {
            "bank_ref": f"{prefix}{n}",
            "booked_at": f"{on}T09:00:00+08:00",
            "amount_fen": -n if n % 3 == 0 else n,
            "number": f"N{n}" if n % 2 else "",
            "counterparty": f"62220000{n % 10000:04d}",
            "remark": "",
        }


def run(path: Path) -> None:
    """Import one file and say how long it took."""
    import django

    django.setup()  # settings come from the environment the bench made
    from core import outbox
    from core.actors import SYSTEM
    from prepaid import actions as prepaid
    from prepaid.bank_files.shelf import shelve

    outbox.bell = lambda event, queue: None  # nobody listens here: the file is imported below
    began = time.monotonic()
    with path.open("rb") as source:
        shelved = shelve(lambda into: shutil.copyfileobj(source, into, 1 << 20))
    received = prepaid.receive_bank_file(shelved, path.name, by=SYSTEM)
    file = prepaid.import_bank_file(received.pk, by=SYSTEM)
    if file.error:
        raise SystemExit(file.error)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(time.monotonic() - began, peak, file.line_count, flush=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    run(Path(sys.argv[1]))

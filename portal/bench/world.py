"""A throw-away cluster with a million prepaid cards, and pgbench beside them."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg2

from portal.embedded import roles
from portal.embedded.environment import ROOT
from portal.embedded.postgres import Cluster
from portal.embedded.testrun import Bench

CARDS, MERCHANTS, CHUNK = 1_000_000, 1_000, 250_000
TPCB_SCALE = 20

FILL = """
WITH new AS MATERIALIZED (
    SELECT nextval('ledger_account_id_seq') AS card, nextval('ledger_transfer_id_seq') AS id, clock_timestamp() AS at
    FROM generate_series(1, %(n)s)
), hashed AS MATERIALIZED (
    SELECT new.*, ledger_hash(decode(repeat('00', 32), 'hex'), id, at, 1, 10, card, 1000000, 1, 1000000, 1, card, NULL,
                              4, NULL, %(on)s::date) AS hash FROM new
), cards AS (
    INSERT INTO ledger_account (id, kind, owner_id, hot, min_balance, balance, seq, head, last_at)
    OVERRIDING SYSTEM VALUE SELECT card, 20, card, false, 0, 1000000, 1, hash, at FROM hashed
), keys AS (
    INSERT INTO ledger_idempotency (client_id, key, fingerprint, transfer_id, created_at)
    SELECT 0, 'lot:' || card, ledger_fingerprint(1, 1, 10, card, 1000000, 1, card), id, at FROM hashed
), owed AS (
    INSERT INTO ledger_delta (account_id, amount, transfer_id) SELECT 10, -1000000 * count(*), max(id) FROM hashed
)
INSERT INTO ledger_transfer (id, posted_at, kind, debit, credit, amount, card_seq, card_balance, ref_type, ref_id,
                             actor_kind, biz_date, hash)
SELECT id, at, 1, 10, card, 1000000, 1, 1000000, 1, card, 4, %(on)s, hash FROM hashed
"""
DUE = """
INSERT INTO ledger_instalment (account_id, no, payee_account_id, due_on, amount)
SELECT id, %(no)s, %(merchant)s + id %% %(merchants)s, %(on)s, 100 FROM ledger_account
WHERE kind = 20 ORDER BY id LIMIT %(n)s
"""
# Keys count up in each client, as those of visits do; the literals are typed as prepaid.ledger types them.
POST = r"""
\set card random({first}, {last})
\set n :n + 1
SELECT ledger_post(2, ':card', '{merchant}', '100', 0, 'visit-{run}-:client_id-:n', 2, ':n', NULL, 1, '7');
"""
REPLAY = r"""
\set visit random(1, 1000)
SELECT ledger_post(2, '{first}' + :visit, '{merchant}', '100', 0, 'replay-:visit', 2, ':visit', NULL, 1, '7');
"""


@dataclass
class World:
    """The cluster of one run and what was put into it."""

    bench: Bench
    cluster: Cluster
    first: int = 0
    merchant: int = 0
    runs: int = 0

    def url(self, role: str = roles.APP, database: str = "yfs") -> str:
        """The URL of a database of the cluster."""
        return self.cluster.url(role, database)

    def environment(self, database: str = "yfs") -> dict[str, str]:
        """What a process of the portal needs to run against a database of the cluster."""
        inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        return {
            **inherited,
            **self.bench.site.environment(),
            **self.bench.urls(self.cluster, database),
            "DEPLOY": "test",
        }

    def ask(self, sql: str, args: Any = None, *, role: str = roles.OWNER) -> Any:
        """Run one statement outside any transaction; the first value of its answer, if it has one."""
        connection = psycopg2.connect(self.url(role))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                if role != roles.OWNER:
                    cursor.execute("SET statement_timeout = 0; SET transaction_timeout = 0")
                cursor.execute(sql, args)
                return cursor.fetchone()[0] if cursor.description else None
        finally:
            connection.close()

    def seconds(self, sql: str, *, role: str = roles.APP) -> float:
        """How long a statement takes."""
        began = time.monotonic()
        self.ask(sql, role=role)
        return time.monotonic() - began

    def fill(self) -> None:
        """A million cards with 10,000 yuan each, chained and keyed as the ledger itself would, and their merchants."""
        on = self.ask("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date")
        sql = "INSERT INTO ledger_account (kind, owner_id, hot) SELECT 30, n, true FROM generate_series(1, %s) AS n"
        self.merchant = self.ask("SELECT nextval('ledger_account_id_seq')") + 1
        self.ask(sql, (MERCHANTS,))
        for _ in range(CARDS // CHUNK):
            self.ask(FILL, {"n": CHUNK, "on": on})
        self.first = self.ask("SELECT min(id) FROM ledger_account WHERE kind = 20")
        self.due(1, CARDS)
        self.ask("SELECT ledger_fold(1000)", role=roles.APP)
        self.ask("VACUUM ANALYZE", role=roles.SUPER)

    def due(self, no: int, cards: int) -> None:
        """One instalment of 1 yuan, due today, for the first ``cards`` cards."""
        on = self.ask("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date")
        args = {"no": no, "merchant": self.merchant, "merchants": MERCHANTS, "on": on, "n": cards}
        self.ask(DUE, args)
        self.ask("ANALYZE ledger_instalment")

    def prepare_demo(self) -> None:
        """The demo district, for whole actions, in a database of its own: its total leaves no room for other cards."""
        self.ask("CREATE DATABASE demo TEMPLATE yfs OWNER yfs_owner", role=roles.SUPER)
        command = [sys.executable, "manage.py", "seed_demo"]
        done = subprocess.run(
            command, env=self.environment("demo"), cwd=ROOT, text=True, capture_output=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"seed_demo: {done.stderr}")

    def pgbench(self, script: str | None = None, *, clients: int = 2, seconds: int = 3) -> float:
        """Transactions a second: of ``script`` on the ledger, or else of pgbench's own TPC-B-like one."""
        return self.timed(script, clients=clients, seconds=seconds)[0]

    def timed(
        self, script: str | None = None, *, clients: int = 2, seconds: int = 3
    ) -> tuple[float, Callable[[float], float]]:
        """The same, with the quantiles of its latency in milliseconds."""
        url = self.url() if script else self.url(roles.SUPER, "tpcb")
        command = [str(self.cluster.bin / "pgbench"), "-n", "-c", str(clients), "-j", "2", "-T", str(seconds)]
        with TemporaryDirectory() as folder:
            log = ["-D", "n=0", "-f", "/dev/stdin", "-l", "--log-prefix", f"{folder}/log"] if script else []
            done = subprocess.run([*command, *log, url], input=script, text=True, capture_output=True, check=False)
            found = re.search(r"tps = ([\d.]+)", done.stdout)
            if found is None or "aborted" in done.stderr:
                raise RuntimeError(f"pgbench: {done.stderr}")
            # a line of the log: client, number, microseconds, ...
            lines = (line for path in Path(folder).iterdir() for line in path.read_text().splitlines())
            took = sorted(int(line.split()[2]) / 1000 for line in lines)
        return float(found[1]), lambda part: took[min(int(part * len(took)), len(took) - 1)]

    def post_script(self) -> str:
        """Visits of random cards at one hot merchant."""
        self.runs += 1
        return POST.format(first=self.first, last=self.first + CARDS - 1, merchant=self.merchant, run=self.runs)

    def replay_script(self) -> str:
        """Visits that are all paid already."""
        return REPLAY.format(first=self.first, merchant=self.merchant)

    def prepare_tpcb(self) -> None:
        """pgbench's own tables, in a database of their own."""
        self.ask("CREATE DATABASE tpcb", role=roles.SUPER)
        command = [str(self.cluster.bin / "pgbench"), "-i", "-q", "-s", str(TPCB_SCALE), self.url(roles.SUPER, "tpcb")]
        subprocess.run(command, check=True, capture_output=True)


@contextmanager
def world(data: Path, *, demo: bool = False) -> Iterator[World]:
    """A filled cluster for the duration, in ``data``, with the demo district beside it if asked; removed at the end."""
    bench = Bench.open(data)
    bench.sweep()
    cluster = bench.fresh(f"run-{os.getpid()}")
    try:
        made = World(bench, cluster)
        # A checkpoint in the middle would slow one of the two that are compared.
        made.ask("ALTER SYSTEM SET max_wal_size = '4GB'", role=roles.SUPER)
        made.ask("ALTER SYSTEM SET checkpoint_timeout = '30min'", role=roles.SUPER)
        made.ask("SELECT pg_reload_conf()", role=roles.SUPER)
        made.prepare_tpcb()
        if demo:
            made.prepare_demo()
        made.fill()
        yield made
    finally:
        bench.remove(cluster)

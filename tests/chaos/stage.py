"""The stage of the chaos tests: a cluster of their own and real processes on it, which all end with the test."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

from portal.embedded import roles
from portal.embedded.processes import end, spawn
from portal.embedded.valkey import Valkey
from tests.chaos.player import ROOT
from tests.conftest import CrashCluster
from tests.prepaid import oracle

# Longer than the lease of an outbox row and than the time after which a job is taken over.
A_MINUTE = "61 seconds"


def wait_for(ready: Callable[[], bool], seconds: float, what: str) -> float:
    """Poll until ready; the seconds it took. Fails with what was waited for."""
    began = time.monotonic()
    while not ready():
        assert time.monotonic() - began < seconds, f"not within {seconds} s: {what}"
        time.sleep(0.01)
    return time.monotonic() - began


@dataclass
class Stage:
    """One crash cluster with whatever runs on it."""

    crash: CrashCluster
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    exits: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        """The processes of this stage have a broker of their own."""
        self.valkey = Valkey(self.crash.bench.home, self.folder / "valkey.log", self.crash.cluster.sockets)
        self.broker = self.valkey.start()
        self.exits.callback(lambda: self.broker.kill())
        self.environment = {
            **self.crash.environment, "REDIS_URL": self.valkey.url, "MEDIA_ROOT": str(self.folder),
        }  # fmt: skip

    @property
    def no_broker(self) -> dict[str, str]:
        """The environment of a process that finds no broker."""
        return {"REDIS_URL": f"unix://{self.folder}/no-valkey.sock?db=0"}

    def play(self, role: str, *arguments: object, extra: Mapping[str, str] | None = None) -> Any:
        """Run a player to its end; returns what it says."""
        command = [sys.executable, "-m", "tests.chaos.player", role, *map(str, arguments)]
        environment = {**self.environment, **(extra or {})}
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    def start(self, name: str, *arguments: str, extra: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start a process that ends with the test at the latest."""
        command = [sys.executable, *arguments]
        environment = {**self.environment, **(extra or {})}
        process = spawn(command, log=self.folder / f"{name}.log", env=environment, cwd=ROOT)
        self.exits.callback(lambda: end(process, using=signal.SIGKILL, grace=lambda: 0))
        return process

    def dispatcher(self, name: str = "outbox") -> subprocess.Popen[bytes]:
        """The real dispatcher; without a broker it does everything itself."""
        return self.start(name, "manage.py", "outbox", extra=self.no_broker)

    def open_bank(self) -> Path:
        """The sandbox bank as ``up`` starts it, for every process started from now on; returns its book."""
        book = self.folder / "bank.sqlite3"
        bank = subprocess.Popen(
            [sys.executable, "-m", "portal.sandbox", "--port", "0", "--db", str(book)],
            env=self.environment, cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.exits.callback(bank.kill)
        assert bank.stdout
        self.environment["CUSTODIAN_URL"] = bank.stdout.readline().split()[-1]
        return book

    def log(self, name: str) -> str:
        """What a process said so far."""
        path = self.folder / f"{name}.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def rows(self, sql: str, role: str = roles.READER) -> list[tuple[Any, ...]]:
        """The rows of a query, on a connection of its own."""
        connection = psycopg2.connect(self.crash.url(role))
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def one(self, sql: str) -> Any:
        """The single value of a query."""
        return self.rows(sql)[0][0]

    def a_minute_later(self) -> None:
        """Let the leases that a dead process left run out, without waiting for them."""
        self.rows(
            f"UPDATE core_outboxevent SET next_at = next_at - interval '{A_MINUTE}' WHERE state = 'NEW'", roles.APP
        )
        self.rows(
            f"UPDATE core_jobrun SET started_at = started_at - interval '{A_MINUTE}' WHERE state = 'RUNNING'", roles.APP
        )

    def judged(self) -> list[str]:
        """What the independent oracle finds."""
        return oracle.check(self.crash.url(roles.READER))

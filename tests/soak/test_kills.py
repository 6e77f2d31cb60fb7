"""Random kills -9 under load for as long as one likes: first nothing may be wrong, then everything must end well."""

import json
import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from tests.chaos.player import read
from tests.chaos.stage import Stage, wait_for
from tests.chaos.test_broker import WORKER

OPEN = "SELECT count(*) FROM core_outboxevent WHERE state = 'NEW' AND next_at < now() + interval '1 minute'"


class Site:
    """Everything that runs during a soak, each started again after its kill."""

    def __init__(self, stage: Stage, journal: Path) -> None:
        self.stage = stage
        self.contracts = [str(pk) for pk in stage.play("scene", 3)["contracts"]]
        self.commands: dict[str, tuple[str, ...]] = {
            "load": ("-m", "tests.chaos.player", "load", str(journal), *self.contracts),
            "outbox": ("manage.py", "outbox"),
            "worker": WORKER,
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.revive()

    def revive(self) -> None:
        """Start whatever is not running."""
        for name, command in self.commands.items():
            if name not in self.running or self.running[name].poll() is not None:
                self.running[name] = self.stage.start(name, *command)

    def kill(self, name: str) -> None:
        """kill -9 of one process."""
        self.running[name].kill()
        self.running[name].wait()

    def kill_postmaster(self) -> None:
        """kill -9 of the database server, and its start."""
        self.stage.crash.kill()
        self.stage.crash.start()

    def kill_broker(self) -> None:
        """kill -9 of Valkey, and a new empty one."""
        self.stage.broker.kill()
        self.stage.broker.wait()
        self.stage.broker = self.stage.valkey.start()

    def wipe_broker(self) -> None:
        """FLUSHALL."""
        with redis.Redis(unix_socket_path=str(self.stage.valkey.socket)) as client:
            client.flushall()


def test_random_kills_lose_nothing(stage: Stage, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    seed, minutes = request.config.getoption("--seed"), request.config.getoption("--minutes")
    dice, journal = random.Random(seed), tmp_path / "journal.jsonl"
    site, kills = Site(stage, journal), Counter[str]()
    faults: dict[str, Callable[[], None]] = {
        "load": lambda: site.kill("load"),
        "outbox": lambda: site.kill("outbox"),
        "worker": lambda: site.kill("worker"),
        "broker": site.kill_broker,
        "flushall": site.wipe_broker,
        "postmaster": site.kill_postmaster,
    }
    end = time.monotonic() + minutes * 60
    while time.monotonic() < end:
        time.sleep(dice.uniform(1, 8))
        name = dice.choices(list(faults), weights=[30, 30, 40, 10, 10, 10])[0]
        faults[name]()
        kills[name] += 1
        site.revive()
        sent, done = read(journal)
    # Faults are over: everything accepted must come to its end.
    site.kill("load")
    stage.play("retry", journal)
    stage.a_minute_later()
    lag = wait_for(lambda: stage.one(OPEN) == 0, 60, "the outbox is empty")
    sent, done = read(journal)
    paid = dict(stage.rows("SELECT ref_id, sum(amount)::bigint FROM ledger_transfer WHERE kind = 2 GROUP BY 1"))
    problems = stage.judged()
    verdict = {"seed": seed, "minutes": minutes, "kills": dict(kills), "visits": len(done), "drained_s": round(lag, 1)}
    print(json.dumps(verdict | {"problems": problems}))
    assert problems == []
    assert sent.keys() == done.keys() and paid == dict.fromkeys(done.values(), 100)

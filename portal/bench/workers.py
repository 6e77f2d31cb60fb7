"""Processes that post through Django or run the batch, told by lines on standard input when to start.

``python -m portal.bench.workers service FIRST LAST MERCHANT VISITS`` answers seconds with postings a second.
``python -m portal.bench.workers action NUMBER`` answers the same for whole visits of the demo's customers.
``python -m portal.bench.workers release CHUNK SHARD SHARDS`` answers a line with instalments paid and its peak MB.
"""

import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

import psycopg2


class Workers:
    """Some processes of one kind, all ready before the first is let go."""

    def __init__(
        self, environment: dict[str, str], commands: Sequence[Sequence[object]], module: str = __name__
    ) -> None:
        self.processes = [
            subprocess.Popen(
                [environment.get("BENCH_PYTHON", sys.executable), *_target(module), *map(str, command)],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for command in commands
        ]
        for process in self.processes:
            _line(process)

    def go(self, order: object = "") -> list[list[float]]:
        """Let all of them run; the numbers each answers with."""
        self.start(order)
        return self.answers()

    def start(self, order: object = "") -> None:
        """Let all of them run, without waiting."""
        for process in self.processes:
            assert process.stdin is not None
            print(order, file=process.stdin, flush=True)

    def answers(self) -> list[list[float]]:
        """Wait for the numbers of each."""
        return [[float(word) for word in _line(process).split()] for process in self.processes]

    def stop(self) -> None:
        """End all of them."""
        for process in self.processes:
            process.communicate()


def _target(module: str) -> list[str]:
    return [module] if module.endswith(".py") else ["-m", module]


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"a worker ended with status {process.wait()}")
    return line


def serve(first: int, last: int, merchant: int, visits: int) -> None:
    """Post visits as the release action does: ``ledger.release`` inside a transaction."""
    import django

    django.setup()  # settings come from the environment the bench made
    from django.db import transaction

    from core.actors import Actor, ActorKind
    from prepaid import ledger

    clerk = Actor(ActorKind.USER, 7)
    numbers = count(visits)
    print("ready", flush=True)
    for line in sys.stdin:
        seconds, posted, began = float(line), 0, time.monotonic()
        while time.monotonic() - began < seconds:
            visit = next(numbers)
            with transaction.atomic():
                card = random.randint(first, last)
                ledger.release(card, merchant, 100, visit=visit, key=f"visit:{visit}", by=clerk)
            posted += 1
        print(posted / (time.monotonic() - began), flush=True)


def act(number: int) -> None:
    """Customers of the demo report visits of one fen: permission, hold, release and audit line, as the pages do."""
    import django

    django.setup()
    from core import outbox
    from core.actors import Actor
    from core.transactions import durably
    from prepaid import actions
    from prepaid.models import Contract, Plan

    outbox.bell = lambda event_id, queue: None  # no broker on this stage: the rows are what an action writes
    cards = Contract.objects.filter(status=Contract.Status.ACTIVE, kind=Plan.Kind.STORED_VALUE)

    def visit(card: Contract) -> None:
        by = Actor.of_user(card.holder)
        durably(lambda: actions.report_visit(card.pk, card.store_id, "洗发", face_fen=1, by=by))

    mine = list(cards.select_related("holder").order_by("pk")[number * 100 : (number + 1) * 100])
    print("ready", flush=True)
    for line in sys.stdin:
        seconds, done, began = float(line), 0, time.monotonic()
        while time.monotonic() - began < seconds:
            visit(mine[done % len(mine)])
            done += 1
        print(done / (time.monotonic() - began), flush=True)


def release(chunk: int, shard: int, shards: int) -> None:
    """Pay due instalments until none is left, each chunk in its own transaction."""
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = True
    print("ready", flush=True)
    for _ in sys.stdin:
        paid, today = 0, datetime.now(ZoneInfo("Asia/Shanghai")).date()
        with connection.cursor() as cursor:
            while True:
                cursor.execute(
                    "SELECT * FROM ledger_release_due(%s,%s,%s,%s,3,NULL,NULL)", (today, chunk, shard, shards)
                )
                released, _, set_aside = cursor.fetchone()
                paid += released
                if not released + set_aside:
                    break
        print(paid, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)


if __name__ == "__main__":
    kind, numbers = sys.argv[1], [int(word) for word in sys.argv[2:]]
    if kind == "service":
        serve(*numbers)
    elif kind == "action":
        act(*numbers)
    else:
        release(*numbers)

"""Sealing: each day's movements become a Merkle tree whose root is chained, signed and published."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

from django.db import connection, transaction

from core import signing_keys
from core.actors import Actor
from core.audit import record
from core.errors import Unavailable, WrongState
from core.jobs import JOBS
from core.models import JobRun
from core.permissions import require
from core.transactions import durably
from prepaid import proofs
from prepaid.day_trees import BLOCK_LEVEL, tree_of
from prepaid.models import Seal

JOB, MONEY_JOBS = "prepaid.seal", "prepaid."
WAIT_S, LOOK_AGAIN_S = 40, 0.1


def seal_days(before: date, *, by: Actor) -> list[date]:
    """Seal every day that is over and earlier than ``before``, oldest first; the days that were sealed now.

    A day waits for its own jobs, whose late movements carry its date. Raises WrongState when some are not done,
    Unavailable when a transaction stays open; whatever was sealed until then stays sealed.
    """
    sealed: list[date] = []
    while (day := _turn()) is not None and day < before:
        # A job that is gone from the code posts nothing any more.
        mine = [name for name in JOBS if name.startswith(MONEY_JOBS) and name != JOB]
        undone = JobRun.objects.filter(business_date=day, job__in=mine).exclude(state=JobRun.State.DONE)
        if names := sorted(set(undone.values_list("job", flat=True))):
            named = "、".join(f"{JOBS[name].label}（{name}）" for name in names)
            raise WrongState(f"{day} 的任务还没有办完，不能封账：{named}")
        _wait_for_writers()
        sealed.append(durably(lambda: seal_day(by=by)).biz_date)
    return sealed


@transaction.atomic
def seal_day(*, by: Actor) -> Seal:
    """Seal the day whose turn it is. The caller has waited for the writers of that day to end.

    Raises WrongState while no day is over.
    """
    require(by, "prepaid.seal_day")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10min'")
        cursor.execute("SET LOCAL transaction_timeout = 0")
        cursor.execute("SELECT day, prev_root, prev_head, at FROM ledger_seal_next()")
        turn = cursor.fetchone()
        if turn is None:
            raise WrongState("今天还没有结束，不能封账")
        day, prev_root, prev_head, at = turn
        tree = tree_of(day)
        kid, public_key = signing_keys.current_key()
        seal = Seal(
            day, tree.n, tree.amount_fen, tree.root, bytes(prev_root), at, kid, public_key,
        )  # fmt: skip
        words = seal.words(bytes(prev_head))
        seal.head, seal.signature = proofs.seal_head(words), signing_keys.sign(proofs.seal_message(words)).value
        for number, level in enumerate(tree.levels()):
            firsts = tree.first_ids if not number else None
            args = [day, number + BLOCK_LEVEL, b"".join(level), firsts]
            cursor.execute("SELECT ledger_seal_nodes(%s, %s, 0, %s, %s)", args)
        cursor.execute(
            "SELECT ledger_seal_close(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [day, tree.n, tree.amount_fen, tree.root, prev_root, prev_head, at, kid, public_key, seal.head,
             seal.signature],
        )  # fmt: skip
    record("seal.close", seal, by=by, count=tree.n, amount_fen=tree.amount_fen)
    return seal


def _turn() -> date | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT day FROM ledger_seal_next()")
        row: Any = cursor.fetchone()
        return row[0] if row else None


def _wait_for_writers() -> None:
    """Return when every transaction that is running now has ended: each may hold movements of the day, unseen yet.

    A movement's time is taken after its transaction got its number, so later numbers post on later days.
    """
    until = time.monotonic() + WAIT_S
    with connection.cursor() as cursor:
        # A number of our own: a snapshot's xmax says what has ended last, not what has begun.
        cursor.execute("SELECT pg_current_xact_id()::text")
        newest = cursor.fetchone()[0]
        while True:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot()) > %s::xid8", [newest])
            if cursor.fetchone()[0]:
                return
            if time.monotonic() > until:
                raise Unavailable("还有没结束的写入，稍后再封账")
            time.sleep(LOOK_AGAIN_S)

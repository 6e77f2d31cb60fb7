"""A database of its own for ledger tests: real commits, real connections, spoken to in plain SQL."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from threading import Barrier
from typing import Any

import psycopg2
import pytest

from portal.embedded import roles
from portal.embedded.postgres import DATABASE
from portal.embedded.testrun import tests_are_in_memory
from tests.prepaid import oracle

SQL = Path(__file__).resolve().parents[2] / "prepaid" / "sql"
SUPER_URL = os.environ.get("TEST_SUPER_URL", "")
BANK, REFUNDS, PAYOUTS, SUSPENSE = 10, 40, 41, 50
PREPAY, VISIT, REFUND, REFUND_PAID, SETTLE, PAYOUT, RETURNED = 1, 2, 5, 6, 8, 9, 13
USER, SYSTEM = 1, 3
numbers = count(1)


@dataclass
class LedgerDatabase:
    """A copy of the migrated database that may be committed to, broken and thrown away."""

    name: str
    connections: list[Any] = field(default_factory=list)

    @classmethod
    def make(cls, label: str) -> "LedgerDatabase":
        """A fresh copy of the template."""
        database = cls(f"{DATABASE}_{label}_{os.getpid()}")
        roles.copy_database(SUPER_URL, DATABASE, database.name, in_memory=tests_are_in_memory())
        return database

    def url(self, role: str = roles.APP) -> str:
        """The URL of this database for a role."""
        if role == roles.SUPER:
            return SUPER_URL.replace("/postgres?", f"/{self.name}?")
        variable = {roles.APP: "DATABASE_URL", roles.OWNER: "DATABASE_OWNER_URL", roles.READER: "DATABASE_RO_URL"}[role]
        url, _, options = os.environ[variable].partition("?")
        return f"{url.rpartition('/')[0]}/{self.name}?{options}"

    def connect(self, role: str = roles.APP) -> Any:
        """A connection of its own, each statement its own transaction."""
        connection = psycopg2.connect(self.url(role))
        connection.autocommit = True
        self.connections.append(connection)
        return connection

    def drop(self) -> None:
        """Throw it away."""
        for connection in self.connections:
            connection.close()
        roles.drop_database(SUPER_URL, self.name)

    def problems(self) -> list[str]:
        """What the oracle and the database's own verifier find."""
        verified = Till(self.connect(roles.READER)).rows("SELECT * FROM ledger_verify()")
        return oracle.check(self.url(roles.READER)) + [str(row) for row in verified]

    def replace_function(self, file: str, old: str, new: str) -> None:
        """Put a changed body of a ledger function into place, to see a test fail without it."""
        body = (SQL / file).read_text(encoding="utf-8")
        assert old in body, f"{file} no longer contains {old!r}"
        changed = body.replace(old, new).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
        Till(self.connect(roles.OWNER)).run(changed)


@dataclass
class Till:
    """One connection and the ledger's verbs on it."""

    connection: Any

    def rows(self, sql: str, args: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql, args)
            return list(cursor.fetchall()) if cursor.description else []

    def run(self, sql: str, args: Sequence[Any] | None = None) -> None:
        """A statement without rows."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql, args)

    def one(self, sql: str, args: Sequence[Any] | None = None) -> Any:
        """The single value of a query."""
        return self.rows(sql, args)[0][0]

    def card(self, fen: int = 0) -> int:
        """A new card, prepaid with ``fen``."""
        account = int(self.one("SELECT ledger_open_account(20, %s)", (next(numbers),)))
        if fen:
            self.post(PREPAY, BANK, account, fen)
        return account

    def merchant(self) -> int:
        """The payable account of a new merchant."""
        return int(self.one("SELECT ledger_open_account(30, %s)", (next(numbers),)))

    def post(
        self,
        kind: int,
        debit: int,
        credit: int,
        fen: int,
        key: str = "",
        *,
        ref: tuple[int, int] = (2, 1),
        on: date | None = None,
    ) -> tuple[Any, ...]:
        """ledger_post: (transfer_id, posted_at, card_balance, replayed)."""
        args = (kind, debit, credit, fen, 0, key or f"test:{next(numbers)}", *ref, on, USER, 7)
        return self.rows("SELECT * FROM ledger_post(%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)", args)[0]

    def hold(self, card: int, fen: int, key: str = "") -> int:
        """ledger_hold: the hold's id."""
        args = (card, fen, key or f"hold:{next(numbers)}")
        return int(self.one("SELECT ledger_hold(%s,%s,0,%s,2,1,NULL)", args))

    def capture(self, hold: int, fen: int, credit: int, key: str = "", kind: int = VISIT) -> tuple[Any, ...]:
        """ledger_capture."""
        args = (hold, fen, credit, kind, key or f"capture:{next(numbers)}")
        return self.rows("SELECT * FROM ledger_capture(%s,%s,%s,%s,0,%s,2,1,NULL,1,7)", args)[0]

    def void(self, hold: int) -> bool:
        """ledger_void."""
        return bool(self.one("SELECT ledger_void(%s)", (hold,)))

    def reverse(self, transfer: int, fen: int, key: str = "") -> tuple[Any, ...]:
        """ledger_reverse."""
        args = (transfer, fen, key or f"reverse:{next(numbers)}")
        return self.rows("SELECT * FROM ledger_reverse(%s,NULL,%s,0,%s,6,1,NULL,1,7)", args)[0]

    def schedule(self, card: int, payee: int, rows: Sequence[tuple[int, date, int]]) -> int:
        """ledger_schedule of (no, due_on, fen)."""
        nos, due, fen = (list(column) for column in zip(*rows, strict=True))
        return int(self.one("SELECT ledger_schedule(%s,%s,%s,%s::date[],%s::bigint[])", (card, payee, nos, due, fen)))

    def release_due(self, on: date, chunk: int = 100, shard: int = 0, shards: int = 1) -> tuple[int, int, int]:
        """ledger_release_due: (released, fen, set aside)."""
        args = (on, chunk, shard, shards)
        released, fen, aside = self.rows("SELECT * FROM ledger_release_due(%s,%s,%s,%s,3,NULL,NULL)", args)[0]
        return int(released), int(fen), int(aside)

    def balance(self, account: int) -> int:
        """ledger_balance."""
        return int(self.one("SELECT ledger_balance(%s)", (account,)))

    def freeze(self, card: int, frozen: bool = True) -> None:
        """ledger_set_frozen."""
        self.run("SELECT ledger_set_frozen(%s,%s)", (card, frozen))

    def states(self, card: int) -> list[int]:
        """The states of a card's instalments, in order."""
        rows = self.rows("SELECT state FROM ledger_instalment WHERE account_id=%s ORDER BY no", (card,))
        return [int(state) for (state,) in rows]


def code_of(call: Callable[[], object]) -> str:
    """The SQLSTATE a call is refused with; empty when it is not."""
    try:
        call()
    except psycopg2.Error as error:
        return str(error.pgcode)
    return ""


def at_once(database: LedgerDatabase, *calls: Callable[[Till], object]) -> list[object]:
    """Run each call on a connection and thread of its own, all let go together; answers, or SQLSTATEs in order."""
    gate = Barrier(len(calls), timeout=30)

    def run(call: Callable[[Till], object]) -> object:
        till = Till(database.connect())
        try:
            gate.wait()
            return call(till)
        except psycopg2.Error as error:
            return str(error.pgcode)
        finally:
            till.connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


@pytest.fixture(scope="module")
def ledger() -> Iterator[LedgerDatabase]:
    """A ledger for one module, which must be whole when the module ends."""
    database = LedgerDatabase.make("ledger")
    yield database
    problems = database.problems()
    database.drop()
    assert problems == []


@pytest.fixture
def till(ledger: LedgerDatabase) -> Iterator[Till]:
    """A connection of the application to the module's ledger."""
    connection = ledger.connect()
    yield Till(connection)
    connection.close()


@pytest.fixture
def scratch() -> Iterator[LedgerDatabase]:
    """A ledger that a test may break."""
    database = LedgerDatabase.make("scratch")
    yield database
    database.drop()

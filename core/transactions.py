"""The outermost transaction: the only place that opens one for keeps, tries again, and lets one take longer."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import OperationalError, connection, transaction

from core.errors import Busy, Unavailable

Result = TypeVar("Result")
SERIALIZATION_FAILURE, DEADLOCK, LOCK_TIMEOUT = "40001", "40P01", "55P03"
TRIES = 3
# A transaction that runs already keeps the clock it began with: its limit can be switched off, not moved.
STATEMENT_LIMIT, TRANSACTION_LIMIT = "10min", "0"


def sqlstate(error: BaseException) -> str:
    """The five-character code of a database error, empty if there is none."""
    return str(getattr(error.__cause__, "pgcode", "") or "")


def durably(work: Callable[[], Result]) -> Result:
    """Run ``work`` in its own durable transaction, again after a deadlock or lock timeout (three tries).

    Safe because every write inside carries its own key. Raises Busy or Unavailable with nothing done.
    """
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic(durable=True):
                return work()
        except OperationalError as error:
            state = sqlstate(error)
            if state not in (SERIALIZATION_FAILURE, DEADLOCK, LOCK_TIMEOUT):
                raise Unavailable from error
            if attempt == TRIES:
                raise (Busy if state == LOCK_TIMEOUT else Unavailable) from error
            time.sleep(random.uniform(0.01, 0.05) * attempt)
    raise AssertionError("unreachable")


@contextmanager
def unhurried() -> Iterator[None]:
    """Longer limits for this connection, for set-based work over whole tables or files; put back at the end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), current_setting('transaction_timeout')")
        kept = cursor.fetchone()
        _limits(cursor, STATEMENT_LIMIT, TRANSACTION_LIMIT)
        try:
            yield
        finally:
            if is_alive():
                _limits(cursor, *kept)


def is_alive() -> bool:
    """Whether the connection still takes commands; a lost one has lost its limits and locks with it."""
    return connection.connection is not None and not connection.connection.closed and not connection.needs_rollback


def _limits(cursor: Any, statement: str, transaction_limit: str) -> None:
    cursor.execute(
        "SELECT set_config('statement_timeout', %s, false), set_config('transaction_timeout', %s, false)",
        [statement, transaction_limit],
    )

"""The outermost transaction: the only place that opens one for keeps and that tries again."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, transaction

from core.errors import Busy, Unavailable

Result = TypeVar("Result")
SERIALIZATION_FAILURE, DEADLOCK, LOCK_TIMEOUT = "40001", "40P01", "55P03"
TRIES = 3


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

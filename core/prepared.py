"""Statements that take longer to plan than to run: planned once for each connection, which keeps the plan."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

# A plan takes memory on the server as long as its connection lives.
MOST = 50
_planned: WeakKeyDictionary[Any, dict[int, str]] = WeakKeyDictionary()
# Never the same name twice: one whose statement failed may be there or not.
_numbers = count(1)


def planned_rows(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a SELECT, in one message to the server; the same text with the same values is planned once.

    For values that seldom change, like a day or the regions of an officer: each other set of them is a plan more.
    """
    with connection.cursor() as cursor:
        whole = cursor.mogrify(sql, params).decode()
        names = _planned.setdefault(connection.connection, {})
        name = names.get(hash(whole))
        if name is not None:
            cursor.execute(f"EXECUTE {name}")
            return list(cursor.fetchall())
        first = ""
        if len(names) >= MOST:
            names.clear()
            first = "DEALLOCATE ALL; "
        name = f"plan_{next(_numbers)}"
        cursor.execute(f"{first}PREPARE {name} AS {whole}; EXECUTE {name}")
        names[hash(whole)] = name
        return list(cursor.fetchall())

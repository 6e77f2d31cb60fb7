"""Statements planned once for each connection."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core import prepared
from core.prepared import planned_rows

pytestmark = pytest.mark.django_db


def plans() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'plan\\_%'")
        return int(cursor.fetchone()[0])


def test_one_plan_for_the_same_text_and_values_and_one_message_each_time() -> None:
    sql, before = "SELECT %s::int + n, '100%%' FROM generate_series(1, 2) n ORDER BY 1", plans()
    with CaptureQueriesContext(connection) as asked:
        assert [planned_rows(sql, [41]) for _ in range(3)] == [[(42, "100%"), (43, "100%")]] * 3
    assert (len(asked), plans()) == (3, before + 1)
    assert planned_rows(sql, [1]) == [(2, "100%"), (3, "100%")] and plans() == before + 2


def test_a_statement_that_failed_can_be_asked_again() -> None:
    for _ in range(2):
        with pytest.raises(DatabaseError, match="zero"), transaction.atomic():
            planned_rows("SELECT 1 / n FROM generate_series(0, %s) n", [0])


def test_a_connection_keeps_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "MOST", 3)
    for n in range(8):
        assert planned_rows("SELECT %s::int", [n]) == [(n,)]
    assert plans() <= 3
    assert planned_rows("SELECT %s::int", [7]) == [(7,)]

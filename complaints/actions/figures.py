"""The sums of the months: counted again from the truth every day until the month is closed, then never more."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection, transaction

from complaints import figures_sql as sql
from complaints.figures import EXTRA
from complaints.models import ComplaintRollup, FigureMonth, LatenessRollup, ShopMonth
from complaints.models.figures import first_of, next_month
from core.actors import Actor
from core.audit import record
from core.calendar import DAY, end_of_day
from core.errors import NotFound, WrongState
from core.permissions import require
from core.rule_packs import NATION, rule

# Counting and closing never run at the same time: two runs would both delete and both insert.
_LOCK = 0x12315
ROWS = (ComplaintRollup, LatenessRollup, ShopMonth)


@transaction.atomic
def count_figures(on: date, *, by: Actor) -> dict[str, Any]:
    """Count every open month up to the end of the day before ``on``; the same day twice gives the same sums.

    A page that reads meanwhile sees the sums of yesterday.
    """
    require(by, "complaints.count_figures")
    until = end_of_day(on - DAY)
    with connection.cursor() as cursor:
        # The first run counts every month there is. A transaction that runs takes no longer limit, only none.
        cursor.execute("SET LOCAL statement_timeout = '10min'")
        cursor.execute("SET LOCAL transaction_timeout = 0")
    months = _open_months(first_of(on - DAY))
    if not months:
        return {"months": 0, "rows": 0}
    span: dict[str, Any] = {
        "months": months,
        "first": months[0],
        "until": on,
        "begin": end_of_day(months[0] - DAY),
        "end": until,
    }
    open_ones = [FigureMonth(month=month, counted_until=until) for month in months]
    FigureMonth.objects.bulk_create(
        open_ones, update_conflicts=True, unique_fields=["month"], update_fields=["counted_until"]
    )
    for model in ROWS:
        model._default_manager.filter(month__in=months)._raw_delete(using="default")
    with connection.cursor() as cursor:
        made = 0
        for statement in (sql.ROLLUP, sql.LATENESS, sql.SHOPS):
            cursor.execute(statement, span)
            made += cursor.rowcount
        for month in months:
            _count_extra(cursor, month)
    return {"months": len(months), "rows": made}


def _open_months(last: date) -> list[date]:
    """The months that are not closed, from the first matter on, in order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(sql.FIRST)
        first: date | None = cursor.fetchone()[0]
    closed = set(FigureMonth.objects.exclude(closed_on=None).values_list("month", flat=True))
    found = []
    while first is not None and first <= last:
        if first not in closed:
            found.append(first)
        first = next_month(first)
    return found


def _count_extra(cursor: Any, month: date) -> None:
    """The figures of the apps above, on the row of the whole county."""
    columns = {"columns": ", ".join(sql.SUMS), "zeros": ", ".join("0" for _ in sql.SUMS)}
    for kpi, query in EXTRA.values():
        given = {"month": month, "next": next_month(month), "code": kpi.code}
        cursor.execute(sql.EXTRA_COUNTIES.format(sql=query, **columns), given)
        cursor.execute(sql.EXTRA.format(sql=query), given)


@transaction.atomic
def close_month(month: date, *, by: Actor, on: date) -> FigureMonth:
    """月结: freeze the sums of a month that is over, with a check sum over all its rows. A closed one stays as it is.

    Raises NotFound for a month that was never counted, WrongState for one that is not over or was not counted whole.
    """
    require(by, "complaints.close_month")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    row = FigureMonth.objects.filter(pk=first_of(month)).select_for_update().first()
    if row is None:
        raise NotFound(f"{month:%Y-%m} 没有统计")
    if row.closed_on is not None:
        return row
    if row.counted_until < end_of_day(next_month(row.month) - DAY):
        raise WrongState(f"{month:%Y年%m月}还没有统计完，不能月结")
    row.closed_on, row.digest = on, digest_of(row.month)
    row.save()
    record("figures.close", row, by=by, month=f"{row.month:%Y-%m}", digest=row.digest)
    return row


def digest_of(month: date) -> str:
    """The check sum over every row of a month, as it stands now."""
    with connection.cursor() as cursor:
        cursor.execute(sql.DIGEST, {"month": month})
        return str(cursor.fetchone()[0])


def close_old_months(on: date, *, by: Actor) -> list[date]:
    """Close the months that ended so many days ago, the oldest first; which."""
    days = int(rule("figures.close_days", NATION, on).value)
    done = []
    for row in FigureMonth.objects.filter(closed_on=None).order_by("month"):
        over = next_month(row.month)
        if (on - over).days >= days and row.counted_until >= end_of_day(over - DAY):
            close_month(row.month, by=by, on=on)
            done.append(row.month)
    return done

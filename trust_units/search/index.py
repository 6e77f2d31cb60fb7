"""What keeps the search in step with the units: a row is written and removed in the transaction of its unit.

``publish`` and ``unpublish`` are for the actions; ``refresh`` and ``rebuild`` run at night; ``load`` is for many rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from datetime import date
from io import StringIO
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q

from core.calendar import business_date
from merchants.models import Merchant
from trust_units.models import PUBLIC, FactKind, TrustUnit, UnitType
from trust_units.search.conditions import CUSTODY, MALL, NO_REASON
from trust_units.search.entries import Entry, Row, copy_lines, region_number, row_of
from trust_units.search.ranking import rank_of

CHUNK = 1_000
OTHER_TRADE = 37
# Of several kinds of trust at one store the search shows the last of these.
_WEIGHT = [UnitType.NO_REASON_RETURN, UnitType.COMMITMENT, UnitType.DEMONSTRATION, UnitType.DISTRICT]


_COLUMNS = [field.name for field in fields(Row)]
# A row that says the same already is left where it lies in the order of rank.
_SAME = [field.name for field in fields(Entry)] + ["norm_version"]
_UPSERT = f"""
INSERT INTO unit_search AS known ({", ".join(_COLUMNS)}) VALUES ({", ".join(["%s"] * len(_COLUMNS))})
ON CONFLICT (unit_id) DO UPDATE
   SET ({", ".join(_COLUMNS[1:])}) = ROW ({", ".join(f"excluded.{name}" for name in _COLUMNS[1:])}),
       updated_at = clock_timestamp(), rev = nextval('unit_search_rev'), fresh = true
 WHERE ({", ".join(f"known.{name}" for name in _SAME)})
       IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in _SAME)})
"""


def publish(unit: TrustUnit) -> None:
    """Show a unit to the public, or show it as it is now. A shop that holds several kinds of trust is found once."""
    _write(_entries(_of_one_place(unit)))


def unpublish(*unit_ids: int) -> int:
    """Let units be found nowhere from this transaction's end on; how many could be found."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM unit_search WHERE unit_id = ANY(%s)", [list(unit_ids)])
        gone = int(cursor.rowcount)
    stores = TrustUnit.objects.filter(pk__in=unit_ids, store__isnull=False).values("store")
    others = TrustUnit.objects.filter(store__in=stores).exclude(pk__in=unit_ids).public()
    if others.exists():
        _write(_entries(others))
    return gone


def refresh(on: date) -> int:
    """Bring all rows up to what is known of their units today: names, custody, how long the last check is ago.

    Each thousand units in a transaction; rows that have no public unit are removed. Returns how many were looked at.
    """
    seen, last = 0, 0
    while True:
        with transaction.atomic():
            units = TrustUnit.objects.public().filter(pk__gt=last).order_by("pk")
            chunk = list(units.select_for_update(skip_locked=True).values_list("pk", flat=True)[:CHUNK])
            if not chunk:
                break
            _write(_entries(TrustUnit.objects.filter(pk__in=chunk), on))
        seen, last = seen + len(chunk), chunk[-1]
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM unit_search s WHERE NOT EXISTS (SELECT FROM trust_units_trustunit u WHERE u.id = s.unit_id"
            " AND u.status = ANY(%s))",
            [list(PUBLIC)],
        )
    return seen


def rebuild() -> int:
    """Write the table anew in the order of rank and count its pieces; how many rows. Readers notice nothing."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL transaction_timeout = 0")
        cursor.execute("SET LOCAL lock_timeout = '20s'")
        cursor.execute("SELECT unit_search_rebuild()")
        rows = int(cursor.fetchone()[0])
        cursor.execute("SELECT unit_search_count_grams()")
    return rows


def load(entries: Iterable[Entry], *, processes: int = 1) -> int:
    """Write many entries at once with COPY and make the indexes after; how many were new. Searches wait meanwhile."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL transaction_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        for text in _copied(entries, processes):
            cursor.copy_expert(f"COPY unit_search_incoming ({', '.join(_COLUMNS)}, fresh) FROM STDIN", StringIO(text))
        cursor.execute("SELECT unit_search_load()")
        return int(cursor.fetchone()[0])


def _copied(entries: Iterable[Entry], processes: int) -> Iterator[str]:
    """The lines of COPY for all entries, some thousands at a time, made by several processes."""
    chunks = _chunks(entries, 10 * CHUNK)
    if processes < 2:
        yield from map(copy_lines, chunks)
        return
    with ProcessPoolExecutor(processes) as pool:
        waiting = [pool.submit(copy_lines, chunk) for chunk in islice(chunks, 2 * processes)]
        while waiting:
            yield waiting.pop(0).result()
            waiting += [pool.submit(copy_lines, chunk) for chunk in islice(chunks, 1)]


def _chunks(entries: Iterable[Entry], size: int) -> Iterator[list[Entry]]:
    source = iter(entries)
    while chunk := list(islice(source, size)):
        yield chunk


def _write(entries: Iterable[Entry]) -> None:
    with connection.cursor() as cursor:
        for entry in entries:
            cursor.execute(_UPSERT, list(vars(row_of(entry)).values()))


def _of_one_place(unit: TrustUnit) -> Any:
    if unit.store_id is None:
        return TrustUnit.objects.filter(pk=unit.pk)
    return TrustUnit.objects.filter(store=unit.store_id).public()


def _entries(units: Any, on: date | None = None) -> Iterator[Entry]:
    """What is said of each of ``units``; of several at one store only the one whose trust weighs most."""
    today = on or business_date()
    rows = units.public().select_related("store", "merchant", "mall").annotate(
        upheld=Count("facts", filter=Q(facts__kind=FactKind.UPHELD_COMPLAINT, facts__cleared_on=None))
    )  # fmt: skip
    shown = list(rows.order_by("pk"))
    siblings = TrustUnit.objects.public().filter(store__in=[unit.store_id for unit in shown if unit.store_id])
    kinds: dict[int | None, dict[str, int]] = {}
    for pk, store_id, unit_type in siblings.values_list("pk", "store", "unit_type"):
        kinds.setdefault(store_id, {})[unit_type] = pk
    seconds = []
    for unit in shown:
        held = kinds.get(unit.store_id, {unit.unit_type: unit.pk})
        if unit.pk == held[max(held, key=_WEIGHT.index)]:
            yield _entry(unit, UnitType.NO_REASON_RETURN in held, today)
        else:
            seconds.append(unit.pk)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM unit_search WHERE unit_id = ANY(%s)", [seconds])


def _entry(unit: TrustUnit, no_reason: bool, today: date) -> Entry:
    merchant, store, mall = unit.merchant, unit.store, unit.mall
    warned = unit.status == TrustUnit.Status.WARNING
    custody = merchant is not None and merchant.status == Merchant.Status.ACTIVE
    since = (today - unit.last_checked_on).days if unit.last_checked_on else None
    rank = rank_of(
        unit.stars,
        no_reason=no_reason,
        custody=custody,
        warned=warned,
        days_since_check=since,
        upheld=getattr(unit, "upheld", 0),
    )
    if mall is not None:
        name, sign = mall.name, mall.name
    else:
        assert merchant is not None and store is not None
        name, sign = f"{merchant.legal_name} {store.name}", merchant.brand_name
    return Entry(
        unit_id=unit.pk, rank_no=rank, code=unit.code, name=name, sign_name=sign, address=unit.address,
        region_code=region_number(unit.region_id), industry=merchant.industry_id if merchant else OTHER_TRADE,
        stars=unit.stars, flags=NO_REASON * no_reason | CUSTODY * custody | MALL * (mall is not None),
        unit_type=unit.unit_type, status=unit.status, chain_id=_chain(merchant),
        lng=unit.lng, lat=unit.lat,
    )  # fmt: skip


def _chain(merchant: Merchant | None) -> int | None:
    """Which shops are one to the reader: those of a brand (below zero), else those of a merchant."""
    if merchant is None:
        return None
    return -merchant.chain_id if merchant.chain_id else merchant.pk

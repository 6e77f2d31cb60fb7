"""Lists of others come in, merchants on them sell no new cards, and those taken off sell again (domain: 6.1)."""

from __future__ import annotations

from datetime import date
from itertools import islice
from pathlib import PurePath
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from core import messages, outbox
from core.actors import SYSTEM, Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, NotFound
from core.locking import lock_in_order
from core.permissions import require
from core.transactions import durably
from merchants import actions as merchants
from merchants.models import Merchant
from prepaid.bank_files.shelf import Shelved, discard, full_path
from prepaid.listings import Line, line_of, rows_of
from prepaid.models import ListedEntry, ListedMerchant, ListImport
from prepaid.models.listings import LIST_IMPORT_LIFECYCLE

SOURCE = "名单比对"
CHUNK, KEPT_ERRORS = 2_000, 1_000
SELLING = ("ACTIVE", "RESTRICTED", "EXITING")
_UPSERT = """
INSERT INTO prepaid_listedentry (kind, uscc, person_idx, name, listed_on, removed_on, reason, file_id)
SELECT i.*, %s FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::date[], %s::date[], %s::text[]) i
ON CONFLICT (kind, uscc, person_idx, listed_on) DO UPDATE
SET name = excluded.name, reason = excluded.reason, file_id = excluded.file_id,
    removed_on = coalesce(excluded.removed_on, prepaid_listedentry.removed_on)
WHERE (prepaid_listedentry.name, prepaid_listedentry.reason, prepaid_listedentry.removed_on)
      IS DISTINCT FROM (excluded.name, excluded.reason, coalesce(excluded.removed_on, prepaid_listedentry.removed_on))
RETURNING (xmax = 0)
"""
_MATCH = """
INSERT INTO prepaid_listedmerchant (entry_id, merchant_id)
SELECT e.id, m.id FROM prepaid_listedentry e JOIN merchants_merchant m ON m.uscc = e.uscc
WHERE e.uscc <> '' AND m.status = ANY(%(selling)s)
UNION
SELECT e.id, m.id FROM prepaid_listedentry e JOIN merchants_merchant m ON m.legal_rep_id_idx = e.person_idx
WHERE e.person_idx <> '' AND m.status = ANY(%(selling)s)
ON CONFLICT DO NOTHING
"""


@transaction.atomic
def receive_list(shelved: Shelved, title: str, kind: str, source: str, as_of: date, *, by: Actor) -> ListImport:
    """Take a list that lies on the shelf and promise to read it; the same bytes of the same day are the same list.

    ``kind`` is for rows that do not say theirs. Raises NotAllowed, Invalid.
    """
    require(by, "prepaid.import_list")
    if not source.strip() or as_of > business_date():
        raise Invalid(fields={"source": "写明名单的来源，日期不能晚于今天"})
    if kind not in ListedEntry.Kind.values:
        raise Invalid(fields={"kind": "选一个名单"})
    run, fresh = ListImport.objects.get_or_create(
        sha256=shelved.sha256,
        kind=kind,
        as_of=as_of,
        defaults={
            "title": PurePath(title).name[:200] or "名单",
            "source": source.strip()[:100],
            "path": shelved.path,
            "imported_by": by.user,
        },
    )
    if not fresh:
        transaction.on_commit(lambda: discard(shelved.path))
        return run
    record("list_import.receive", run, by=by, source=run.source, on=as_of, sha256=run.sha256)
    outbox.enqueue("prepaid.read_list", str(run.pk), {"import": run.pk})
    return run


@outbox.handler("prepaid.read_list", queue="bulk", own_transaction=True)
def read_from_outbox(payload: dict[str, int]) -> None:
    """Read one list."""
    read_list(payload["import"], by=SYSTEM)


def read_list(import_id: int, *, by: Actor) -> ListImport:
    """Read a list, two thousand rows to a transaction; killed at any point it goes on behind the last kept row.

    The same line again changes nothing, one with a removal date ends. Rows that do not fit are named with their
    reason and the rest goes in; a file that is no such table is refused. Opens its own transactions.
    """
    run = durably(lambda: _begin(import_id, by=by))
    if run.status != ListImport.Status.READING:
        return run
    path = full_path(run.path)
    try:
        total = sum(1 for _ in rows_of(path))
        if not total:
            raise Invalid("名单里一行也没有")
        rows, done = islice(rows_of(path), run.done, None), run.done
        while chunk := list(islice(rows, CHUNK)):
            done = durably(lambda chunk=chunk, done=done: _keep(import_id, chunk, done, total))  # type: ignore[misc]
    except Invalid as error:
        message = error.message
        return durably(lambda: _end(import_id, "refuse", by=by, error=message))
    return durably(lambda: _end(import_id, "finish", by=by))


@transaction.atomic
def _begin(import_id: int, *, by: Actor) -> ListImport:
    run = ListImport.objects.locked(import_id)
    require(by, "prepaid.read_list_import", run)
    if run.status in (ListImport.Status.RECEIVED, ListImport.Status.READING):
        LIST_IMPORT_LIFECYCLE.move("read", run)
        run.save(update_fields=["status"])
    return run


@transaction.atomic
def _keep(import_id: int, chunk: list[tuple[int, dict[str, str]]], before: int, total: int) -> int:
    """Keep one span of rows; returns how many rows are done. A span another process has kept is passed over."""
    run = ListImport.objects.locked(import_id)
    if run.done != before:
        return before + len(chunk)
    lines: dict[tuple[Any, ...], Line] = {}
    errors: list[tuple[int, str]] = []
    for number, row in chunk:
        try:
            line = line_of(row, run.kind, run.as_of)
            lines[line.key] = line
        except ValueError as refusal:
            errors.append((number, str(refusal)))
    written = _write(run, list(lines.values()))
    run.rows, run.done = total, before + len(chunk)
    run.added += sum(written)
    run.changed += len(written) - sum(written)
    run.known += len(chunk) - len(errors) - len(written)
    run.refused += len(errors)
    run.errors = [*run.errors, *errors][:KEPT_ERRORS]
    run.save()
    return int(run.done)


def _write(run: ListImport, lines: list[Line]) -> list[bool]:
    """Write lines in one statement; for each that was new (True) or changed (False). Known ones are left out."""
    names = ("kind", "uscc", "person_idx", "name", "listed_on", "removed_on", "reason")
    columns = [[getattr(line, name) for line in lines] for name in names]
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, [run.pk, *columns])
        return [fresh for (fresh,) in cursor.fetchall()]


@transaction.atomic
def _end(import_id: int, step: str, *, by: Actor, error: str = "") -> ListImport:
    run = ListImport.objects.locked(import_id)
    if run.status != ListImport.Status.READING:
        return run
    LIST_IMPORT_LIFECYCLE.move(step, run)
    run.error, run.finished_at = error[:300], timezone.now()
    run.save(update_fields=["status", "error", "finished_at"])
    record(
        f"list_import.{step}", run, by=by, rows=run.rows, added=run.added, changed=run.changed, refused=run.refused,
        reason=run.error,
    )  # fmt: skip
    # The list holds identity numbers in the clear: once it is read nobody needs it.
    transaction.on_commit(lambda: discard(run.path))
    return run


@transaction.atomic
def match_lists(*, by: Actor) -> int:
    """Find the merchants that the lists are about, by licence or by the hash of the legal representative's number."""
    require(by, "prepaid.apply_list")
    with connection.cursor() as cursor:
        cursor.execute(_MATCH, {"selling": list(SELLING)})
        return int(cursor.rowcount)


def to_apply(on: date) -> QuerySet[ListedMerchant]:
    """The matches whose stop is still to be made or to be lifted on a day."""
    in_force = Q(entry__listed_on__lte=on) & (Q(entry__removed_on=None) | Q(entry__removed_on__gt=on))
    due = in_force & Q(restriction=None, merchant__status__in=SELLING)
    over = Q(entry__removed_on__lte=on, restriction__isnull=False, restriction__lifted_at=None)
    return ListedMerchant.objects.filter(due | over).order_by("pk")


@transaction.atomic
def apply_list(match_id: int, *, by: Actor, on: date | None = None) -> ListedMerchant:
    """Stop new sales of a listed merchant, or lift that stop once the line was removed. Raises NotFound."""
    today = on or business_date()
    seen = ListedMerchant.objects.filter(pk=match_id).first()
    if seen is None:
        raise NotFound
    row: ListedMerchant = lock_in_order((Merchant, seen.merchant_id), (ListedMerchant, match_id))[1]
    require(by, "prepaid.apply_list", row)
    entry = ListedEntry.objects.get(pk=row.entry_id)
    is_over = entry.removed_on is not None and entry.removed_on <= today
    if is_over and row.restriction_id:
        merchants.lift_restriction(row.restriction_id, by=by)
        record("list.lift", row, by=by, source=entry.get_kind_display(), end=entry.removed_on)
    elif not is_over and row.restriction_id is None and row.merchant.status in SELLING:
        why = f"{entry.listed_on} 列入{entry.get_kind_display()}"
        row.restriction = merchants.restrict(row.merchant_id, SOURCE, why, by=by)
        row.save(update_fields=["restriction"])
        record("list.restrict", row, by=by, source=entry.get_kind_display(), start=entry.listed_on)
        messages.text_user(
            row.merchant.registered_by,
            f"{row.merchant.brand_name}：{why}，暂停办理新卡；已售出的卡照常使用和退款。移出名单后自动恢复。",
            key=f"listed:{row.pk}:{row.restriction.pk}",
        )
    return row

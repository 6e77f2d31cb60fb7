"""Lists of others come in, merchants on them sell no new cards, and those taken off sell again (domain: 6.1)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from core import messages
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, NotFound
from core.locking import lock_in_order
from core.permissions import require
from core.transactions import durably
from merchants import actions as merchants
from merchants.models import Merchant
from prepaid.listings import Line, line_of, rows_of
from prepaid.models import ListedEntry, ListedMerchant, ListImport

SOURCE = "名单比对"
BATCH, KEPT_ERRORS = 2_000, 100
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


def import_list(path: Path, title: str, kind: str, source: str, as_of: date, *, by: Actor) -> ListImport:
    """Read a list in: the same line again changes nothing, one with a removal date ends. Opens its own transactions.

    ``kind`` is for rows that do not say theirs. Raises Invalid for a file that is no such table; rows that do not
    fit are counted with their reason, and the rest goes in.
    """
    require(by, "prepaid.import_list")
    if not source.strip() or as_of > business_date():
        raise Invalid(fields={"source": "写明名单的来源，日期不能晚于今天"})
    rows = rows_of(path)
    first = next(rows, None)
    if first is None:
        raise Invalid("名单里一行也没有")
    run = durably(lambda: _begin(title, source, as_of, by=by))
    batch: dict[tuple[Any, ...], Line] = {}
    number, row = first
    while True:
        run.rows += 1
        try:
            line = line_of(row, kind, as_of)
            batch[line.key] = line
        except ValueError as refusal:
            run.refused += 1
            if len(run.errors) < KEPT_ERRORS:
                run.errors.append({"line": number, "reason": str(refusal)})
        if len(batch) >= BATCH:
            _keep(run, batch)
        following = next(rows, None)
        if following is None:
            break
        number, row = following
    _keep(run, batch)
    return durably(lambda: _finish(run, by=by))


@transaction.atomic
def _begin(title: str, source: str, as_of: date, *, by: Actor) -> ListImport:
    run = ListImport.objects.create(
        title=Path(title).name[:200] or "名单", source=source.strip()[:100], as_of=as_of, imported_by=by.user
    )
    record("list.import", run, by=by, source=run.source, on=as_of)
    return run


def _keep(run: ListImport, batch: dict[tuple[Any, ...], Line]) -> None:
    """Write a batch in one statement, and count what was new and what changed."""
    if not batch:
        return
    lines = list(batch.values())
    names = ("kind", "uscc", "person_idx", "name", "listed_on", "removed_on", "reason")
    columns = [[getattr(line, name) for line in lines] for name in names]

    def write() -> list[bool]:
        with connection.cursor() as cursor:
            cursor.execute(_UPSERT, [run.pk, *columns])
            return [fresh for (fresh,) in cursor.fetchall()]

    written = durably(write)
    run.added += sum(written)
    run.changed += len(written) - sum(written)
    batch.clear()


@transaction.atomic
def _finish(run: ListImport, *, by: Actor) -> ListImport:
    run.finished_at = timezone.now()
    run.save()
    record("list.imported", run, by=by, rows=run.rows, added=run.added, changed=run.changed, refused=run.refused)
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

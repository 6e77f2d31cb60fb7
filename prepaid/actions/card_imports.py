"""A shop's list of old cards comes in: good rows are kept, bad ones named by line, and nothing comes in twice."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import PurePath

from django.db import transaction
from django.utils import timezone

from core import outbox
from core.actors import SYSTEM, Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, NotFound
from core.locking import lock_in_order
from core.permissions import require
from core.spreadsheets import EXTRA
from core.transactions import durably
from merchants.models import Merchant
from prepaid.actions.legacy_cards import keep_entries, must_agree, must_be_listed
from prepaid.bank_files.shelf import Shelved, discard, full_path
from prepaid.card_import import Entry, entry_of, rows_of
from prepaid.models import CardImport, LegacyCard
from prepaid.models.legacy_cards import CARD_IMPORT_LIFECYCLE

CHUNK = 500
KEPT_ERRORS = 1_000
Row = tuple[int, dict[str, str]]


@transaction.atomic
def receive_card_import(merchant_id: int, shelved: Shelved, name: str, *, by: Actor) -> CardImport:
    """Take a list that lies on the shelf and promise to read it; the same bytes of the same shop are the same list."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "prepaid.import_legacy_cards", merchant)
    must_be_listed(merchant)
    assert by.user is not None
    run, fresh = CardImport.objects.get_or_create(
        merchant=merchant,
        sha256=shelved.sha256,
        defaults={
            "name": PurePath(name).name[:100] or "老卡清单",
            "path": shelved.path,
            "size": shelved.size,
            "uploaded_by": by.user,
        },
    )
    if not fresh:
        transaction.on_commit(lambda: discard(shelved.path))
        return run
    record("card_import.receive", run, by=by, sha256=run.sha256)
    outbox.enqueue("prepaid.import_cards", str(run.pk), {"import": run.pk})
    return run


@outbox.handler("prepaid.import_cards", queue="bulk", own_transaction=True)
def import_from_outbox(payload: dict[str, int]) -> None:
    """Read one list."""
    import_cards(payload["import"], by=SYSTEM)


def import_cards(import_id: int, *, by: Actor) -> CardImport:
    """Read a list, five hundred rows to a transaction; killed at any point it goes on behind the last kept row.

    A file that cannot be read from some line on is refused with the reason; what was kept before stays, and shows.
    """
    run = durably(lambda: _begin(import_id, by=by))
    if run.status != CardImport.Status.READING:
        return run
    path = full_path(run.path)
    try:
        total = sum(1 for _ in rows_of(path))
        rows = islice(rows_of(path), run.done_count, None)
        done = run.done_count
        while chunk := list(islice(rows, CHUNK)):
            done = durably(lambda chunk=chunk, done=done: _keep(import_id, chunk, done, total, by=by))  # type: ignore[misc]
    except Invalid as error:
        message = error.message
        return durably(lambda: _end(import_id, "refuse", by=by, error=message))
    return durably(lambda: _end(import_id, "finish", by=by))


@transaction.atomic
def _begin(import_id: int, *, by: Actor) -> CardImport:
    run = CardImport.objects.locked(import_id)
    require(by, "prepaid.read_card_import", run)
    if run.status in (CardImport.Status.RECEIVED, CardImport.Status.READING):
        CARD_IMPORT_LIFECYCLE.move("read", run)
        run.save(update_fields=["status"])
    return run


@transaction.atomic
def _keep(import_id: int, chunk: list[Row], before: int, total: int, *, by: Actor) -> int:
    """Keep one span of rows; returns how many rows are done. A span another process has kept is passed over."""
    seen = CardImport.objects.filter(pk=import_id).first()
    if seen is None:
        raise NotFound
    # Under the shop's lock two lists with one card in both cannot add it twice.
    merchant, run = lock_in_order((Merchant, seen.merchant_id), (CardImport, import_id))
    if run.done_count != before:
        return before + len(chunk)
    fresh, known, errors = _sorted_out(merchant, chunk)
    keep_entries(merchant, fresh, run.uploaded_by, by=by, source=run)
    run.row_count, run.done_count = total, before + len(chunk)
    run.added_count += len(fresh)
    run.known_count += known
    run.refused_count += len(errors)
    run.errors = [*run.errors, *errors][:KEPT_ERRORS]
    run.save()
    return int(run.done_count)


def _sorted_out(merchant: Merchant, chunk: Iterable[Row]) -> tuple[list[Entry], int, list[tuple[int, str]]]:
    """The rows that are new, how many were there, and what is wrong with the others."""
    today = business_date()
    found: list[tuple[int, Entry]] = []
    errors: list[tuple[int, str]] = []
    for line, row in chunk:
        try:
            if EXTRA in row:
                raise Invalid("这一行的格子比列名多，请检查有没有多余的逗号")
            found.append((line, entry_of(row, today)))
        except Invalid as error:
            errors.append((line, said(error)))
    keys = [entry.natural_key for _, entry in found]
    there = {card.natural_key: card for card in LegacyCard.objects.filter(merchant=merchant, natural_key__in=keys)}
    fresh: dict[str, Entry] = {}
    known = 0
    for (line, entry), key in zip(found, keys, strict=True):
        card, twin = there.get(key), fresh.get(key)
        try:
            if card is not None:
                must_agree(card, entry)
            elif twin is not None and (twin.left_fen, twin.times) != (entry.left_fen, entry.times):
                raise Invalid("和前面一行是同一张卡，余额却不同；请核对后留一行")
        except Invalid as error:
            errors.append((line, said(error)))
            continue
        if card is None and twin is None:
            fresh[key] = entry
        else:
            known += 1
    return list(fresh.values()), known, sorted(errors)


def said(error: Invalid) -> str:
    """All faults of a row in one sentence."""
    return "；".join(dict.fromkeys(error.fields.values())) or error.message


@transaction.atomic
def _end(import_id: int, step: str, *, by: Actor, error: str = "") -> CardImport:
    run = CardImport.objects.locked(import_id)
    if run.status != CardImport.Status.READING:
        return run
    CARD_IMPORT_LIFECYCLE.move(step, run)
    run.error, run.finished_at = error[:300], timezone.now()
    run.save(update_fields=["status", "error", "finished_at"])
    record(f"card_import.{step}", run, by=by, added=run.added_count, refused=run.refused_count, reason=run.error)
    # The list holds phones in the clear: once it is read nobody needs it.
    transaction.on_commit(lambda: discard(run.path))
    return run

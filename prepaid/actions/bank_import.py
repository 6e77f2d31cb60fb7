"""The custodian's daily file comes in: once by its digest, all of it or nothing, and killed at any point it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import PurePath

from django.db import connection, transaction
from django.utils import timezone

from core import outbox
from core.actors import SYSTEM, Actor
from core.audit import record
from core.errors import WrongState
from core.permissions import require
from core.transactions import durably, is_alive, unhurried
from prepaid.actions import bank_matching as matching
from prepaid.actions import bank_staging as staging
from prepaid.actions.equations import check_day
from prepaid.bank_files import BadBankFile, Statement, sniff
from prepaid.bank_files.shelf import Shelved, discard, full_path
from prepaid.models import BankFile
from prepaid.models.reconciliation import BANK_FILE_LIFECYCLE

CHUNK = 100_000
_LOCK = 0xBA2F


@transaction.atomic
def receive_bank_file(shelved: Shelved, name: str, *, by: Actor) -> BankFile:
    """Take a daily file that lies on the shelf, and promise to import it; the same bytes again are the same file.

    Raises NotAllowed.
    """
    require(by, "prepaid.upload_bank_file")
    file, fresh = BankFile.objects.get_or_create(
        sha256=shelved.sha256,
        defaults={
            "name": PurePath(name).name[:100] or "日终文件",
            "path": shelved.path,
            "size": shelved.size,
            "uploaded_by": by.user,
        },
    )
    if not fresh:
        transaction.on_commit(lambda: discard(shelved.path))
        return file
    record("bank_file.receive", file, by=by, sha256=file.sha256)
    _promise(file)
    return file


@transaction.atomic
def retry_bank_file(file_id: int, *, by: Actor) -> BankFile:
    """Import a file once more: one that was refused when its day looked different, or whose import was broken off."""
    file = BankFile.objects.locked(file_id)
    require(by, "prepaid.upload_bank_file", file)
    BANK_FILE_LIFECYCLE.move("retry", file)
    file.error = ""
    file.save(update_fields=["status", "error"])
    record("bank_file.retry", file, by=by)
    _promise(file)
    return file


def _promise(file: BankFile) -> None:
    key = f"{file.pk}:{timezone.now():%Y%m%d%H%M%S%f}"
    outbox.enqueue("prepaid.import_bank_file", key, {"file": file.pk})


@outbox.handler("prepaid.import_bank_file", queue="bulk", own_transaction=True)
def import_from_outbox(payload: dict[str, int]) -> None:
    """Import one file; while another process does, this one is tried again later."""
    import_bank_file(payload["file"], by=SYSTEM)


def import_bank_file(file_id: int, *, by: Actor) -> BankFile:
    """Read, check, keep and match one file, then check its day. A bad file is refused whole and says why.

    Repeated, it changes nothing; a file in a million entries takes about half a minute. Opens its own transactions.
    Raises WrongState while another process imports.
    """
    with _alone(), unhurried():
        file = durably(lambda: _begin(file_id, by=by))
        if file.status != BankFile.Status.READING:
            return file
        statement = Statement()
        try:
            file.form = sniff(full_path(file.path)).value
            staging.stage(staging.entries_of(file, statement))
            assert statement.on is not None
            repeated = staging.compare(statement.on)
        except BadBankFile as error:
            message = error.message
            return durably(lambda: _refuse(file_id, message, by=by))
        on = statement.on
        for first in range(1, statement.count + 1, CHUNK):
            durably(lambda first=first: _keep(file_id, statement, first))  # type: ignore[misc]
        durably(lambda: matching.match_details(on))
        durably(lambda: matching.open_cases(on))
        form = file.form
        file = durably(lambda: _finish(file_id, statement, form, repeated, by=by))
        durably(lambda: check_day(on, by=by))
        return file


@transaction.atomic
def _begin(file_id: int, *, by: Actor) -> BankFile:
    file = BankFile.objects.locked(file_id)
    require(by, "prepaid.read_bank_file", file)
    if file.status in (BankFile.Status.RECEIVED, BankFile.Status.READING):
        BANK_FILE_LIFECYCLE.move("read", file)
        file.done_count = 0
        file.save(update_fields=["status", "done_count"])
    return file


@transaction.atomic
def _refuse(file_id: int, message: str, *, by: Actor) -> BankFile:
    file = BankFile.objects.locked(file_id)
    BANK_FILE_LIFECYCLE.move("refuse", file)
    file.error, file.finished_at = message[:300], timezone.now()
    file.save(update_fields=["status", "error", "finished_at"])
    record("bank_file.refuse", file, by=by, reason=file.error)
    return file


@transaction.atomic
def _keep(file_id: int, statement: Statement, first: int) -> None:
    """Keep one span of entries, and say how far we are."""
    assert statement.on is not None
    last = min(first + CHUNK - 1, statement.count)
    BankFile.objects.locked(file_id)
    matching.book_entries(file_id, statement.on, first, last)
    BankFile.objects.filter(pk=file_id).update(line_count=statement.count, done_count=last)


@transaction.atomic
def _finish(file_id: int, statement: Statement, form: str, repeated: int, *, by: Actor) -> BankFile:
    file = BankFile.objects.locked(file_id)
    BANK_FILE_LIFECYCLE.move("book", file)
    file.form, file.on = form, statement.on
    file.opening_fen, file.closing_fen = statement.opening_fen, statement.closing_fen
    file.line_count, file.repeated_count, file.done_count = statement.count, repeated, statement.count
    file.finished_at = timezone.now()
    file.save()
    record("bank_file.book", file, by=by, on=_day(statement), lines=statement.count, repeated=repeated)
    return file


def _day(statement: Statement) -> date:
    assert statement.on is not None
    return statement.on


@contextmanager
def _alone() -> Iterator[None]:
    """Only one import at a time, whichever process: two would compare with a state that the other is changing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            raise WrongState("另一个日终文件正在导入，请稍后再试")
        try:
            yield
        finally:
            if is_alive():
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])

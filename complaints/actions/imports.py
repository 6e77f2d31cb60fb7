"""Orders come in as a spreadsheet: filed a span at a time, each row with its reason, nothing twice, nothing lost."""

from __future__ import annotations

from itertools import islice
from pathlib import PurePath

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from complaints import orders
from complaints.actions.intake_data import NewIntake
from complaints.actions.intakes import file_intakes
from complaints.models import ORDER_IMPORT_LIFECYCLE, Intake, OrderImport
from core import outbox
from core.actors import SYSTEM, Actor
from core.audit import record
from core.errors import Invalid, NotFound, PortalError
from core.models import Region
from core.permissions import require
from core.transactions import durably
from prepaid.bank_files.shelf import Shelved, discard, full_path

CHUNK = 200
Errors = list[tuple[int, str, str]]


@transaction.atomic
def receive_orders(shelved: Shelved, title: str, channel: str, region_code: str, *, by: Actor) -> OrderImport:
    """Take a file that lies on the shelf and promise to read it; the same bytes for the same place are the same file.

    ``channel`` and ``region_code`` are for rows that do not say theirs. Raises NotAllowed, NotFound, Invalid.
    """
    require(by, "complaints.import_orders")
    region = Region.objects.filter(pk=region_code).first()
    if region is None:
        raise NotFound
    # A row not saved yet stands for what may be done with it: the officer answers for the place.
    require(by, "complaints.import_orders_here", OrderImport(region=region))
    if channel not in orders.CHANNELS:
        raise Invalid(fields={"channel": "选这份文件的来源"})
    assert by.user is not None
    run, fresh = OrderImport.objects.get_or_create(
        sha256=shelved.sha256,
        channel=channel,
        region=region,
        defaults={
            "title": PurePath(title).name[:200] or "工单", "path": shelved.path, "imported_by": by.user,
        },
    )  # fmt: skip
    if not fresh:
        transaction.on_commit(lambda: discard(shelved.path))
        return run
    record("order_import.receive", run, by=by, source=run.get_channel_display(), sha256=run.sha256)
    outbox.enqueue("complaints.read_orders", str(run.pk), {"import": run.pk})
    return run


@outbox.handler("complaints.read_orders", queue="bulk", own_transaction=True)
def read_from_outbox(payload: dict[str, int]) -> None:
    """Take in one file of orders."""
    read_orders(payload["import"], by=SYSTEM)


def read_orders(import_id: int, *, by: Actor) -> OrderImport:
    """Take in a file, two hundred rows to a transaction; killed at any point it goes on behind the last kept row.

    Each row is filed in the name of who brought the file. A number that is here already with the same words changes
    nothing; with other words it is named among the rows to mend, as is every row that does not fit. A file that is no
    such table is refused as a whole. Opens its own transactions.
    """
    run = durably(lambda: _begin(import_id, by=by))
    if run.status != OrderImport.Status.READING:
        return run
    path = full_path(run.path)
    try:
        total = sum(1 for _ in orders.rows_of(path))
        if not total:
            raise Invalid("文件里一行工单也没有")
        rows, done = islice(orders.rows_of(path), run.done, None), run.done
        while chunk := list(islice(rows, CHUNK)):
            done = durably(lambda chunk=chunk, done=done: _keep(import_id, chunk, done, total))  # type: ignore[misc]
    except Invalid as error:
        message = error.message
        return durably(lambda: _end(import_id, "refuse", by=by, error=message))
    return durably(lambda: _end(import_id, "finish", by=by))


@transaction.atomic
def _begin(import_id: int, *, by: Actor) -> OrderImport:
    run = OrderImport.objects.locked(import_id)
    require(by, "complaints.read_order_import", run)
    if run.status in (OrderImport.Status.RECEIVED, OrderImport.Status.READING):
        ORDER_IMPORT_LIFECYCLE.move("read", run)
        run.save(update_fields=["status"])
    return run


@transaction.atomic
def _keep(import_id: int, chunk: list[tuple[int, dict[str, str]]], before: int, total: int) -> int:
    """File one span of rows; returns how many rows are done. A span another process has kept is passed over."""
    run = OrderImport.objects.locked(import_id)
    if run.done != before:
        return before + len(chunk)
    known = orders.Known.of([row for _, row in chunk], run.region)
    errors: Errors = []
    drawn: list[tuple[int, NewIntake]] = []
    for line, row in chunk:
        try:
            drawn.append((line, orders.order_of(row, run.channel, known)))
        except ValueError as refusal:
            errors.append((line, _number(row.get("source_no", "")), str(refusal)))
    added, refused = _file(drawn, Actor.of_user(run.imported_by))
    errors = sorted([*errors, *refused])
    run.rows, run.done = total, before + len(chunk)
    run.added += added
    run.refused += len(errors)
    run.known += len(chunk) - added - len(errors)
    run.errors = [*run.errors, *errors]
    run.save()
    return int(run.done)


def _file(drawn: list[tuple[int, NewIntake]], by: Actor) -> tuple[int, Errors]:
    """File what was read: how many were new, and what was wrong with the others."""
    if not drawn:
        return 0, []
    places = Q()
    for channel in {data.channel for _, data in drawn}:
        numbers = [data.source_no for _, data in drawn if data.channel == channel]
        places |= Q(channel=channel, source_no__in=numbers)
    seen = set(Intake.objects.filter(places).order_by().values_list("pk", flat=True))
    answers = file_intakes([data for _, data in drawn], by=by)
    added, errors = 0, []
    for (line, data), answer in zip(drawn, answers, strict=True):
        number = _number(data.source_no)
        if isinstance(answer, PortalError):
            reason = "；".join(dict.fromkeys(answer.fields.values())) or answer.message
            errors.append((line, number, reason))
        elif answer.text != data.text.strip():
            errors.append((line, number, "这个编号已经登记过，内容不同：没有改动原件，请核对编号"))
        elif answer.pk not in seen:
            added += 1
            seen.add(answer.pk)
    return added, errors


def _number(text: str) -> str:
    """The number as it is shown among the rows to mend; NUL is not storable."""
    return text.replace("\x00", "")[:64]


@transaction.atomic
def _end(import_id: int, step: str, *, by: Actor, error: str = "") -> OrderImport:
    run = OrderImport.objects.locked(import_id)
    if run.status != OrderImport.Status.READING:
        return run
    ORDER_IMPORT_LIFECYCLE.move(step, run)
    run.error, run.finished_at = error[:300], timezone.now()
    run.save(update_fields=["status", "error", "finished_at"])
    record(
        f"order_import.{step}", run, by=by, rows=run.rows, added=run.added, refused=run.refused, reason=run.error
    )  # fmt: skip
    # The file holds names and phones in the clear, of reporters too (第37条): once it is read nobody needs it.
    transaction.on_commit(lambda: discard(run.path))
    return run

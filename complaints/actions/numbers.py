"""Numbers without gaps, and the word to a reporter: both inside the action that has locked its matter."""

from __future__ import annotations

from complaints.models import DocumentCounter, ViolationReport
from complaints.models.documents import bureau_of
from core import messages
from core.models import Region


def next_number(region: Region, year: int, series: str) -> tuple[Region, int]:
    """The bureau that answers for a place, and its next number of the year.

    The counter's row stays locked until the transaction ends: one that fails gives its number back.
    """
    bureau = bureau_of(region)
    DocumentCounter.objects.bulk_create(
        [DocumentCounter(bureau=bureau, year=year, series=series)], ignore_conflicts=True
    )
    pk = DocumentCounter.objects.values_list("pk", flat=True).get(bureau=bureau, year=year, series=series)
    counter = DocumentCounter.objects.locked(pk)
    counter.last += 1
    counter.save(update_fields=["last"])
    return bureau, counter.last


def text_reporter(report: ViolationReport, text: str, what: str) -> None:
    """A message to a reporter who left a mobile number; it names neither shop nor person."""
    if report.reporter is not None and report.reporter.phone.startswith("+86"):
        messages.send(report.reporter.phone, text, key=f"report:{report.pk}:{what}", user=report.reporter.user)

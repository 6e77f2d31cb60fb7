"""The daily jobs of filing: who must file by now, who is late, and which quarterly reports are owed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from core.actors import SYSTEM
from core.calendar import add_working_days
from core.jobs import job
from core.rule_packs import RuleValue, rules
from core.transactions import durably
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.actions.filings import is_new_exempt, needs_decision
from prepaid.custody import last_quarter_end
from prepaid.filing_facts import known_between
from prepaid.limits import in_scope
from prepaid.models import Filing, FilingReport

CHUNK = 5_000
STANDING = (Filing.Status.ACCEPTED, Filing.Status.CHANGED)


@job("prepaid.filing_need", "备案核定与逾期", at="01:10")
def filing_need(on: date, shard: int) -> dict[str, Any]:
    """Look at every merchant on public view, a few thousand to a query; write only where something changed."""
    last = Merchant.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    seen = decided = 0
    for after in range(0, last, CHUNK):
        chunk = known_between(after, min(after + CHUNK, last))
        seen += len(chunk)
        # Nobody has to be told that nothing is to be done: these are opened together.
        decided += durably(lambda chunk=chunk: prepaid.open_exempt(chunk, by=SYSTEM, on=on))  # type: ignore[misc]
        for known in chunk:
            if needs_decision(known, on) and not is_new_exempt(known, on):
                durably(lambda pk=known.merchant_id: prepaid.decide_filing(pk, by=SYSTEM, on=on))  # type: ignore[misc]
                decided += 1
    return {"merchants": seen, "decided": decided}


@job("prepaid.filing_reports", "季度报告", at="01:20")
def filing_reports(on: date, shard: int) -> dict[str, Any]:
    """Open the reports of the quarter that ended, and mark those that did not come."""
    quarter = last_quarter_end(on)
    opened = 0
    standing = Filing.objects.filter(
        status__in=STANDING, accepted_on__lte=quarter, merchant__in=Merchant.objects.public()
    )
    done = FilingReport.objects.filter(quarter_end=quarter).values("merchant")
    for filing in standing.exclude(merchant__in=done).select_related("merchant__industry").order_by("pk").iterator():
        found = due_of(filing, quarter, on)
        if found is not None:
            due, basis = found
            _open(filing.merchant_id, quarter, due, basis, on)
            opened += 1
    late = list(FilingReport.objects.filter(status=FilingReport.Status.DUE, due_on__lt=on))
    for report in late:
        _open(report.merchant_id, report.quarter_end, report.due_on, report.basis, on)
    return {"opened": opened, "late": len(late)}


def _open(merchant_id: int, quarter: date, due: date, basis: str, on: date) -> None:
    durably(lambda: prepaid.open_report(merchant_id, quarter, due, basis, by=SYSTEM, on=on))


def due_of(filing: Filing, quarter: date, on: date) -> tuple[date, str] | None:
    """By when an issuer owes the report of a quarter, and the article; None where none is asked of it."""
    merchant = filing.merchant
    figures: Mapping[str, RuleValue] = rules(merchant.region_id, on)
    of_month = figures.get("report.quarterly.day_of_first_month")
    if of_month is not None:
        return (quarter + timedelta(days=1)).replace(day=int(of_month.value)), of_month.basis
    within = figures.get("report.quarterly.within_working_days")
    about = {"sector": merchant.industry.sector, "entity": merchant.kind, "issuer_class": filing.issuer_class}
    if within is not None and in_scope(within, **about):
        return add_working_days(quarter, int(within.value)).due, within.basis
    return None

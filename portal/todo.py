"""What waits for a shop on its first page: one function for each matter, the page draws the parts by their names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.utils import timezone

from complaints.models import ConsumerWarning, OdrEnrolment, SupervisionNotice
from complaints.views.console_complaints import waiting_for_shop
from core.calendar import working_days_between
from merchants.models import Restriction
from merchants.views.desk import Desk
from prepaid.models import Assignment, ClosingNotice, Contract, Filing, FilingReport, Freeze, LegacyCard, Refund, Visit
from prepaid.settlements import pay_day
from trust_units.models import FeedbackSlip, Removal

LISTED = 20
LEASE_NOTICE, MALL_NOTICE = timedelta(days=90), timedelta(days=104)
NEWS = timedelta(days=7)
# States of a filing, and of an old card, in which it is the shop's turn.
FILING_CALLS = (Filing.Status.REQUIRED, Filing.Status.OVERDUE)
LEGACY_CALLS = (LegacyCard.Status.DISPUTED, LegacyCard.Status.REFUNDING)
Parts = dict[str, Any]


def refunds(desk: Desk, today: date) -> Parts:
    """Refunds to answer, with the working days left."""
    rows = Refund.objects.filter(merchant=desk.merchant, status=Refund.Status.REQUESTED)
    rows = rows.select_related("contract__holder", "contract__plan").order_by("answer_due_on", "pk")
    return {"refunds": [(row, working_days_between(today, row.answer_due_on)) for row in rows[:LISTED]]}


def complaints(desk: Desk, today: date) -> Parts:
    """Complaints to settle first, or to answer."""
    return {"complaints": waiting_for_shop(desk).select_related("complainant")}


def supervision(desk: Desk, today: date) -> Parts:
    """Supervision notices to answer, and warnings that name the shop to which it has not replied."""
    notices = SupervisionNotice.objects.waiting().filter(merchant=desk.merchant).order_by("due_on", "pk")
    warnings = ConsumerWarning.objects.filter(merchant=desk.merchant, status__in=["APPROVED", "PUBLISHED"], reply="")
    return {"notices": notices, "warnings": warnings}


def odr(desk: Desk, today: date) -> Parts:
    """Whether the shop was asked to settle with its customers first, and has not answered."""
    asked = OdrEnrolment.objects.filter(merchant=desk.merchant, status=OdrEnrolment.Status.CANDIDATE)
    return {"odr": asked}


def trust_checks(desk: Desk, today: date) -> Parts:
    """Problems that a check found and the shop has to sign for or put right, and removals it may still answer."""
    slips = FeedbackSlip.objects.filter(spot_check__merchant=desk.merchant, status__in=["ISSUED", "ACKNOWLEDGED"])
    mine = Removal.objects.filter(unit__merchant=desk.merchant)
    answerable = Q(status="PROPOSED", stated_at=None) | Q(status="REMOVED", appeal_due_on__gte=today)
    return {"slips": slips.order_by("due_on", "pk"), "removals": mine.filter(answerable).order_by("-pk")}


def visits(desk: Desk, today: date) -> Parts:
    """Visits that customers deny, and those that wait for them, with the day they are paid if nobody speaks."""
    rows = Visit.objects.filter(merchant=desk.merchant, status__in=[Visit.Status.DISPUTED, Visit.Status.REQUESTED])
    rows = rows.select_related("contract__holder", "contract__plan").order_by("status", "confirm_due_on", "pk")
    found = list(rows[: 2 * LISTED])
    waiting = [row for row in found if row.status == Visit.Status.REQUESTED][:LISTED]
    return {
        "disputed": [row for row in found if row.status == Visit.Status.DISPUTED][:LISTED],
        "waiting": [(visit, pay_day(visit.confirm_due_on + timedelta(days=1))) for visit in waiting],
    }


def offers(desk: Desk, today: date) -> Parts:
    """Cards offered, and not signed or not paid."""
    rows = Contract.objects.filter(
        merchant=desk.merchant, status__in=[Contract.Status.OFFERED, Contract.Status.SIGNED]
    ).select_related("holder", "plan")
    return {"offers": list(rows.order_by("-pk")[:LISTED])}


def filings(desk: Desk, today: date) -> Parts:
    """The filing while it is the shop's turn, and the quarterly reports it owes."""
    filing = Filing.objects.filter(merchant=desk.merchant).first()
    if filing is None:
        return {}
    owed = FilingReport.objects.filter(merchant=desk.merchant).owed().order_by("due_on")
    return {
        "filing": filing if filing.status in FILING_CALLS else None,
        "reports": list(owed[:LISTED]) if filing.stands else [],
    }


def limits(desk: Desk, today: date) -> Parts:
    """What keeps the shop from selling, or from its money."""
    in_force = [Freeze.Status.IN_FORCE, Freeze.Status.LIFT_PROPOSED]
    return {
        "restrictions": Restriction.objects.filter(merchant=desk.merchant, lifted_at=None),
        "freezes": Freeze.objects.filter(merchant=desk.merchant, status__in=in_force),
    }


def handovers(desk: Desk, today: date) -> Parts:
    """Cards that lately got another holder."""
    rows = Assignment.objects.filter(
        contract__merchant=desk.merchant, notice_received_at__gte=timezone.now() - NEWS
    ).select_related("contract__plan", "to_user")
    return {"handovers": rows}


def closings(desk: Desk, today: date) -> Parts:
    """The shop's own closing, and shops whose cards it is asked to take over."""
    mine, asked = Q(merchant=desk.merchant), Q(successor=desk.merchant, accepted_at=None) & ~Q(status="DECLARED")
    return {"closings": ClosingNotice.objects.open().filter(mine | asked).select_related("merchant", "store")}


def legacy_cards(desk: Desk, today: date) -> Parts:
    """Old cards whose customers say otherwise or want their money."""
    rows = LegacyCard.objects.filter(merchant=desk.merchant, status__in=LEGACY_CALLS).select_related("holder")
    return {"legacy": rows}


def leases(desk: Desk, today: date) -> Parts:
    """Stores whose lease ends soon."""
    # In a mall the notice itself takes ninety days: it is asked for two weeks before.
    ahead = {store.pk: MALL_NOTICE if store.tenant_since else LEASE_NOTICE for store in desk.stores}
    found = [store for store in desk.stores if store.lease_end and store.lease_end <= today + ahead[store.pk]]
    return {"leases": found}


# A matter of another app is one more function here and one more part in templates/portal/merchant_todo.html.
# What is seldom there is given as a query set: it is read only where the one question for all of them finds it.
SOURCES: list[Callable[[Desk, date], Parts]] = [
    refunds,
    complaints,
    supervision,
    odr,
    trust_checks,
    visits,
    offers,
    filings,
    limits,
    handovers,
    closings,
    legacy_cards,
    leases,
]


def parts(desk: Desk, today: date) -> Parts:
    """Every part of the page by its name; empty where nothing waits."""
    found: Parts = {}
    for source in SOURCES:
        found |= source(desk, today)
    seldom = {name: rows for name, rows in found.items() if isinstance(rows, QuerySet)}
    there = _not_empty(seldom)
    return found | {name: list(rows[:LISTED]) if name in there else [] for name, rows in seldom.items()}


def _not_empty(seldom: dict[str, QuerySet[Any]]) -> set[str]:
    """The names of those that hold any row, in one query."""
    first, *rest = (
        rows.order_by().annotate(part=Value(name)).values_list("part", flat=True)[:1] for name, rows in seldom.items()
    )
    return set(first.union(*rest, all=True))

"""The shop's first page: what is waiting for it, the most urgent first."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.calendar import business_date, working_days_between
from merchants.models import Restriction
from merchants.views.desk import Desk, for_shop, shop_page
from prepaid.models import Assignment, ClosingNotice, Contract, Filing, FilingReport, Freeze, LegacyCard, Refund, Visit
from prepaid.settlements import pay_day
from prepaid.views.console_money import money_of

LISTED = 20
# States of a filing in which it is the shop's turn.
FILING_CALLS = (Filing.Status.REQUIRED, Filing.Status.OVERDUE)
# States of an old card in which it is the shop's turn.
LEGACY_CALLS = (LegacyCard.Status.DISPUTED, LegacyCard.Status.REFUNDING)
# The parts of the page that ask something of the shop.
CALLS = (
    "filing",
    "reports",
    "refunds",
    "disputed",
    "waiting",
    "offers",
    "restrictions",
    "freezes",
    "leases",
    "handovers",
    "legacy",
)
LEASE_NOTICE = timedelta(days=90)
NEWS = timedelta(days=7)


@require_GET
def console(request: HttpRequest) -> HttpResponse:
    """The console begins with what is to be done."""
    return redirect("portal:merchant_todo")


@for_shop(unapproved=True)
@require_GET
def merchant_todo(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One page: refunds with their clocks, disputed visits, limits, offers nobody signed, visits that wait."""
    merchant, today = desk.merchant, business_date()
    refunds = Refund.objects.filter(merchant=merchant, status=Refund.Status.REQUESTED)
    visits = Visit.objects.filter(merchant=merchant).select_related("contract__holder", "contract__plan")
    waiting = visits.filter(status=Visit.Status.REQUESTED).order_by("confirm_due_on", "pk")
    disputed = visits.filter(status=Visit.Status.DISPUTED).order_by("pk")
    offers = Contract.objects.filter(
        merchant=merchant, status__in=[Contract.Status.OFFERED, Contract.Status.SIGNED]
    ).select_related("holder", "plan")
    filing = Filing.objects.filter(merchant=merchant).first()
    reports = FilingReport.objects.filter(merchant=merchant).owed()
    context = {
        "today": today,
        "refunds": [
            (refund, working_days_between(today, refund.answer_due_on))
            for refund in refunds.select_related("contract__holder", "contract__plan").order_by("answer_due_on", "pk")[
                :LISTED
            ]
        ],
        "disputed": list(disputed[:LISTED]),
        "waiting": [(visit, pay_day(visit.confirm_due_on + timedelta(days=1))) for visit in waiting[:LISTED]],
        "offers": list(offers.order_by("-pk")[:LISTED]),
        "filing": filing if filing is not None and filing.status in FILING_CALLS else None,
        "reports": list(reports.order_by("due_on")[:LISTED]) if filing is not None and filing.stands else [],
        "restrictions": list(Restriction.objects.filter(merchant=merchant, lifted_at=None)),
        "freezes": list(
            Freeze.objects.filter(merchant=merchant, status__in=[Freeze.Status.IN_FORCE, Freeze.Status.LIFT_PROPOSED])
        ),
        "handovers": list(
            Assignment.objects.filter(
                contract__merchant=merchant, notice_received_at__gte=timezone.now() - NEWS
            ).select_related("contract__plan", "to_user")[:LISTED]
        ),
        "closings": list(
            ClosingNotice.objects.open()
            .filter(Q(merchant=merchant) | Q(successor=merchant, accepted_at=None) & ~Q(status="DECLARED"))
            .select_related("merchant", "store")
        ),
        "legacy": list(
            LegacyCard.objects.filter(merchant=merchant, status__in=LEGACY_CALLS).select_related("holder")[:LISTED]
        ),
        "leases": [store for store in desk.stores if store.lease_end and store.lease_end <= today + LEASE_NOTICE],
        "money": money_of(merchant, today) if desk.is_open else None,
    }
    context["nothing"] = desk.is_open and not any(context[name] for name in CALLS)
    return shop_page(request, desk, "portal/merchant_todo.html", context)

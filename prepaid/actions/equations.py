"""The equations of one day: everything adds up to zero, and the bank's balance is ours but for what is on its way."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Max, Min, Sum
from django.utils import timezone

from core.actors import Actor
from core.audit import record
from core.calendar import SHANGHAI, business_date
from core.permissions import require
from prepaid.models import (
    BankFile,
    BankLine,
    CustodyCheck,
    DailyEquation,
    ReconciliationCase,
    Refund,
    Settlement,
)
from prepaid.models.reconciliation import RECONCILIATION_CASE_LIFECYCLE

LOOK_BACK = timedelta(days=7)

TOTALS = """
SELECT (SELECT coalesce(sum(balance), 0) FROM ledger_account) + (SELECT coalesce(sum(amount), 0) FROM ledger_delta),
       (SELECT coalesce(sum(balance), 0) FROM ledger_account WHERE kind = 20),
       ledger_balance(10), ledger_balance(40), ledger_balance(41), ledger_balance(50)
"""
# Movements of later business days were also posted later, so only the youngest rows are read.
LATER = """
SELECT coalesce(sum(CASE WHEN debit = 10 THEN amount ELSE -amount END), 0) FROM ledger_transfer
WHERE posted_at >= %(from)s AND biz_date > %(on)s AND (debit = 10 OR credit = 10)
"""
BANK_ONLY = """
SELECT coalesce((
    SELECT sum(l.amount_fen - CASE WHEN n.booked_on <= %(on)s THEN n.booked_fen ELSE 0 END)
    FROM prepaid_bankline l LEFT JOIN prepaid_custodiannotice n ON n.id = l.notice_id
    WHERE l.booked_on <= %(on)s AND l.state IN ('OPEN', 'DIFFERS')), 0)
  + coalesce((
    SELECT sum(l.amount_fen) FROM prepaid_custodiannotice n JOIN prepaid_bankline l ON l.notice_id = n.id
    WHERE n.booked_on > %(on)s AND n.booked_fen <> 0 AND l.booked_on <= %(on)s
      AND l.state IN ('BY_REF', 'BY_DETAILS', 'BY_HAND')), 0)
"""
# A day without a file cannot be compared: its movements count as booked by both. Those of ours that are older and
# that the bank never booked have a case each.
OURS_ONLY = """
SELECT coalesce((
    SELECT sum(n.booked_fen) FROM prepaid_custodiannotice n
    LEFT JOIN prepaid_bankline l ON l.notice_id = n.id AND l.booked_on <= %(on)s
    WHERE n.booked_on BETWEEN %(since)s AND %(on)s AND n.booked_fen <> 0 AND l.id IS NULL
      AND EXISTS (SELECT FROM prepaid_bankfile f WHERE f."on" = n.booked_on AND f.status = 'BOOKED')), 0)
  + coalesce((
    SELECT sum(n.booked_fen) FROM prepaid_reconciliationcase c JOIN prepaid_custodiannotice n ON n.id = c.notice_id
    WHERE n.booked_on < %(since)s
      AND NOT EXISTS (SELECT FROM prepaid_bankline l WHERE l.notice_id = n.id AND l.booked_on <= %(on)s)), 0)
"""


@transaction.atomic
def check_day(on: date, *, by: Actor) -> DailyEquation:
    """Work out and keep the equations of a day; a difference that nothing accounts for becomes a case.

    Done again on new facts, it replaces the figures. Sums of all accounts are those of now, the custody balance is
    that of the day.
    """
    require(by, "prepaid.check_equation")
    zero, locked, bank, refunds, payouts, suspense = _one(TOTALS, {})
    start = datetime.combine(min(on, business_date()), time.min, SHANGHAI)
    (later,) = _one(LATER, {"on": on, "from": start})
    (bank_only,) = _one(BANK_ONLY, {"on": on})
    (ours_only,) = _one(OURS_ONLY, {"on": on, "since": on - LOOK_BACK})
    file = BankFile.objects.last_of(on)
    count = file.line_count if file else 0
    figures = {
        "sum_fen": zero,
        "bank_fen": file.closing_fen if file else None,
        "ledger_fen": -bank - later,
        "bank_only_fen": bank_only,
        "ours_only_fen": ours_only,
        "cards_off": _one("SELECT count(DISTINCT account_id) FROM ledger_verify_chains(%(on)s)", {"on": on})[0],
        "locked_fen": locked,
        **_short(),
        "clearing_fen": refunds + payouts,
        "clearing_since": _clearing_since(),
        "suspense_fen": suspense,
        "line_count": count,
        "matched_count": count - BankLine.objects.waiting().filter(booked_on=on).count(),
    }
    equation, _ = DailyEquation.objects.update_or_create(on=on, defaults=figures)
    record("equation.check", equation, by=by, on=on, difference_fen=equation.difference_fen or 0, holds=equation.holds)
    _balance_case(on, by=by)
    _day_case(ReconciliationCase.Kind.UNEXPLAINED, on, equation.unexplained_fen or 0, by=by)
    return equation


def _short() -> dict[str, int]:
    """How many merchants have less behind their cards than their rule asks, and how much in all, by the newest check.

    From the figures and not from the warnings: a warning begins with a deadline, ends with a decision, and one whose
    shop is gone stands for ever.
    """
    quarter = CustodyCheck.objects.aggregate(newest=Max("quarter_end"))["newest"]
    checks = CustodyCheck.objects.filter(quarter_end=quarter)
    today = checks.aggregate(newest=Max("checked_on"))["newest"]
    short = checks.filter(shortfall_fen__gt=0, checked_on=today)
    return short.aggregate(short_count=Count("pk"), short_fen=Sum("shortfall_fen", default=0))


def _clearing_since() -> date | None:
    """Since when the oldest money has been on its way out."""
    waiting = Refund.objects.filter(status__in=[Refund.Status.PAYING, Refund.Status.PAYOUT_FAILED])
    days = (
        waiting.aggregate(day=Min("answered_on"))["day"],
        Settlement.objects.on_the_way().aggregate(day=Min("ordered_on"))["day"],
    )
    return min((day for day in days if day), default=None)


def _balance_case(on: date, *, by: Actor) -> None:
    """Each day begins where the day before ended; a missing day shows here."""
    booked = BankFile.objects.filter(status=BankFile.Status.BOOKED)
    later = booked.filter(on__gt=on).order_by("on").values_list("on", flat=True).first()
    for day in filter(None, (on, later)):
        file = BankFile.objects.last_of(day)
        before = booked.filter(on__lt=day).order_by("-on", "-finished_at").first()
        if file and before:
            gap = (file.opening_fen or 0) - (before.closing_fen or 0)
            _day_case(ReconciliationCase.Kind.BALANCE, day, gap, by=by)


def _day_case(kind: str, on: date, difference_fen: int, *, by: Actor) -> None:
    """One case of a kind a day while there is a difference; it closes by itself when the difference is gone."""
    case = ReconciliationCase.objects.filter(kind=kind, on=on, line=None, notice=None).first()
    if difference_fen and case is None:
        case = ReconciliationCase.objects.create(kind=kind, on=on, difference_fen=difference_fen)
        record("reconciliation.open", case, by=by, on=on, difference_fen=difference_fen)
    elif case and case.status != ReconciliationCase.Status.RESOLVED:
        if difference_fen:
            ReconciliationCase.objects.filter(pk=case.pk).update(difference_fen=difference_fen)
            return
        RECONCILIATION_CASE_LIFECYCLE.move("explain", case)
        case.resolution, case.resolved_at = "重新核算后已相等，自动办结", timezone.now()
        case.save()
        record("reconciliation.explain", case, by=by)


def _one(sql: str, args: dict[str, Any]) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, args)
        found: tuple[Any, ...] = cursor.fetchone()
        return found

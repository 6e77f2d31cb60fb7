"""The months of figures behind the demo district: fourteen earlier ones, closed; the last ones counted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import connection

from complaints import actions as complaints
from complaints.figures import Sums, added
from complaints.figures_sql import SHOPS, SUMS
from complaints.models import Clock, ComplaintRollup, Disclosure, FigureMonth, LatenessRollup
from complaints.models.figures import first_of, next_month
from core.actors import SYSTEM, Actor
from core.calendar import DAY, end_of_day

DISTRICT = "330199"
# 令121号 is in force since the middle of April 2026.
SINCE_121 = date(2026, 5, 1)
MONTHS = 14
# What people complain of in which trades, in hundredths of a month's complaints.
TRADES = {1: 34, 2: 28, 3: 22, 4: 16}
CAUSES = {"REFUND": 38, "CLOSED_SHOP": 17, "SERVICE_CUT": 21, "WRONG_CHARGE": 12, "QUALITY": 12}
# In the earlier months a few were late; since then none.
LATE = (3, 2, 0, 4, 1, 1, 0, 2, 1)
LIMITS = {"ACCEPT": 1, "FIRST_CONTACT": 2, "MEDIATE": 1}
By = ComplaintRollup.By


def keep_figures(today: date) -> None:
    """Close the earlier months, publish what is ripe, then count the rest as the nightly job does."""
    first = first_of(today)
    months = [first]
    while len(months) < MONTHS + 3:
        months.insert(0, first_of(months[0] - DAY))
    past = months[:MONTHS]
    FigureMonth.objects.bulk_create(
        FigureMonth(month=month, counted_until=end_of_day(next_month(month) - DAY)) for month in past
    )
    rows = [row for n, month in enumerate(past) for row in _rows(month, n)]
    ComplaintRollup.objects.bulk_create(rows)
    LatenessRollup.objects.bulk_create(_late(month, n, code) for n, month in enumerate(past) for code in LIMITS)
    with connection.cursor() as cursor:
        cursor.execute(SHOPS, {"months": past, "first": past[0], "until": next_month(past[-1])})
    for month in past:
        complaints.close_month(month, by=SYSTEM, on=next_month(month) + timedelta(days=9))
    _publish(today)
    complaints.count_figures(today, by=SYSTEM)
    complaints.close_old_months(today, by=SYSTEM)


def _publish(today: date) -> None:
    """What ran its window for objections is public, with the shop's own words beside it."""
    for row in Disclosure.objects.ripe(today).select_related("complaint__merchant"):
        merchant = row.complaint.merchant
        assert merchant is not None
        said = "当天就换了同价的项目，以后调整会提前七天公布"
        complaints.reply_to_disclosure(row.pk, said, by=Actor.of_user(merchant.registered_by))
        complaints.publish_disclosure(row.pk, by=SYSTEM, on=row.objection_until + DAY)


def _late_of(n: int) -> int:
    return LATE[n] if n < len(LATE) else 0


def _sums(n: int, share: int, late: int) -> dict[str, int]:
    """A month's sums of one trade and cause; ``share`` in ten-thousandths of 150 to 280 complaints."""
    received = (150 + 10 * n) * share // 10_000
    closed = received * 9 // 10
    return {
        "received": received,
        "reports": received // 6,
        "questions": received // 2,
        "accepted": closed,
        "closed": closed,
        "answered": closed * 8 // 10,
        "satisfied": closed * 7 // 10,
        "recovered_fen": closed * 61_300,
        "accept_due": received,
        "accept_on_time": received - late,
        "complete_due": closed,
        "complete_on_time": closed,
        "verify_due": received // 6,
        "verify_at_once": received // 6,
        "odr_due": received // 5,
        "odr_on_time": received // 5,
        "contact_due": received,
        "contact_on_time": received - late,
        "clues": received // 15,
        "disclosable": closed,
        "disclosed": closed - n % 2,
    }


def _rows(month: date, n: int) -> list[ComplaintRollup]:
    """The rows of a month as the job would have made them: of all, by trade, by cause, by both."""
    cells = {
        (trade, cause): _sums(n, TRADES[trade] * CAUSES[cause], _late_of(n) if (trade, cause) == (1, "REFUND") else 0)
        for trade in TRADES
        for cause in CAUSES
    }
    made = [_row(month, By.BOTH, sums, industry_id=trade, cause=cause) for (trade, cause), sums in cells.items()]
    for trade in TRADES:
        made.append(_row(month, By.INDUSTRY, added(s for (t, _), s in cells.items() if t == trade), industry_id=trade))
    for cause in CAUSES:
        made.append(_row(month, By.CAUSE, added(s for (_, c), s in cells.items() if c == cause), cause=cause))
    return [*made, _row(month, By.TOTAL, added(cells.values()))]


def _row(month: date, by: int, sums: Sums, **which: Any) -> ComplaintRollup:
    values = {name: sums.get(name, 0) for name in SUMS}
    pack = "CN.COMPLAINT.121" if month >= SINCE_121 else "CN.COMPLAINT.20"
    return ComplaintRollup(month_id=month, county_id=DISTRICT, by=by, packs=[pack], **which, **values)


def _late(month: date, n: int, code: str) -> LatenessRollup:
    due, late = (150 + 10 * n) * LIMITS[code], _late_of(n) if code != Clock.Code.MEDIATE else 0
    return LatenessRollup(
        month_id=month, county_id=DISTRICT, code=code, due=due, on_time=due - late, late=late, unanswered=0,
        late_days=late * 2, worst_days=3 if late else 0,
    )  # fmt: skip

"""A month of figures, so that their pages have something to show."""

from __future__ import annotations

from complaints.models import FigureMonth
from core.calendar import business_date, end_of_day


def counted_month() -> str:
    """This month, counted."""
    today = business_date()
    row, _ = FigureMonth.objects.get_or_create(
        month=today.replace(day=1), defaults={"counted_until": end_of_day(today)}
    )
    return f"{row.month:%Y-%m}"

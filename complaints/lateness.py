"""How often each county's bureau was late, from its own clocks, for everybody. Reads rollup rows only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Sum

from complaints.figures import percent
from complaints.models import Clock, FigureMonth, LatenessRollup
from core.models import Region

COUNTIES_A_PAGE = 50
MONTHS_SHOWN = 12
_SUMS = {name: Sum(name) for name in ("due", "on_time", "late", "unanswered", "late_days")} | {
    "worst_days": Max("worst_days")
}


@dataclass(frozen=True)
class Lateness:
    """What fell due at one bureau, and what of it was done too late or not at all."""

    name: str
    code: str
    due: int
    on_time: int
    late: int
    unanswered: int
    late_days: int
    worst_days: int

    @property
    def rate(self) -> str:
        """On time of what fell due, never rounded up."""
        return percent(self.on_time * 10_000 // self.due) if self.due else "—"

    @property
    def average_days(self) -> str:
        """How late the late ones were, so far."""
        late = self.late + self.unanswered
        return f"{self.late_days / late:.1f}" if late else ""


def _made(name: str, code: str, row: dict[str, int]) -> Lateness:
    return Lateness(name, code, **{field: int(row[field] or 0) for field in _SUMS})


def counties(month: FigureMonth, after: str = "") -> tuple[list[Lateness], str]:
    """One page of counties in the order of their codes, and the last of them if there are more. Two queries."""
    rows = LatenessRollup.objects.filter(month=month, county__gt=after).order_by("county")
    found = list(rows.values("county").annotate(**_SUMS)[: COUNTIES_A_PAGE + 1])
    names = dict(Region.objects.filter(pk__in=[row["county"] for row in found]).values_list("pk", "name"))
    page = [_made(names[row["county"]], row["county"], row) for row in found[:COUNTIES_A_PAGE]]
    return page, page[-1].code if len(found) > COUNTIES_A_PAGE else ""


def by_limit(month: FigureMonth, county: str) -> list[Lateness]:
    """One county, limit by limit."""
    rows = LatenessRollup.objects.filter(month=month, county=county).order_by().values("code").annotate(**_SUMS)
    labels = dict(Clock.Code.choices)
    return [_made(str(labels[row["code"]]), row["code"], row) for row in sorted(rows, key=lambda row: -row["due"])]


def by_month(county: str, last: date) -> list[Lateness]:
    """One county over twelve months, the newest first."""
    rows = LatenessRollup.objects.filter(county=county, month__lte=last).order_by("-month").values("month")
    found = rows.annotate(**_SUMS)[:MONTHS_SHOWN]
    return [_made(f"{row['month']:%Y}年{row['month'].month}月", f"{row['month']:%Y-%m}", row) for row in found]

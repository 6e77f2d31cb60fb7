"""The sums of the months: counted by hand and by the job alike, twice the same, frozen once closed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from complaints import actions as complaints
from complaints import figures
from complaints.actions.figures import digest_of
from complaints.models import (
    Clock,
    Complaint,
    ComplaintRollup,
    Disclosure,
    FigureMonth,
    LatenessRollup,
)
from core.actors import SYSTEM
from core.clocks import CHINA
from core.errors import NotAllowed, NotFound, WrongState
from core.jobs import run_day
from core.models import AuditEvent, User
from merchants.models import Merchant
from prepaid.models import CustodyCheck
from tests.cast import DISTRICT
from tests.complaints.case_scenes import complaint_of
from tests.prepaid.scenes import who

pytestmark = pytest.mark.django_db
By = ComplaintRollup.By


def day(text: str, hour: int = 10) -> datetime:
    return datetime.fromisoformat(f"{text}T{hour:02d}:00:00").replace(tzinfo=CHINA)


def settle(row: Complaint, code: str, due: str, stopped: str = "", state: str = "") -> None:
    """The limit of a complaint ends at 24:00 on ``due``; answered at ten on ``stopped``."""
    Clock.objects.update_or_create(
        complaint=row,
        code=code,
        defaults={
            "region": row.region, "started_at": row.received_at, "started_on": row.received_at.date(),
            "amount": 7, "unit": "working_day", "basis": "令121号", "pack_id": "CN.COMPLAINT.121",
            "due_at": day(due, 0) + timedelta(days=1), "stopped_at": day(stopped) if stopped else None,
            "state": state or ("STOPPED" if stopped else "RUNNING"),
        },
    )  # fmt: skip


def close(row: Complaint, on: str, rating: int | None, recovered: int) -> None:
    Complaint.objects.filter(pk=row.pk).update(
        status="CLOSED", closed_at=day(on), rating=rating, recovered_fen=recovered, decided_at=day(on)
    )


def made(of: ComplaintRollup) -> dict[str, Any]:
    return {name: getattr(of, name) for name in figures_names() if getattr(of, name)}


def figures_names() -> tuple[str, ...]:
    from complaints.figures_sql import SUMS

    return SUMS


@pytest.fixture
def october(merchant_a: Merchant, consumer: User, second_consumer: User, district_officer: User) -> list[Complaint]:
    """Four complaints of October: in time, late, never answered, and dropped after it ran out."""
    rows = [complaint_of(merchant_a, consumer, received=day(f"2026-10-{n:02d}")) for n in (8, 9, 10, 11)]
    Clock.objects.all().delete()
    settle(rows[0], "ACCEPT", "2026-10-19", "2026-10-19")
    settle(rows[1], "ACCEPT", "2026-10-20", "2026-10-23")
    settle(rows[2], "ACCEPT", "2026-10-31")  # ends with the last instant of October
    settle(rows[3], "ACCEPT", "2026-10-21", "2026-10-25", state="DROPPED")
    settle(rows[0], "MEDIATE", "2026-11-02", "2026-11-02")
    settle(rows[1], "ODR", "2026-10-20")
    close(rows[0], "2026-10-20", 3, 50_000)
    close(rows[1], "2026-10-26", 0, 20_000)
    Complaint.objects.filter(pk=rows[3].pk).update(status="MERGED", merged_into=rows[0], closed_at=day("2026-10-25"))
    Complaint.objects.filter(pk=rows[2].pk).update(cause="QUALITY", industry=None)
    for row, status in ((rows[0], "PUBLISHED"), (rows[1], "WITHDRAWN")):
        Disclosure.objects.create(
            complaint=row, text="公示", status=status, drafted_on=date(2026, 10, 20),
            objection_until=date(2026, 10, 31), published_on=date(2026, 11, 1) if status == "PUBLISHED" else None,
        )  # fmt: skip
    CustodyCheck.objects.create(
        merchant=merchant_a, quarter_end=date(2026, 9, 30), checked_on=date(2026, 10, 30), base_fen=0,
        obligations_fen=1_000, ratio_bp=0, required_fen=0, locked_fen=900, custody_fen=0, guarantee_fen=0,
        shortfall_fen=0,
    )  # fmt: skip
    return rows


def count(on: str = "2026-11-03") -> dict[str, Any]:
    return complaints.count_figures(date.fromisoformat(on), by=SYSTEM)


def test_october_by_hand(october: list[Complaint]) -> None:
    assert count()["months"] == 2
    total = ComplaintRollup.objects.get(month="2026-10-01", by=By.TOTAL)
    assert total.county_id == DISTRICT and total.packs == ["CN.COMPLAINT.121"]
    assert made(total) == {
        "received": 3, "accepted": 2, "closed": 2, "answered": 1, "satisfied": 1, "recovered_fen": 70_000,
        "accept_due": 4, "accept_on_time": 1, "odr_due": 1, "disclosable": 2, "disclosed": 1,
        "locked_fen": 900, "owed_fen": 1_000,
    }  # fmt: skip
    causes = ComplaintRollup.objects.filter(month="2026-10-01", by=By.CAUSE).order_by("cause")
    assert [(row.cause, row.received, row.accept_due) for row in causes] == [("QUALITY", 1, 1), ("REFUND", 2, 3)]
    trades = ComplaintRollup.objects.filter(month="2026-10-01", by=By.INDUSTRY).order_by("industry")
    assert [(row.industry_id, row.received, row.locked_fen) for row in trades] == [(1, 2, 900), (None, 1, 0)]
    late = LatenessRollup.objects.get(month="2026-10-01")
    assert (late.code, late.due, late.on_time, late.late, late.unanswered) == ("ACCEPT", 4, 1, 2, 1)
    # Ten in the morning of the 23rd after 24:00 of the 20th: three days begun; 4 for the dropped; two until the count.
    assert (late.late_days, late.worst_days) == (3 + 4 + 2, 4)
    november = ComplaintRollup.objects.get(month="2026-11-01", by=By.TOTAL)
    assert made(november) == {"complete_due": 1, "complete_on_time": 1, "locked_fen": 900, "owed_fen": 1_000}


def test_twice_the_same_and_only_up_to_the_day_before(october: list[Complaint]) -> None:
    count("2026-10-20")
    early = ComplaintRollup.objects.get(month="2026-10-01", by=By.TOTAL)
    assert (early.accept_due, early.accept_on_time, early.closed) == (1, 1, 0)
    count("2026-11-03")
    once, sums = ComplaintRollup.objects.count(), digest_of(date(2026, 10, 1))
    count("2026-11-03")
    assert (ComplaintRollup.objects.count(), digest_of(date(2026, 10, 1))) == (once, sums)


def test_a_closed_month_never_changes_again(october: list[Complaint], district_officer: User) -> None:
    with pytest.raises(NotFound):
        complaints.close_month(date(2026, 10, 1), by=SYSTEM, on=date(2026, 11, 3))
    count("2026-10-20")
    with pytest.raises(WrongState):
        complaints.close_month(date(2026, 10, 1), by=SYSTEM, on=date(2026, 11, 3))
    done = run_day("complaints.figures", date(2026, 11, 10), allow_future=True)[0]
    assert done["closed"] == [] and done["months"] == 2
    assert run_day("complaints.figures", date(2026, 11, 11), allow_future=True)[0]["closed"] == ["2026-10"]
    row = FigureMonth.objects.get(pk="2026-10-01")
    assert row.digest == digest_of(row.month) and AuditEvent.objects.filter(verb="figures.close").count() == 1
    Complaint.objects.update(received_at=day("2026-10-30"), cause="OTHER")
    assert count("2026-11-12")["months"] == 1
    assert digest_of(row.month) == row.digest
    assert complaints.close_month(row.month, by=SYSTEM, on=date(2026, 12, 1)).closed_on == date(2026, 11, 11)
    with pytest.raises(NotAllowed):
        complaints.count_figures(date(2026, 11, 12), by=who(district_officer))
    ComplaintRollup.objects.filter(by=By.TOTAL).update(accept_on_time=4)
    assert digest_of(row.month) != row.digest


def test_the_apps_above_add_their_own(october: list[Complaint], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "EXTRA", {})
    monkeypatch.setattr("complaints.actions.figures.EXTRA", figures.EXTRA)
    figures.extra_kpi(
        "removal_rate", "移除率", "移除的单位", "抽查的单位", "移除的单位 ÷ 抽查的单位",
        "SELECT code, 1, 4 FROM core_region WHERE code IN ('330199', '330106') AND %(month)s < %(next)s",
    )  # fmt: skip
    count()
    rows = ComplaintRollup.objects.filter(month="2026-10-01", by=By.TOTAL).order_by("county")
    assert [(row.county_id, row.extra) for row in rows] == [
        ("330106", {"removal_rate": [1, 4]}), ("330199", {"removal_rate": [1, 4]}),
    ]  # fmt: skip

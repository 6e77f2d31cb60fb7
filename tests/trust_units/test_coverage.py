"""Coverage is counted at night by county and trade; the board, its CSV and the public figures read only the rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.actors import SYSTEM
from core.calendar import business_date
from core.models import User
from merchants.models import Merchant, RegisterEntry
from tests.trust_units.scenes import granted
from trust_units import actions as trust
from trust_units.actions.coverage import month_ends
from trust_units.models import CoverageRow, SpotCheck, UnitType
from trust_units.models.coverage import percent

pytestmark = pytest.mark.django_db


def registered(number: int, county: str, industry: int, *, uscc: str = "", state: str = "") -> None:
    RegisterEntry.objects.create(
        legal_name=f"商户{number}", region_code=county, industry_code=industry, uscc=uscc, state=state,
        digest=f"coverage-{number}",
    )  # fmt: skip


def test_rates_and_months_by_hand() -> None:
    assert [percent(1, 3), percent(1, 8), percent(0, 5), percent(3, 0)] == ["33.3%", "12.5%", "0.0%", "—"]
    ends = month_ends(date(2026, 3, 15))
    assert (ends[0], ends[-2], ends[-1], len(ends)) == (date(2025, 4, 30), date(2026, 2, 28), date(2026, 3, 15), 12)


def test_the_board_reads_what_the_night_counted(
    merchant_a: Merchant,
    merchant_b: Merchant,
    district_officer: User,
    signed_in: Callable[[User], Client],
    django_assert_max_num_queries: Any,
) -> None:
    """Two of four businesses; a second kind of trust covers nobody twice; an ended licence is not there."""
    today = business_date()
    unit = granted(merchant_a)
    granted(merchant_a, unit_type=UnitType.NO_REASON_RETURN)
    granted(merchant_b)
    county, trade = unit.region.path.split("/")[2], merchant_a.industry_id
    for number in range(4):
        registered(number, f"{county}000000", trade)
    registered(7, county, trade, uscc="91330108MA00000001")
    registered(8, county, trade, uscc="91330108MA00000001", state="CANCELLED")
    SpotCheck.objects.create(
        mode="DRAW", status="PASS", day=today, unit=unit, store=unit.store, merchant=merchant_a, region=unit.region,
        checked_at=timezone.now(),
    )  # fmt: skip
    trust.remove_for_fact(unit.pk, "CLOSED", "停业", by=SYSTEM, on=today)
    assert trust.count_coverage(by=SYSTEM, on=today) == 1
    assert trust.count_coverage(by=SYSTEM, on=today) == 1
    row, whole = CoverageRow.objects.get(area=county), CoverageRow.objects.get(area="")
    assert (row.units, row.covered, row.entities, row.coverage) == (2, 2, 4, "50.0%")
    assert (row.checked, row.removed, row.removal_rate) == (1, 1, "100.0%")
    assert row.pools == {"SELECTION": 0, "INCUBATION": 2, "STAR": 0, "WARNING": 0, "REMOVED": 1} == whole.pools
    assert row.industries == [[trade, 2, 4]]
    assert row.months == [[f"{today:%Y-%m}", {"INCUBATION": 2, "REMOVED": 1}]]
    officer = signed_in(district_officer)
    officer.get("/admin/trust/board/")
    with django_assert_max_num_queries(16):
        page = officer.get(f"/admin/trust/board/?county={county}&order=removal").content.decode()
    assert "50.0%" in page and row.name in page
    lines = b"".join(officer.get("/admin/trust/board/export.csv")).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]
    assert lines[1].startswith(f"{county},{row.name},2,2,4,50.0%,1,1,100.0%")


def test_figures_are_public_and_cheap(client: Client, merchant_a: Merchant, django_assert_num_queries: Any) -> None:
    granted(merchant_a)
    trust.count_coverage(by=SYSTEM, on=business_date())
    with django_assert_num_queries(1):
        answer = client.get("/transparency/coverage.json")
    assert [row["units"] for row in answer.json()["counties"]] == [1, 1]
    assert client.get("/transparency/coverage.json?after=999999").json() == {"counties": [], "after": ""}

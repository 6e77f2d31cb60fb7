"""Equation (d) of a day: what stands behind the cards of each merchant is at least what its rule asks."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from core.actors import SYSTEM
from core.calendar import SHANGHAI
from core.models import User
from merchants.models import Merchant
from prepaid.actions.equations import check_day
from prepaid.models import CustodyCheck, CustodyWarning
from tests.cast import shop

pytestmark = pytest.mark.django_db
TODAY = datetime.now(SHANGHAI).date()
QUARTER = date(2026, 6, 30)


def checked(
    merchant: Merchant, required: int, locked: int, *, on: date = TODAY, quarter: date = QUARTER
) -> CustodyCheck:
    return CustodyCheck.objects.create(
        merchant=merchant, quarter_end=quarter, checked_on=on, base_fen=required, obligations_fen=required,
        ratio_bp=10_000, required_fen=required, locked_fen=locked, custody_fen=0, guarantee_fen=0,
        shortfall_fen=max(0, required - locked),
    )  # fmt: skip


def test_who_is_short_is_counted_from_the_figures(merchant_a: Merchant, merchant_b: Merchant, owner_b: User) -> None:
    day = check_day(TODAY, by=SYSTEM)
    assert (day.short_count, day.short_fen, day.holds) == (0, 0, True)
    checked(merchant_a, 100_00, 40_00)
    checked(merchant_b, 100_00, 99_99)
    gone = shop("C", owner_b)
    checked(gone, 500_00, 0, on=TODAY - timedelta(days=9))
    checked(gone, 700_00, 0, quarter=date(2026, 3, 31))
    day = check_day(TODAY, by=SYSTEM)
    assert (day.short_count, day.short_fen, day.holds) == (2, 60_01, False)
    assert not CustodyWarning.objects.exists(), "no warning was needed to see it"


def test_a_warning_that_outlived_its_shortfall_is_no_shortfall(merchant_a: Merchant) -> None:
    CustodyWarning.objects.create(
        merchant=merchant_a, status=CustodyWarning.Status.OVERDUE, shortfall_fen=1, opened_on=TODAY, due_on=TODAY
    )
    checked(merchant_a, 100_00, 100_00)
    assert check_day(TODAY, by=SYSTEM).holds

"""The arithmetic of the figures, against values counted by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from complaints import figures
from complaints.figures import EFFICACY_FULL, KPIS, Frequency, kpi_of, value
from core.pack_schema import spec_of
from core.rule_packs import resolve, shipped_packs

ACCEPT = kpi_of("on_time_initial_check_rate")
RECEIVED = kpi_of("complaints_received")
assert ACCEPT and RECEIVED
OCTOBER = date(2026, 10, 1)


def due(on_time: int, of: int, **more: int) -> dict[str, int]:
    return {"accept_on_time": on_time, "accept_due": of, **more}


def test_a_rate_is_never_rounded_up_to_full_marks() -> None:
    almost = value(ACCEPT, due(99_999, 100_000))
    assert (almost.text, almost.is_full, almost.fraction) == ("99.99%", False, "99,999 / 100,000")
    assert value(ACCEPT, {}).text == "—" and value(ACCEPT, {}).bp is None
    money = kpi_of("recovered_amount")
    assert money and value(money, {"recovered_fen": 6_555_000_00}).text == "¥6,555,000.00"


def test_averages_weigh_every_case_and_years_compare_points() -> None:
    months = {
        date(2025, 10, 1): due(80, 100, received=50),
        date(2025, 12, 1): due(0, 100, received=900),
        date(2026, 8, 1): due(1, 2, received=10),
        date(2026, 9, 1): due(0, 0, received=0),
        OCTOBER: due(95, 98, received=40),
    }
    assert figures.month_average(ACCEPT, months, OCTOBER).fraction == "96 / 100"
    assert figures.month_average(RECEIVED, months, OCTOBER).num == 5  # 50 in ten months
    assert figures.year_on_year(ACCEPT, months, OCTOBER) == 9693 - 8000
    assert figures.change_text(ACCEPT, 1693) == "＋16.93 个百分点"
    assert figures.change_text(RECEIVED, figures.year_on_year(RECEIVED, months, OCTOBER)) == "−20.00%"
    assert figures.year_on_year(ACCEPT, months, date(2026, 9, 1)) is None


def test_a_streak_skips_months_without_cases_and_ends_at_the_first_miss() -> None:
    months = {
        date(2026, 5, 1): due(7, 7),
        date(2026, 6, 1): due(6, 7),
        date(2026, 7, 1): due(7, 7),
        date(2026, 8, 1): due(0, 0),
        date(2026, 9, 1): due(3, 3),
        OCTOBER: due(1, 1),
    }
    assert figures.streak(ACCEPT, months, OCTOBER) == 3
    assert figures.streak(ACCEPT, months, date(2026, 6, 1)) == 0
    assert figures.streak(ACCEPT, months, date(2026, 5, 1)) == 1


def test_the_shipped_weights_make_102_and_each_names_a_figure() -> None:
    shipped = figures.weights(resolve(shipped_packs(), "330199", OCTOBER))
    assert sum(weight.points for weight in shipped) == EFFICACY_FULL
    assert sum(weight.points for weight in shipped if weight.bonus) == 2
    assert {weight.kpi for weight in shipped} <= {kpi.code for kpi in KPIS}
    assert {weight.tag for weight in shipped} == {"D"} and {w.pack_id for w in shipped} == {"CN.EFFICACY"}
    assert all(spec_of(f"efficacy{'_bonus' if w.bonus else ''}.{w.kpi}") for w in shipped)


def test_points_are_earned_between_two_ends_and_the_loss_is_told() -> None:
    shipped = figures.weights(resolve(shipped_packs(), "330199", OCTOBER))
    perfect = {kpi.num: 1 for kpi in KPIS} | {kpi.den: 1 for kpi in KPIS if kpi.den}
    assert figures.score(figures.efficacy(perfect, shipped)) == "102.00"
    # Nothing due loses nothing; what did not happen earns no extra points.
    assert figures.score(figures.efficacy({}, shipped)) == "100.00"
    # 19 of 20: three quarters of the way from 80 % to 100 %.
    marks = figures.efficacy({**perfect, "accept_on_time": 19, "accept_due": 20}, shipped)
    mark = next(mark for mark in marks if mark.weight.kpi == "on_time_initial_check_rate")
    assert (mark.points, mark.lost) == (1500, 500)
    assert mark.why == "95.00%（19 / 20，1 件没有做到），80% 起计分，100% 得满分"
    assert figures.score(marks) == "97.00"
    below = replace(shipped[0], begin=Decimal("0.99"))
    assert figures.efficacy({"accept_on_time": 19, "accept_due": 20}, [below])[0].points == 0


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    # Newcombe 1998, table of Wilson intervals; the last is everything of everything.
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0),
    ],
)
def test_wilson(count: int, of: int, low: float, high: float) -> None:
    assert figures.wilson(count, of) == pytest.approx((low, high), abs=5e-5)


def test_a_frequency_says_when_it_is_too_small() -> None:
    assert Frequency(3, 2_500).per_thousand == "1.2" and Frequency(3, 2_500).bounds == ("0.4", "3.5")
    assert Frequency(1, 99).is_small and not Frequency(1, 100).is_small
    assert Frequency(0, 0).per_thousand == "" and Frequency(5, 2).bounds[1] == "1000.0"

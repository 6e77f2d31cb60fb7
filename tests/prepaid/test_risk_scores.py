"""The risk score: its arithmetic against figures worked out by hand, and the daily job over the tables."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from core.actors import SYSTEM
from core.calendar import business_date
from core.models import User
from core.rule_packs import resolve, shipped_packs
from merchants import actions as merchants
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid import risk
from prepaid.actions import custody, listings, risk_scores, warnings
from prepaid.custody import last_quarter_end
from prepaid.models import Contract, CustodyCheck, Lot, Plan, Refund, RiskScore
from prepaid.risk import NEVER_DAYS, SIGNALS, Facts, Level, Scale, score
from tests.cast import open_contract
from tests.prepaid.scenes import consume, who

ON = date(2026, 8, 3)
SCALES = risk.scales(resolve(shipped_packs(), "330199001", ON))
SOUND = Facts(
    ON, outstanding_fen=10_000_000, first_sale_on=date(2024, 1, 1), redeemed_30=5_000_000, redeemed_before=10_000_000,
    sold_30=5_000_000, sold_before=10_000_000, sold_7=1_000_000, sold_84=12_000_000, sold_365=40_000_000,
    revenue_fen=100_000_000,
)  # fmt: skip


def reasons(**changed: Any) -> dict[str, tuple[int, int]]:
    return {one.code: (one.figure, one.points) for one in score(replace(SOUND, **changed), SCALES).reasons}


def test_a_sound_shop_scores_nothing() -> None:
    found = score(SOUND, SCALES)
    assert (found.points, found.level, found.reasons) == (0, Level.GREEN, ())


@pytest.mark.parametrize(
    ("changed", "code", "figure", "points"),
    [
        # 1,000,000 yuan owed, 10,000 used in 30 days: 3,000 days; all 20 points from 1,095 on.
        ({"outstanding_fen": 100_000_000, "redeemed_30": 1_000_000}, "run_off", 3_000, 20),
        # 730 days is halfway from 365 to 1,095: 10 of 20.
        ({"outstanding_fen": 73_000_000, "redeemed_30": 3_000_000}, "run_off", 730, 10),
        ({"redeemed_30": 0}, "run_off", NEVER_DAYS, 20),
        # (15/5) over (10/10) is three times: 100 of 300 of the way, 4 of 12.
        ({"sold_30": 15_000_000}, "sale_jump", 300, 4),
        # 5,000,000 in a week against 1,000,000 a week: 500 %, 200 of 500 of the way, 4 of 10.
        ({"sold_7": 5_000_000}, "surge", 500, 4),
        # A gift of 30 % against 10 %: 20 points more, half of the way from 10 to 30.
        ({"bonus_30": 1_500_000, "bonus_before": 1_000_000}, "discount", 20, 5),
        ({"refunds_asked": 10, "refunds_refused": 4}, "refund_refused", 40, 5),
        ({"refunds_late": 3}, "refund_late", 3, 7),
        ({"sold_365": 75_000_000}, "prepaid_share", 75, 3),
        ({"beyond_lease_fen": 2_750_000}, "lease_money", 27, 4),
        ({"lease_end": date(2026, 9, 17)}, "lease_soon", 45, 4),
        ({"lease_end": date(2026, 7, 1)}, "lease_soon", -33, 8),
        ({"required_fen": 4_000_000, "shortfall_fen": 1_000_000}, "custody", 25, 7),
        ({"restrictions": 1}, "restricted", 1, 1),
        ({"filing_overdue": True}, "filing_overdue", 1, 5),
        ({"extra": {"listed": 2}}, "listed", 2, 25),
        ({"extra": {"private_pay": 3}}, "private_pay", 3, 6),
        ({"extra": {"linked": 3}}, "linked", 3, 12),
        ({"extra": {"complaints": 1_000}}, "complaints", 1_000, 4),
    ],
)  # fmt: skip
def test_each_signal_by_hand(changed: dict[str, Any], code: str, figure: int, points: int) -> None:
    assert reasons(**changed)[code] == (figure, points)


def test_every_signal_has_its_rule_and_its_words() -> None:
    assert {scale.code for scale in SCALES.signals} == set(SIGNALS)
    for code in SIGNALS:
        spoken = SIGNALS[code][1](replace(SOUND, lease_end=ON), 5)
        assert spoken and "{" not in spoken


def test_little_money_and_a_new_shop_say_nothing_about_volume() -> None:
    small: dict[str, Any] = {"outstanding_fen": 999_999, "redeemed_30": 0, "sold_7": 9_000_000, "sold_30": 9_000_000}
    assert reasons(**small) == {}
    new: dict[str, Any] = {
        "first_sale_on": ON - timedelta(days=29),
        "redeemed_30": 0,
        "sold_30": 50_000_000,
        "sold_7": 50_000_000,
    }
    assert reasons(**new) == {}
    assert reasons(refunds_asked=2, refunds_refused=2) == {}


def test_the_sum_is_capped_and_levelled() -> None:
    bad: dict[str, Any] = {
        "redeemed_30": 0, "refunds_late": 9, "required_fen": 100, "shortfall_fen": 100, "restrictions": 2,
        "filing_overdue": True, "lease_end": ON, "extra": {"listed": 1, "private_pay": 9, "linked": 9},
    }  # fmt: skip
    found = score(replace(SOUND, **bad), SCALES)
    assert found.points == 100 and found.level == Level.RED
    assert [one.points for one in found.reasons] == sorted((one.points for one in found.reasons), reverse=True)
    assert SCALES.level(29) == Level.GREEN and SCALES.level(30) == Level.AMBER and SCALES.level(60) == Level.RED


def test_a_scale_runs_both_ways_and_gives_at_least_one_point() -> None:
    up, down = Scale("a", 10, 110, 5, ""), Scale("b", 90, 0, 8, "")
    assert [up.points(n) for n in (9, 10, 60, 110, 999)] == [0, 1, 2, 5, 5]
    assert [down.points(n) for n in (91, 90, 45, 0, -5)] == [0, 1, 4, 8, 8]


def age(contract: Contract, days: int) -> None:
    """As if its money had come in some days ago."""
    Lot.objects.filter(contract=contract).update(paid_on=business_date() - timedelta(days=days))


@pytest.mark.django_db
def test_the_job_scores_from_the_tables_and_keeps_only_changes(contract: Contract, merchant_a: Merchant) -> None:
    today = business_date()
    age(contract, 120)
    # 3,000 yuan is below the least balance: nothing to say, no row.
    prepaid.score_merchants(today, by=SYSTEM)
    assert not RiskScore.objects.exists()
    CustodyCheck.objects.create(
        merchant=merchant_a, quarter_end=last_quarter_end(today), checked_on=today, base_fen=0, obligations_fen=0,
        ratio_bp=4_000, required_fen=400, locked_fen=0, custody_fen=0, guarantee_fen=0, shortfall_fen=400,
    )  # fmt: skip
    assert prepaid.score_merchants(today, by=SYSTEM)["changed"] == 1
    row = RiskScore.objects.get()
    assert (row.points, row.before, row.level, row.on, row.is_latest) == (16, 0, "GREEN", today, True)
    assert row.reasons == [
        {"code": "custody", "figure": 100, "points": 16, "words": "存管缺 4.00 元，是应存管的 100%",
         "basis": row.reasons[0]["basis"]}
    ]  # fmt: skip
    # The same day and the next with the same points write nothing new.
    for day in (today, today + timedelta(days=1)):
        assert prepaid.score_merchants(day, by=SYSTEM)["changed"] == 0
    # A stop that custody, a listing or risk itself caused is counted there, not once more.
    for source in (custody.SOURCE, listings.SOURCE, warnings.SOURCE):
        merchants.restrict(merchant_a.pk, source, "存管不足", by=SYSTEM)
        assert prepaid.score_merchants(today + timedelta(days=1), by=SYSTEM)["changed"] == 0
    merchants.restrict(merchant_a.pk, "监管人员", "核查资金去向", by=SYSTEM)
    prepaid.score_merchants(today + timedelta(days=2), by=SYSTEM)
    rows = list(RiskScore.objects.order_by("on"))
    assert [(one.points, one.before, one.is_latest) for one in rows] == [(16, 0, False), (17, 16, True)]
    assert rows[1].change == 1
    # A day that was missed, caught up late, does not rewrite what came after it.
    assert prepaid.score_merchants(today + timedelta(days=1), by=SYSTEM)["changed"] == 0


@pytest.mark.django_db
def test_the_facts_are_what_the_tables_say(
    contract: Contract, merchant_a: Merchant, plan: Plan, consumer: User, second_consumer: User
) -> None:
    """A card of 3,000 with a gift of 600 a hundred days ago, one of today; a visit of face 60; a refund refused."""
    today = business_date()
    age(contract, 100)
    consume(contract, fen=6_000)
    other = open_contract(plan, second_consumer)
    refund = prepaid.request_refund(other.pk, Refund.Cause.CONSUMER, by=who(second_consumer))
    prepaid.refuse_refund(refund.pk, "合同约定不退", by=who(merchant_a.registered_by))
    merchant_a.stores.update(lease_end=today + timedelta(days=30))
    Contract.objects.filter(pk=other.pk).update(ends_on=today + timedelta(days=31))
    with risk_scores._facts(today), connection.cursor() as cursor:
        columns = ", ".join(risk_scores._COLUMNS)
        cursor.execute(f"SELECT {columns} FROM risk_facts WHERE id = %s", [merchant_a.pk])
        row = dict(zip(risk_scores._COLUMNS, cursor.fetchone(), strict=True))
    assert {name: value for name, value in row.items() if value not in (0, None, "{}", False)} == {
        # 60 of face is 50 of money: 3,000 for 3,600.
        "outstanding_fen": 600_000 - 5_000,
        "redeemed_30": 5_000,
        "sold_30": 300_000,
        "bonus_30": 60_000,
        "sold_7": 300_000,
        "sold_365": 600_000,
        "first_sale_on": today - timedelta(days=100),
        "refunds_asked": 1,
        "refunds_refused": 1,
        "beyond_lease_fen": 300_000,
        "lease_end": today + timedelta(days=30),
    }

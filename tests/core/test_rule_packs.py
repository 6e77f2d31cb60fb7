"""Which rule holds where, and since when."""

from __future__ import annotations

from datetime import date

import pytest

from core.rule_packs import Pack, RuleValue, resolve, shipped_packs

TODAY = date(2026, 6, 1)


def figure(key: str, region: str, on: date = TODAY) -> RuleValue:
    return resolve(shipped_packs(), region, on)[key]


def test_the_nearest_region_wins() -> None:
    assert figure("refund.pay.days", "330108001").value == 5
    assert figure("refund.pay.days", "330108001").pack_id == "CN-33.2017"
    assert figure("refund.pay.days", "110108").value == 15
    assert figure("refund.pay.days", "440305").pack_id == "CN.2025"


def test_a_city_adds_to_what_it_inherits() -> None:
    assert figure("cap.exempt_if", "330108").value == "escrow_full_coverage"
    assert figure("cap.exempt_if", "330203").value == "third_party_platform_and_consumer_instruction"
    assert figure("cap.exempt_if", "330108", date(2025, 11, 30)).pack_id == "CN-33.2017"


def test_a_pack_holds_from_its_first_to_its_last_day() -> None:
    assert figure("complaint.order", "330108", date(2026, 4, 14)).value == 20
    assert figure("complaint.order", "330108", date(2026, 4, 15)).value == 121
    assert "cooling_off.days" not in resolve(shipped_packs(), "CN", date(2025, 4, 30))


def test_days_carry_their_unit() -> None:
    for pack in shipped_packs():
        for key, value in pack.rules.items():
            assert value.unit or not key.endswith(("days", "_hours")), f"{pack.id} {key}"
            assert value.tag in {"T", "P", "R", "S", "D"}


def test_a_circle_of_packs_ends() -> None:
    packs = [
        Pack("a", "33", "b", date(2020, 1, 1), None, {}),
        Pack("b", "33", "a", date(2020, 1, 1), None, {}),
    ]
    assert resolve(packs, "33", TODAY) == {}


@pytest.mark.parametrize("region", ["CN", "33", "3301", "330108", "330108001"])
def test_every_level_knows_the_national_rules(region: str) -> None:
    assert figure("mediate", region).value == 60

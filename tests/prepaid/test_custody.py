"""Custody: what must stand behind the cards by the rule of the place, what does, and the clock of a shortfall."""

from datetime import date, timedelta
from typing import Any

import pytest

from core.actors import SYSTEM
from core.errors import Invalid, WrongState
from core.jobs import run_shard
from core.models import Region, User
from core.rule_packs import resolve, shipped_packs
from merchants.models import Merchant, Restriction
from prepaid import actions as prepaid
from prepaid import unlocked
from prepaid.custody import CustodyRule, Kind, badge, custody_rule, last_quarter_end, required_fen
from prepaid.models import Contract, CourtOrder, CustodyCheck, CustodyWarning, Guarantee, PrepaidBalance, Settlement
from tests.cast import make_plan, open_contract
from tests.prepaid.scenes import consume, days, forbidden, refused, unseen, verbs, who
from tests.prepaid.test_settlements import account, next_pay_day, settle

__all__ = ["account"]
pytestmark = pytest.mark.django_db
ON = date(2026, 8, 3)
BEIJING, SHANGHAI, ZHEJIANG = "110101001", "310101001", "330199001"


def rule_at(
    region: str, sector: str = "RESIDENT_SERVICE", entity: str = "ENTERPRISE", cls: str = "", new: bool = False
) -> CustodyRule | None:
    return custody_rule(Kind(region, sector, entity, cls, new), resolve(shipped_packs(), region, ON))


def test_the_rule_of_each_place_as_its_article_says() -> None:
    bp = lambda rule: rule and (rule.ratio_bp, rule.over_fen, rule.by_quarter)  # noqa: E731
    assert bp(rule_at(BEIJING)) == (4_000, 49_999_999, True)
    assert rule_at(BEIJING, sector="SPORT") is None
    assert bp(rule_at(SHANGHAI)) == (4_000, 20_000_000, False)
    assert bp(rule_at(SHANGHAI, new=True)) == (10_000, 20_000_000, False)
    for cls, ratio in (("SCALE", 2_000), ("GROUP", 3_000), ("BRAND", 4_000)):
        found = rule_at(ZHEJIANG, cls=cls)
        assert bp(found) == (ratio, 0, True) and found is not None and found.offsets
    assert rule_at(ZHEJIANG, cls="SCALE", entity="INDIVIDUAL") is None
    assert rule_at(ZHEJIANG, cls="SCALE", sector="EDUCATION") is None
    assert rule_at(ZHEJIANG) is None


def test_what_is_required_is_rounded_up_and_begins_at_the_line() -> None:
    beijing, shanghai = rule_at(BEIJING), rule_at(SHANGHAI)
    assert beijing is not None and shanghai is not None
    assert required_fen(beijing, 49_999_999, 10**9) == 0
    assert required_fen(beijing, 50_000_000, 0) == 20_000_000
    assert required_fen(beijing, 50_000_001, 0) == 20_000_001
    assert required_fen(shanghai, 10**9, 20_000_000) == 0
    assert required_fen(shanghai, 0, 20_000_001) == 8_000_001
    assert [last_quarter_end(day) for day in (date(2026, 1, 1), date(2026, 3, 31), date(2026, 12, 31))] == [
        date(2025, 12, 31), date(2025, 12, 31), date(2026, 9, 30),
    ]  # fmt: skip


@pytest.fixture
def in_shanghai(merchant_a: Merchant) -> Merchant:
    """Shop A at a place where above 200,000 yuan 40 % must stand behind the whole balance."""
    Region.objects.get_or_create(
        pk="310101001", defaults={"name": "外滩街道", "level": 4, "path": "31/3101/310101/310101001/"}
    )
    merchant_a.region_id = "310101001"
    merchant_a.save(update_fields=["region"])
    return merchant_a


@pytest.fixture
def old_cards(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Cards sold before joining: ``old_cards(merchant, fen)``."""

    def owe(merchant: Merchant, fen: int) -> None:
        source = f"SELECT {merchant.pk}::bigint AS merchant_id, {fen}::bigint AS fen"
        monkeypatch.setattr(unlocked, "SOURCES", [unlocked.Unlocked(source, lambda merchant, on: [])])

    return owe


def check(on: date | None = None) -> dict[str, Any]:
    return run_shard("prepaid.custody_check", on or days(0), 0)


def test_fully_locked_money_is_always_enough(contract: Contract, in_shanghai: Merchant) -> None:
    assert check()["checked"] >= 1
    row = CustodyCheck.objects.get(merchant=in_shanghai)
    assert (row.locked_fen, row.obligations_fen, row.required_fen, row.shortfall_fen) == (300_000, 300_000, 0, 0)
    assert badge(in_shanghai.pk, days(0)).share == 100
    assert not CustodyWarning.objects.exists()


def test_the_balance_at_the_end_of_the_quarter_is_counted_back(
    merchant_a: Merchant, consumer: User, second_consumer: User
) -> None:
    quarter = last_quarter_end(days(0))
    plan = make_plan(merchant_a)
    open_contract(plan, consumer, on=quarter)  # in the books of the quarter
    later = open_contract(plan, second_consumer, on=quarter + timedelta(days=1))
    consume(later, fen=36_000)
    check()
    assert PrepaidBalance.objects.get(merchant=merchant_a).locked_fen == 300_000
    check(days(1))
    row = CustodyCheck.objects.get(merchant=merchant_a)
    assert (row.base_fen, row.obligations_fen, row.checked_on) == (300_000, 570_000, days(1))


def test_a_shortfall_warns_then_an_officer_stops_sales_and_making_it_up_lifts_that(
    contract: Contract, in_shanghai: Merchant, old_cards: Any, city_chief: User, owner_a: User, other_officer: User
) -> None:
    shanghai = officer_of_shanghai()
    old_cards(in_shanghai, 30_000_000)
    assert check()["warned"] == 1
    row = CustodyCheck.objects.get()
    # 40 % of 303,000.00, less 3,000.00 locked.
    assert (row.required_fen, row.covered_fen, row.shortfall_fen) == (12_120_000, 300_000, 11_820_000)
    warning = CustodyWarning.objects.get()
    assert warning.shortfall_fen == 11_820_000 and warning.due_on > days(10)
    assert check(days(1))["warned"] == 0
    refused(WrongState, lambda: prepaid.stop_sales_for_custody(warning.pk, by=who(shanghai)))
    assert check(warning.due_on)["overdue"] == 0
    assert check(warning.due_on + timedelta(days=1))["overdue"] == 1
    unseen(lambda: prepaid.stop_sales_for_custody(warning.pk, by=who(other_officer)))
    forbidden(lambda: prepaid.stop_sales_for_custody(warning.pk, by=who(owner_a)))
    prepaid.stop_sales_for_custody(warning.pk, by=who(shanghai))
    in_shanghai.refresh_from_db()
    assert in_shanghai.status == "RESTRICTED" and Restriction.objects.get().source == "存管核算"
    account_row = prepaid.record_custody_account(
        in_shanghai.pk, "TRUST", "示范银行", "31001234567890", by=who(shanghai), on=days(-5)
    )
    prepaid.record_custody_balance(account_row.pk, days(-1), 11_000_000, "对账单", by=who(shanghai))
    prepaid.record_custody_balance(account_row.pk, days(0), 11_820_000, "对账单", by=who(shanghai))
    refused(WrongState, lambda: prepaid.meet_custody_warning(warning.pk, by=SYSTEM))
    assert check(warning.due_on + timedelta(days=2))["met"] == 1
    in_shanghai.refresh_from_db()
    warning.refresh_from_db()
    assert (in_shanghai.status, warning.status, warning.shortfall_fen) == ("ACTIVE", "MET", 0)
    assert verbs(warning) == [f"custody_warning.{verb}" for verb in ("open", "lapse", "stop", "meet")]
    seen = badge(in_shanghai.pk, days(0))
    assert seen.account is not None and seen.account.get_kind_display() == "信托" and seen.share == 0


def officer_of_shanghai() -> User:
    from core.models import Role
    from tests.cast import officer

    return officer("13900000077", "沪官", Role.COUNTY_REVIEWER_A, "310101")


def test_a_guarantee_counts_once_checked_by_another_and_only_while_it_is_valid(
    contract: Contract, in_shanghai: Merchant, old_cards: Any, owner_a: User
) -> None:
    shanghai = officer_of_shanghai()
    Merchant.objects.update(kind="ENTERPRISE")
    old_cards(in_shanghai, 30_000_000)
    data = {
        "kind": "INSURANCE", "issuer": "示范保险", "number": "P-1", "amount_fen": 11_820_000,
        "valid_from": days(0), "valid_to": days(3),
    }  # fmt: skip
    for wrong in ({"amount_fen": 0}, {"valid_to": days(-1)}, {"kind": "WISH"}, {"number": " "}):
        refused(Invalid, lambda wrong=wrong: prepaid.submit_guarantee(in_shanghai.pk, data | wrong, by=who(owner_a)))
    row = prepaid.submit_guarantee(in_shanghai.pk, data, by=who(owner_a))
    refused(WrongState, lambda: prepaid.submit_guarantee(in_shanghai.pk, data, by=who(owner_a)))
    check()
    assert CustodyCheck.objects.get().guarantee_fen == 0
    forbidden(lambda: prepaid.confirm_guarantee(row.pk, by=who(owner_a)))
    own = prepaid.submit_guarantee(in_shanghai.pk, data | {"number": "P-2"}, by=who(shanghai))
    forbidden(lambda: prepaid.confirm_guarantee(own.pk, by=who(shanghai)))
    prepaid.confirm_guarantee(row.pk, by=who(shanghai))
    check(days(3))
    assert CustodyCheck.objects.get().shortfall_fen == 0 and CustodyWarning.objects.get().status == "MET"
    check(days(4))
    assert CustodyCheck.objects.get().shortfall_fen == 11_820_000
    assert CustodyWarning.objects.open().count() == 1
    prepaid.reject_guarantee(row.pk, "保险公司称保单已退保", by=who(shanghai))
    assert Guarantee.objects.get(pk=row.pk).decided_by == shanghai


def test_a_court_order_stops_settlement_until_two_officers_lift_it(
    contract: Contract,
    merchant_a: Merchant,
    account: Any,
    district_officer: User,
    second_officer: User,
    owner_a: User,
    other_officer: User,
) -> None:
    consume(contract, fen=36_000)
    data = {
        "court": "示范区法院",
        "number": "（2026）浙0199执保1号",
        "amount_fen": 5_000_000,
        "starts_on": days(0),
        "until": None,
    }
    for wrong in ({"court": ""}, {"amount_fen": 0}, {"until": days(-1)}):
        refused(
            Invalid,
            lambda wrong=wrong: prepaid.record_court_order(merchant_a.pk, data | wrong, by=who(district_officer)),
        )
    forbidden(lambda: prepaid.record_court_order(merchant_a.pk, data, by=who(owner_a)))
    unseen(lambda: prepaid.record_court_order(merchant_a.pk, data, by=who(other_officer)))
    order = prepaid.record_court_order(merchant_a.pk, data, by=who(district_officer))
    refused(WrongState, lambda: prepaid.record_court_order(merchant_a.pk, data, by=who(second_officer)))
    assert refused(WrongState, lambda: settle(merchant_a)).code == "court_order"
    prepaid.propose_court_lift(order.pk, "法院已送达解除裁定", by=who(district_officer))
    forbidden(lambda: prepaid.approve_court_lift(order.pk, by=who(district_officer)))
    assert refused(WrongState, lambda: settle(merchant_a)).code == "court_order"
    prepaid.reject_court_lift(order.pk, "裁定书不是这一份", by=who(second_officer))
    prepaid.propose_court_lift(order.pk, "法院已送达解除裁定", by=who(district_officer))
    prepaid.approve_court_lift(order.pk, by=who(second_officer))
    assert settle(merchant_a).amount_fen == 30_000
    assert not CourtOrder.objects.in_force(days(0)).exists()


def test_a_court_order_ends_with_its_last_day(
    contract: Contract, merchant_a: Merchant, account: Any, district_officer: User
) -> None:
    consume(contract, fen=36_000)
    data = {"court": "示范区法院", "number": "2", "amount_fen": 1, "starts_on": days(0), "until": next_pay_day()}
    prepaid.record_court_order(merchant_a.pk, data, by=who(district_officer))
    refused(WrongState, lambda: settle(merchant_a))
    from prepaid.settlements import pay_day

    assert settle(merchant_a, pay_day(next_pay_day())).amount_fen == 30_000
    assert Settlement.objects.count() == 1

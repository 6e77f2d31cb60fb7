"""Who must file, by when and why; what may be sold: the pure decisions, against the law of each region."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from core.calendar import published_calendar
from core.rule_packs import RuleValue, resolve, shipped_packs
from prepaid.filing_need import Facts, Need, decide
from prepaid.limits import Offer, Seller, check_offer

ON = date(2026, 9, 1)
FIRST = date(2026, 8, 20)
HAIR = Facts("RESIDENT_SERVICE", "ENTERPRISE", FIRST, balance_fen=30_000_00, receipts_fen=50_000_00, cards=20)


def exemptions(key: str, region: str) -> list[RuleValue]:
    """Every exemption that stands in a region, out of the shipped file."""
    codes = [region, region[:4], region[:2], "CN"]
    return [pack.rules[key] for pack in shipped_packs() if pack.region_code in codes and key in pack.rules]


def need(facts: Facts, region: str, on: date = ON) -> Need:
    figures = resolve(shipped_packs(), region, on)
    return decide(facts, figures, exemptions("filing.exempt_if", region), on, using=published_calendar())


def test_an_enterprise_files_within_thirty_days_of_its_first_sale() -> None:
    found = need(HAIR, "440305")
    assert (found.status, found.due_on) == ("REQUIRED", date(2026, 9, 19))
    assert any("第7条" in reason.basis for reason in found.reasons)


def test_sole_traders_and_other_trades_do_not() -> None:
    for other in (replace(HAIR, entity="INDIVIDUAL"), replace(HAIR, sector="SPORT"), replace(HAIR, sector="")):
        found = need(other, "440305")
        assert found.status == "NOT_REQUIRED" and any(reason.met is False for reason in found.reasons)


def test_nobody_files_before_the_first_sale() -> None:
    assert need(replace(HAIR, first_sale_on=None, balance_fen=0), "440305").status == "NOT_REQUIRED"


def test_hangzhou_exempts_full_escrow_and_only_full() -> None:
    assert need(HAIR, "330108001").status == "EXEMPT_ESCROW"
    found = need(replace(HAIR, unlocked_fen=1), "330108001")
    assert found.status == "REQUIRED" and found.due_on == date(2026, 9, 19)
    assert need(HAIR, "330203001").status == "REQUIRED", "Ningbo has no such exemption"


@pytest.mark.parametrize(("balance", "status"), [(499_999_99, "NOT_REQUIRED"), (500_000_00, "REQUIRED")])
def test_beijing_commerce_files_at_half_a_million(balance: int, status: str) -> None:
    found = need(replace(HAIR, balance_fen=balance), "110108")
    assert found.status == status
    if status == "REQUIRED":
        assert found.due_on == date(2026, 10, 1)


@pytest.mark.parametrize(
    ("receipts", "cards", "status"),
    [(100_000_00, 100, "NOT_REQUIRED"), (100_000_01, 1, "REQUIRED"), (1, 101, "REQUIRED")],
)
def test_beijing_transport_files_within_five_working_days(receipts: int, cards: int, status: str) -> None:
    bus = Facts("TRANSPORT", "INDIVIDUAL", FIRST, 1, receipts, cards)
    # After 24 September 2026: off on 25–27 (Mid-autumn) and 1–7 October, so 28, 29, 30, then 8 and 9.
    found = need(bus, "110108", date(2026, 9, 24))
    assert found.status == status
    assert found.due_on == (date(2026, 10, 9) if status == "REQUIRED" else None)


def test_a_due_day_does_not_move_from_day_to_day() -> None:
    crossed = replace(HAIR, balance_fen=500_000_00, since=date(2026, 8, 30))
    assert need(crossed, "110108").due_on == date(2026, 9, 29)


SOLE = Seller("INDIVIDUAL", "RESIDENT_SERVICE", date(2020, 1, 1), escrow_is_full=False)
FIRM = Seller("ENTERPRISE", "RESIDENT_SERVICE", date(2020, 1, 1), escrow_is_full=False)


def codes(offer: Offer, region: str) -> list[str]:
    found = check_offer(offer, resolve(shipped_packs(), region, offer.on), exemptions("cap.exempt_if", region))
    assert all(breach.basis and len(breach.advice) > 5 for breach in found)
    return [breach.code for breach in found]


@pytest.mark.parametrize(
    ("seller", "fen", "before", "broken"),
    [
        (FIRM, 500_000, 0, []), (FIRM, 500_001, 0, ["over_cap"]), (FIRM, 100_000, 400_001, ["over_cap"]),
        (SOLE, 200_000, 0, []), (SOLE, 200_001, 0, ["over_cap"]), (SOLE, 100_000, 100_001, ["over_cap"]),
    ],
)  # fmt: skip
def test_caps_of_zhejiang(seller: Seller, fen: int, before: int, broken: list[str]) -> None:
    offer = Offer(seller, ON, fen, card_fen=before, consumer_fen=before, by_instruction=False)
    assert codes(offer, "330203") == broken
    assert codes(replace(offer, by_instruction=True), "330203") == [], "浙江办法第10条第2款但书"
    full = replace(offer, seller=replace(seller, escrow_is_full=True))
    assert codes(full, "330203") == broken, "full escrow exempts in Hangzhou only"
    assert codes(full, "330108") == []


def test_the_ministrys_cap_is_for_enterprises_of_its_trades() -> None:
    assert codes(Offer(FIRM, ON, 500_001), "440305") == ["over_cap"]
    assert codes(Offer(SOLE, ON, 500_001), "440305") == []
    assert codes(Offer(replace(FIRM, sector="SPORT"), ON, 500_001), "440305") == []
    assert codes(Offer(FIRM, ON, 100_001, named=False), "440305") == ["over_cap"]


def test_zhejiang_waits_six_months_after_the_licence() -> None:
    young = replace(SOLE, licensed_on=date(2026, 3, 2))
    assert codes(Offer(young, date(2026, 9, 1), 1_00), "330203") == ["too_new"]
    assert codes(Offer(young, date(2026, 9, 2), 1_00), "330203") == []
    assert codes(Offer(young, date(2026, 9, 1), 1_00), "440305") == []


def test_names_transfers_and_terms() -> None:
    rich = replace(FIRM, sector="RETAIL", escrow_is_full=True)
    big = Offer(rich, ON, 1_000_000, name_known=False)
    assert codes(big, "330108") == ["name_needed"]
    assert codes(replace(big, price_fen=999_999), "330108") == []
    assert codes(Offer(rich, ON, 5_000_000, cash=True), "330108") == ["cash_refused"]
    assert codes(Offer(rich, ON, 500_000, cash=True, payer_is_entity=True), "330108") == ["cash_refused"]
    assert codes(Offer(rich, ON, 100_00, valid_days=365), "330108") == ["expires"]
    assert codes(Offer(rich, ON, 100_00, named=False, valid_days=1094), "330108") == ["expires"]
    assert codes(Offer(rich, ON, 100_00, named=False, valid_days=1095), "330108") == []


@pytest.mark.parametrize(
    ("sector", "licensed", "issuer", "limit"),
    [
        ("RETAIL", date(2020, 1, 1), "", 40_000_00), ("RESIDENT_SERVICE", date(2020, 1, 1), "", 100_000_00),
        ("RETAIL", date(2026, 1, 1), "", 20_000_00), ("RETAIL", date(2020, 1, 1), "GROUP", 30_000_00),
    ],
)  # fmt: skip
def test_the_whole_balance_is_capped_by_revenue_or_capital(
    sector: str, licensed: date, issuer: str, limit: int
) -> None:
    known = Seller("ENTERPRISE", sector, licensed, issuer, True, (), limit - 1_00, 100_000_00, 10_000_00)
    assert codes(Offer(known, ON, 1_00), "330108") == []
    assert codes(Offer(known, ON, 1_01), "330108") == ["over_balance"]
    assert codes(Offer(replace(known, revenue_fen=None, capital_fen=None), ON, 1_01), "330108") == []


def test_who_is_listed_may_not_issue_in_beijing() -> None:
    listed = replace(FIRM, listed=("abnormal_list",))
    assert codes(Offer(listed, ON, 1_00), "110108") == ["barred"]
    assert codes(Offer(listed, ON, 1_00), "330108") == []

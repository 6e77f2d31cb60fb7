"""What a shop earned and how many of those who looked bought: hand-computed figures, the page and the CSV."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Page

from core.actors import Actor
from core.calendar import business_date
from core.models import User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import Contract, CustodyAccount, OfferView, Plan
from prepaid.offer_figures import figures_of
from tests.api.caller import Caller, client_of
from tests.cast import open_contract, person
from tests.prepaid.scenes import consume, days

pytestmark = pytest.mark.django_db
FORTNIGHT = 14


def looked(merchant: Merchant, views: int, back: int) -> None:
    OfferView.objects.create(merchant=merchant, on=days(-back), views=views)


def test_money_by_date_and_the_rate_before_and_after_the_badge(
    plan: Plan, merchant_a: Merchant, merchant_b: Merchant, owner_a: User, district_officer: User
) -> None:
    today = business_date()
    for n in range(3):
        open_contract(plan, person(f"1390000030{n}", "顾客"), on=days(-10))
    card = open_contract(plan, person("13900000310", "顾客"), on=today)
    consume(card, 6_000)  # 60 of 3,600 face: 50.00 released
    looked(merchant_a, 12, 10)
    looked(merchant_a, 4, 0)
    looked(merchant_b, 99, 0)
    CustodyAccount.objects.create(
        merchant=merchant_a, custodian="示范银行", kind="TRUST", last4="0002", opened_on=days(-5),
        confirmed_by=district_officer,
    )  # fmt: skip
    found = figures_of(merchant_a, days(-FORTNIGHT), today)
    assert [(day.on, day.views, day.sold, day.paid_in_fen, day.released_fen) for day in found.days if day.is_busy] == [
        (today, 4, 1, 300_000, 5_000),
        (days(-10), 12, 3, 900_000, 0),
    ]
    assert found.before is not None and found.before.percent == "25.0%"  # 3 of 12
    assert (found.before.first, found.before.last) == (days(-10), days(-6))
    assert (found.after.percent, found.after.views) == ("25.0%", 4)
    assert (found.total.paid_in_fen, found.total.sold) == (1_200_000, 4)
    assert "没有允许提前支取" in found.early


def test_without_a_badge_or_views_nothing_is_made_up(merchant_a: Merchant) -> None:
    found = figures_of(merchant_a, days(-7), business_date())
    assert (found.before, found.after.percent, found.badge_on) == (None, "—", None)


def test_each_look_counts_once_and_says_nothing_about_the_reader(
    merchant_a: Merchant, owner_a: User, consumer: User, client: Client, signed_in: Callable[[User], Client]
) -> None:
    url = f"/shops/{merchant_a.public_code}/"
    for browser in (client, signed_in(consumer), signed_in(owner_a)):
        assert browser.get(url).status_code == 200
    row = OfferView.objects.get()
    assert (row.views, row.on) == (2, business_date())
    assert {field.name for field in OfferView._meta.fields} == {"id", "merchant", "on", "views"}
    prepaid.count_offer_view(merchant_a, by=Actor.of_user(consumer), on=business_date() + timedelta(days=1))
    assert OfferView.objects.count() == 2


def test_the_page_the_csv_and_their_queries(
    contract: Contract, plan: Plan, merchant_a: Merchant, owner_a: User, signed_in: Callable[[User], Client]
) -> None:
    browser, url = signed_in(owner_a), "/console/money/figures/"
    assert "¥3,000" in browser.get(url).content.decode().replace("<small>", "").replace("</small>", "")
    lines = b"".join(browser.get("/console/money/figures.csv?days=7").streaming_content).decode()  # type: ignore[attr-defined]
    assert len(lines.strip().splitlines()) == 8 and f"{business_date()},0,1,3000.00,0.00,0.00" in lines
    with CaptureQueriesContext(connection) as one:
        browser.get(url)
    for n in range(4):
        open_contract(plan, person(f"1390000040{n}", "顾客"), on=days(-n))
    with CaptureQueriesContext(connection) as more:
        browser.get(url + "?days=90")
    assert len(more) == len(one)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_page_looks_right(
    contract: Contract, merchant_a: Merchant, owner_a: User,
    page_at: Callable[..., Page], axe: Callable[[Page], list[str]], shot: Callable[[Page, str], Any],
) -> None:  # fmt: skip
    looked(merchant_a, 12, 10)
    for width, theme in ((360, "light"), (1280, "dark")):
        page = page_at(width, theme=theme, user=owner_a)
        page.goto("/console/money/figures/")
        assert axe(page) == []
        shot(page, f"figures-{width}")


def test_the_shops_own_system_reads_its_figures(
    contract: Contract, merchant_a: Merchant, merchant_b: Merchant, owner_b: User, district_officer: User
) -> None:
    path = f"/shop-figures/{merchant_a.public_code}"
    looked(merchant_a, 4, 0)
    consume(contract, 6_000)
    found = client_of(merchant_a).saw(path, days=2)
    assert [day["on"] for day in found["days"]] == [days(0).isoformat(), days(-1).isoformat()]
    assert (found["total"]["sold"], found["total"]["paid_in_yuan"], found["total"]["released_fen"]) == (
        1, "3,000.00", 5_000,
    )  # fmt: skip
    assert (found["badge_on"], found["before_badge"], found["after_badge"]["percent"]) == (None, None, "25.0%")
    assert "提前支取" in found["early_release"]
    assert len(Caller(district_officer).saw(path)["days"]) == 30
    for caller in (client_of(merchant_b), Caller(owner_b)):
        assert caller.get(path).status_code == 404
    for wrong in ("0", "367", "x", "-1", "9" * 30):
        assert client_of(merchant_a).get(path, days=wrong).status_code == 400
    assert Caller().get(path).status_code == 401

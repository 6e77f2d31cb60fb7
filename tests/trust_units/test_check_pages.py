"""The pages of checks as people see them: public draws, removals and the mark; console; admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Page

from core.actors import SYSTEM, Actor
from core.calendar import business_date
from core.models import User
from merchants.models import Merchant
from tests.cast import shop
from tests.trust_units.scenes import granted
from trust_units import actions as trust
from trust_units.models import Draw, FeedbackSlip, PlanShard, SpotCheck, TrustUnit, WeeklyPlan

SignIn = Callable[[User], Client]


def drawn(units: list[TrustUnit]) -> Draw:
    """Today's draw of all of them."""
    today = business_date()
    plan = WeeklyPlan.objects.create(monday=today, units=1, target=1, counties=1, basis="")
    PlanShard.objects.create(plan=plan, day=today, county_id="330199", quota=len(units))
    trust.publish_list(today, by=SYSTEM)
    draw = trust.draw_day(today, by=SYSTEM)
    for unit in units:
        SpotCheck.objects.create(
            mode="DRAW", day=today, draw=draw, unit=unit, merchant=unit.merchant, store=unit.store, region=unit.region
        )
    return draw


@pytest.fixture
def slip(merchant_a: Merchant, merchant_b: Merchant, district_officer: User) -> FeedbackSlip:
    """A finding at shop A; shop B was removed this morning."""
    draw = drawn([granted(merchant_a, stars=3), granted(merchant_b)])
    check = draw.checks.get(merchant=merchant_a)
    found = [{"code": "SITE", "text": "价目表没有更新，与收银价格不一致"}]
    trust.record_check(check.pk, "find", findings=found, by=Actor.of_user(district_officer))
    unit = TrustUnit.objects.get(merchant=merchant_b)
    trust.note_fact(unit.pk, "ABNORMAL_LIST", "listed:0", "列入经营异常名录：住所无法联系", by=SYSTEM)
    trust.remove_for_fact(unit.pk, "ABNORMAL_LIST", "列入经营异常名录：住所无法联系", by=SYSTEM)
    return FeedbackSlip.objects.get()


@pytest.mark.django_db
def test_the_shop_signs_and_appeals(slip: FeedbackSlip, owner_a: User, owner_b: User, signed_in: SignIn) -> None:
    client, other = signed_in(owner_a), signed_in(owner_b)
    assert "价目表没有更新" in client.get("/console/todo/").content.decode()
    page = f"/console/trust/slips/{slip.code}/"
    assert other.get(page).status_code == 404
    client.post(f"{page}acknowledge/", {"key": "k" * 12})
    assert "提交整改" in client.get(page).content.decode()
    assert client.post(f"{page}submit/", {"key": "k" * 13, "text": "改好了"}).status_code == 400
    assert client.get(f"/console/trust/plaque/{slip.unit.code}/").status_code == 200  # type: ignore[union-attr]
    removal = TrustUnit.objects.get(merchant__registered_by=owner_b).removals.get()
    page = f"/console/trust/removals/{removal.pk}/"
    assert client.get(page).status_code == 404
    other.post(f"{page}appeal/", {"key": "k" * 14, "text": "住所没有变，门牌号录错了"})
    removal.refresh_from_db()
    assert removal.status == "APPEALED"


@pytest.mark.django_db
def test_lists_ask_as_often_for_many(owner_a: User, district_officer: User, signed_in: SignIn) -> None:
    client = signed_in(district_officer)
    pages = ("/transparency/draws/", "/transparency/removals/", "/admin/trust_units/spotcheck/", "/api/v1/removals")
    draw = drawn([granted(shop("001", owner_a))])
    asked = []
    for turn in range(2):
        asked.append([])
        for url in (*pages, f"/transparency/draws/{draw.day}/"):
            client.get(url)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200
            asked[turn].append(len(queries))
        for n in range(3):
            unit = granted(shop(f"{turn}9{n}", owner_a))
            SpotCheck.objects.create(
                mode="DRAW", day=draw.day, draw=draw, unit=unit, merchant=unit.merchant, store=unit.store,
                region=unit.region,
            )  # fmt: skip
            trust.remove_for_fact(unit.pk, "CLOSED", "门店已停业", by=SYSTEM)
    assert asked[1] <= [n + 1 for n in asked[0]]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_pages_of_checks_look_right(
    slip: FeedbackSlip, owner_a: User, district_officer: User, page_at: Callable[..., Page],
    axe: Callable[[Page], list[str]], shot: Callable[[Page, str], Any],
) -> None:  # fmt: skip
    removed = TrustUnit.objects.get(status="REMOVED")
    pages = (
        (f"/transparency/draws/{business_date()}/", "draw", None),
        (f"/mark/{removed.code}/", "mark-removed", None),
        (f"/console/trust/slips/{slip.code}/", "shop-slip", owner_a),
        (f"/admin/trust_units/feedbackslip/{slip.pk}/change/", "slip", district_officer),
    )
    for width, theme in ((360, "light"), (1280, "dark")):
        for url, name, user in pages:
            page = page_at(width, theme=theme, user=user)
            page.goto(url)
            assert axe(page) == []
            shot(page, f"trust-{name}-{width}")

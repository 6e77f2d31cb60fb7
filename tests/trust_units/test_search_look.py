"""The search in a browser: small and light, wide and dark, with and without results, clean for axe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from merchants.models import Merchant
from tests.trust_units.scenes import granted
from tests.trust_units.test_search_found import entries
from trust_units.models import TrustUnit
from trust_units.search import finder, index
from trust_units.views import public_search

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_search_looks_right(
    page_at: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    shot: Callable[[Page, str], Path],
    merchant_a: Merchant,
) -> None:
    public_search._places = finder._common = None
    index.load(entries())
    unit = granted(merchant_a, stars=4)
    TrustUnit.objects.filter(pk=unit.pk).update(lng=120.131, lat=30.281)
    index.publish(TrustUnit.objects.get(pk=unit.pk))

    page = page_at(360)
    page.goto("/")
    page.get_by_label("查商家").fill("A造型")
    page.get_by_role("button", name="查一查").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("“A造型”找到 1 家")
    expect(page.locator("mark").first).to_have_text("A造型")
    assert axe(page) == []
    shot(page, "units-360")
    page.get_by_label("查商家").press_sequentially("x")
    page.get_by_label("查商家").fill("青禾")
    expect(page.locator("#suggestions a").first).to_be_visible()
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": 120.13, "latitude": 30.28})
    page.get_by_role("button", name="我附近").click()
    expect(page.get_by_role("link", name="我附近")).to_be_visible()
    page.context.clear_permissions()

    page = page_at(1280, theme="dark")
    page.goto("/units/?q=章云裁缝铺")
    expect(page.get_by_text("您是不是要找")).to_be_visible()
    assert axe(page) == []
    shot(page, "units-typo-1280")

"""The pages of a mall, of an heir and of guarantees in a real browser: narrow and light, wide and dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from core.models import User
from merchants import actions as merchants
from merchants.models import Mall, Merchant, Store
from prepaid import actions as prepaid
from prepaid.models import Contract
from tests.prepaid.scenes import days, who
from tests.prepaid.test_heirs import handed_in
from tests.prepaid.test_malls import let, mall, manager  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"


def test_pages_of_malls_heirs_and_guarantees(
    contract: Contract, merchant_b: Merchant, mall: Mall, manager: User, owner_a: User, consumer: User,  # noqa: F811
    district_officer: User, page_at: Callable[..., Page], axe: Callable[[Page], list[str]],
    shot: Callable[[Page, str], Path],
) -> None:  # fmt: skip
    store = let(contract.merchant, mall, manager)
    Store.objects.filter(pk=store.pk).update(lease_end=days(97))
    row = mall.measures.get(code="M01")
    merchants.submit_measure(row.pk, "逐户核验执照，附记录", by=who(manager))
    heir = User.objects.enrol("13900000088")
    claim = handed_in(contract.merchant, heir)
    prepaid.send_back_heir_claim(claim.pk, "身份证看不清，请重拍", by=who(district_officer))
    told = prepaid.report_lock_out(store.pk, "门锁着，贴了转让", by=who(consumer))
    pages = [
        ("mall-home", manager, reverse("prepaid:mall")),
        ("mall-tenant", manager, reverse("prepaid:mall_tenant", args=[store.pk])),
        ("mall-declare", manager, reverse("prepaid:mall_declare", args=[store.pk])),
        ("mall-measures", manager, reverse("prepaid:mall_measures")),
        ("mall-measure", manager, reverse("prepaid:mall_measure", args=["M02"])),
        ("mall-store", owner_a, reverse("merchants:store_mall", args=[store.pk])),
        ("lock-out", consumer, reverse("prepaid:shop_lock_out", args=[contract.merchant.public_code])),
        ("heir-new", heir, reverse("prepaid:heir_new", args=[contract.merchant.public_code])),
        ("heir-claim", heir, reverse("prepaid:heir_claim", args=[claim.code])),
        ("guarantees", owner_a, reverse("prepaid:guarantees")),
        ("mall-case", district_officer, reverse("admin:merchants_mall_change", args=[mall.pk])),
        ("lock-out-case", district_officer, reverse("admin:prepaid_lockoutreport_change", args=[told.pk])),
        ("heir-case", district_officer, reverse("admin:prepaid_heirclaim_change", args=[claim.pk])),
    ]
    opened: dict[tuple[int, User], Page] = {}
    for width, theme, shown in ((360, "light", pages), (1280, "dark", [pages[0], pages[1], pages[8], pages[10]])):
        for name, user, url in shown:
            if (width, user) not in opened:
                opened[width, user] = page_at(width, theme=theme, user=user)
            page = opened[width, user]
            answer = page.goto(url)
            assert answer is not None and answer.ok, name
            assert page.evaluate(TOO_WIDE) <= 0, (name, width)
            assert axe(page) == [], (name, width)
            shot(page, f"{name}-{width}")

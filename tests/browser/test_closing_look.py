"""The pages of a closing in a real browser: narrow and light, wide and dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from core.models import User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import ClosingNotice, Contract
from tests.prepaid.scenes import days, who
from tests.prepaid.test_closings import published, told

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"


def test_every_page_of_a_closing(
    contract: Contract,
    merchant_b: Merchant,
    owner_a: User,
    owner_b: User,
    consumer: User,
    district_officer: User,
    second_officer: User,
    page_at: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    shot: Callable[[Page, str], Path],
) -> None:
    notice = told(published(contract.merchant, 20, successor_id=merchant_b.pk))
    row = prepaid.propose_run_off(merchant_b.pk, "店门紧闭三天，电话停机", days(0), by=who(district_officer))
    run_off = prepaid.approve_run_off(row.pk, by=who(second_officer))
    pages = [
        ("closing-choose", consumer, reverse("prepaid:closing_choice", args=[contract.code])),
        ("closing-my", consumer, reverse("prepaid:my_prepaid")),
        ("closing-public", None, reverse("prepaid:closing", args=[notice.code])),
        ("closing-list", None, reverse("prepaid:closings")),
        ("closing-console", owner_a, reverse("prepaid:merchant_closing")),
        ("closing-declare", owner_b, reverse("prepaid:merchant_closing")),
        ("closing-case", district_officer, reverse("admin:prepaid_closingnotice_change", args=[notice.pk])),
        ("run-off-case", district_officer, reverse("admin:prepaid_runoff_change", args=[run_off.pk])),
    ]
    assert ClosingNotice.objects.count() == 2
    opened: dict[tuple[int, User | None], Page] = {}
    for width, theme, shown in ((360, "light", pages), (1280, "dark", [pages[0], pages[4], pages[6]])):
        for name, user, url in shown:
            if (width, user) not in opened:
                opened[width, user] = page_at(width, theme=theme, user=user)
            page = opened[width, user]
            answer = page.goto(url)
            assert answer is not None and answer.ok, name
            assert page.evaluate(TOO_WIDE) <= 0, (name, width)
            assert axe(page) == [], (name, width)
            shot(page, f"{name}-{width}")

"""The calculator, the printed sum and the shop's answers in a real browser, by phone and at a desk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from core.models import InterestRate, User
from prepaid import actions as prepaid
from prepaid.models import Contract
from tests.pages.admin_desk import act_url
from tests.prepaid.scenes import days, who
from tests.prepaid.test_refund_actions import old, want

__all__ = ["old"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"


@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (1280, "dark")])
def test_refunds_look_right(
    width: int, theme: str, page_at: Callable[..., Page], axe: Callable[[Page], list[str]],
    shot: Callable[[Page, str], Path], old: Contract, owner_a: User, consumer: User, city_chief: User,
) -> None:  # fmt: skip
    refund = want(old, "MERCHANT")
    gift = "?card=gift&paid=3000&gift=600&used=300&cause=MERCHANT"
    pages: list[tuple[User | None, str, str]] = [
        (None, "/calculator/", "empty"),
        (None, f"/calculator/{gift}&ended_on={days(-30)}", "gift"),
        (None, "/calculator/?card=count&paid=x&cause=CONSUMER", "errors"),
        (owner_a, reverse("prepaid:refund_refuse", args=[refund.code]), "refuse"),
        (owner_a, reverse("prepaid:refund_agree", args=[refund.code]), "agree"),
        (city_chief, reverse("admin:core_interestrate_changelist"), "rates"),
        (city_chief, act_url(InterestRate.objects.latest("pk"), "correct"), "rate"),
    ]
    after: list[tuple[User | None, str, str]] = [
        (owner_a, reverse("prepaid:merchant_refund", args=[refund.code]), "disputed-shop"),
        (consumer, reverse("prepaid:refund", args=[refund.code]), "disputed"),
        (consumer, reverse("prepaid:refund_statement", args=[refund.code]), "paper"),
    ]
    readers = (None, owner_a, city_chief, consumer)
    opened = {reader: page_at(width, theme=theme, user=reader) for reader in readers}
    for reader, url, name in pages:
        _look(opened[reader], url, f"refund-{name}-{width}", axe, shot)
    prepaid.refuse_refund(refund.pk, "有一次没有登记", undisputed_fen=200_000, by=who(owner_a))
    for reader, url, name in after:
        _look(opened[reader], url, f"refund-{name}-{width}", axe, shot)


def _look(page: Page, url: str, name: str, axe: Callable[[Page], list[str]], shot: Callable[[Page, str], Path]) -> None:
    page.goto(url)
    shot(page, name)
    assert axe(page) == [], name
    assert page.evaluate(TOO_WIDE) <= 0, name

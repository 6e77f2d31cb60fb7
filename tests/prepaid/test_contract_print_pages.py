"""The pages of contracts in a real browser: narrow and light, wide and dark, no violation of accessibility."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from core.calendar import business_date
from core.models import User
from merchants.models import Merchant
from prepaid import actions as prepaid
from tests.cast import make_plan, open_contract
from tests.prepaid.scenes import who


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_contract_pages_narrow_and_wide(
    live_server: LiveServer, merchant_a: Merchant, owner_a: User, consumer: User, second_consumer: User,
    page_at: Callable[..., Page], axe: Callable[[Page], list[str]], shot: Callable[[Page, str], Path],
) -> None:  # fmt: skip
    born = business_date().replace(year=business_date().year - 9, day=1)
    plan = make_plan(merchant_a, no_show_times=3, no_show_hours=4)
    for_child = prepaid.offer(
        plan.pk, merchant_a.stores.get().pk, consumer.phone, by=who(owner_a),
        child=prepaid.Child("林小雨", born, "PARENT"),
    )  # fmt: skip
    card = open_contract(plan, consumer)
    handover = prepaid.assign(card.pk, second_consumer.phone, by=who(consumer))
    bad = {
        "name": "年卡", "kind": "COUNT", "price_fen": 100_000, "times_paid": 10, "description": "洗剪吹",
        "refund_terms": "本卡售出概不退款", "extra_terms": "最终解释权归本店所有",
    }  # fmt: skip
    draft = prepaid.save_plan(merchant_a.pk, bad, by=who(owner_a))
    for width, theme in ((360, "light"), (1280, "dark")):
        pages = [
            (None, "/tools/clauses/", "clauses"),
            (consumer, f"/my/contracts/{for_child.code}/sign/", "guardian-sign"),
            (consumer, f"/my/contracts/{card.code}/terms/", "contract-print"),
            (second_consumer, f"/my/assignments/{handover.code}/", "assignment"),
            (owner_a, f"/console/plans/{draft.pk}/publish/", "plan-publish"),
            (owner_a, f"/console/contracts/{card.code}/", "console-contract"),
        ]
        opened: dict[int | None, Page] = {}
        for user, url, name in pages:
            key = user.pk if user else None
            page = opened.get(key) or page_at(width, theme=theme, user=user)
            opened[key] = page
            page.goto(url)
            if name == "clauses":
                page.fill("textarea", "本店概不退款，遗失不补，最终解释权归本店所有。")
                page.click("main button[type=submit]")
                assert page.locator("mark").count() == 3
            assert axe(page) == [], name
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            shot(page, f"{name}-{width}-{theme}")
    wide = opened[owner_a.pk]
    wide.goto(f"/console/plans/{draft.pk}/")
    wide.fill("#id_description", "过期作废")
    wide.locator("#clause-marks mark", has_text="过期作废").wait_for()

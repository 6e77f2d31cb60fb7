"""The pages of rules and filing as people see them: narrow and light, wide and dark."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from core import pack_actions
from core.actors import Actor
from core.calendar import business_date
from core.models import Role, User
from core.rule_packs import forget_rules
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid import filing_jobs
from prepaid.models import Filing, FilingReport
from tests.cast import make_plan, officer, open_contract, shop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (1280, "dark")])
def test_pages_of_rules_and_filing(
    page_at: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    shot: Callable[..., Any],
    width: int,
    theme: str,
    owner_a: User,
    consumer: User,
) -> None:
    forget_rules()
    firm = shop("A", owner_a, "330203001")
    Merchant.objects.filter(pk=firm.pk).update(kind=Merchant.Kind.ENTERPRISE)
    open_contract(make_plan(firm, price_fen=300_000), consumer)
    filing_jobs.filing_need(business_date(), 0)
    report = FilingReport.objects.create(
        merchant=firm, quarter_end=date(2026, 9, 30), due_on=date(2026, 11, 3), basis="试行办法 第31条"
    )
    chief = officer("13900000046", "高明", Role.PROVINCE, "33")
    draft = pack_actions.draft_version("CN-33.2017", date(2099, 1, 1), by=Actor.of_user(chief))
    pack_actions.set_rule(
        draft.pk, "cap.enterprise.named", "2000", basis="省办法修订 第10条", tag="P", by=Actor.of_user(chief)
    )
    keeper = officer("13900000047", "赵远", Role.COUNTY_REVIEWER_A, "3302")
    filing = Filing.objects.get(merchant=firm)
    boss = Actor.of_user(owner_a)
    prepaid.save_filing(
        firm.pk, {"issuer_class": "OTHER", "started_on": date(2026, 9, 1), "statement": "储值卡"}, by=boss
    )
    what_if = "?region=11&sector=RETAIL&entity=ENTERPRISE&balance_fen=600000&receipts_fen=&cards=&unlocked_fen="
    seen: dict[User | None, list[tuple[str, str]]] = {
        None: [("rules", "/rules/?region=3301"), ("shop", f"/shops/{firm.public_code}/")],
        owner_a: [
            ("console", "/console/filing/"),
            ("whatif", f"/console/filing/what-if/{what_if}"),
            ("report", f"/console/filing/reports/{report.pk}/"),
        ],
        keeper: [
            ("list", reverse("admin:prepaid_filing_changelist")),
            ("case", reverse("admin:prepaid_filing_change", args=[filing.pk])),
        ],
        chief: [
            ("backtest", reverse("admin:core_rulepack_backtest", args=[draft.pk])),
            ("setrule", reverse("admin:core_rulepack_act", args=[draft.pk, "set_rule"])),
        ],
    }
    for user, pages in seen.items():
        page = page_at(width, theme=theme, user=user)
        for name, address in pages:
            answer = page.goto(address)
            assert answer is not None and answer.status == 200, address
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} scrolls sideways"
            assert axe(page) == [], name
            shot(page, f"filing-{name}-{width}")

"""A complaint's pages in a real browser: the case page, the queue, the shop's inbox, the mediator's desk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from complaints import actions as complaints
from core.models import Membership, Role, User
from prepaid.models import Contract
from tests.cast import person
from tests.complaints.case_scenes import complaint_of, in_mediation
from tests.pages.admin_desk import act_url, change_url
from tests.prepaid.scenes import who

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"


@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (1280, "dark")])
def test_complaints_look_right(
    width: int, theme: str, page_at: Callable[..., Page], axe: Callable[[Page], list[str]],
    shot: Callable[[Page, str], Path], contract: Contract, owner_a: User, consumer: User, district_officer: User,
) -> None:  # fmt: skip
    now = timezone.now()
    case = in_mediation(
        complaint_of(contract.merchant, consumer, received=now, contract=contract), district_officer, now
    )
    mediator = person("13900000041", "方敏")
    Membership.objects.create(user=mediator, role=Role.MEDIATOR)
    row = complaints.propose_delegation(case.pk, "示范区人民调解委员会", mediator.pk, by=who(district_officer))
    for party in (consumer, owner_a):
        complaints.consent_to_delegation(row.pk, by=who(party))
    inbox, shop = reverse("complaints:shop_complaints"), reverse("complaints:shop_complaint", args=[case.code])
    pages: list[tuple[User, str, str]] = [
        (district_officer, reverse("admin:complaints_complaint_changelist"), "list"),
        (district_officer, change_url(case), "case"),
        (district_officer, act_url(case, "agree"), "agree"),
        (owner_a, inbox, "inbox"),
        (owner_a, shop, "shop"),
        (owner_a, f"{shop}malice/", "malice"),
        (mediator, reverse("complaints:mediator"), "desk"),
        (mediator, reverse("complaints:mediator_assignment", args=[row.pk]), "assignment"),
    ]
    opened = {reader: page_at(width, theme=theme, user=reader) for reader in (district_officer, owner_a, mediator)}
    for reader, url, name in pages:
        page = opened[reader]
        page.goto(url)
        shot(page, f"complaint-{name}-{width}")
        assert axe(page) == [], name
        assert page.evaluate(TOO_WIDE) <= 0, name

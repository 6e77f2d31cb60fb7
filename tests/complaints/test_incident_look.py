"""Incidents, claims and proactive tasks in a real browser: they fit the phone, read well and are clean."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from complaints import actions as complaints
from complaints.models import IncidentRepresentative, ProactiveTask
from core.actors import SYSTEM
from core.calendar import business_date
from core.models import User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.actions.run_offs import count_claims
from prepaid.models import Contract
from tests.cast import person
from tests.complaints.case_scenes import assigned, complaint_of
from tests.prepaid.scenes import days, who

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"


def test_every_page_fits_and_is_clean(
    merchant_a: Merchant, contract: Contract, consumer: User, district_officer: User, second_officer: User,
    city_chief: User, page_at: Callable[..., Page], axe: Callable[[Page], list[str]], shot: Callable[[Page, str], Path],
) -> None:  # fmt: skip
    by, received = who(district_officer), timezone.now() - timedelta(hours=40)
    victims = [consumer, *(person(f"1380000{n:04d}", f"受害{n}号") for n in range(5))]
    rows = [complaint_of(merchant_a, victim, received=received) for victim in victims]
    complaints.find_clusters(business_date(), by=SYSTEM)
    for row in rows[:4]:
        assigned(row, district_officer, received + timedelta(hours=2))
    run_off = prepaid.propose_run_off(merchant_a.pk, "店门紧闭三天，电话停机", days(-3), by=by)
    prepaid.approve_run_off(run_off.pk, by=who(second_officer))
    count_claims(run_off.pk)
    task = complaints.raise_task(ProactiveTask.objects.get().pk, city_chief.pk, "三天前关门，负责人联系不上", by=by)
    incident = task.incident
    assert incident is not None
    claims = [
        complaints.file_claim(incident.pk, card_name="健身年卡", claimed_fen=168_000, note="现金付的", by=who(one))
        for one in victims[:3]
    ]
    complaints.check_claim(claims[0].pk, 150_000, "收据原件和转账记录一致", by=by)
    named = complaints.stand_for_claimants(claims[1].pk, by=who(victims[1]))
    complaints.choose_representative(named.pk, claims[2].pk, by=who(victims[2]))
    complaints.confirm_representative(named.pk, by=by)
    complaints.note_progress(
        incident.pk, "已冻结专户，开始核对第一批债权", by=by, next_step="公布第一批核对结果", next_on=days(4)
    )
    assert IncidentRepresentative.objects.filter(status="ACTING").exists()
    admin, public = "/admin/complaints", f"/incidents/{incident.code}/"
    pages = {
        "public": (public, None),
        "claim-new": (f"{public}claim/", consumer),
        "claim": (f"/my/claims/{claims[0].code}/", consumer),
        "case": (f"{admin}/incident/{incident.pk}/change/", district_officer),
        "accept": (f"{admin}/incident/{incident.pk}/accept/", district_officer),
        "claim-case": (f"{admin}/incidentclaim/{claims[0].pk}/change/", district_officer),
        "task": (f"{admin}/proactivetask/{task.pk}/change/", district_officer),
    }
    for width, theme in ((360, "light"), (1280, "dark")):
        opened = {user: page_at(width, theme=theme, user=user) for user in (None, consumer, district_officer)}
        for name, (address, user) in pages.items():
            if width > 1000 and name not in ("public", "case"):
                continue
            page = opened[user]
            page.goto(address)
            assert page.evaluate(TOO_WIDE) <= 0, (name, width)
            assert axe(page) == [], (name, width)
            shot(page, f"incidents-{name}-{width}")

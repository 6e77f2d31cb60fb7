"""The yearly post-evaluation: points from the facts of the year, five batches, and what an officer lets follow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from core.actors import SYSTEM, Actor
from core.errors import Invalid, NotAllowed, NotFound, WrongState
from core.jobs import run_shard
from core.models import AuditEvent, User
from merchants.models import Merchant
from tests.trust_units.scenes import granted
from trust_units import actions as trust
from trust_units.models import FeedbackSlip, PostEvaluation, SpotCheck, SupervisionFact, TrustUnit

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 1)


def looked(unit: TrustUnit, outcome: str, *, covert: bool = False) -> SpotCheck:
    now = timezone.now()
    return SpotCheck.objects.create(
        mode="MYSTERY" if covert else "DRAW", status=outcome, day=date(2026, 6, 1), unit=unit, store=unit.store,
        merchant=unit.merchant, region=unit.region, checked_at=now, published_at=None if covert else now,
    )  # fmt: skip


def noted(unit: TrustUnit, kind: str, number: int, on: date = date(2026, 5, 1)) -> None:
    SupervisionFact.objects.create(unit=unit, kind=kind, source=f"test:{number}", text="已核实", happened_on=on)


def evaluated(unit: TrustUnit) -> PostEvaluation:
    run_shard("trust_units.post_evaluation", DAY, 0)
    return PostEvaluation.objects.get(unit=unit)


def test_points_follow_the_facts_of_the_year(merchant_a: Merchant, merchant_b: Merchant) -> None:
    """60 + 2×5 + 10 − 2×8 − 3 − 25 = 36 by hand; last year's facts and hidden covert checks do not count."""
    bad, good = granted(merchant_a, on=date(2025, 3, 1)), granted(merchant_b, on=date(2025, 3, 1), stars=2)
    for number in range(2):
        looked(bad, "PASS")
        noted(bad, "UPHELD_COMPLAINT", number)
    noted(bad, "PENALTY", 9, date(2025, 5, 1))
    looked(bad, "FINDING", covert=True)
    for state in ("CLOSED", "PROPOSED"):
        check = looked(bad, "FINDING")
        people = User.objects.order_by("pk")
        closed: dict[str, Any] = (
            {"evidence_at": timezone.now(), "verified_by": people[0], "closed_by": people[1]}
            if state == "CLOSED"
            else {}
        )
        FeedbackSlip.objects.create(spot_check=check, status=state, text="价目表", issued_on=check.day, **closed)
    for _ in range(9):
        looked(good, "PASS")
    row, other = evaluated(bad), PostEvaluation.objects.get(unit=good)
    assert (row.points, row.outcome) == (36, "ELIMINATE")
    assert [(code, n, points) for code, n, points in row.parts] == [
        ("START", 1, 60), ("PASSED", 2, 10), ("CUSTODY", 1, 10), ("UPHELD", 2, -16), ("CLOSED", 1, -3),
        ("OVERDUE", 1, -25),
    ]  # fmt: skip
    assert row.reasons[3] == ("投诉查实 2 件", -16)
    assert (other.points, other.outcome, other.stars) == (100, "UPGRADE", 3)
    assert trust.evaluate_year(2026, by=SYSTEM, on=DAY) == 0
    assert run_shard("trust_units.post_evaluation", date(2026, 11, 30), 0) == {"evaluated": 0}
    assert AuditEvent.objects.filter(verb="evaluation.propose").count() == 2


def test_each_batch_has_its_consequence(merchant_a: Merchant, merchant_b: Merchant, district_officer: User) -> None:
    by = Actor.of_user(district_officer)
    star, fresh = granted(merchant_a, stars=2, on=date(2025, 3, 1)), granted(merchant_b, on=date(2026, 3, 1))
    for _ in range(4):
        looked(star, "PASS")
    row, new = evaluated(star), PostEvaluation.objects.get(unit=fresh)
    assert (row.outcome, new.outcome) == ("UPGRADE", "NEW")
    trust.confirm_evaluation(row.pk, "全年表现很好", by=by)
    trust.confirm_evaluation(new.pk, "新入库，限期改进价目表", by=by, outcome="RECTIFY")
    star.refresh_from_db()
    fresh.refresh_from_db()
    assert (star.stars, star.valid_until) == (3, date(2027, 12, 31))
    assert (fresh.status, fresh.valid_until) == ("WARNING", date(2027, 12, 31))
    TrustUnit.objects.filter(pk=fresh.pk).update(valid_until=date(2026, 12, 31))
    trust.accept_rectified(new.pk, "价目表已经更新", by=by)
    fresh.refresh_from_db()
    assert (fresh.status, fresh.valid_until) == ("INCUBATION", date(2027, 12, 31))
    with pytest.raises(WrongState):
        trust.confirm_evaluation(row.pk, "再确认一次也不行", by=by)


def test_elimination_is_only_proposed_and_only_by_who_may(
    merchant_a: Merchant, owner_a: User, other_officer: User, district_officer: User
) -> None:
    unit = granted(merchant_a, on=date(2025, 3, 1))
    noted(unit, "PENALTY", 1)
    noted(unit, "PENALTY", 2)
    noted(unit, "UPHELD_COMPLAINT", 3)
    row = evaluated(unit)
    assert (row.points, row.outcome) == (22, "ELIMINATE")
    for stranger, refused in ((owner_a, NotAllowed), (other_officer, NotFound)):
        with pytest.raises(refused):
            trust.confirm_evaluation(row.pk, "不该由我确认", by=Actor.of_user(User.objects.get(pk=stranger.pk)))
    with pytest.raises(Invalid):
        trust.confirm_evaluation(row.pk, "归到哪里", by=Actor.of_user(district_officer), outcome="BEST")
    trust.confirm_evaluation(row.pk, "两次处罚，不宜保留", by=Actor.of_user(district_officer))
    unit.refresh_from_db()
    removal = unit.removals.get()
    assert (unit.status, removal.status, removal.ground) == ("WARNING", "PROPOSED", "后评价不合格")


def test_several_are_previewed_and_confirmed_together(
    merchant_a: Merchant,
    merchant_b: Merchant,
    owner_a: User,
    district_officer: User,
    signed_in: Callable[[User], Client],
    django_assert_max_num_queries: Any,
) -> None:
    first = granted(merchant_a, on=date(2026, 3, 1))
    granted(merchant_b, on=date(2026, 3, 1))
    evaluated(first)
    page, officer = "/admin/trust_units/postevaluation/several/", signed_in(district_officer)
    assert signed_in(owner_a).post(page, {}).status_code in (302, 403)
    officer.get(f"{page}?outcome=NEW")
    with django_assert_max_num_queries(16):
        listed = officer.get(f"{page}?outcome=NEW").content.decode()
    assert listed.count('name="pk"') == 2
    pks = list(PostEvaluation.objects.values_list("pk", flat=True))
    assert '共 <b class="num">2</b> 家' in officer.post(page, {"pk": pks}).content.decode()
    assert PostEvaluation.objects.filter(status="PROPOSED").count() == 2
    assert officer.post(page, {"pk": pks, "step": "confirm", "key": "k" * 12, "reason": "短"}).status_code == 400
    sent = {"pk": pks, "step": "confirm", "key": "k" * 12, "reason": "全年没有问题，同意续期"}
    assert officer.post(page, sent).status_code == 302
    assert officer.post(page, sent).status_code == 302
    assert officer.post(page, {**sent, "key": "m" * 12}).status_code == 409
    assert PostEvaluation.objects.filter(status="CONFIRMED").count() == 2
    assert set(TrustUnit.objects.values_list("valid_until", flat=True)) == {date(2027, 12, 31)}
    assert "2026 年后评价" in signed_in(owner_a).get("/console/trust/").content.decode()
    assert "基础分" in officer.get(f"/admin/trust_units/postevaluation/{pks[0]}/change/").content.decode()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_can_be_read_by_everybody(
    page_at: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    shot: Callable[[Page, str], Path],
    width: int,
    merchant_a: Merchant,
    district_officer: User,
) -> None:
    unit = granted(merchant_a, on=date(2026, 3, 1))
    row = evaluated(unit)
    officer = page_at(width, theme="light" if width == 360 else "dark", user=district_officer)
    base = "/admin/trust_units/postevaluation/"
    for address, name in (
        (f"{base}several/?outcome=NEW", "several"),
        (f"{base}{row.pk}/change/", "case"),
        (f"{base}{row.pk}/act/confirm/", "confirm"),
    ):
        officer.goto(address)
        assert axe(officer) == []
        shot(officer, f"evaluation_{name}_{width}")
    trust.count_coverage(by=SYSTEM, on=DAY)
    officer.goto("/admin/trust/board/")
    assert axe(officer) == []
    shot(officer, f"trust_board_{width}")
    officer.goto(f"{base}several/?outcome=NEW")
    officer.get_by_role("button", name="预览确认").click()
    assert axe(officer) == []
    shot(officer, f"evaluation_preview_{width}")

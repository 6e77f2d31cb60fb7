"""Nobody decides in a matter of their own, and the audit names in which role somebody acts."""

from datetime import date, timedelta

import pytest

from core.actors import Actor
from core.errors import NotAllowed
from core.models import AuditEvent, Delegation, Membership, Role, User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import Plan
from tests.cast import open_contract

pytestmark = pytest.mark.django_db


def test_an_officer_cannot_decide_about_their_own_card(plan: Plan, district_officer: User, owner_a: User) -> None:
    card = open_contract(plan, district_officer)
    visit = prepaid.request_visit(card.pk, card.store_id, "烫发", face_fen=6_000, by=Actor.of_user(owner_a))
    prepaid.dispute_visit(visit.pk, "没去", by=Actor.of_user(district_officer))
    with pytest.raises(NotAllowed):
        prepaid.reject_visit(visit.pk, "我说了算", by=Actor.of_user(district_officer))


def test_an_officer_who_works_for_the_shop_cannot_sign_its_freeze(
    merchant_a: Merchant, district_officer: User, second_officer: User
) -> None:
    freeze = prepaid.propose_freeze(merchant_a.pk, "店门已关三天", by=Actor.of_user(district_officer))
    Membership.objects.create(user=second_officer, role=Role.MERCHANT_STAFF, merchant_id=merchant_a.pk)
    with pytest.raises(NotAllowed):
        prepaid.approve_freeze(freeze.pk, by=Actor.of_user(second_officer))


def test_a_delegate_acts_and_the_audit_names_both(merchant_a: Merchant, second_officer: User, clerk_b: User) -> None:
    today = date.today()
    Delegation.objects.create(
        from_user=second_officer, to_user=clerk_b, reason="休假", valid_from=today, valid_to=today + timedelta(days=7)
    )
    prepaid.propose_freeze(merchant_a.pk, "店门已关三天", by=Actor.of_user(User.objects.get(pk=clerk_b.pk)))
    line = AuditEvent.objects.get(verb="freeze.propose")
    assert line.actor_id == clerk_b.pk
    assert f"COUNTY_REVIEWER_B←{second_officer.pk}" in line.acting_role

"""Two forms of one rule: what ``visible_to`` lists is exactly what the view permission allows, for the whole cast."""

from typing import Any

import pytest

from core.actors import SYSTEM, Actor
from core.models import User
from core.permissions import may
from merchants.models import Merchant
from prepaid.models import Contract
from tests.cast import make_plan, open_contract

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(
    consumer: User, second_consumer: User, owner_a: User, owner_b: User, clerk_a: User, clerk_b: User,
    district_officer: User, other_officer: User, city_chief: User, auditor: User, sysadmin: User,
) -> list[User]:  # fmt: skip
    return [
        consumer, second_consumer, owner_a, owner_b, clerk_a, clerk_b,
        district_officer, other_officer, city_chief, auditor, sysadmin,
    ]  # fmt: skip


def agrees(model: Any, permission: str, by: Actor) -> None:
    for row in model.objects.all():
        listed = model.objects.visible_to(by).filter(pk=row.pk).exists()
        assert listed == may(by, permission, row), (by, row)


def test_merchants(cast: list[User], merchant_a: Merchant, merchant_b: Merchant) -> None:
    for user in cast:
        agrees(Merchant, "merchants.view_merchant", Actor.of_user(User.objects.get(pk=user.pk)))
    agrees(Merchant, "merchants.view_merchant", SYSTEM)


def test_contracts(
    cast: list[User], merchant_a: Merchant, merchant_b: Merchant, consumer: User, second_consumer: User
) -> None:
    open_contract(make_plan(merchant_a), consumer)
    open_contract(make_plan(merchant_b), second_consumer)
    for user in cast:
        agrees(Contract, "prepaid.view_contract", Actor.of_user(User.objects.get(pk=user.pk)))
    agrees(Contract, "prepaid.view_contract", SYSTEM)

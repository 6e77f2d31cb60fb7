"""Cases in each state, as the regulators meet them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.actors import Actor
from core.models import User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import Contract, Freeze, Refund, Visit
from tests.cast import shop


@pytest.fixture
def disputed(contract: Contract, owner_a: User, consumer: User) -> Visit:
    """A dye of 300 that the consumer says was never done: 250 on hold."""
    store = contract.merchant.stores.get()
    visit = prepaid.request_visit(contract.pk, store.pk, "染发", by=Actor.of_user(owner_a), face_fen=30_000)
    return prepaid.dispute_visit(visit.pk, "我没有染发", by=Actor.of_user(consumer))


@pytest.fixture
def refused(contract: Contract, owner_a: User, consumer: User) -> Refund:
    """A refund the merchant does not agree to."""
    refund = prepaid.request_refund(contract.pk, "CONSUMER", by=Actor.of_user(consumer), reason="搬家")
    return prepaid.refuse_refund(refund.pk, "办卡时说好不退", by=Actor.of_user(owner_a))


@pytest.fixture
def proposed(contract: Contract, district_officer: User) -> Freeze:
    """A freeze of the whole merchant, waiting for the second officer."""
    return prepaid.propose_freeze(contract.merchant_id, "店门紧闭三天", by=Actor.of_user(district_officer))


@pytest.fixture
def waiting(owner_b: User) -> Merchant:
    """A registration handed in, without doubts."""
    merchant = shop("B", owner_b)
    Merchant.objects.filter(pk=merchant.pk).update(
        status=Merchant.Status.UNDER_REVIEW,
        submitted_at=timezone.now(),
        review_due_at=timezone.now() + timedelta(hours=3),
        review_clock="工作日上午提交，半个工作日到当天 17:30",
    )
    return Merchant.objects.get(pk=merchant.pk)

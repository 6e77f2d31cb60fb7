"""The main job in one go: money prepaid is locked, released as it is consumed, refunded, and never lost."""

import pytest

from core.actors import Actor
from core.models import User
from prepaid import actions as prepaid
from prepaid.models import Contract, Refund, Visit
from tests.cast import fresh

pytestmark = pytest.mark.django_db


def test_money_is_locked_when_paid(contract: Contract) -> None:
    assert contract.status == Contract.Status.ACTIVE
    assert (contract.paid_fen, contract.locked_fen, contract.released_fen) == (300_000, 300_000, 0)


def test_three_visits_confirmed_disputed_corrected(contract: Contract, consumer: User, owner_a: User) -> None:
    shop, guest = Actor.of_user(owner_a), Actor.of_user(consumer)
    first, second, third = (
        prepaid.request_visit(contract.pk, contract.store_id, "洗剪吹", face_fen=6_000, by=shop) for _ in range(3)
    )
    assert fresh(contract).held_fen == 15_000
    prepaid.confirm_visit(first.pk, by=guest)
    prepaid.dispute_visit(second.pk, "没去过", by=guest)
    third = prepaid.confirm_visit(third.pk, by=guest)
    assert (fresh(contract).released_fen, fresh(contract).held_fen) == (10_000, 5_000)
    prepaid.correct_visit(third.pk, "扣多了", face_fen=3_000, by=shop)
    now = fresh(contract)
    assert (now.released_fen, now.locked_fen, now.held_fen) == (7_500, 292_500, 5_000)
    assert Visit.objects.get(pk=third.pk).status == Visit.Status.CORRECTED


def test_refund_leaves_the_card_and_nothing_is_lost(contract: Contract, consumer: User, owner_a: User) -> None:
    shop, guest = Actor.of_user(owner_a), Actor.of_user(consumer)
    visit = prepaid.request_visit(contract.pk, contract.store_id, "烫发", face_fen=60_000, by=shop)
    prepaid.confirm_visit(visit.pk, by=guest)
    refund = prepaid.request_refund(contract.pk, Refund.Cause.CONSUMER, by=guest)
    assert refund.total_fen == 240_000
    prepaid.agree_refund(refund.pk, by=shop)
    now = fresh(contract)
    assert now.status == Contract.Status.REFUNDED
    assert (now.refunded_fen, now.locked_fen, now.released_fen) == (240_000, 0, 60_000)

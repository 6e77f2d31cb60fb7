"""The same key again gets the same answer, and the effect happens once."""

from __future__ import annotations

import pytest

from core.models import User
from prepaid.models import Contract, Visit
from tests.api.caller import Caller

pytestmark = pytest.mark.django_db
KEY = "till-7-receipt-0001"


def ask(contract: Contract, face_fen: int = 6_000) -> dict[str, object]:
    return {"contract": contract.code, "store": contract.store_id, "item": "洗剪吹", "face_fen": face_fen}


def test_the_same_key_answers_the_same_and_acts_once(contract: Contract, owner_a: User) -> None:
    shop = Caller(owner_a)
    first, second = (shop.post("/visits", ask(contract), key=KEY) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert Visit.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(contract: Contract, owner_a: User) -> None:
    shop = Caller(owner_a)
    shop.post("/visits", ask(contract), key=KEY)
    answer = shop.post("/visits", ask(contract, 7_000), key=KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert Visit.objects.count() == 1


def test_two_callers_may_use_the_same_key(contract: Contract, owner_a: User, clerk_a: User) -> None:
    for user in (owner_a, clerk_a):
        assert Caller(user).post("/visits", ask(contract), key=KEY).status_code == 201
    assert Visit.objects.count() == 2


def test_a_refused_request_does_not_burn_its_key(contract: Contract, owner_a: User) -> None:
    shop = Caller(owner_a)
    assert shop.post("/visits", ask(contract, 900_000), key=KEY).status_code == 409
    assert shop.post("/visits", ask(contract), key=KEY).status_code == 201


@pytest.mark.parametrize("key", [None, "short", "x" * 129, "with\ttab-and-more", "中文的幂等键也不行"])
def test_without_a_proper_key_nothing_is_done(contract: Contract, owner_a: User, key: str | None) -> None:
    answer = Caller(owner_a).post("/visits", ask(contract), key=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key")
    assert answer["Content-Type"] == "application/problem+json"
    assert Visit.objects.count() == 0

"""What keepers and officers see of jobs, promises and the trail; how many queries lists cost."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import AuditEvent, JobRun, OutboxEvent, User
from prepaid.models import Contract, Plan
from tests.api.caller import Caller
from tests.cast import open_contract, person

pytestmark = pytest.mark.django_db


def test_a_keeper_replays_a_dead_promise_and_others_see_none(sysadmin: User, auditor: User, owner_a: User) -> None:
    event = OutboxEvent.objects.create(
        topic="core.send_sms", key="k-1", state=OutboxEvent.State.DEAD, attempts=8, next_at=timezone.now()
    )
    JobRun.objects.create(job="prepaid.period_release", business_date="2026-03-01")
    keeper, looker = Caller(sysadmin), Caller(auditor)
    assert looker.saw("/outbox", state="DEAD")["results"][0]["key"] == "k-1"
    assert looker.post(f"/outbox/{event.pk}/replay").status_code == 403
    assert keeper.did(f"/outbox/{event.pk}/replay")["state"] == "NEW"
    assert keeper.post(f"/outbox/{event.pk}/replay").status_code == 409
    assert keeper.saw("/jobs", job="prepaid.period_release")["results"][0]["state"] == "NEW"
    assert Caller(owner_a).get("/jobs").status_code == Caller(owner_a).get("/outbox").status_code == 403


@pytest.mark.parametrize("asked", ["", "ghost:1", "freeze:x", "freeze:99999999999999999999", "plan:-1"])
def test_an_audit_trail_is_asked_of_one_object(auditor: User, asked: str) -> None:
    assert Caller(auditor).get("/audit", object=asked).status_code == 400


def test_the_trail_is_for_officers_of_the_place(
    contract: Contract, auditor: User, other_officer: User, consumer: User
) -> None:
    asked = f"contract:{contract.code}"
    trail = Caller(auditor).saw("/audit", object=asked)["results"]
    assert {line["verb"] for line in trail} >= {"contract.offer", "contract.sign", "contract.lock"}
    assert [line["seq"] for line in trail] == sorted((line["seq"] for line in trail), reverse=True)
    assert AuditEvent.objects.filter(object_type="prepaid.Contract").count() == len(trail)
    assert Caller(other_officer).get("/audit", object=asked).status_code == 404
    assert Caller(consumer).get("/audit", object=asked).status_code == 403


@pytest.mark.parametrize("path", ["/contracts", "/visits", "/refunds", "/plans", "/merchants", "/prices"])
def test_a_list_costs_the_same_queries_however_long(contract: Contract, owner_a: User, path: str, plan: Plan) -> None:
    shop = Caller(owner_a)

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            shop.saw(path)
        return len(seen)

    def use(card: Contract) -> None:
        ask = {"contract": card.code, "store": card.store_id, "item": "洗剪吹", "face_fen": 100}
        shop.did("/visits", ask)
        Caller(card.holder).did("/refunds", {"contract": card.code, "cause": "CONSUMER"})

    use(contract)
    first = cost()
    for number in range(3):
        use(open_contract(plan, person(f"1390000006{number}", "客人")))
    assert cost() == first <= 12

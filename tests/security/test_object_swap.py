"""Another shop's codes and numbers, in addresses and bodies, open nothing and change nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection

from tests.api.caller import PREFIX, Caller
from tests.security.routes import UNSAFE, Route, routes
from tests.security.samples import BODIES, QUERIES, address
from tests.security.world import Belongings, World

pytestmark = pytest.mark.django_db
TABLES = (
    "audit_event", "ledger_transfer", "ledger_hold", "core_outboxevent", "core_idempotencykey",
    "merchants_merchant", "merchants_store", "prepaid_plan", "prepaid_priceitem", "prepaid_contract",
    "prepaid_visit", "prepaid_refund", "prepaid_freeze", "prepaid_paymentorder", "prepaid_contractuser",
)  # fmt: skip
# Public view, and what belongs to no shop.
OPEN_TO_ALL = {
    "merchants", "plans", "prices", "outbox", "closings", "warnings", "complaint-records", "incidents", "units",
    "declarations-published", "draws", "removals", "marks",
}  # fmt: skip
# Anybody reports any shop that takes money beside the card, has a claim against one that closed, asks its mall.
OPEN_WRITES = {
    "POST /api/v1/heir-claims", "POST /api/v1/intakes", "POST /api/v1/private-payments",
    "POST /api/v1/incident-claims", "POST /api/v1/mall-tickets",
}  # fmt: skip
# They take a file in a form, not JSON.
WITH_FILE = ("/licence", "/documents", "/card-imports", "/bank-files", "/list-imports", "/evidence", "/flag-malice")
PARTIES_OF_A = ("consumer", "clerk_a", "owner_a", "client_a")


def state() -> list[tuple[Any, ...]]:
    """A fingerprint of everything that a write could touch."""
    found = []
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t")
            found.append((table, *cursor.fetchone()))
    return found


def unsafe_api() -> list[Route]:
    return [
        route
        for route in routes()
        if route.method in UNSAFE and route.path.startswith(PREFIX) and route.name not in OPEN_WRITES
    ]


def mixtures(route: Route, world: World) -> list[tuple[str, dict[str, Any]]]:
    """Shop A's call with each value that names an object taken from shop B, one at a time and all together."""
    own, foreign = (BODIES.get(route.name, lambda w, o: {})(world, o) for o in (world.a, world.b))
    here, there = address(route.path, world, world.a), address(route.path, world, world.b)
    named = [field for field in own if own[field] != foreign[field]]
    found = [(there, own), (there, foreign)] if here != there else []
    return found + [(here, own | {field: foreign[field]}) for field in named]


def test_foreign_objects_in_addresses_and_bodies_change_nothing(world: World) -> None:
    swapped = [(route, mixtures(route, world)) for route in unsafe_api()]
    before, wrong, tried = state(), [], 0
    for route, calls in swapped:
        for path, body in calls:
            for actor in PARTIES_OF_A:
                answer = world.callers[actor].send(route.method, path.removeprefix(PREFIX), body)
                tried += 1
                if answer.status_code not in (400, 403, 404, 409, 415):
                    wrong.append((route.name, actor, body, answer.status_code))
    assert wrong == []
    assert tried > 150
    assert [row for row in state() if row not in before] == []


def test_fields_nobody_may_set_are_refused(world: World) -> None:
    hidden = {
        "id": 1, "status": "ACTIVE", "merchant_id": world.b.merchant.pk, "amount_fen": 1, "paid_fen": 1,
        "is_staff": True, "approved_by": 1, "locked_fen": 0, "on": "2020-01-01", "by": "system",
    }  # fmt: skip
    before = state()
    for route in unsafe_api():
        if route.name.endswith(WITH_FILE):
            continue
        body = BODIES.get(route.name, lambda w, o: {})(world, world.a) | hidden
        for actor in ("owner_a", "consumer", "district_officer", "sysadmin"):
            path = address(route.path, world, world.a).removeprefix(PREFIX)
            answer = world.callers[actor].send(route.method, path, body)
            refused = {400, 403, 404}
            assert answer.status_code in ({*refused, 204} if route.method == "DELETE" else refused), route.name
            assert answer.status_code != 204 or actor == "owner_a"
    changed = [row[0] for row in state() if row not in before]
    assert set(changed) <= {"audit_event", "prepaid_priceitem"}, "only the price the owner dropped"


def test_lists_hold_nothing_of_another_shop(world: World) -> None:
    for path in ("/contracts", "/visits", "/refunds", "/freezes", "/registrations"):
        for actor, foreign in (
            ("owner_a", world.b),
            ("client_a", world.b),
            ("consumer", world.b),
            ("owner_b", world.a),
        ):
            text = json.dumps(world.callers[actor].saw(path, page_size=100), ensure_ascii=False)
            assert not [code for code in codes(foreign) if code in text], (path, actor)
            narrowed = world.callers[actor].saw(path, status="", page_size=100)
            assert len(narrowed["results"]) == len(json.loads(text)["results"])


def codes(own: Belongings) -> list[str]:
    return [
        own.merchant.public_code, own.contract.code, own.visit.code, own.refund.code, own.order.order_no,
        own.merchant.legal_name,
    ]  # fmt: skip


def test_filters_and_cursors_do_not_widen_what_is_seen(world: World) -> None:
    shop: Caller = world.callers["owner_a"]
    for query in (
        {"merchant": world.b.merchant.public_code},
        {"contract": world.b.contract.code},
        {"merchant__isnull": "1"},
        {"ordering": "holder__name_ct"},
        {"cursor": "cD05OTk5OTk="},
    ):
        for path in ("/contracts", "/visits", "/refunds"):
            answer = shop.get(path, **query)
            assert answer.status_code in (200, 400)
            assert not [code for code in codes(world.b) if code in answer.content.decode()]


def test_reads_of_foreign_objects_look_like_objects_that_do_not_exist(world: World) -> None:
    for route in routes():
        if route.method != "GET" or not route.path.startswith(PREFIX) or not route.holes:
            continue
        if route.path.split("/")[3] in OPEN_TO_ALL:
            continue
        query = QUERIES.get(route.name, lambda w, o: {})(world, world.b)
        there = world.callers["owner_a"].client.get(address(route.path, world, world.b), query)
        nowhere = world.callers["owner_a"].client.get(
            route.path.format_map(dict.fromkeys(route.holes, "0" * 16)), query
        )
        assert there.status_code == nowhere.status_code in (403, 404), route.name
        assert there.json()["code"] == nowhere.json()["code"]

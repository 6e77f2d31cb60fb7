"""Hostile values in every writable field of every operation: 4xx problem documents, never a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.api.caller import PREFIX
from tests.security.matrix import read_matrix
from tests.security.routes import UNSAFE, Route, routes
from tests.security.samples import BODIES, address
from tests.security.slate import Slate, known_callers
from tests.security.world import World, undone

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
# As raw JSON: some of it is not JSON that a library would write. The parser refuses these, whatever the field.
UNREADABLE = {
    "float": "1.5",
    "float that is whole": "100.0",
    "exponent": "1e2",
    "infinite": "1e400",
    "NaN": "NaN",
    "-Infinity": "-Infinity",
    "2^63": str(2**63),
    "5000 digits": "9" * 5000,
    "NUL": '"a\\u0000b"',
    "raw NUL": '"a\x00b"',
    "lone surrogate": '"\\ud800"',
    "more than 1 MB": '"' + "x" * 1_100_000 + '"',
    "10,000 deep": "[" * 10_000 + "]" * 10_000,
    "30 deep": "[" * 30 + "]" * 30,
    "the same key twice": '{"a": 1, "a": 1}',
}
# What is read before a field is looked at, and the largest text there is: one field of an operation shows it.
ONCE = {**UNREADABLE, "1 MB": '"' + "x" * 1_000_000 + '"'}
# Readable, and wrong in any field.
NEVER_RIGHT = {
    "negative": "-1",
    "100 kB": '"' + "x" * 100_000 + '"',
    "object": '{"a": 1}',
    "list of nothing": "[null]",
    "text for anything": '"\\u202e<script>alert(1)</script>\\u202e' + "长" * 600 + '"',
}
# Fields that take any text up to their length, and answer or store it as it is.
FREE_TEXT = {
    ("POST /api/v1/clauses/check", "text"), ("POST /api/v1/plans", "extra_terms"),
    ("POST /api/v1/intakes", "text"), ("POST /api/v1/intakes", "report_text"),
    ("POST /api/v1/complaints/{code}/answer", "reply"), ("POST /api/v1/shop-warnings/{code}/reply", "text"),
    ("POST /api/v1/interviews", "topics"), ("POST /api/v1/interviews/{code}/hold", "minutes"),
    ("POST /api/v1/mall-tickets", "text"), ("POST /api/v1/mall-tickets/{code}/respond", "response"),
    ("POST /api/v1/supervision-notices", "facts"),
}  # fmt: skip
SOMETIMES_RIGHT = {"0": "0", "true": "true", "null": "null", "blank": '"   "', "1": "1"}
ACTORS = {
    "holder": "consumer",
    "owner": "owner_a",
    "officer": "district_officer",
    "mall": "mall_manager",
    "city": "city_chief",
    "department": "department_officer",
}


@pytest.fixture(autouse=True)
def callers_known(world: World) -> Iterator[None]:
    with known_callers():
        yield


def operations() -> list[Route]:
    # What lets nobody of the cast through, as a second signature of somebody who is not on stage, reads no body.
    doors = read_matrix().rows
    wanted = [r for r in routes() if r.method in UNSAFE and r.path.startswith(PREFIX) and r.name in BODIES]
    return [r for r in wanted if any(doors[r.name].values())]


def who_may(world: World, route: Route, body: dict[str, Any]) -> str:
    """Somebody whom the operation lets as far as reading the body."""
    path = address(route.path, world, world.a).removeprefix(PREFIX)
    for actor in ACTORS.values():
        with undone():
            if world.callers[actor].send(route.method, path, body).status_code not in (403, 404):
                return actor
    raise AssertionError(f"nobody may {route.name}")


def raw(body: dict[str, Any], field: str, value: str) -> bytes:
    """The body with one field's value put in as it is."""
    parts = [f"{json.dumps(k)}: {value if k == field else json.dumps(v)}" for k, v in {**body, field: 0}.items()]
    return ("{" + ", ".join(parts) + "}").encode("utf-8", "surrogatepass")


@cache
def served_schema() -> dict[str, Any]:
    return json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))


def writable(route: Route) -> set[str]:
    """The fields of an operation, from the schema that is served."""
    schema = served_schema()
    operation = schema["paths"][_drawn(route.path, schema["paths"])][route.method.lower()]
    (content,) = operation["requestBody"]["content"].values()
    name = content["schema"]["$ref"].rpartition("/")[2]
    return set(schema["components"]["schemas"][name]["properties"])


def documented(route: Route) -> set[str]:
    """The names an address may be asked with; everything known where the schema does not have it yet."""
    schema = served_schema()
    if route.path not in schema["paths"]:
        return {"status", "merchant", "region", "page_size", "object", "state", "business_date", "parent", "cause"}
    asked = schema["paths"][route.path]["get"].get("parameters", [])
    return {one["name"] for one in asked if one["in"] == "query"}


def _drawn(path: str, known: dict[str, Any]) -> str:
    """The schema writes {id} where the router writes {pk}."""
    return path if path in known else path.replace("{pk}", "{id}")


def refused_well(answer: Any) -> bool:
    return 400 <= answer.status_code < 500 and answer["Content-Type"] == "application/problem+json"


def test_no_field_takes_a_hostile_value(world: World) -> None:
    wrong, tried = [], 0
    for route in operations():
        body = BODIES[route.name](world, world.a)
        path = address(route.path, world, world.a).removeprefix(PREFIX)
        caller, slate = world.callers[who_may(world, route, body)], Slate()
        fields = sorted(writable(route))
        for field in fields:
            once = ONCE if field == fields[0] else {}
            for name, value in {**NEVER_RIGHT, **SOMETIMES_RIGHT, **once}.items():
                tried += 1
                with slate.wiped():
                    answer = caller.send(route.method, path, raw(body, field, value))
                right = name in SOMETIMES_RIGHT or (name.startswith("text") and (route.name, field) in FREE_TEXT)
                if not (refused_well(answer) or (right and answer.status_code < 300)):
                    wrong.append((route.name, field, name, answer.status_code))
    assert wrong == []
    assert tried > 1000


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b'"text"', b"7", b"{", b'{"a": 1, "a": 1}', b"\xff\xfe", b"{'a': 1}", b'{"": 1}',
        b'{"reason": "x", "reason": "y"}', b'{"\\u0000": 1}', b'{"__proto__": {}}', b" " * 2_000_000,
    ],
)  # fmt: skip
def test_no_operation_takes_a_broken_body(world: World, body: bytes) -> None:
    for route in operations():
        path, slate = address(route.path, world, world.a).removeprefix(PREFIX), Slate()
        for actor in ACTORS.values():
            with slate.wiped():
                answer = world.callers[actor].send(route.method, path, body)
            # Without a body a PATCH changes nothing.
            assert refused_well(answer) or (not body and answer.status_code == 200), (route.name, actor)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_only_json_is_read(world: World, content_type: str) -> None:
    caller = world.callers["owner_a"].client
    answer = caller.generic(
        "POST", f"{PREFIX}/prices", b"a=b", content_type=content_type, headers={"Idempotency-Key": "form-0001"}
    )
    assert refused_well(answer)


@pytest.mark.parametrize("value", ["%00", "%ED%A0%80", "%FF", "a" * 5000, "-1", "1e9", "'; --", "\u202e"])
def test_queries_are_refused_or_find_nothing(world: World, value: str) -> None:
    for route in routes():
        if route.method != "GET" or not route.path.startswith(PREFIX) or route.holes:
            continue
        for name in sorted({"q", "cursor", *documented(route)}):
            answer = world.callers["auditor"].client.get(f"{route.path}?{name}={value}")
            assert answer.status_code == 200 or refused_well(answer), (route.name, name, answer.status_code)


def test_a_megabyte_of_text_stops_no_parser(world: World) -> None:
    # JSON has its megabyte in ONCE, for every operation.
    much = "长" * 330_000
    dispute = address("/my/visits/{code}/dispute/", world, world.a)
    with undone():
        answer = world.callers["consumer"].client.post(dispute, {"key": "k" * 20, "reason": much})
    assert answer.status_code == 400
    world.a.visit.refresh_from_db()
    assert world.a.visit.status == "REQUESTED"
    with undone():
        answer = world.callers["consumer"].client.post(dispute, {"key": "k" * 20, "reason": much * 2})
    assert answer.status_code in (400, 413)
    for path, actor in (("/shops/", "anonymous"), ("/admin/search/", "auditor"), (f"{PREFIX}/merchants", "auditor")):
        answer = world.callers[actor].client.get(path, {"q": "x" * 1_000_000})
        assert answer.status_code == 200 or 400 <= answer.status_code < 500, path

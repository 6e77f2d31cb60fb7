"""Every address × method × member of the cast × own and foreign objects, against access_matrix.yaml."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.http import HttpRequest, HttpResponse

from tests.api.caller import PREFIX
from tests.security.matrix import ALIKE, deviations, read_matrix
from tests.security.routes import Route, routes
from tests.security.slate import known_callers
from tests.security.world import World

pytestmark = pytest.mark.django_db


# Each kind of address is walked in so many parts, which two workers share.
PARTS = {"admin": 4, "pages": 4, "api reads": 2, "api writes": 2}


def kind(route: Route) -> str:
    """What is behind an address."""
    if route.path.startswith(PREFIX):
        return "api reads" if route.method == "GET" else "api writes"
    return "admin" if route.path.startswith("/admin/") else "pages"


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    matrix, addresses = read_matrix(), {route.name for route in routes()}
    assert sorted(addresses - set(matrix.rows)) == [], "add a row to tests/security/access_matrix.yaml"
    assert sorted(set(matrix.rows) - addresses) == [], "no such address any more: remove the row"
    assert matrix.twice == []


def test_strangers_and_officers_have_both_shops_or_none() -> None:
    rows = read_matrix().rows.values()
    assert {letters for row in rows for actor, letters in row.items() if actor in ALIKE} <= {"", "AB"}, (
        "these are called with shop A's objects only: tests/security/matrix.py ALIKE"
    )


@pytest.mark.parametrize(("which", "part"), [(which, n) for which, parts in PARTS.items() for n in range(parts)])
def test_everybody_gets_as_far_as_the_matrix_says(world: World, which: str, part: int) -> None:
    matrix = read_matrix()
    wanted = [route for route in routes() if kind(route) == which and route.name in matrix.rows]
    with known_callers():
        found = deviations(wanted[part :: PARTS[which]], matrix, world)
    assert found == [], "\n".join([f"{len(found)} deviations", *found[:60]])


def test_the_matrix_test_sees_a_door_left_open(world: World) -> None:
    matrix = read_matrix()
    route = next(route for route in routes() if route.name == "POST /api/v1/visits/{code}/confirm")
    assert deviations([route], matrix, world) == []
    lax = replace(matrix, rows={route.name: matrix.rows[route.name] | {"owner_a": "A"}})
    assert len(deviations([route], lax, world)) == 1
    strict = replace(matrix, rows={route.name: {"second_consumer": "B"}})
    assert len(deviations([route], strict, world)) == 1


def test_a_view_without_a_row_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def canary(request: HttpRequest) -> HttpResponse:
        return HttpResponse("open to all")

    kept = routes()
    monkeypatch.setitem(globals(), "routes", lambda: [*kept, Route("GET", "/canary/", canary)])
    with pytest.raises(AssertionError, match="canary"):
        test_every_address_has_a_row_and_every_row_an_address()

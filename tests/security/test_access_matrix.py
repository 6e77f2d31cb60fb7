"""Every address × method × member of the cast × own and foreign objects, against access_matrix.yaml."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.http import HttpRequest, HttpResponse

from tests.api.caller import PREFIX
from tests.security.matrix import deviations, read_matrix
from tests.security.routes import Route, routes
from tests.security.world import World, build

pytestmark = pytest.mark.django_db


def part(route: Route) -> str:
    """Which of the four runs an address belongs to."""
    if route.path.startswith(PREFIX):
        return "api reads" if route.method == "GET" else "api writes"
    return "admin" if route.path.startswith("/admin/") else "pages"


@pytest.fixture
def world() -> World:
    return build()


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    matrix, addresses = read_matrix(), {route.name for route in routes()}
    assert sorted(addresses - set(matrix.rows)) == [], "add a row to tests/security/access_matrix.yaml"
    assert sorted(set(matrix.rows) - addresses) == [], "no such address any more: remove the row"
    assert matrix.twice == []


@pytest.mark.parametrize("which", ["api reads", "api writes", "pages", "admin"])
def test_everybody_gets_as_far_as_the_matrix_says(world: World, which: str) -> None:
    matrix = read_matrix()
    wanted = [route for route in routes() if part(route) == which and route.name in matrix.rows]
    found = deviations(wanted, matrix, world)
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

"""A page elsewhere cannot make a signed-in person act: every unsafe address wants a token and our own Origin."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.test.client import MULTIPART_CONTENT

from tests.api.caller import PREFIX
from tests.security.routes import UNSAFE, Route, routes
from tests.security.samples import address
from tests.security.world import World, undone

pytestmark = pytest.mark.django_db
# They trust no session, so a session cannot be abused: a signature, and a client's own secret.
# Computes from what is sent, changes nothing and never looks at who calls.
HARMLESS = {"/api/v1/clauses/check"}
OWN_LOCK = {"/custodian/callback/", "/oauth/token/"}


def unsafe() -> list[Route]:
    return [route for route in routes() if route.method in UNSAFE and route.path not in OWN_LOCK | HARMLESS]


def filled(route: Route, world: World) -> str:
    """The address; where nothing is known about its holes, any value does: the token is asked for first."""
    try:
        return address(route.path, world, world.a)
    except KeyError:
        return route.path.format_map(dict.fromkeys(route.holes, 1))


@pytest.mark.parametrize("origin", [{}, {"Origin": "https://evil.example"}])
@pytest.mark.parametrize("who", ["owner", "officer"])
def test_without_a_token_or_from_elsewhere_nothing_is_done(world: World, origin: dict[str, str], who: str) -> None:
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    user = world.a.owner if who == "owner" else world.users["district_officer"]
    browser.force_login(user, backend="core.auth.PhoneBackend")
    if origin:
        browser.get("/sign-in/")
    token = browser.cookies["csrftoken"].value if "csrftoken" in browser.cookies else ""
    wrong = []
    for route in unsafe():
        files = ("/licence", "/documents", "/card-imports", "/bank-files", "/list-imports", "/evidence", "/flag-malice")
        api = route.path.startswith(PREFIX) and not route.path.endswith(files)
        headers = {**origin, "Idempotency-Key": "csrf-walk-0001"} | ({"X-CSRFToken": token} if token else {})
        with undone():
            answer: Any = browser.generic(
                route.method,
                filled(route, world),
                "{}" if api else "",
                content_type="application/json" if api else MULTIPART_CONTENT,
                headers=headers,
            )
        if answer.status_code not in (403, 405):
            wrong.append((route.name, answer.status_code))
    assert wrong == []


def test_only_two_addresses_are_exempt() -> None:
    exempt = {
        route.path
        for route in routes()
        if route.method in UNSAFE and getattr(route.view, "csrf_exempt", False) and not is_rest(route)
    }
    assert exempt == OWN_LOCK


def is_rest(route: Route) -> bool:
    """The REST framework exempts its views and asks itself when a session signs the caller in."""
    return hasattr(route.view, "cls")


def test_a_token_from_our_own_page_is_enough(world: World) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.a.owner, backend="core.auth.PhoneBackend")
    browser.get("/sign-in/")
    headers = {"X-CSRFToken": browser.cookies["csrftoken"].value, "Idempotency-Key": "csrf-walk-0002"}
    body = {"merchant": world.a.merchant.public_code, "name": "吹风", "price_fen": 2_000}
    answer = browser.post("/api/v1/prices", body, content_type="application/json", headers=headers)
    assert answer.status_code == 201

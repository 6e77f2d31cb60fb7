"""The access matrix as the tests use it: what is written on the page, and what really happens."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.shortcuts import resolve_url
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.api.caller import PREFIX, Caller
from tests.security.routes import Route
from tests.security.samples import BODIES, QUERIES, address
from tests.security.slate import Slate
from tests.security.world import Belongings, World, undone

PAGE = Path(__file__).with_name("access_matrix.yaml")
LET_THROUGH = {200, 201, 202, 204, 302, 303, 304, 409}
REFUSED = {401, 403, 404, 405}
# Strangers and officers see both shops alike, which lie in one street: shop B tells nothing more about them.
ALIKE = {"anonymous", "district_officer", "other_officer", "city_chief", "auditor", "sysadmin", "department_officer"}
# A form that is not filled in right was let through; so was the bank's or a client's own lock, which is no session.
FORM_FAULT = 400
# Addresses of the API that take a form with a file.
FILES = ("/licence", "/card-imports", "/documents", "/bank-files", "/list-imports", "/evidence", "/flag-malice")


@dataclass(frozen=True)
class Matrix:
    """Each address with the letters that let each of the cast through."""

    rows: dict[str, dict[str, str]]
    rule_of: dict[str, str]
    twice: list[str]

    def letters(self, route: Route, actor: str) -> str:
        """With whose objects ``actor`` is let through."""
        return self.rows[route.name].get(actor, "")


def read_matrix() -> Matrix:
    """The page. An address written twice is reported, not guessed."""
    page = yaml.safe_load(PAGE.read_text(encoding="utf-8"))
    named = [(name, rule) for rule, names in page["endpoints"].items() for name in names]
    named += [(name, rule) for model in page.get("admin", []) for name, rule in admin_rows(model, page["admin"][model])]
    counts = Counter(name for name, _ in named)
    rows = {name: _merged(page["groups"][group] for group in page["rules"][rule]) for name, rule in named}
    return Matrix(rows, dict(named), [name for name, times in counts.items() if times > 1])


def admin_rows(model: str, rules: dict[str, str]) -> Iterable[tuple[str, str]]:
    """The addresses that the admin site makes for one model, each with its rule; a method in front limits one."""
    for words, rule in rules.items():
        method, _, tail = words.rpartition(" ")
        every = ("GET", "POST", "PUT", "PATCH", "DELETE") if tail == "{object_id}/" else ("GET", "POST")
        yield from ((f"{one} /admin/{model}/{tail}", rule) for one in ([method] if method else every))


def _merged(groups: Iterable[dict[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for group in groups:
        for actor, letters in group.items():
            found[actor] = "".join(sorted(set(found.get(actor, "") + letters)))
    return found


@dataclass(frozen=True)
class Call:
    """One route with the objects of one shop in its address and body, ready for anybody to send."""

    route: Route
    path: str
    query: dict[str, str]
    body: Any
    content_type: str


def deviations(routes: Iterable[Route], matrix: Matrix, world: World) -> list[str]:
    """Every call whose outcome is not what the page says."""
    found = []
    for route in routes:
        for letter in "AB" if names_objects(route, world) else "A":
            # What a sample makes for its address or body stands while everybody calls.
            with undone():
                call, slate = prepared(route, world, world.of(letter)), Slate()
                for actor, caller in world.callers.items():
                    if letter == "B" and actor in ALIKE:
                        continue
                    with slate.wiped():
                        answer = sent(caller, call)
                    expected = letter in matrix.letters(route, actor)
                    outcome = let_through(route, answer, matrix.rule_of[route.name])
                    if outcome is not expected:
                        wanted = "let through" if expected else "refused"
                        text = answer.content[:160].decode(errors="replace") if answer.status_code == FORM_FAULT else ""
                        found.append(
                            f"{route.name} as {actor} with {letter}'s objects: {answer.status_code},"
                            f" wanted {wanted} {text}"
                        )
    return found


def names_objects(route: Route, world: World) -> bool:
    """Whether the call differs for the two shops."""
    if route.name in BODIES or route.name in QUERIES:
        return True
    with undone():
        one, other = (address(route.path, world, own) for own in (world.a, world.b))
    return one != other


def let_through(route: Route, answer: Any, rule: str) -> bool | None:
    """Whether the caller got past the door; None when the answer does not tell."""
    status = answer.status_code
    if status in (302, 303) and _sent_away(route, answer["Location"]):
        return False
    if status == FORM_FAULT:
        return None if route.path.startswith(PREFIX) else rule != "nobody"
    return True if status in LET_THROUGH else False if status in REFUSED else None


def _sent_away(route: Route, location: str) -> bool:
    """To signing in or proving oneself; out of the console into registering a shop; off a case to the index."""
    if location.startswith((resolve_url(settings.LOGIN_URL), "/admin/login/", "/my/prove/")):
        return True
    return (route.path.startswith("/console/") and location == "/join/") or (
        route.path.startswith("/admin/") and route.path != "/admin/login/" and location == "/admin/"
    )


def prepared(route: Route, world: World, own: Belongings) -> Call:
    """The call, put together once for all who send it."""
    path = address(route.path, world, own)
    if route.method == "GET":
        return Call(route, path, QUERIES.get(route.name, lambda w, o: {})(world, own), None, "")
    fields = BODIES.get(route.name, lambda w, o: {})(world, own)
    files = ("/licence", "/card-imports", "/documents", "/bank-files", "/list-imports", "/evidence", "/flag-malice")
    if route.name.endswith(files):
        fields = {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.4 licence", "application/pdf"), **fields}
    elif path.startswith(PREFIX):
        return Call(route, path, {}, fields, "application/json")
    else:
        fields = {"key": str(uuid.uuid4()), **fields}
    return Call(route, path, {}, encode_multipart(BOUNDARY, fields), MULTIPART_CONTENT)


def sent(caller: Caller, call: Call) -> Any:
    """The answer to one call, whose cookies are not kept."""
    cookies = dict(caller.client.cookies)
    try:
        if call.route.method == "GET":
            return caller.client.get(call.path, call.query)
        if call.content_type == MULTIPART_CONTENT:
            key = {"Idempotency-Key": uuid.uuid4().hex}
            return caller.client.generic(
                call.route.method, call.path, call.body, content_type=call.content_type, headers=key
            )
        return caller.send(call.route.method, call.path.removeprefix(PREFIX), call.body)
    finally:
        caller.client.cookies = SimpleCookie()
        caller.client.cookies.update(cookies)

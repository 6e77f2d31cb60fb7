"""Every class of answer carries the headers that keep a browser from harm."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from core.models import User
from prepaid.models import Contract
from tests.api.caller import Caller

pytestmark = pytest.mark.django_db
POLICY = (
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'", "base-uri 'none'",
    "frame-ancestors 'none'", "object-src 'none'",
)  # fmt: skip


def guarded(answer: Any) -> None:
    framed(answer)
    assert "camera=(self)" in answer["Permissions-Policy"]
    assert len(answer["X-Request-ID"]) == 32


def framed(answer: Any) -> None:
    policy = answer["Content-Security-Policy"]
    assert all(part in policy for part in POLICY), policy
    assert "unsafe" not in policy and "*" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200), ("/sign-in/", 200), ("/nothing-here/", 404), ("/api/docs/", 200), ("/api/docs/?script=", 200),
        ("/api/schema/", 200), ("/api/v1/overview", 200), ("/api/v1/contracts", 401), ("/api/v1/nothing", 404),
        ("/after-sign-in/", 302), ("/admin/", 302), ("/custodian/callback/", 405), ("/healthz", 200),
    ],
)  # fmt: skip
def test_every_class_of_answer_is_guarded(path: str, status: int) -> None:
    answer = Client().get(path)
    assert answer.status_code == status
    guarded(answer)


@pytest.mark.parametrize("path", ["/?a=%00", "/api/v1/overview?a=%00"])
def test_what_is_refused_at_the_door_is_guarded(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 400
    guarded(answer)


def test_refusals_and_crashes_are_guarded_too(contract: Contract, owner_a: User, monkeypatch: Any) -> None:
    shop = Caller(owner_a)
    guarded(shop.get(f"/contracts/{contract.code}"))
    guarded(shop.post("/contracts", {}))
    guarded(shop.get("/jobs"))
    guarded(Client(enforce_csrf_checks=True).post("/sign-in/", {}))
    guarded(shop.client.post("/oauth/token/", {}))
    monkeypatch.setattr("portal.reports.overview", lambda: 1 / 0)
    crash = Client(raise_request_exception=False)
    page, answer = crash.get("/"), crash.get("/api/v1/overview")
    guarded(page)
    guarded(answer)
    assert (page.status_code, answer.status_code) == (500, 500)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer["X-Request-ID"]
    assert "ZeroDivision" not in answer.content.decode() + page.content.decode()


def test_answers_for_one_caller_are_kept_by_nobody(contract: Contract, owner_a: User) -> None:
    for path in ("/contracts", f"/contracts/{contract.code}", f"/contracts/{contract.code}/statement"):
        assert Caller(owner_a).get(path)["Cache-Control"] == "private, no-store"
    assert Caller().get("/contracts")["Cache-Control"] == "private, no-store"

"""Unsafe API calls that carry an Idempotency-Key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from core.actors import Actor
from core.idempotency import checked_key, fingerprint, once


def principal_of(by: Actor) -> str:
    """Whose keys these are: two callers may use the same key."""
    return f"{by.kind.name}:{by.id}"


def answer_once(
    request: Request,
    work: Callable[[Actor], Any],
    read: Callable[[Any], Any],
    *,
    status: int = 201,
    body: Any = None,
) -> Response:
    """Run ``work(by) -> id`` once for this key, then answer with ``read(id)``.

    A repeat reads the object again, so nothing personal is stored with the key; it says
    ``Idempotent-Replayed: true``. ``body`` stands for what was sent where that is a file.
    """
    by = Actor.of(request)
    key = checked_key(request.headers.get("Idempotency-Key"))
    print_ = fingerprint(str(request.method), request.path, request.data if body is None else body)
    outcome = once(principal_of(by), key, print_, lambda: (status, work(by)))
    response = Response(read(outcome.reference), status=outcome.status)
    if outcome.replayed:
        response["Idempotent-Replayed"] = "true"
    return response

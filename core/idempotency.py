"""HTTP idempotency keys: the same key again gets the same answer, and the effect happens once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from core.errors import Busy, Invalid, KeyReused
from core.models import IdempotencyKey
from core.transactions import durably

KEEP_DAYS = 400


@dataclass(frozen=True)
class Outcome:
    """What came of a request: the status, where to read the object again, and whether it is a repeat."""

    status: int
    reference: Any
    replayed: bool


def fingerprint(method: str, path: str, body: Any) -> str:
    """A hash of what was asked, whatever the order of its fields."""
    text = json.dumps([method, path, body], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def checked_key(key: str | None) -> str:
    """The key, if it can be one. Raises Invalid."""
    if not key or not 8 <= len(key) <= 128 or not key.isascii() or not key.isprintable():
        raise Invalid(
            "请求头 Idempotency-Key 要有 8 到 128 个可见字符，同一笔业务重试时用同一个值",
            code="idempotency_key",
        )
    return key


def once(principal: str, key: str, print_: str, work: Callable[[], tuple[int, Any]]) -> Outcome:
    """Run ``work`` in a durable transaction together with its key; a repeat returns the first outcome.

    ``work`` returns (status, reference). Raises KeyReused for another body, Busy while the first still runs,
    and whatever ``work`` raises (then the key is not burnt: nothing was done).
    """

    def attempt() -> Outcome:
        # The unique index makes a concurrent repeat wait here until the first commits (lock_timeout: Busy).
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO core_idempotencykey (principal, key, fingerprint, created_at)"
                " VALUES (%s, %s, %s, now()) ON CONFLICT DO NOTHING",
                [principal, key, print_],
            )
            fresh = cursor.rowcount == 1
        if not fresh:
            return _repeat(principal, key, print_)
        status, reference = work()
        IdempotencyKey.objects.filter(principal=principal, key=key).update(status=status, reference=reference)
        return Outcome(status, reference, replayed=False)

    return durably(attempt)


def _repeat(principal: str, key: str, print_: str) -> Outcome:
    """The stored outcome of an earlier request with this key."""
    first = IdempotencyKey.objects.filter(principal=principal, key=key).first()
    if first is None or first.status is None:
        raise Busy
    if first.fingerprint != print_:
        raise KeyReused
    return Outcome(first.status, first.reference, replayed=True)

"""Thousands of calls in one transaction: each is wiped away before the next, and who calls is looked up once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from functools import lru_cache
from typing import Any
from unittest import mock

from django.conf import settings
from django.contrib import auth
from django.db import connection
from django.http import HttpRequest
from django.urls import get_resolver


class Slate:
    """One savepoint for many calls, gone back to after each that reached the database, inside a test's transaction."""

    def __init__(self) -> None:
        self.point, self.touched = connection.savepoint(), False

    @contextmanager
    def wiped(self) -> Iterator[None]:
        """Whatever happens inside has not happened afterwards."""
        promised, self.touched = list(connection.run_on_commit), False
        try:
            with connection.execute_wrapper(self._watch):
                yield
        finally:
            if self.touched:
                connection.needs_rollback = False
                connection.savepoint_rollback(self.point)
            connection.run_on_commit = promised

    def _watch(self, execute: Callable[..., Any], *statement: Any) -> Any:
        self.touched = True
        return execute(*statement)


@contextmanager
def known_callers() -> Iterator[None]:
    """Whose session it is, what this person may do, and which view an address leads to: found once and kept.

    Nothing that a call does inside lasts, so it stays true; each call gets a user of its own that it may change.
    """
    look_up, known, resolver = auth.get_user, {}, get_resolver()

    def remembered(request: HttpRequest) -> Any:
        session = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if session is None:
            return look_up(request)
        if session not in known:
            known[session] = look_up(request)
            if known[session].is_authenticated:
                _ = known[session].access
        return copy(known[session])

    with (
        mock.patch.object(auth, "get_user", remembered),
        mock.patch.object(resolver, "resolve", lru_cache(256)(resolver.resolve)),
    ):
        yield

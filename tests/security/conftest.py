"""Two shops built once a module, callers of the API, and no limit on how often they call."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings

from tests.security.world import World, build, undone

# Tests call more often than people; the limit has a test of its own. The bank takes every order.
UNHURRIED = {"API_RATES": {"anon": 0, "token": 0}, "CUSTODIAN_BACKEND": "tests.api.bank.QuietBank"}


@pytest.fixture(autouse=True)
def unhurried(settings: Any) -> None:
    """No limits and a quiet bank, for each test."""
    for name, value in UNHURRIED.items():
        setattr(settings, name, value)


@pytest.fixture(scope="module")
def standing_world(django_db_setup: object, django_db_blocker: Any) -> Iterator[World]:
    """Made once: the transaction of each test of the module hangs in the one that holds it."""
    with django_db_blocker.unblock(), override_settings(**UNHURRIED), undone():
        yield build()


@pytest.fixture
def world(standing_world: World, db: None) -> World:
    """Two shops and everybody who might call; what a test does to them, it does to a copy."""
    return copy.deepcopy(standing_world)

"""Callers of the API, and no limit on how often they call."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def unhurried(settings: Any) -> None:
    """Tests call more often than people; the limit has a test of its own. The bank takes every order."""
    settings.API_RATES = {"anon": 0, "token": 0}
    settings.CUSTODIAN_BACKEND = "tests.api.bank.QuietBank"

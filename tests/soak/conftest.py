"""``./run soak [--seed N] [--minutes M]``: the same seed makes the same plan of faults."""

import pytest

from tests.chaos.conftest import stage

__all__ = ["stage"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, default=1, help="which plan of faults")
    parser.addoption("--minutes", type=float, default=5, help="how long the faults last")

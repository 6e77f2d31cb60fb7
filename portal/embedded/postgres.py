"""The embedded PostgreSQL: made, started, and found again after any kind of end."""

import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

import psycopg2

from portal.embedded import roles
from portal.embedded.home import Home
from portal.embedded.processes import Refusal, end, kill, spawn, wait_until, working_in

DATABASE = "yfs"
START_SECONDS = 120
ORPHAN_SECONDS = 60

SETTINGS: Mapping[str, str | int] = {
    "listen_addresses": "''",
    "port": 5432,
    "unix_socket_permissions": "0700",
    "password_encryption": "'scram-sha-256'",
    "shared_buffers": "256MB",
    "max_wal_size": "1GB",
    # An acknowledged payment must survive a power cut.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    # A standby follows in a fifth of a second instead of five.
    "wal_retrieve_retry_interval": "200ms",
    "jit": "off",
    "random_page_cost": "1.1",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "lc_messages": "'C'",
    "default_text_search_config": "'pg_catalog.simple'",
    "log_line_prefix": "'%m [%p] '",
    # Statements and their parameters may hold personal data, so errors are logged without them.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class Cluster:
    """One PostgreSQL cluster of a home, reached through a Unix socket with scram passwords."""

    def __init__(
        self,
        home: Home,
        passwords: Mapping[str, str],
        log: Path,
        *,
        name: str = "pgdata",
        max_connections: int = 100,
    ) -> None:
        self.home = home
        self.passwords = passwords
        self.log = log
        self.pgdata = home.place / name
        self.max_connections = max_connections
        # Two clusters of one home share neither socket nor lock file.
        self.sockets = home.sockets if name == "pgdata" else home.give(_made(home.sockets / name))
        self.bin = home.postgres_bin()
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, role: str = "yfs_app", database: str = DATABASE) -> str:
        """A URL that libpq and django-environ both read; passwords are percent-encoded."""
        password = quote(self.passwords[role], safe="")
        return f"postgres://{role}:{password}@/{database}?host={quote(str(self.sockets), safe='/')}"

    def exists(self) -> bool:
        """Whether the cluster has been made."""
        return (self.pgdata / "PG_VERSION").exists()

    def make(self, stopping: Callable[[], bool] = lambda: False) -> None:
        """Run initdb beside the final place and rename, so that half a cluster is never started."""
        made = self.home.place / f"{self.pgdata.name}.new"
        shutil.rmtree(made, ignore_errors=True)
        password_file = self.home.place / f"{self.pgdata.name}.password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.passwords[roles.SUPER])
        self.home.give(password_file)
        made.mkdir()
        self.home.give(made)
        command: list[str | Path] = [self.bin / "initdb", "-D", made, "-U", roles.SUPER, f"--pwfile={password_file}"]
        command += ["-A", "scram-sha-256", "--encoding=utf8", "--locale=C", "--locale-provider=builtin"]
        command += ["--builtin-locale=C.UTF-8", "--no-instructions"]
        process = spawn(command, log=self.log, cwd=made, uid_gid=self.home.uid_gid)
        try:
            wait_until(lambda: process.poll() is not None, START_SECONDS, stopping=stopping, step=0.01)
        finally:
            end(process, using=signal.SIGKILL, grace=lambda: 5)
            password_file.unlink(missing_ok=True)
        if process.returncode:
            raise Refusal(f"initdb 没有成功，原因见 {self.log}")
        made.rename(self.pgdata)

    def _configure(self) -> None:
        settings = dict(SETTINGS)
        settings["unix_socket_directories"] = f"'{self.sockets}'"
        settings["max_connections"] = self.max_connections
        path = self.pgdata / "postgresql.conf"
        path.write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
        self.home.give(path)

    def clear_remains(self, stopping: Callable[[], bool] = lambda: False) -> None:
        """End what a killed launcher left running in the cluster and remove its lock files.

        The pid in a lock file proves nothing: it may be a zombie or, after a reboot, somebody else's process.
        A server and its backends work in the data directory, so that is what is asked.
        """
        asked = self.pgdata.resolve()
        kill(iter([pid for pid in working_in(asked) if pid == self._recorded_pid()]), signal.SIGINT)
        if not wait_until(lambda: not any(working_in(asked)), ORPHAN_SECONDS, stopping=stopping):
            kill(working_in(asked))
            wait_until(lambda: not any(working_in(asked)), 10, stopping=stopping)
        (self.pgdata / "postmaster.pid").unlink(missing_ok=True)
        for left in self.sockets.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)

    def _recorded_pid(self) -> int | None:
        try:
            return int((self.pgdata / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the postmaster as our child; when we are killed the kernel asks it for a fast shutdown."""
        self.process = spawn(
            [self.bin / "postgres", "-D", self.pgdata],
            log=self.log,
            cwd=self.home.sockets,
            uid_gid=self.home.uid_gid,
            on_parent_death=signal.SIGINT,
        )
        return self.process

    def respawn(self) -> subprocess.Popen[bytes]:
        """Start again after a crash, once the last backend of the dead server is gone."""
        self.clear_remains()
        return self.spawn()

    def answers(self) -> bool:
        """Whether the server lets the superuser in."""
        try:
            psycopg2.connect(self.url(roles.SUPER, "postgres"), connect_timeout=3).close()
        except psycopg2.OperationalError:
            return False
        return True

    def start(self, stopping: Callable[[], bool] = lambda: False) -> subprocess.Popen[bytes]:
        """Make the cluster when needed, start it, wait until it answers and see to its roles.

        Raises Refusal when the server ends or does not answer within 120 seconds; crash recovery takes time.
        """
        if not self.exists():
            self.make(stopping)
        self.clear_remains(stopping)
        self._configure()
        process = self.spawn()
        settled = lambda: self.answers() or process.poll() is not None  # noqa: E731
        wait_until(settled, START_SECONDS, stopping=stopping, step=0.02)
        if process.poll() is not None or not self.answers():
            self.stop()
            raise Refusal(f"PostgreSQL 没有启动，原因见 {self.log}")
        roles.bootstrap(self.url(roles.SUPER, "postgres"), self.passwords)
        roles.make_database(self.url(roles.SUPER, "postgres"), DATABASE)
        return process

    def stop(self) -> None:
        """Stop without waiting for clients; everything committed is on disk."""
        if self.process is not None:
            end(self.process, using=signal.SIGINT, grace=lambda: ORPHAN_SECONDS)
            self.process = None

    def kill(self) -> None:
        """Kill the postmaster as a crash would, and wait until its backends have noticed."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
        wait_until(lambda: not any(working_in(self.pgdata.resolve())), 10)

    def seconds_to_start(self) -> float:
        """Start again and return how long it took until the first answer."""
        began = time.monotonic()
        self.start()
        return time.monotonic() - began


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder

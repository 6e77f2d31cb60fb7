"""The launcher with real processes: secrets, remains of killed runs, taken ports, crashes."""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from portal.embedded import secrets
from portal.embedded.environment import ROOT, Site
from portal.embedded.home import Home
from portal.embedded.postgres import Cluster
from portal.embedded.processes import Refusal, alive, end, spawn, working_in
from portal.embedded.supervisor import Child, end_remains, free_port, port_is_free

UP = [sys.executable, "-m", "portal.embedded", "up"]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data directory of our own, with no server named by the environment."""
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_RO_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in (
        "SECRET_KEY",
        "PII_KEYS",
        "MEDIA_ROOT",
        "STATIC_ROOT",
        "PORT",
        "CUSTODIAN_URL",
        "PUBLIC_URL",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DEPLOY", "dev")
    yield tmp_path / "data"
    home = Home(tmp_path / "data")
    home.tidy()
    if home.moved:
        shutil.rmtree(home.place)


@pytest.fixture
def cluster(data: Path) -> Iterator[Cluster]:
    made = Site(data).cluster
    assert made is not None
    made.start()
    yield made
    made.stop()


def test_secrets_are_made_once_and_closed_to_others(data: Path) -> None:
    first = Site(data).secrets
    assert Site(data).secrets == first
    assert stat.S_IMODE((data / "secrets").stat().st_mode) == 0o700
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (data / "secrets").iterdir()}
    assert modes == {0o600}
    assert len(set(first.values())) == len(secrets.NAMES)


def test_data_without_its_secrets_is_refused(cluster: Cluster, data: Path) -> None:
    (data / "secrets" / "pii_keys").unlink()
    with pytest.raises(Refusal, match="pii_keys") as refused:
        Site(data)
    assert "\n" not in str(refused.value)
    assert not (data / "secrets" / "pii_keys").exists()


def test_a_lost_signing_key_is_refused_and_never_made_anew(cluster: Cluster, data: Path) -> None:
    key = data / "secrets" / "signing_keys"
    kept = key.read_text()
    key.unlink()
    for _ in range(2):
        with pytest.raises(Refusal, match=r"缺少密钥（signing_keys）") as refused:
            Site(data)
        assert "\n" not in str(refused.value)
        assert not key.exists()
    key.write_text(kept)
    assert Site(data).secrets["signing_keys"] == kept


def test_a_folder_from_before_the_signing_key_gets_one_once(data: Path) -> None:
    Site(data)
    folder = data / "secrets"
    for name in ("signing_keys", "signing_keys.had"):
        (folder / name).unlink()
    made = Site(data).secrets["signing_keys"]
    assert Site(data).secrets["signing_keys"] == made
    (folder / "signing_keys").unlink()
    with pytest.raises(Refusal, match="signing_keys"):
        Site(data)


def test_a_lost_secrets_folder_is_refused_in_one_line(cluster: Cluster, data: Path) -> None:
    cluster.stop()
    (data / "secrets").rename(data / "elsewhere")
    done = subprocess.run(
        [*UP, "--data", data, "--port", str(free_port(18400))], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and "密钥" in done.stderr


def test_the_roles_have_their_limits(cluster: Cluster) -> None:
    with psycopg2.connect(cluster.url("yfs_app")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
        assert cursor.fetchone() == ("5s", "2s")
        cursor.execute("SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False, False)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("CREATE TABLE anything (id int)")


def test_a_role_needs_its_password(cluster: Cluster) -> None:
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(re.sub(r":[^:@/]+@", ":wrong@", cluster.url("yfs_app")))


def test_a_stale_pid_file_of_a_foreign_process_does_not_stop_the_start(cluster: Cluster) -> None:
    cluster.kill()
    lines = (cluster.pgdata / "postmaster.pid").read_text().splitlines()
    (cluster.pgdata / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    cluster.start()
    assert cluster.answers()


def test_a_zombie_postmaster_does_not_stop_the_start(cluster: Cluster) -> None:
    zombie = cluster.process
    assert zombie is not None
    zombie.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
    assert not alive(zombie.pid)
    cluster.start()
    assert cluster.answers()
    zombie.wait()


def test_a_server_left_running_is_ended_before_the_next_start(cluster: Cluster, data: Path) -> None:
    left = cluster.process
    again = Site(data).cluster
    assert again is not None and left is not None
    again.start()
    assert left.poll() is not None
    again.stop()
    assert not any(working_in(cluster.pgdata))


def test_a_taken_port_is_said_before_anything_starts(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not port_is_free(port)
        command = [*UP, "--data", str(data), "--port", str(port)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"端口 {port} 已被占用" in done.stderr
    assert not data.exists()


def test_a_dying_process_is_started_again_with_growing_pauses(tmp_path: Path) -> None:
    child = Child("试验", lambda: spawn(["false"], log=tmp_path / "log"))
    child.run()
    lines: list[str] = []
    until = time.monotonic() + 2.5
    while time.monotonic() < until:
        lines += filter(None, [child.watch()])
        time.sleep(0.02)
    assert child.process is not None
    end(child.process, using=None, grace=lambda: 1)
    assert "正在重新启动" in lines[0] and "1 秒后" in lines[1] and 3 <= len(lines) <= 4


def started(process: subprocess.Popen[str]) -> float:
    """Read the progress lines until the address is printed; the seconds it took."""
    began = time.monotonic()
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if "已就绪：http" in line:
            return time.monotonic() - began
    raise AssertionError("".join(seen) + (process.stderr.read() if process.stderr else ""))


class Launcher:
    """Starts `./run up` on a data directory and leaves none running."""

    def __init__(self, data: Path) -> None:
        self.data = data
        # Two workers test at once: each has ports of its own, or one takes what the other has just given back.
        self.port = free_port(18500 + 100 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]))
        self.launched: list[subprocess.Popen[str]] = []

    def __call__(self) -> subprocess.Popen[str]:
        command = [*UP, "--data", str(self.data), "--port", str(self.port), "--empty"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.launched.append(process)
        return process

    def leave_nothing(self) -> None:
        """End every launcher and what it left."""
        for process in self.launched:
            process.terminate()
            process.communicate()
        end_remains(self.data)


@pytest.fixture
def launch(data: Path) -> Iterator[Launcher]:
    launcher = Launcher(data)
    yield launcher
    launcher.leave_nothing()


@pytest.mark.chaos
def test_after_kill_9_of_the_launcher_the_next_start_works(launch: Launcher, data: Path) -> None:
    first = launch()
    started(first)
    first.kill()
    first.wait()
    second = launch()
    started(second)
    with urllib.request.urlopen(f"http://127.0.0.1:{launch.port}/", timeout=10) as page:
        assert page.status == 200
    second.send_signal(signal.SIGINT)
    second.send_signal(signal.SIGINT)
    assert second.wait(60) == 0
    assert port_is_free(launch.port)
    assert not any(working_in(Home(data).place / "pgdata"))


@pytest.mark.chaos
@pytest.mark.parametrize("seconds", [0.3, 1.0, 3.0])
def test_ctrl_c_while_starting_ends_with_status_0(launch: Launcher, data: Path, seconds: float) -> None:
    process = launch()
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    assert process.stderr is not None and process.stderr.read() == ""
    assert not any(working_in(Home(data).place / "pgdata"))


@pytest.mark.chaos
def test_a_server_that_is_killed_comes_back_while_the_page_stays(launch: Launcher, data: Path) -> None:
    started(launch())
    pgdata = Home(data).place / "pgdata"
    postmaster = int((pgdata / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    until = time.monotonic() + 20
    while (status := page_status(launch.port)) != 200 or postmaster in working_in(pgdata):
        assert time.monotonic() < until, f"the page still answers {status}"
        time.sleep(0.1)


def page_status(port: int) -> int:
    """The status of the home page, 0 while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as page:
            return int(page.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@pytest.mark.chaos
def test_a_crash_of_the_database_loses_nothing_that_was_committed(crash_cluster) -> None:  # type: ignore[no-untyped-def]
    with psycopg2.connect(crash_cluster.url("yfs_owner")) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (id int)")
        cursor.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
    connection.close()
    crash_cluster.kill()
    assert crash_cluster.start() < 30
    with psycopg2.connect(crash_cluster.url("yfs_app")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kept")
        assert cursor.fetchone() == (1000,)
    connection.close()

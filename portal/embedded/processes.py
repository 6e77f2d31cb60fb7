"""Starting, watching and ending operating-system processes without losing any."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
LOG_LIMIT = 20_000_000
LAST_SECONDS = 5
_libc = ctypes.CDLL(None, use_errno=True)


class Refusal(Exception):
    """A reason not to start, as one line for the person at the terminal."""


class Stopped(Exception):
    """The person asked to stop while something was still starting."""


def wait_until(
    ready: Callable[[], bool],
    seconds: float,
    *,
    stopping: Callable[[], bool] = lambda: False,
    step: float = 0.05,
) -> bool:
    """Poll ``ready`` for at most ``seconds``; raises Stopped as soon as ``stopping`` answers yes."""
    end = time.monotonic() + seconds
    while not ready():
        if stopping():
            raise Stopped
        if time.monotonic() > end:
            return False
        time.sleep(step)
    return True


def open_log(path: Path) -> IO[bytes]:
    """Open a log for appending; one that grew past 20 MB is set aside as ``.1`` first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    uid_gid: tuple[int, int] | None = None,
    on_parent_death: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start ``command`` in its own session, so that Ctrl-C reaches only us.

    ``on_parent_death`` is what the kernel sends it when we are killed. Call from the main thread: the kernel
    watches the thread that forked.
    """

    def after_fork() -> None:
        # Runs after setuid, which would have cleared the setting.
        _libc.prctl(PR_SET_PDEATHSIG, int(on_parent_death))
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    output: IO[bytes] | int = open_log(log) if log else subprocess.DEVNULL
    uid, gid = uid_gid or (None, None)
    try:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env) if env is not None else None,
            cwd=cwd,
            user=uid,
            group=gid,
            extra_groups=[] if uid is not None else None,
            start_new_session=True,
            preexec_fn=after_fork,
        )
    finally:
        if not isinstance(output, int):
            output.close()


def end(process: subprocess.Popen[bytes], *, using: signal.Signals | None, grace: Callable[[], float]) -> None:
    """Ask ``process`` to stop with ``using`` (None: already asked); kill its group after ``grace()``."""
    began = time.monotonic()
    if using is not None and process.poll() is None:
        process.send_signal(using)
    while process.poll() is None:
        if time.monotonic() - began > grace():
            break
        time.sleep(0.02)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    # A dying process has lost its memory before its sockets: wait for the whole group, or the port is still taken.
    wait_until(lambda: not any(in_group(process.pid)), LAST_SECONDS, step=0.02)


def alive(pid: int) -> bool:
    """Whether ``pid`` is a running process; a zombie is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (OSError, IndexError):
        return False


def working_in(folder: Path) -> Iterator[int]:
    """The live processes whose current directory is ``folder``: a postmaster and its backends."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").readlink() == folder and alive(int(entry.name)):
                    yield int(entry.name)
            except OSError:
                continue


def marked(mark: str) -> Iterator[int]:
    """The live processes started with the environment entry ``mark`` (``NAME=value``), except ourselves."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if mark.encode() in (entry / "environ").read_bytes().split(b"\0") and alive(int(entry.name)):
                    yield int(entry.name)
            except OSError:
                continue


def in_group(group: int) -> Iterator[int]:
    """The live processes of the process group ``group``."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                belongs = (entry / "stat").read_text().rpartition(")")[2].split()[2] == str(group)
            except (OSError, IndexError):
                continue
            if belongs and alive(int(entry.name)):
                yield int(entry.name)


def kill(pids: Iterator[int], using: signal.Signals = signal.SIGKILL) -> int:
    """Send ``using`` to every one of ``pids`` and wait until they are gone; returns how many there were."""
    found = list(pids)
    for pid in found:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, using)
    wait_until(lambda: not any(map(alive, found)), LAST_SECONDS, step=0.02)
    return len(found)

"""The embedded Valkey: Celery's broker, in memory only, on a Unix socket nobody else can open."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import redis

from portal.embedded.home import Home
from portal.embedded.processes import Refusal, spawn, wait_until


class Valkey:
    """One Valkey server. Nothing depends on what it holds, so nothing is written to disk."""

    def __init__(self, home: Home, log: Path, sockets: Path | None = None) -> None:
        self.home = home
        self.log = log
        self.socket = (sockets or home.sockets) / "valkey.sock"
        self.binary = home.valkey_binary()

    @property
    def url(self) -> str:
        """The URL as redis-py reads it."""
        return f"unix://{self.socket}?db=0"

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server process; it dies with us."""
        self.socket.unlink(missing_ok=True)
        settings = {
            "port": "0",
            "unixsocket": self.socket,
            "unixsocketperm": "700",
            "save": "",
            "appendonly": "no",
            "maxmemory": "256mb",
            # Evicting would silently lose doorbells; a full broker says so and the outbox carries on alone.
            "maxmemory-policy": "noeviction",
        }
        command: list[str | Path] = [self.binary]
        for name, value in settings.items():
            command += [f"--{name}", str(value)]
        return spawn(command, log=self.log, cwd=self.home.sockets, uid_gid=self.home.uid_gid)

    def answers(self) -> bool:
        """Whether the server answers a ping."""
        try:
            with redis.Redis(unix_socket_path=str(self.socket), socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def start(self, stopping: Callable[[], bool] = lambda: False) -> subprocess.Popen[bytes]:
        """Start and wait until it answers; raises Refusal when it does not within 20 seconds."""
        process = self.spawn()
        wait_until(lambda: self.answers() or process.poll() is not None, 20, stopping=stopping, step=0.02)
        if process.poll() is not None or not self.answers():
            process.kill()
            raise Refusal(f"Valkey 没有启动，原因见 {self.log}")
        return process

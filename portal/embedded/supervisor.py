"""`./run up`: the servers and the portal's processes in order, watched until Ctrl-C."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from portal.embedded.environment import ROOT, Site
from portal.embedded.processes import Refusal, Stopped, end, kill, marked, spawn, wait_until

PAGE_SECONDS = 60
STOP_SECONDS = 15
SERVER_STOP_SECONDS = 60
STOP_ORDER = ("静态文件", "数据表和演示数据", "定时器", "待办投递", "批量任务", "后台任务", "沙箱存管银行", "网站")
LONGEST_PAUSE = 30.0
# In the environment of every supervised process, so that the next start can tell them from others.
MARK = "YFS_SUPERVISED"


def say(text: str) -> None:
    """One line for the person at the terminal, at once, even into a pipe."""
    with suppress(BrokenPipeError):
        print(text, flush=True)


def port_is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1:``port`` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True


def free_port(wanted: int) -> int:
    """``wanted`` when it is free, else a port the system chooses."""
    if port_is_free(wanted):
        return wanted
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end_remains(data: Path) -> int:
    """Kill what a killed launcher of ``data`` left running, also what it forks meanwhile; the number."""
    count = 0
    while found := kill(marked(f"{MARK}={data}")):
        count += found
        time.sleep(0.05)
    return count


@dataclass
class Child:
    """One supervised process and how to bring it back."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    resting_until: float | None = field(default=None)

    def run(self) -> None:
        """Start it now."""
        self.process = self.start()
        self.started_at = time.monotonic()
        self.resting_until = None

    def watch(self) -> str | None:
        """Start it again when it has died, after a pause that grows while it keeps dying; the line to say."""
        now = time.monotonic()
        if self.resting_until is not None:
            if now >= self.resting_until:
                self.run()
            return None
        if self.process is None or self.process.poll() is None:
            return None
        self.failures = 1 if now - self.started_at > 60 else self.failures + 1
        pause = 0.0 if self.failures == 1 else min(2.0 ** (self.failures - 2), LONGEST_PAUSE)
        self.resting_until = now + pause
        again = f"{pause:.0f} 秒后重新启动" if pause else "正在重新启动"
        return f"{self.name} 意外结束（状态 {self.process.returncode}），{again}"


class Supervisor:
    """Starts everything, keeps it running, and stops it in the order that loses nothing."""

    def __init__(self, site: Site, port: int, *, empty: bool = False, quiet: bool = False) -> None:
        self.site = site
        self.quiet = quiet
        self.port = port
        self.empty = empty
        self.custodian_port = free_port(port + 1)
        self.environment = site.environment(port=port, custodian_port=self.custodian_port)
        self.marked_environment = {**self.environment, MARK: str(site.data)}
        self.children: dict[str, Child] = {}
        self.signals = 0
        self.began = time.monotonic()

    def on_signal(self, *_: object) -> None:
        """Remember the wish to stop; every wait looks at it. A second one shortens the farewell."""
        self.signals += 1

    def stopping(self) -> bool:
        """Whether somebody asked to stop."""
        return self.signals > 0

    def progress(self, text: str) -> None:
        """One progress line with the seconds since the start."""
        if not self.quiet:
            say(f"[{time.monotonic() - self.began:5.1f} 秒] {text}")

    def run(self) -> int:
        """Start, watch, stop. Returns the exit status: 0 when stopped on request."""
        try:
            self.start()
            while not self.stopping():
                for child in list(self.children.values()):
                    line = child.watch()
                    if line:
                        self.progress(f"{line}，详情见 {self.site.logs}")
                wait_until(self.stopping, 0.5, step=0.1)
        except Stopped:
            pass
        finally:
            self.stop()
        return 0

    # -- starting

    def start(self) -> None:
        """Servers, migrations, bank sandbox, web; once the page answers, the workers."""
        self.progress(f"数据目录 {self.site.data}")
        if self.site.home.moved:
            self.progress(f"数据库进程不能进入该目录，数据库放在 {self.site.home.place}")
        # Two cores: static files while PostgreSQL starts, the web server loads while tables and figures are made.
        static = self.step("静态文件", "collect_static")
        self.start_servers()
        self.site.leave_environment(self.environment)
        tables = self.step("数据表和演示数据", "start_up", "--no-static", *(["--empty"] if self.empty else []))
        self.finish("静态文件", static)
        self.add("沙箱存管银行", self.python("portal.sandbox", *self.sandbox_arguments()), "sandbox")
        self.add("网站", self.python("gunicorn", "-c", "config/gunicorn.py", "config.wsgi"), "web")
        self.finish("数据表和演示数据", tables)
        self.wait_for_page()
        self.announce()
        for name, arguments in self.workers().items():
            if self.stopping():
                raise Stopped
            self.add(name, self.python(*arguments[1:]), arguments[0])

    def start_servers(self) -> None:
        """PostgreSQL and Valkey, where the environment names no others."""
        cluster, valkey = self.site.cluster, self.site.valkey
        if cluster:
            if not cluster.exists():
                self.progress("新的数据目录：正在建立数据库")
            server = Child("PostgreSQL", cluster.respawn, cluster.start(self.stopping))
            server.started_at = time.monotonic()
            self.children["PostgreSQL"] = server
            self.progress("PostgreSQL 已启动")
        if valkey:
            cache = Child("Valkey", valkey.spawn, valkey.start(self.stopping))
            cache.started_at = time.monotonic()
            self.children["Valkey"] = cache
            self.progress("Valkey 已启动")

    def step(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one of manage.py's preparations."""
        process = spawn(
            [sys.executable, "manage.py", *arguments],
            log=self.site.logs / f"{arguments[0]}.log",
            env=self.marked_environment,
            cwd=ROOT,
        )
        self.children[name] = Child(name, lambda: process, process)
        return process

    def finish(self, name: str, process: subprocess.Popen[bytes]) -> None:
        """Wait for a preparation; raises Refusal when it failed, Stopped when asked to stop."""
        wait_until(lambda: process.poll() is not None, 600, stopping=self.stopping)
        if process.poll() is None or process.returncode:
            raise Refusal(f"{name}没有准备好，原因见 {self.site.logs}")
        del self.children[name]
        self.progress(f"{name}已就绪")

    def python(self, module: str, *arguments: str) -> list[str]:
        """A command of our own interpreter: a module, or manage.py by its name."""
        if module == "manage.py":
            return [sys.executable, module, *arguments]
        return [sys.executable, "-m", module, *arguments]

    def sandbox_arguments(self) -> Sequence[str]:
        """Where the sandbox bank listens and keeps its book."""
        return "--port", str(self.custodian_port), "--db", str(self.site.data / "sandbox.sqlite3")

    def workers(self) -> dict[str, tuple[str, ...]]:
        """What runs beside the pages: outbox, two workers (one for long work), clock. First the log."""
        celery = ("celery", "-A", "config", "-q")
        worker = (
            *celery,
            "worker",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            "-l",
            "warning",
        )
        long = ("--time-limit=900", "--soft-time-limit=840")
        schedule = str(self.site.data / "run" / "beat")
        return {
            "待办投递": ("outbox", "manage.py", "outbox"),
            "后台任务": ("worker", *worker, "-c", "2", "-Q", "money,default", "-n", "worker@%h"),
            "批量任务": ("bulk", *worker, "-c", "1", "-Q", "bulk", "-n", "bulk@%h", *long),
            "定时器": ("beat", *celery, "beat", "-l", "warning", "--pidfile=", "-s", schedule),
        }

    def add(self, name: str, command: Sequence[str], log: str) -> None:
        """Start ``command`` and watch it from now on."""
        path = self.site.logs / f"{log}.log"

        def start() -> subprocess.Popen[bytes]:
            return spawn(command, log=path, env=self.marked_environment, cwd=ROOT, on_parent_death=signal.SIGQUIT)

        child = Child(name, start)
        self.children[name] = child
        child.run()

    def wait_for_page(self) -> None:
        """Until the home page answers; raises Refusal when the web server ends or stays silent."""
        web = self.children["网站"].process
        assert web is not None
        settled = lambda: self.page_answers() or web.poll() is not None  # noqa: E731
        if not wait_until(settled, PAGE_SECONDS, stopping=self.stopping):
            raise Refusal(f"网站在 {PAGE_SECONDS} 秒内没有应答，原因见 {self.site.logs / 'web.log'}")
        if web.poll() is not None:
            raise Refusal(f"网站没有启动，原因见 {self.site.logs / 'web.log'}")

    def page_answers(self) -> bool:
        """Whether the home page is served; an error page counts as an answer worth showing."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=10):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def announce(self) -> None:
        """The address, the sample sign-ins the demo data left, and how to stop."""
        self.progress(f"已就绪：http://127.0.0.1:{self.port}/")
        if self.custodian_port != self.port + 1:
            self.progress(f"端口 {self.port + 1} 被占用，沙箱存管银行改用 {self.custodian_port}")
        try:
            logins = json.loads((self.site.data / "sample_logins.json").read_text())
        except (OSError, ValueError):
            logins = []
        for login in logins:
            parts = login.values() if isinstance(login, dict) else [login]
            say("  " + " · ".join(str(part) for part in parts))
        say(f"日志在 {self.site.logs}；按 Ctrl-C 停止。")

    # -- stopping

    def stop(self) -> None:
        """Clock, outbox, workers, sandbox, web, Valkey, PostgreSQL: whoever makes work goes first."""
        self.progress("正在停止")
        self.site.env_file.unlink(missing_ok=True)
        servers = {"Valkey": signal.SIGTERM, "PostgreSQL": signal.SIGINT}
        ours = [name for name in STOP_ORDER if name in self.children]
        # All of ours are asked in order and then waited for: the farewell takes as long as the slowest.
        for name in ours:
            process = self.children[name].process
            if process and process.poll() is None:
                process.terminate()
        for name in ours:
            process = self.children.pop(name).process
            if process:
                end(process, using=None, grace=lambda: 1.0 if self.signals > 1 else STOP_SECONDS)
        for name, using in servers.items():
            process = self.children.pop(name).process if name in self.children else None
            if process:
                end(process, using=using, grace=lambda: SERVER_STOP_SECONDS)
        # Children of one that had to be killed (gunicorn's workers) would hold the port a moment longer.
        end_remains(self.site.data)
        self.site.home.tidy()
        self.progress("已停止")

"""The commands of `./run`, once the Python environment is there."""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Sequence

from portal.embedded import checks, testrun
from portal.embedded.environment import ROOT, Site, data_folder
from portal.embedded.home import lock
from portal.embedded.processes import Refusal, Stopped
from portal.embedded.supervisor import Supervisor, end_remains, port_is_free


def up(arguments: Sequence[str]) -> int:
    """Start the portal and stay until asked to stop."""
    parser = argparse.ArgumentParser(prog="./run up")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data")
    parser.add_argument("--empty", action="store_true")
    options = parser.parse_args(arguments)
    data = data_folder(options.data)
    held = lock(data) if data.exists() else None
    if data.exists() and held is None:
        raise Refusal(f"数据目录 {data} 正由另一个 ./run 使用：请先停止它，或用 --data 换一个目录")
    remains = end_remains(data) if held else 0
    if remains:
        print(f"上次没有正常停止，已结束遗留的 {remains} 个进程", flush=True)
    if not port_is_free(options.port):
        raise Refusal(f"端口 {options.port} 已被占用：请换一个，例如 ./run up --port {options.port + 10}")
    site = Site(data)
    held = held or lock(data)
    supervisor = Supervisor(site, options.port, empty=options.empty)
    signal.signal(signal.SIGINT, supervisor.on_signal)
    signal.signal(signal.SIGTERM, supervisor.on_signal)
    signal.signal(signal.SIGHUP, supervisor.on_signal)
    return supervisor.run()


def manage(arguments: list[str]) -> int:
    """Run manage.py against the running portal, or with the servers started for its duration."""
    given = None
    if arguments[:1] == ["--data"]:
        given, arguments = arguments[1], arguments[2:]
    if arguments[:1] == ["migrate"] and not any(part.startswith("--database") for part in arguments):
        # Only the owner may change tables.
        arguments = [*arguments, "--database", "owner"]
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    site = Site(data_folder(given))
    held = lock(site.data)
    if held is None:
        environment = site.left_environment()
        if environment is None:
            raise Refusal(f"数据目录 {site.data} 正在启动或停止：请稍候再试")
        os.execvpe(command[0], command, environment)
    supervisor = Supervisor(site, 8000, quiet=True)
    try:
        supervisor.start_servers()
        return testrun.spawn_in_foreground(command, supervisor.environment).wait()
    finally:
        supervisor.stop()


def soak(arguments: list[str]) -> int:
    """Run the long tests, which the suite leaves out."""
    return testrun.run_with_servers([sys.executable, "-m", "pytest", "tests/soak", "-n", "0", *arguments])


def main(arguments: list[str]) -> int:
    """Do one command; a refusal is one clear line and status 1."""
    command, rest = arguments[0], arguments[1:]
    try:
        if command == "up":
            return up(rest)
        if command == "test":
            return testrun.run_with_servers(testrun.pytest_command(rest))
        if command == "check":
            return checks.run()
        if command == "bench":
            return subprocess.run([sys.executable, "-m", "portal.bench", *rest], check=False).returncode
        if command == "soak":
            return soak(rest)
        if command == "manage":
            return manage(rest)
    except Refusal as refusal:
        print(refusal, file=sys.stderr, flush=True)
        return 1
    except (Stopped, KeyboardInterrupt):
        return 0
    print(f"没有命令 {command}：./run help 列出所有命令", file=sys.stderr)
    return 2

"""`python -m portal.embedded COMMAND`, which `./run` calls."""

import signal
import sys
from pathlib import Path


def deafen() -> None:
    """Ignore further signals: while the interpreter winds up, one would end it with another status."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)


def leave(*_: object) -> None:
    """Ctrl-C before anything was started ends like Ctrl-C after: status 0, no traceback."""
    deafen()
    sys.exit(0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["up"]:
        signal.signal(signal.SIGINT, leave)
        signal.signal(signal.SIGTERM, leave)
    if not Path("/proc/self").exists():
        sys.exit("需要 Linux（Windows 请用 WSL）")
    from portal.embedded.commands import main  # only now: loading takes long enough for a Ctrl-C

    status = main(sys.argv[1:])
    deafen()
    sys.exit(status)

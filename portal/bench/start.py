"""How long ``./run up`` takes from nothing to a page, and from yesterday's data to a page."""

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import requests

from portal.bench.metrics import Metric, at_most
from portal.embedded.environment import ROOT

LONGEST = 120


FIGURE = "31,061,000"


def measure(data: Path) -> Iterator[tuple[str, Metric]]:
    """A fresh start and the one after it, in a folder that is thrown away."""
    place = Path(tempfile.mkdtemp(prefix="bench-start-", dir=data))
    try:
        yield "start.fresh_s", at_most(_seconds_to_page(place), 15, "s", "空目录，含演示数据，到首页能打开")
        yield "start.second_s", at_most(_seconds_to_page(place), 10, "s", "已有数据")
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _seconds_to_page(place: Path) -> float:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    began = time.monotonic()
    command = [str(ROOT / "run"), "up", "--data", str(place), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while not _answers(f"http://127.0.0.1:{port}/"):
            if process.poll() is not None or time.monotonic() - began > LONGEST:
                raise RuntimeError(f"./run up did not answer, status {process.poll()}")
            time.sleep(0.25)  # asking more often would slow down what is waited for
        return time.monotonic() - began
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=LONGEST)


def _answers(url: str) -> bool:
    """Whether the home page is there with the demo's figures: it answers while they are still being written."""
    try:
        answer = requests.get(url, timeout=5)
        return answer.status_code == 200 and FIGURE in answer.text
    except requests.RequestException:
        return False

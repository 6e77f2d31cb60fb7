"""A real Chromium for pages: ``page_at(width)``, ``axe(page)``, ``shot(page, name)``; and a real sandbox ``bank``."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from core.models import User
from prepaid import custodian

ROOT = Path(__file__).resolve().parents[1]
AXE = (ROOT / "tests" / "browser" / "vendor" / "axe.min.js").read_text(encoding="utf-8")
SHOTS = ROOT / "var" / "shots"
SWITCHES = (
    "--no-sandbox --headless --disable-gpu --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
RUN_AXE = """axe.run({preload: false, resultTypes: ["violations"]}).then(found => found.violations.flatMap(rule =>
    rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 160)} | ${node.failureSummary}`)))"""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the whole run."""
    # Playwright keeps an event loop in this thread, which Django takes for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=SWITCHES.split())
        yield browser
        browser.close()


@pytest.fixture
def page_at(chromium: Browser, live_server: LiveServer) -> Iterator[Callable[..., Page]]:
    """Opens pages of a width: ``page_at(360, theme="dark", user=officer, javascript=False)``.

    ``page.goto("/…")`` is relative to the portal. A page that complains in the console (a refused style, a
    script error) fails the test at its end.
    """
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(width: int, *, theme: str = "light", user: User | None = None, javascript: bool = True) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
        )
        opened.append(context)
        cookies = {"theme": theme} | (_session_of(user) if user else {})
        context.add_cookies([{"name": k, "value": v, "url": live_server.url} for k, v in cookies.items()])
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        return page

    yield open_page
    for context in opened:
        context.close()
    # The browser also logs an answer of 4xx, which a test may be about.
    assert [said for said in complaints if "Failed to load resource" not in said] == []


def _session_of(user: User) -> dict[str, str]:
    client = Client()
    client.force_login(user, backend="core.auth.PhoneBackend")
    return {name: morsel.value for name, morsel in client.cookies.items()}


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """What axe-core finds wrong with a page, one line each; the bar is none."""

    def violations(page: Page) -> list[str]:
        page.evaluate(AXE)
        found: Any = page.evaluate(RUN_AXE)
        return list(found)

    return violations


@pytest.fixture
def shot(worker_id: str) -> Callable[[Page, str], Path]:
    """Keeps a picture of the whole page under ``var/shots`` for people to look at.

    The whole suite, which nobody watches, takes pictures only with SHOTS=1.
    """
    asked = worker_id == "master" or os.environ.get("SHOTS") == "1"

    def take(page: Page, name: str) -> Path:
        path = SHOTS / f"{name}.png"
        if asked:
            SHOTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=path, full_page=True)
        return path

    return take


@pytest.fixture
def bank(live_server: LiveServer, settings: Any, tmp_path: Path) -> Iterator[str]:
    """The sandbox bank in its own process; it calls back to the live server."""
    process = subprocess.Popen(
        [sys.executable, "-m", "portal.sandbox", "--port", "0", "--db", str(tmp_path / "bank.sqlite3")],
        cwd=ROOT,
        env={
            **os.environ,
            "DEPLOY": "test",
            "CUSTODIAN_SECRET": settings.CUSTODIAN_SECRET,
            "PUBLIC_URL": live_server.url,
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    settings.CUSTODIAN_URL = process.stdout.readline().split()[-1]
    settings.PUBLIC_URL = live_server.url
    custodian._backend.cache_clear()
    yield settings.CUSTODIAN_URL
    custodian._backend.cache_clear()
    process.terminate()
    process.wait(timeout=20)


def until(what: Callable[[], bool], seconds: float = 15) -> None:
    """Wait for something another process does."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.2)

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
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from core.models import User
from prepaid import custodian

ROOT = Path(__file__).resolve().parents[1]
AXE = (ROOT / "tests" / "browser" / "vendor" / "axe.min.js").read_text(encoding="utf-8")
SHOTS = ROOT / "var" / "shots"
# A busy machine is no failure.
PATIENCE_MS = 30_000
BLANK = "/static/portal/tokens.css"
SWITCHES = (
    "--no-sandbox --headless --disable-gpu --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
    # A page lives too short for its code to be worth optimizing.
    " --js-flags=--no-opt"
)
RUN_AXE = """axe.run({preload: false, resultTypes: ["violations"]}).then(found => found.violations.flatMap(rule =>
    rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 160)} | ${node.failureSummary}`)))"""


class Windows:
    """Browser windows that are wiped and lent again: a new one costs three times the work of the page shown in it."""

    def __init__(self, browser: Browser, origin: str) -> None:
        self.browser, self.origin = browser, origin
        self.idle: dict[bool, list[Page]] = {True: [], False: []}

    def lend(self, width: int, *, javascript: bool) -> Page:
        """A window in which nobody is signed in and nothing is kept."""
        page = self.idle[javascript].pop() if self.idle[javascript] else self._new(javascript)
        page.set_viewport_size({"width": width, "height": 900})
        return page

    def _new(self, javascript: bool) -> Page:
        context = self.browser.new_context(
            base_url=self.origin,
            java_script_enabled=javascript,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        # Compiled once and kept by the window, which a script sent to each page is not.
        page.add_init_script(AXE)
        return page

    def take_back(self, page: Page, *, javascript: bool) -> None:
        """Leave the portal's pages and forget cookies, stores and cached answers; one that hangs is thrown away."""
        try:
            # A file of the portal, not about:blank: the same process goes on, and no request needs the database.
            page.goto(BLANK)
            page.evaluate("sessionStorage.clear()")
            page.context.clear_cookies()
            wiper = page.context.new_cdp_session(page)
            wiper.send("Storage.clearDataForOrigin", {"origin": self.origin, "storageTypes": "all"})
            wiper.send("Network.clearBrowserCache")
            wiper.detach()
        except Error:
            page.context.close()
        else:
            self.idle[javascript].append(page)


@pytest.fixture(scope="session")
def windows(live_server: LiveServer) -> Iterator[Windows]:
    """One browser for the whole run."""
    # Playwright keeps an event loop in this thread, which Django takes for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=SWITCHES.split())
        yield Windows(browser, live_server.url)
        browser.close()


@pytest.fixture
def page_at(windows: Windows) -> Iterator[Callable[..., Page]]:
    """Opens pages of a width: ``page_at(360, theme="dark", user=officer, javascript=False)``.

    ``page.goto("/…")`` is relative to the portal. A page that complains in the console (a refused style, a
    script error) fails the test at its end.
    """
    opened: list[tuple[Page, bool]] = []
    complaints: list[str] = []

    def failed(error: Any) -> None:
        complaints.append(str(error))

    def said(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    def open_page(width: int, *, theme: str = "light", user: User | None = None, javascript: bool = True) -> Page:
        page = windows.lend(width, javascript=javascript)
        opened.append((page, javascript))
        cookies = {"theme": theme} | (_session_of(user) if user else {})
        page.context.add_cookies([{"name": k, "value": v, "url": windows.origin} for k, v in cookies.items()])
        page.on("pageerror", failed)
        page.on("console", said)
        return page

    yield open_page
    for page, javascript in reversed(opened):
        page.remove_listener("pageerror", failed)
        page.remove_listener("console", said)
        windows.take_back(page, javascript=javascript)
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
        page.wait_for_load_state()
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE)  # scripts are off here
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

"""One person at one narrow browser: every page the person comes to must fit and be readable by everybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from playwright.sync_api import Locator, Page, expect

# What a page is built of: rows more or fewer of the same kind do not make it another page.
BUILD = """document.title + [...new Set([...document.querySelectorAll('body *')]
    .map(one => `${one.tagName}.${one.getAttribute('class')}.${one.getAttribute('role')}`))].sort().join()"""
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"


class Seat:
    """Clicks what is on the page, as the person would, and looks at what comes."""

    def __init__(self, page: Page, axe: Callable[[Page], list[str]], looked_at: set[str]) -> None:
        self.page, self.axe, self.looked_at = page, axe, looked_at

    def look(self) -> None:
        """Nothing to scroll sideways, and zero findings of axe-core, which need not see the same build twice."""
        assert self.page.evaluate(TOO_WIDE) <= 0, self.page.url
        build = self.page.evaluate(BUILD)
        if build not in self.looked_at:
            assert self.axe(self.page) == [], self.page.url
            self.looked_at.add(build)

    def open(self, path: str) -> None:
        """Type an address."""
        answer = self.page.goto(path)
        assert answer is not None and answer.ok, path
        self.look()

    def follow(self, name: str, *, exact: bool = False) -> None:
        """Tap the first link with this name."""
        self._tap("link", name, exact=exact)

    def press(self, name: str) -> None:
        """Press the first button with this name and wait for the page that answers."""
        self._tap("button", name)

    def _tap(self, role: Literal["link", "button"], name: str, *, exact: bool = False) -> None:
        self.leave_by(self.page.get_by_role(role, name=name, exact=exact).first)

    def leave_by(self, target: Locator) -> None:
        """Tap what leads to another page, wait until that has come, and look at it.

        The answer may stand at the same address, and may be there before one asks: so this page bears a mark.
        """
        self.page.evaluate("document.documentElement.dataset.left = 'yes'")
        target.click()
        self.page.locator("html:not([data-left])").wait_for(state="attached")
        self.page.wait_for_load_state()
        self.look()

    def fill(self, **fields: str) -> None:
        """Fill fields by their names; dates and long texts alike."""
        for name, text in fields.items():
            self.page.locator(f"main [name={name}]:not([type=hidden])").fill(text)

    def choose(self, text: str) -> None:
        """Tap one of several choices by its words."""
        self.page.locator("label.choice, .choice", has_text=text).first.click()

    def sees(self, *texts: str) -> None:
        """Each text stands on the page."""
        for text in texts:
            expect(self.page.locator("body")).to_contain_text(text)

    def code(self) -> str:
        """The six digits that the demo shows in place of a message."""
        found = re.search(r"验证码是\s*(\d{6})", self.page.locator(".notice").first.inner_text())
        assert found is not None, self.page.url
        return found[1]

    def sign_in_by_phone(self, phone: str) -> None:
        """Phone, code, and this is my own phone; begins on the page that asks for the phone."""
        self.fill(phone=phone)
        self.press("获取验证码")
        self.fill(code=self.code())
        self.leave_by(self.page.locator("form.panel").get_by_role("button", name="登录"))

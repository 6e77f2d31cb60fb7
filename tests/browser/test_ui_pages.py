"""The visual language in a real browser: narrow and wide, light and dark, by keyboard, without a script."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.portal.ui_urls"),
]

PageAt = Callable[..., Page]
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"
SMALL_TARGETS = """[...document.querySelectorAll('.btn, .chip, .tabbar a, .mainnav a, .strip a, .choice')]
    .filter(one => one.offsetParent && one.getBoundingClientRect().height < 44)
    .map(one => one.outerHTML.slice(0, 120))"""


def fits(page: Page) -> None:
    """Nothing to scroll sideways, and everything large enough for a finger."""
    assert page.evaluate(TOO_WIDE) <= 0, page.viewport_size
    assert page.evaluate(SMALL_TARGETS) == [], page.viewport_size


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_sample_sheet_fits_and_can_be_read_by_everybody(
    page_at: PageAt,
    axe: Callable[[Page], list[str]],
    shot: Callable[[Page, str], Path],
    width: int,
    theme: str,
) -> None:
    page = page_at(width, theme=theme)
    page.goto("/patterns/")
    assert axe(page) == []
    fits(page)
    shot(page, f"patterns-{width}-{theme}")
    page.set_viewport_size({"width": 768, "height": 900})
    fits(page)


@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (1280, "dark")])
def test_pages_of_last_resort_are_accessible(
    page_at: PageAt, axe: Callable[[Page], list[str]], width: int, theme: str
) -> None:
    page = page_at(width, theme=theme)
    for path in ("/frame/404", "/frame/403", "/frame/500", "/admin/login/"):
        page.goto(path)
        assert axe(page) == [], path
        assert page.evaluate(TOO_WIDE) <= 0, path


def test_large_type_still_fits_a_narrow_phone(page_at: PageAt) -> None:
    page = page_at(360)
    page.goto("/patterns/")
    page.get_by_role("button", name="大字版").click()
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "20px"
    assert page.evaluate(TOO_WIDE) <= 0


def test_dark_is_switched_in_place_and_stays(page_at: PageAt) -> None:
    page = page_at(1280)
    page.goto("/patterns/")
    page.get_by_role("button", name="深色").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.get_by_role("button", name="浅色")).to_be_visible()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_the_first_stop_of_the_keyboard_skips_to_the_text(page_at: PageAt) -> None:
    page = page_at(1280)
    page.goto("/frame/404")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


@pytest.mark.parametrize("javascript", [True, False])
def test_errors_take_the_focus_and_lead_to_their_field(page_at: PageAt, javascript: bool) -> None:
    page = page_at(1280, javascript=javascript)
    page.goto("/patterns/")
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_role("link", name="填您付了多少").click()
    expect(page.locator("#id_wrong-amount")).to_be_focused()


def test_the_reason_of_a_clock_opens_without_a_script(page_at: PageAt) -> None:
    page = page_at(360, javascript=False)
    page.goto("/patterns/")
    reason = page.locator("details.clock")
    reason.locator("summary").click()
    expect(reason.locator(".cal")).not_to_be_visible()
    reason.locator("summary").click()
    expect(reason.locator(".cal")).to_be_visible()

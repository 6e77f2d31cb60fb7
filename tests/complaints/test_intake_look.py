"""The wizard and the tracking page in a browser: small and light, wide and dark, without JavaScript, clean for axe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from complaints.models import Complaint, ViolationReport
from core.models import User
from merchants.models import Merchant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_wizard_and_tracking_look_right(
    page_at: Callable[..., Page], axe: Callable[[Page], list[str]], shot: Callable[[Page, str], Path],
    consumer: User, merchant_a: Merchant,
) -> None:  # fmt: skip
    page = page_at(360, user=consumer, javascript=False)
    page.goto("/complain/")
    page.get_by_role("link", name="写投诉或举报").click()
    page.get_by_label("两样都要").check()
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("店名", exact=True).fill("A造型")
    page.get_by_role("button", name="查一查").click()
    page.get_by_role("button", name="选A造型").click()
    page.get_by_label("发生了什么").fill("9月20日染发，说好 200，扣了 300")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("您要商家做什么").fill("退回多扣的 100 元")
    page.get_by_label("涉及多少钱").fill("100")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("您的姓名").fill("周桂芬")
    page.get_by_label("您的联系地址").fill("示范路 8 号")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="没有材料，下一步").click()
    shot(page, "complaint-review-360")
    page.get_by_role("button", name="提交").click()
    page.get_by_role("heading", name="已收到").wait_for()
    shot(page, "complaint-done-360")
    complaint, report = Complaint.objects.get(), ViolationReport.objects.get()
    looked_at(page_at, axe, shot, consumer, complaint, report)


def looked_at(
    page_at: Callable[..., Page], axe: Callable[[Page], list[str]], shot: Callable[[Page, str], Path],
    consumer: User, complaint: Complaint, report: ViolationReport,
) -> None:  # fmt: skip
    """Each page at 360 light and 1280 dark."""
    tracked = f"/my/complaints/{complaint.code}/"
    paths = {
        "start": "/complain/", "what": "/complain/what/", "track": "/complain/track/", "other": "/complain/other/",
        "mine": "/my/complaints/", "matter": tracked, "report": f"/my/complaints/{report.code}/",
        "withdraw": f"{tracked}withdraw/", "evidence": f"{tracked}evidence/",
    }  # fmt: skip
    wrong: list[Any] = []
    for width, theme in ((360, "light"), (1280, "dark")):
        page = page_at(width, theme=theme, user=consumer)
        for name, path in paths.items():
            page.goto(path)
            wrong += [(name, width, one) for one in axe(page)]
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                wrong.append((name, width, "wider than the screen"))
            shot(page, f"complaint-{name}-{width}")
        for name in ("shop", "facts", "claim", "who", "evidence"):
            begun(page, name)
            wrong += [(f"wizard {name}", width, one) for one in axe(page)]
            shot(page, f"complaint-wizard-{name}-{width}")
    assert wrong == []


ANSWERS: dict[str, Callable[[Page], Any]] = {
    "shop": lambda page: page.get_by_label("投诉：我和商家有纠纷").check(),
    "facts": lambda page: fill_shop(page),
    "claim": lambda page: page.get_by_label("发生了什么").fill("店门关了，电话也不接"),
    "who": lambda page: page.get_by_label("您要商家做什么").fill("退还余额"),
    "evidence": lambda page: fill_who(page),
}


def fill_shop(page: Page) -> None:
    if not page.get_by_label("店名或者公司名").is_visible():
        page.locator("summary", has_text="不在这里面").click()
    page.get_by_label("店名或者公司名").fill("快剪")
    page.get_by_label("地址", exact=True).fill("老街 1 号")
    page.get_by_label("在哪个区县").select_option(index=1)


def fill_who(page: Page) -> None:
    page.get_by_label("您的姓名").fill("周桂芬")
    page.get_by_label("您的联系地址").fill("示范路 8 号")


def begun(page: Page, name: str) -> None:
    """Answer the page before, and stand on this one."""
    before = {"shop": "what", "facts": "shop", "claim": "facts", "who": "claim", "evidence": "who"}[name]
    page.goto(f"/complain/{before}/")
    ANSWERS[name](page)
    page.get_by_role("button", name="下一步", exact=True).click()
    page.wait_for_url(f"**/complain/{name}/")

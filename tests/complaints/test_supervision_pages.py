"""Reports, forms and supervision in a real browser: they fit the phone, read well and work."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from complaints import actions as complaints
from core.models import User
from merchants.models import Merchant
from tests.complaints.report_desk import complaint, report, reporter
from tests.prepaid.scenes import days, who

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"


def test_every_page_fits_and_is_clean(
    merchant_a: Merchant, owner_a: User, district_officer: User, second_officer: User,
    page_at: Callable[..., Page], axe: Callable[[Page], list[str]], shot: Callable[[Page, str], Path],
) -> None:  # fmt: skip
    row, matter = report(merchant_a, "2026-11-09 09:00", reporter()), complaint(merchant_a)
    report(merchant_a, "2026-11-10 09:00", reporter())
    complaints.verify_report(row.pk, by=who(district_officer))
    form = complaints.issue_document(1, matter, by=who(district_officer))
    notice = complaints.issue_notice(
        {
            "facts": "店堂没有公示退卡规则",
            "basis": "消法实施条例第22条",
            "merchant_id": merchant_a.pk,
            "due_on": days(9),
        },
        ["公示退卡规则", "培训店员"],
        by=who(district_officer),
    )
    complaints.fix_item(notice.items.earliest("pk").pk, "已经贴在收银台", by=who(owner_a))
    complaints.fix_item(notice.items.latest("pk").pk, "已经开会培训", by=who(owner_a))
    text = {"title": "办卡前先看锁定", "text": "店里让顾客扫私人收款码付款。", "advice": "只扫店里的官方收款码"}
    warning = complaints.draft_warning(text | {"merchant_id": merchant_a.pk}, by=who(district_officer))
    complaints.approve_publication(warning, by=who(second_officer))
    complaints.publish_publication(warning, by=who(district_officer))
    admin = "/admin/complaints"
    pages = {
        "report": (f"{admin}/violationreport/{row.pk}/change/", district_officer),
        "reports": (f"{admin}/violationreport/", district_officer),
        "issue": (f"{admin}/issueddocument/issue/report/{row.pk}/2/", district_officer),
        "notice": (f"{admin}/supervisionnotice/{notice.pk}/change/", district_officer),
        "new-notice": (f"{admin}/supervisionnotice/new/", district_officer),
        "warning": (f"{admin}/consumerwarning/{warning.pk}/change/", district_officer),
        "document": (f"/documents/{form.code}/", district_officer),
        "check": (f"/documents/check/?number={form.title}&code={form.code}", None),
        "shop-list": ("/console/supervision/", owner_a),
        "shop-notice": (f"/console/supervision/{notice.code}/", owner_a),
        "shop-warning": (f"/console/supervision/warnings/{warning.code}/", owner_a),
        "todo": ("/console/todo/", owner_a),
        "public-list": ("/warnings/", None),
        "public-warning": (f"/warnings/{warning.code}/", None),
        "shop": (f"/shops/{merchant_a.public_code}/", None),
    }
    for width, theme in ((360, "light"), (1280, "dark")):
        opened = {user: page_at(width, theme=theme, user=user) for user in (None, owner_a, district_officer)}
        for name, (address, user) in pages.items():
            page = opened[user]
            page.goto(address)
            assert page.evaluate(TOO_WIDE) <= 0, (name, width)
            assert axe(page) == [], (name, width)
            shot(page, f"supervision-{name}-{width}")

"""Seals, receipts and their check in a real browser, which alone decides whether a receipt is true."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.models import User
from prepaid import actions as prepaid
from prepaid.models import Contract, Transfer
from prepaid.receipts import receipts
from tests.cast import make_plan, open_contract
from tests.prepaid.backdate import backdate, seal_all
from tests.prepaid.scenes import ask, who

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"


def test_anybody_checks_a_receipt_in_the_browser(
    contract: Contract,
    second_consumer: User,
    page_at: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    shot: Callable[[Page, str], Path],
    tmp_path: Path,
) -> None:
    for n in range(4):
        open_contract(make_plan(contract.merchant, name=f"卡{n}"), second_consumer)
    prepaid.confirm_visit(ask(contract, 6_000).pk, by=who(contract.holder))
    backdate(3)
    seal_all()
    (receipt,) = receipts([Transfer.objects.of_account(contract.account_id).latest("pk").pk])
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(receipt.text)
    assert receipt.content
    receipt.content["transfer"]["amount"] += 1
    bad.write_text(json.dumps(receipt.content, indent=1) + "\n")
    pages = {
        "roots": "/transparency/roots",
        "verify": "/transparency/verify",
        "receipt": f"/my/contracts/{contract.code}/receipts/{receipt.transfer_id}/",
        "evidence": f"/my/contracts/{contract.code}/evidence/",
    }
    for width, theme in ((360, "light"), (1280, "dark")):
        page = page_at(width, theme=theme, user=contract.holder)
        for name, address in pages.items():
            page.goto(address)
            assert page.evaluate(TOO_WIDE) <= 0, name
            assert axe(page) == [], name
            shot(page, f"proof-{name}-{width}")
    page.goto(pages["verify"])
    page.set_input_files("#file", bad)
    expect(page.locator("#verdict")).to_contain_text("不一致")
    page.set_input_files("#file", good)
    expect(page.locator("#verdict")).to_contain_text("没有被改过")
    assert axe(page) == []
    shot(page, "proof-verified-1280")

"""The API's page in a real browser, under our own policy: it draws every operation, and nothing complains."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SCHEMA = Path(__file__).parents[2] / "docs" / "openapi.json"
OPERATIONS = sum(
    len(methods.keys() & {"get", "post", "put", "patch", "delete"})
    for methods in json.loads(SCHEMA.read_text(encoding="utf-8"))["paths"].values()
)
IDS = "blocks => blocks.map(block => block.id)"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_swagger_draws_the_operations_without_a_complaint(page_at: Any) -> None:
    page = page_at(1280)
    page.goto("/api/docs/")
    page.wait_for_selector(".opblock-summary-path", timeout=30_000)
    page.locator("#operations-audit-audit_list .opblock-summary-control").click()
    page.wait_for_selector(".opblock-description-wrapper, .opblock-body")
    # The page draws only the operations in view: walk down and keep what was seen.
    drawn: set[str] = set()
    for _ in range(300):
        before = page.evaluate("() => window.scrollY")
        drawn |= set(page.eval_on_selector_all(".opblock", IDS))
        page.mouse.wheel(0, 700)
        page.wait_for_timeout(60)
        if page.evaluate("() => window.scrollY") == before:
            break
    drawn |= set(page.eval_on_selector_all(".opblock", IDS))
    assert len(drawn) == OPERATIONS > 100

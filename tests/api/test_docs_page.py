"""The API's page in a real browser, under our own policy: it draws, and nothing complains."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_swagger_draws_the_operations_without_a_complaint(page_at: Any) -> None:
    page = page_at(1280)
    page.goto("/api/docs/")
    # The page draws only the operations in view.
    page.wait_for_selector(".opblock-summary-path", timeout=30_000)
    page.locator("#operations-audit-audit_list .opblock-summary-control").click()
    page.wait_for_selector(".opblock-description-wrapper, .opblock-body")

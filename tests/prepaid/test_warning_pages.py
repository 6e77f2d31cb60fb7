"""The pages of early warning in a browser: the report on a phone, the watch list at a desk."""

from typing import Any

import pytest

from core.actors import SYSTEM
from core.calendar import business_date
from core.models import User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import Contract, RiskScore

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
REASONS = [
    {"code": "custody", "words": "存管缺 4.00 元，是应存管的 100%", "figure": 100, "points": 16, "basis": "建议值"},
    {"code": "run_off", "words": "还欠 3,000.00 元，近 30 天没有一笔消费", "figure": 9999, "points": 20,
     "basis": "风险监测的建议取值；消法实施条例 第22条第3款"},
]  # fmt: skip


def test_the_report_and_the_watch_list(
    merchant_a: Merchant, contract: Contract, consumer: User, district_officer: User, page_at: Any, axe: Any, shot: Any
) -> None:
    RiskScore.objects.create(merchant=merchant_a, on=business_date(), points=70, level="RED", reasons=REASONS)
    row = prepaid.follow_score(merchant_a.pk, by=SYSTEM)
    assert row is not None
    phone, desk = page_at(360, user=consumer), page_at(1280, theme="dark", user=district_officer)
    phone.goto(f"/shops/{merchant_a.public_code}/private-payment/")
    assert axe(phone) == []
    shot(phone, "private_payment_360")
    phone.get_by_role("button", name="举报").click()
    phone.get_by_text("已收到，辖区监管人员会核查").wait_for()
    for address, name in (
        ("riskwarning/", "risk_list"),
        (f"riskwarning/{row.pk}/change/", "risk_case"),
        (f"riskwarning/{row.pk}/act/stop/", "risk_stop"),
        ("privatepaymentreport/", "private_payments"),
    ):
        desk.goto(f"/admin/prepaid/{address}")
        assert axe(desk) == []
        shot(desk, f"{name}_1280_dark")
    small = page_at(360, user=district_officer)
    small.goto("/admin/prepaid/riskwarning/")
    assert axe(small) == []
    shot(small, "risk_list_360")

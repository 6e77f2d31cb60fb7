"""The sample sheet: every pattern of the visual language with invented figures, for developers and tests."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from core.clocks import Why
from core.looks import STATE_LOOKS

WHY = Why(
    start=date(2026, 9, 24),
    counted=[
        date(2026, 9, 28),
        date(2026, 9, 29),
        date(2026, 9, 30),
        *(date(2026, 10, n) for n in (8, 9, 10, 12)),
    ],
    sentence="收到当天不算，从 9月28日 起数 7 个工作日。中秋、国庆放假不算；10月10日（周六）调休上班，算。",
    law="《市场监督管理投诉举报处理办法》第十五条",
    version="2026-04-15",
    holidays=[*(date(2026, 9, n) for n in (25, 26, 27)), *(date(2026, 10, n) for n in range(1, 8))],
    makeup=[date(2026, 10, 10)],
)


KINDS = [("", "请选择"), ("card", "储值卡"), ("course", "课时")]


class SampleForm(forms.Form):
    """One field of each kind."""

    amount = forms.CharField(
        label="您付了多少",
        help_text="小票或转账记录上的金额",
        widget=forms.TextInput(attrs={"data-affix": "¥", "inputmode": "decimal"}),
        error_messages={"required": "填您付了多少"},
    )
    paid_on = forms.DateField(label="哪天付的", error_messages={"invalid": "日期写成 2026-10-08 这样"})
    kind = forms.ChoiceField(label="买的什么", choices=KINDS, required=False)
    reason = forms.ChoiceField(
        label="为什么要退",
        choices=[("closed", "店关门了"), ("moved", "我搬家了"), ("other", "别的原因")],
        widget=forms.RadioSelect,
        error_messages={"required": "选一个原因"},
    )
    note = forms.CharField(label="还想说什么", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    agree = forms.BooleanField(
        label="我已看过退款条款",
        help_text="不同意就不会扣款",
        error_messages={"required": "请先看退款条款，再勾选"},
    )


def sample(now: datetime) -> dict[str, Any]:
    """The sheet's figures; clocks are set around ``now``."""
    return {
        "form": SampleForm(),
        "wrong": SampleForm({"paid_on": "昨天", "amount": ""}, prefix="wrong"),
        "contract_states": [key for key in STATE_LOOKS if key.startswith(("contract.", "visit."))],
        "money_states": [key for key in STATE_LOOKS if key.startswith(("refund.", "payout.", "merchant."))],
        "calm": now + timedelta(days=20),
        "soon": now + timedelta(days=1),
        "tonight": now.date(),
        "past": now - timedelta(days=4),
        "hours": now + timedelta(hours=5),
        "why": WHY,
        "events": [
            {"kind": "next", "title": "受理后，双方调解", "text": "最长 60 天。调解要双方都愿意。"},
            {
                "kind": "now",
                "title": "已交江南里市场监管所",
                "at": now,
                "text": "经办人 陈立。",
                "who": "陈立",
            },
            {
                "title": "已收到您的投诉",
                "at": now - timedelta(days=14),
                "text": "附照片 3 张，合同和扣款记录已自动带上。",
            },
        ],
        "facts": [
            ("存管比例", "100%", "全额存管"),
            ("租约到期", "2027年1月13日", "还有 97 天"),
            ("备案", "无需备案"),
        ],
        "rows": [
            ("青禾造型", 275_000, "contract.ACTIVE"),
            ("清和瑜伽", 158_400, "contract.PAUSED"),
            ("跃岚健身", -60_000, "contract.FROZEN"),
        ],
    }


@login_not_required
def patterns(request: HttpRequest) -> HttpResponse:
    """Show the sheet; routed for developers only."""
    return render(request, "patterns.html", sample(timezone.localtime()))

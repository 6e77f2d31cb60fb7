"""The complaints and reports on a merchant's dossier."""

from __future__ import annotations

from complaints.models import Complaint, ViolationReport
from core.actors import Actor
from core.case_panels import Panel, link, table
from core.templatetags.portal_ui import cn_date, money, state_of
from merchants.admin import MerchantAdmin
from merchants.models import Merchant
from prepaid.admin import rows

ROWS = 10


def panels(merchant: Merchant, by: Actor) -> list[Panel]:
    """The newest complaints, and the reports an officer on duty may read; nothing where there are none."""
    found = []
    cases = Complaint.objects.in_own_regions(by).filter(merchant=merchant).select_related("handler").order_by("-id")
    cells = [
        (
            link(rows.case_url(row), row.code_grouped, row.get_cause_display()),
            state_of(row, "officer"),
            cn_date(row.received_at),
            row.handler.name if row.handler else "待分派",
            money(row.recovered_fen) if row.recovered_fen else "—",
        )
        for row in cases[:ROWS]
    ]
    if cells:
        heads = ("投诉", "状态", "收到", "承办人", "挽回损失")
        url = rows.list_url(Complaint, scope="all", merchant__id__exact=merchant.pk)
        found.append(table("投诉", heads, cells, numeric=(4,), url=url, link="全部投诉"))
    told = ViolationReport.objects.on_duty(by).filter(merchant=merchant).order_by("-id")
    lines = [
        (
            link(rows.case_url(row), row.code_grouped, row.get_cause_display()),
            state_of(row, "officer"),
            cn_date(row.received_at),
        )
        for row in told[:ROWS]
    ]
    if lines:
        found.append(table("举报", ("举报", "状态", "收到"), lines))
    return found


MerchantAdmin.more_panels.append(panels)

"""What early warning puts on the workbench: merchants to judge, proposed stops, reports and links to look into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from core.actors import Actor
from core.clocks import Face
from core.permissions import may
from core.templatetags.portal_ui import cn_date, state_of
from prepaid.admin.rows import case_url
from prepaid.admin.warnings import level_state
from prepaid.models import MerchantLink, PrivatePaymentReport, RiskWarning
from prepaid.risk_reports import with_scores

ROWS = 40
Row = tuple[str, str, str, Any, Face, date | None]


def waiting(by: Actor) -> dict[str, QuerySet[Any]]:
    """What to count for the doors on the left."""
    return {
        "risk": RiskWarning.objects.visible_to(by).waiting(),
        "risk_stops": RiskWarning.objects.visible_to(by).filter(status="STOP_PROPOSED"),
        "private_payments": PrivatePaymentReport.objects.visible_to(by).filter(status="RECEIVED"),
        "merchant_links": MerchantLink.objects.visible_to(by).filter(status="SUSPECTED"),
    }


def warnings(by: Actor) -> list[RiskWarning]:
    """Those an officer has to answer, with their scores; proposed stops come first, then the gravest."""
    rows = with_scores(RiskWarning.objects.visible_to(by).waiting())
    rows = rows.order_by("-status", "-points", "-id")  # type: ignore[misc]
    return list(rows.select_related("merchant__region", "proposed_by")[: 2 * ROWS])


def items(by: Actor, warned: Iterable[RiskWarning]) -> Iterator[Row]:
    """(title, note, address, state, face of the clock, last day) of each; these have no clock."""
    for row in warned:
        why = "；".join(one["words"] for one in (row.reasons or [])[:1])  # type: ignore[attr-defined]
        face = Face("soon", "alert", "待研判", f"{cn_date(row.opened_on)} 列入")
        note = f"风险分 {row.points} · {why}" if why else f"风险分 {row.points}"  # type: ignore[attr-defined]
        yield f"{row.merchant.brand_name} 风险研判", note, case_url(row), level_state(row.level), face, None
    told = PrivatePaymentReport.objects.visible_to(by).filter(status="RECEIVED").select_related("merchant")
    for report in told.order_by("id")[:ROWS]:
        face = Face("", "clock", "待核查", f"{cn_date(report.reported_on)} 举报")
        yield (
            f"{report.merchant.brand_name} 私下收款", report.text[:40] or "没有写经过", case_url(report),
            state_of(report, "officer"), face, None,
        )  # fmt: skip


def signatures(by: Actor, warned: Iterable[RiskWarning]) -> list[dict[str, Any]]:
    """Proposed stops that wait for an officer's word; what this officer proposed says 等别人."""
    found = []
    for row in warned:
        if row.status != "STOP_PROPOSED":
            continue
        found.append(
            {
                "title": f"{row.merchant.brand_name} 停止新发卡",
                "who": row.proposed_by.name if row.proposed_by else "系统",
                "at": None,
                "own": bool(by.user and row.proposed_by_id == by.user.pk),
                "may": may(by, "prepaid.stop_riskwarning", row),
                "url": case_url(row),
                "sign_url": reverse("admin:prepaid_riskwarning_act", args=[row.pk, "stop"]),
                "return_url": reverse("admin:prepaid_riskwarning_act", args=[row.pk, "dismiss"]),
            }
        )
    return found

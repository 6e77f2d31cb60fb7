"""What custody puts on the workbench: shortfalls with their clock, courts' freezes, what the bank got wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from core.actors import Actor
from core.case_panels import day_clock, stopped_clock
from core.clocks import Face, local
from core.money import yuan
from core.permissions import may
from core.templatetags.portal_ui import state_of
from prepaid.admin.rows import case_url
from prepaid.models import CourtOrder, CustodianNotice, CustodyWarning, Guarantee, Settlement

ROWS = 40


def waiting(by: Actor) -> dict[str, QuerySet[Any]]:
    """What to count for the doors on the left."""
    today = local(timezone.now()).date()
    return {
        "settlement_doubts": doubtful(by),
        "custody": CustodyWarning.objects.visible_to(by).filter(status__in=["WARNED", "OVERDUE"]),
        "guarantees": Guarantee.objects.visible_to(by).waiting(),
        "court_orders": CourtOrder.objects.visible_to(by).in_force(today),
        "court_lifts": CourtOrder.objects.visible_to(by).filter(status="LIFT_PROPOSED"),
    }


def doubtful(by: Actor) -> QuerySet[CustodianNotice]:
    """Words of the bank about settlements not at their end that moved nothing: another amount, paid after returned."""
    mine = Settlement.objects.visible_to(by).exclude(status="PAID").values("code")
    odd = Q(outcome__startswith="结算金额不符") | Q(outcome__startswith="已退回的结算")
    return CustodianNotice.objects.filter(odd, number__in=mine)


# Text, icon, address, the count it shows, whether that is urgent.
Row = tuple[str, str, str, Any, Face, date | None]


def court_orders(by: Actor) -> list[CourtOrder]:
    """Those that bind the bank today, and those whose lifting waits for a second officer; the latter first."""
    today = local(timezone.now()).date()
    lifting = CourtOrder.objects.visible_to(by).filter(status="LIFT_PROPOSED")
    rows = (CourtOrder.objects.visible_to(by).in_force(today) | lifting).order_by("-status", "id")
    return list(rows.select_related("merchant__region", "lift_proposed_by")[: 2 * ROWS])


def items(by: Actor, orders: Iterable[CourtOrder]) -> Iterator[Row]:
    """(title, note, address, state, face of the clock, last day) of each."""
    warnings = CustodyWarning.objects.visible_to(by).filter(status__in=["WARNED", "OVERDUE"])
    for warning in warnings.select_related("merchant").order_by("due_on", "id")[:ROWS]:
        stops = "逾期，待确认停售" if warning.status == "OVERDUE" else "限期补足"
        yield (
            f"{warning.merchant.brand_name} 存管不足",
            f"缺 ¥{yuan(warning.shortfall_fen)} · {stops}",
            case_url(warning),
            state_of(warning, "officer"),
            day_clock("", warning.due_on).face,
            warning.due_on,
        )
    today = local(timezone.now()).date()
    for order in orders:
        if order.starts_on > today or (order.until and order.until < today):
            continue
        yield (
            f"{order.merchant.brand_name} 法院冻结",
            f"¥{yuan(order.amount_fen)} · {order.court} · 结算已停",
            case_url(order),
            state_of(order, "officer"),
            day_clock("", order.until).face if order.until else stopped_clock("", "解除前停止结算").face,
            order.until,
        )


def signatures(by: Actor, orders: Iterable[CourtOrder]) -> list[dict[str, Any]]:
    """Court orders whose lifting waits for a second officer."""
    found = []
    for row in orders:
        if row.status != "LIFT_PROPOSED":
            continue
        proposer = row.lift_proposed_by
        found.append(
            {
                "title": f"{row.merchant.brand_name} 解除法院冻结 ¥{yuan(row.amount_fen)}",
                "who": proposer.name if proposer else "",
                "at": None,
                "own": bool(by.user and proposer and proposer.pk == by.user.pk),
                "may": may(by, "prepaid.lift_court_order", row),
                "url": case_url(row),
                "sign_url": reverse("admin:prepaid_courtorder_act", args=[row.pk, "approve_lift"]),
                "return_url": reverse("admin:prepaid_courtorder_act", args=[row.pk, "reject_lift"]),
            }
        )
    return found

"""The nightly jobs of closing shops and of shops without service."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.actors import SYSTEM
from core.jobs import job
from prepaid import actions as prepaid
from prepaid.jobs import each
from prepaid.models import ClosingNotice, RunOff


@job("prepaid.dead_shops", "停业熔断：没有服务记录的停付", at="00:07")
def dead_shops(on: date, shard: int) -> dict[str, Any]:
    """Before the periods are paid: let shops with a confirmed service go on, and stop those without one."""
    back = each(prepaid.revived(on), lambda pk: prepaid.resume_by_visit(pk, by=SYSTEM, on=on))
    return {"resumed": back, "stopped": prepaid.stop_dead_shops(on)}


@job("prepaid.closings", "停业清退", at="00:20")
def closings(on: date, shard: int) -> dict[str, Any]:
    """Tell who was not told, refund who said nothing by the last day, pay run-offs further, close what was verified."""
    working = ClosingNotice.objects.filter(status__in=["SALES_STOPPED", "SETTLING", "EMERGENCY"]).order_by("pk")
    notices = {pk: prepaid.settle_ended(pk, on) for pk in working.values_list("pk", flat=True)}
    for pk in RunOff.objects.filter(status=RunOff.Status.OPEN).order_by("pk").values_list("pk", flat=True):
        prepaid.count_claims(pk)
    paying = list(RunOff.objects.filter(status=RunOff.Status.PAYING).order_by("pk").values_list("pk", flat=True))
    verified = ClosingNotice.objects.filter(status=ClosingNotice.Status.VERIFIED, closes_on__lte=on)
    return {
        "notices": notices,
        "run_offs": each(paying, prepaid.pay_run_off_again),
        "closed": each(
            list(verified.values_list("pk", flat=True)), lambda pk: prepaid.close_closing(pk, by=SYSTEM, on=on)
        ),
    }

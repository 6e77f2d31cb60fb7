"""What waits for a shop, for the doors of its console."""

from typing import Any

from django import template

from core.money import yuan
from merchants.models import Merchant
from prepaid.closing_reports import closings_of
from prepaid.models import ClosingNotice, Contract, Refund, Visit

register = template.Library()


@register.simple_tag
def shop_counts(merchant: Merchant | None) -> dict[str, int]:
    """``refunds`` to answer and ``todo``: those and the disputed visits. One query."""
    if merchant is None:
        return {}
    asked = Refund.objects.filter(merchant=merchant, status=Refund.Status.REQUESTED).order_by()
    disputed = Visit.objects.filter(merchant=merchant, status=Visit.Status.DISPUTED).order_by()
    kinds = [
        kind for kind, _ in asked.values_list("status", "pk").union(disputed.values_list("status", "pk"), all=True)
    ]
    refunds = kinds.count(Refund.Status.REQUESTED)
    return {"refunds": refunds, "todo": len(kinds)}


@register.simple_tag
def shop_closings(merchant: Merchant) -> list[ClosingNotice]:
    """The notices of closing that a shop's public page shows. One query."""
    return closings_of(merchant)


@register.filter
def face(fen: int) -> str:
    """A face value as people say it at the till: ``60``, and ``85.50`` only where there are fen."""
    return yuan(fen).removesuffix(".00")


@register.simple_tag
def face_left(contract: Contract) -> dict[str, Any]:
    """What the customer still has on a card, of lots fetched before: ``fen`` or ``times``."""
    lots = list(contract.lots.all())
    return {"fen": sum(lot.face_left_fen for lot in lots), "times": sum(lot.times_left for lot in lots)}

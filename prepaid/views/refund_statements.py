"""The sum of a refund on paper, for everybody who may see the refund."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from core.actors import Actor
from core.errors import NotFound
from core.identifiers import clean_public_code
from prepaid.models import Refund


@require_GET
def refund_statement(request: HttpRequest, code: str) -> HttpResponse:
    """「退款计算单」: each line with its formula and article, to print. Raises NotFound."""
    rows = Refund.objects.visible_to(Actor.of(request)).select_related(
        "merchant", "contract__holder", "contract__plan", "part_of", "shortfall"
    )
    refund = rows.filter(code=clean_public_code(code)).first()
    if refund is None:
        raise NotFound
    audience, back = _reader(request, refund)
    shortfall = getattr(refund, "shortfall", None)
    owed = shortfall.amount_fen if shortfall else 0
    context = {
        "refund": refund,
        "contract": refund.contract,
        "audience": audience,
        "back": back,
        "several": len({line["lot"] for line in refund.lines}) > 1,
        "owed_fen": owed,
        "later_fen": max(0, refund.total_fen - refund.amount_fen - owed),
        "open_points": list(dict.fromkeys(line["open_point"] for line in refund.lines if line.get("open_point"))),
    }
    return render(request, "prepaid/refund_statement.html", context)


def _reader(request: HttpRequest, refund: Refund) -> tuple[str, str]:
    """In whose words, and where the reader came from."""
    access = request.user.access  # type: ignore[union-attr]
    if access.is_regulator:
        return "officer", reverse("admin:prepaid_refund_change", args=[refund.pk])
    if refund.merchant_id in access.merchants():
        return "merchant", reverse("prepaid:merchant_refund", args=[refund.code])
    return "consumer", reverse("prepaid:refund", args=[refund.code])

"""「下载全部凭证」: the evidence pack, for the consumer on request."""

from __future__ import annotations

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.actors import Actor
from core.models import User
from core.permissions import require
from core.transactions import durably
from prepaid import actions as prepaid
from prepaid.evidence import Pack, stream
from prepaid.models import Contract
from prepaid.views.consumer import my_contract, person


def download(contract: Contract, reader: User | None, purpose: str = "") -> StreamingHttpResponse:
    """The pack as a download, sent while it is made."""
    pack = Pack(contract, reader, timezone.now(), purpose)
    headers = {
        "Content-Disposition": f'attachment; filename="evidence-{contract.code}.zip"',
        "Cache-Control": "private, no-store",
    }
    return StreamingHttpResponse(stream(pack), content_type="application/zip", headers=headers)


@require_http_methods(["GET", "POST"])
def evidence(request: HttpRequest, code: str) -> HttpResponseBase:
    """What is inside; then the file."""
    contract, by = my_contract(request, code), Actor.of(request)
    require(by, "prepaid.export_evidence", contract)
    if request.method == "POST":
        return download(durably(lambda: prepaid.export_evidence(contract.pk, by=by)), person(request))
    back = reverse("prepaid:contract", args=[contract.code])
    context = {"nav_current": "prepaid:my_prepaid", "contract": contract, "back": back}
    return render(request, "prepaid/proofs/evidence.html", context)

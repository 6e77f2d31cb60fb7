"""The custodian's callback: its signature is what signs it in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.actors import CUSTODIAN
from core.api.problems import problem_response
from core.errors import Invalid, PortalError
from core.money import MAX_FEN
from core.transactions import durably
from prepaid import actions as prepaid
from prepaid.custodian import BadSignature, Notice, custodian

JSON = "application/json"


@csrf_exempt
@login_not_required
@require_POST
def callback(request: HttpRequest) -> HttpResponse:
    """Take one signed notice; 200 whatever it means to us, 401 when it is forged or stale.

    Only while we are busy the bank gets 409 or 503, and tells us again later; a repeat changes nothing.
    """
    try:
        if request.content_type != JSON:
            # A form would be parsed, and with it the raw body that was signed is gone.
            raise BadSignature
        notice = _storable(custodian().verify_callback(request.headers, request.body))
        row = durably(lambda: prepaid.receive(notice, by=CUSTODIAN))
    except PortalError as error:
        return problem_response(error, getattr(request, "request_id", ""))
    return JsonResponse({"outcome": row.outcome}, json_dumps_params={"ensure_ascii": False})


def _storable(notice: Notice) -> Notice:
    """The notice, if our tables can hold it. Raises Invalid: a bank that signs nonsense hears so at once."""
    texts = (notice.kind, notice.bank_ref, notice.number, notice.payer_account, notice.reason)
    if not all(isinstance(text, str) for text in texts) or notice.amount_fen > MAX_FEN:
        raise Invalid
    longest = {notice.kind: 20, notice.bank_ref: 64, notice.number: 40}
    if any(len(text) > longest.get(text, 500) or not text.isprintable() for text in texts):
        raise Invalid
    return notice

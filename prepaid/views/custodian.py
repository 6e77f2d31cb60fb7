"""The custodian's callback: its signature is what signs it in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.actors import CUSTODIAN
from core.api.problems import problem_response
from core.errors import PortalError
from core.transactions import durably
from prepaid import actions as prepaid
from prepaid.custodian import BadSignature, custodian

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
        notice = custodian().verify_callback(request.headers, request.body)
        row = durably(lambda: prepaid.receive(notice, by=CUSTODIAN))
    except PortalError as error:
        return problem_response(error, getattr(request, "request_id", ""))
    return JsonResponse({"outcome": row.outcome}, json_dumps_params={"ensure_ascii": False})

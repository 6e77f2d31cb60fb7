"""The coverage figures on public view."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from trust_units.models import CoverageRow

MOST = 500


@login_not_required
@require_GET
@cache_control(public=True, max_age=300)
def coverage_json(request: HttpRequest) -> JsonResponse:
    """Units, businesses covered and registered, checks and removals by county; ``after`` pages on by code.

    The row with the empty code is all together; rates are for the reader to divide.
    """
    fields = ("area", "name", "counted_on", "units", "covered", "entities", "checked", "removed", "pools")
    after = request.GET.get("after", "")[:12]
    rows = CoverageRow.objects.filter(area__gt=after) if after else CoverageRow.objects.all()
    found = list(rows.order_by("area").values(*fields)[: MOST + 1])
    shown = found[:MOST]
    following = shown[-1]["area"] if len(found) > MOST else ""
    return JsonResponse({"counties": shown, "after": following}, json_dumps_params={"ensure_ascii": False})

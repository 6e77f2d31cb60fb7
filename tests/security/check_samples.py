"""Addresses and bodies of checks, slips, removals, draws and marks; see samples.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.security.world import Belongings, World
from trust_units.models import Campaign, Draw, FeedbackSlip, Removal

REASON = {"reason": "核实后办理，理由充分"}


def _slip(o: Belongings) -> FeedbackSlip:
    return FeedbackSlip.objects.get(spot_check__store=o.store)


def _removal(o: Belongings) -> Removal:
    return Removal.objects.get(unit__store=o.store)


HOLES: dict[str, Callable[[World, Belongings], dict[str, Any]]] = {
    "/mark/": lambda w, o: {"code": _removal(o).unit.code},
    "/transparency/draws/": lambda w, o: {"day": Draw.objects.get().day.isoformat()},
    "/api/v1/draws/": lambda w, o: {"day": Draw.objects.get().day.isoformat()},
    "/api/v1/marks/": lambda w, o: {"code": _removal(o).unit.code},
    "/api/v1/spot-checks/": lambda w, o: {"code": _slip(o).spot_check.code},
    "/api/v1/feedback-slips/": lambda w, o: {"code": _slip(o).code},
    "/console/trust/slips/": lambda w, o: {"code": _slip(o).code, "step": "acknowledge"},
    "/console/trust/removals/": lambda w, o: {"pk": _removal(o).pk, "step": "state"},
    "/console/trust/plaque/": lambda w, o: {"code": _removal(o).unit.code},
    "/admin/trust_units/spotcheck/": lambda w, o: {"object_id": _slip(o).spot_check_id, "name": "find"},
    "/admin/trust_units/feedbackslip/": lambda w, o: {"object_id": _slip(o).pk, "name": "acknowledge"},
    "/admin/trust_units/removal/": lambda w, o: {"object_id": _removal(o).pk, "name": "drop"},
    "/admin/trust_units/campaign/": lambda w, o: {"object_id": Campaign.objects.get().pk, "name": "none"},
    "/admin/trust_units/draw/": lambda w, o: {"object_id": Draw.objects.get().pk, "name": "none"},
}
BODIES: dict[str, Callable[[World, Belongings], dict[str, Any]]] = {
    "POST /api/v1/spot-checks/{code}/record": lambda w, o: {"outcome": "find", "findings": ["没有明码标价"]},
    "POST /api/v1/feedback-slips/{code}/extend": lambda w, o: REASON,
    "POST /console/trust/removals/{pk}/{step}/": lambda w, o: {"text": "我们按承诺办了退货"},
    "POST /admin/trust_units/spotcheck/{object_id}/act/{name}/": lambda w, o: {"findings": "没有明码标价"},
    "POST /admin/trust_units/removal/{object_id}/act/{name}/": lambda w, o: REASON,
}

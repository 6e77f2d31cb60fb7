"""Addresses and bodies of declarations; see samples.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.security.world import Belongings, World
from trust_units.models import CriteriaSet, Declaration, NoDisturbEntry, PostEvaluation

REASON = {"reason": "核实后办理，理由充分"}
TEXT = {"text": "价目表和收的钱不一样"}


def _of(o: Belongings) -> Declaration:
    return Declaration.objects.get(unit__store=o.store)


HOLES: dict[str, Callable[[World, Belongings], dict[str, Any]]] = {
    "/api/v1/declarations/": lambda w, o: {"code": _of(o).code},
    "/api/v1/declarations-published/": lambda w, o: {"code": _of(o).code},
    "/api/v1/trust-units/": lambda w, o: {"code": _of(o).unit.code},
    "/console/trust/declarations/": lambda w, o: {
        "code": _of(o).code, "step": "withdraw", "criterion": "have_prices"
    },
    "/units/publicity/": lambda w, o: {"code": _of(o).code},
    "/admin/trust_units/declaration/": lambda w, o: {"object_id": _of(o).pk, "name": "refuse"},
    "/open-data/": lambda w, o: {"name": "units.csv.gz"},
    "/admin/trust_units/objection/": lambda w, o: {"object_id": _of(o).objections.get().pk, "name": "answer"},
    "/admin/trust_units/nodisturbentry/": lambda w, o: {
        "object_id": NoDisturbEntry.objects.get(merchant=o.store.merchant).pk, "name": "refuse"
    },
    "/admin/trust_units/postevaluation/": lambda w, o: {
        "object_id": PostEvaluation.objects.get(unit__store=o.store).pk, "name": "confirm"
    },
    "/admin/trust_units/criteriaset/": lambda w, o: {"object_id": CriteriaSet.objects.get().pk, "name": "publish"},
}  # fmt: skip
BODIES: dict[str, Callable[[World, Belongings], dict[str, Any]]] = {
    "POST /api/v1/declarations": lambda w, o: {"store": o.store.pk, "unit_type": "COMMITMENT"},
    "POST /api/v1/declarations/{code}/answer": lambda w, o: {"criterion": "have_prices", "met": True},
    "POST /api/v1/declarations/{code}/promise": lambda w, o: {"promise": "明码标价，七天内无理由退款"},
    "POST /console/trust/": lambda w, o: {"store": o.store.pk, "unit_type": "COMMITMENT"},
    "POST /console/trust/declarations/{code}/answers/{criterion}/": lambda w, o: {"have_prices-met": "yes"},
    "POST /units/publicity/{code}/": lambda w, o: TEXT,
    "POST /admin/trust_units/declaration/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /admin/trust_units/objection/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /admin/trust_units/nodisturbentry/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /admin/trust_units/postevaluation/{object_id}/act/{name}/": lambda w, o: {
        **REASON, "outcome": "CONSOLIDATE", "stars": 0
    },
    "POST /admin/trust_units/criteriaset/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /admin/trust_units/criteriaset/new/": lambda w, o: {
        "note": "再改一改", "effective_from": "2027-12-31", "content": "{}",
    },
}  # fmt: skip

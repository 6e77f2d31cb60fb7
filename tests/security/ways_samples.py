"""Addresses and bodies of whistles, mall tickets, ODR enterprises, agenda packs and monthly topics; see samples.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from merchants.models import Mall
from tests.security.complaint_world import complaint_of
from tests.security.ways_world import (
    DEPARTMENT,
    call_of,
    enrolment_of,
    pack_of,
    referral_of,
    ticket_of,
    topic_of,
    whistle_of,
)
from tests.security.world import Belongings, World

REASON = {"reason": "核实后办理，理由充分"}


def _mall(o: Belongings) -> str:
    return Mall.objects.get(stores=o.store.pk).public_code


HOLES: dict[str, Callable[[World, Belongings], dict[str, Any]]] = {
    "/malls/": lambda w, o: {"code": _mall(o)},
    "/my/mall-tickets/": lambda w, o: {"code": ticket_of(o.merchant, o.consumer).code, "step": "complain"},
    "/mall/tickets/": lambda w, o: {"code": ticket_of(o.merchant, o.consumer).code},
    "/console/odr/": lambda w, o: {"step": "volunteer"},
    "/api/v1/whistles/": lambda w, o: {"code": whistle_of(o.merchant).code},
    "/api/v1/whistle-calls/": lambda w, o: {"code": call_of(o.merchant).code},
    "/api/v1/mall-tickets/": lambda w, o: {"code": ticket_of(o.merchant, o.consumer).code},
    "/api/v1/odr-enrolments/": lambda w, o: {"pk": enrolment_of(o.merchant).pk},
    "/api/v1/agenda-packs/": lambda w, o: {"pk": pack_of().pk},
    "/api/v1/monthly-topics/": lambda w, o: {"pk": topic_of().pk},
    "/admin/complaints/whistle/": lambda w, o: {"object_id": whistle_of(o.merchant).pk, "name": "withdraw"},
    "/admin/complaints/whistlecall/": lambda w, o: {"object_id": call_of(o.merchant).pk, "name": "accept"},
    "/admin/complaints/referral/": lambda w, o: {"object_id": referral_of(o.merchant).pk, "name": "confirm"},
    "/admin/complaints/mallticket/": lambda w, o: {
        "object_id": ticket_of(o.merchant, o.consumer).pk, "name": "complain",
    },
    "/admin/complaints/odrenrolment/": lambda w, o: {"object_id": enrolment_of(o.merchant).pk, "name": "suspend"},
    "/admin/complaints/agendapack/": lambda w, o: {"object_id": pack_of().pk, "name": "hold"},
    "/admin/complaints/monthlytopic/": lambda w, o: {"object_id": topic_of().pk, "name": "drop"},
}  # fmt: skip
BODIES: dict[str, Callable[[World, Belongings], dict[str, Any]]] = {
    "POST /malls/{code}/ticket/": lambda w, o: {"text": "租户不退余款，请协调"},
    "POST /mall/tickets/{code}/": lambda w, o: {"text": "已请租户退款"},
    "POST /api/v1/whistles": lambda w, o: {
        "complaint": complaint_of(o.merchant).code, "departments": [DEPARTMENT], "need": "到场核查培训资质",
    },
    "POST /api/v1/whistles/{code}/resolve": lambda w, o: REASON,
    "POST /api/v1/whistles/{code}/withdraw": lambda w, o: REASON,
    "POST /api/v1/whistle-calls/{code}/refuse": lambda w, o: REASON,
    "POST /api/v1/whistle-calls/{code}/report": lambda w, o: {"text": "已到场核查完毕"},
    "POST /api/v1/mall-tickets": lambda w, o: {"mall": _mall(o), "text": "租户不退余款，请协调"},
    "POST /api/v1/mall-tickets/{code}/respond": lambda w, o: {"response": "已请租户退款"},
    "POST /api/v1/mall-tickets/{code}/reopen": lambda w, o: REASON,
    "POST /api/v1/odr-enrolments/{pk}/decline": lambda w, o: REASON,
    "POST /api/v1/odr-enrolments/{pk}/suspend": lambda w, o: REASON,
    "POST /admin/complaints/whistle/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /admin/complaints/odrenrolment/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /admin/complaints/agendapack/{object_id}/act/{name}/": lambda w, o: {"minutes": "今天三件疑难件"},
}  # fmt: skip

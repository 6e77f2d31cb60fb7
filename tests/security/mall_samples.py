"""Addresses and bodies of malls, locked doors and heirs; see samples.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from merchants.models import Mall
from tests.security.world import Belongings, World

REASON = {"reason": "核实后办理，理由充分"}


def _mall(o: Belongings) -> Mall:
    """The mall that the shop's store stands in."""
    return Mall.objects.get(stores=o.store.pk)


def _lock_out(o: Belongings) -> Any:
    """The report on the shop's locked door."""
    return o.merchant.lock_outs.get()


HOLES: dict[str, Callable[[World, Belongings], dict[str, Any]]] = {
    "/api/v1/heir-claims/": lambda w, o: {"code": o.merchant.heir_claims.get().code},
    "/my/heirs/": lambda w, o: {"code": o.merchant.heir_claims.get().code, "step": "withdraw"},
    "/admin/prepaid/heirclaim/": lambda w, o: {"object_id": o.merchant.heir_claims.get().pk, "name": "send_back"},
    "/api/v1/malls/": lambda w, o: {"public_code": _mall(o).public_code},
    "/api/v1/mall-measures/": lambda w, o: {"pk": _mall(o).measures.get().pk},
    "/api/v1/lock-outs/": lambda w, o: {"code": _lock_out(o).code},
    "/mall/tenants/": lambda w, o: {"pk": o.store.pk, "step": "confirm"},
    "/mall/closings/": lambda w, o: {"code": o.merchant.closings.get().code, "step": "publish"},
    "/mall/measures/": lambda w, o: {"code": "M01"},
    "/admin/merchants/mall/": lambda w, o: {"object_id": _mall(o).pk, "name": "appoint"},
    "/admin/merchants/mallmeasurecheck/": lambda w, o: {"object_id": _mall(o).measures.get().pk, "name": "send_back"},
    "/admin/prepaid/lockoutreport/": lambda w, o: {"object_id": _lock_out(o).pk, "name": "dismiss"},
}
BODIES: dict[str, Callable[[World, Belongings], dict[str, Any]]] = {
    "POST /api/v1/heir-claims": lambda w, o: {
        "merchant": o.merchant.public_code, "deceased_name": "周大山", "deceased_phone": "13900000091",
        "relation": "CHILD", "wish": "REFUND",
    },
    "POST /api/v1/heir-claims/{code}/documents": lambda w, o: {"kind": "DEATH"},
    "POST /api/v1/heir-claims/{code}/send-back": lambda w, o: REASON,
    "POST /api/v1/heir-claims/{code}/check": lambda w, o: REASON,
    "POST /api/v1/heir-claims/{code}/reject": lambda w, o: REASON,
    "POST /admin/prepaid/heirclaim/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /api/v1/malls": lambda w, o: {
        "name": "新商场", "region": "330199001", "address": "一路1号", "company_name": "示范商管公司",
        "company_uscc": "92330199MA2TXYT07Q",
    },
    "POST /api/v1/malls/{public_code}/appoint": lambda w, o: {"phone": "13900000092", "name": "小顾"},
    "POST /api/v1/malls/{public_code}/confirm-tenant": lambda w, o: {"store": o.store.pk},
    "POST /api/v1/malls/{public_code}/disown-tenant": lambda w, o: {"store": o.store.pk},
    "POST /api/v1/malls/{public_code}/declare-closing": lambda w, o: {
        "store": o.store.pk, "reason": "LEASE", "closes_on": "2027-12-31",
    },
    "POST /api/v1/mall-measures/{pk}/submit": lambda w, o: {"evidence": "逐户核验执照"},
    "POST /api/v1/mall-measures/{pk}/send-back": lambda w, o: REASON,
    "POST /api/v1/mall-measures/{pk}/lapse": lambda w, o: REASON,
    "POST /api/v1/lock-outs": lambda w, o: {"store": o.store.pk},
    "POST /api/v1/lock-outs/{code}/open-run-off": lambda w, o: {**REASON, "served_until": "2026-01-01"},
    "POST /api/v1/lock-outs/{code}/dismiss": lambda w, o: REASON,
    "POST /shops/{code}/lock-out/": lambda w, o: {"store": o.store.pk},
    "POST /admin/merchants/mall/{object_id}/act/{name}/": lambda w, o: {"phone": "13900000092", "name": "小顾"},
    "POST /admin/merchants/mallmeasurecheck/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /admin/prepaid/lockoutreport/{object_id}/act/{name}/": lambda w, o: REASON,
}  # fmt: skip

"""For each address: whose objects go into it, and a body that is right in form.

A body need not be possible in the object's state (409 says the caller was let through); it must be readable,
or a refusal would not show whether the caller or the body was at fault.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.security.world import Belongings, World

Body = dict[str, Any]
REASON = {"reason": "核实后办理，理由充分"}
LICENCE = "92330199MA2TXYT07"

# What stands in the holes of an address, by its beginning; the longest beginning wins.
HOLES: dict[str, Callable[[World, Belongings], dict[str, Any]]] = {
    "/api/v1/merchants/": lambda w, o: {"public_code": o.merchant.public_code},
    "/api/v1/registrations/": lambda w, o: {"public_code": o.merchant.public_code, "store_id": o.store.pk},
    "/api/v1/reviews/": lambda w, o: {"public_code": o.merchant.public_code},
    "/api/v1/restrictions/": lambda w, o: {"pk": o.restriction.pk},
    "/api/v1/plans/": lambda w, o: {"pk": o.plan.pk},
    "/api/v1/prices/": lambda w, o: {"pk": o.price.pk},
    "/api/v1/contracts/": lambda w, o: {"code": o.contract.code},
    "/api/v1/payments/": lambda w, o: {"order_no": o.order.order_no},
    "/api/v1/visits/": lambda w, o: {"code": o.visit.code},
    "/api/v1/refunds/": lambda w, o: {"code": o.refund.code},
    "/api/v1/freezes/": lambda w, o: {"pk": o.freeze.pk},
    "/api/v1/outbox/": lambda w, o: {"pk": w.outbox.pk},
    "/shops/": lambda w, o: {"code": o.merchant.public_code},
    "/my/contracts/": lambda w, o: {"code": o.contract.code},
    "/my/visits/": lambda w, o: {"code": o.visit.code},
    "/my/refunds/": lambda w, o: {"code": o.refund.code},
    "/join/": lambda w, o: {"pk": o.merchant.pk, "store_id": o.store.pk},
    "/console/contracts/": lambda w, o: {"code": o.contract.code, "step": "decline"},
    "/console/contracts/sell/": lambda w, o: {"pk": o.plan.pk},
    "/console/plans/": lambda w, o: {"pk": o.plan.pk, "step": "withdraw"},
    "/console/plans/prices/": lambda w, o: {"pk": o.price.pk},
    "/console/refunds/": lambda w, o: {"code": o.refund.code},
    "/console/shop/staff/": lambda w, o: {"pk": o.clerk.memberships.get().pk},
    "/console/shop/stores/": lambda w, o: {"store_id": o.store.pk},
    "/console/visits/": lambda w, o: {"code": o.visit.code},
    "/admin/merchants/merchant/": lambda w, o: {"object_id": o.merchant.pk, "name": "unmask"},
    "/admin/merchants/store/": lambda w, o: {"object_id": o.store.pk},
    "/admin/merchants/registerentry/": lambda w, o: {"object_id": w.entry.pk},
    "/admin/merchants/registerimport/": lambda w, o: {"object_id": w.register.pk},
    "/admin/prepaid/contract/": lambda w, o: {"object_id": o.contract.pk, "name": "propose_freeze"},
    "/admin/prepaid/visit/": lambda w, o: {"object_id": o.visit.pk, "name": "uphold"},
    "/admin/prepaid/refund/": lambda w, o: {"object_id": o.refund.pk, "name": "order"},
    "/admin/prepaid/freeze/": lambda w, o: {"object_id": o.freeze.pk, "name": "approve"},
    "/admin/prepaid/suspenseitem/": lambda w, o: {"object_id": w.suspense.pk},
    "/admin/prepaid/custodiannotice/": lambda w, o: {"object_id": w.notice.pk},
    "/admin/core/region/": lambda w, o: {"object_id": "330199", "name": "none"},
    "/admin/core/industry/": lambda w, o: {"object_id": 1, "name": "none"},
    "/admin/core/calendarday/": lambda w, o: {"object_id": "2026-10-01", "name": "none"},
    "/admin/core/rulepack/": lambda w, o: {"object_id": w.pack.pk, "name": "none"},
    "/admin/core/auditevent/": lambda w, o: {"object_id": w.line.pk, "name": "none"},
    "/admin/ledger/": lambda w, o: {"account_id": o.contract.account_id},
    "/admin/files/": lambda w, o: {"file_id": o.file.pk},
    "/admin/r/": lambda w, o: {"content_type_id": 1, "object_id": 1},
    "/admin/": lambda w, o: {"app_label": "prepaid", "url": "nowhere"},
}

# Query strings that an address does not answer without.
QUERIES: dict[str, Callable[[World, Belongings], dict[str, str]]] = {
    "GET /api/v1/audit": lambda w, o: {"object": f"contract:{o.contract.code}"},
    "GET /api/v1/contracts/{code}/refund-quote": lambda w, o: {"cause": "CONSUMER"},
}


def _visit(w: World, o: Belongings) -> Body:
    return {"contract": o.contract.code, "store": o.store.pk, "item": "洗剪吹", "face_fen": 6_000}


BODIES: dict[str, Callable[[World, Belongings], Body]] = {
    "POST /api/v1/registrations": lambda w, o: {
        "uscc": LICENCE + "Q", "legal_name": "示范区某店", "brand_name": "某店", "industry": 1, "region": "330199001",
    },
    "PATCH /api/v1/registrations/{public_code}": lambda w, o: {"brand_name": "新店招"},
    "POST /api/v1/registrations/{public_code}/stores": lambda w, o: {
        "name": "二店", "region": "330199001", "address": "二路2号",
    },
    "PATCH /api/v1/registrations/{public_code}/stores/{store_id}": lambda w, o: {"name": "改名店"},
    "POST /api/v1/registrations/{public_code}/submit": lambda w, o: {"phone_code": "123456"},
    "POST /api/v1/reviews/{public_code}/send-back": lambda w, o: {"reasons": ["补租约"]},
    "POST /api/v1/restrictions": lambda w, o: {
        "merchant": o.merchant.public_code, "source": "抽查", "reason": "未备案",
    },
    "POST /api/v1/plans": lambda w, o: {
        "merchant": o.merchant.public_code, "name": "新卡", "kind": "STORED_VALUE", "price_fen": 100_000,
        "description": "通用", "refund_terms": "依法退款",
    },
    "PATCH /api/v1/plans/{pk}": lambda w, o: {"name": "改名卡"},
    "POST /api/v1/prices": lambda w, o: {"merchant": o.merchant.public_code, "name": "吹风", "price_fen": 2_000},
    "POST /api/v1/contracts": lambda w, o: {"plan": o.plan.pk, "store": o.store.pk, "phone": "13900000099"},
    "POST /api/v1/contracts/{code}/sign": lambda w, o: {"terms_hash": o.contract.terms_hash},
    "POST /api/v1/contracts/{code}/top-up": lambda w, o: {"plan": o.plan.pk},
    "POST /api/v1/contracts/{code}/users": lambda w, o: {"phone": "13900000098"},
    "POST /api/v1/contracts/{code}/pause": lambda w, o: {"reason": "ILLNESS"},
    "POST /api/v1/visits": _visit,
    "POST /api/v1/visits/report": _visit,
    "POST /api/v1/visits/redeem-code": lambda w, o: {
        "merchant": o.merchant.public_code, "store": o.store.pk, "item": "洗头", "face_fen": 100,
        "code": w.shown_code(o),
    },
    "POST /api/v1/visits/{code}/dispute": lambda w, o: REASON,
    "POST /api/v1/visits/{code}/correct": lambda w, o: {**REASON, "face_fen": 100},
    "POST /api/v1/visits/{code}/uphold": lambda w, o: REASON,
    "POST /api/v1/visits/{code}/reject": lambda w, o: REASON,
    "POST /api/v1/refunds": lambda w, o: {"contract": o.contract.code, "cause": "CONSUMER"},
    "POST /api/v1/refunds/{code}/refuse": lambda w, o: {"answer": "已按约定服务"},
    "POST /api/v1/refunds/{code}/order": lambda w, o: REASON,
    "POST /api/v1/refunds/{code}/change-account": lambda w, o: {
        "account": "6222020200000000001", "payee": o.consumer.name,
    },
    "POST /api/v1/freezes": lambda w, o: {"merchant": o.merchant.public_code, **REASON},
    "POST /api/v1/freezes/{pk}/propose-lift": lambda w, o: REASON,
    "POST /console/choose/": lambda w, o: {"shop": o.merchant.pk},
    "POST /console/counter/store/": lambda w, o: {"store": o.store.pk},
    "POST /console/counter/charge/": lambda w, o: {"card": o.contract.code, "item": "other", "amount": "60"},
    "POST /console/plans/": lambda w, o: {"name": "吹风", "price_fen": "20"},
    "POST /console/shop/staff/": lambda w, o: {"name": "小新", "phone": "13900000097"},
    "POST /console/shop/staff/{pk}/pin/": lambda w, o: {"pin": "2580"},
    "POST /console/refunds/{code}/refuse/": lambda w, o: {"answer": "已按约定服务"},
    "POST /console/visits/{code}/": lambda w, o: {"step": "withdraw"},
    "POST /my/visits/{code}/dispute/": lambda w, o: REASON,
    "POST /my/contracts/{code}/pause/": lambda w, o: {"reason": "ILLNESS"},
    "POST /admin/operations/replay/": lambda w, o: {"event": w.outbox.pk},
    "POST /admin/merchants/merchant/{object_id}/act/{name}/": lambda w, o: {"purpose": "电话核实退款争议"},
    "POST /admin/prepaid/contract/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /admin/prepaid/visit/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /admin/prepaid/refund/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /admin/prepaid/freeze/{object_id}/act/{name}/": lambda w, o: REASON,
}  # fmt: skip


def address(path: str, world: World, own: Belongings) -> str:
    """The address with a shop's objects in its holes."""
    if "{" not in path:
        return path
    beginning = max((start for start in HOLES if path.startswith(start)), key=len, default=None)
    if beginning is None:
        raise KeyError(f"{path}: say in tests/security/samples.py HOLES what stands in it")
    return path.format_map(HOLES[beginning](world, own))

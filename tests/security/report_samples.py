"""Samples of the addresses of reports, forms and supervision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.security.report_world import document_of, first_report_of, report_of, typical_case_of
from tests.security.world import Belongings, World

REASON = {"reason": "核实后办理，理由充分"}
HOLES: dict[str, Callable[[World, Belongings], dict[str, Any]]] = {
    "/api/v1/reports/": lambda w, o: {"code": report_of(o.merchant).code},
    "/api/v1/my-reports/": lambda w, o: {"code": report_of(o.merchant).code},
    "/api/v1/supervision-notices/": lambda w, o: {"code": o.merchant.supervision_notices.get().code},
    "/api/v1/warnings/": lambda w, o: {"code": o.merchant.consumer_warnings.get(status="PUBLISHED").code},
    "/api/v1/shop-warnings/": lambda w, o: {"code": o.merchant.consumer_warnings.get(status="APPROVED").code},
    "/warnings/": lambda w, o: {"code": o.merchant.consumer_warnings.get(status="PUBLISHED").code},
    "/documents/": lambda w, o: {"code": document_of(o.merchant).code},
    "/console/supervision/": lambda w, o: {
        "code": o.merchant.supervision_notices.get().code, "step": "acknowledge",
    },
    "/console/supervision/warnings/": lambda w, o: {
        "code": o.merchant.consumer_warnings.get(status="APPROVED").code,
    },
    "/admin/complaints/violationreport/": lambda w, o: {"object_id": report_of(o.merchant).pk, "name": "transfer"},
    "/admin/complaints/enforcementcase/": lambda w, o: {"object_id": report_of(o.merchant).case.pk, "name": "none"},
    "/admin/complaints/issueddocument/": lambda w, o: {
        "object_id": document_of(o.merchant).pk, "name": "none", "word": "report", "pk": report_of(o.merchant).pk,
        "kind": 2,
    },
    "/admin/complaints/supervisionnotice/": lambda w, o: {
        "object_id": o.merchant.supervision_notices.get().pk, "name": "verify",
    },
    "/admin/complaints/regulatoryinterview/": lambda w, o: {
        "object_id": o.merchant.interviews.get().pk, "name": "hold",
    },
    "/admin/complaints/consumerwarning/": lambda w, o: {
        "object_id": o.merchant.consumer_warnings.get(status="APPROVED").pk, "name": "withdraw",
    },
    "/admin/complaints/typicalcase/": lambda w, o: {"object_id": typical_case_of(o.merchant).pk, "name": "approve"},
}  # fmt: skip
BODIES: dict[str, Callable[[World, Belongings], dict[str, Any]]] = {
    "POST /api/v1/reports/{code}/route": lambda w, o: {"region": "330199001"},
    "POST /api/v1/reports/{code}/send-back": lambda w, o: REASON,
    "POST /api/v1/reports/{code}/ask-extension": lambda w, o: REASON,
    "POST /api/v1/reports/{code}/refuse-extension": lambda w, o: REASON,
    "POST /api/v1/reports/{code}/file": lambda w, o: REASON,
    "POST /api/v1/reports/{code}/not-file": lambda w, o: REASON,
    "POST /api/v1/reports/{code}/decide": lambda w, o: {"penalty": "NONE", "decision": "没有违法，不予处罚"},
    "POST /api/v1/reports/{code}/tell": lambda w, o: {"text": "已经立案查处", "law": "食品安全法第115条"},
    "POST /api/v1/reports/{code}/mark-duplicate": lambda w, o: {**REASON, "first": first_report_of(o.merchant).code},
    "POST /api/v1/reports/{code}/merge": lambda w, o: {**REASON, "first": first_report_of(o.merchant).code},
    "POST /api/v1/reports/{code}/transfer": lambda w, o: {**REASON, "to": "示范区公安分局", "to_police": True},
    "POST /api/v1/supervision-notices/{code}/fix": lambda w, o: {
        "item": o.merchant.supervision_notices.get().items.get().pk, "note": "已经贴在收银台",
    },
    "POST /api/v1/supervision-notices/{code}/report": lambda w, o: {"text": "全部整改完毕"},
    "POST /api/v1/supervision-notices/{code}/return": lambda w, o: REASON,
    "POST /api/v1/supervision-notices/{code}/verify": lambda w, o: REASON,
    "POST /api/v1/shop-warnings/{code}/reply": lambda w, o: {"text": "私人码已经撤下"},
    "POST /console/supervision/warnings/{code}/": lambda w, o: {"text": "私人码已经撤下"},
    "POST /admin/complaints/violationreport/{object_id}/act/{name}/": lambda w, o: {**REASON, "to": "示范区公安分局"},
    "POST /admin/complaints/supervisionnotice/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /admin/complaints/regulatoryinterview/{object_id}/act/{name}/": lambda w, o: {"minutes": "负责人到场说明"},
    "POST /admin/complaints/consumerwarning/{object_id}/act/{name}/": lambda w, o: REASON,
}  # fmt: skip

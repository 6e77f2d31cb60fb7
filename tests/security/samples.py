"""For each address: whose objects go into it, and a body that is right in form.

A body need not be possible in the object's state (409 says the caller was let through); it must be readable,
or a refusal would not show whether the caller or the body was at fault.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.actors import SYSTEM
from core.models import InterestRate, User
from prepaid import ledger
from prepaid.models import AccountKind, Transfer
from tests.security import (
    check_samples,
    declaration_samples,
    desk_samples,
    incident_samples,
    mall_samples,
    report_samples,
    ways_samples,
)
from tests.security.complaint_world import complaint_of, hidden_report, intake_of, order_import_of, question_of
from tests.security.dispatch_world import calendar_token, chosen, escalation_of, previewed
from tests.security.figures_world import counted_month
from tests.security.world import Belongings, World

Body = dict[str, Any]
REASON = {"reason": "核实后办理，理由充分"}
CHILD = {"child_name": "小雨", "born_on": "2017-05-01", "relation": "PARENT"}
LICENCE = "92330199MA2TXYT07"


def _paid_in(o: Belongings) -> int:
    """The first movement of the card."""
    return int(Transfer.objects.of_account(o.contract.account_id).earliest("pk").pk)


def _officer() -> int:
    """One who may be given a complaint of the district."""
    return int(User.objects.by_phone("13900000021").pk)  # type: ignore[union-attr]


def _earned(o: Belongings) -> int:
    """A movement of what the shop is owed."""
    payee = ledger.open_account(AccountKind.MERCHANT_PAYABLE, o.merchant.pk)
    key = f"sample:{o.visit.pk}"
    return ledger.release(o.contract.account_id, payee, 100, visit=o.visit.pk, key=key, by=SYSTEM).transfer_id


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
    "/api/v1/closings/": lambda w, o: {"code": o.merchant.closings.get().code},
    "/api/v1/run-offs/": lambda w, o: {"code": o.merchant.run_offs.get().code},
    "/closings/": lambda w, o: {"code": o.merchant.closings.get().code},
    "/console/closing/": lambda w, o: {"code": o.merchant.closings.get().code, "step": "publish"},
    "/admin/prepaid/closingnotice/": lambda w, o: {"object_id": o.merchant.closings.get().pk, "name": "close"},
    "/admin/prepaid/runoff/": lambda w, o: {"object_id": o.merchant.run_offs.get().pk, "name": "approve"},
    "/api/v1/intakes/": lambda w, o: {"code": intake_of(o.merchant).code},
    "/api/v1/complaints/": lambda w, o: {"code": complaint_of(o.merchant).code},
    "/api/v1/complaint-records/": lambda w, o: {"public_code": o.merchant.public_code},
    "/console/complaints/": lambda w, o: {"code": complaint_of(o.merchant).code, "step": "answer"},
    "/admin/complaints/consultation/": lambda w, o: {"object_id": question_of(o.merchant).pk, "name": "answer"},
    "/admin/complaints/replytemplate/": lambda w, o: {"object_id": 1, "name": "none"},
    "/admin/complaints/orderimport/": lambda w, o: {"object_id": order_import_of(o.merchant).pk, "name": "none"},
    "/admin/complaints/escalation/": lambda w, o: {"object_id": escalation_of(o.merchant).pk, "name": "release"},
    "/admin/complaints/{kind}/": lambda w, o: {"kind": "complaint", "pk": complaint_of(o.merchant).pk},
    "/calendar/": lambda w, o: {"token": calendar_token()},
    "/admin/complaints/complaint/": lambda w, o: {"object_id": complaint_of(o.merchant).pk, "name": "accept"},
    "/mediator/": lambda w, o: {"pk": 1, "step": "begin"},
    "/my/complaints/": lambda w, o: {"code": complaint_of(o.merchant).code, "step": "evidence"},
    "/complain/": lambda w, o: {"name": "what"},
    "/complain/track/": lambda w, o: {"code": hidden_report(o.merchant).code},
    "/api/v1/freezes/": lambda w, o: {"pk": o.freeze.pk},
    "/api/v1/filings/": lambda w, o: {"merchant__public_code": o.merchant.public_code},
    "/api/v1/filing-reports/": lambda w, o: {"pk": o.merchant.filing_reports.get().pk},
    "/api/v1/outbox/": lambda w, o: {"pk": w.outbox.pk},
    "/shops/": lambda w, o: {"code": o.merchant.public_code},
    "/my/contracts/": lambda w, o: {"code": o.contract.code},
    "/my/contracts/{code}/receipts/": lambda w, o: {"code": o.contract.code, "pk": _paid_in(o)},
    "/api/v1/receipts/": lambda w, o: {"pk": _paid_in(o)},
    "/console/money/receipts/": lambda w, o: {"pk": _earned(o)},
    "/admin/prepaid/seal/": lambda w, o: {"object_id": "2020-01-01"},
    "/my/visits/": lambda w, o: {"code": o.visit.code},
    "/my/refunds/": lambda w, o: {"code": o.refund.code},
    "/refunds/": lambda w, o: {"code": o.refund.code},
    "/join/": lambda w, o: {"pk": o.merchant.pk, "store_id": o.store.pk},
    "/console/contracts/": lambda w, o: {"code": o.contract.code, "step": "decline"},
    "/api/v1/assignments/": lambda w, o: {"code": o.assignment.code},
    "/my/assignments/": lambda w, o: {"code": o.assignment.code},
    "/admin/prepaid/assignment/": lambda w, o: {"object_id": o.assignment.pk},
    "/console/contracts/sell/": lambda w, o: {"pk": o.plan.pk},
    "/console/plans/": lambda w, o: {"pk": o.plan.pk, "step": "withdraw"},
    "/console/plans/prices/": lambda w, o: {"pk": o.price.pk},
    "/console/refunds/": lambda w, o: {"code": o.refund.code},
    "/console/shop/staff/": lambda w, o: {"pk": o.clerk.memberships.get().pk},
    "/console/shop/stores/": lambda w, o: {"store_id": o.store.pk},
    "/console/filing/documents/": lambda w, o: {"pk": o.merchant.filing.documents.get().pk},
    "/console/filing/reports/": lambda w, o: {"pk": o.merchant.filing_reports.get().pk},
    "/console/visits/": lambda w, o: {"code": o.visit.code},
    "/admin/merchants/merchant/": lambda w, o: {"object_id": o.merchant.pk, "name": "unmask"},
    "/admin/merchants/store/": lambda w, o: {"object_id": o.store.pk},
    "/admin/merchants/registerentry/": lambda w, o: {"object_id": w.entry.pk},
    "/admin/merchants/registerimport/": lambda w, o: {"object_id": w.register.pk},
    "/admin/prepaid/contract/": lambda w, o: {"object_id": o.contract.pk, "name": "propose_freeze"},
    "/admin/prepaid/visit/": lambda w, o: {"object_id": o.visit.pk, "name": "uphold"},
    "/admin/prepaid/refund/": lambda w, o: {"object_id": o.refund.pk, "name": "order"},
    "/admin/prepaid/filing/": lambda w, o: {"object_id": o.merchant.filing.pk, "name": "accept"},
    "/admin/prepaid/filingreport/": lambda w, o: {"object_id": o.merchant.filing_reports.get().pk, "name": "none"},
    "/admin/prepaid/freeze/": lambda w, o: {"object_id": o.freeze.pk, "name": "approve"},
    "/api/v1/successions/": lambda w, o: {"code": o.merchant.ownership_changes.get().code},
    "/my/successions/": lambda w, o: {"code": o.merchant.ownership_changes.get().code},
    "/admin/prepaid/succession/": lambda w, o: {"object_id": o.merchant.ownership_changes.get().pk, "name": "settle"},
    "/api/v1/legacy-cards/": lambda w, o: {"code": o.merchant.legacy_cards.get().code},
    "/api/v1/legacy-uses/": lambda w, o: {"code": o.merchant.legacy_cards.get().uses.get().code},
    "/api/v1/card-imports/": lambda w, o: {"pk": o.merchant.card_imports.get().pk},
    "/my/legacy/": lambda w, o: {"code": o.merchant.legacy_cards.get().code, "step": "ask_refund"},
    "/my/legacy-uses/": lambda w, o: {"code": o.merchant.legacy_cards.get().uses.get().code, "step": "confirm"},
    "/console/legacy/": lambda w, o: {"code": o.merchant.legacy_cards.get().code, "step": "withdraw"},
    "/console/legacy/imports/": lambda w, o: {"pk": o.merchant.card_imports.get().pk},
    "/admin/prepaid/legacycard/": lambda w, o: {"object_id": o.merchant.legacy_cards.get().pk, "name": "settle"},
    "/admin/prepaid/cardimport/": lambda w, o: {"object_id": o.merchant.card_imports.get().pk, "name": "none"},
    "/api/v1/shop-figures/": lambda w, o: {"public_code": o.merchant.public_code},
    "/api/v1/settlements/": lambda w, o: {"code": o.merchant.settlements.get().code},
    "/api/v1/payout-accounts/": lambda w, o: {"pk": o.merchant.payout_accounts.get().pk},
    "/api/v1/debts/": lambda w, o: {"pk": o.merchant.debts.get().pk},
    "/api/v1/custody-checks/": lambda w, o: {"pk": o.merchant.custody_checks.get().pk},
    "/api/v1/custody-warnings/": lambda w, o: {"pk": o.merchant.custody_warnings.get().pk},
    "/api/v1/custody-accounts/": lambda w, o: {"pk": o.merchant.custody_accounts.get().pk},
    "/api/v1/guarantees/": lambda w, o: {"pk": o.merchant.guarantees.get().pk},
    "/api/v1/risk-scores/": lambda w, o: {"pk": o.merchant.risk_scores.get().pk},
    "/api/v1/risk-warnings/": lambda w, o: {"pk": o.merchant.risk_warnings.get().pk},
    "/api/v1/private-payments/": lambda w, o: {"code": o.merchant.private_payments.get().code},
    "/api/v1/merchant-links/": lambda w, o: {"pk": o.merchant.links.get().pk},
    "/api/v1/listed-merchants/": lambda w, o: {"pk": o.merchant.listings.get().pk},
    "/admin/prepaid/riskscore/": lambda w, o: {"object_id": o.merchant.risk_scores.get().pk},
    "/admin/prepaid/riskwarning/": lambda w, o: {"object_id": o.merchant.risk_warnings.get().pk, "name": "watch"},
    "/admin/prepaid/privatepaymentreport/": lambda w, o: {
        "object_id": o.merchant.private_payments.get().pk,
        "name": "reject",
    },
    "/admin/prepaid/merchantlink/": lambda w, o: {"object_id": o.merchant.links.get().pk, "name": "dismiss"},
    "/admin/prepaid/listedmerchant/": lambda w, o: {"object_id": o.merchant.listings.get().pk},
    "/admin/prepaid/listedentry/": lambda w, o: {"object_id": o.merchant.listings.get().entry_id},
    "/admin/prepaid/listimport/": lambda w, o: {
        "object_id": o.merchant.listings.get().entry.file_id,
        "name": "none",
    },
    "/api/v1/court-orders/": lambda w, o: {"pk": o.merchant.court_orders.get().pk},
    "/console/settlements/": lambda w, o: {"code": o.merchant.settlements.get().code},
    "/console/money/account/": lambda w, o: {"pk": o.merchant.payout_accounts.get().pk, "step": "cancel"},
    "/admin/prepaid/settlement/": lambda w, o: {"object_id": o.merchant.settlements.get().pk, "name": "none"},
    "/admin/prepaid/payoutaccount/": lambda w, o: {"object_id": o.merchant.payout_accounts.get().pk, "name": "cancel"},
    "/admin/prepaid/custodycheck/": lambda w, o: {"object_id": o.merchant.custody_checks.get().pk},
    "/admin/prepaid/custodywarning/": lambda w, o: {"object_id": o.merchant.custody_warnings.get().pk, "name": "stop"},
    "/admin/prepaid/custodyaccount/": lambda w, o: {
        "object_id": o.merchant.custody_accounts.get().pk,
        "name": "balance",
    },
    "/admin/prepaid/guarantee/": lambda w, o: {"object_id": o.merchant.guarantees.get().pk, "name": "reject"},
    "/admin/prepaid/courtorder/": lambda w, o: {"object_id": o.merchant.court_orders.get().pk, "name": "propose_lift"},
    "/admin/prepaid/suspenseitem/": lambda w, o: {"object_id": w.suspense.pk, "name": "return"},
    "/admin/prepaid/reconciliationcase/": lambda w, o: {"object_id": w.mismatch.pk, "name": "take"},
    "/admin/prepaid/dailyequation/": lambda w, o: {"object_id": w.equation.pk, "name": "none"},
    "/admin/prepaid/bankfile/": lambda w, o: {"object_id": w.bank_file.pk, "name": "retry"},
    "/api/v1/list-imports/": lambda w, o: {"pk": o.merchant.listings.get().entry.file_id},
    "/api/v1/bank-files/": lambda w, o: {"pk": w.bank_file.pk},
    "/api/v1/reconciliation-cases/": lambda w, o: {"pk": w.mismatch.pk},
    "/api/v1/suspense-items/": lambda w, o: {"pk": w.suspense.pk},
    "/api/v1/daily-equations/": lambda w, o: {"on": w.equation.on.isoformat()},
    "/custodian/files/": lambda w, o: {"pk": w.bank_file.pk},
    "/admin/prepaid/custodiannotice/": lambda w, o: {"object_id": w.notice.pk},
    "/admin/core/region/": lambda w, o: {"object_id": "330199", "name": "none"},
    "/admin/core/industry/": lambda w, o: {"object_id": 1, "name": "none"},
    "/admin/core/interestrate/": lambda w, o: {"object_id": InterestRate.objects.latest("pk").pk, "name": "correct"},
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
    "GET /admin/complaints/board/export.csv": lambda w, o: {"month": counted_month()},
    "GET /admin/complaints/board/report/": lambda w, o: {"month": counted_month()},
    "GET /api/v1/complaint-kpis": lambda w, o: {"month": counted_month()},
    "GET /admin/complaints/replies/export.csv": lambda w, o: {"at": "2026-10-08T09:30:00+08:00"},
    "GET /api/v1/audit": lambda w, o: {"object": f"contract:{o.contract.code}"},
    "GET /api/v1/contracts/{code}/refund-quote": lambda w, o: {"cause": "CONSUMER"},
    "GET /api/v1/refund-calculator": lambda w, o: {"kind": "COUNT", "cause": "CONSUMER", "paid_fen": "100"},
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
    "POST /api/v1/complaints/{code}/answer": lambda w, o: {"reply": "愿意按合同退余款"},
    "POST /api/v1/complaints/{code}/settle-odr": lambda w, o: {"reply": "已退一百元"},
    "POST /api/v1/complaints/{code}/reopen": lambda w, o: REASON,
    "POST /api/v1/complaints/{code}/consent": lambda w, o: {"party": "COMPLAINANT"},
    "POST /api/v1/complaints/{code}/close": lambda w, o: {"rating": 3},
    "POST /api/v1/complaints/{code}/assign": lambda w, o: {"handler": _officer()},
    "POST /api/v1/complaints/{code}/note-contact": lambda w, o: {"side": "COMPLAINANT", "note": "核对了诉求"},
    "POST /api/v1/complaints/{code}/refuse": lambda w, o: {**REASON, "ground": 4},
    "POST /api/v1/complaints/{code}/terminate": lambda w, o: {**REASON, "ground": 4},
    "POST /api/v1/complaints/{code}/mediate": lambda w, o: {"when": "2030-01-02T09:30:00+08:00", "place": "调解室"},
    "POST /api/v1/complaints/{code}/suspend": lambda w, o: {"pause": "TESTING", "note": "送省质检院检测"},
    "POST /api/v1/complaints/{code}/agree": lambda w, o: {"terms": "退一百元，再无争议", "amount_fen": 10_000},
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
    "POST /api/v1/freezes/{pk}/reject": lambda w, o: REASON,
    "POST /api/v1/freezes/{pk}/reject-lift": lambda w, o: REASON,
    "POST /api/v1/closings": lambda w, o: {
        "merchant": o.merchant.public_code, "reason": "LEASE", "closes_on": "2027-12-31",
    },
    "POST /api/v1/closings/{code}/choose": lambda w, o: {"contract": o.contract.code, "choice": "REFUND"},
    "POST /api/v1/run-offs": lambda w, o: {
        "merchant": o.merchant.public_code, "served_until": "2026-01-01", **REASON,
    },
    "POST /api/v1/run-offs/{code}/reject": lambda w, o: REASON,
    "POST /api/v1/run-offs/{code}/reject-plan": lambda w, o: REASON,
    "POST /api/v1/run-offs/{code}/approve-plan": lambda w, o: {"plan_hash": "0" * 64},
    "POST /console/closing/": lambda w, o: {"store": "all", "reason": "LEASE", "closes_on": "2027-12-31"},
    "POST /my/contracts/{code}/closing/": lambda w, o: {"choice": "REFUND"},
    "POST /api/v1/freezes": lambda w, o: {"merchant": o.merchant.public_code, **REASON},
    "POST /api/v1/freezes/{pk}/propose-lift": lambda w, o: REASON,
    "PATCH /api/v1/filings/{merchant__public_code}": lambda w, o: {"statement": "储值卡"},
    "POST /api/v1/filings/{merchant__public_code}/documents": lambda w, o: {"kind": "CARD"},
    "POST /api/v1/filings/{merchant__public_code}/send-back": lambda w, o: REASON,
    "POST /api/v1/filings/{merchant__public_code}/cancel": lambda w, o: REASON,
    "POST /console/filing/": lambda w, o: {"issuer_class": "INDIVIDUAL", "statement": "储值卡"},
    "POST /console/filing/cancel/": lambda w, o: REASON,
    "POST /api/v1/debts": lambda w, o: {"visit": o.visit.code, **REASON, "face_fen": 100},
    "POST /api/v1/custody-warnings/{pk}/extend": lambda w, o: {**REASON, "due_on": "2099-01-01"},
    "POST /api/v1/custody-accounts": lambda w, o: {
        "merchant": o.merchant.public_code, "kind": "TRUST", "custodian": "示范银行", "account": "6222020200000001",
    },
    "POST /api/v1/custody-accounts/{pk}/balance": lambda w, o: {
        "on": "2026-01-05", "balance_fen": 100, "source": "对账单",
    },
    "POST /api/v1/guarantees": lambda w, o: {
        "merchant": o.merchant.public_code, "kind": "BANK", "issuer": "示范银行", "number": "G-1", "amount_fen": 100,
        "valid_from": "2026-01-01", "valid_to": "2027-01-01",
    },
    "POST /api/v1/guarantees/{pk}/reject": lambda w, o: REASON,
    "POST /api/v1/risk-warnings/{pk}/judge": lambda w, o: {**REASON, "step": "watch"},
    "POST /api/v1/risk-warnings/{pk}/lift": lambda w, o: REASON,
    "POST /api/v1/intakes": lambda w, o: {
        "kinds": ["REPORT"], "text": "价目表没有公示，问了也不说", "name": "顾客", "merchant": o.merchant.public_code,
    },
    "POST /api/v1/private-payments": lambda w, o: {"merchant": o.merchant.public_code},
    "POST /api/v1/private-payments/{code}/confirm": lambda w, o: REASON,
    "POST /api/v1/private-payments/{code}/reject": lambda w, o: REASON,
    "POST /api/v1/merchant-links/{pk}/confirm": lambda w, o: REASON,
    "POST /api/v1/merchant-links/{pk}/dismiss": lambda w, o: REASON,
    "POST /admin/prepaid/riskwarning/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /admin/prepaid/privatepaymentreport/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /admin/prepaid/merchantlink/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /api/v1/court-orders": lambda w, o: {
        "merchant": o.merchant.public_code, "court": "示范区法院", "number": "2", "amount_fen": 100,
        "starts_on": "2026-01-05",
    },
    "POST /api/v1/court-orders/{pk}/propose-lift": lambda w, o: REASON,
    "POST /api/v1/court-orders/{pk}/reject-lift": lambda w, o: REASON,
    "POST /admin/prepaid/custodyaccount/{object_id}/act/{name}/": lambda w, o: {
        "on": "2026-01-05", "balance_fen": "1", "source": "对账单",
    },
    "POST /admin/prepaid/guarantee/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /admin/prepaid/courtorder/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /api/v1/successions": lambda w, o: {"merchant": o.merchant.public_code, "kind": "OWNER", **REASON},
    "POST /api/v1/successions/{code}/settle": lambda w, o: REASON,
    "POST /admin/prepaid/succession/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /console/succession/": lambda w, o: {"kind": "OWNER", **REASON},
    "POST /api/v1/legacy-cards": lambda w, o: {
        "merchant": o.merchant.public_code, "phone": "13900000093", "kind": "STORED_VALUE", "left_fen": 100,
        "bought_on": "2025-03-08",
    },
    "POST /api/v1/legacy-cards/{code}/dispute": lambda w, o: {"fen": 200},
    "POST /api/v1/legacy-cards/{code}/settle": lambda w, o: {**REASON, "fen": 200},
    "POST /api/v1/legacy-cards/{code}/use": lambda w, o: {"store": o.store.pk, "item": "洗头", "fen": 100},
    "POST /api/v1/legacy-cards/{code}/offer-move": lambda w, o: {"plan": o.plan.pk, "store": o.store.pk},
    "POST /api/v1/list-imports": lambda w, o: {"kind": "ABNORMAL", "source": "公示系统", "as_of": "2026-01-05"},
    "POST /api/v1/card-imports": lambda w, o: {"merchant": o.merchant.public_code},
    "POST /admin/prepaid/legacycard/{object_id}/act/{name}/": lambda w, o: {**REASON, "fen": "2"},
    "POST /console/choose/": lambda w, o: {"shop": o.merchant.pk},
    "POST /console/counter/store/": lambda w, o: {"store": o.store.pk},
    "POST /console/counter/charge/": lambda w, o: {"card": o.contract.code, "item": "other", "amount": "60"},
    "POST /console/plans/": lambda w, o: {"name": "吹风", "price_fen": "20"},
    "POST /console/shop/staff/": lambda w, o: {"name": "小新", "phone": "13900000097"},
    "POST /console/shop/staff/{pk}/pin/": lambda w, o: {"pin": "2580"},
    "POST /console/refunds/{code}/refuse/": lambda w, o: {"answer": "已按约定服务"},
    "POST /console/visits/{code}/": lambda w, o: {"step": "withdraw"},
    "POST /my/visits/{code}/dispute/": lambda w, o: REASON,
    "POST /api/v1/clauses/check": lambda w, o: {"text": "概不退款"},
    "POST /api/v1/contracts/{code}/assign": lambda w, o: {"phone": "13900000096"},
    "POST /api/v1/contracts/{code}/rebind": lambda w, o: {"phone": "13900000095", "name": o.consumer.name},
    "POST /api/v1/contracts/{code}/guardian": lambda w, o: {"guardian_phone": "13900000094", **CHILD},
    "POST /api/v1/contracts/{code}/no-show": lambda w, o: {"store": o.store.pk, "item": "洗剪吹", "face_fen": 3_000},
    "POST /api/v1/assignments/{code}/accept": lambda w, o: {"terms_hash": o.assignment.contract.terms_hash},
    "POST /console/plans/check/": lambda w, o: {"refund_terms": "概不退款"},
    "POST /console/contracts/{code}/rebind/": lambda w, o: {"phone": "13900000095", "name": o.consumer.name},
    "POST /my/contracts/{code}/assign/": lambda w, o: {"phone": "13900000096"},
    "POST /my/contracts/{code}/guardian/": lambda w, o: {"guardian_phone": "13900000094", **CHILD},
    "POST /my/assignments/{code}/": lambda w, o: {"step": "decline"},
    "POST /tools/clauses/": lambda w, o: {"text": "概不退款"},
    "POST /my/contracts/{code}/pause/": lambda w, o: {"reason": "ILLNESS"},
    "POST /admin/complaints/assign/": lambda w, o: previewed(o.merchant),
    "POST /admin/complaints/assign/preview/": lambda w, o: chosen(o.merchant),
    "POST /admin/complaints/consultation/{object_id}/act/{name}/": lambda w, o: {"reply": "按合同约定退还余款"},
    "POST /admin/complaints/calendar/": lambda w, o: {"step": "make"},
    "POST /admin/operations/replay/": lambda w, o: {"event": w.outbox.pk},
    "POST /admin/merchants/merchant/{object_id}/act/{name}/": lambda w, o: {"purpose": "电话核实退款争议"},
    "POST /admin/prepaid/contract/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /admin/prepaid/visit/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /admin/prepaid/refund/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /admin/core/interestrate/{object_id}/act/{name}/": lambda w, o: {
        **REASON, "percent": "3.1", "source": "公告", "tag": "T",
    },
    "POST /admin/prepaid/freeze/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /api/v1/reconciliation-cases/{pk}/resolve": lambda w, o: REASON,
    "POST /api/v1/reconciliation-cases/{pk}/match": lambda w, o: {**REASON, "bank_ref": "SB1"},
    "POST /api/v1/reconciliation-cases/{pk}/write-off": lambda w, o: REASON,
    "POST /api/v1/suspense-items/{pk}/place": lambda w, o: {
        **REASON,
        "order_no": o.contract.orders.get(status="PAID").order_no,
    },
    "POST /api/v1/suspense-items/{pk}/return": lambda w, o: {**REASON, "account": "6222020200000000001"},
    "POST /admin/prepaid/suspenseitem/{object_id}/act/{name}/": lambda w, o: REASON,
    "POST /admin/prepaid/reconciliationcase/{object_id}/act/{name}/": lambda w, o: REASON,
}  # fmt: skip

HOLES |= ways_samples.HOLES | incident_samples.HOLES | mall_samples.HOLES | report_samples.HOLES
HOLES |= desk_samples.HOLES | declaration_samples.HOLES | check_samples.HOLES
BODIES |= ways_samples.BODIES | incident_samples.BODIES | mall_samples.BODIES | report_samples.BODIES
BODIES |= desk_samples.BODIES | declaration_samples.BODIES | check_samples.BODIES


def address(path: str, world: World, own: Belongings) -> str:
    """The address with a shop's objects in its holes."""
    if "{" not in path:
        return path
    beginning = max((start for start in HOLES if path.startswith(start)), key=len, default=None)
    if beginning is None:
        raise KeyError(f"{path}: say in tests/security/samples.py HOLES what stands in it")
    return path.format_map(HOLES[beginning](world, own))

"""Samples of the telephone desk, delegations, flags of malice, the public record and interviews; see samples.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from complaints.models import CallDraft, Disclosure, MaliceFlag, MediationAssignment
from core.models import Membership, StoredFile, User
from merchants.models import Merchant
from tests.security.complaint_world import complaint_of
from tests.security.world import Belongings, World

REASON = {"reason": "核实后办理，理由充分"}


def call_of(merchant: Merchant) -> CallDraft:
    """A call at the desk of the shop's place."""
    now = timezone.now()
    row, _ = CallDraft.objects.get_or_create(
        region=merchant.region, shop=merchant.brand_name, story="年卡怎么退",
        defaults={"officer": merchant.registered_by, "started_at": now, "saved_at": now},
    )  # fmt: skip
    return row


def delegation_of(merchant: Merchant) -> MediationAssignment:
    """What both sides are asked; its mediator is nobody of the cast who mediates."""
    row, _ = MediationAssignment.objects.get_or_create(
        complaint=complaint_of(merchant),
        defaults={"committee": "调解会", "mediator": merchant.registered_by, "proposed_by": merchant.registered_by},
    )
    return row


def flag_of(merchant: Merchant) -> MaliceFlag:
    """The shop's word against its complaint."""
    digest = f"{merchant.pk:064d}"
    evidence, _ = StoredFile.objects.get_or_create(
        path=f"00/{digest}", defaults={"sha256": digest, "media_type": "image/jpeg", "size": 1, "title": "证据"}
    )
    row, _ = MaliceFlag.objects.get_or_create(
        complaint=complaint_of(merchant),
        defaults={"reason": "没有来过", "evidence": evidence, "raised_by": merchant.registered_by},
    )
    return row


def disclosure_of(merchant: Merchant) -> Disclosure:
    """What the public would read of it."""
    today = timezone.localdate()
    row, _ = Disclosure.objects.get_or_create(
        complaint=complaint_of(merchant),
        defaults={"text": "收到投诉", "drafted_on": today, "objection_until": today + timedelta(days=9)},
    )
    return row


def second_officer() -> int:
    """The other officer of the district."""
    user = User.objects.enrol("13700000071", "李静")
    Membership.objects.get_or_create(user=user, role="COUNTY_REVIEWER_B", region_id="330199")
    return int(user.pk)


HOLES: dict[str, Callable[[World, Belongings], dict[str, Any]]] = {
    "/admin/complaints/desk/": lambda w, o: {"pk": call_of(o.merchant).pk},
    "/api/v1/delegations/": lambda w, o: {"pk": delegation_of(o.merchant).pk},
    "/api/v1/malice-flags/": lambda w, o: {"pk": flag_of(o.merchant).pk},
    "/api/v1/disclosures/": lambda w, o: {"pk": disclosure_of(o.merchant).pk},
    "/api/v1/interviews/": lambda w, o: {"code": o.merchant.interviews.get().code},
}
BODIES: dict[str, Callable[[World, Belongings], dict[str, Any]]] = {
    "POST /admin/complaints/desk/": lambda w, o: {"phone": "13700000001"},
    "POST /admin/complaints/desk/{pk}/": lambda w, o: {"version": call_of(o.merchant).version, "story": "年卡怎么退"},
    "POST /admin/complaints/desk/{pk}/file/": lambda w, o: {
        "kind": "QUESTION", "region": o.merchant.region_id, "cause": "OTHER",
    },
    "POST /admin/complaints/desk/{pk}/join/": lambda w, o: {"code": complaint_of(o.merchant).code},
    "POST /admin/complaints/desk/{pk}/discard/": lambda w, o: REASON,
    "POST /api/v1/delegations/{pk}/answer": lambda w, o: {"agrees": True, "party": "MERCHANT"},
    "POST /api/v1/delegations/{pk}/end": lambda w, o: {"outcome": "没有谈成，分歧大"},
    "POST /api/v1/delegations/{pk}/confirm": lambda w, o: {"number": "(2026)1号裁定", "on": "2026-11-20"},
    "POST /api/v1/malice-flags/{pk}/judge": lambda w, o: {"uphold": False, "finding": "有消费记录"},
    "POST /api/v1/disclosures/{pk}/reply": lambda w, o: {"reply": "我们已经改进"},
    "POST /api/v1/disclosures/{pk}/object": lambda w, o: REASON,
    "POST /api/v1/disclosures/{pk}/judge": lambda w, o: {**REASON, "keep": False},
    "POST /api/v1/interviews": lambda w, o: {
        "merchant": o.merchant.public_code, "topics": "多起退卡投诉", "meets_at": "2030-01-02T09:30:00+08:00",
        "place": "监管所", "second_officer": second_officer(),
    },
    "POST /api/v1/interviews/{code}/hold": lambda w, o: {"minutes": "负责人到场说明"},
    "POST /api/v1/interviews/{code}/commit": lambda w, o: {"commitments": "一周内退款", "due_on": "2030-01-09"},
    "POST /api/v1/interviews/{code}/check": lambda w, o: {"finding": "已经退款", "kept": True},
    "POST /api/v1/supervision-notices": lambda w, o: {
        "merchant": o.merchant.public_code, "facts": "没有公示规则", "basis": "条例第22条", "due_on": "2030-01-09",
        "items": ["公示退卡规则"],
    },
    "POST /api/v1/complaints/{code}/prove-id": lambda w, o: {"id_number": "11010519491231002X"},
    "POST /api/v1/complaints/{code}/propose-delegation": lambda w, o: {
        "committee": "示范区调解会", "mediator_id": o.merchant.registered_by_id,
    },
    "POST /api/v1/complaints/{code}/flag-malice": lambda w, o: {"reason": "没有来消费过"},
}  # fmt: skip

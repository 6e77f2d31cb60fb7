"""The live trust mark: what a scan of the plaque answers now, and the same as signed JSON that is checked offline.

Nothing is cached: the row is read at each scan, so a removed unit is removed on every screen at once.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from core import signing_keys
from core.calendar import business_date
from core.rule_packs import rule
from prepaid.models import CustodyWarning, Plan
from trust_units.models import Removal, TrustUnit

FORMAT = "trust-mark-v1"
GOOD = "GOOD"
VERDICTS = {
    GOOD: "有效",
    "WARNING": "整改中",
    "REMOVED": "已取消放心消费资格",
    "EXPIRED": "已过有效期",
    "NOT_GRANTED": "不是放心消费单位",
}
CUSTODY = {"NONE": "不收预付款", "IN_CUSTODY": "预付款由银行存管", "SHORT": "预付款存管不足，已要求补足"}


def marked() -> QuerySet[TrustUnit]:
    """Units with all that the mark tells."""
    return TrustUnit.objects.select_related("merchant", "store", "mall", "region")


def verdict_of(unit: TrustUnit) -> str:
    """Whether the mark is good today, or why not."""
    if unit.status in ("REMOVED", "WARNING"):
        return str(unit.status)
    if not unit.is_trusted or unit.valid_until is None:
        return "NOT_GRANTED"
    return GOOD if unit.valid_until >= business_date() else "EXPIRED"


def custody_of(unit: TrustUnit) -> str:
    """Where the money of its customers is."""
    if unit.merchant_id is None or not Plan.objects.filter(merchant=unit.merchant_id).exists():
        return "NONE"
    short = CustodyWarning.objects.open().filter(merchant=unit.merchant_id).exists()
    return "SHORT" if short else "IN_CUSTODY"


def removal_of(unit: TrustUnit) -> Removal | None:
    """Why it was removed, if it is."""
    if unit.status != TrustUnit.Status.REMOVED:
        return None
    return unit.removals.filter(removed_at__isnull=False).exclude(status="REVOKED").order_by("-id").first()


def words(unit: TrustUnit, at: datetime | None = None) -> dict[str, Any]:
    """What the mark says; every field is signed."""
    now, removal = at or timezone.now(), removal_of(unit)
    minutes = int(rule("trust.mark_valid.minutes", unit.region_id, business_date()).value)
    kid, public_key = signing_keys.current_key()
    return {
        "format": FORMAT,
        "code": unit.code,
        "name": unit.sign_name,
        "type": unit.unit_type,
        "verdict": verdict_of(unit),
        "pool": unit.status,
        "stars": unit.stars if unit.status == TrustUnit.Status.STAR else 0,
        "valid_until": unit.valid_until.isoformat() if unit.valid_until else None,
        "custody": custody_of(unit),
        "removed_on": timezone.localdate(removal.removed_at).isoformat() if removal and removal.removed_at else None,
        "reason": removal.reason if removal else "",
        "version": unit.mark_version,
        "issued_at": now.isoformat(timespec="seconds"),
        "expires_at": (now + timedelta(minutes=minutes)).isoformat(timespec="seconds"),
        "kid": kid,
        "public_key": public_key.hex(),
    }


def canonical(told: dict[str, Any]) -> bytes:
    """The bytes that are signed: the fields in order of their names, UTF-8, no spaces."""
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def signed(told: dict[str, Any]) -> dict[str, Any]:
    """The fields with their signature; whoever changes one byte of them breaks it."""
    return {**told, "signature": signing_keys.sign(canonical(told)).value.hex()}

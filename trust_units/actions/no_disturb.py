"""The no-disturb list: applied for by the shop, decided by the county, suspended by what happens."""

from __future__ import annotations

from datetime import date
from functools import partial

from django.db import connection, transaction
from django.utils import timezone

from complaints.actions.steps import given
from core import messages
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import NotFound, WrongState
from core.permissions import require
from core.rule_packs import rule
from core.transactions import durably
from merchants.models import LISTED, Merchant
from trust_units.models import NO_DISTURB_LIFECYCLE, PUBLIC, NoDisturbEntry, TrustUnit

Status = NoDisturbEntry.Status
FEWER_PER_MILLE = 700

# An accepted complaint that is not malicious, or a published penalty, since the entry was last found clean.
_DISTURBED = """
SELECT e.id, CASE WHEN c.id IS NOT NULL THEN '有投诉被受理' ELSE '受到行政处罚' END
FROM trust_units_nodisturbentry e
LEFT JOIN LATERAL (
    SELECT c.id FROM complaints_complaint c
    WHERE c.merchant_id = e.merchant_id AND c.decided_at > e.clean_since AND c.refusal IS NULL AND c.status <> 'MERGED'
      AND NOT EXISTS (SELECT FROM complaints_maliceflag f WHERE f.complaint_id = c.id AND f.status = 'UPHELD')
    LIMIT 1
) c ON true
LEFT JOIN LATERAL (
    SELECT f.id FROM trust_units_supervisionfact f JOIN trust_units_trustunit u ON u.id = f.unit_id
    WHERE u.merchant_id = e.merchant_id AND f.kind = 'PENALTY' AND f.noted_at > e.clean_since LIMIT 1
) p ON true
WHERE e.status = 'LISTED' AND (c.id IS NOT NULL OR p.id IS NOT NULL) ORDER BY e.id
"""


@transaction.atomic
def apply_no_disturb(merchant_id: int, *, by: Actor) -> NoDisturbEntry:
    """Ask to be on the list. Raises WrongState without a trusted unit, or while one is asked for already."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "trust_units.apply_no_disturb", merchant)
    if NoDisturbEntry.objects.open().filter(merchant=merchant).exists():
        raise WrongState("已经申请过，或者已经在名单上")
    if not TrustUnit.objects.filter(merchant=merchant, status__in=["INCUBATION", "STAR"]).exists():
        raise WrongState("有放心消费资格、不在预警中的商家才能申请")
    assert by.user is not None
    entry = NoDisturbEntry.objects.create(merchant=merchant, applied_by=by.user)
    record("no_disturb.apply", entry, by=by)
    return entry


@transaction.atomic
def decide_no_disturb(entry_id: int, step: str, reason: str, *, by: Actor, on: date | None = None) -> NoDisturbEntry:
    """The county lists, refuses, suspends, resumes or removes, with a reason the shop reads. Raises WrongState."""
    today = on or business_date()
    entry = NoDisturbEntry.objects.locked(entry_id)
    require(by, NO_DISTURB_LIFECYCLE.steps[step].permission, entry)
    NO_DISTURB_LIFECYCLE.move(step, entry)
    if entry.status == Status.LISTED:
        if entry.merchant.status not in LISTED:
            raise WrongState("商家现在不在正常经营名录里")
        entry.clean_since = timezone.now()
    if step == "list":
        days = int(rule("trust.no_disturb.days", entry.merchant.region_id, today).value)
        entry.listed_on, entry.valid_until = today, date.fromordinal(today.toordinal() + days)
    if entry.status == Status.REMOVED:
        entry.ended_on = today
    entry.reason, entry.decided_by = given(reason, "reason", "写明理由", 300), by.user
    entry.save()
    record(f"no_disturb.{step}", entry, by=by, reason=entry.reason)
    label = NO_DISTURB_LIFECYCLE.steps[step].label
    text = f"{entry.merchant.brand_name}：无事不扰名单{label}：{entry.reason[:60]}"
    key = f"no_disturb:{entry.pk}:{step}:{timezone.now().timestamp()}"
    messages.text_user(entry.merchant.registered_by, text, key=key)
    return entry


def suspend_disturbed(*, by: Actor, on: date) -> dict[str, int]:
    """In the evening, before the list of candidates: suspend whom something happened to, end what is out of time."""
    with connection.cursor() as cursor:
        cursor.execute(_DISTURBED)
        disturbed = cursor.fetchall()
    for pk, why in disturbed:
        durably(partial(_if_still, pk, "suspend", why, by, on))
    over = NoDisturbEntry.objects.filter(status__in=[Status.LISTED, Status.SUSPENDED], valid_until__lt=on)
    ended = list(over.order_by("pk").values_list("pk", flat=True))
    for pk in ended:
        durably(partial(_if_still, pk, "remove", "有效期已满，可以重新申请", by, on))
    return {"suspended": len(disturbed), "ended": len(ended)}


def _if_still(pk: int, step: str, why: str, by: Actor, on: date) -> None:
    """Take the step unless an officer was faster."""
    try:
        decide_no_disturb(pk, step, why, by=by, on=on)
    except (WrongState, NotFound):
        return


def visits_saved(on: date) -> int:
    """About how many checks the list has spared: unit days on it × the daily share × 0.7 that the weight takes off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(greatest(coalesce(e.ended_on, %s) - e.listed_on, 0)), 0)"
            " FROM trust_units_nodisturbentry e JOIN trust_units_trustunit u ON u.merchant_id = e.merchant_id"
            " WHERE e.listed_on IS NOT NULL AND u.status = ANY(%s)",
            [on, list(PUBLIC)],
        )
        (days,) = cursor.fetchone()
    share = int(rule("trust.weekly_share.per_mille", "CN", on).value)
    return int(days) * share * FEWER_PER_MILLE // 7_000_000

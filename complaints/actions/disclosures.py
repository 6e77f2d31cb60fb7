"""The public record of a complaint that is over: drafted, open to objections, published or not (第38条)."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from complaints.actions.steps import given, tell_complainant, tell_merchant
from complaints.models import Complaint, Disclosure
from complaints.models.disclosures import DISCLOSURE_LIFECYCLE
from complaints.signals import record_published
from core.actors import SYSTEM, Actor
from core.audit import record
from core.calendar import add_working_days, business_date
from core.errors import NotFound, WrongState
from core.permissions import require
from core.rule_packs import rules

RULE = "disclosure_objection"
OUTCOMES = {
    "settled": "经调解达成一致",
    "odr": "商家与消费者协商解决",
    "ended": "调解终止",
}


def outcome_of(complaint: Complaint) -> str:
    """What the public reads of how it ended."""
    if complaint.termination is not None:
        return f"{OUTCOMES['ended']}（{complaint.get_termination_display()}）"
    return OUTCOMES["settled" if complaint.decided_at else "odr"]


def draft_disclosure(complaint: Complaint, *, on: date) -> Disclosure | None:
    """Draft the record of a closed complaint against a shop of the portal: no names, no sums, no facts as told.

    Called inside the action that closes it. None where no shop is known, or the law of its day has no such window.
    """
    window = rules(complaint.region_id, on).get(RULE)
    if complaint.merchant is None or window is None:
        return None
    until = add_working_days(on, int(window.value)).due
    text = (
        f"{complaint.received_at:%Y年%m月}收到关于「{complaint.get_cause_display()}」的投诉，{outcome_of(complaint)}。"
    )
    row = Disclosure.objects.create(
        complaint=complaint, text=text[:500], merchant_reply="", drafted_on=on, objection_until=until
    )
    record("disclosure.draft", row, by=SYSTEM, until=until)
    day = f"{until.month}月{until.day}日前"
    tell_complainant(complaint, f"办理结果拟公示，不含您的姓名和金额，{day}可以登录提出异议。", "disclosure")
    tell_merchant(
        complaint,
        f"办理结果拟公示，{day}可以登录写明说明或提出异议。",
        "disclosure",
        at=complaint.closed_at or complaint.received_at,
    )
    return row


@transaction.atomic
def reply_to_disclosure(disclosure_id: int, reply: str, *, by: Actor) -> Disclosure:
    """What the shop wants to stand beside the record, before or after it is published."""
    row = _locked(disclosure_id)
    require(by, "complaints.reply_to_disclosure", row)
    row.merchant_reply = given(reply, "reply", "写明您的说明，公众会看到", 500)
    row.save(update_fields=["merchant_reply"])
    record("disclosure.reply", row, by=by)
    return row


@transaction.atomic
def object_to_disclosure(disclosure_id: int, objection: str, *, by: Actor, on: date | None = None) -> Disclosure:
    """Either side objects within the window: nothing is public until an officer has looked.

    What is published may be objected to once. Raises WrongState after the window, and once an officer has judged.
    """
    row = _taken(disclosure_id, "object", by=by)
    if row.reason:
        raise WrongState("异议已经处理过，不再重复处理")
    if row.published_on is None and row.objection_until < (on or business_date()):
        raise WrongState(f"异议期到 {row.objection_until} 已满")
    row.objection, row.objected_by = given(objection, "objection", "写明哪里不对", 500), by.user
    row.published_on = None
    return _kept(row, "object", by=by)


@transaction.atomic
def publish_disclosure(disclosure_id: int, *, by: Actor, on: date | None = None) -> Disclosure:
    """The window is over and nobody objected."""
    row = _taken(disclosure_id, "publish", by=by)
    row.published_on = on or business_date()
    return _told(_kept(row, "publish", by=by), by)


@transaction.atomic
def judge_disclosure(disclosure_id: int, reason: str, *, by: Actor, keep: bool, on: date | None = None) -> Disclosure:
    """An officer decides on an objection, or takes a record out of the public. Raises Invalid without a reason."""
    row = _taken(disclosure_id, "keep" if keep else "withdraw", by=by)
    row.reason = given(reason, "reason", "写明处理意见", 300)
    row.published_on = (on or business_date()) if keep else None
    return _told(_kept(row, "keep" if keep else "withdraw", by=by, reason=row.reason), by)


def _told(row: Disclosure, by: Actor) -> Disclosure:
    """The apps above hear what the public reads of the shop now."""
    if row.complaint.merchant_id is not None:
        record_published.send(Disclosure, merchant_id=row.complaint.merchant_id, by=by)
    return row


def _locked(disclosure_id: int) -> Disclosure:
    seen = Disclosure.objects.filter(pk=disclosure_id).first()
    if seen is None:
        raise NotFound
    Complaint.objects.locked(seen.complaint_id)
    return Disclosure.objects.locked(disclosure_id)


def _taken(disclosure_id: int, step: str, *, by: Actor) -> Disclosure:
    row = _locked(disclosure_id)
    require(by, DISCLOSURE_LIFECYCLE.steps[step].permission, row)
    DISCLOSURE_LIFECYCLE.move(step, row)
    return row


def _kept(row: Disclosure, verb: str, *, by: Actor, **facts: str) -> Disclosure:
    row.save()
    record(f"disclosure.{verb}", row, by=by, **facts)
    return row

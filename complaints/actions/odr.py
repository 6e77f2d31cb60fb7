"""The shop first: ten working days to settle with the consumer, else it comes back to the bureau."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from complaints.actions import clocks
from complaints.actions.steps import given, keep, now, take, tell_complainant, tell_merchant
from complaints.models import Clock, Complaint
from complaints.models.complaints import OPEN
from complaints.odr import is_enrolled
from core.actors import Actor
from core.errors import Invalid, WrongState
from core.money import yuan
from core.permissions import require

Code = Clock.Code
OWN_CLOCKS = (Code.ASSIGN, Code.FIRST_CONTACT, Code.ACCEPT)


@transaction.atomic
def offer_odr(complaint_id: int, *, by: Actor, at: datetime | None = None) -> Complaint:
    """Put it to the shop, which the consumer chose to try first; the bureau's own limits wait meanwhile.

    Raises WrongState unless the consumer wants it and the shop is one of the portal.
    """
    complaint, moment = take(complaint_id, "offer_odr", by=by), now(at)
    if not complaint.wants_odr or not is_enrolled(complaint.merchant_id):
        raise WrongState("投诉人没有选先和商家协商，或商家不是 ODR 企业，不能先转商家")
    clocks.stop(complaint, *OWN_CLOCKS, at=moment, dropped=True)
    clock = clocks.start(complaint, Code.ODR, at=moment)[0]
    tell_merchant(complaint, f"顾客愿意先和您协商，请在{clock.due_on}前登录商家端答复。", "odr", at=moment)
    return keep(complaint, "offer_odr", by=by)


@transaction.atomic
def answer_complaint(complaint_id: int, reply: str, *, by: Actor) -> Complaint:
    """What the shop says to a complaint it was told of, while it is open; the last word counts. Raises Invalid."""
    complaint = Complaint.objects.locked(complaint_id)
    require(by, "complaints.answer_complaint", complaint)
    if complaint.status not in OPEN:
        raise WrongState("这件投诉已经结束，不能再答复")
    complaint.merchant_reply = given(reply, "reply", "写明您的答复，顾客和监管人员会看到")
    return keep(complaint, "answer", by=by, answer=complaint.merchant_reply)


@transaction.atomic
def settle_odr(
    complaint_id: int, reply: str, *, by: Actor, amount_fen: int = 0, at: datetime | None = None
) -> Complaint:
    """The shop says it is settled, and what it paid; the consumer is asked, and may say that it is not."""
    complaint, moment = take(complaint_id, "settle_odr", by=by), now(at)
    if amount_fen < 0:
        raise Invalid(fields={"amount_fen": "金额不能小于 0"})
    complaint.merchant_reply = given(reply, "reply", "写明怎么解决的，顾客会看到")
    complaint.recovered_fen = amount_fen
    clocks.stop(complaint, Code.ODR, at=moment)
    clocks.start(complaint, Code.CALLBACK, at=moment)
    paid = f"，付给您{yuan(amount_fen)}元" if amount_fen else ""
    tell_complainant(complaint, f"商家说已经和您协商解决{paid}。没有解决的，登录点「没有解决」，转监管部门。", "odr")
    return keep(complaint, "settle_odr", by=by, amount_fen=amount_fen, answer=complaint.merchant_reply)


@transaction.atomic
def leave_odr(complaint_id: int, *, by: Actor, reason: str = "", at: datetime | None = None) -> Complaint:
    """It did not work out, says either side, or nobody in time: the bureau's limits begin today."""
    complaint = take(complaint_id, "fail_odr", by=by)
    return _to_bureau(complaint, "fail_odr", by=by, reason=reason.strip()[:300], at=now(at))


@transaction.atomic
def reopen(complaint_id: int, reason: str, *, by: Actor, at: datetime | None = None) -> Complaint:
    """The consumer says that what the shop called settled is not. Raises WrongState after the bureau's own handling."""
    complaint = take(complaint_id, "reopen", by=by)
    if complaint.decided_at is not None:
        raise WrongState("监管部门已经办理过，不满意请在回访时说明")
    complaint.recovered_fen = 0
    text = given(reason, "reason", "写明哪里没有解决", 300)
    return _to_bureau(complaint, "reopen", by=by, reason=text, at=now(at))


def _to_bureau(complaint: Complaint, verb: str, *, by: Actor, reason: str, at: datetime) -> Complaint:
    clocks.stop(complaint, Code.ODR, Code.CALLBACK, at=at)
    clocks.start(complaint, *OWN_CLOCKS, at=at)
    tell_complainant(complaint, "和商家没有协商成，已转市场监管部门办理。", f"{verb}:{at:%Y%m%d}")
    return keep(complaint, verb, by=by, reason=reason)

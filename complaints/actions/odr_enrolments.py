"""ODR enterprises: proposed each week from the complaints, enrolled by the shop, confirmed by an officer, measured."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction

from complaints.actions.steps import given, now
from complaints.models import OdrEnrolment
from complaints.models.odr_enrolments import ODR_ENROLMENT_LIFECYCLE
from core import audit, messages
from core.actors import Actor
from core.audit import record
from core.calendar import DAY, end_of_day
from core.errors import WrongState
from core.models import User
from core.permissions import require
from core.rule_packs import NATION, rule
from merchants.models import LISTED, Merchant

Status = OdrEnrolment.Status
LEAST_DUE = 3
# Complaints against shops with no enrolment; who declined in the same period is not asked again.
PROPOSE = """
INSERT INTO complaints_odrenrolment (status, merchant_id, proposed_on, complaints, days, basis, reason, due, on_time)
SELECT 'CANDIDATE', c.merchant_id, %(on)s, count(*), %(days)s, %(basis)s, '', 0, 0
FROM complaints_complaint c JOIN merchants_merchant m ON m.id = c.merchant_id AND m.status = ANY(%(listed)s)
WHERE c.received_at > %(from)s AND c.received_at <= %(to)s AND c.status NOT IN ('MERGED', 'WITHDRAWN', 'NOT_ACCEPTED')
    AND NOT EXISTS (SELECT FROM complaints_odrenrolment e WHERE e.merchant_id = c.merchant_id
        AND (e.status <> 'DECLINED' OR e.proposed_on > %(on)s::date - %(days)s))
GROUP BY c.merchant_id HAVING count(*) >= %(least)s
ON CONFLICT DO NOTHING RETURNING id, merchant_id
"""
# A limit ends in time when the shop had finished before it ran out; what the night brings back is late.
MEASURE = """
UPDATE complaints_odrenrolment e SET due = f.due, on_time = f.on_time, counted_on = %(on)s
FROM (
    SELECT one.id, count(k.id) AS due, count(k.id) FILTER (WHERE k.stopped_at < k.due_at) AS on_time
    FROM complaints_odrenrolment one
    LEFT JOIN complaints_complaint c ON c.merchant_id = one.merchant_id
    LEFT JOIN complaints_clock k ON k.complaint_id = c.id AND k.code = 'ODR' AND k.state IN ('STOPPED', 'RUNNING')
        AND k.due_at > %(from)s AND k.due_at <= %(to)s
    WHERE one.status IN ('ACTIVE', 'SUSPENDED') GROUP BY one.id
) f WHERE f.id = e.id
"""


def propose_odr_enrolments(on: date, *, by: Actor) -> dict[str, int]:
    """The week's candidates, the shares kept in time, and who is suspended for keeping too few. Safe to repeat."""
    require(by, "complaints.propose_odr_enrolment")
    return {"proposed": _propose(on, by), "measured": _measure(on), "suspended": _suspend_slow(on, by)}


@transaction.atomic
def _propose(on: date, by: Actor) -> int:
    least, days = (rule(f"odr.candidate_{name}", NATION, on) for name in ("complaints", "days"))
    span = int(days.value)
    with connection.cursor() as cursor:
        cursor.execute(
            PROPOSE,
            {"on": on, "days": span, "least": int(least.value), "basis": least.basis, "listed": list(LISTED),
             "from": end_of_day(on - timedelta(days=span + 1)), "to": end_of_day(on - DAY)},
        )  # fmt: skip
        made = dict(cursor.fetchall())
    audit.record_many("odr_enrolment.propose", OdrEnrolment, list(made), by=by, on=on.isoformat())
    shops = Merchant.objects.in_bulk(made.values())
    owners = User.objects.in_bulk([shop.registered_by_id for shop in shops.values()])
    messages.text_many(
        (
            owners[shops[merchant].registered_by_id],
            f"{shops[merchant].brand_name}近期投诉较多，建议参加 ODR：顾客先和您协商，少走一步。请到商家后台答复。",
            f"odr_enrolment:{pk}:propose",
        )
        for pk, merchant in made.items()
    )
    return len(made)


@transaction.atomic
def _measure(on: date) -> int:
    span = int(rule("odr.candidate_days", NATION, on).value)
    with connection.cursor() as cursor:
        begin, end = end_of_day(on - timedelta(days=span + 1)), end_of_day(on - DAY)
        cursor.execute(MEASURE, {"on": on, "from": begin, "to": end})
        return cursor.rowcount


def _suspend_slow(on: date, by: Actor) -> int:
    least = Decimal(str(rule("odr.on_time_least", NATION, on).value))
    active = OdrEnrolment.objects.filter(status=Status.ACTIVE, due__gte=LEAST_DUE, counted_on=on)
    slow = [row.pk for row in active if Decimal(row.on_time) / row.due < least]
    for pk in slow:
        suspend_odr_enrolment(pk, f"按时办结率低于 {least:.0%}", by=by)
    return len(slow)


@transaction.atomic
def volunteer_for_odr(merchant_id: int, *, by: Actor, on: date, at: datetime | None = None) -> OdrEnrolment:
    """A shop asks to be an ODR enterprise without having been proposed. Raises WrongState where it is on the way."""
    merchant = Merchant.objects.locked(merchant_id)
    row = OdrEnrolment(merchant=merchant, proposed_on=on, basis="商家自愿申请", status=Status.ENROLLED)
    require(by, "complaints.answer_odr_enrolment", row)
    if merchant.status not in LISTED:
        raise WrongState("入驻通过以后才能申请")
    if OdrEnrolment.objects.live().filter(merchant=merchant).exists():
        raise WrongState("已经在办，不用重复申请")
    row.answered_by, row.answered_at = by.user, now(at)
    return _keep(row, "enrol", by=by)


@transaction.atomic
def enrol_in_odr(enrolment_id: int, *, by: Actor, at: datetime | None = None) -> OdrEnrolment:
    """The shop says yes; an officer confirms it."""
    row = _taken(enrolment_id, "enrol", by)
    row.answered_by, row.answered_at, row.reason = by.user, now(at), ""
    return _keep(row, "enrol", by=by)


@transaction.atomic
def decline_odr(enrolment_id: int, reason: str, *, by: Actor, at: datetime | None = None) -> OdrEnrolment:
    """The shop says no; it is not asked again in the same period. Raises Invalid without a reason."""
    row = _taken(enrolment_id, "decline", by)
    row.answered_by, row.answered_at = by.user, now(at)
    row.reason = given(reason, "reason", "写明不参加的原因", 300)
    return _keep(row, "decline", by=by, reason=row.reason)


@transaction.atomic
def confirm_odr_enrolment(enrolment_id: int, *, by: Actor, at: datetime | None = None) -> OdrEnrolment:
    """From now on complaints whose customers agree go to the shop first."""
    row = _taken(enrolment_id, "confirm", by)
    row.confirmed_by, row.confirmed_at = by.user, now(at)
    _tell(
        row, "已确认为 ODR 企业：愿意先协商的投诉会先转给您，10个工作日内办结。", f"confirm:{row.confirmed_at:%Y%m%d}"
    )
    return _keep(row, "confirm", by=by)


@transaction.atomic
def send_back_odr_enrolment(enrolment_id: int, reason: str, *, by: Actor) -> OdrEnrolment:
    """Not yet: the shop reads what is missing and answers again. Raises Invalid without a reason."""
    row = _taken(enrolment_id, "send_back", by)
    row.reason = given(reason, "reason", "写明退回的理由", 300)
    _tell(row, f"ODR 申请退回：{row.reason[:60]}", f"send_back:{now(None):%Y%m%d%H%M}")
    return _keep(row, "send_back", by=by, reason=row.reason)


@transaction.atomic
def suspend_odr_enrolment(enrolment_id: int, reason: str, *, by: Actor) -> OdrEnrolment:
    """No new complaints go to the shop first; those it has stay with it. Raises Invalid without a reason."""
    row = _taken(enrolment_id, "suspend", by)
    row.reason = given(reason, "reason", "写明暂停的理由", 300)
    _tell(row, f"ODR 企业资格暂停：{row.reason[:60]}", f"suspend:{now(None):%Y%m%d%H%M}")
    return _keep(row, "suspend", by=by, reason=row.reason)


@transaction.atomic
def restore_odr_enrolment(enrolment_id: int, *, by: Actor) -> OdrEnrolment:
    """Complaints go to the shop first again."""
    row = _taken(enrolment_id, "restore", by)
    row.reason = ""
    return _keep(row, "restore", by=by)


def is_in_force(merchant_id: int) -> bool:
    """Whether the shop is an ODR enterprise now: what ``complaints.odr`` asks."""
    return OdrEnrolment.objects.filter(merchant=merchant_id, status=Status.ACTIVE).exists()


def _taken(enrolment_id: int, step: str, by: Actor) -> OdrEnrolment:
    row = OdrEnrolment.objects.locked(enrolment_id)
    require(by, ODR_ENROLMENT_LIFECYCLE.steps[step].permission, row)
    ODR_ENROLMENT_LIFECYCLE.move(step, row)
    return row


def _keep(row: OdrEnrolment, verb: str, *, by: Actor, **facts: str) -> OdrEnrolment:
    row.save()
    record(f"odr_enrolment.{verb}", row, by=by, **facts)
    return row


def _tell(row: OdrEnrolment, text: str, what: str) -> None:
    shop = row.merchant
    messages.text_user(shop.registered_by, f"{shop.brand_name}：{text}", key=f"odr_enrolment:{row.pk}:{what}")

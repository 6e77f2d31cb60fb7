"""每月一题: the causes most complained of are nominated, one is taken apart, and the same query counts both periods."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from complaints import agenda
from complaints.actions.agenda_packs import owner_over
from complaints.actions.steps import given, now
from complaints.models import Cause, Complaint, MonthlyTopic, TopicMeasure
from complaints.models.monthly_topics import MONTHLY_TOPIC_LIFECYCLE
from core import audit
from core.actors import Actor
from core.audit import record
from core.calendar import DAY, business_date, end_of_day
from core.errors import Invalid, NotFound, WrongState
from core.models import Industry, Region
from core.permissions import require

NOMINATED, LEAST = 3, 3
# The three cause-and-trade pairs of each county that were complained of most in the month before.
NOMINATE = """
INSERT INTO complaints_monthlytopic
    (status, region_id, month, cause, industry_id, nominated_count, root, target, days, comment)
SELECT 'NOMINATED', county, %(month)s, cause, industry_id, n, '', 0, 0, '' FROM (
    SELECT split_part(r.path, '/', 3) AS county, c.cause, c.industry_id, count(*) AS n,
        row_number() OVER (PARTITION BY split_part(r.path, '/', 3) ORDER BY count(*) DESC, c.cause) AS place
    FROM complaints_complaint c JOIN core_region r ON r.code = c.region_id
    WHERE c.received_at > %(from)s AND c.received_at <= %(to)s AND c.status <> 'MERGED' AND c.cause <> 'OTHER'
        AND split_part(r.path, '/', 3) = ANY(%(counties)s)
    GROUP BY 1, c.cause, c.industry_id
) one WHERE place <= %(places)s AND n >= %(least)s
ON CONFLICT DO NOTHING RETURNING id
"""


@transaction.atomic
def nominate_topics(on: date, *, by: Actor) -> int:
    """On the first of a month the candidates of every bureau, out of the month before. Safe to repeat; how many."""
    require(by, "complaints.nominate_topic")
    if on.day != 1:
        return 0
    first = (on - DAY).replace(day=1)
    with connection.cursor() as cursor:
        cursor.execute(
            NOMINATE,
            {"month": on, "from": end_of_day(first - DAY), "to": end_of_day(on - DAY), "places": NOMINATED,
             "least": LEAST, "counties": agenda.counties(on)},
        )  # fmt: skip
        made = [pk for (pk,) in cursor.fetchall()]
    audit.record_many("monthly_topic.nominate", MonthlyTopic, made, by=by, on=on.isoformat())
    return len(made)


@transaction.atomic
def propose_topic(
    region_id: str, cause: str, *, by: Actor, industry_id: int | None = None, on: date | None = None
) -> MonthlyTopic:
    """A head of the bureau nominates a cause of this month by hand. Raises Invalid, WrongState for a twin."""
    region = Region.objects.filter(pk=region_id).first()
    if region is None or cause not in Cause.values:
        raise Invalid(fields={"region" if region is None else "cause": "从列表里选"})
    today = on or business_date()
    industry = Industry.objects.filter(pk=industry_id).first() if industry_id else None
    row = MonthlyTopic(region=region, month=today.replace(day=1), cause=cause, industry=industry)
    require(by, "complaints.nominate_topic", row)
    twin = MonthlyTopic.objects.filter(region=region, month=row.month, cause=cause, industry=industry)
    if twin.exists():
        raise WrongState("这个月已经有这个题目")
    row.nominated_count = count_of(row, today - timedelta(days=30), 30)
    row.save()
    record("monthly_topic.nominate", row, by=by)
    return row


def count_of(topic: MonthlyTopic, first: date, days: int) -> int:
    """Complaints of the topic's cause and trade in its region, received on ``days`` days from ``first`` on.

    The one query for both periods: what was merged into another case counts once.
    """
    rows = Complaint.objects.filter(
        region__path__startswith=topic.region.path,
        cause=topic.cause,
        received_at__gt=end_of_day(first - DAY),
        received_at__lte=end_of_day(first + timedelta(days=days - 1)),
    ).exclude(status=Complaint.Status.MERGED)
    if topic.industry_id is not None:
        rows = rows.filter(industry=topic.industry_id)
    return rows.count()


@transaction.atomic
def choose_topic(topic_id: int, root: str, leader_id: int, target: int, *, by: Actor) -> MonthlyTopic:
    """Take this one on: where its root lies, who leads, by how many per cent it shall go down. Raises Invalid."""
    row = _taken(topic_id, "choose", by)
    if not 1 <= target <= 100:
        raise Invalid(fields={"target": "目标降幅填 1 到 100"})
    row.root, row.target = given(root, "root", "写明根子在哪里"), target
    row.leader = owner_over(row.region, leader_id)
    return _keep(row, "choose", by=by, reason=row.root)


@transaction.atomic
def drop_topic(topic_id: int, *, by: Actor) -> MonthlyTopic:
    """Not this month."""
    return _keep(_taken(topic_id, "drop", by), "drop", by=by)


@transaction.atomic
def add_measure(topic_id: int, text: str, department: str, owner_id: int, due_on: date, *, by: Actor) -> TopicMeasure:
    """One more line of the ledger. Raises Invalid, WrongState once it is assessed."""
    row = MonthlyTopic.objects.locked(topic_id)
    require(by, "complaints.keep_topic", row)
    if row.status not in ("CHOSEN", "EXECUTING"):
        raise WrongState("选定以后、评估以前才能列措施")
    if due_on < business_date():
        raise Invalid(fields={"due_on": "期限不能早于今天"})
    if len(department.strip()) < 2:
        raise Invalid(fields={"department": "写明牵头部门"})
    made = TopicMeasure.objects.create(
        topic=row, text=given(text, "text", "写明措施", 300), department=department.strip()[:20], due_on=due_on,
        owner=owner_over(row.region, owner_id),
    )  # fmt: skip
    record("monthly_topic.add_measure", row, by=by, reason=made.text)
    return made


@transaction.atomic
def finish_measure(measure_id: int, note: str, *, by: Actor, at: datetime | None = None) -> TopicMeasure:
    """What came of a line of the ledger. Raises Invalid, WrongState."""
    seen = TopicMeasure.objects.filter(pk=measure_id).first()
    if seen is None:
        raise NotFound
    topic = MonthlyTopic.objects.locked(seen.topic_id)
    row = TopicMeasure.objects.locked(measure_id)
    require(by, "complaints.keep_topic", topic)
    if row.done_at is not None:
        raise WrongState("这一条已经完成")
    row.note, row.done_at = given(note, "note", "写明完成情况", 500), now(at)
    row.save()
    record("monthly_topic.finish_measure", topic, by=by, reason=row.text)
    return row


@transaction.atomic
def execute_topic(topic_id: int, after_from: date, days: int, *, by: Actor) -> MonthlyTopic:
    """Begin: the period after begins on ``after_from``; as many days before it are the period before.

    Raises Invalid, WrongState without a measure in the ledger.
    """
    row = _taken(topic_id, "execute", by)
    if not row.measures.exists():
        raise WrongState("先列措施台账")
    if not 7 <= days <= 366:
        raise Invalid(fields={"days": "天数填 7 到 366"})
    row.days, row.after_from, row.before_from = days, after_from, after_from - timedelta(days=days)
    row.before_count = count_of(row, row.before_from, days)
    return _keep(row, "execute", by=by, start=after_from, days=days)


@transaction.atomic
def assess_topic(
    topic_id: int, comment: str, *, by: Actor, on: date | None = None, at: datetime | None = None
) -> MonthlyTopic:
    """Count both periods and say what came of it. Raises WrongState before the second period is over."""
    row = _taken(topic_id, "assess", by)
    assert row.before_from and row.after_from
    last = row.after_from + timedelta(days=row.days - 1)
    if (on or business_date()) <= last:
        raise WrongState(f"{last} 以后才能评估：两个时期要一样长")
    row.before_count = count_of(row, row.before_from, row.days)
    row.after_count = count_of(row, row.after_from, row.days)
    row.comment, row.assessed_by, row.assessed_at = given(comment, "comment", "写明评估意见"), by.user, now(at)
    return _keep(row, "assess", by=by, reason=row.change)


def _taken(topic_id: int, step: str, by: Actor) -> MonthlyTopic:
    row = MonthlyTopic.objects.locked(topic_id)
    require(by, MONTHLY_TOPIC_LIFECYCLE.steps[step].permission, row)
    MONTHLY_TOPIC_LIFECYCLE.move(step, row)
    return row


def _keep(row: MonthlyTopic, verb: str, *, by: Actor, **facts: Any) -> MonthlyTopic:
    row.save()
    record(f"monthly_topic.{verb}", row, by=by, **facts)
    return row

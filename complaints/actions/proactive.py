"""Similar complaints of late are found every morning and become tasks, before more people have to complain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from complaints.actions.incidents import join_incident, joinable, open_incident
from complaints.actions.steps import given
from complaints.dispatch import county_of
from complaints.models import ClusteredComplaint, Complaint, Incident, ProactiveTask
from complaints.models.proactive import PROACTIVE_LIFECYCLE
from core.actors import Actor
from core.audit import record
from core.calendar import end_of_day
from core.errors import NotFound, WrongState
from core.models import Region
from core.permissions import require
from core.rule_packs import RuleValue, rule
from merchants.models import Merchant

SHOP_RULE, COUNTY_RULE = "cluster.merchant", "cluster.county"
Status = ProactiveTask.Status

# One row per key and cause: people and complaints of the span that no task has counted yet, and how many people there
# were in the spans before. A person is a phone; who rang twice counts once. ``area`` says whose rule it is.
_CLUSTERS = """
WITH area (region, key) AS (SELECT * FROM unnest(%(regions)s::text[], %(keys)s::text[])),
counted AS (
    SELECT c.id, c.cause, {key} AS key, coalesce(nullif(p.phone_idx, ''), p.id::text) AS person,
           CASE WHEN c.received_at > %(since)s THEN 0
                ELSE 1 + floor(extract(epoch FROM %(since)s - c.received_at) / 86400 / %(days)s)::int END AS span,
           NOT EXISTS (SELECT 1 FROM complaints_clusteredcomplaint k WHERE k.complaint_id = c.id) AS fresh
      FROM complaints_complaint c
      JOIN complaints_complainant p ON p.id = c.complainant_id
      {join}
     WHERE c.received_at > %(first)s AND c.received_at <= %(until)s
       AND c.status NOT IN ('MERGED', 'WITHDRAWN') AND c.incident_id IS NULL
       AND NOT EXISTS (SELECT 1 FROM complaints_maliceflag m WHERE m.complaint_id = c.id AND m.status = 'UPHELD')
)
SELECT key, cause, count(DISTINCT person) FILTER (WHERE span = 0 AND fresh),
       count(DISTINCT (span, person)) FILTER (WHERE span > 0),
       array_agg(id ORDER BY id) FILTER (WHERE span = 0 AND fresh)
  FROM counted
 GROUP BY key, cause
HAVING count(DISTINCT person) FILTER (WHERE span = 0 AND fresh) >= %(least)s
    OR (count(*) FILTER (WHERE span = 0 AND fresh) > 0 AND EXISTS (
           SELECT 1 FROM complaints_proactivetask t WHERE t.status IN ('PROPOSED', 'TAKEN') AND t.cause = counted.cause
              AND {same}))
"""
_OF_SHOP = _CLUSTERS.format(
    key="m.id",
    join="JOIN merchants_merchant m ON m.id = c.merchant_id JOIN area ON area.region = m.region_id",
    same="t.merchant_id = counted.key",
)
_OF_COUNTY = _CLUSTERS.format(
    key="area.key", join="JOIN area ON area.region = c.region_id",
    same="t.merchant_id IS NULL AND t.region_id = counted.key",
)  # fmt: skip


@dataclass(frozen=True)
class Cluster:
    """Complaints about one cause against one shop (its key) or in one county (its code)."""

    key: Any
    cause: str
    people: int
    before: int
    complaints: Sequence[int]


@transaction.atomic
def find_clusters(on: date, *, by: Actor) -> dict[str, int]:
    """Propose a task for each cluster that reaches its rule on this day; an open task takes in what came since.

    What a task has counted counts for no other, so that the same day again proposes nothing.
    """
    require(by, "complaints.find_clusters")
    done = {"proposed": 0, "grown": 0}
    shops = set(Merchant.objects.order_by().values_list("region_id", flat=True).distinct())
    for figure, codes in _by_rule(SHOP_RULE, shops, on).items():
        _write(on, figure, _clusters(_OF_SHOP, on, figure, codes, codes), done, by)
    # The shops first: what one shop explains is no trend of the county.
    counties = _counties()
    for figure, codes in _by_rule(COUNTY_RULE, counties, on).items():
        _write(on, figure, _clusters(_OF_COUNTY, on, figure, codes, [counties[code] for code in codes]), done, by)
    return done


def _counties() -> dict[str, str]:
    """The county of each region that has complaints; the region itself where it is wider than a county."""
    told = Region.objects.filter(pk__in=Complaint.objects.order_by().values("region").distinct())
    paths = {code: county_of(path) for code, path in told.values_list("code", "path")}
    codes = dict(Region.objects.filter(path__in=set(paths.values())).values_list("path", "code"))
    return {code: codes[path] for code, path in paths.items()}


@dataclass(frozen=True)
class Figure:
    """A rule of clusters: from how many people within how many days, how many times the usual."""

    least: int
    days: int
    windows: int
    times: int
    basis: str
    pack: str

    @classmethod
    def of(cls, value: RuleValue) -> Figure:
        """From the pack."""
        more = value.conditions
        return cls(
            int(value.value), int(more["days"]), int(more.get("windows", 3)), int(more.get("times_usual", 0)),
            value.basis, value.pack_id,
        )  # fmt: skip


def _by_rule(key: str, places: Iterable[str], on: date) -> dict[Figure, list[str]]:
    """The regions that share one rule."""
    found: dict[Figure, list[str]] = defaultdict(list)
    for code in sorted(places):
        found[Figure.of(rule(key, code, on))].append(code)
    return found


def _clusters(sql: str, on: date, figure: Figure, regions: Sequence[str], keys: Sequence[str]) -> list[Cluster]:
    until = end_of_day(on)
    since = until - timedelta(days=figure.days)
    given_to: dict[str, Any] = {
        "regions": list(regions), "keys": list(keys), "days": figure.days, "least": figure.least, "until": until,
        "since": since, "first": since - timedelta(days=figure.days * figure.windows),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql, given_to)
        return [Cluster(*row) for row in cursor.fetchall()]


def _write(on: date, figure: Figure, found: Sequence[Cluster], done: dict[str, int], by: Actor) -> None:
    shops = Merchant.objects.in_bulk([one.key for one in found if isinstance(one.key, int)])
    led = set(Incident.objects.open().values_list("merchant", flat=True))
    open_ones = {
        (row.merchant_id or row.region_id, row.cause): row
        for row in ProactiveTask.objects.open()
        .filter(Q(merchant__in=shops) | Q(merchant=None))
        .select_for_update(no_key=True)
    }
    for one in found:
        task, usual = open_ones.get((one.key, one.cause)), one.before * 100 // figure.windows
        if task is not None:
            task.people += one.people
            task.save(update_fields=["people"])
            done["grown"] += 1
        elif one.key in led or one.people < figure.least or one.people * 100 < figure.times * usual:
            continue
        else:
            shop = shops.get(one.key)
            task = ProactiveTask.objects.create(
                region_id=shop.region_id if shop else one.key, merchant=shop, cause=one.cause, proposed_on=on,
                since=on - timedelta(days=figure.days - 1), people=one.people, usual=usual, threshold=figure.least,
                basis=figure.basis, rule_pack=figure.pack,
            )  # fmt: skip
            done["proposed"] += 1
        ClusteredComplaint.objects.bulk_create(
            [ClusteredComplaint(task=task, complaint_id=pk) for pk in one.complaints], ignore_conflicts=True
        )
        record("proactive.find", task, by=by, people=one.people, cases=len(one.complaints))


@transaction.atomic
def take_task(task_id: int, *, by: Actor) -> ProactiveTask:
    """An officer looks into it."""
    task = _moved(task_id, "take", by)
    task.officer, task.taken_at = by.user, timezone.now()
    return _kept(task, "take", by)


@transaction.atomic
def note_task(task_id: int, text: str, *, by: Actor) -> ProactiveTask:
    """What was done so far. Raises WrongState unless it is taken."""
    task = ProactiveTask.objects.locked(task_id)
    require(by, "complaints.work_proactive", task)
    if task.status != Status.TAKEN:
        raise WrongState("认领以后才能记录进展")
    return _kept(task, "note", by, note=given(text, "text", "写明做了什么", 300))


@transaction.atomic
def close_task(task_id: int, text: str, *, by: Actor) -> ProactiveTask:
    """What was done, and the end."""
    task = _moved(task_id, "close", by)
    task.done, task.ended_at = given(text, "text", "写明做了什么、结果怎样"), timezone.now()
    return _kept(task, "close", by)


@transaction.atomic
def dismiss_task(task_id: int, reason: str, *, by: Actor) -> ProactiveTask:
    """Nothing to be done, and why."""
    task = _moved(task_id, "dismiss", by)
    task.done, task.ended_at = given(reason, "reason", "写明为什么不需要办", 300), timezone.now()
    return _kept(task, "dismiss", by, reason=task.done)


@transaction.atomic
def raise_task(task_id: int, leader_id: int, summary: str, *, by: Actor, on: date | None = None) -> ProactiveTask:
    """Make it an incident with a named leader, or join the one the shop has. Raises WrongState without a shop."""
    seen = ProactiveTask.objects.visible_to(by).filter(pk=task_id).first()
    if seen is None:
        raise NotFound
    require(by, "complaints.raise_proactive", seen)
    if seen.merchant_id is None:
        raise WrongState("这件不是同一家商家的，不能转群体事件")
    # The merchant and the incident are locked before the task, as everywhere.
    incident = Incident.objects.open().filter(merchant=seen.merchant_id).first()
    if incident is None:
        incident = open_incident(seen.merchant_id, leader_id, summary, by=by, on=on)
    elif joinable(incident):
        join_incident(incident.pk, by=by)
    task = _moved(task_id, "raise", by)
    task.incident, task.ended_at = incident, timezone.now()
    return _kept(task, "raise", by)


def _moved(task_id: int, step: str, by: Actor) -> ProactiveTask:
    task = ProactiveTask.objects.locked(task_id)
    require(by, PROACTIVE_LIFECYCLE.steps[step].permission, task)
    PROACTIVE_LIFECYCLE.move(step, task)
    return task


def _kept(task: ProactiveTask, verb: str, by: Actor, **facts: Any) -> ProactiveTask:
    task.save()
    record(f"proactive.{verb}", task, by=by, **facts)
    return task

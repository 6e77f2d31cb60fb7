"""The yearly post-evaluation: points from the facts of the year, and what an officer lets follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from complaints.actions.steps import given
from core import messages
from core.actors import Actor
from core.audit import record, record_many
from core.calendar import business_date
from core.errors import Invalid, NotFound, WrongState
from core.permissions import require
from core.rule_packs import rules
from core.transactions import durably
from trust_units.actions import pools
from trust_units.actions.removals import propose_removal
from trust_units.actions.slips import still_warned
from trust_units.models import EVALUATION_LIFECYCLE, PUBLIC, Outcome, PostEvaluation, Removal, TrustUnit

SPAN, MOST_AT_ONCE = 2_000, 200
PREFIX = "trust.evaluation."
GROUND = "后评价不合格"

# A covert check counts once it is published: before that its points would give it away.
_EVALUATE = """
WITH unit AS MATERIALIZED (
    SELECT id, status, stars, granted_on FROM trust_units_trustunit
    WHERE status = ANY(%(pools)s) AND granted_on <= %(on)s AND id > %(after)s ORDER BY id LIMIT %(size)s
), fact AS (
    SELECT f.unit_id, count(*) FILTER (WHERE f.kind = 'UPHELD_COMPLAINT') AS upheld,
           count(*) FILTER (WHERE f.kind = 'PENALTY') AS penalty,
           count(*) FILTER (WHERE f.kind = 'REFUSED_RETURN') AS returns,
           count(*) FILTER (WHERE f.kind = 'CUSTODY_SHORTFALL') AS short
    FROM trust_units_supervisionfact f WHERE f.unit_id IN (SELECT id FROM unit)
      AND f.happened_on >= %(start)s AND f.happened_on <= %(on)s GROUP BY f.unit_id
), looked AS (
    SELECT c.unit_id, count(*) FILTER (WHERE c.status = 'PASS') AS passed,
           count(*) FILTER (WHERE s.status = 'CLOSED') AS closed,
           count(*) FILTER (WHERE s.status = 'PROPOSED') AS overdue,
           count(*) FILTER (WHERE s.status NOT IN ('CLOSED', 'PROPOSED')) AS open
    FROM trust_units_spotcheck c LEFT JOIN trust_units_feedbackslip s ON s.spot_check_id = c.id
    WHERE c.unit_id IN (SELECT id FROM unit) AND c.day >= %(start)s AND c.day <= %(on)s
      AND c.published_at IS NOT NULL GROUP BY c.unit_id
), part AS (
    SELECT u.id, p.place, p.code, p.n, p.points
    FROM unit u LEFT JOIN fact f ON f.unit_id = u.id LEFT JOIN looked l ON l.unit_id = u.id
    CROSS JOIN LATERAL (VALUES
        (1, 'START', 1, %(base)s::bigint),
        (2, 'PASSED', l.passed, least(l.passed * %(passed)s, %(passed_most)s)),
        (3, 'CUSTODY', CASE WHEN coalesce(f.short, 0) = 0 THEN 1 ELSE 0 END, %(custody)s),
        (4, 'CLEAN', CASE WHEN coalesce(f.upheld, 0) = 0 THEN 1 ELSE 0 END, %(clean)s),
        (5, 'UPHELD', f.upheld, -f.upheld * %(upheld)s),
        (6, 'CLOSED', l.closed, -l.closed * %(closed)s),
        (7, 'OPEN', l.open, -l.open * %(open)s),
        (8, 'OVERDUE', l.overdue, -l.overdue * %(overdue)s),
        (9, 'PENALTY', f.penalty, -f.penalty * %(penalty)s),
        (10, 'RETURNS', f.returns, -f.returns * %(returns)s)
    ) AS p (place, code, n, points) WHERE p.n > 0
), summed AS (
    SELECT id, greatest(0, least(100, sum(points)))::int AS points,
           jsonb_agg(jsonb_build_array(code, n, points) ORDER BY place) AS parts
    FROM part GROUP BY id
), judged AS (
    SELECT s.id, s.points, s.parts, u.stars, CASE
        WHEN s.points < %(eliminate)s THEN 'ELIMINATE'
        WHEN s.points < %(renew)s OR u.status = 'WARNING' THEN 'RECTIFY'
        WHEN u.granted_on >= %(start)s THEN 'NEW'
        WHEN s.points >= %(upgrade)s AND u.stars < 5 THEN 'UPGRADE'
        ELSE 'CONSOLIDATE' END AS outcome
    FROM summed s JOIN unit u ON u.id = s.id
), made AS (
    INSERT INTO trust_units_postevaluation (unit_id, year, status, points, parts, outcome, stars, evaluated_on, reason)
    SELECT id, %(year)s, 'PROPOSED', points, parts, outcome,
           CASE WHEN outcome = 'UPGRADE' THEN stars + 1 ELSE stars END, %(on)s, '' FROM judged ORDER BY id
    ON CONFLICT (unit_id, year) DO NOTHING RETURNING id
)
SELECT (SELECT max(id) FROM unit), coalesce((SELECT array_agg(id ORDER BY id) FROM made), '{}')
"""


def evaluate_year(year: int, *, by: Actor, on: date) -> int:
    """Evaluate every unit in a pool for ``year``, a span at a time; who is evaluated already stays so. How many."""
    after: int | None = 0
    made = 0
    while after is not None:
        after, new = durably(partial(evaluate_span, year, after, by, on))
        made += new
    return made


def evaluate_span(year: int, after: int, by: Actor, on: date) -> tuple[int | None, int]:
    """Evaluate the next units after one, in the transaction of the caller: the last of them and how many are new."""
    require(by, "trust_units.evaluate")
    found = {key.split(".")[2]: int(one.value) for key, one in rules("CN", on).items() if key.startswith(PREFIX)}
    asked: dict[str, Any] = {
        **found,
        "pools": list(PUBLIC),
        "after": after,
        "size": SPAN,
        "year": year,
        "start": date(year, 1, 1),
    }
    with connection.cursor() as cursor:
        cursor.execute(_EVALUATE, {**asked, "on": on})
        last, new = cursor.fetchone()
    if new:
        record_many("evaluation.propose", PostEvaluation, new, by=by, year=year)
    return last, len(new)


@transaction.atomic
def confirm_evaluation(
    evaluation_id: int, reason: str, *, by: Actor, outcome: str = "", stars: int = 0, on: date | None = None
) -> PostEvaluation:
    """Let follow what the evaluation says, or what the officer makes of it: renewal, stars, warning or removal.

    A removal is only proposed: the shop states its case first. Raises Invalid, WrongState when it left the pools.
    """
    seen = PostEvaluation.objects.filter(pk=evaluation_id).first()
    if seen is None:
        raise NotFound
    unit = TrustUnit.objects.locked(seen.unit_id)
    row = PostEvaluation.objects.locked(evaluation_id)
    row.unit = unit
    require(by, "trust_units.confirm_evaluation", row)
    EVALUATION_LIFECYCLE.move("confirm", row)
    if unit.status not in PUBLIC:
        raise WrongState("这个单位已经不在库里")
    if outcome and outcome not in Outcome.values:
        raise Invalid(fields={"outcome": "选归入哪一批"})
    row.outcome, row.stars = outcome or row.outcome, stars or row.stars
    row.reason = given(reason, "reason", "写明确认的理由", 300)
    row.decided_by, row.decided_at = by.user, timezone.now()
    row.save()
    record("evaluation.confirm", row, by=by, outcome=row.outcome, stars=row.stars, reason=row.reason)
    _follow(row, unit, by, on or business_date())
    if unit.merchant is not None:
        text = f"{unit.sign_name}：{row.year} 年后评价 {row.points} 分，归入「{row.get_outcome_display()}」。"
        messages.text_user(unit.merchant.registered_by, text, key=f"evaluation:{row.pk}:confirm")
    return row


def _follow(row: PostEvaluation, unit: TrustUnit, by: Actor, today: date) -> None:
    """What each of the five batches means for the unit."""
    why = f"{row.year} 年后评价 {row.points} 分"
    if row.outcome in (Outcome.CONSOLIDATE, Outcome.UPGRADE, Outcome.NEW):
        if unit.status == TrustUnit.Status.WARNING:
            raise WrongState("预警中的单位只能归入整改或者淘汰；整改合格、解除预警后再确认")
        pools.renew_unit(unit.pk, date(row.year + 1, 12, 31), by=by)
    if row.outcome == Outcome.UPGRADE:
        pools.star_unit(unit.pk, row.stars, why, by=by, on=today)
    elif row.outcome == Outcome.RECTIFY:
        pools.warn_unit(unit.pk, f"{why}，限期整改", by=by, on=today)
    elif row.outcome == Outcome.ELIMINATE and not unit.removals.filter(status=Removal.Status.PROPOSED).exists():
        propose_removal(unit.pk, GROUND, f"{why}，{row.reason}"[:300], by=by, on=today)


@transaction.atomic
def confirm_evaluations(
    evaluation_ids: Sequence[int], reason: str, *, by: Actor, on: date | None = None
) -> list[PostEvaluation]:
    """Confirm several as proposed, in one go: all of them or none. Raises Invalid, WrongState naming the first."""
    if not 1 <= len(set(evaluation_ids)) <= MOST_AT_ONCE:
        raise Invalid(fields={"reason": f"一次确认 1 到 {MOST_AT_ONCE} 家"})
    units = PostEvaluation.objects.filter(pk__in=evaluation_ids).values_list("unit", flat=True)
    TrustUnit.objects.locked_all(list(units))
    return [confirm_evaluation(pk, reason, by=by, on=on) for pk in sorted(set(evaluation_ids))]


@transaction.atomic
def accept_rectified(evaluation_id: int, reason: str, *, by: Actor, on: date | None = None) -> PostEvaluation:
    """A unit of the 整改 batch put right what was wrong: out of the warning pool, and prolonged.

    Raises WrongState while a slip, a hearing or a standing fact keeps it there.
    """
    seen = PostEvaluation.objects.filter(pk=evaluation_id).first()
    if seen is None:
        raise NotFound
    unit, today = TrustUnit.objects.locked(seen.unit_id), on or business_date()
    row = PostEvaluation.objects.locked(evaluation_id)
    row.unit = unit
    require(by, "trust_units.confirm_evaluation", row)
    why = given(reason, "reason", "写明怎么整改好的", 200)
    if row.status != PostEvaluation.Status.CONFIRMED or row.outcome != Outcome.RECTIFY:
        raise WrongState("只有确认为「整改」的才需要整改验收")
    if unit.status == TrustUnit.Status.WARNING:
        if still_warned(unit, today):
            raise WrongState("还有没有办结的反馈单、移除提议或监管信息，先办结")
        pools.restore_unit(unit.pk, why, by=by, on=today)
    pools.renew_unit(unit.pk, date(row.year + 1, 12, 31), by=by)
    record("evaluation.accept", row, by=by, reason=why)
    return row

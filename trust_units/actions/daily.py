"""The work of the daily jobs: whom facts remove, whom they warn, the day's draw and its online checks, late slips."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date
from typing import Any

from core.actors import Actor
from core.errors import PortalError
from core.transactions import durably
from trust_units.actions import checks, draws, feed, pools, slips
from trust_units.actions.removals import remove_for_fact
from trust_units.models import HARD_FACTS, PUBLIC, FeedbackSlip, Removal, SpotCheck, SupervisionFact
from trust_units.warning_facts import to_warn

log = logging.getLogger(__name__)
SPAN = 500
WORDS = {
    "PENALTY": "受到行政处罚",
    "CUSTODY_SHORTFALL": "预付资金存管不足",
    "RISK": "经营风险预警",
    "LICENCE_EXPIRING": "证照或租约将到期",
    "UPHELD_COMPLAINT": "多件投诉经处理并公示",
    "REFUSED_RETURN": "多次拒绝无理由退货",
    "OBSERVER_REPORT": "体察员多次反映问题",
}


def feed_remove_warn(*, by: Actor, on: date) -> dict[str, Any]:
    """Read the truth, remove whom a hard fact stands against, warn whom soft ones do; each unit on its own.

    A worker killed in between leaves nothing half done: whoever goes on finds the units that still stand. A day
    that is caught up reads today's truth, and the shops' time to appeal runs from today.
    """
    result: dict[str, Any] = durably(lambda: feed.refresh_facts(by=by, on=on))
    removed = remove_standing(by=by, on=on)
    warned = 0
    for unit, kind in to_warn(on):
        try:
            durably(lambda unit=unit, kind=kind: pools.warn_unit(unit, WORDS[kind], by=by, on=on))  # type: ignore[misc]
            warned += 1
        except PortalError as error:
            log.warning("unit %s was not warned: %s", unit, error)
    hearings = Removal.objects.filter(status=Removal.Status.PROPOSED, hearing_due_on__lt=on).count()
    return {**result, "removed": removed, "warned": warned, "hearings_over": hearings}


def remove_standing(*, by: Actor, on: date, unit_id: int | None = None) -> int:
    """Remove every unit (or one) with a standing hard fact; how many there were."""
    removed = 0
    for unit, kind, text in _condemned(unit_id):
        try:
            work = lambda unit=unit, kind=kind, text=text: remove_for_fact(unit, kind, text, by=by, on=on)  # noqa: E731
            removed += durably(work) is not None
        except PortalError as error:
            log.warning("unit %s was not removed: %s", unit, error)
    return removed


def _condemned(unit_id: int | None) -> Iterator[tuple[int, str, str]]:
    """Units in a pool with a hard fact, once each, with the fact; read a span at a time."""
    after = 0
    while True:
        rows = SupervisionFact.objects.standing().filter(
            kind__in=HARD_FACTS, unit__status__in=PUBLIC, unit_id__gt=after
        )
        if unit_id is not None:
            rows = rows.filter(unit=unit_id)
        found = list(rows.order_by("unit_id", "pk").distinct("unit_id").values_list("unit_id", "kind", "text")[:SPAN])
        yield from found
        if len(found) < SPAN:
            return
        after = found[-1][0]


def draw_and_look(*, by: Actor, on: date) -> dict[str, Any]:
    """Draw the day's shard and check online what was drawn; what is wrong gets its slip the same day.

    The list was published the evening before; where it was not, it is now, and the draw says so.
    """
    draw = durably(lambda: draws.publish_list(on, by=by))
    if draw is None:
        return {"drawn": 0}
    done = durably(lambda: draws.draw_day(on, by=by))
    for start in range(0, len(done.sample), SPAN):
        span = done.sample[start : start + SPAN]
        durably(lambda span=span: draws.open_checks(done, span, by=by))  # type: ignore[misc]
    after = found = passed = 0
    while looked := checks.look_online(done.pk, on=on, after=after, size=SPAN):
        good = [pk for pk, wrong in looked.items() if not wrong]
        passed += durably(lambda good=good: checks.pass_checks(good, by=by, on=on))  # type: ignore[misc]
        for pk, wrong in looked.items():
            if wrong:
                found += _find(pk, wrong, by, on)
        after = max(looked)
    opened = SpotCheck.objects.filter(draw=done).count()
    return {"drawn": len(done.sample), "opened": opened, "passed": passed, "findings": found}


def _find(pk: int, wrong: list[dict[str, str]], by: Actor, on: date) -> int:
    try:
        durably(lambda: checks.record_check(pk, "find", by=by, findings=wrong, note="线上核查", on=on))
    except PortalError as error:
        log.warning("check %s was not recorded: %s", pk, error)
        return 0
    return 1


def sweep_slips(*, by: Actor, on: date) -> dict[str, Any]:
    """Slips whose limit has passed, and covert findings whose cover has lasted its day."""
    late = published = 0
    for pk in list(FeedbackSlip.objects.late(on).order_by("pk").values_list("pk", flat=True)):
        durably(lambda pk=pk: slips.lapse_slip(pk, by=by, on=on))  # type: ignore[misc]
        late += 1
    for pk in list(checks.to_publish(on).order_by("pk").values_list("pk", flat=True)):
        durably(lambda pk=pk: checks.publish_check(pk, by=by, on=on))  # type: ignore[misc]
        published += 1
    return {"late": late, "published": published}

"""The jobs of supervision: removal in the morning, the draw after it, plan and list the evening before."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from core import outbox
from core.actors import SYSTEM
from core.calendar import business_date
from core.jobs import job
from core.transactions import durably
from trust_units.actions import daily, draws


@job("trust_units.daily_removal", "监管信息归集与当日移除", at="05:00")
def daily_removal(on: date, shard: int) -> dict[str, Any]:
    """Bring the facts up to date, remove and warn. A day caught up late counts the shops' limits from today."""
    return daily.feed_remove_warn(by=SYSTEM, on=max(on, business_date()))


@job("trust_units.daily_spotcheck", "每日抽查", at="05:30")
def daily_spotcheck(on: date, shard: int) -> dict[str, Any]:
    """Draw the day's shard with the root of the day before, and check it online."""
    return daily.draw_and_look(by=SYSTEM, on=on)


@job("trust_units.slip_overdue", "问题反馈单逾期", at="05:50")
def slip_overdue(on: date, shard: int) -> dict[str, Any]:
    """Remind of slips whose limit has passed, propose removal the second time."""
    return daily.sweep_slips(by=SYSTEM, on=on)


@job("trust_units.weekly_plan", "编制周抽查计划", at="22:00")
def weekly_plan(on: date, shard: int) -> dict[str, Any]:
    """Make the plan of the week that tomorrow belongs to; on six days of seven it is there."""
    plan = durably(lambda: draws.plan_week(on + timedelta(days=1), by=SYSTEM))
    return {"monday": plan.monday.isoformat(), "target": plan.target, "counties": plan.counties}


@job("trust_units.draw_list", "公布次日抽签名单", at="23:00")
def draw_list(on: date, shard: int) -> dict[str, Any]:
    """Publish tomorrow's candidates and their hash while today's Merkle root does not exist yet."""
    draw = durably(lambda: draws.publish_list(on + timedelta(days=1), by=SYSTEM))
    return {"candidates": draw.candidates, "sha256": draw.list_sha256} if draw else {"candidates": 0}


@outbox.handler("trust_units.remove_unit", own_transaction=True)
def remove_unit(payload: dict[str, Any]) -> None:
    """News of a hard fact during the day: the unit does not wait for the morning."""
    daily.remove_standing(by=SYSTEM, on=business_date(), unit_id=payload["unit_id"])

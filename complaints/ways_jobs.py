"""The regular jobs of the ways of working: agenda packs, monthly topics, ODR enterprises, notes of leave."""

from __future__ import annotations

from datetime import date
from typing import Any

from complaints import actions as complaints
from complaints.models import AgendaPack
from core.actors import SYSTEM
from core.jobs import job

Kind = AgendaPack.Kind


def _packs(kind: str, on: date) -> dict[str, Any]:
    return {"made": complaints.make_agenda_packs(kind, on, by=SYSTEM)}


@job("complaints.daily_look", "日看：生成当日到期清单", at="07:00")
def daily_look(on: date, shard: int) -> dict[str, Any]:
    """What is late and due today, station by station."""
    return _packs(Kind.DAILY_LOOK, on)


@job("complaints.daily_dispatch", "日调度：生成疑难件清单", at="07:05")
def daily_dispatch(on: date, shard: int) -> dict[str, Any]:
    """Hard cases with their owners, whistles and mall tickets that wait."""
    return _packs(Kind.DAILY_DISPATCH, on)


@job("complaints.weekly_check", "周查：生成质检样本", at="07:10")
def weekly_check(on: date, shard: int) -> dict[str, Any]:
    """On Mondays: how the stations kept their limits, and a random sample of what was closed."""
    return _packs(Kind.WEEKLY_CHECK, on)


@job("complaints.weekly_consult", "周会商：生成高频事项", at="07:15")
def weekly_consult(on: date, shard: int) -> dict[str, Any]:
    """On Mondays: shops and causes complained of most."""
    return _packs(Kind.WEEKLY_CONSULT, on)


@job("complaints.tenday_review", "旬复盘：生成复盘材料", at="07:20")
def tenday_review(on: date, shard: int) -> dict[str, Any]:
    """On the 1st, 11th and 21st: the ten days before."""
    return _packs(Kind.TENDAY_REVIEW, on)


@job("complaints.monthly_close", "月结：生成月度结算", at="07:25")
def monthly_close(on: date, shard: int) -> dict[str, Any]:
    """On the 1st: the month before, frozen."""
    return _packs(Kind.MONTHLY_SETTLEMENT, on)


@job("complaints.monthly_comment", "月点评：生成点评材料", at="07:30")
def monthly_comment(on: date, shard: int) -> dict[str, Any]:
    """On the 1st: the stations in order, and the monthly topics."""
    return _packs(Kind.MONTHLY_COMMENT, on)


@job("complaints.monthly_topic_candidates", "每月一题：提名", at="07:35")
def monthly_topic_candidates(on: date, shard: int) -> dict[str, Any]:
    """On the 1st: the causes complained of most."""
    return {"made": complaints.nominate_topics(on, by=SYSTEM)}


@job("complaints.odr_enrolments", "ODR企业：提名和按时率", at="07:40")
def odr_enrolments(on: date, shard: int) -> dict[str, Any]:
    """On Mondays: candidates out of the complaints, shares kept in time, slow ones suspended."""
    return complaints.propose_odr_enrolments(on, by=SYSTEM) if on.weekday() == 0 else {}


@job("complaints.note_leave", "休假代办：写进期限备注", at="05:50")
def note_leave(on: date, shard: int) -> dict[str, Any]:
    """The delegations that begin today, on the running limits of whoever is away."""
    return {"noted": complaints.note_leave(on, by=SYSTEM)}

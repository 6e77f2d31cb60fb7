"""Versions of the criteria: an officer drafts, another publishes."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from complaints.actions.steps import given
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, WrongState
from core.permissions import require
from trust_units.models import CRITERIA_LIFECYCLE, CriteriaSet, UnitType

KINDS = ("HAVE", "MUST_NOT")
MOST = 60


@transaction.atomic
def draft_criteria(content: dict[str, Any], note: str, effective_from: date, *, by: Actor) -> CriteriaSet:
    """Propose a version, in the form of the shipped example. Raises Invalid naming the line that is wrong."""
    require(by, "trust_units.draft_criteria")
    if effective_from < business_date():
        raise Invalid(fields={"effective_from": "施行日不能早于今天"})
    assert by.user is not None
    row = CriteriaSet.objects.create(
        content=_checked(content), note=given(note, "note", "写明改了什么", 300), effective_from=effective_from,
        drafted_by=by.user,
    )  # fmt: skip
    record("criteria.draft", row, by=by, effective_from=effective_from)
    return row


@transaction.atomic
def decide_criteria(criteria_id: int, decision: str, *, by: Actor, publish: bool) -> CriteriaSet:
    """Publish a draft or send it back; declarations that are under way keep the criteria they began with."""
    row = CriteriaSet.objects.locked(criteria_id)
    step = "publish" if publish else "reject"
    require(by, CRITERIA_LIFECYCLE.steps[step].permission, row)
    CRITERIA_LIFECYCLE.move(step, row)
    if publish and row.effective_from < business_date():
        raise WrongState("施行日已过，请重新起草")
    row.decision = given(decision, "reason", "写明复核意见", 300)
    row.decided_by, row.decided_at = by.user, timezone.now()
    row.save()
    record(f"criteria.{step}", row, by=by, reason=row.decision)
    return row


def _checked(content: dict[str, Any]) -> dict[str, Any]:
    """Only what the form knows, each code once. Raises Invalid."""
    try:
        parts: dict[str, Any] = {
            "common": [_line(row) for row in content["common"]],
            "by_type": {
                UnitType(kind).value: [_line(row) for row in rows] for kind, rows in content["by_type"].items()
            },
            "by_industry": {
                str(int(code)): [_line(row) for row in rows] for code, rows in content["by_industry"].items()
            },
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid(fields={"content": "内容不完整：要有 common、by_type、by_industry 三部分"}) from error
    lists = [parts["common"], *parts["by_type"].values(), *parts["by_industry"].values()]
    codes = [row["code"] for rows in lists for row in rows]
    if len(codes) != len(set(codes)):
        raise Invalid(fields={"content": "有编号重复的条目"})
    if not parts["common"] or len(codes) > MOST:
        raise Invalid(fields={"content": f"通用条目不能为空，合计最多 {MOST} 条"})
    return parts


def _line(row: dict[str, Any]) -> dict[str, Any]:
    code, kind, text = str(row["code"]).strip(), str(row["kind"]), str(row["text"]).strip()
    if not code.isidentifier() or len(code) > 40 or kind not in KINDS or not 2 <= len(text) <= 200:
        said = text[:20] or code[:20]
        raise Invalid(fields={"content": f"「{said}」写得不对：编号用字母，类别 HAVE 或 MUST_NOT，文字 2 到 200 字"})
    return {"code": code, "kind": kind, "text": text, "evidence": bool(row.get("evidence", False))}

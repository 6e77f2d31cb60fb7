"""The watch list: merchants come on it by their score, officers judge them, and a stop needs an officer's word."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from core import messages
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, NotFound
from core.locking import lock_in_order
from core.permissions import require
from merchants import actions as merchants
from merchants.models import Merchant
from prepaid.actions.risk_scores import SCORED, SOURCE
from prepaid.models import Level, RiskScore, RiskWarning
from prepaid.models.warnings import RISK_WARNING_LIFECYCLE

# What the public and the shop read: the score and its reasons stay with the officers.
PUBLIC_REASON = "存在经营风险，暂停收取新的预付款（消法实施条例第22条第3款）"
RANK = {Level.GREEN: 0, Level.AMBER: 1, Level.RED: 2}
Status = RiskWarning.Status


@transaction.atomic
def follow_score(merchant_id: int, *, by: Actor, on: date | None = None) -> RiskWarning | None:
    """Put a merchant's place on the watch list right by its newest score; None where it has none.

    AMBER asks an officer to judge, RED proposes that sales stop (条例第22条第3款), GREEN ends it. What an officer
    dismissed comes back only when the level rises; a stop stays until an officer lifts it.
    """
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "prepaid.score_risk", merchant)
    score = RiskScore.objects.latest_of(merchant_id)
    is_scored = merchant.status in SCORED
    level = Level(score.level) if score is not None and is_scored else Level.GREEN
    found = RiskWarning.objects.open().filter(merchant=merchant).first()
    today = on or business_date()
    if found is None:
        return None if level == Level.GREEN else _put_on_list(merchant, level, score, today, by=by)
    row: RiskWarning = RiskWarning.objects.locked(found.pk)
    if row.level == level and is_scored:
        return row
    rises, row.level = RANK[level] > RANK[Level(row.level)], level
    step = ""
    if level == Level.GREEN and (row.status != Status.STOPPED or not is_scored):
        step, row.ended_on = "end", today
    elif (rises and row.status not in (Status.OPEN, Status.STOP_PROPOSED, Status.STOPPED)) or (
        rises and level == Level.RED and row.status == Status.OPEN
    ):
        step = "rise" if level == Level.RED else "reopen"
        row.proposed_by = None
    if step:
        RISK_WARNING_LIFECYCLE.move(step, row)
    row.save()
    record(f"risk_warning.{step or 'level'}", row, by=by, level=level.label, points=score.points if score else 0)
    return row


def _put_on_list(merchant: Merchant, level: Level, score: RiskScore | None, on: date, *, by: Actor) -> RiskWarning:
    status = Status.STOP_PROPOSED if level == Level.RED else Status.OPEN
    row = RiskWarning.objects.create(merchant=merchant, status=status, level=level, opened_on=on)
    record("risk_warning.open", row, by=by, level=level.label, points=score.points if score else 0)
    return row


@transaction.atomic
def judge_warning(warning_id: int, step: str, reason: str, *, by: Actor) -> RiskWarning:
    """An officer decides: ``watch``, ``visit``, ``interview``, ``propose_stop`` or ``dismiss``.

    Raises Invalid without a reason.
    """
    if step not in ("watch", "visit", "interview", "propose_stop", "dismiss"):
        raise Invalid(fields={"step": "选持续关注、上门核查、约谈、建议停售或排除"})
    row = locked_warning(warning_id)
    require(by, "prepaid.judge_riskwarning", row)
    RISK_WARNING_LIFECYCLE.move(step, row)
    row.reason, row.decided_by = reason_of(reason), by.user
    row.proposed_by = by.user if step == "propose_stop" else None
    row.save()
    record(f"risk_warning.{step}", row, by=by, reason=row.reason, level=row.get_level_display())
    return row


@transaction.atomic
def propose_stop(merchant_id: int, reason: str, *, by: Actor) -> RiskWarning:
    """An officer proposes that a merchant sells no more, whatever its score; a second officer confirms."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "prepaid.judge_riskwarning", merchant)
    found = RiskWarning.objects.open().filter(merchant=merchant).first()
    if found is None:
        score = RiskScore.objects.latest_of(merchant_id)
        level = score.level if score else Level.GREEN
        found = RiskWarning.objects.create(merchant=merchant, level=level, opened_on=business_date())
        record("risk_warning.open", found, by=by, level=found.get_level_display(), points=score.points if score else 0)
    if found.status in (Status.STOP_PROPOSED, Status.STOPPED):
        return found
    return judge_warning(found.pk, "propose_stop", reason, by=by)


@transaction.atomic
def stop_for_risk(warning_id: int, *, by: Actor) -> RiskWarning:
    """The officer confirms: no new cards (条例第22条第3款); cards already sold go on and are refunded."""
    row = locked_warning(warning_id)
    require(by, "prepaid.stop_riskwarning", row)
    RISK_WARNING_LIFECYCLE.move("stop", row)
    score = RiskScore.objects.latest_of(row.merchant_id)
    listed = "；".join(reason["words"] for reason in (score.reasons[:3] if score else []))
    why = row.reason or f"经营风险分 {score.points if score else 0}：{listed}"
    row.restriction = merchants.restrict(row.merchant_id, SOURCE, PUBLIC_REASON, by=by)
    row.confirmed_by = by.user
    row.save()
    record("risk_warning.stop", row, by=by, reason=why, restriction=row.restriction.pk)
    messages.text_user(
        row.merchant.registered_by,
        f"{row.merchant.brand_name}：因存在经营风险，暂停办理新卡；已售出的卡照常使用和退款。请联系辖区市场监管所。",
        key=f"risk_warning:{row.pk}:stop:{row.restriction.pk}",
    )
    return row


@transaction.atomic
def lift_risk_stop(warning_id: int, reason: str, *, by: Actor) -> RiskWarning:
    """The stop ends and the merchant is watched. Raises Invalid without a reason."""
    row = locked_warning(warning_id)
    require(by, "prepaid.stop_riskwarning", row)
    RISK_WARNING_LIFECYCLE.move("lift", row)
    assert row.restriction_id is not None
    merchants.lift_restriction(row.restriction_id, by=by)
    row.reason, row.decided_by = reason_of(reason), by.user
    row.proposed_by = row.confirmed_by = row.restriction = None
    row.save()
    record("risk_warning.lift", row, by=by, reason=row.reason)
    return row


def reason_of(text: str) -> str:
    """A reason of five characters or more. Raises Invalid."""
    if len(text.strip()) < 5:
        raise Invalid(fields={"reason": "写明理由，至少 5 个字"})
    return text.strip()[:300]


def locked_warning(warning_id: int) -> RiskWarning:
    """The warning, its merchant locked first. Raises NotFound."""
    seen = RiskWarning.objects.filter(pk=warning_id).first()
    if seen is None:
        raise NotFound
    row: RiskWarning = lock_in_order((Merchant, seen.merchant_id), (RiskWarning, warning_id))[1]
    return row

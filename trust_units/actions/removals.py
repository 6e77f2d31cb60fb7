"""Removal with its reason: on the day for hard facts, after a hearing for soft grounds; appeal and credit repair."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from complaints.actions.steps import given
from core import messages, uploads
from core.actors import Actor
from core.audit import record
from core.calendar import add_working_days, business_date
from core.errors import NotFound, WrongState
from core.locking import lock_in_order
from core.permissions import require
from core.rule_packs import rule
from trust_units.actions import pools
from trust_units.actions.facts import clear_fact
from trust_units.models import HARD_FACTS, REMOVAL_LIFECYCLE, FactKind, Removal, TrustUnit

Status = Removal.Status


@transaction.atomic
def remove_for_fact(unit_id: int, kind: str, reason: str, *, by: Actor, on: date | None = None) -> Removal | None:
    """Remove a unit on the day for a hard fact; None when it is not in a pool any more.

    Two workers that see the same fact remove once: the unit's row is locked first. Raises WrongState for a soft fact.
    """
    if kind not in HARD_FACTS:
        raise WrongState("这个事由要先听取陈述，不能当日移除")
    unit, today = TrustUnit.objects.locked(unit_id), on or business_date()
    require(by, "trust_units.remove_unit", unit)
    if unit.status not in ("INCUBATION", "STAR", "WARNING"):
        return None
    # A hearing that is still open is overtaken by the fact.
    Removal.objects.filter(unit=unit, status=Status.PROPOSED).update(status=Status.DROPPED)
    removal = Removal(unit=unit, status=Status.REMOVED, ground=kind, reason=reason[:300], proposed_at=timezone.now())
    return _removed(removal, unit, by, today)


@transaction.atomic
def propose_removal(unit_id: int, ground: str, reason: str, *, by: Actor, on: date | None = None) -> Removal:
    """Ask to remove a unit for a soft ground: it is warned at once and has five working days to state its case."""
    unit, today = TrustUnit.objects.locked(unit_id), on or business_date()
    require(by, "trust_units.warn_unit", unit)
    if unit.removals.filter(status=Status.PROPOSED).exists():
        raise WrongState("已经有一份移除提议在听取意见")
    if unit.status not in ("INCUBATION", "STAR", "WARNING"):
        raise WrongState("这个单位现在不在库里")
    pools.warn_unit(unit.pk, reason, by=by, on=today)
    removal = Removal.objects.create(
        unit=unit,
        status=Status.PROPOSED,
        ground=ground,
        reason=given(reason, "reason", "写明移除的事实和理由", 300),
        proposed_by=by.user,
        proposed_at=timezone.now(),
        hearing_due_on=add_working_days(today, _days("hearing", unit, today)).due,
    )
    record("removal.propose", removal, by=by, ground=ground)
    _tell(
        unit, f"拟取消放心消费资格：{reason[:60]}。请在 {removal.hearing_due_on} 前陈述意见。", f"{removal.pk}:propose"
    )
    return removal


@transaction.atomic
def state_case(removal_id: int, text: str, *, by: Actor, at: datetime | None = None) -> Removal:
    """The unit states its case before the decision."""
    removal, _ = _locked(removal_id)
    require(by, "trust_units.state_case", removal)
    REMOVAL_LIFECYCLE.check("state", removal)
    removal.statement, removal.stated_at = given(text, "statement", "写明您的意见"), at or timezone.now()
    removal.save()
    record("removal.state", removal, by=by)
    return removal


@transaction.atomic
def confirm_removal(removal_id: int, *, by: Actor, on: date | None = None) -> Removal:
    """Remove a unit after its hearing. Raises WrongState while it may still state its case and has not."""
    removal, unit = _locked(removal_id)
    today = on or business_date()
    require(by, "trust_units.remove_unit", removal)
    REMOVAL_LIFECYCLE.move("confirm", removal)
    assert removal.hearing_due_on is not None
    if removal.stated_at is None and today <= removal.hearing_due_on:
        raise WrongState(f"陈述期限到 {removal.hearing_due_on}，商家还没有陈述，之后才能决定")
    return _removed(removal, unit, by, today)


@transaction.atomic
def drop_removal(removal_id: int, reason: str, *, by: Actor) -> Removal:
    """Leave the unit in its pool: the ground did not hold."""
    removal, unit = _locked(removal_id)
    require(by, "trust_units.remove_unit", removal)
    REMOVAL_LIFECYCLE.move("drop", removal)
    removal.decision = given(reason, "decision", "写明为什么不移除", 500)
    removal.save()
    record("removal.drop", removal, by=by, reason=removal.decision)
    _tell(unit, "经听取意见，不取消放心消费资格。", f"{removal.pk}:drop")
    return removal


@transaction.atomic
def appeal_removal(
    removal_id: int, text: str, *, by: Actor, upload: UploadedFile | None = None, on: date | None = None
) -> Removal:
    """Appeal within ten working days. Raises WrongState afterwards."""
    removal, _ = _locked(removal_id)
    require(by, "trust_units.state_case", removal)
    REMOVAL_LIFECYCLE.move("appeal", removal)
    assert removal.appeal_due_on is not None
    if (on or business_date()) > removal.appeal_due_on:
        raise WrongState(f"申诉期限是 {removal.appeal_due_on}，已经过了；冷却期满后可以重新申报")
    removal.appeal_text = given(text, "appeal_text", "写明申诉的理由")
    removal.appeal_file = uploads.store(upload, title="申诉材料", by=by) if upload else None
    removal.appealed_at = timezone.now()
    removal.save()
    record("removal.appeal", removal, by=by)
    return removal


@transaction.atomic
def decide_appeal(removal_id: int, decision: str, *, by: Actor, revoke: bool, on: date | None = None) -> Removal:
    """Another officer than who removed it decides; a good appeal puts the unit back where it stood."""
    removal, unit = _locked(removal_id)
    require(by, "trust_units.decide_appeal", removal)
    step = "revoke" if revoke else "uphold"
    REMOVAL_LIFECYCLE.move(step, removal)
    removal.decision = given(decision, "decision", "写明决定的理由", 500)
    removal.decided_by, removal.decided_at = by.user, timezone.now()
    removal.save()
    record(f"removal.{step}", removal, by=by, reason=removal.decision)
    if revoke:
        # What it rested on is found untrue: the feed does not raise it again tomorrow.
        for fact in unit.facts.standing().filter(kind=removal.ground):
            clear_fact(fact.pk, by=by, on=on)
        pools.put_back(unit, removal.pool_before, "申诉成立", by=by, on=on or business_date())
    _tell(unit, "申诉成立，放心消费资格已恢复。" if revoke else "申诉不成立，维持取消资格。", f"{removal.pk}:{step}")
    return removal


@transaction.atomic
def repair_unit(unit_id: int, reason: str, *, by: Actor, on: date | None = None) -> TrustUnit:
    """Credit repair: after the cool-down, and with every hard fact cleared, the unit may declare again."""
    unit, today = TrustUnit.objects.locked(unit_id), on or business_date()
    require(by, "trust_units.repair_unit", unit)
    if unit.cool_down_until is not None and today < unit.cool_down_until:
        raise WrongState(f"冷却期到 {unit.cool_down_until}，之后才能申请修复")
    standing = unit.facts.standing().filter(kind__in=HARD_FACTS).first()
    if standing is not None:
        raise WrongState(f"「{standing.get_kind_display()}」还没有消除，先办理修复")
    return pools.reopen(unit, given(reason, "reason", "写明修复的依据", 200), by=by, on=today)


def _removed(removal: Removal, unit: TrustUnit, by: Actor, on: date) -> Removal:
    removal.pool_before = unit.pool_before_warning or unit.status
    removal.removed_by, removal.removed_at = by.user, timezone.now()
    removal.appeal_due_on = add_working_days(on, _days("appeal", unit, on)).due
    removal.save()
    unit.cool_down_until = on + timedelta(days=_days("cool_down", unit, on))
    pools.take_out(unit, removal.reason, by=by, on=on)
    record("removal.confirm", removal, by=by, ground=removal.ground)
    _tell(
        unit,
        f"放心消费资格已取消：{removal.reason[:60]}。{removal.appeal_due_on} 前可以申诉。",
        f"{removal.pk}:remove",
    )
    return removal


def ground_label(ground: str) -> str:
    """The ground in words."""
    return FactKind(ground).label if ground in FactKind.values else ground


def _locked(removal_id: int) -> tuple[Removal, TrustUnit]:
    """Unit before removal, as everybody who removes locks them."""
    seen = Removal.objects.filter(pk=removal_id).first()
    if seen is None:
        raise NotFound
    unit, removal = lock_in_order((TrustUnit, seen.unit_id), (Removal, removal_id))
    removal.unit = unit
    return removal, unit


def _days(step: str, unit: TrustUnit, on: date) -> int:
    return int(rule(f"trust.{step}.days", unit.region_id, on).value)


def _tell(unit: TrustUnit, text: str, key: str) -> None:
    if unit.merchant is not None:
        messages.text_user(unit.merchant.registered_by, f"{unit.sign_name}：{text}", key=f"removal:{key}")

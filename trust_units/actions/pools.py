"""How a unit moves between pools. Each move dates its stay, changes the mark and the search in one transaction."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid
from core.models import Region
from core.permissions import require
from merchants.models import Mall, Store
from trust_units.models import PUBLIC, UNIT_LIFECYCLE, PoolStay, TrustUnit, UnitType
from trust_units.search import index
from trust_units.signals import unit_removed, unit_trusted

Status = TrustUnit.Status


@transaction.atomic
def enter_selection(
    place: Store | Mall, unit_type: UnitType, reason: str, *, by: Actor, on: date | None = None
) -> TrustUnit:
    """Put a store (or a mall, as a trusted district) into the selection pool, from which it may declare."""
    today = on or business_date()
    region: Region = place.region
    unit = (
        TrustUnit(mall=place, merchant=place.operator, region=region, unit_type=UnitType.DISTRICT)
        if isinstance(place, Mall)
        else TrustUnit(store=place, merchant=place.merchant, region=region, unit_type=unit_type)
    )
    existing = TrustUnit.objects.filter(store=unit.store, mall=unit.mall, unit_type=unit.unit_type).first()
    if existing is not None:
        return existing
    unit.save()
    PoolStay.objects.create(unit=unit, pool=Status.SELECTION, entered_on=today, reason=reason[:200], moved_by=by.user)
    record("unit.select", unit, by=by, reason=reason)
    return unit


@transaction.atomic
def grant_unit(unit_id: int, reason: str, *, by: Actor, on: date | None = None) -> TrustUnit:
    """Take a unit from the selection pool into the incubation pool, valid to the end of the year."""
    unit, today = _locked(unit_id, "grant", by), on or business_date()
    unit.granted_on, unit.valid_until = today, date(today.year, 12, 31)
    unit.stars, unit.cool_down_until = 0, None
    return _move(unit, "grant", reason, by, today)


@transaction.atomic
def star_unit(unit_id: int, stars: int, reason: str, *, by: Actor, on: date | None = None) -> TrustUnit:
    """Give one to five stars. Raises Invalid."""
    if stars not in range(1, 6):
        raise Invalid(fields={"stars": "星级是 1 到 5"})
    unit, today = _locked(unit_id, "star", by), on or business_date()
    unit.stars = stars
    return _move(unit, "star", reason, by, today)


@transaction.atomic
def warn_unit(unit_id: int, reason: str, *, by: Actor, on: date | None = None) -> TrustUnit:
    """Put a unit into the warning pool; one that is there already stays there."""
    unit = TrustUnit.objects.locked(unit_id)
    if unit.status == Status.WARNING:
        return unit
    require(by, "trust_units.warn_unit", unit)
    unit.pool_before_warning = unit.status
    return _move(unit, "warn", reason, by, on or business_date())


@transaction.atomic
def restore_unit(unit_id: int, reason: str, *, by: Actor, on: date | None = None) -> TrustUnit:
    """Take a unit out of the warning pool, back to where it stood. Who calls has seen the cause put right."""
    unit = TrustUnit.objects.locked(unit_id)
    step = "restore_star" if unit.pool_before_warning == Status.STAR else "restore_incubation"
    UNIT_LIFECYCLE.check(step, unit)
    require(by, "trust_units.restore_unit", unit)
    unit.pool_before_warning = ""
    return _move(unit, step, reason, by, on or business_date())


@transaction.atomic
def renew_unit(unit_id: int, valid_until: date, *, by: Actor) -> TrustUnit:
    """Prolong a unit that passed its yearly post-evaluation."""
    unit = TrustUnit.objects.locked(unit_id)
    require(by, "trust_units.star_unit", unit)
    unit.valid_until = valid_until
    unit.mark_version += 1
    unit.save()
    index.publish(unit)
    record("unit.renew", unit, by=by, valid_until=valid_until)
    return unit


def take_out(unit: TrustUnit, reason: str, *, by: Actor, on: date) -> TrustUnit:
    """Remove a locked unit; only trust_units.actions.removals, which keeps the reason and the appeal, calls this."""
    return _move(unit, "remove", reason, by, on)


def put_back(unit: TrustUnit, pool: str, reason: str, *, by: Actor, on: date) -> TrustUnit:
    """Reinstate a locked unit after an appeal, into the pool it was removed from."""
    unit.cool_down_until = None
    return _move(unit, "reinstate_star" if pool == Status.STAR else "reinstate_incubation", reason, by, on)


def reopen(unit: TrustUnit, reason: str, *, by: Actor, on: date) -> TrustUnit:
    """Let a removed unit whose cool-down is over start again from the selection pool (信用修复)."""
    unit.granted_on = unit.valid_until = None
    unit.stars = 0
    return _move(unit, "repair", reason, by, on)


def _locked(unit_id: int, step: str, by: Actor) -> TrustUnit:
    unit = TrustUnit.objects.locked(unit_id)
    require(by, UNIT_LIFECYCLE.steps[step].permission, unit)
    UNIT_LIFECYCLE.check(step, unit)
    return unit


def _move(unit: TrustUnit, step: str, reason: str, by: Actor, on: date) -> TrustUnit:
    """The change itself: pool, stay, mark, search, audit, news."""
    before = unit.status
    UNIT_LIFECYCLE.move(step, unit)
    unit.mark_version += 1
    unit.save()
    if unit.status != before:
        PoolStay.objects.filter(unit=unit, left_on=None).update(left_on=on)
        PoolStay.objects.create(unit=unit, pool=unit.status, entered_on=on, reason=reason[:200], moved_by=by.user)
    if unit.status in PUBLIC:
        index.publish(unit)
    else:
        index.unpublish(unit.pk)
    record(f"unit.{step}", unit, by=by, reason=reason, was=before, stars=unit.stars)
    (unit_trusted if unit.is_trusted else unit_removed).send(TrustUnit, unit_id=unit.pk, by=by)
    return unit

"""Facts of supervision attached to units, by signals, by daily jobs and by officers."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.permissions import require
from trust_units.models import SupervisionFact, TrustUnit


@transaction.atomic
def note_fact(unit_id: int, kind: str, source: str, text: str, *, by: Actor, on: date | None = None) -> SupervisionFact:
    """Attach one fact to a unit; the same source again changes nothing."""
    unit = TrustUnit.objects.locked(unit_id)
    require(by, "trust_units.note_fact", unit)
    fact, is_new = SupervisionFact.objects.get_or_create(
        unit=unit, kind=kind, source=source, defaults={"text": text[:300], "happened_on": on or business_date()}
    )
    if is_new:
        record("fact.note", unit, by=by, kind=kind, source=source)
    return fact


@transaction.atomic
def clear_fact(fact_id: int, *, by: Actor, on: date | None = None) -> SupervisionFact:
    """A fact no longer stands (licence restored, taken off the list, custody made up)."""
    fact = SupervisionFact.objects.locked(fact_id)
    require(by, "trust_units.note_fact", fact)
    if fact.cleared_on is None:
        fact.cleared_on, fact.cleared_by = on or business_date(), by.user
        fact.save()
        record("fact.clear", fact.unit, by=by, kind=fact.kind, source=fact.source)
    return fact

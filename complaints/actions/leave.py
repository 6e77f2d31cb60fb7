"""Who is away and who acts for them, written on the limits that run meanwhile."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q

from complaints.models import Clock
from core.actors import Actor
from core.models import Delegation, User
from core.permissions import require

RUNNING = (Clock.State.RUNNING, Clock.State.PAUSED)


@transaction.atomic
def note_leave(on: date, *, by: Actor) -> int:
    """Write the delegations that begin on the day ``on`` on the limits of whoever is away; how many limits."""
    require(by, "complaints.note_leave")
    rows = Delegation.objects.filter(valid_from=on).select_related("from_user", "to_user").order_by("pk")
    return sum(_note(row) for row in rows)


@transaction.atomic
def note_delegation(delegation_id: int, *, by: Actor, on: date) -> int:
    """The same at once for a delegation just made that is in force; a later one is noted on its first morning."""
    row = Delegation.objects.select_related("from_user", "to_user").get(pk=delegation_id)
    if by.user is None or row.from_user_id != by.user.pk or not row.valid_from <= on <= row.valid_to:
        return 0
    return _note(row)


def _note(row: Delegation) -> int:
    """Set-based: the running limits of all matters of whoever is away. Clocks are written nowhere else by name."""
    mine = Q()
    for kind in ("complaint", "report", "consultation"):
        mine |= Q(**{f"{kind}__handler": row.from_user_id, f"{kind}__closed_at": None})
    text = f"{row.from_user.name} {row.reason}，{row.valid_from} 至 {row.valid_to} 由 {row.to_user.name} 代办"
    wanted = Clock.objects.filter(mine, state__in=RUNNING).order_by("pk")
    pks = list(wanted.values_list("pk", flat=True))
    return Clock.objects.filter(pk__in=pks).update(note=text[:200])


def acts_for(handler: User | None, on: date) -> Delegation | None:
    """The delegation in force of whoever has a matter, the newest; None while they are here."""
    if handler is None:
        return None
    rows = Delegation.objects.in_force(on).filter(from_user=handler).select_related("to_user").order_by("-pk")
    found: Delegation | None = rows.first()
    return found

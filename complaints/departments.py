"""Departments beside the market bureau: which of them have people at the portal, and for what each answers."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from core.actors import Actor
from core.models import Membership, Region, Role


def departments_over(region: Region) -> list[str]:
    """The departments that have an officer over a place today, by name."""
    above = [region.path[: n + 1] for n, letter in enumerate(region.path) if letter == "/"]
    rows = Membership.objects.in_force(timezone.localdate()).filter(
        role=Role.DEPARTMENT_OFFICER, region__path__in=above, user__is_active=True
    )
    return sorted(set(rows.exclude(department="").values_list("department", flat=True)))


def serves(by: Actor, department: str, path: str) -> bool:
    """Whether ``by`` is an officer of the department over this place."""
    return any(held == department and path.startswith(place) for place, held in posts_of(by))


def posts_of(by: Actor) -> set[tuple[str, str]]:
    """The places and departments for which ``by`` answers."""
    if by.user is None or not by.user.is_authenticated:
        return set()
    return {
        (held.region.path, held.department)
        for held in by.user.access.memberships
        if held.role == Role.DEPARTMENT_OFFICER and held.region and held.department
    }


def asked_of(by: Actor, place: str, department: str = "department") -> Q:
    """The filter for rows asked of a department of ``by``; ``place`` is the column of the region's path."""
    wanted = Q(pk__in=[])
    for path, name in posts_of(by):
        wanted |= Q(**{f"{place}__startswith": path, department: name})
    return wanted

"""Asking whether somebody may do a thing. Rules live in each app's ``rules.py``; this is the one question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import rules

from core.actors import Actor, ActorKind
from core.errors import NotAllowed, NotFound, NotSignedIn

if TYPE_CHECKING:
    from django.db import models


def may(by: Actor, permission: str, obj: Any = None) -> bool:
    """Whether ``by`` may do ``app.verb_model`` on ``obj``. Jobs of the system and the custodian are judged too."""
    if not rules.perm_exists(permission):
        raise KeyError(f"no rule for {permission}")
    return bool(rules.has_perm(permission, by, obj))


def require(by: Actor, permission: str, obj: models.Model | None = None) -> None:
    """Raise NotFound when ``obj`` is not among what ``by`` may see, NotAllowed when it is but the rule says no."""
    if may(by, permission, obj):
        return
    if by.kind is ActorKind.USER and (by.user is None or not by.user.is_authenticated):
        raise NotSignedIn
    if obj is not None and not type(obj)._default_manager.visible_to(by).filter(pk=obj.pk).exists():  # type: ignore[attr-defined]
        raise NotFound
    raise NotAllowed


@rules.predicate
def is_system(by: Actor, obj: Any = None) -> bool:
    """The system's own jobs."""
    return by.is_system


@rules.predicate
def is_custodian(by: Actor, obj: Any = None) -> bool:
    """The custodian bank, by its signed callback."""
    return by.kind is ActorKind.CUSTODIAN


@rules.predicate
def is_client(by: Actor, obj: Any = None) -> bool:
    """An API client, which acts as the service account that owns it."""
    return by.kind is ActorKind.CLIENT


@rules.predicate
def is_person(by: Actor, obj: Any = None) -> bool:
    """Anybody who is signed in."""
    return by.user is not None and by.user.is_authenticated


def has_role(*roles: str) -> Any:
    """A predicate: the actor holds one of ``roles`` anywhere (the region is asked separately)."""

    @rules.predicate(f"has_role:{'|'.join(roles)}")
    def predicate(by: Actor, obj: Any = None) -> bool:
        return by.user is not None and by.user.is_authenticated and bool(by.user.access.has(*roles))

    return predicate

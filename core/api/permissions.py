"""Who may call an endpoint at all. Each action asks again about the object."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from core.actors import Actor
from core.models.people import WATCHERS
from core.permissions import has_role, may

is_watcher = has_role(*WATCHERS)


def scope_of(view: Any, method: str) -> str:
    """The scope a token needs for this call: ``read``, or what the verb says (``write``, ``money``)."""
    if method in SAFE_METHODS:
        return "read"
    return str(getattr(getattr(view, view.action or "", None), "scope", "write"))


class DenyAll(BasePermission):
    """The default: an endpoint that declares nothing is closed."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Never."""
        return False


class Anyone(BasePermission):
    """Public information."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Always."""
        return True


class SignedIn(BasePermission):
    """A person with a session, or an API client whose token has the scope the call needs."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True for a session; for a token, if its scopes cover the call."""
        if not (request.user and request.user.is_authenticated):
            return False
        token: Any = request.auth
        return token is None or bool(token.is_valid([scope_of(view, request.method or "")]))


class SignedInToWrite(SignedIn):
    """Anyone may read; writing is for people and clients."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True for reads, else as SignedIn; a token is judged in either case."""
        if request.method in SAFE_METHODS and request.auth is None:
            return True
        return super().has_permission(request, view)


class Regulator(SignedIn):
    """Officers, and those who watch them."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True for the roles that look over a region."""
        return super().has_permission(request, view) and is_watcher.test(Actor.of(request))


class Keeper(SignedIn):
    """Those who look after the machinery."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True for whoever may see jobs and outbox."""
        return super().has_permission(request, view) and may(Actor.of(request), "core.view_operations")

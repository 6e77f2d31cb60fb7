"""Who may call an endpoint at all. Each action asks again about the object."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class DenyAll(BasePermission):
    """The default: an endpoint that declares nothing is closed."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Never."""
        return False


class SignedIn(BasePermission):
    """A person with a session, or an API client whose token has the scope the view names."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True for a session; for a token, if its scopes cover the method."""
        if not (request.user and request.user.is_authenticated):
            return False
        token = request.auth
        if token is None:
            return True
        unsafe = request.method not in ("GET", "HEAD", "OPTIONS")
        scope = getattr(view, "write_scope", "write") if unsafe else "read"
        return bool(token.is_valid([scope]))


class Anyone(BasePermission):
    """Public information."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Always."""
        return True

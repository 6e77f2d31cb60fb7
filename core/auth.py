"""Signing in: phone with password, or phone with a code. The phone itself is never a key."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.crypto import blind_index
from core.errors import Invalid
from core.identifiers import clean_phone
from core.models import User


class PortalArgon2Hasher(Argon2PasswordHasher):
    """Argon2id at OWASP's floor: Django's default costs 0.26 s, so that a few sign-ins would fill two cores."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


def phone_index(typed: str | None) -> str:
    """The blind index of what was typed as a phone; an unknown form gets an index nobody has."""
    try:
        return blind_index("phone", clean_phone(typed or ""))
    except Invalid:
        return blind_index("phone", f"?{typed}")


class PhoneBackend(ModelBackend):
    """Checks phone and password; takes as long for an unknown phone as for a wrong password."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """The active user with this phone and password, else None."""
        user = User.objects.filter(phone_idx=phone_index(username)).first()
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password or "") and user.is_active else None


def axes_username(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """What the lock-out counts by: the index, so that no phone is stored in its tables."""
    typed = (credentials or {}).get("username") or (request.POST.get("username") if request else "")
    return phone_index(typed)


def locked_out(request: HttpRequest, credentials: dict[str, Any] | None = None, *args: Any) -> HttpResponse:
    """The same page for a known and an unknown phone."""
    return render(request, "core/locked_out.html", status=429)

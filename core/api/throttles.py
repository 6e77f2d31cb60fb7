"""How often one address may call without signing in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core.throttle import count


class AnonymousThrottle(BaseThrottle):
    """So many calls a minute from one address, for callers who are not signed in."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """True, or raises TooMany."""
        if not (request.user and request.user.is_authenticated):
            count(f"anon:{request.META.get('REMOTE_ADDR')}", settings.API_RATES["anon"])
        return True

"""API clients: OAuth2 client credentials. A client acts as the service account that owns it."""

from typing import Any

from oauth2_provider.contrib.rest_framework import OAuth2Authentication
from rest_framework.request import Request


class ClientAuthentication(OAuth2Authentication):
    """Sets the request's user to the owner of the client, and remembers the client for the audit."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """(service account, token) for a valid bearer token."""
        found = super().authenticate(request)
        if found is None:
            return None
        _, token = found
        if not token.application.user.is_active:
            return None
        request._request.api_client = token.application  # type: ignore[attr-defined]
        return token.application.user, token

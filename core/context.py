"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, Any]:
    """Name and owner of the portal, and the look the visitor chose."""
    theme = request.COOKIES.get("theme")
    return {
        "portal_name": settings.PORTAL_NAME,
        "portal_owner": settings.PORTAL_OWNER,
        "portal_district": settings.PORTAL_DISTRICT,
        "theme": theme if theme in ("light", "dark") else "light",
        "is_demo": settings.DEPLOY != "prod",
    }

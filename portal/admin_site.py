"""The regulators' site: stock Django admin, our look, our permissions."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.http import HttpRequest


class SupervisionAdminSite(AdminSite):
    """One site for every regulator; what each sees is cut by ``visible_to``."""

    site_header = "监管工作台"
    site_title = "监管工作台"
    index_title = "工作台"
    empty_value_display = "—"

    def has_permission(self, request: HttpRequest) -> bool:
        """Regulators and the keepers of the system; nobody else."""
        user = request.user
        return user.is_authenticated and user.is_active and user.access.is_regulator

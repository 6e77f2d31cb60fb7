"""Hooks that only the top of the house may set."""

from django.contrib.admin.apps import AdminConfig


class SupervisionAdminConfig(AdminConfig):
    """Puts our admin site in place of Django's default one, and hangs Celery's bell on the outbox."""

    default_site = "portal.admin_site.SupervisionAdminSite"

    def ready(self) -> None:
        """core.outbox knows no Celery; here the two meet."""
        from config.celery import ring  # both need the app registry
        from core import outbox

        super().ready()
        outbox.bell = ring

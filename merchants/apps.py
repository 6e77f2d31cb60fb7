"""Registers the merchants app."""

from django.apps import AppConfig


class MerchantsConfig(AppConfig):
    """Businesses and where they trade."""

    name = "merchants"
    verbose_name = "商家"

    def ready(self) -> None:
        """Register rules, jobs, outbox topics and receivers."""
        from merchants import jobs, receivers, rules  # noqa: F401  registration only

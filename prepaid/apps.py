"""Registers the prepaid app."""

from django.apps import AppConfig


class PrepaidConfig(AppConfig):
    """Money that people paid in advance."""

    name = "prepaid"
    verbose_name = "预付资金"

    def ready(self) -> None:
        """Register rules, jobs, outbox topics and receivers."""
        from prepaid import receivers, rules  # noqa: F401  registration only

"""Registers the core app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """People, places, clocks and the machinery that every write goes through."""

    name = "core"
    verbose_name = "基础"

    def ready(self) -> None:
        """Load the handlers of outbox topics, so that every process knows them."""
        from core import receivers, rules  # noqa: F401  registration only

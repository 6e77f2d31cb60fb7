"""Registers the portal app."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Pages that need several apps, demo data and the embedded services. No models."""

    name = "portal"
    verbose_name = "门户"

"""Registers the outbox topics of this app."""

from merchants import actions

__all__ = ["actions"]

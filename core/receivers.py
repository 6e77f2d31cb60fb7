"""Registers the outbox topics of this app; core listens to nobody."""

from core import jobs, maintenance, messages

__all__ = ["jobs", "maintenance", "messages"]

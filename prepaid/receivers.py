"""Registers outbox topics and jobs of this app."""

from prepaid import actions, jobs

__all__ = ["actions", "jobs"]

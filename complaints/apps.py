"""Registers the complaints app."""

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    """12315: complaints, reports and what the bureau does about them."""

    name = "complaints"
    verbose_name = "投诉举报"

    def ready(self) -> None:
        """Register rules, jobs, outbox topics and receivers."""
        from complaints import (  # noqa: F401  registration only
            case_rules,
            case_words,
            desk_rules,
            dispatch_rules,
            evidence_part,
            jobs,
            receivers,
            risk,
            rules,
            supervision_jobs,
            supervision_rules,
        )
        from complaints.looks import LOOKS
        from core.looks import STATE_LOOKS

        STATE_LOOKS.update(LOOKS)

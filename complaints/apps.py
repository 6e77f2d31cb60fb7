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
            figure_jobs,
            figure_rules,
            incident_jobs,
            incident_reports,
            incident_rules,
            jobs,
            odr,
            receivers,
            risk,
            rules,
            supervision_jobs,
            supervision_rules,
            ways_jobs,
            ways_rules,
        )
        from complaints.actions.odr_enrolments import is_in_force
        from complaints.looks import LOOKS
        from core.looks import STATE_LOOKS

        STATE_LOOKS.update(LOOKS)
        odr.ENROLMENTS.append(is_in_force)

"""Registers the trust_units app."""

from django.apps import AppConfig


class TrustUnitsConfig(AppConfig):
    """The registry of trust units and its daily checks."""

    name = "trust_units"
    verbose_name = "放心消费"

    def ready(self) -> None:
        """Register rules, jobs, outbox topics and receivers."""
        from core.looks import STATE_LOOKS
        from trust_units import (  # noqa: F401  registration only  # noqa: F401  as above
            check_rules,
            declaration_jobs,
            declaration_rules,
            evaluation_jobs,
            evaluation_rules,
            receivers,
            rules,
            search_jobs,
            words,
        )
        from trust_units.looks import LOOKS

        STATE_LOOKS.update(LOOKS)

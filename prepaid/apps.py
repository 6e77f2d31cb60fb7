"""Registers the prepaid app."""

from django.apps import AppConfig


class PrepaidConfig(AppConfig):
    """Money that people paid in advance."""

    name = "prepaid"
    verbose_name = "预付资金"

    def ready(self) -> None:
        """Register rules, jobs, outbox topics and receivers."""
        from prepaid import (  # noqa: F401  registration only
            closing_rules,
            contract_rules,
            custody_rules,
            filing_rules,
            heir_rules,
            legacy_rules,
            mall_rules,
            receivers,
            reconciliation_rules,
            rules,
            succession_rules,
            warning_rules,
        )

"""Registers outbox topics and jobs of this app."""

from prepaid import (
    actions,
    backtest,
    closing_jobs,
    contract_jobs,
    custody_jobs,
    filing_jobs,
    jobs,
    reconciliation_jobs,
    warning_jobs,
)

__all__ = [
    "actions",
    "backtest",
    "closing_jobs",
    "contract_jobs",
    "custody_jobs",
    "filing_jobs",
    "jobs",
    "reconciliation_jobs",
    "warning_jobs",
]

"""The speed of what surrounds the ledger: refunds, custody, warnings, seals, reconciliation."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from portal.bench import prepaid_custody, prepaid_proofs, prepaid_reconcile, prepaid_refunds, prepaid_risk
from portal.bench.metrics import Metric

AREAS = (prepaid_refunds, prepaid_proofs, prepaid_reconcile, prepaid_custody, prepaid_risk)


def measure(data: Path) -> Iterator[tuple[str, Metric]]:
    """Every figure of every area, each with servers of its own."""
    return chain.from_iterable(area.measure(data) for area in AREAS)

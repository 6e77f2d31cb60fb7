"""How many refunds one core computes, statement with formulas and articles included."""

import itertools
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from portal.bench.metrics import Metric, at_least
from prepaid.refunds import Cause, Facts, Interest, Kind, LotFacts, compute

N, ROUNDS = 20_000, 5


def measure(data: Path) -> Iterator[tuple[str, Metric]]:
    """Facts of every kind and cause, built and computed one by one; needs no database."""
    rates = []
    for _ in range(ROUNDS):
        cases = itertools.islice(itertools.cycle(_cases()), N)
        began = time.process_time()
        for kind, cause, figures, interest in cases:
            compute(Facts(kind, cause, (LotFacts(**figures),), interest))
        rates.append(N / (time.process_time() - began))
    text = "每次都从事实算到逐行的算式和法条，四种卡、四种原因，四分之一带利息"
    yield "prepaid.refunds_per_s", at_least(median(rates), 20_000, "/s", text)


def _cases() -> list[tuple[Kind, Cause, dict[str, Any], Interest | None]]:
    figures: dict[Kind, dict[str, Any]] = {
        Kind.STORED_VALUE: {"paid_fen": 300_000, "bonus_fen": 60_000, "used_face_fen": 123_457},
        Kind.COUNT: {"paid_fen": 99_999, "times_paid": 10, "times_bonus": 3, "times_used": 4, "list_price_fen": 15_000},
        Kind.UNLIMITED_TERM: {"paid_fen": 365_000, "total_days": 366, "left_days": 200, "times_used": 3},
        Kind.PER_PERIOD: {"paid_fen": 237_600, "unserved_fen": 118_800},
    }
    interest = Interest(17, supervised_fen=50_000, custody_ppm=3_500, rest_ppm=30_000)
    pairs = itertools.product(figures, Cause)
    return [(kind, cause, figures[kind], None if n % 4 else interest) for n, (kind, cause) in enumerate(pairs)]

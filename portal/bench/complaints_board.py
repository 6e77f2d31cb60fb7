"""The monthly board over the million complaints: two years of a city's thirteen counties, trades and causes.

The orders "figures" and "board N" are answered by the process of ``portal.bench.complaints``.
"""

import time
from collections.abc import Iterator
from statistics import median

from portal.bench.metrics import Metric, at_most, median_ratio
from portal.bench.workers import Workers

COUNTIES = (
    "330102", "330105", "330106", "330108", "330109", "330110", "330111", "330112", "330113", "330114", "330122",
    "330127", "330182",
)  # fmt: skip
CHIEF, CITY = "13900000002", "3301"
BOARD = "/admin/complaints/board/"
DAYS, ROUNDS, PAGES = 700, 5, 60
_RECEIVED = f"now() - (n %% {DAYS} + 60) * interval '1 day'"


def past(is_open: str) -> tuple[dict[str, str], dict[str, str]]:
    """What the closed complaints and their clocks have of their own: when, where, of which trade and cause."""
    codes = ",".join(f"'{code}'" for code in COUNTIES)
    county = f"(ARRAY[{codes}])[1 + n %% {len(COUNTIES)}]"
    causes = "(ARRAY['REFUND', 'CLOSED_SHOP', 'WRONG_CHARGE', 'SERVICE_CUT', 'QUALITY', 'OTHER'])[1 + n %% 6]"

    def closed(then: str, otherwise: str) -> str:
        return f"CASE WHEN {is_open} THEN {otherwise} ELSE {then} END"

    complaint = {
        "received_at": closed(_RECEIVED, "now()"),
        "closed_at": closed(f"{_RECEIVED} + interval '30 days'", "NULL"),
        "decided_at": closed(f"{_RECEIVED} + interval '5 days'", "NULL"),
        "cause": causes,
        "industry_id": "1 + n %% 20",
        "rating": closed("n %% 4", "NULL"),
        "recovered_fen": closed("n %% 100000", "0"),
    }
    clock = {
        "started_at": closed(_RECEIVED, "now() - interval '120 days'"),
        "stopped_at": closed(f"{_RECEIVED} + (n %% 12) * interval '1 day'", "NULL"),
    }
    return {**complaint, "region_id": county}, {**clock, "region_id": county}


def due_at(is_open: str, open_due: str) -> str:
    """The closed ones had ten days; two in twelve were answered late."""
    return f"CASE WHEN {is_open} THEN {open_due} ELSE {_RECEIVED} + interval '10 days' END"


def count() -> list[float]:
    """Count every month as the nightly job does; seconds, months and rows."""
    from complaints import actions as complaints
    from core.actors import SYSTEM
    from core.calendar import business_date

    began = time.monotonic()
    done = complaints.count_figures(business_date(), by=SYSTEM)
    return [time.monotonic() - began, done["months"], done["rows"]]


def boards(worker: Workers) -> Iterator[tuple[str, Metric]]:
    """The board of the city's newest month against one complaint read by its key."""
    took, months, rows = worker.go("figures")[0]
    worker.go("board 5")
    worker.go("pk 10")
    board, pk = [], []
    for _ in range(ROUNDS):
        pk.append(worker.go(f"pk {PAGES}")[0][0])
        board.append(worker.go(f"board {PAGES}")[0][0])
    text = (
        f"看板 p95 {median(board):.1f} ms（{len(COUNTIES)} 个区县，行业、事由、效能评价都在内），按主键读一件 p95"
        f" {median(pk):.2f} ms；{months:.0f} 个月从头统计一遍 {took:.1f} s，{rows:.0f} 行"
    )
    yield "complaints.board_vs_pk_view", at_most(median_ratio(board, pk), 20, "×", text)

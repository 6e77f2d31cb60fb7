"""``python -m portal.bench``, which ``./run bench`` calls."""

import argparse
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from portal.bench import complaints, ledger, prepaid, search, spotcheck, start
from portal.bench.metrics import Metric, as_json, show
from portal.embedded.testrun import TEST_DATA

GROUPS: dict[str, Callable[[Path], Iterator[tuple[str, Metric]]]] = {
    "ledger": ledger.measure,
    "prepaid": prepaid.measure,
    "complaints": complaints.measure,
    "spotcheck": spotcheck.measure,
    "start": start.measure,
    "search": search.measure,
}


def main(arguments: list[str]) -> int:
    """Measure the groups asked for (all by default); the exit status says only whether the measuring worked."""
    parser = argparse.ArgumentParser(prog="./run bench", description="性能测量：全部在用完即弃的服务器上进行")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"{'、'.join(GROUPS)}；不写则全部")
    parser.add_argument(
        "--data", type=Path, default=TEST_DATA, help="放临时服务器的目录（要在真正的磁盘上）；search 从这里读名称"
    )
    parser.add_argument("--queries", type=Path, help="search：用别人的查询，每行一个 JSON，含 query、kind、expected")
    parser.add_argument("--json", action="store_true", help="最后一行输出 JSON")
    options = parser.parse_args(arguments)
    if unknown := set(options.groups) - set(GROUPS):
        parser.error(f"没有这一组：{'、'.join(sorted(unknown))}")
    options.data.mkdir(parents=True, exist_ok=True)
    GROUPS["search"] = partial(search.measure, queries=options.queries)
    metrics: dict[str, Metric] = {}
    for group in options.groups or GROUPS:
        for name, metric in GROUPS[group](options.data):
            metrics[name] = metric
            show(name, metric)
    if options.json:
        print(as_json(metrics))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

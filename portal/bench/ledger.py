"""The ledger's speed, as ratios to pgbench's TPC-B-like run measured in turn with ours."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from portal.bench.metrics import Metric, at_least, at_most, median_ratio, reported
from portal.bench.workers import Workers
from portal.bench.world import CARDS, World, world
from portal.embedded import roles

ROUNDS, SECONDS = 7, 3
RATIO = "× TPC-B"
HORDAK = "django-hordak==2.0.0"
PEER = Path(__file__).with_name("peer.py")


def measure(data: Path) -> Iterator[tuple[str, Metric]]:
    """Every figure of the ledger."""
    print("正在准备一百万张预付卡（约一分钟）……", flush=True)
    with world(data, demo=True) as made:
        yield from _batch(made)
        yield from _storage(made)
        made.ask("SELECT ledger_fold(100000000)", role=roles.APP)
        made.ask("VACUUM", role=roles.SUPER)
        yield from _single(made, data)
        yield from _together(made)


def _batch(made: World) -> Iterator[tuple[str, Metric]]:
    """A million due instalments, two workers; TPC-B before and after."""
    workers = Workers(made.environment(), [("release", 2_000, shard, 2) for shard in (0, 1)])
    before = made.pgbench(seconds=5)
    began = time.monotonic()
    answers = workers.go()
    took = time.monotonic() - began
    workers.stop()
    reference = (before + made.pgbench(seconds=5)) / 2
    paid, peak = sum(answer[0] for answer in answers), max(answer[1] for answer in answers)
    if paid != CARDS:
        raise RuntimeError(f"{paid} of {CARDS} instalments were paid")
    rate = paid / took
    yield "ledger.batch_release", at_least(rate / reference, 25, RATIO, f"TPC-B {reference:.0f}/s，本系统 {rate:.0f}/s")
    yield "ledger.batch_release_1m_s", at_most(took, 40, "s", "1,000,000 笔，2 个进程，每批 2000")
    yield "ledger.batch_release_rss_mb", at_most(peak, 200, "MB", "每个工作进程的内存峰值")


def _storage(made: World) -> Iterator[tuple[str, Metric]]:
    """The whole re-check, and the room a transfer takes with its indexes."""
    n = made.ask("SELECT count(*) FROM ledger_transfer")
    made.ask("VACUUM ANALYZE", role=roles.SUPER)
    problems = made.ask("SELECT count(*) FROM ledger_verify()", role=roles.APP)
    if problems:
        raise RuntimeError(f"the ledger has {problems} problems")
    took = median(made.seconds("SELECT count(*) FROM ledger_verify()") for _ in range(3))
    yield "ledger.verify_1m_s", at_most(took * 1_000_000 / n, 5, "s", f"{n} 笔共 {took:.1f} s，折合每百万笔")
    size = made.ask("SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('ledger_transfer')")
    yield "ledger.bytes_per_transfer", at_most(float(size) / n, 350, "B", "一笔流水连同索引")


def _single(made: World, data: Path) -> Iterator[tuple[str, Metric]]:
    """Postings one at a time, in turn with TPC-B."""
    cards = (made.first, made.first + CARDS - 1)
    visits = (2 * 10**12, 3 * 10**12)
    service = Workers(made.environment(), [("service", *cards, made.merchant, number) for number in visits])
    action = Workers(made.environment("demo"), [("action", number) for number in (0, 1)])
    hordak = _hordak(made, data)
    rates: dict[str, list[float]] = {
        name: [] for name in ("tpcb", "post", "service", "action", "replay", "tpcb8", "hot8", "tail8", "hordak")
    }
    replayed = """
        SELECT count(ledger_post(2, %s + n, %s, 100, 0, 'replay-' || n, 2, n, NULL, 1, 7))
        FROM generate_series(1, 1000) AS n
    """
    made.ask(replayed, (made.first, made.merchant), role=roles.APP)
    made.ask("CHECKPOINT", role=roles.SUPER)
    for _ in range(ROUNDS):
        rates["tpcb"].append(made.pgbench(seconds=SECONDS))
        rates["post"].append(made.pgbench(made.post_script(), seconds=SECONDS))
        rates["service"].append(sum(answer[0] for answer in service.go(SECONDS)))
        rates["action"].append(sum(answer[0] for answer in action.go(SECONDS)))
        rates["replay"].append(made.pgbench(made.replay_script(), seconds=1))
        if hordak:
            rates["hordak"].append(sum(answer[0] for answer in hordak.go(SECONDS)))
        rates["tpcb8"].append(made.pgbench(clients=8, seconds=SECONDS))
        hot8, quantile = made.timed(made.post_script(), clients=8, seconds=SECONDS)
        rates["hot8"].append(hot8)
        rates["tail8"].append(quantile(0.99) / quantile(0.5))
    service.stop()
    action.stop()
    if hordak:
        hordak.stop()
    tpcb = f"TPC-B {median(rates['tpcb']):.0f}/s"
    for name, ours, goal in (("ledger.post_fn", "post", 1.5), ("ledger.post_service", "service", 1.1)):
        ratio = median_ratio(rates[ours], rates["tpcb"])
        yield name, at_least(ratio, goal, RATIO, f"{tpcb}，本系统 {median(rates[ours]):.0f}/s，2 个连接，同一商家")
    replay = median_ratio(rates["replay"], rates["post"])
    yield "ledger.replay", at_least(replay, 5, "× 新记账", f"重放 {median(rates['replay']):.0f}/s")
    hot = median_ratio(rates["hot8"], rates["tpcb8"])
    yield "ledger.hot8", at_least(hot, 1.5, RATIO, f"8 个连接，同一商家 {median(rates['hot8']):.0f}/s")
    yield "ledger.hot8_p99", at_most(median(rates["tail8"]), 3, "× p50", "8 个连接，同一商家，单笔耗时")
    peer = median_ratio(rates["service"], rates["hordak"]) if hordak else None
    text = f"{HORDAK} 加锁并查余额后 {median(rates['hordak']):.0f}/s" if hordak else f"{HORDAK} 未能安装"
    yield "ledger.vs_hordak", at_least(peer, 4, "×", text) if peer else reported(None, "×", text)
    whole = median_ratio(rates["action"], rates["tpcb"])
    text = f"{median(rates['action']):.0f}/s，消费者报到一次：权限、预占、划付、审计，2 个进程"
    yield "ledger.release_action", reported(whole, RATIO, text)


def _together(made: World) -> Iterator[tuple[str, Metric]]:
    """Visits while one batch worker runs, against visits alone."""
    made.due(2, CARDS // 2)
    alone, idle = made.timed(made.post_script(), seconds=5)
    worker = Workers(made.environment(), [("release", 1_000, 0, 1)])
    worker.start()
    busy, loaded = made.timed(made.post_script(), seconds=5)
    worker.answers()
    worker.stop()
    text = f"单独 {alone:.0f}/s，批量划付同时进行 {busy:.0f}/s"
    yield "ledger.interactive_during_batch", at_least(busy / alone, 0.4, "×", text)
    text = f"批量划付同时进行 {loaded(0.99):.1f} ms，单独 {idle(0.99):.1f} ms"
    yield "ledger.interactive_during_batch_p99", at_most(loaded(0.99) / idle(0.99), 5, "×", text)


def _hordak(made: World, data: Path) -> Workers | None:
    """Two processes of the peer in an environment of its own, or None where it cannot be installed."""
    place = data / "bench-hordak"
    python = place / "bin" / "python"
    try:
        if not (place / ".complete").exists():
            print(f"正在为对照安装 {HORDAK}……", flush=True)
            _quietly(sys.executable, "-m", "venv", "--clear", str(place))
            _quietly(str(python), "-m", "pip", "install", "--quiet", HORDAK, "Django~=5.2.0", "psycopg2-binary")
            (place / ".complete").touch()
        made.ask("CREATE DATABASE hordak", role=roles.SUPER)
        url = made.url(roles.SUPER, "hordak")
        _quietly(str(python), str(PEER), url, "prepare")
    except (subprocess.SubprocessError, OSError) as error:
        print(f"没有对照：{error}", file=sys.stderr)
        return None
    return Workers({**os.environ, "BENCH_PYTHON": str(python)}, [(url, "run")] * 2, module=str(PEER))


def _quietly(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=600)

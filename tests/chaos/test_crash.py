"""kill -9: whatever was acknowledged is there exactly once, and what was under way goes on as if nothing had been."""

import sqlite3
from pathlib import Path

import pytest

from tests.chaos.player import read
from tests.chaos.stage import Stage, wait_for

pytestmark = pytest.mark.chaos
CARDS, PERIODS = 2_500, 10


def test_a_killed_release_run_goes_on_and_pays_each_of_25000_periods_once(stage: Stage) -> None:
    stage.play("instalments", CARDS, PERIODS)
    stage.play("tick")
    whole = CARDS * PERIODS
    paid = "SELECT count(*) FROM ledger_instalment WHERE state = 1"
    kills = 0
    for _ in range(3):
        before = int(stage.one(paid))
        dispatcher = stage.dispatcher()
        wait_for(lambda before=before: stage.one(paid) > before, 20, "a first chunk")
        dispatcher.kill()
        dispatcher.wait()
        kills += before < stage.one(paid) < whole
        stage.a_minute_later()
        if stage.one(paid) == whole:
            break
    assert kills, "it was never killed in the middle"
    # Two at once take over.
    stage.dispatcher("first")
    stage.dispatcher("second")
    wait_for(lambda: stage.one(paid) == whole, 30, "all periods paid")
    done = "SELECT count(*) FROM core_jobrun WHERE job = 'prepaid.period_release' AND state = 'DONE'"
    wait_for(lambda: stage.one(done) >= 2, 15, "both shards done")
    assert stage.one("SELECT count(*) FROM ledger_transfer WHERE kind = 3") == whole
    assert stage.one("SELECT sum(balance) FROM ledger_account WHERE kind = 20") == 0
    assert stage.judged() == []


def test_a_killed_dispatcher_asks_the_bank_for_each_payout_once(stage: Stage) -> None:
    number, book = 24, stage.open_bank()
    stage.play("refunds", number)
    stage.play("tick")
    sent = "SELECT count(*) FROM prepaid_payout WHERE status = 'SENT'"
    for least in (2, 10):
        dispatcher = stage.dispatcher()
        wait_for(lambda least=least: stage.one(sent) >= least, 20, "some payouts")
        dispatcher.kill()
        dispatcher.wait()
        stage.a_minute_later()
    stage.dispatcher("first")
    stage.dispatcher("second")
    wait_for(lambda: stage.one(sent) == number, 20, "all payouts sent")
    with sqlite3.connect(book) as asked:
        rows = asked.execute("SELECT payout_no, amount_fen FROM payouts").fetchall()
    assert len(rows) == number == len({row[0] for row in rows}) and {row[1] for row in rows} == {10_000_000}
    assert stage.one("SELECT count(*) FROM ledger_transfer WHERE kind = 5") == number
    assert stage.judged() == []


def test_a_killed_postmaster_loses_nothing_it_acknowledged(stage: Stage, tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    contracts = stage.play("scene", 3)["contracts"]
    load = stage.start("load", "-m", "tests.chaos.player", "load", str(journal), *map(str, contracts))
    wait_for(lambda: len(read(journal)[1]) >= 90, 25, "ninety visits under way")
    stage.crash.kill()
    assert load.wait(timeout=30) == 0, stage.log("load")
    acknowledged = read(journal)[1]
    seconds = stage.crash.start()
    assert seconds < 20
    survived = dict(stage.rows("SELECT ref_id, count(*) FROM ledger_transfer WHERE kind = 2 GROUP BY 1"))
    lost = [key for key, visit in acknowledged.items() if survived.get(visit) != 1]
    assert lost == []
    stage.play("retry", journal)
    sent, done = read(journal)
    assert sent.keys() == done.keys() and len(set(done.values())) == len(done)
    assert stage.one("SELECT count(*) FROM prepaid_visit") == len(done)
    paid = dict(stage.rows("SELECT ref_id, sum(amount)::bigint FROM ledger_transfer WHERE kind = 2 GROUP BY 1"))
    assert paid == dict.fromkeys(done.values(), 100)
    locked = stage.one("SELECT sum(balance)::bigint FROM ledger_account WHERE kind = 20")
    assert locked == stage.one("SELECT sum(paid_fen)::bigint FROM prepaid_contract") - 100 * len(done)
    assert stage.judged() == []

"""The broker may be wiped or killed at any time: nothing is lost, nothing happens twice, and writes go on."""

import re
from collections import Counter

import pytest
import redis

from tests.chaos.stage import Stage, wait_for

pytestmark = pytest.mark.chaos
WORKER = (
    "-m", "celery", "-A", "config", "-q", "worker", "-c", "2", "-Q", "money,default,bulk", "-l", "info",
    "--without-gossip", "--without-mingle", "--without-heartbeat",
)  # fmt: skip
WAITING = "SELECT count(*) FROM core_outboxevent WHERE topic = 'core.sms' AND state <> 'DONE'"


def sent(stage: Stage, *logs: str) -> Counter[str]:
    """How often each message was handed to the gateway, by the logs of those who may do it."""
    return Counter(number for log in logs for number in re.findall(r"SMS (\d+) ready", stage.log(log)))


def test_a_write_does_not_wait_for_a_broker_that_is_gone(stage: Stage) -> None:
    assert stage.play("texts", 0, 3, extra=stage.no_broker) < 1


def test_a_wiped_and_a_killed_broker_lose_nothing_and_writes_go_on(stage: Stage) -> None:
    stage.start("worker", *WORKER)
    stage.start("outbox", "manage.py", "outbox")
    with redis.Redis(unix_socket_path=str(stage.valkey.socket)) as client:
        stage.play("texts", 0, 60)
        client.flushall()
        stage.play("texts", 100, 20)
        client.flushall()
    wait_for(lambda: stage.one(WAITING) == 0, 30, "everything sent although the broker was wiped twice")
    stage.broker.kill()
    stage.broker.wait()
    stage.play("texts", 200, 3)
    wait_for(lambda: stage.one(WAITING) == 0, 20, "the dispatcher does the work itself")
    stage.broker = stage.valkey.start()
    stage.play("texts", 300, 7)
    wait_for(lambda: stage.one(WAITING) == 0, 20, "work goes on with the new broker")
    assert stage.one("SELECT count(*) FROM core_smsmessage WHERE sent_at IS NOT NULL") == 90
    times = sent(stage, "worker", "outbox")
    assert len(times) == 90 and set(times.values()) == {1}


def test_two_dispatchers_and_two_ticks_at_once_do_each_thing_once(stage: Stage) -> None:
    stage.open_bank()
    stage.play("texts", 0, 80)
    ticks = [stage.start(f"tick{n}", "-m", "tests.chaos.player", "tick") for n in range(2)]
    assert [tick.wait(timeout=30) for tick in ticks] == [0, 0]
    made = [int(stage.log(f"tick{n}").split()[-1]) for n in range(2)]
    assert sum(made) == stage.one("SELECT count(*) FROM core_jobrun") > 0
    stage.dispatcher("first")
    stage.dispatcher("second")
    wait_for(lambda: stage.one(WAITING) == 0, 25, "all messages sent")
    undone = "SELECT count(*) FROM core_jobrun WHERE state <> 'DONE'"
    wait_for(lambda: stage.one(undone) == 0, 40, "all jobs done")
    times = sent(stage, "first", "second")
    assert len(times) == 80 and set(times.values()) == {1}
    assert stage.one("SELECT max(attempts) FROM core_outboxevent") == 1
    assert stage.judged() == []

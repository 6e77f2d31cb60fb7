"""The broker may be wiped or killed at any time: nothing is lost, nothing happens twice, and writes go on."""

import re
from collections import Counter

import pytest
import redis

from portal.embedded.valkey import Valkey
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


def test_a_wiped_and_a_killed_broker_lose_nothing_and_writes_go_on(stage: Stage) -> None:
    valkey = Valkey(stage.crash.bench.home, stage.folder / "valkey.log", stage.crash.cluster.sockets)
    stage.environment["REDIS_URL"] = valkey.url
    server = valkey.start()
    stage.exits.callback(lambda: server.kill())
    stage.start("worker", *WORKER)
    stage.dispatcher()
    with redis.Redis(unix_socket_path=str(valkey.socket)) as client:
        stage.play("texts", 0, 60)
        client.flushall()
        stage.play("texts", 100, 20)
        client.flushall()
    wait_for(lambda: stage.one(WAITING) == 0, 30, "everything sent although the broker was wiped twice")
    server.kill()
    server.wait()
    longest = stage.play("texts", 200, 10)
    assert longest < 5, "a write waits for a broker that is gone"
    wait_for(lambda: stage.one(WAITING) == 0, 20, "the dispatcher does the work itself")
    server = valkey.start()
    stage.play("texts", 300, 10)
    wait_for(lambda: stage.one(WAITING) == 0, 20, "work goes on with the new broker")
    assert stage.one("SELECT count(*) FROM core_smsmessage WHERE sent_at IS NOT NULL") == 100
    times = sent(stage, "worker", "outbox")
    assert len(times) == 100 and set(times.values()) == {1}


def test_two_dispatchers_and_two_ticks_at_once_do_each_thing_once(stage: Stage) -> None:
    stage.play("texts", 0, 80)
    stage.dispatcher("first")
    stage.dispatcher("second")
    wait_for(lambda: stage.one(WAITING) == 0, 25, "all messages sent")
    jobs = "SELECT count(*), count(*) FILTER (WHERE state = 'DONE') FROM core_jobrun"
    wait_for(lambda: len(set(stage.rows(jobs)[0])) == 1 and stage.rows(jobs)[0][0] > 0, 20, "all jobs done")
    times = sent(stage, "first", "second")
    assert len(times) == 80 and set(times.values()) == {1}
    doubled = "SELECT job, business_date, shard FROM core_jobrun GROUP BY 1, 2, 3 HAVING count(*) > 1"
    assert stage.rows(doubled) == []
    assert stage.one("SELECT max(attempts) FROM core_outboxevent") == 1
    assert stage.judged() == []

"""Daily seals: what they stand over, when they close, that nothing gets in afterwards, and that damage is seen."""

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.test import Client

from core import signing_keys
from core.actors import SYSTEM
from core.calendar import business_date
from core.errors import NotAllowed, Unavailable, WrongState
from core.jobs import run_day
from core.models import JobRun, User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid import day_trees, ledger, merkle
from prepaid.actions import seals as sealing
from prepaid.models import AccountKind, RefType, Seal, Transfer
from prepaid.receipts import receipts
from tests.cast import make_plan, open_contract
from tests.prepaid import oracle
from tests.prepaid.backdate import backdate, seal_all, vandal
from tests.prepaid.scenes import who

VERIFIER = Path(settings.BASE_DIR) / "docs" / "verify" / "verify.py"
pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)
PATIENT = "-c idle_in_transaction_session_timeout=0 -c transaction_timeout=0"  # on a busy machine, too


def ago(n: int) -> date:
    return business_date() - n * DAY


def post_many(n: int, first: int = 1) -> None:
    """``n`` prepayments of different cards."""
    for owner in range(first, first + n):
        card = ledger.open_account(AccountKind.CARD_LOCKED, owner)
        ledger.prepay(card, 100 + owner, lot=owner, key=f"lot:{owner}", by=SYSTEM)


def dsn() -> str:
    """This worker's database, for connections of their own."""
    return os.environ["DATABASE_URL"]


def test_every_day_is_sealed_in_order_also_an_empty_one() -> None:
    post_many(3)
    backdate(3)
    post_many(2, first=4)
    backdate(2)
    assert seal_all() == [ago(5), ago(4), ago(3), ago(2)]
    assert seal_all() == []
    first, empty, _, last = Seal.objects.order_by("biz_date")
    assert (first.n, first.amount_sum_fen, empty.n, last.n) == (3, 306, 0, 2)
    leaves = Transfer.objects.order_by("pk").values_list("hash", flat=True)
    assert bytes(first.merkle_root) == merkle.root([bytes(leaf) for leaf in leaves[:3]])
    assert bytes(empty.merkle_root) == merkle.EMPTY_ROOT
    assert bytes(first.prev_root) == bytes(32) and bytes(empty.prev_root) == bytes(first.merkle_root)
    assert list(day_trees.problems()) == [] and oracle.check(dsn()) == []
    call_command("verify_seals")


def test_receipts_hold_for_trees_of_any_size() -> None:
    sizes, posted = (1, 31, 32, 33, 97), 0
    for size in sizes:
        post_many(size, first=posted + 1)
        posted += size
        backdate(1)
    backdate(1)
    seal_all()
    assert list(Seal.objects.order_by("biz_date").values_list("n", flat=True)) == list(sizes)
    found = receipts(Transfer.objects.values_list("pk", flat=True))
    places = [receipt.content["proof"]["index"] for receipt in found if receipt.content]
    assert places == [at for size in sizes for at in range(size)]
    assert all(receipt.is_true for receipt in found)


def test_a_ledger_without_movements_or_only_todays_is_not_sealed() -> None:
    assert seal_all() == []
    post_many(1)
    assert seal_all() == [] and prepaid.seal_days(business_date() + 9 * DAY, by=SYSTEM) == []
    with pytest.raises(WrongState):
        sealing.seal_day(by=SYSTEM)


def test_only_the_system_seals(consumer: User) -> None:
    post_many(1)
    backdate(1)
    with pytest.raises(NotAllowed):
        sealing.seal_day(by=who(consumer))


def test_no_writer_gets_a_row_into_a_sealed_day(merchant_a: Merchant, consumer: User) -> None:
    contract = open_contract(make_plan(merchant_a), consumer)
    assert contract.account_id
    card, shop = contract.account_id, ledger.open_account(AccountKind.MERCHANT_PAYABLE, merchant_a.pk)
    ledger.schedule(card, shop, [(1, ago(2), 500)])
    visit = ledger.release(card, shop, 1_000, visit=1, key="v:1", by=SYSTEM)
    held = ledger.hold(card, 700, ref=(RefType.VISIT, 2), key="h:1")
    void = ledger.hold(card, 300, ref=(RefType.VISIT, 3), key="h:2")
    backdate(2)
    seal_all()
    late = {"by": SYSTEM, "on": ago(2)}
    writers: list[Callable[[], object]] = [
        lambda: ledger.prepay(card, 5, lot=9, key="late:1", **late),
        lambda: ledger.release(card, shop, 5, visit=9, key="late:2", **late),
        lambda: ledger.capture(held, 700, shop, visit=2, key="late:3", **late),
        lambda: ledger.reverse(visit.transfer_id, 5, ref=(RefType.CORRECTION, 1), key="late:4", **late),
        lambda: ledger.refund(card, 5, refund_id=1, key="late:5", **late),
        lambda: ledger.settle(shop, 5, settlement=1, key="late:6", **late),
        lambda: ledger.suspense_in(5, item=1, key="late:7", **late),
        lambda: ledger.release_due(ago(2), **late),
    ]
    before = Transfer.objects.count()
    for write in writers:
        with pytest.raises(WrongState) as refused:
            write()
        assert refused.value.code == "date_sealed"
    assert Transfer.objects.count() == before
    assert ledger.void(void) is True  # moves no money and writes no row
    assert ledger.capture(held, 700, shop, visit=2, key="h:late", by=SYSTEM)
    assert list(day_trees.problems()) == []


def test_sealing_waits_for_whoever_still_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction that began on the day and commits after it: its row must not be missing from the seal."""
    post_many(1)
    backdate(2)
    monkeypatch.setattr(sealing, "WAIT_S", 0.3)
    other = psycopg2.connect(dsn(), options=PATIENT)
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT ledger_open_account(20, 77000000)")
        with pytest.raises(Unavailable):
            seal_all()
        assert not Seal.objects.exists()
        other.commit()
        assert seal_all() == [ago(2)]
    finally:
        other.close()


def test_sealing_waits_for_a_posting_that_saw_the_day_open() -> None:
    """After the root is computed, too: who looked at the seals before must end before the day closes."""
    post_many(1)
    backdate(2)
    other = psycopg2.connect(dsn(), options=PATIENT)
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT max(biz_date) FROM ledger_seal")
        with pytest.raises(psycopg2.errors.QueryCanceled):
            _close_at_once()
        other.rollback()
        _close_at_once()
        assert Seal.objects.get().biz_date == ago(2)
    finally:
        other.close()


def _close_at_once() -> None:
    with psycopg2.connect(dsn()) as session, session.cursor() as cursor:
        cursor.execute("SET statement_timeout = '1s'")
        cursor.execute("SELECT day, prev_root, prev_head FROM ledger_seal_next()")
        day, root, head = cursor.fetchone()
        n, amount = Transfer.objects.count(), sum(Transfer.objects.values_list("amount_fen", flat=True))
        args = (day, n, amount, b"", bytes(root), bytes(head))
        cursor.execute("SELECT ledger_seal_close(%s,%s,%s,%s,%s,%s,now(),'k','','','')", args)


def waits(pid: int) -> bool:
    """Whether a database process waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [pid])
        return bool(cursor.fetchone()[0])


def test_two_who_seal_wait_for_each_other_outside_the_seals() -> None:
    post_many(1)
    backdate(2)
    first, second = (psycopg2.connect(dsn(), options=PATIENT) for _ in range(2))
    with first.cursor() as sealer, second.cursor() as late:
        sealer.execute("SELECT day FROM ledger_seal_next()")
        assert sealer.fetchone() == (ago(2),)
        late.execute("SET lock_timeout = '10s'")
        waiting = threading.Thread(target=lambda: late.execute("SELECT day FROM ledger_seal_next()"))
        waiting.start()
        while not waits(second.info.backend_pid):
            assert waiting.is_alive()
        post_many(1, first=2)  # postings go on
        # Sealing ends with a lock of the whole table of seals: whoever waits must not have touched it.
        sealer.execute(
            "SELECT count(*) FROM pg_locks WHERE pid = %s AND relation = 'ledger_seal'::regclass",
            [second.info.backend_pid],
        )
        assert sealer.fetchone() == (0,) and waiting.is_alive()
        first.rollback()
        waiting.join()
        assert late.fetchone() == (ago(2),)
    first.close()
    second.close()


def test_the_database_refuses_a_seal_that_does_not_fit() -> None:
    post_many(1)
    backdate(2)
    fits = {"day": ago(2), "n": 1, "amount": 101, "root": b"", "prev_root": bytes(32), "prev_head": bytes(32)}
    for wrong in ({"n": 2}, {"amount": 1}, {"day": ago(1)}, {"prev_root": b"x"}, {"prev_head": b"x"}):
        with connection.cursor() as cursor, pytest.raises(DatabaseError, match="not to be sealed like this"):
            args = list((fits | wrong).values())
            cursor.execute("SELECT ledger_seal_close(%s,%s,%s,%s,%s,%s,now(),'k','','','')", args)


def test_a_day_waits_for_its_own_jobs() -> None:
    post_many(1)
    backdate(2)
    run = JobRun.objects.create(job="prepaid.period_release", business_date=ago(2), shard=0)
    with pytest.raises(WrongState, match="period_release"):
        run_day("prepaid.seal", ago(1))
    JobRun.objects.filter(pk=run.pk).update(state=JobRun.State.DONE)
    assert run_day("prepaid.seal", ago(1)) == [{"sealed": [ago(2).isoformat()]}]


def test_the_chain_and_every_damage_show_in_verify_seals(capsys: pytest.CaptureFixture[str]) -> None:
    post_many(40)
    backdate(2)
    seal_all()
    damages = (
        "UPDATE ledger_seal_node SET hash = sha256(hash) WHERE level = 5 AND idx = 1",
        "UPDATE ledger_seal SET prev_root = sha256(prev_root)",
        "UPDATE ledger_seal SET head = sha256(head)",
        "UPDATE ledger_seal SET public_key = sha256(public_key)",
        "DELETE FROM ledger_transfer WHERE id = (SELECT max(id) FROM ledger_transfer)",
    )
    keep = "CREATE TABLE kept_{0} AS TABLE ledger_{0}"
    mend = "DELETE FROM ledger_{0}; INSERT INTO ledger_{0} TABLE kept_{0}"
    tables = ("transfer", "seal", "seal_node")
    vandal(*(keep.format(table) for table in tables))
    for damage in damages:
        vandal(damage)
        with pytest.raises(CommandError):
            call_command("verify_seals")
        vandal(*(mend.format(table) for table in tables))
    call_command("verify_seals")
    assert "逐日重算一致" in capsys.readouterr().out


def test_roots_are_public_chained_and_cached(client: Client, tmp_path: Path) -> None:
    post_many(2)
    backdate(3)
    seal_all()
    assert "每日封账" in client.get("/transparency/roots").content.decode()
    assert client.get("/transparency/roots?before=nonsense").status_code == 400
    answer = client.get("/transparency/roots.json")
    again = client.get("/transparency/roots.json", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    path = tmp_path / "roots.json"
    path.write_bytes(answer.content)
    key = client.get("/transparency/keys.json").json()["keys"][0]["public_key"]
    check = [sys.executable, "-I", str(VERIFIER), "--key", key]
    assert subprocess.run([*check, str(path)]).returncode == 0
    seals = json.loads(answer.content)["seals"]
    for at in range(20, len(answer.content), len(answer.content) // 40):
        changed = tmp_path / f"{at}.json"
        changed.write_bytes(answer.content[:at] + bytes([answer.content[at] ^ 1]) + answer.content[at + 1 :])
    done = subprocess.run([*check, *map(str, tmp_path.glob("[0-9]*.json"))], capture_output=True, text=True)
    assert "不一致" in done.stdout and done.stdout.replace("不一致", "").count("一致") == 0
    api = client.get("/api/v1/seals").json()["results"]
    assert [row["merkle_root"] for row in api] == [seal["merkle_root"] for seal in reversed(seals)]
    assert b"ed25519" in client.get("/transparency/verify.py").getvalue().lower()


def test_a_retired_key_still_proves_what_it_signed(settings: Any) -> None:
    post_many(1)
    backdate(2)
    seal_all()
    _, old = signing_keys.current_key()
    new = base64.b64encode(b"n" * 32).decode()
    settings.SIGNING_KEYS = f"{new},pub:{base64.b64encode(old).decode()}"
    assert signing_keys.current_key()[1] != old
    assert receipts([1])[0].is_true and list(day_trees.problems()) == []
    settings.SIGNING_KEYS = new
    assert not receipts([1])[0].is_true
    assert any("公钥没有公布" in line for line in day_trees.problems())

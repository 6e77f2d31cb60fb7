"""The oracle is not blind: each kind of damage, done behind the triggers' back, is seen by it and by ledger_verify."""

from collections.abc import Iterator
from datetime import date

import psycopg2
import pytest

from portal.embedded import roles
from tests.prepaid import oracle
from tests.prepaid.ledgerdb import (
    BANK,
    PAYOUT,
    PAYOUTS,
    REFUND,
    REFUNDS,
    SETTLE,
    VISIT,
    LedgerDatabase,
    Till,
)

FIRST_VISIT = "(SELECT min(id) FROM ledger_transfer WHERE kind = 2)"
LAST_VISIT = "(SELECT max(id) FROM ledger_transfer WHERE kind = 2)"
HOT = "(SELECT max(id) FROM ledger_account WHERE kind = 30)"
CARD = "(SELECT debit FROM ledger_transfer WHERE kind = 5)"
SWAP = """
    UPDATE ledger_transfer t SET {column} = o.{column} FROM ledger_transfer o
    WHERE (t.id, o.id) IN (SELECT a, b FROM (VALUES ({first}, {last}), ({last}, {first})) AS v(a, b))
"""
DAMAGE = {
    "an amount is changed": f"UPDATE ledger_transfer SET amount = amount + 1 WHERE id = {FIRST_VISIT}",
    "an amount and its balances are changed": f"""
        UPDATE ledger_transfer SET amount = amount + 1, card_balance = card_balance - 1 WHERE id = {LAST_VISIT};
        UPDATE ledger_account a SET balance = balance + CASE WHEN a.id = t.credit THEN 1 ELSE -1 END
        FROM ledger_transfer t WHERE t.id = {LAST_VISIT} AND a.id IN (t.debit, t.credit)
    """,
    "a transfer is dropped": f"DELETE FROM ledger_transfer WHERE id = {FIRST_VISIT}",
    "the newest transfer is dropped": "DELETE FROM ledger_transfer WHERE id = (SELECT max(id) FROM ledger_transfer)",
    "all of a card is dropped": f"DELETE FROM ledger_transfer WHERE {CARD} IN (debit, credit)",
    "a transfer is doubled": f"""
        CREATE TEMP TABLE twin AS SELECT * FROM ledger_transfer WHERE id = {FIRST_VISIT};
        UPDATE twin SET id = id + 1000000;
        INSERT INTO ledger_transfer SELECT * FROM twin
    """,
    "two transfers change places": f"{SWAP.format(column='card_seq', first=FIRST_VISIT, last=LAST_VISIT)}",
    "two hashes are swapped": SWAP.format(column="hash", first=FIRST_VISIT, last=LAST_VISIT),
    "a transfer is pre-dated": f"""
        UPDATE ledger_transfer SET posted_at = posted_at - interval '1 s' WHERE id = {LAST_VISIT}
    """,
    "its business date is changed": f"UPDATE ledger_transfer SET biz_date = biz_date - 1 WHERE id = {FIRST_VISIT}",
    "the one who did it is changed": f"UPDATE ledger_transfer SET actor_id = 8 WHERE id = {FIRST_VISIT}",
    "the merchant is changed": f"UPDATE ledger_transfer SET credit = {HOT} WHERE id = {FIRST_VISIT}",
    "a card gains money": f"UPDATE ledger_account SET balance = balance + 1 WHERE id = {CARD}",
    "a merchant gains money": f"UPDATE ledger_account SET balance = balance + 1 WHERE id = {HOT}",
    "money changes sides unseen": f"""
        UPDATE ledger_account SET balance = balance + 1 WHERE id = {HOT};
        UPDATE ledger_account SET balance = balance - 1 WHERE id = {BANK}
    """,
    "a delta is lost": f"DELETE FROM ledger_delta WHERE transfer_id = {LAST_VISIT}",
    "more is held than holds say": f"UPDATE ledger_account SET held = held + 1 WHERE id = {CARD}",
    "a hold grows": "UPDATE ledger_hold SET amount = amount + 1 WHERE state = 0",
    "a hold vanishes": "DELETE FROM ledger_hold WHERE state = 0",
    "a capture points elsewhere": f"UPDATE ledger_hold SET resolved_transfer_id = {FIRST_VISIT} WHERE state = 1",
    "a chain head is changed": f"UPDATE ledger_account SET head = sha256(head) WHERE id = {CARD}",
    "a paid instalment is due again": "UPDATE ledger_instalment SET state = 0, transfer_id = NULL WHERE state = 1",
    "an unpaid instalment says paid": f"""
        UPDATE ledger_instalment SET state = 1, transfer_id = {FIRST_VISIT} WHERE state = 0
    """,
    "an instalment changes its amount": "UPDATE ledger_instalment SET amount = amount + 1 WHERE state = 1",
    "a key is lost": f"DELETE FROM ledger_idempotency WHERE transfer_id = {FIRST_VISIT}",
    "a key points elsewhere": f"UPDATE ledger_idempotency SET transfer_id = 999999 WHERE transfer_id = {FIRST_VISIT}",
    "a reversal is forgotten": "DELETE FROM ledger_reversal",
    "a reversal names another": f"UPDATE ledger_reversal SET original_id = {LAST_VISIT}",
    "a sealed day has one more": "UPDATE ledger_seal SET n = n + 1",
}
ONLY_THE_ORACLE = {"a sealed day has one more"}


@pytest.fixture(scope="module")
def whole() -> Iterator[LedgerDatabase]:
    """A ledger with one of everything, and a sealed empty day; nothing is wrong with it."""
    database = LedgerDatabase.make("whole")
    till, today = Till(database.connect()), date.today()
    shop, other = till.merchant(), till.merchant()
    first, second = till.card(100_000), till.card(100_000)
    visits = [till.post(VISIT, card, shop, 1_000)[0] for card in (first, first, second, second)]
    till.reverse(visits[1], 400)
    till.schedule(first, shop, [(1, today, 500), (2, date.max, 500)])
    till.release_due(today)
    till.one("SELECT ledger_fold(1000)")
    till.capture(till.hold(second, 2_000), 1_500, other)
    till.hold(first, 700)
    till.post(REFUND, first, REFUNDS, 300)
    till.post(SETTLE, shop, PAYOUTS, 1_000)
    till.post(PAYOUT, PAYOUTS, BANK, 1_000)
    Till(database.connect(roles.OWNER)).run(
        "INSERT INTO ledger_seal (biz_date, n, amount_sum, merkle_root, prev_root)"
        " VALUES ('2020-01-01', 0, 0, sha256(''), decode(repeat('00', 32), 'hex'))"
    )
    assert database.problems() == []
    for connection in database.connections:
        connection.close()
    yield database
    database.drop()


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_seen(whole: LedgerDatabase, damage: str) -> None:
    vandal = psycopg2.connect(whole.url(roles.SUPER))
    try:
        till = Till(vandal)
        till.run("SET LOCAL session_replication_role = replica")  # no trigger fires
        till.run(DAMAGE[damage])
        # From here on with the eyes of those who judge; nothing is committed.
        till.run("SET LOCAL session_replication_role = origin")
        till.run(f"SET LOCAL ROLE {roles.READER}")
        assert oracle.problems(vandal)
        assert till.rows("SELECT * FROM ledger_verify()") or damage in ONLY_THE_ORACLE
    finally:
        vandal.close()


def test_the_damage_was_undone(whole: LedgerDatabase) -> None:
    assert whole.problems() == []

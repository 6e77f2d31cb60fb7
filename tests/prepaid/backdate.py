"""Yesterday's ledger: moves everything posted so far some days back, as if the clock had said so, chains included.

The database takes the time itself, so this needs its superuser with the triggers off.
"""

import os
from datetime import date, timedelta

import psycopg2
from django.db import connection

from core.actors import SYSTEM
from core.calendar import business_date
from prepaid import actions as prepaid

SUPER_URL = os.environ.get("TEST_SUPER_URL", "")
_SHIFT = """
UPDATE ledger_transfer SET posted_at = posted_at - make_interval(days => {days}), biz_date = biz_date - {days};
UPDATE ledger_idempotency SET created_at = created_at - make_interval(days => {days});
UPDATE ledger_account SET last_at = last_at - make_interval(days => {days});
DO $$
DECLARE
    t record;
    chain bigint := 0;
    before bytea;
BEGIN
    FOR t IN SELECT *, ledger_chain(kind, debit, credit) AS account FROM ledger_transfer ORDER BY account, card_seq LOOP
        IF t.account <> chain THEN
            before := decode(repeat('00', 32), 'hex');
        END IF;
        chain := t.account;
        before := ledger_hash(before, t.id, t.posted_at, t.kind, t.debit, t.credit, t.amount, t.card_seq,
            t.card_balance, t.ref_type, t.ref_id, t.reverses, t.actor_kind, t.actor_id, t.biz_date);
        UPDATE ledger_transfer SET hash = before WHERE id = t.id AND posted_at = t.posted_at;
        UPDATE ledger_account SET head = before WHERE id = chain;
    END LOOP;
END $$;
"""


def vandal(*statements: str) -> None:
    """Run statements on the test's database as its superuser, with no trigger in the way."""
    url = SUPER_URL.replace("/postgres?", f"/{connection.settings_dict['NAME']}?")
    session = psycopg2.connect(url)
    session.autocommit = True
    try:
        with session.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for statement in statements:
                cursor.execute(statement)
    finally:
        session.close()


def backdate(days: int = 1) -> None:
    """Move everything that was posted ``days`` back."""
    vandal(_SHIFT.format(days=days))


def seal_all() -> list[date]:
    """Seal every day before yesterday, which just after midnight is not closed yet."""
    return prepaid.seal_days(business_date() - timedelta(days=1), by=SYSTEM)

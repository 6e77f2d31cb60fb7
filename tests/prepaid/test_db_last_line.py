"""The last line of defence: what the database itself refuses, whoever asks."""

from collections.abc import Iterator

import pytest

from portal.embedded import roles
from tests.prepaid.ledgerdb import BANK, PREPAY, SQL, LedgerDatabase, Till, code_of, ledger, till

__all__ = ["ledger", "till"]
TABLES = (
    "account", "transfer", "idempotency", "delta", "hold", "instalment", "reversal", "seal",
)  # fmt: skip
APPEND_ONLY = ("transfer", "reversal", "seal")
DENIED = "42501"


@pytest.fixture
def owner(ledger: LedgerDatabase) -> Iterator[Till]:
    """A connection of the role that owns the tables."""
    connection = ledger.connect(roles.OWNER)
    yield Till(connection)
    connection.close()


def partitions(till: Till) -> list[str]:
    """The monthly partitions of the transfers."""
    sql = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'ledger_transfer'::regclass"
    return [name for (name,) in till.rows(sql)]


def test_the_application_only_reads_ledger_tables(till: Till) -> None:
    sql = """
        SELECT table_name, privilege_type FROM information_schema.table_privileges
        WHERE grantee = current_user AND table_name LIKE 'ledger%' AND privilege_type <> 'SELECT'
    """
    assert till.rows(sql) == []
    assert (
        till.one(
            "SELECT count(*) FROM pg_class WHERE relname LIKE 'ledger%seq' AND has_sequence_privilege(oid, 'USAGE')"
        )
        == 0
    )


@pytest.mark.parametrize("table", TABLES)
def test_the_application_cannot_change_a_row(till: Till, table: str) -> None:
    for verb in ("DELETE FROM", "TRUNCATE", "INSERT INTO"):
        statement = f"{verb} ledger_{table}" + " DEFAULT VALUES" * verb.startswith("INSERT")
        assert code_of(lambda sql=statement: till.run(sql)) == DENIED  # type: ignore[misc]


def test_not_even_the_owner_rewrites_history(till: Till, owner: Till) -> None:
    till.card(100)
    for table in ("ledger_transfer", *partitions(owner)):
        assert code_of(lambda name=table: owner.run(f"TRUNCATE {name}")) == DENIED  # type: ignore[misc]
    assert code_of(lambda: owner.run("UPDATE ledger_transfer SET amount = amount")) == DENIED
    assert code_of(lambda: owner.run("DELETE FROM ledger_transfer")) == DENIED
    assert code_of(lambda: owner.run("UPDATE ledger_idempotency SET key = key || 'x'")) == DENIED
    assert code_of(lambda: owner.run("DELETE FROM ledger_idempotency")) == DENIED
    for table in APPEND_ONLY:
        assert code_of(lambda name=table: owner.run(f"TRUNCATE ledger_{name}")) == DENIED  # type: ignore[misc]


def test_every_partition_is_guarded_also_a_new_one(till: Till, owner: Till) -> None:
    assert till.one("SELECT ledger_ensure_partitions(14)") == 2
    guards = "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname IN ('no_change', 'no_truncate')"
    rights = "SELECT has_table_privilege(%s, %s, 'INSERT, UPDATE, DELETE, TRUNCATE')"
    names = partitions(till)
    assert len(names) == 18
    for name in names:
        assert owner.one(guards, (name,)) == 2, name
        assert owner.one(rights, ("yfs_app", name)) is False, name
        assert till.one("SELECT has_table_privilege(%s, 'SELECT')", (name,)) is True, name


def test_there_is_no_default_partition(till: Till) -> None:
    assert (
        till.one(
            "SELECT count(*) FROM pg_partitioned_table WHERE partdefid <> 0 AND partrelid = 'ledger_transfer'::regclass"
        )
        == 0
    )


def test_months_begin_at_midnight_in_shanghai(till: Till) -> None:
    sql = """
        SELECT pg_get_expr(relpartbound, oid) FROM pg_class
        WHERE relispartition AND relkind = 'r' AND relname LIKE 'ledger_transfer%'
    """
    till.run("SET timezone = 'Asia/Shanghai'")
    assert all(bound.count("-01 00:00:00+08") == 2 for (bound,) in till.rows(sql))


def test_only_the_ledger_functions_may_be_called(till: Till) -> None:
    inner = ("ledger_claim", "ledger_move", "ledger_fold_one", "ledger_no_change")
    sql = """
        SELECT proname, prosecdef, has_function_privilege(oid, 'EXECUTE'), proconfig
        FROM pg_proc WHERE starts_with(proname, 'ledger_')
    """
    for name, definer, allowed, config in till.rows(sql):
        assert allowed == (name not in inner), name
        if definer:
            assert config == ["search_path=pg_catalog, public, pg_temp"], name


def test_the_deployed_functions_are_those_of_the_files(till: Till) -> None:
    for path in sorted(SQL.glob("*_ledger_*.sql")):
        body = path.read_text(encoding="utf-8").split("$$")[1]
        name = path.stem.partition("_")[2]
        assert till.one("SELECT prosrc FROM pg_proc WHERE proname = %s", (name,)) == body, name


def test_a_card_cannot_go_below_zero_even_by_the_owner(till: Till, owner: Till) -> None:
    card = till.card(100)
    assert code_of(lambda: owner.run("UPDATE ledger_account SET balance = -1 WHERE id = %s", (card,))) == "23514"
    assert code_of(lambda: owner.run("UPDATE ledger_account SET held = 101 WHERE id = %s", (card,))) == "23514"
    assert code_of(lambda: owner.run("UPDATE ledger_account SET held = -1 WHERE id = %s", (card,))) == "23514"


def test_the_application_cannot_shadow_ledger_objects(till: Till) -> None:
    """A temporary table or operator of the caller must not be what a definer function reads."""
    card = till.card(100)
    till.run("CREATE TEMP TABLE ledger_account AS SELECT * FROM public.ledger_account")
    till.run("UPDATE ledger_account SET balance = 10 ^ 9")
    assert till.post(PREPAY, BANK, card, 5)[2] == 105
    assert code_of(lambda: till.run("CREATE FUNCTION public.evil() RETURNS int LANGUAGE sql AS 'SELECT 1'")) == DENIED


def test_the_readers_cannot_write(ledger: LedgerDatabase) -> None:
    reader = Till(ledger.connect(roles.READER))
    reader.run("SET default_transaction_read_only = off")
    for table in TABLES:
        assert code_of(lambda name=table: reader.run(f"DELETE FROM ledger_{name}")) == DENIED  # type: ignore[misc]
    assert code_of(lambda: reader.card()) == DENIED


def test_the_server_waits_for_the_disk_and_not_for_ever(till: Till) -> None:
    shown = {
        "fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "statement_timeout": "5s",
        "lock_timeout": "2s", "idle_in_transaction_session_timeout": "10s", "transaction_timeout": "30s",
    }  # fmt: skip
    assert {name: till.one(f"SHOW {name}") for name in shown} == shown
    assert (
        till.one(
            "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        is False
    )

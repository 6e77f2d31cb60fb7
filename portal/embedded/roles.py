"""The database roles and what each may do by default. Made by the launcher, never by a migration."""

from collections.abc import Mapping

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

SUPER, OWNER, APP, READER = "yfs_super", "yfs_owner", "yfs_app", "yfs_ro"

APP_SETTINGS = {
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
    "transaction_timeout": "30s",
    "idle_session_timeout": "0",
    "timezone": "UTC",
}
READER_SETTINGS = {"statement_timeout": "60s", "default_transaction_read_only": "on", "timezone": "UTC"}
OWNER_SETTINGS = {"lock_timeout": "10s", "timezone": "UTC"}

DATABASE_GRANTS = """
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO yfs_app, yfs_ro;
GRANT TEMPORARY ON DATABASE {database} TO yfs_app;
GRANT TEMPORARY ON DATABASE {database} TO yfs_app;
"""
# Tables made by yfs_owner are open to yfs_app as below; migrations take away what ledger and audit forbid.
SCHEMA_GRANTS = """
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO yfs_owner;
GRANT USAGE ON SCHEMA public TO yfs_app, yfs_ro;
ALTER DEFAULT PRIVILEGES FOR ROLE yfs_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO yfs_app;
ALTER DEFAULT PRIVILEGES FOR ROLE yfs_owner IN SCHEMA public GRANT SELECT ON TABLES TO yfs_ro;
ALTER DEFAULT PRIVILEGES FOR ROLE yfs_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO yfs_app;
ALTER DEFAULT PRIVILEGES FOR ROLE yfs_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
"""
# Trusted extensions that migrations use; a superuser makes them once so that yfs_owner needs no right for it.
EXTENSIONS = ("pg_trgm", "btree_gist", "btree_gin")


def _connect(url: str) -> Connection:
    connection = psycopg2.connect(url, connect_timeout=10)
    connection.autocommit = True
    return connection


def bootstrap(super_url: str, passwords: Mapping[str, str]) -> None:
    """Make the three roles, or bring their passwords and limits up to date. Safe to repeat."""
    connection = _connect(super_url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles")
        present = {name for (name,) in cursor.fetchall()}
        for role, settings in ((OWNER, OWNER_SETTINGS), (APP, APP_SETTINGS), (READER, READER_SETTINGS)):
            verb = "ALTER" if role in present else "CREATE"
            statement = sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}")
            password = sql.Literal(passwords[role])
            cursor.execute(statement.format(sql.SQL(verb), sql.Identifier(role), password))
            for name, value in settings.items():
                statement = sql.SQL("ALTER ROLE {} SET {} = {}")
                parts = sql.Identifier(role), sql.Identifier(name), sql.Literal(value)
                cursor.execute(statement.format(*parts))
    connection.close()


def make_database(super_url: str, database: str) -> None:
    """Make ``database`` when it is absent, and its default privileges and extensions. Safe to repeat."""
    connection = _connect(super_url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if cursor.fetchone() is None:
            statement = sql.SQL("CREATE DATABASE {} OWNER yfs_owner TEMPLATE template0")
            cursor.execute(statement.format(sql.Identifier(database)))
    connection.close()
    inside = psycopg2.connect(super_url.replace("/postgres?", f"/{database}?"), connect_timeout=10)
    with inside, inside.cursor() as cursor:
        cursor.execute(sql.SQL(DATABASE_GRANTS).format(database=sql.Identifier(database)))
        cursor.execute(SCHEMA_GRANTS)
        for extension in EXTENSIONS:
            cursor.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
    inside.close()


def copy_database(super_url: str, template: str, copy: str, *, in_memory: bool = False) -> None:
    """Replace ``copy`` by a fresh copy of ``template``, whoever is still connected to it.

    Copying the files is quicker where they lie ``in_memory``, and slower on a disk, which it makes wait.
    """
    connection = _connect(super_url)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(copy)))
        statement = sql.SQL("CREATE DATABASE {} OWNER yfs_owner TEMPLATE {} STRATEGY {}")
        strategy = sql.SQL("FILE_COPY" if in_memory else "WAL_LOG")
        cursor.execute(statement.format(sql.Identifier(copy), sql.Identifier(template), strategy))
        cursor.execute(sql.SQL(DATABASE_GRANTS).format(database=sql.Identifier(copy)))
    connection.close()


def drop_database(super_url: str, database: str) -> None:
    """Remove ``database``, whoever is still connected to it."""
    connection = _connect(super_url)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))
    connection.close()

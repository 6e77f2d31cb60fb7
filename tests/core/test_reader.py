"""The reading role (reports, oracle) sees figures and no personal data."""

import os

import psycopg2
import pytest

HIDDEN = {
    "core_user": ["phone_ct", "name_ct", "phone_idx", "password"],
    "core_membership": ["pin"],
    "core_smsmessage": ["phone_ct", "text_ct"],
    "core_phonecode": ["code_hash"],
    "merchants_merchant": ["legal_rep_ct", "contact_phone_ct"],
    "prepaid_payout": ["account_ct", "payee_ct"],
}


@pytest.mark.django_db
@pytest.mark.parametrize(("table", "column"), [(t, c) for t, columns in HIDDEN.items() for c in columns])
def test_the_reader_cannot_read_personal_columns(table: str, column: str) -> None:
    reader = psycopg2.connect(os.environ["DATABASE_RO_URL"])
    with reader.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute(f"SELECT {column} FROM {table}")
    reader.close()


@pytest.mark.django_db
def test_the_reader_reads_the_rest_and_writes_nothing() -> None:
    with psycopg2.connect(os.environ["DATABASE_RO_URL"]) as reader, reader.cursor() as cursor:
        cursor.execute("SELECT count(id) FROM core_user")
        with pytest.raises(psycopg2.Error):
            cursor.execute("DELETE FROM core_region")

"""The audit: one chain an object, nobody changes a line, and the check sees every trick."""

import json
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from django.db import DatabaseError, connection, transaction

from core.actors import SYSTEM, Actor
from core.audit import record
from core.models import AuditEvent, Membership, User

pytestmark = pytest.mark.django_db


def problems() -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM audit_verify()")
        return list(cursor.fetchall())


def test_lines_of_one_object_form_a_chain(consumer: User, sysadmin: User) -> None:
    for n in range(3):
        record("user.test", consumer, by=Actor.of_user(sysadmin), n=n)
    record("user.test", sysadmin, by=SYSTEM)
    lines = list(AuditEvent.objects.filter(object_id=str(consumer.pk), verb="user.test").order_by("id"))
    assert [line.seq for line in lines] == [1, 2, 3]
    assert bytes(lines[1].previous_hash) == bytes(lines[0].hash)
    assert [line.facts["n"] for line in lines] == [0, 1, 2]
    assert problems() == []


def test_the_hash_is_what_the_docs_say(consumer: User) -> None:
    record("user.test", consumer, by=SYSTEM, a=1)
    line = AuditEvent.objects.get(verb="user.test")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT jsonb_build_array(%s, %s, %s, %s::smallint, NULL::bigint, '', %s::jsonb)::text",
            [line.verb, line.object_type, line.object_id, line.actor_kind, json.dumps(line.facts)],
        )
        body = cursor.fetchone()[0]
    micros = round((line.at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000)
    wanted = sha256(b"\x01" + b"" + (1).to_bytes(4, "big") + micros.to_bytes(8, "big") + body.encode()).digest()
    assert bytes(line.hash) == wanted


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_event SET verb = 'x.y'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "UPDATE audit_head SET seq = 0",
        "INSERT INTO audit_head VALUES ('a', 'b', 1, '')",
    ],
)
def test_the_application_role_cannot_touch_a_line(consumer: User, sql: str) -> None:
    record("user.test", consumer, by=SYSTEM)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_role_with_a_scope_that_does_not_fit_is_refused(consumer: User) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Membership.objects.create(user=consumer, role="COUNTY_REVIEWER_A")

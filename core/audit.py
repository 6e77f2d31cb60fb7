"""The audit line: who did what to which object. Written in the same transaction as the change."""

import json
from collections.abc import Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models

from core.actors import Actor

_RECORD = "SELECT audit_record(%s, %s, %s, %s::smallint, %s, %s, %s::inet, %s, %s::jsonb)"


def record(verb: str, obj: models.Model, *, by: Actor, **facts: Any) -> None:
    """Append one line to the chain of ``obj``. ``facts`` hold ids, states and fen, never personal data."""
    signed_in = by.user is not None and by.user.is_authenticated
    role = by.acting_role or (by.user.access.acting if by.user and signed_in else "")
    with connection.cursor() as cursor:
        cursor.execute(
            _RECORD,
            [
                verb,
                obj._meta.label,
                str(obj.pk),
                int(by.kind),
                by.id,
                role,
                by.ip,
                by.request_id,
                json.dumps(facts, cls=DjangoJSONEncoder, ensure_ascii=False),
            ],
        )


def record_many(verb: str, model: type[models.Model], pks: Sequence[int], *, by: Actor, **facts: Any) -> None:
    """Append one line to the chain of each row, in one statement; rows in the order of their key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit_record(%s, %s, one.pk::text, %s::smallint, %s, %s, %s::inet, %s, %s::jsonb)"
            " FROM unnest(%s::bigint[]) AS one(pk)",
            [
                verb,
                model._meta.label,
                int(by.kind),
                by.id,
                by.acting_role,
                by.ip,
                by.request_id,
                json.dumps(facts, cls=DjangoJSONEncoder, ensure_ascii=False),
                sorted(pks),
            ],
        )

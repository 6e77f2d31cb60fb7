"""Audit lines of many objects in one statement: what ``core.audit.record`` writes one by one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models

from core.actors import Actor

_RECORD_ALL = """
SELECT count(audit_record(verb, object_type, object_id, actor_kind, actor_id, '', NULL, '', facts))
  FROM jsonb_to_recordset(%s::jsonb)
       AS t (verb text, object_type text, object_id text, actor_kind smallint, actor_id bigint, facts jsonb)
"""


class Line(NamedTuple):
    """One audit line to be written."""

    verb: str
    obj: models.Model
    by: Actor
    facts: dict[str, Any]


def record_all(lines: Iterable[Line]) -> None:
    """Append the lines in their order."""
    rows = [
        {
            "verb": line.verb,
            "object_type": line.obj._meta.label,
            "object_id": str(line.obj.pk),
            "actor_kind": int(line.by.kind),
            "actor_id": line.by.id,
            "facts": line.facts,
        }
        for line in lines
    ]
    with connection.cursor() as cursor:
        cursor.execute(_RECORD_ALL, [json.dumps(rows, cls=DjangoJSONEncoder, ensure_ascii=False)])

"""Many calls of the database's own functions in one statement, where one round trip each would take seconds.

The functions are those behind ``core.audit.record`` and ``prepaid.ledger``: same checks, same chains, same keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models

from core.actors import CUSTODIAN, Actor
from prepaid.ledger import BANK, KEY_SPACE
from prepaid.models import AccountKind, Lot, RefType, TransferKind

_RECORD = """
SELECT count(audit_record(verb, object_type, object_id, actor_kind, actor_id, '', NULL, '', facts))
  FROM jsonb_to_recordset(%s::jsonb)
       AS t (verb text, object_type text, object_id text, actor_kind smallint, actor_id bigint, facts jsonb)
"""
_OPEN = "SELECT owner, ledger_open_account(%s, owner) FROM unnest(%s::bigint[]) AS owner"
_PREPAY = """
SELECT count(ledger_post(%s, %s, card, amount, %s, 'lot:' || lot, %s, lot, biz, %s, NULL))
  FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::date[]) AS t (lot, card, amount, biz)
"""


class Line(NamedTuple):
    """One audit line to be written."""

    verb: str
    obj: models.Model
    by: Actor
    facts: dict[str, Any]


def record_all(lines: Iterable[Line]) -> None:
    """``core.audit.record`` for each line, in their order."""
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
        cursor.execute(_RECORD, [json.dumps(rows, cls=DjangoJSONEncoder, ensure_ascii=False)])


def open_accounts(kind: AccountKind, owners: Iterable[int]) -> dict[int, int]:
    """``ledger.open_account`` for each owner; the accounts by owner."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [int(kind), list(owners)])
        return dict(cursor.fetchall())


def prepay_all(lots: Sequence[Lot]) -> None:
    """``ledger.prepay`` of each lot by the custodian, on the day it was paid."""
    columns: list[list[Any]] = [
        [lot.pk for lot in lots],
        [lot.contract.account_id for lot in lots],
        [lot.paid_fen for lot in lots],
        [lot.paid_on for lot in lots],
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _PREPAY,
            [int(TransferKind.PREPAY), BANK, KEY_SPACE, int(RefType.LOT), int(CUSTODIAN.kind), *columns],
        )

"""Bank files for tests, written by the sandbox bank's own hand and then spoiled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

from portal.sandbox.statement import FORMS, Day

ON = date(2026, 3, 2)


def entry(ref: str, fen: int, *, number: str = "", account: str = "6222****0001", remark: str = "") -> dict[str, Any]:
    """One entry as the bank's book has it."""
    return {
        "bank_ref": ref, "amount_fen": fen, "number": number, "counterparty": account, "remark": remark,
        "booked_at": "",
    }  # fmt: skip


def day_file(entries: Sequence[dict[str, Any]], form: str = "csv", *, on: date = ON, opening_fen: int = 0) -> bytes:
    """The file of a day with these entries."""
    rows = [{**one, "booked_at": one["booked_at"] or f"{on}T09:00:00+08:00"} for one in entries]
    total = sum(one["amount_fen"] for one in rows)
    write, _ = FORMS[form]
    out = BytesIO()
    for part in write(Day(on, opening_fen, opening_fen + total, len(rows), rows)):
        out.write(part)
    return out.getvalue()

"""The sandbox bank takes over the payments of the demo, so that its daily files begin with the right balance."""

from __future__ import annotations

from pathlib import Path

from portal.sandbox.book import Book
from prepaid.models import CustodianNotice


def tell_bank(path: Path) -> None:
    """Write every movement that the books of the demo have on the custody account into the bank's own book."""
    moved = CustodianNotice.objects.exclude(booked_fen=0).order_by("booked_on", "id")
    rows = moved.values_list("bank_ref", "booked_on", "booked_fen", "number", "tail")
    Book(str(path)).adopt(
        (ref, f"{on}T12:00:00+08:00", fen, number, f"6222****{tail}") for ref, on, fen, number, tail in rows
    )

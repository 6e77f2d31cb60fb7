"""When locked money becomes the merchant's: instalments, and what a visit releases. Whole fen."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum


class Every(StrEnum):
    """The length of one period."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"


def split(amount_fen: int, periods: int) -> list[int]:
    """An amount in fen in ``periods`` instalments; the last takes what the others leave.

    Raises ValueError when an instalment would be empty.
    """
    if periods < 1 or amount_fen < periods:
        raise ValueError("every instalment needs at least one fen")
    each = amount_fen // periods
    return [each] * (periods - 1) + [amount_fen - each * (periods - 1)]


def nth_date(start: date, periods: int, every: Every) -> date:
    """The day ``periods`` periods after ``start``: a month without the 29th, 30th or 31st gives its last day.

    Counted from the start, not from the day before it, so a card bought on the 31st is due on the 31st again.
    """
    if every is not Every.MONTH:
        return start + periods * timedelta(days=7 if every is Every.WEEK else 1)
    year, month = divmod(start.year * 12 + start.month - 1 + periods, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def due_dates(start: date, periods: int, every: Every) -> list[date]:
    """The day each period has been served in full and its instalment falls due."""
    return [nth_date(start, number, every) for number in range(1, periods + 1)]


def release_due_for_face(paid_fen: int, bonus_fen: int, used_face_fen: int, released_fen: int) -> int:
    """What a visit releases of a lot with a gift: ⌊paid · used ÷ (paid + gift)⌋ − already released.

    ``used_face_fen`` counts this visit in. The gift never releases money of its own, so what stays locked
    always covers the refund of 法释〔2025〕4号第18条. Raises ValueError when more is used than the lot holds.
    """
    return _due(paid_fen, used_face_fen, paid_fen + bonus_fen, released_fen)


def release_for_count(paid_fen: int, times_paid: int, times_bonus: int, times_used: int, released_fen: int) -> int:
    """What a visit releases of a count card; the last time, gifts included, releases the remainder.

    ``times_used`` counts this visit in. Raises ValueError when more is used than the card holds.
    """
    return _due(paid_fen, times_used, times_paid + times_bonus, released_fen)


def hold_for_face(paid_fen: int, bonus_fen: int, face_fen: int) -> int:
    """What a requested visit of this face value keeps aside, rounded up: its release never needs more."""
    return _ceil_share(paid_fen, face_fen, paid_fen + bonus_fen)


def hold_for_count(paid_fen: int, times_paid: int, times_bonus: int, times: int = 1) -> int:
    """What a requested visit of a count card keeps aside, rounded up."""
    return _ceil_share(paid_fen, times, times_paid + times_bonus)


def _due(paid_fen: int, used: int, whole: int, released_fen: int) -> int:
    _check(paid_fen, used, whole)
    return max(0, paid_fen * used // whole - released_fen)


def _ceil_share(paid_fen: int, part: int, whole: int) -> int:
    _check(paid_fen, part, whole)
    return -(-paid_fen * part // whole)


def _check(paid_fen: int, part: int, whole: int) -> None:
    if paid_fen < 0 or whole <= 0 or not 0 <= part <= whole:
        raise ValueError("used more than the lot holds")

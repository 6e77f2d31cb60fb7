"""The only caller of the posting functions in the database: one round trip each, refusals as portal errors.

Amounts are fen. ``key`` names the cause (``visit:123``): the same key again returns the first answer and moves
nothing; a refused request burns no key. Every function must run inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar

from django.db import Error, connection

from core.actors import Actor
from core.errors import Frozen, Invalid, KeyReused, NotEnoughLocked, NotFound, PortalError, WrongState
from prepaid.models.ledger import AccountKind, RefType, TransferKind

P = ParamSpec("P")
R = TypeVar("R")

# One of each for the whole platform; their id is their kind.
BANK, REFUND_CLEARING, PAYOUT_CLEARING, SUSPENSE = 10, 40, 41, 50
KEY_SPACE = 0  # actions share one space of keys, whoever acts: a visit is paid once, not once per person


class Receipt(NamedTuple):
    """What the ledger answers to a movement. ``card_balance_fen`` is None where no card takes part."""

    transfer_id: int
    posted_at: datetime
    card_balance_fen: int | None
    replayed: bool


class Released(NamedTuple):
    """One chunk of a release run: paid, their sum, and those suspended or not covered."""

    released: int
    amount_fen: int
    set_aside: int

    @property
    def nothing_left(self) -> bool:
        """Whether the run is over."""
        return self.released + self.set_aside == 0


class Instalments(NamedTuple):
    """How many instalments a change reached, and their sum."""

    instalments: int
    amount_fen: int


class LedgerFault(Exception):
    """The ledger refuses to work at all (settings, reserved kinds): ours to repair, never the caller's."""


def _refusal(code: str) -> PortalError | LedgerFault | None:
    match code:
        case "LG001":
            return KeyReused()
        case "LG002":
            return NotEnoughLocked()
        case "LG003":
            return Frozen()
        case "LG004":
            return NotFound("没有找到这个资金账户")
        case "LG005":
            return Invalid("金额不正确", code="bad_amount")
        case "LG007":
            return WrongState("业务日期已经封账，请改用今天的日期", code="date_sealed")
        case "LG008":
            return WrongState("这笔预占已经了结", code="hold_closed")
        case "LG009":
            return WrongState("这笔流水已经冲正过，或冲正金额超过原金额", code="already_reversed")
        case "LG006" | "LG010" | "LG011":
            return LedgerFault(code)
    return None


def _refusals(function: Callable[P, R]) -> Callable[P, R]:
    """Turn the database's LG codes into the portal's errors."""

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except Error as error:
            refusal = _refusal(str(getattr(error.__cause__, "pgcode", "")))
            if refusal is None:
                raise
            raise refusal from error

    return wrapped


def _row(sql: str, args: Sequence[Any]) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, args)
        return cursor.fetchone() or ()


@_refusals
def _post(
    kind: int,
    debit: int,
    credit: int,
    amount_fen: int,
    ref: tuple[int, int],
    key: str,
    by: Actor,
    on: date | None,
) -> Receipt:
    # As text, and as one value instead of a table: a literal of the right type and a plain call are planned in a
    # tenth of the time, and a posting is mostly planning.
    args = (int(kind), str(debit), str(credit), str(amount_fen), KEY_SPACE, key, int(ref[0]), str(ref[1]))
    who = (on, int(by.kind), None if by.id is None else str(by.id))
    (row,) = _row("SELECT ledger_post(%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)", args + who)
    transfer_id, posted_at, card_balance, replayed = row[1:-1].split(",")
    return Receipt(
        int(transfer_id),
        datetime.fromisoformat(posted_at.strip('"')),
        int(card_balance) if card_balance else None,
        replayed == "t",
    )


@_refusals
def open_account(kind: AccountKind, owner_id: int) -> int:
    """The account of an owner (a contract's card, a merchant's payable), made at the first call."""
    return int(_row("SELECT ledger_open_account(%s,%s)", (int(kind), owner_id))[0])


def prepay(card: int, amount_fen: int, *, lot: int, key: str, by: Actor, on: date | None = None) -> Receipt:
    """Lock what the consumer paid into custody. Raises KeyReused, NotFound, Invalid."""
    return _post(TransferKind.PREPAY, BANK, card, amount_fen, (RefType.LOT, lot), key, by, on)


def release(
    card: int, payee: int, amount_fen: int, *, visit: int, key: str, by: Actor, on: date | None = None
) -> Receipt:
    """Owe the merchant for one visit out of the locked money. Raises NotEnoughLocked, Frozen, KeyReused."""
    return _post(TransferKind.RELEASE_VISIT, card, payee, amount_fen, (RefType.VISIT, visit), key, by, on)


def release_rest(
    card: int, payee: int, amount_fen: int, *, refund_id: int, key: str, by: Actor, on: date | None = None
) -> Receipt:
    """Owe the merchant what stays locked once a contract is dissolved and its refund taken out."""
    return _post(TransferKind.RELEASE_VISIT, card, payee, amount_fen, (RefType.REFUND, refund_id), key, by, on)


@_refusals
def release_due(
    asof: date, chunk: int = 1000, *, shard: int = 0, shards: int = 1, by: Actor, on: date | None = None
) -> Released:
    """Pay one chunk of due instalments, at most one a card. Repeat, each in its own transaction, to nothing_left."""
    args = (asof, chunk, shard, shards, int(by.kind), by.id, on)
    return Released(*_row("SELECT * FROM ledger_release_due(%s,%s,%s,%s,%s,%s,%s)", args))


@_refusals
def hold(card: int, amount_fen: int, *, ref: tuple[RefType, int], key: str, expires_at: datetime | None = None) -> int:
    """Set part of a card aside (a requested visit, a dispute); returns the hold's id. Raises NotEnoughLocked."""
    args = (card, amount_fen, KEY_SPACE, key, int(ref[0]), ref[1], expires_at)
    return int(_row("SELECT ledger_hold(%s,%s,%s,%s,%s,%s,%s)", args)[0])


@_refusals
def capture(
    hold_id: int,
    amount_fen: int,
    payee: int,
    *,
    visit: int,
    key: str,
    by: Actor,
    on: date | None = None,
) -> Receipt | None:
    """Pay the merchant from a hold; what is left of it goes back to the card. None for 0 fen, which only returns it.

    Raises WrongState (hold_closed), NotEnoughLocked, Frozen, KeyReused.
    """
    args = (hold_id, amount_fen, payee, int(TransferKind.RELEASE_VISIT), KEY_SPACE, key)
    who = (int(RefType.VISIT), visit, on, int(by.kind), by.id)
    row = _row("SELECT * FROM ledger_capture(%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)", args + who)
    return Receipt(*row) if row[0] is not None else None


@_refusals
def void(hold_id: int) -> bool:
    """Return held money to the card; False when that was done before. Raises WrongState after a capture."""
    return bool(_row("SELECT ledger_void(%s)", (hold_id,))[0])


def refund(card: int, amount_fen: int, *, refund_id: int, key: str, by: Actor, on: date | None = None) -> Receipt:
    """Take a refund out of the locked money, on its way to the payer; a frozen card allows it too.

    Raises NotEnoughLocked, KeyReused.
    """
    return _post(TransferKind.REFUND, card, REFUND_CLEARING, amount_fen, (RefType.REFUND, refund_id), key, by, on)


def refund_paid(amount_fen: int, *, refund_id: int, key: str, by: Actor, on: date | None = None) -> Receipt:
    """The bank has paid a refund out."""
    return _post(TransferKind.REFUND_PAID, REFUND_CLEARING, BANK, amount_fen, (RefType.REFUND, refund_id), key, by, on)


def settle(payee: int, amount_fen: int, *, settlement: int, key: str, by: Actor, on: date | None = None) -> Receipt:
    """Order what a merchant is owed to be paid out. Raises NotEnoughLocked, Frozen."""
    ref = (RefType.SETTLEMENT, settlement)
    return _post(TransferKind.SETTLE, payee, PAYOUT_CLEARING, amount_fen, ref, key, by, on)


def payout(amount_fen: int, *, settlement: int, key: str, by: Actor, on: date | None = None) -> Receipt:
    """The bank has paid a settlement out."""
    return _post(TransferKind.PAYOUT, PAYOUT_CLEARING, BANK, amount_fen, (RefType.SETTLEMENT, settlement), key, by, on)


def settle_returned(
    payee: int, amount_fen: int, *, settlement: int, key: str, by: Actor, on: date | None = None
) -> Receipt:
    """The bank could not pay a settlement out: the merchant is owed again."""
    ref = (RefType.SETTLEMENT, settlement)
    return _post(TransferKind.SETTLE_RETURNED, PAYOUT_CLEARING, payee, amount_fen, ref, key, by, on)


@_refusals
def reverse(
    transfer_id: int,
    amount_fen: int,
    *,
    ref: tuple[RefType, int],
    key: str,
    by: Actor,
    on: date | None = None,
    posted_at: datetime | None = None,
) -> Receipt:
    """Give a release back to the card, wholly or in part, once. ``posted_at`` of the original saves a search.

    Raises WrongState (already_reversed), NotEnoughLocked when the merchant has been paid out, KeyReused.
    """
    args = (transfer_id, posted_at, amount_fen, KEY_SPACE, key, int(ref[0]), ref[1], on, int(by.kind), by.id)
    return Receipt(*_row("SELECT * FROM ledger_reverse(%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)", args))


@_refusals
def freeze(card: int) -> None:
    """Stop payments from a card to its merchant, its instalments too; refunds still run. Safe to repeat."""
    _row("SELECT ledger_set_frozen(%s, true)", (card,))


@_refusals
def unfreeze(card: int) -> None:
    """Let payments of a card and its suspended instalments run again. Safe to repeat."""
    _row("SELECT ledger_set_frozen(%s, false)", (card,))


@_refusals
def freeze_merchant(payee: int) -> None:
    """Stop releases to a merchant and its settlement. Safe to repeat."""
    _row("SELECT ledger_set_merchant_frozen(%s, true)", (payee,))


@_refusals
def unfreeze_merchant(payee: int) -> None:
    """Let releases to a merchant and its settlement run again. Safe to repeat."""
    _row("SELECT ledger_set_merchant_frozen(%s, false)", (payee,))


@_refusals
def schedule(card: int, payee: int, instalments: Sequence[tuple[int, date, int]]) -> int:
    """Write the instalments (no, due_on, amount_fen) of a card; returns how many are new.

    The same again changes nothing. Raises KeyReused when a number is used with other content.
    """
    nos, due_on, amounts = (list(column) for column in zip(*instalments, strict=True)) if instalments else ([], [], [])
    args = (card, payee, nos, due_on, amounts)
    return int(_row("SELECT ledger_schedule(%s, %s, %s::int[], %s::date[], %s::bigint[])", args)[0])


@_refusals
def cancel_instalments(card: int, from_date: date) -> Instalments:
    """Stop the instalments due on or after a day that have not run: the consumer wins a tie."""
    return Instalments(*_row("SELECT * FROM ledger_cancel_instalments(%s,%s)", (card, from_date)))


@_refusals
def cancel_of_cards(cards: Sequence[int], from_date: date) -> Instalments:
    """Stop the instalments of many cards at once that fall due on or after a day and have not run."""
    return Instalments(*_row("SELECT * FROM ledger_cancel_of_cards(%s::bigint[],%s)", (list(cards), from_date)))


@_refusals
def redirect_instalments(card: int, payee: int) -> int:
    """Send a card's instalments that have not run to another merchant; returns how many. Raises NotFound."""
    return int(_row("SELECT ledger_redirect_instalments(%s,%s)", (card, payee))[0])


@_refusals
def resume_instalments(card: int, from_date: date) -> Instalments:
    """Put cancelled or uncovered instalments due on or after a day back in line."""
    return Instalments(*_row("SELECT * FROM ledger_resume_instalments(%s,%s)", (card, from_date)))


@_refusals
def shift_instalments(card: int, days: int, from_date: date) -> int:
    """Move the instalments due on or after a day that have not run; returns how many."""
    return int(_row("SELECT ledger_shift_instalments(%s,%s,%s)", (card, days, from_date))[0])


def suspense_in(amount_fen: int, *, item: int, key: str, by: Actor, on: date | None = None) -> Receipt:
    """Park a payment that matches no open order until its case is decided."""
    return _post(TransferKind.SUSPENSE_IN, BANK, SUSPENSE, amount_fen, (RefType.SUSPENSE_ITEM, item), key, by, on)


def suspense_out(amount_fen: int, *, item: int, key: str, by: Actor, on: date | None = None) -> Receipt:
    """Send a parked payment back."""
    return _post(TransferKind.SUSPENSE_OUT, SUSPENSE, BANK, amount_fen, (RefType.SUSPENSE_ITEM, item), key, by, on)


@_refusals
def fold(limit: int = 100_000) -> int:
    """Fold the deltas of hot accounts into their rows; returns how many."""
    return int(_row("SELECT ledger_fold(%s)", (limit,))[0])


def balance(account_id: int) -> int:
    """The exact balance of any account in fen, at this moment."""
    return int(_row("SELECT ledger_balance(%s)", (account_id,))[0])


@_refusals
def ensure_partitions(months_ahead: int = 12) -> int:
    """Make the months to come; returns how many were missing."""
    return int(_row("SELECT ledger_ensure_partitions(%s)", (months_ahead,))[0])

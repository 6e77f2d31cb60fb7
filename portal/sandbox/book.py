"""The bank's book in SQLite: orders, payouts, entries on the custody account, and callbacks to deliver."""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from portal.sandbox.statement import REVERSED, Day

SHANGHAI = ZoneInfo("Asia/Shanghai")
PAYOUT_SECONDS = 1.0
LATE_SECONDS = 60.0
LONGEST_WAIT = 60.0
CLOSED_ACCOUNT = "0000"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
  order_no TEXT PRIMARY KEY, bank_order TEXT NOT NULL UNIQUE, amount_fen INTEGER NOT NULL,
  subject TEXT NOT NULL, notify_url TEXT NOT NULL, return_url TEXT NOT NULL, payer_account TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'CREATED', paid_fen INTEGER, bank_ref TEXT, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS payouts (
  payout_no TEXT PRIMARY KEY, bank_ref TEXT NOT NULL UNIQUE, amount_fen INTEGER NOT NULL,
  payee_account TEXT NOT NULL, payee_name TEXT NOT NULL, notify_url TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'ACCEPTED',
  reason TEXT NOT NULL DEFAULT '', due REAL NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entries (
  id INTEGER PRIMARY KEY, bank_ref TEXT NOT NULL UNIQUE, booked_on TEXT NOT NULL, booked_at TEXT NOT NULL,
  amount_fen INTEGER NOT NULL, number TEXT NOT NULL, counterparty TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS remarks (bank_ref TEXT PRIMARY KEY, remark TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS entries_of_day ON entries (booked_on, amount_fen);
CREATE TABLE IF NOT EXISTS callbacks (
  id INTEGER PRIMARY KEY, bank_ref TEXT NOT NULL, url TEXT NOT NULL, body TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, next_try REAL NOT NULL, delivered INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS callbacks_waiting ON callbacks (next_try) WHERE NOT delivered;
CREATE INDEX IF NOT EXISTS payouts_waiting ON payouts (due) WHERE state = 'ACCEPTED';
"""


class Conflict(Exception):
    """The same number came again with other contents."""


class Book:
    """Everything the bank remembers. Each call is one short transaction, safe from any thread."""

    def __init__(self, path: str) -> None:
        self.path = path
        with closing(self._connect()) as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(_SCHEMA)

    def create_order(self, order: dict[str, Any]) -> dict[str, Any]:
        """Open an order, or return the one with this number. Raises Conflict when its amount differs."""
        with self._write() as db:
            db.execute(
                "INSERT OR IGNORE INTO orders (order_no, bank_order, amount_fen, subject, notify_url,"
                " return_url, payer_account, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    order["order_no"], secrets.token_hex(16), order["amount_fen"], order["subject"],
                    order["notify_url"], order["return_url"], _masked_account(order["payer_hint"]), _now(),
                ),
            )  # fmt: skip
            kept = _one(db, "SELECT * FROM orders WHERE order_no = ?", order["order_no"])
        return _same(kept, amount_fen=order["amount_fen"])

    def order(self, order_no: str) -> dict[str, Any] | None:
        """The order with the portal's number."""
        with closing(self._connect()) as db:
            return _one(db, "SELECT * FROM orders WHERE order_no = ?", order_no)

    def order_at_bank(self, bank_order: str) -> dict[str, Any] | None:
        """The order with the bank's own, unguessable number."""
        with closing(self._connect()) as db:
            return _one(db, "SELECT * FROM orders WHERE bank_order = ?", bank_order)

    def pay(self, bank_order: str, drill: str = "") -> None:
        """Book the payment once and queue its callback; a second press of the button changes nothing.

        ``drill``: wrong_amount books another amount, closed_account pays from an account that takes no refund;
        reversed takes the money back at once, which only the statement tells; twice, late and lost change only the
        callback.
        """
        with self._write() as db:
            order = _one(db, "SELECT * FROM orders WHERE bank_order = ? AND state = 'CREATED'", bank_order)
            if order is None:
                return
            paid = _wrong(order["amount_fen"]) if drill == "wrong_amount" else order["amount_fen"]
            payer = order["payer_account"]
            if drill == "closed_account":
                payer = payer[: -len(CLOSED_ACCOUNT)] + CLOSED_ACCOUNT
            ref, at = _reference(), _now()
            db.execute(
                "UPDATE orders SET state = 'PAID', paid_fen = ?, payer_account = ?, bank_ref = ?, at = ?"
                " WHERE bank_order = ?",
                (paid, payer, ref, at, bank_order),
            )
            _enter(db, ref, at, paid, order["order_no"], payer)
            if drill == "reversed":
                back = _reference()
                _enter(db, back, at, -paid, order["order_no"], payer)
                db.execute("INSERT INTO remarks VALUES (?, ?)", (back, REVERSED))
            copies = {"twice": 2, "lost": 0}.get(drill, 1)
            wait = LATE_SECONDS if drill == "late" else 0.0
            body = _news("order.paid", ref, paid, at, order_no=order["order_no"], payer=payer)
            for _ in range(copies):
                _queue(db, ref, order["notify_url"], body, wait)

    def cancel(self, bank_order: str, reason: str = "付款人取消") -> None:
        """The payer or the portal turned back; nothing is booked."""
        with self._write() as db:
            order = _one(db, "SELECT * FROM orders WHERE bank_order = ? AND state = 'CREATED'", bank_order)
            if order is None:
                return
            ref, at = _reference(), _now()
            db.execute(
                "UPDATE orders SET state = 'CANCELLED', bank_ref = ?, at = ? WHERE bank_order = ?",
                (ref, at, bank_order),
            )
            body = _news(
                "order.cancelled", ref, order["amount_fen"], at, order_no=order["order_no"],
                payer=order["payer_account"], reason=reason,
            )  # fmt: skip
            _queue(db, ref, order["notify_url"], body)

    def create_payout(self, payout: dict[str, Any]) -> dict[str, Any]:
        """Accept a payout, or return the one so numbered. Raises Conflict when amount or payee differ."""
        with self._write() as db:
            db.execute(
                "INSERT OR IGNORE INTO payouts (payout_no, bank_ref, amount_fen, payee_account, payee_name,"
                " notify_url, due, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    payout["payout_no"], _reference(), payout["amount_fen"], payout["payee_account"],
                    payout["payee_name"], payout["notify_url"], time.time() + PAYOUT_SECONDS, _now(),
                ),
            )  # fmt: skip
            kept = _one(db, "SELECT * FROM payouts WHERE payout_no = ?", payout["payout_no"])
        return _same(kept, amount_fen=payout["amount_fen"], payee_account=payout["payee_account"])

    def payout(self, payout_no: str) -> dict[str, Any] | None:
        """The payout with the portal's number."""
        with closing(self._connect()) as db:
            return _one(db, "SELECT * FROM payouts WHERE payout_no = ?", payout_no)

    def settle_payouts(self) -> None:
        """Carry out the payouts whose time has come: paid, or failed where the account is closed."""
        with closing(self._connect()) as db:
            if _one(db, "SELECT 1 FROM payouts WHERE state = 'ACCEPTED' AND due <= ?", time.time()) is None:
                return
        with self._write() as db:
            waiting = db.execute(
                "SELECT * FROM payouts WHERE state = 'ACCEPTED' AND due <= ?", (time.time(),)
            ).fetchall()
            for payout in waiting:
                _settle(db, payout)

    def callbacks_due(self, limit: int = 50) -> list[sqlite3.Row]:
        """Callbacks to try now, oldest first."""
        with closing(self._connect()) as db:
            return db.execute(
                "SELECT * FROM callbacks WHERE NOT delivered AND next_try <= ? ORDER BY next_try, id LIMIT ?",
                (time.time(), limit),
            ).fetchall()

    def callback_tried(self, callback_id: int, attempts: int, delivered: bool) -> None:
        """Note one attempt; after a failure the next waits twice as long, a minute at most."""
        wait = min(LONGEST_WAIT, 0.5 * 2 ** min(attempts, 10))
        with self._write() as db:
            db.execute(
                "UPDATE callbacks SET attempts = ?, delivered = ?, next_try = ? WHERE id = ?",
                (attempts, delivered, time.time() + wait, callback_id),
            )

    def adopt(self, entries: Iterable[tuple[str, str, int, str, str]]) -> None:
        """Take over a history: (bank_ref, Shanghai time, fen, our number, other account), oldest first; once each."""
        with self._write() as db:
            db.executemany(
                "INSERT OR IGNORE INTO entries (bank_ref, booked_on, booked_at, amount_fen, number, counterparty)"
                " VALUES (?, substr(?2, 1, 10), ?2, ?3, ?4, ?5)",
                entries,
            )

    def enter(self, amount_fen: int, *, number: str = "", remark: str = "", counterparty: str = "") -> str:
        """Book what nobody asked for (a reversal, a seizure, cash over the counter); nobody is told before the
        statement. Returns the reference."""
        ref = _reference()
        with self._write() as db:
            _enter(db, ref, _now(), amount_fen, number, counterparty)
            db.execute("INSERT INTO remarks VALUES (?, ?)", (ref, remark))
        return ref

    @contextmanager
    def day(self, on: date) -> Iterator[Day]:
        """One Shanghai day of the custody account, as of one moment; its entries are read while it is open."""
        with closing(self._connect()) as db:
            db.execute("BEGIN")
            before = _one(db, "SELECT coalesce(sum(amount_fen), 0) AS fen FROM entries WHERE booked_on < ?", str(on))
            moved = _one(
                db,
                "SELECT count(*) AS n, coalesce(sum(amount_fen), 0) AS fen FROM entries WHERE booked_on = ?",
                str(on),
            )
            assert before is not None and moved is not None
            entries = db.execute(
                "SELECT e.*, r.remark FROM entries e LEFT JOIN remarks r USING (bank_ref)"
                " WHERE e.booked_on = ? ORDER BY e.id",
                (str(on),),
            )
            yield Day(on, before["fen"], before["fen"] + moved["fen"], moved["n"], entries)

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=10, isolation_level=None)
        db.row_factory = sqlite3.Row
        return db

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with closing(self._connect()) as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")


def _settle(db: sqlite3.Connection, payout: sqlite3.Row) -> None:
    failed = payout["payee_account"].endswith(CLOSED_ACCOUNT)
    state, news, reason = ("FAILED", "payout.failed", "账户已销户") if failed else ("PAID", "payout.paid", "")
    ref, at = payout["bank_ref"], _now()
    db.execute(
        "UPDATE payouts SET state = ?, reason = ?, at = ? WHERE payout_no = ?",
        (state, reason, at, payout["payout_no"]),
    )
    if not failed:
        _enter(db, ref, at, -payout["amount_fen"], payout["payout_no"], payout["payee_account"])
    body = _news(
        news, ref, payout["amount_fen"], at, payout_no=payout["payout_no"], payer=payout["payee_account"],
        reason=reason,
    )  # fmt: skip
    _queue(db, ref, payout["notify_url"], body)


def _enter(db: sqlite3.Connection, ref: str, at: str, amount_fen: int, number: str, counterparty: str) -> None:
    db.execute(
        "INSERT INTO entries (bank_ref, booked_on, booked_at, amount_fen, number, counterparty)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (ref, at[:10], at, amount_fen, number, counterparty),
    )


def _queue(db: sqlite3.Connection, ref: str, url: str, body: str, wait: float = 0.0) -> None:
    db.execute(
        "INSERT INTO callbacks (bank_ref, url, body, next_try) VALUES (?, ?, ?, ?)",
        (ref, url, body, time.time() + wait),
    )


def _news(kind: str, ref: str, amount_fen: int, at: str, *, payer: str, reason: str = "", **number: str) -> str:
    body = {"type": kind, "bank_ref": ref, **number, "amount_fen": amount_fen, "payer_account": payer}
    return json.dumps({**body, "at": at, "reason": reason}, ensure_ascii=False)


def _one(db: sqlite3.Connection, statement: str, *params: object) -> dict[str, Any] | None:
    row = db.execute(statement, params).fetchone()
    return dict(row) if row else None


def _same(kept: dict[str, Any] | None, **expected: object) -> dict[str, Any]:
    if kept is None or any(kept[name] != value for name, value in expected.items()):
        raise Conflict
    return kept


def _wrong(amount_fen: int) -> int:
    """One yuan less, or more where there is no yuan to leave out."""
    return amount_fen - 100 if amount_fen > 100 else amount_fen + 100


def _masked_account(payer_hint: str) -> str:
    """The same payer always pays from the same account, with the tail of the hint: 0000 is a closed one."""
    tail = payer_hint[-4:] if payer_hint[-4:].isdigit() else f"{secrets.randbelow(9999) + 1:04d}"
    return f"acct_{hashlib.sha256(payer_hint.encode()).hexdigest()[:12]}_{tail}"


def _reference() -> str:
    return f"SB{datetime.now(SHANGHAI):%Y%m%d}{secrets.token_hex(8)}"


def _now() -> str:
    return datetime.now(SHANGHAI).isoformat(timespec="seconds")

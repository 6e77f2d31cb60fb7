"""An independent judge of the ledger: plain psycopg2 and Python integers, nothing of the project.

``python tests/prepaid/oracle.py DSN`` prints each problem and exits with 1 if there is any.
It rebuilds every balance, hash chain, hold, instalment and seal from the transfers alone and compares.
"""

import hashlib
import struct
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import psycopg2

SHANGHAI = ZoneInfo("Asia/Shanghai")
NULL = -(2**63)
CARD, BANK, PAYABLE = 20, 10, 30
NEVER_NEGATIVE = (20, 30, 31, 40, 41, 50)
# kind: (debit account kind, credit account kind, whether the chain is the credit account's)
FLOWS = {
    1: (10, 20, True),
    2: (20, 30, False),
    3: (20, 30, False),
    5: (20, 40, False),
    6: (40, 10, False),
    8: (30, 41, True),
    9: (41, 10, False),
    10: (30, 20, True),
    11: (10, 50, True),
    12: (50, 10, False),
    13: (41, 30, False),
}
FIELDS = (
    "id, posted_at, kind, debit, credit, amount, card_seq, card_balance, ref_type, ref_id, reverses,"
    " actor_kind, actor_id, biz_date, hash"
)


class Movement(NamedTuple):
    """What other rows must agree with."""

    kind: int
    debit: int
    credit: int
    amount: int
    ref_type: int
    ref_id: int
    reverses: int | None


def link(previous: bytes, row: dict[str, Any]) -> bytes:
    """The hash of one transfer, from the plan's words: version, previous hash, each field as int8 big-endian."""
    at: datetime = row["posted_at"]
    since_1970 = at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    numbers = [row["id"], since_1970 // timedelta(microseconds=1)]
    numbers += [row[name] for name in ("kind", "debit", "credit", "amount", "card_seq", "card_balance")]
    numbers += [row[name] for name in ("ref_type", "ref_id", "reverses", "actor_kind", "actor_id")]
    numbers.append((row["biz_date"] - date(1970, 1, 1)).days)
    fields = (NULL if number is None else number for number in numbers)
    return hashlib.sha256(b"\x01" + previous + struct.pack(">14q", *fields)).digest()


def merkle_root(leaves: list[bytes]) -> bytes:
    """RFC 6962: leaves are hashed with 0x00 in front, nodes with 0x01."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = merkle_root(leaves[:split]), merkle_root(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def _rows(connection: Any, sql: str) -> Iterator[dict[str, Any]]:
    with connection.cursor(name="oracle") as cursor:
        cursor.itersize = 20_000
        cursor.execute(sql)
        for row in cursor:
            yield dict(zip([column.name for column in cursor.description], row, strict=True))


class Oracle:
    """One judgement of one database, read in one snapshot."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.problems: list[str] = []
        self.accounts = {row["id"]: row for row in _rows(connection, "SELECT * FROM ledger_account")}
        self.sums: Counter[int] = Counter()
        self.seqs: Counter[int] = Counter()
        self.heads: dict[int, bytes] = defaultdict(lambda: bytes(32))
        self.running: Counter[int] = Counter()
        self.last_at: dict[int, datetime] = {}
        self.by_id: dict[int, Movement] = {}

    def say(self, problem: str, **facts: object) -> None:
        """Note a problem."""
        self.problems.append(f"{problem} " + " ".join(f"{name}={value}" for name, value in facts.items()))

    def replay(self) -> None:
        """Go through all transfers, chain by chain, rebuilding what the accounts should say."""
        credited = ", ".join(str(kind) for kind, flow in FLOWS.items() if flow[2])
        chain = f"CASE WHEN kind IN ({credited}) THEN credit ELSE debit END"
        for row in _rows(
            self.connection, f"SELECT {FIELDS}, {chain} AS chain FROM ledger_transfer ORDER BY chain, card_seq"
        ):
            self.transfer(row)

    def transfer(self, row: dict[str, Any]) -> None:
        """Judge one transfer as the next link of its chain."""
        chain, number = row["chain"], row["id"]
        if number in self.by_id:
            self.say("transfer twice", id=number)
        kinds = tuple(
            self.accounts[side]["kind"] if side in self.accounts else None for side in (row["debit"], row["credit"])
        )
        if kinds != FLOWS.get(row["kind"], (0, 0, False))[:2]:
            self.say("transfer between wrong accounts", id=number, kinds=kinds)
        if row["amount"] <= 0:
            self.say("amount not positive", id=number)
        self.seqs[chain] += 1
        if row["card_seq"] != self.seqs[chain]:
            self.say("chain has a gap", id=number, account=chain, seq=row["card_seq"], expected=self.seqs[chain])
            self.seqs[chain] = row["card_seq"]
        if bytes(row["hash"]) != link(self.heads[chain], row):
            self.say("chain broken", id=number, account=chain)
        self.heads[chain] = bytes(row["hash"])
        if chain in self.last_at and row["posted_at"] < self.last_at[chain]:
            self.say("time runs backwards", id=number, account=chain)
        self.last_at[chain] = row["posted_at"]
        self.sums[row["debit"]] -= row["amount"]
        self.sums[row["credit"]] += row["amount"]
        if CARD in kinds:
            self.running[chain] += row["amount"] if chain == row["credit"] else -row["amount"]
            if row["card_balance"] != self.running[chain]:
                self.say("running balance wrong", id=number, stored=row["card_balance"], is_=self.running[chain])
            if self.running[chain] < 0:
                self.say("card overdrawn", id=number, account=chain)
        elif row["card_balance"] is not None:
            self.say("card balance without a card", id=number)
        self.by_id[number] = Movement(*(row[name] for name in Movement._fields))

    def balances(self) -> None:
        """Compare every account with its transfers; all of them together are zero."""
        deltas: Counter[int] = Counter()
        for row in _rows(self.connection, "SELECT account_id, amount FROM ledger_delta"):
            deltas[row["account_id"]] += row["amount"]
        for number, account in self.accounts.items():
            total = account["balance"] + deltas.pop(number, 0)
            if total != self.sums[number]:
                self.say("balance wrong", account=number, stored=total, transfers=self.sums[number])
            if account["kind"] in NEVER_NEGATIVE and total < 0:
                self.say("account below zero", account=number, balance=total)
            if account["seq"] != self.seqs[number] or bytes(account["head"]) != self.heads[number]:
                self.say("head of the chain wrong", account=number, seq=account["seq"], expected=self.seqs[number])
            if account["hot"] != (account["kind"] != CARD):
                self.say("account of the wrong temperature", account=number)
        if deltas:
            self.say("deltas of unknown accounts", accounts=list(deltas))
        if sum(self.sums.values()):
            self.say("money out of nothing", total=sum(self.sums.values()))

    def holds(self) -> None:
        """Open holds add up to what accounts call held; each captured one has its one transfer."""
        held: Counter[int] = Counter()
        resolved: Counter[int] = Counter()
        for row in _rows(self.connection, "SELECT * FROM ledger_hold"):
            if row["state"] == 0:
                held[row["account_id"]] += row["amount"]
            elif row["state"] == 1:
                resolved[row["resolved_transfer_id"]] += 1
                transfer = self.by_id.get(row["resolved_transfer_id"])
                if transfer is None or (transfer.debit, transfer.amount) != (
                    row["account_id"],
                    row["captured_amount"],
                ):
                    self.say("captured hold without its transfer", hold=row["id"])
            elif row["resolved_transfer_id"] is not None or row["captured_amount"]:
                self.say("returned hold moved money", hold=row["id"])
        for number, account in self.accounts.items():
            if account["held"] != held[number]:
                self.say("held wrong", account=number, stored=account["held"], holds=held[number])
            if account["kind"] == CARD and account["balance"] < account["held"]:
                self.say("more held than there is", account=number)
        self.say_repeated("transfer resolves two holds", resolved)

    def instalments(self) -> None:
        """Each released instalment has exactly one transfer of its amount, and the other way round."""
        paid: Counter[int] = Counter()
        for row in _rows(self.connection, "SELECT * FROM ledger_instalment WHERE state = 1"):
            paid[row["transfer_id"]] += 1
            expected = Movement(3, row["account_id"], row["payee_account_id"], row["amount"], 3, row["no"], None)
            if self.by_id.get(row["transfer_id"]) != expected:
                self.say("instalment without its transfer", account=row["account_id"], no=row["no"])
        self.say_repeated("transfer pays two instalments", paid)
        for number, transfer in self.by_id.items():
            if transfer.kind == 3 and not paid[number]:
                self.say("period release without instalment", id=number)

    def keys(self) -> None:
        """Each key has its transfer or hold; each transfer that is not a period release has exactly one key."""
        keyed: Counter[int] = Counter()
        for row in _rows(self.connection, "SELECT key, transfer_id FROM ledger_idempotency WHERE transfer_id > 0"):
            keyed[row["transfer_id"]] += 1
            if row["transfer_id"] not in self.by_id:
                self.say("key without its transfer", key=row["key"], id=row["transfer_id"])
        self.say_repeated("transfer has two keys", keyed)
        recent = datetime.now(UTC) - timedelta(days=399)
        for row in _rows(self.connection, f"SELECT id FROM ledger_transfer WHERE kind <> 3 AND posted_at > '{recent}'"):
            if not keyed[row["id"]]:
                self.say("transfer without a key", id=row["id"])

    def reversals(self) -> None:
        """A release is reversed at most once, between the same two accounts, by no more than it was."""
        noted = {
            row["reversal_id"]: row["original_id"] for row in _rows(self.connection, "SELECT * FROM ledger_reversal")
        }
        for number, original_id in noted.items():
            reversal, original = self.by_id.get(number), self.by_id.get(original_id)
            if reversal is None or original is None or (reversal.kind, reversal.reverses) != (10, original_id):
                self.say("reversal without its transfers", reversal=number, original=original_id)
            elif (
                original.kind not in (2, 3)
                or (original.debit, original.credit) != (reversal.credit, reversal.debit)
                or reversal.amount > original.amount
            ):
                self.say("reversal does not fit", reversal=number, original=original_id)
        for number, transfer in self.by_id.items():
            if (transfer.kind == 10 or transfer.reverses is not None) and number not in noted:
                self.say("reversal not noted", id=number)

    def seals(self) -> None:
        """Each sealed day still has the transfers it was sealed with, and points to the day before."""
        previous = bytes(32)
        for row in list(_rows(self.connection, "SELECT * FROM ledger_seal ORDER BY biz_date")):
            start = datetime.combine(row["biz_date"], datetime.min.time(), SHANGHAI)
            day = f"posted_at >= '{start}' AND posted_at < '{start + timedelta(days=1)}'"
            leaves, total = [], 0
            for leaf in _rows(self.connection, f"SELECT hash, amount FROM ledger_transfer WHERE {day} ORDER BY id"):
                leaves.append(bytes(leaf["hash"]))
                total += leaf["amount"]
            if (row["n"], row["amount_sum"]) != (len(leaves), total) or bytes(row["merkle_root"]) != merkle_root(
                leaves
            ):
                self.say("sealed day changed", day=row["biz_date"])
            if bytes(row["prev_root"]) != previous:
                self.say("seal does not follow", day=row["biz_date"])
            previous = bytes(row["merkle_root"])

    def say_repeated(self, problem: str, counted: Counter[int]) -> None:
        """Note whatever was counted more than once."""
        for number, times in counted.items():
            if times > 1:
                self.say(problem, id=number, times=times)


def check(dsn: str) -> list[str]:
    """Every problem of the ledger in a database; none when it is whole. Reads one snapshot, writes nothing."""
    connection = psycopg2.connect(dsn)
    try:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        return problems(connection)
    finally:
        connection.close()


def problems(connection: Any) -> list[str]:
    """Every problem that shows in the transaction of a connection."""
    oracle = Oracle(connection)
    for judge in (
        oracle.replay,
        oracle.balances,
        oracle.holds,
        oracle.instalments,
        oracle.keys,
        oracle.reversals,
        oracle.seals,
    ):
        judge()
    return oracle.problems


if __name__ == "__main__":
    found = check(sys.argv[1])
    print("\n".join(found) or "the ledger is whole")
    sys.exit(bool(found))

"""The movements of one day as a Merkle tree, read from the ledger as a stream; a million take seconds. Read only."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import sha256

from django.db import connection

from core import signing_keys
from core.calendar import SHANGHAI
from prepaid import merkle, proofs
from prepaid.models import Seal

BLOCK_LEVEL = 5
BLOCK = 1 << BLOCK_LEVEL
# Each row of the answer packs about a thousand movements: number, 0x00 and hash, as the leaves are hashed.
_PACKED, PACKS_AT_ONCE = struct.Struct(">q33s"), 64
_READ = """
SELECT count(*), sum(amount), string_agg(int8send(id) || '\\x00'::bytea || hash, ''::bytea ORDER BY id)
FROM ledger_transfer WHERE posted_at >= %s AND posted_at < %s GROUP BY id / 1024 ORDER BY id / 1024
"""


@dataclass
class DayTree:
    """The tree of one day from level 5 up; a node there stands over 32 movements, of which the first is named."""

    day: date
    n: int = 0
    amount_fen: int = 0
    blocks: list[bytes] = field(default_factory=list)
    first_ids: list[int] = field(default_factory=list)

    def grow(self, leaves: list[tuple[int, bytes]]) -> None:
        """Hash whole blocks, or the rest of the day."""
        nodes = [sha256(leaf).digest() for _, leaf in leaves]
        for _ in range(BLOCK_LEVEL):
            nodes = merkle.parents(nodes)
        self.blocks += nodes
        self.first_ids += [number for number, _ in leaves[::BLOCK]]

    def levels(self) -> list[list[bytes]]:
        """Level 5, 6 and so on up to the root; none for a day without movements."""
        return merkle.levels(self.blocks) if self.blocks else []

    @property
    def root(self) -> bytes:
        """The root; over no movement it is the hash of nothing."""
        return self.levels()[-1][0] if self.blocks else merkle.EMPTY_ROOT


def tree_of(day: date) -> DayTree:
    """The tree over everything posted on a day of China's time, ordered by number. Raises ValueError when garbled."""
    tree, rest = DayTree(day), list[tuple[int, bytes]]()
    start = datetime.combine(day, time(), SHANGHAI)
    with connection.chunked_cursor() as cursor:
        cursor.execute(_READ, [start, start + timedelta(days=1)])
        while packs := cursor.fetchmany(PACKS_AT_ONCE):
            for n, amount, packed in packs:
                if len(packed) != n * _PACKED.size:
                    raise ValueError(f"a movement of {day} has no hash")
                tree.n, tree.amount_fen = tree.n + n, tree.amount_fen + int(amount)
                rest += _PACKED.iter_unpack(packed)
            whole = len(rest) // BLOCK * BLOCK
            tree.grow(rest[:whole])
            del rest[:whole]
    tree.grow(rest)
    return tree


def problems() -> Iterator[str]:
    """Everything wrong with the seals and the movements they stand over, one Chinese line each; none when whole."""
    head = root = proofs.NOTHING
    day: date | None = None
    for seal in Seal.objects.order_by("biz_date"):
        for problem in _problems_of(seal, root, head):
            yield f"{seal.biz_date} {problem}"
        if day and seal.biz_date != day + timedelta(days=1):
            yield f"{seal.biz_date} 之前缺少封账"
        day, root, head = seal.biz_date, bytes(seal.merkle_root), bytes(seal.head or b"")
    with connection.cursor() as cursor:
        cursor.execute("SELECT problem, account_id, transfer_id FROM ledger_verify_chains(NULL)")
        for problem, account, transfer in cursor:
            yield f"账户 {account} 流水 {transfer or '—'} 与校验值不符（{problem}）"


def _problems_of(seal: Seal, root: bytes, head: bytes) -> Iterator[str]:
    words = seal.words(head)
    if bytes(seal.prev_root) != root:
        yield "与前一日的封账不相连"
    if proofs.seal_head(words) != bytes(seal.head or b""):
        yield "封账摘要不符"
    if not signing_keys.is_signed(words["kid"], proofs.seal_message(words), bytes(seal.signature or b"")):
        yield "签名不符，或公钥没有公布"
    try:
        tree = tree_of(seal.biz_date)
    except ValueError:
        yield "当天的流水读不出来"
        return
    if (tree.n, tree.amount_fen) != (seal.n, seal.amount_sum_fen):
        yield f"封账时 {seal.n} 笔共 {seal.amount_sum_fen} 分，现在 {tree.n} 笔共 {tree.amount_fen} 分"
    if tree.root != bytes(seal.merkle_root):
        yield "默克尔根与流水不符"
    if _kept_nodes(seal.biz_date) != [b"".join(level) for level in tree.levels()]:
        yield "默克尔树的中间节点与流水不符"


def _kept_nodes(day: date) -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(hash, ''::bytea ORDER BY idx) FROM ledger_seal_node WHERE biz_date = %s"
            " GROUP BY level ORDER BY level",
            [day],
        )
        return [bytes(nodes) for (nodes,) in cursor.fetchall()]

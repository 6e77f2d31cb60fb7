"""Receipts: one movement with the proof that it is in its day's signed seal. Read only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from core import signing_keys
from prepaid import merkle, proofs
from prepaid.day_trees import BLOCK_LEVEL
from prepaid.models import Seal

_READ = """
SELECT t.id, t.posted_at, t.kind, t.debit, t.credit, t.amount, t.card_seq, t.card_balance, t.ref_type, t.ref_id,
       t.reverses, t.actor_kind, t.actor_id, t.biz_date, t.hash,
       p.prev, p.day, p.block, p.place, p.block_hashes, p.beside,
       s.n, s.amount_sum, s.merkle_root, s.prev_root, s.sealed_at, s.kid, s.public_key, s.signature,
       (SELECT b.head FROM ledger_seal b WHERE b.biz_date < s.biz_date ORDER BY b.biz_date DESC LIMIT 1)
FROM ledger_transfer t
CROSS JOIN LATERAL ledger_proof(t.id, t.posted_at, ledger_chain(t.kind, t.debit, t.credit), t.card_seq) p
LEFT JOIN ledger_seal s ON s.biz_date = p.day
WHERE t.id = ANY (%s) ORDER BY t.id
"""
_TRANSFER, _SEAL = 15, 21


@dataclass(frozen=True)
class Receipt:
    """A movement as the ledger has it now and, once its day is sealed, its ``content``: the file people keep."""

    transfer_id: int
    day: date
    content: dict[str, Any] | None

    @property
    def is_true(self) -> bool:
        """Whether the proof holds and the signature is ours; nobody should be handed one that does not."""
        if self.content is None:
            return False
        seal = self.content["seal"]
        signature = bytes.fromhex(seal["signature"])
        signed = signing_keys.is_signed(seal["kid"], proofs.seal_message(seal), signature)
        return signed and proofs.is_in_tree(self.content)

    @property
    def text(self) -> str:
        """The file, byte for byte."""
        assert self.content is not None
        return proofs.document(self.content)


def receipts(transfer_ids: Iterable[int]) -> list[Receipt]:
    """The receipts of these movements in the order of their numbers, in one query; unknown numbers are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, [list(transfer_ids)])
        return [_receipt(row) for row in cursor.fetchall()]


def _receipt(row: tuple[Any, ...]) -> Receipt:
    *numbers, biz_date, hash_ = row[:_TRANSFER]
    transfer = dict(zip(proofs.NUMBERS, numbers, strict=True))
    transfer["posted_at"] = proofs.micros(transfer["posted_at"])
    prev = bytes(row[_TRANSFER] or b"").hex()
    transfer |= {"biz_date": biz_date.isoformat(), "prev": prev, "hash": bytes(hash_).hex()}
    day, block, place, block_hashes, beside = row[_TRANSFER + 1 : _SEAL]
    if block is None or row[_SEAL] is None:
        return Receipt(row[0], day, None)
    index = (block << BLOCK_LEVEL) + place
    content = {
        "format": proofs.RECEIPT,
        "transfer": transfer,
        "proof": {"index": index, "path": _path(bytes(block_hashes), place, bytes(beside or b""))},
        "seal": _seal(day, row[_SEAL:]),
    }
    return Receipt(row[0], day, content)


def _path(block: bytes, place: int, above: bytes) -> list[str]:
    """The nodes beside the way from a leaf to the root: inside its block, then over the blocks."""
    leaves = [merkle.leaf_hash(block[at : at + 32]) for at in range(0, len(block), 32)]
    inside = merkle.path(leaves, place)
    return [node.hex() for node in inside] + [above[at : at + 32].hex() for at in range(0, len(above), 32)]


def _seal(day: date, row: tuple[Any, ...]) -> dict[str, Any]:
    n, amount_sum, root, prev_root, sealed_at, kid, public_key, signature, prev_head = row
    seal = Seal(day, n, amount_sum, root, prev_root, sealed_at, kid, public_key, None, signature)
    return seal.words(bytes(prev_head or proofs.NOTHING))

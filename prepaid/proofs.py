"""What a seal and a receipt say, byte for byte (docs/adr/0008-daily-seals.md). Pure: no database, no keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from core.calendar import SHANGHAI
from prepaid import merkle

RECEIPT, SEAL, ROOTS, EVIDENCE = "prepaid-receipt-v1", "prepaid-seal-v1", "prepaid-roots-v1", "prepaid-evidence-v1"
NOTHING = bytes(32)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NULL = -(2**63)
NUMBERS = (
    "id", "posted_at", "kind", "debit", "credit", "amount", "card_seq", "card_balance", "ref_type", "ref_id",
    "reverses", "actor_kind", "actor_id",
)  # fmt: skip
SEALED = (
    "day", "n", "amount_sum", "merkle_root", "prev_root", "prev_head", "sealed_at", "kid", "public_key",
)  # fmt: skip


def micros(at: datetime) -> int:
    """Microseconds since 1970 in UTC."""
    return (at - EPOCH) // timedelta(microseconds=1)


def document(content: Mapping[str, Any]) -> str:
    """The one way a proof is written down; a file that reads the same but is written otherwise is no proof."""
    return json.dumps(content, indent=1) + "\n"


def seal_message(seal: Mapping[str, Any]) -> bytes:
    """What is signed: one field a line. Its SHA-256 is the seal's head, which the next day's seal carries on."""
    return "\n".join([SEAL, *(str(seal[name]) for name in SEALED)]).encode()


def seal_head(seal: Mapping[str, Any]) -> bytes:
    """The hash over this seal and, through it, over every earlier one."""
    return sha256(seal_message(seal)).digest()


def transfer_hash(transfer: Mapping[str, Any]) -> bytes:
    """The canonical encoding of a movement, hashed: what ``ledger_hash`` of the database computes."""
    numbers = [transfer[name] for name in NUMBERS]
    numbers.append((date.fromisoformat(transfer["biz_date"]) - EPOCH.date()).days)
    packed = b"".join((NULL if one is None else one).to_bytes(8, "big", signed=True) for one in numbers)
    return sha256(b"\x01" + bytes.fromhex(transfer["prev"]) + packed).digest()


def is_in_tree(receipt: Mapping[str, Any]) -> bool:
    """Whether the movement, as the receipt tells it, is in the tree that the receipt's seal was made over."""
    transfer, proof, seal = receipt["transfer"], receipt["proof"], receipt["seal"]
    beside = [bytes.fromhex(node) for node in proof["path"]]
    leaf = transfer_hash(transfer)
    found = merkle.climb(merkle.leaf_hash(leaf), proof["index"], seal["n"], beside)
    posted = EPOCH + timedelta(microseconds=transfer["posted_at"])
    return bool(
        found is not None
        and leaf.hex() == transfer["hash"]
        and found.hex() == seal["merkle_root"]
        and posted.astimezone(SHANGHAI).date().isoformat() == seal["day"]
    )

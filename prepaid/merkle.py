"""Merkle trees of RFC 6962 over SHA-256: a leaf is hashed with 0x00 in front, two nodes with 0x01.

Level by level, an odd last node moves up unchanged; that is the RFC's tree, and each level can be kept and read by
its number. Pure: no database.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """The lowest node over one leaf."""
    return sha256(b"\x00" + leaf).digest()


def parents(level: Sequence[bytes]) -> list[bytes]:
    """The next level up."""
    pairs = zip(level[::2], level[1::2], strict=False)
    made = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    if len(level) % 2:
        made.append(level[-1])
    return made


def levels(nodes: Sequence[bytes]) -> list[list[bytes]]:
    """All levels from ``nodes`` up to the root, which stands alone in the last."""
    found = [list(nodes)]
    while len(found[-1]) > 1:
        found.append(parents(found[-1]))
    return found


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over ``leaves``; over none it is the hash of nothing."""
    return levels([leaf_hash(leaf) for leaf in leaves])[-1][0] if leaves else EMPTY_ROOT


def path(nodes: Sequence[bytes], index: int) -> list[bytes]:
    """What stands beside the way from ``nodes[index]`` up to the root, from below."""
    found = []
    for level in levels(nodes)[:-1]:
        if index ^ 1 < len(level):
            found.append(level[index ^ 1])
        index >>= 1
    return found


def climb(node: bytes, index: int, size: int, beside: Sequence[bytes]) -> bytes | None:
    """The root that ``node`` (the leaf hash number ``index`` of ``size``) and its path lead to.

    None when the path is too long or too short for such a tree.
    """
    left = list(beside)
    if not 0 <= index < size:
        return None
    while size > 1:
        if index ^ 1 < size:
            if not left:
                return None
            other = left.pop(0)
            node = sha256(b"\x01" + (other + node if index % 2 else node + other)).digest()
        index, size = index >> 1, (size + 1) >> 1
    return None if left else node

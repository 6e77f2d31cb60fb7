"""The version of what is public: an ETag that costs one read and never says "unchanged" of a removed unit."""

from __future__ import annotations

import hashlib
import time

from django.db import connection

# A removed unit is confirmed by a 304 for half a second more at most; a fresh answer never holds it.
KEPT_SECONDS = 0.5
_VERSION = "SELECT sum(n)::bigint FROM units_version"
_kept = (0.0, 0)


def units_version() -> int:
    """How often what is public has changed, as this process knew half a second ago at the latest.

    Read it before the rows: then at worst a fresh answer looks old.
    """
    global _kept
    read_at, version = _kept
    if time.monotonic() - read_at >= KEPT_SECONDS:
        now = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute(_VERSION)
            version = int(cursor.fetchone()[0])
        _kept = now, version
    return version


def etag(version: int, question: str) -> str:
    """The weak ETag of the answer to ``question`` at ``version``."""
    digest = hashlib.blake2b(f"{version}\0{question}".encode("utf-8", "replace"), digest_size=12)
    return f'W/"{digest.hexdigest()}"'

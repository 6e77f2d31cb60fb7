"""Personal data at rest: AES-256-GCM bound to its row, and a keyed blind index for exact search."""

import base64
import hashlib
import hmac
import os
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings


@lru_cache
def _ciphers(spec: str) -> dict[str, AESGCM]:
    """The data keys by id; the first encrypts, all decrypt (so a key can be rotated online)."""
    return {kid: AESGCM(base64.b64decode(key)) for kid, _, key in (part.partition(":") for part in spec.split(","))}


def encrypt(plain: str, aad: str) -> str:
    """``v1|kid|base64(nonce + ciphertext)``; ``aad`` ties the value to its row and column."""
    if not plain:
        return ""
    kid, cipher = next(iter(_ciphers(settings.PII_KEYS).items()))
    nonce = os.urandom(12)
    sealed = nonce + cipher.encrypt(nonce, plain.encode(), aad.encode())
    return f"v1|{kid}|{base64.b64encode(sealed).decode()}"


def decrypt(stored: str, aad: str) -> str:
    """The plain text; raises InvalidTag when the value was moved from another row or changed."""
    if not stored:
        return ""
    _, kid, body = stored.split("|", 2)
    sealed = base64.b64decode(body)
    return _ciphers(settings.PII_KEYS)[kid].decrypt(sealed[:12], sealed[12:], aad.encode()).decode()


def blind_index(kind: str, value: str) -> str:
    """A keyed 128-bit hash by which an exact value is found; ``kind`` keeps phones and ids apart."""
    key = base64.b64decode(settings.PII_INDEX_KEY)
    return hmac.new(key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()[:32]


class PersonalText:
    """An attribute whose text lives encrypted in the column ``<name>_ct`` of a row that has ``pii_key``."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.column, self.label = f"{name}_ct", f"{owner.__name__}.{name}"

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        if row is None:
            return self
        return decrypt(getattr(row, self.column), f"{self.label}:{row.pii_key}")

    def __set__(self, row: Any, plain: str) -> None:
        setattr(row, self.column, encrypt(plain, f"{self.label}:{row.pii_key}"))

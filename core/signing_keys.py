"""The portal's Ed25519 keys: what it publishes as proof is signed here, and anybody checks it with the public key.

``SIGNING_KEYS`` holds base64 keys, the signing seed first. A retired key stays listed as ``pub:`` and its public
half, so that what it signed can still be checked after its secret is gone.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

RETIRED = "pub:"


@dataclass(frozen=True)
class Signature:
    """A signature and the public key to check it with, as published."""

    kid: str
    public_key: bytes
    value: bytes


def key_id(public_key: bytes) -> str:
    """The short name of a key: whoever knows it cannot be given another key under the same name."""
    return hashlib.sha256(public_key).hexdigest()[:16]


@lru_cache
def _ring(spec: str) -> tuple[Ed25519PrivateKey, dict[str, bytes]]:
    """The signing key, and every public key by its name, the one in use first."""
    first, *_ = parts = [part.strip() for part in spec.split(",")]
    public = [
        base64.b64decode(part.removeprefix(RETIRED))
        if part.startswith(RETIRED)
        else Ed25519PrivateKey.from_private_bytes(base64.b64decode(part)).public_key().public_bytes_raw()
        for part in parts
    ]
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(first)), {key_id(key): key for key in public}


def public_keys() -> dict[str, bytes]:
    """Every key that ever signed, by name; the first signs now."""
    return _ring(settings.SIGNING_KEYS)[1]


def current_key() -> tuple[str, bytes]:
    """Name and public half of the key that signs now; both belong into what is signed."""
    return next(iter(public_keys().items()))


def sign(message: bytes) -> Signature:
    """Sign ``message`` with the key in use."""
    secret, public = _ring(settings.SIGNING_KEYS)
    kid, public_key = next(iter(public.items()))
    return Signature(kid, public_key, secret.sign(message))


def is_signed(kid: str, message: bytes, signature: bytes) -> bool:
    """Whether the key of that name signed ``message``; never for a name we do not publish."""
    public_key = public_keys().get(kid)
    if public_key is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True

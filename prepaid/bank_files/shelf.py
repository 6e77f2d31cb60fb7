"""Where bank files are kept: outside the web root, readable by us alone, under a name of chance."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple

from django.conf import settings

from prepaid.bank_files.shapes import BadBankFile

LARGEST = 1 << 30


class Shelved(NamedTuple):
    """A file on the shelf: its place under MEDIA_ROOT, digest and size."""

    path: str
    sha256: str
    size: int


class _Counted:
    """A file that counts and digests what is written to it."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.digest, self.size = file, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self.size += len(data)
        if self.size > LARGEST:
            raise BadBankFile("文件超过 1 GB，请按天分开上传")
        self.digest.update(data)
        return self.file.write(data)


def shelve(fill: Callable[[BinaryIO], object]) -> Shelved:
    """Keep what ``fill`` writes; a failure half-way leaves nothing behind. Raises BadBankFile when it is too large."""
    name = f"bank/{secrets.token_hex(16)}"
    path = Path(settings.MEDIA_ROOT) / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            counted = _Counted(file)
            fill(counted)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Shelved(name, counted.digest.hexdigest(), counted.size)


def full_path(name: str) -> Path:
    """Where the bytes are."""
    return Path(settings.MEDIA_ROOT) / name


def discard(name: str) -> None:
    """Drop a copy of what is on the shelf already."""
    full_path(name).unlink(missing_ok=True)

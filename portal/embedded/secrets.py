"""The secrets of one data directory: made once, never made again over existing data."""

import base64
import os
import secrets
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from portal.embedded.processes import Refusal


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


NAMES = {
    "secret_key": lambda: secrets.token_urlsafe(64),
    "pii_keys": lambda: f"k1:{_key()}",
    "pii_index_key": _key,
    "custodian_secret": lambda: f"whsec_{_key()}",
    "signing_keys": _key,
    "db_super": lambda: secrets.token_urlsafe(24),
    "db_owner": lambda: secrets.token_urlsafe(24),
    "db_app": lambda: secrets.token_urlsafe(24),
    "db_ro": lambda: secrets.token_urlsafe(24),
}

# Younger than some data directories, which have nothing yet that it signed.
ADDED = ("signing_keys",)


def _write(path: Path, text: str) -> None:
    """Write a file that only its owner reads, and that is on the disk afterwards."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.write(handle, text.encode())
    os.fsync(handle)
    os.close(handle)


def _make(folder: Path) -> None:
    """Write the whole set beside ``folder`` and rename it, so that half a set never exists."""
    made = folder.with_name("secrets.new")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True, mode=0o700)
    for name, new in NAMES.items():
        _write(made / name, new())
    made.rename(folder)


def _add_younger(folder: Path) -> None:
    """Make what a folder of an earlier version never had; what it has had is marked, and never made again."""
    for name in ADDED:
        mark = folder / f"{name}.had"
        with suppress(FileExistsError):  # another process of the launcher was quicker
            if not mark.exists() and not (folder / name).exists():
                _write(folder / name, NAMES[name]())
        with suppress(FileExistsError):
            _write(mark, "")


def load(data: Path, *, has_data: bool) -> Mapping[str, str]:
    """The secrets of ``data``; made now when there is nothing they could have protected yet.

    Raises Refusal when ``has_data`` and any of them is missing: new ones would make the stored personal data
    unreadable, the database unreachable and old seals unrecognisable.
    """
    folder = data / "secrets"
    if not folder.exists() and not has_data:
        _make(folder)
    if folder.exists():
        _add_younger(folder)
    missing = [name for name in NAMES if not (folder / name).is_file()]
    if missing:
        lost = "、".join(missing) if folder.exists() else "整个文件夹"
        raise Refusal(
            f"{folder} 缺少密钥（{lost}）：请从备份恢复这个文件夹；没有它们，已有的数据无法解密，封账签名对不上，"
            "所以不会另造"
        )
    return {name: (folder / name).read_text().strip() for name in NAMES}

"""The safe way in for files: checked by content, pictures re-encoded, kept outside the web root."""

from __future__ import annotations

import hashlib
import io
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageOps

from core.actors import Actor
from core.errors import Invalid
from core.models import StoredFile

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
SIGNATURES = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"%PDF-": "PDF"}
EXTENSIONS = {"JPEG": {".jpg", ".jpeg"}, "PNG": {".png"}, "WEBP": {".webp"}, "PDF": {".pdf"}}


def store(upload: UploadedFile, *, title: str, by: Actor) -> StoredFile:
    """Check and keep one upload; the file is on disk before the row.

    Raises Invalid for anything but JPEG, PNG, WebP or PDF of at most 10 MB whose content, name and type agree.
    """
    data = b"".join(_capped(upload))
    kind = _kind(data)
    if Path(upload.name or "").suffix.lower() not in EXTENSIONS[kind]:
        raise _refused("文件的扩展名和内容不一致")
    media_type = "application/pdf"
    if kind != "PDF":
        data, media_type = _reencoded(data, kind)
    name = f"{secrets.token_hex(2)}/{secrets.token_hex(16)}"
    _write(Path(settings.MEDIA_ROOT) / name, data)
    return StoredFile.objects.create(
        sha256=hashlib.sha256(data).hexdigest(),
        path=name,
        media_type=media_type,
        size=len(data),
        title=title[:100],
        uploaded_by=by.user,
    )


def full_path(file: StoredFile) -> Path:
    """Where the bytes are."""
    return Path(settings.MEDIA_ROOT) / file.path


def _refused(reason: str) -> Invalid:
    return Invalid(f"{reason}。请上传 10 MB 以内的 JPG、PNG、WebP 图片或 PDF", fields={"file": reason})


def _capped(upload: UploadedFile) -> list[bytes]:
    """The bytes, counted as they come: the declared size is not trusted."""
    chunks, total = [], 0
    for chunk in upload.chunks():
        total += len(chunk)
        if total > MAX_BYTES:
            raise _refused("文件超过 10 MB")
        chunks.append(chunk)
    if not total:
        raise _refused("文件是空的")
    return chunks


def _kind(data: bytes) -> str:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    for signature, kind in SIGNATURES.items():
        if data.startswith(signature):
            return kind
    raise _refused("看不出是图片或 PDF")


def _reencoded(data: bytes, kind: str) -> tuple[bytes, str]:
    """The picture drawn anew: position data and anything hidden behind the picture are gone."""
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise _refused("图片太大，请缩小到 4000 万像素以内")
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError, SyntaxError) as error:
        raise _refused("图片打不开") from error
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=88)
    return out.getvalue(), "image/jpeg"


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("xb") as target:
        target.write(data)
        target.flush()
        os.fsync(target.fileno())

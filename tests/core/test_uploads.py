"""Uploads: only what it says it is, drawn anew, never bigger than allowed, never where the web can reach it."""

import io
from collections.abc import Iterator
from pathlib import Path
from zlib import compress, crc32

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from PIL import Image

from core import uploads
from core.errors import Invalid
from core.models import StoredFile, User
from tests.prepaid.scenes import who

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: object, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)  # type: ignore[attr-defined]
    return tmp_path


def picture(kind: str = "JPEG", **extra: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, kind, **extra)
    return out.getvalue()


def store(data: bytes, name: str, by: User) -> StoredFile:
    return uploads.store(SimpleUploadedFile(name, data), title="执照", by=who(by))


@pytest.mark.parametrize(
    ("kind", "name"), [("JPEG", "a.jpg"), ("JPEG", "a.JPEG"), ("PNG", "a.png"), ("WEBP", "a.webp")]
)
def test_a_picture_is_drawn_anew_as_jpeg(consumer: User, kind: str, name: str) -> None:
    row = store(picture(kind), name, consumer)
    data = uploads.full_path(row).read_bytes()
    assert data.startswith(b"\xff\xd8\xff") and (row.media_type, row.size) == ("image/jpeg", len(data))
    assert Image.open(io.BytesIO(data)).size == (40, 30)


def test_position_data_and_what_hides_behind_a_picture_are_gone(consumer: User) -> None:
    exif = Image.Exif()
    exif[0x8825], exif[0x010F] = {1: "N", 2: (30.0, 15.0, 0.0)}, "SECRET-CAMERA"
    data = picture("JPEG", exif=exif) + b"<script>alert(1)</script>PK\x03\x04"
    kept = uploads.full_path(store(data, "a.jpg", consumer)).read_bytes()
    assert b"SECRET-CAMERA" not in kept and b"script" not in kept and not Image.open(io.BytesIO(kept)).getexif()


def test_a_pdf_is_kept_as_it_is(consumer: User) -> None:
    data = b"%PDF-1.7\n%\xe2\xe3\nbody"
    row = store(data, "合同.pdf", consumer)
    assert uploads.full_path(row).read_bytes() == data and row.media_type == "application/pdf"


def bomb() -> bytes:
    """A PNG of 100 million pixels in a few kilobytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + crc32(kind + body).to_bytes(4, "big")

    head = (10_000).to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])
    rows = compress(bytes(1_251 * 10_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


HOSTILE = {
    "empty.jpg": b"",
    "page.html": b"<html><script>alert(1)</script>",
    "page.jpg": b"<html><script>alert(1)</script>",
    "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "drawing.png": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "a.gif": b"GIF89a/*" + b"x" * 20 + b"*/=alert(1)",
    "gif.jpg": b"GIF89a",
    "half.jpg": picture()[:60],
    "only-magic.png": b"\x89PNG\r\n\x1a\n",
    "only-magic.webp": b"RIFF\x00\x00\x00\x00WEBP",
    "a.pdf.exe": b"%PDF-1.7",
    "picture.pdf": picture(),
    "paper.jpg": b"%PDF-1.7",
    "png.jpg": picture("PNG"),
    "a.docx": b"PK\x03\x04" + b"\x00" * 30,
    "program.jpg": b"MZ\x90\x00",
    "noname": picture(),
    "nul\x00.jpg.exe": picture(),
    "rtl\u202egpj.exe": picture(),
}


@pytest.mark.parametrize("name", HOSTILE, ids=[ascii(name) for name in HOSTILE])
def test_a_hostile_file_is_refused_and_leaves_nothing(consumer: User, media: Path, name: str) -> None:
    refused(HOSTILE[name], name, consumer, media)


def test_a_bomb_is_refused_and_leaves_nothing(consumer: User, media: Path) -> None:
    with pytest.warns(Image.DecompressionBombWarning):
        refused(bomb(), "bomb.png", consumer, media)


def refused(data: bytes, name: str, consumer: User, media: Path) -> None:
    """The file is refused with a reason, and nothing of it stays."""
    with pytest.raises(Invalid) as caught:
        store(data, name, consumer)
    assert caught.value.fields["file"]
    assert not StoredFile.objects.exists() and not any(media.rglob("*"))


def test_the_size_is_counted_not_believed(consumer: User) -> None:
    class Endless(UploadedFile):
        size = 10

        def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
            read.append(1)
            yield picture()
            while True:
                read.append(1)
                yield bytes(1024 * 1024)

    read: list[int] = []
    with pytest.raises(Invalid, match="10 MB"):
        uploads.store(Endless(io.BytesIO(), "a.jpg"), title="x", by=who(consumer))
    assert len(read) <= 13, "it stops reading at the cap"


def test_the_name_on_disk_owes_nothing_to_the_sender(consumer: User, media: Path) -> None:
    row = store(picture(), "../../etc/passwd.jpg", consumer)
    path = uploads.full_path(row).resolve()
    assert path.is_relative_to(media.resolve()) and "passwd" not in str(path)
    assert store(picture(), "a.jpg", consumer).path != row.path
    assert row.uploaded_by == consumer and len(row.title) <= 100

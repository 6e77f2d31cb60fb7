"""Which form a file has, by its bytes and not by its name."""

from __future__ import annotations

import codecs
import zipfile
from enum import StrEnum
from pathlib import Path

from prepaid.bank_files.shapes import BadBankFile

CHUNK = 1 << 20
ZIPPED = (b"PK\x03\x04", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")


class Form(StrEnum):
    """A form of bank file."""

    CSV_UTF8 = "CSV_UTF8"
    CSV_GBK = "CSV_GBK"
    CAMT = "CAMT"
    XLSX = "XLSX"

    @property
    def encoding(self) -> str:
        """How a table is written; GB18030 reads whatever GBK writes."""
        return "utf-8-sig" if self is Form.CSV_UTF8 else "gb18030"


def sniff(path: Path) -> Form:
    """The form of a file. Of packed files only a workbook is taken, and none is unpacked here. Raises BadBankFile."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip():
        raise BadBankFile("文件是空的，请重新下载")
    if _is_workbook(path, head):
        return Form.XLSX
    if head.startswith(ZIPPED):
        raise BadBankFile("这是压缩包，请解压后上传里面的 CSV、XLSX 或 XML 文件")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadBankFile("文件是 UTF-16 编码，请另存为 UTF-8 或 GBK 的 CSV")
    if head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<"):
        return Form.CAMT
    broken = _broken_line(path, "utf-8")
    if broken is None:
        return Form.CSV_UTF8
    other = _broken_line(path, "gb18030")
    if other is None:
        return Form.CSV_GBK
    # The encoding that gets further is the file's own; where it breaks is the line that is wrong.
    raise BadBankFile("有既不是 UTF-8 也不是 GBK 的字符，文件损坏或混用了编码，请重新下载", max(broken, other))


def _is_workbook(path: Path, head: bytes) -> bool:
    try:
        return head.startswith(ZIPPED[0]) and "xl/workbook.xml" in zipfile.ZipFile(path).namelist()
    except zipfile.BadZipFile:
        return False


def _broken_line(path: Path, encoding: str) -> int | None:
    """The number of the first line that is not in ``encoding``, None if all are. One pass, constant memory."""
    decoder, lines = codecs.getincrementaldecoder(encoding)(), 1
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            try:
                lines += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as error:
                return lines + error.object[: error.start].count(b"\n")
            if not chunk:
                return None

"""Reading files of the market-entity register: streamed, safe to repeat, with a reason for each row refused."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import lzma
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal

from django.db import connections, transaction
from django.utils import timezone

from core.errors import Invalid
from core.identifiers import clean_uscc
from core.spreadsheets import Columns, Limits, named_rows
from merchants.models import RegisterImport

BATCH = 20_000
KEPT_ERRORS = 100
COLUMNS = ("uscc", "legal_name", "brand_name", "region_code", "industry_code", "address", "state", "digest")
LONGEST = {"legal_name": 200, "brand_name": 100, "address": 300}
# What offices call their columns.
HEADERS = {
    "uscc": ("uscc", "统一社会信用代码", "社会信用代码", "信用代码", "统一代码"),
    "legal_name": ("legal_name", "name", "名称", "企业名称", "主体名称", "商户名称", "市场主体名称", "单位名称"),
    "brand_name": ("brand_name", "sign_name", "字号", "店招", "店名", "品牌", "招牌名称"),
    "region_code": ("region_code", "region", "行政区划", "行政区划代码", "区划代码", "区划"),
    "industry_code": ("industry_code", "industry37", "industry", "行业", "行业代码"),
    "address": ("address", "地址", "住所", "经营场所", "经营地址", "注册地址", "住所（经营场所）"),
    "state": ("state", "登记状态", "经营状态", "主体状态", "企业状态"),
}
SHEET_COLUMNS = Columns(HEADERS, needed=[["legal_name"]])
# What one sheet can hold.
SHEET = Limits(rows=1_048_576, unpacked_mb=1_000)
OPENERS: dict[str, Callable[..., Any]] = {".xz": lzma.open, ".gz": gzip.open}

TEMPORARY = (
    "CREATE TEMP TABLE register_incoming (uscc text, legal_name text, brand_name text, region_code text,"
    " industry_code smallint, address text, state text, digest text)"
)
INSERT = """
INSERT INTO merchants_registerentry
       (uscc, legal_name, brand_name, region_code, industry_code, address, state, digest, imported_by_id)
SELECT uscc, legal_name, brand_name, region_code, industry_code, address, state, digest, %s FROM register_incoming
ON CONFLICT (digest) DO NOTHING
"""


@dataclass
class Tally:
    """What came of a file so far; ``errors`` are (line, reason, the row as it stands)."""

    rows: int = 0
    added: int = 0
    refused: int = 0
    errors: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def known(self) -> int:
        """Rows that were there before, or twice in the file."""
        return self.rows - self.added - self.refused


def import_register(
    path: Path,
    *,
    database: str = "owner",
    limit: int | None = None,
    errors_to: Path | None = None,
    progress: Callable[[int, Tally], None] = lambda read, tally: None,
) -> RegisterImport:
    """Read a file into the register; the same file again adds nothing, a broken-off one goes on from its start.

    Each batch is one transaction. ``progress`` hears the bytes read of the file and the tally. ``database``
    names a connection that may make temporary tables. CSV, TSV (also .xz, .gz) or XLSX.
    Raises Invalid for a file without the column 名称.
    """
    run = RegisterImport.objects.using(database).create(title=path.name[:200])
    tally = Tally()
    with ExitStack() as open_files:
        raw = open_files.enter_context(path.open("rb"))
        if is_workbook := raw.read(4) == b"PK\x03\x04":
            found: Iterator[tuple[int, dict[str, str]]] = islice(named_rows(path, SHEET_COLUMNS, SHEET), limit)
        else:
            raw.seek(0)
            found = _rows(open_files.enter_context(_decoded(raw, path)), limit)
        writer = _error_writer(open_files, errors_to)
        batch: list[tuple[Any, ...]] = []
        for line, row in found:
            tally.rows += 1
            try:
                batch.append(_entry(row))
            except ValueError as refusal:
                _refuse(tally, line, str(refusal), row, writer)
            if len(batch) >= BATCH:
                tally.added += _write(batch, run.pk, database)
                batch.clear()
                progress(raw.tell(), tally)
        tally.added += _write(batch, run.pk, database)
        progress(path.stat().st_size if is_workbook else raw.tell(), tally)
    run.rows, run.added, run.known, run.refused = tally.rows, tally.added, tally.known, tally.refused
    run.errors = [{"line": line, "reason": reason, "row": row} for line, reason, row in tally.errors]
    run.finished_at = timezone.now()
    run.save(using=database)
    return run


def _decoded(raw: IO[bytes], path: Path) -> io.TextIOWrapper:
    """The file as text: unpacked by its suffix, UTF-8 or GB 18030 by its first bytes."""
    opener = OPENERS.get(path.suffix.lower())
    stream = io.BufferedReader(opener(raw, "rb")) if opener else raw
    return io.TextIOWrapper(stream, encoding=_encoding(stream.peek(65_536)), errors="replace", newline="")  # type: ignore[attr-defined]


def _encoding(sample: bytes) -> str:
    """UTF-8 if the sample can be that (its last character may be cut), else the Chinese national code."""
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _rows(text: IO[str], limit: int | None) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, our columns) of each row; tab or comma, as the first line has more of."""
    head = text.readline()
    separator = "\t" if head.count("\t") >= head.count(",") and "\t" in head else ","
    names = next(csv.reader([head], delimiter=separator), [])
    ours = [_column(name) for name in names]
    if "legal_name" not in ours:
        raise Invalid(f"第一行要写明各列的名称，至少有「名称」一列；现在是：{head.strip()[:80]}")
    # Names of businesses hold stray quotes; only comma files quote on purpose.
    quoting: Literal[0, 3] = csv.QUOTE_NONE if separator == "\t" else csv.QUOTE_MINIMAL
    reader = csv.reader(text, delimiter=separator, quoting=quoting)
    for count, values in enumerate(reader):
        if limit is not None and count >= limit:
            return
        row = {name: value.strip() for name, value in zip(ours, values, strict=False) if name}
        if len(values) != len(ours) and values:
            row["cells"] = f"{len(values)}/{len(ours)}"
        yield reader.line_num + 1, row


def _column(name: str) -> str:
    plain = name.strip().lower().replace("(", "（").replace(")", "）")
    return next((ours for ours, theirs in HEADERS.items() if plain in theirs), "")


def _entry(row: dict[str, str]) -> tuple[Any, ...]:
    """The row as the table wants it. Raises ValueError with the reason, for the one who sent the file."""
    if "cells" in row:
        have, want = row["cells"].split("/")
        raise ValueError(f"列数不对：有 {have} 列，应为 {want} 列")
    name = row.get("legal_name", "")
    if not name:
        raise ValueError("没有名称")
    if "\ufffd" in name or "\x00" in "".join(row.values()):
        raise ValueError("有无法识别的字符，请另存为 UTF-8 后再导入")
    for column, longest in LONGEST.items():
        if len(row.get(column, "")) > longest:
            raise ValueError(f"{HEADERS[column][1]}超过 {longest} 个字")
    uscc, region, industry = _uscc(row), _region(row), _industry(row)
    texts = (uscc, name, row.get("brand_name", ""), region, str(industry or ""), row.get("address", ""))
    state = _state(row)
    # A line without a state keeps the digest it always had.
    digest = hashlib.blake2b("\x1f".join((*texts, state) if state else texts).encode(), digest_size=16).hexdigest()
    return (*texts[:4], industry, texts[5], state, digest)


def _uscc(row: dict[str, str]) -> str:
    given = row.get("uscc", "")
    if not given:
        return ""
    try:
        return clean_uscc(given)
    except Invalid as error:
        raise ValueError(error.fields["uscc"]) from error


def _region(row: dict[str, str]) -> str:
    given = row.get("region_code", "")
    if given in ("", "0"):
        return ""
    if not (given.isascii() and given.isdigit() and len(given) <= 12):
        raise ValueError(f"行政区划代码「{given[:20]}」不是 6 到 12 位数字")
    return given


def _industry(row: dict[str, str]) -> int | None:
    given = row.get("industry_code", "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:6]) <= 37):
        raise ValueError(f"行业代码「{given[:20]}」不在 1 到 37 之间")
    return int(given)


def _refuse(tally: Tally, line: int, reason: str, row: dict[str, str], writer: Any) -> None:
    tally.refused += 1
    shown = "｜".join(value for name, value in row.items() if name != "cells")[:200]
    if len(tally.errors) < KEPT_ERRORS:
        tally.errors.append((line, reason, shown))
    if writer is not None:
        writer.writerow([line, reason, shown])


def _state(row: dict[str, str]) -> str:
    """Whether the licence has ended; 「吊销，未注销」 is revoked."""
    given = row.get("state", "")
    return "REVOKED" if "吊销" in given else "CANCELLED" if "注销" in given else ""


def _error_writer(open_files: ExitStack, errors_to: Path | None) -> Any:
    if errors_to is None:
        return None
    # The mark lets spreadsheet programs read Chinese at once.
    target = open_files.enter_context(errors_to.open("w", encoding="utf-8-sig", newline=""))
    writer = csv.writer(target)
    writer.writerow(["行号", "原因", "内容"])
    return writer


def _write(batch: list[tuple[Any, ...]], run: int, database: str) -> int:
    """Add the rows that are new; returns how many."""
    if not batch:
        return 0
    with transaction.atomic(using=database), connections[database].cursor() as cursor:
        cursor.execute(TEMPORARY)
        cursor.copy_expert(
            # An unknown industry arrives as a quoted nothing.
            f"COPY register_incoming ({', '.join(COLUMNS)}) FROM STDIN WITH (FORMAT csv, FORCE_NULL (industry_code))",
            _csv(batch),
        )
        cursor.execute(INSERT, [run])
        added = int(cursor.rowcount)
        cursor.execute("DROP TABLE register_incoming")
        return added


def _csv(batch: list[tuple[Any, ...]]) -> io.StringIO:
    """The batch as COPY reads it."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_NONNUMERIC).writerows(batch)
    out.seek(0)
    return out

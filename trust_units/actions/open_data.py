"""The nightly files of open data: units in public pools and removals with their reasons, as gzipped CSV."""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Iterable, Iterator, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from django.conf import settings

from core.actors import Actor
from core.csv_export import safe_cell
from core.permissions import require
from core.transactions import unhurried
from trust_units.actions.removals import ground_label
from trust_units.models import Removal, TrustUnit

CHUNK = 2_000
PLACES = ("merchant", "store", "mall", "region")
UNIT_HEADS = (
    "编号",
    "名称",
    "类型",
    "所在库",
    "星级",
    "地址",
    "街道代码",
    "街道",
    "认定日期",
    "有效期至",
    "经度",
    "纬度",
)
REMOVAL_HEADS = ("单位编号", "名称", "类型", "街道代码", "街道", "移除时间", "事由", "公开的理由", "状态")
FILES = {"units.csv.gz": "放心消费单位", "removals.csv.gz": "移除公示"}


def folder() -> Path:
    """Where the files lie."""
    return Path(settings.MEDIA_ROOT) / "open-data"


def publish_open_data(*, by: Actor) -> dict[str, int]:
    """Write both files anew; readers get the old ones until the new are whole. How many lines each."""
    require(by, "trust_units.publish_open_data")
    folder().mkdir(parents=True, exist_ok=True)
    with unhurried():
        return {
            "units": _write("units.csv.gz", UNIT_HEADS, _units()),
            "removals": _write("removals.csv.gz", REMOVAL_HEADS, _removals()),
        }


def _units() -> Iterator[Sequence[Any]]:
    for unit in TrustUnit.objects.public().select_related(*PLACES).order_by("pk").iterator(CHUNK):
        yield (
            unit.code, unit.sign_name, unit.get_unit_type_display(), unit.get_status_display(), unit.stars,
            unit.address, unit.region_id, unit.region.name, unit.granted_on, unit.valid_until, unit.lng, unit.lat,
        )  # fmt: skip


def _removals() -> Iterator[Sequence[Any]]:
    rows = Removal.objects.filter(removed_at__isnull=False).select_related(*(f"unit__{place}" for place in PLACES))
    for row in rows.order_by("pk").iterator(CHUNK):
        unit = row.unit
        yield (
            unit.code, unit.sign_name, unit.get_unit_type_display(), unit.region_id, unit.region.name,
            row.removed_at, ground_label(row.ground), row.reason, row.get_status_display(),
        )  # fmt: skip


def _write(name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """The file beside the old one, then in its place: nobody ever reads half a file."""
    unfinished, written = folder() / f".{name}.{os.getpid()}", 0
    try:
        with (
            gzip.GzipFile(unfinished, "wb", compresslevel=6, mtime=0) as packed,
            TextIOWrapper(packed, encoding="utf-8-sig", newline="") as text,
        ):
            lines = csv.writer(text)
            lines.writerow(heads)
            for row in rows:
                lines.writerow([safe_cell(cell) for cell in row])
                written += 1
        unfinished.replace(folder() / name)
    finally:
        unfinished.unlink(missing_ok=True)
    return written
